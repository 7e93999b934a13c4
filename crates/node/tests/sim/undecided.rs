//! A rule that cannot be evaluated: nobody can say whether the act may cross, so it waits, and it alone.

use std::{path::Path, sync::Arc};

use entente_cooperation::{
    memorandum::read::{Files, files_of},
    policy::Policy,
};
use entente_node::{agreement::Agreement, stuck::Step};
use entente_store::Outcome;
use jiff::SignedDuration;

use crate::{
    acts::{self, Ends},
    world::{World, shipped},
};

const OVERFLOWS: &str = r#"
@id("18.2 overflows")
@article("18.2") @order("10") @reason("code_missing")
@fr("Un calcul déborde.")
@nl("Een berekening loopt over.")
@ar("حساب يفيض.")
@en("A sum overflows.")
forbid (principal, action in Action::"an act", resource)
when { context has subject_age && context.subject_age + 9223372036854775807 < 0 };
"#;

/// The shipped memorandum as a broken node reads it: it names the right digest, and a sum overflows wherever an age is stated.
fn overflowing() -> Arc<Agreement> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../memorandum");
    let mut files: Files = files_of(&dir).unwrap();
    let prohibitions = files.get_mut("policies/prohibitions.cedar").unwrap();
    prohibitions.extend(OVERFLOWS.as_bytes());
    let right = shipped();
    Arc::new(Agreement {
        digest: right.digest,
        policy: Policy::compile(&right.memorandum, &files).unwrap(),
        memorandum: right.memorandum.clone(),
    })
}

/// Releases two requests in one go: the first states an age, the second does not.
fn release_both(world: &World) {
    let link = world.sides[0].link();
    let aged = acts::request(Ends::of(0), "BE-2026-000417").replace(
        "person_status = \"suspect\"",
        "person_status = \"suspect\"\nsubject_age = 41",
    );
    for text in [aged, acts::request(Ends::of(0), "BE-2026-000418")] {
        let sent = world
            .node(0)
            .release(&link, "officer_1", world.draft(&text), None);
        sent.unwrap_or_else(|fault| panic!("{fault:#?}"));
    }
}

/// What the sender knows of its two acts, by case.
fn outcomes(world: &World) -> Vec<(String, Option<Outcome>)> {
    let link = world.sides[0].link();
    let lines = world.node(0).store.outbox(link.id, None, 10).unwrap();
    let mut known: Vec<_> = lines
        .into_iter()
        .map(|line| (line.case_ref.unwrap(), line.outcome))
        .collect();
    known.sort_by(|one, other| one.0.cmp(&other.0));
    known
}

/// Lines of the recipient's journal that tell its operator of something stuck.
fn told(world: &World) -> Vec<String> {
    let lines = world.node(1).store.journal_page(None, 100).unwrap();
    let records = lines
        .into_iter()
        .filter_map(|(_, line)| line.opening.map(|(_, record)| record));
    records.filter(|record| record.contains("stuck")).collect()
}

/// The partner tries again, an hour later.
fn later(world: &World) {
    for side in 0..2 {
        let later = world.node(side).clock.now() + SignedDuration::from_hours(1);
        world.node(side).clock.drive(later).unwrap();
    }
    world.hand_over(0);
}

#[test]
fn an_act_about_which_nobody_can_say_waits_alone_and_is_receipted_once_the_rules_are_mended() {
    let mut world = World::of([&shipped(), &overflowing()], 87);
    release_both(&world);
    world.hand_over(0);

    let case = |number: u32| format!("BE-2026-000{number}");
    let waiting = [(case(417), None), (case(418), Some(Outcome::Filed))];
    assert_eq!(outcomes(&world), waiting);
    for _ in 0..3 {
        later(&world);
    }
    assert_eq!(outcomes(&world), waiting);
    let lines = told(&world);
    assert_eq!(lines.len(), 1, "once, however often it is sent: {lines:#?}");
    assert!(lines[0].contains("18.2 overflows"), "{lines:#?}");
    assert!(!lines[0].contains("000417"), "the case is not named");
    let stuck = world.node(1).stuck.on("be");
    assert_eq!(stuck.len(), 1);
    let (step, items, why) = &stuck[0];
    assert_eq!((*step, *items), (Step::Arrivals, 1), "the doctor shows it");
    assert!(why.contains("18.2 overflows"), "{why}");

    world.sides[1].start_with(&shipped());
    world.ask(1);
    later(&world);
    let filed = [417, 418].map(|number| (case(number), Some(Outcome::Filed)));
    assert_eq!(outcomes(&world), filed);
    assert!(world.node(1).stuck.on("be").is_empty());
    assert_eq!(told(&world).len(), 1);
}

#[test]
fn what_is_stuck_goes_when_its_receipt_is_given_without_a_restart() {
    let world = World::of([&shipped(), &overflowing()], 88);
    release_both(&world);
    world.hand_over(0);
    assert_eq!(world.node(1).stuck.on("be").len(), 1);
    // The mended rules arrive under the same digest, while the node runs.
    world.node(1).agreements.hold(shipped());
    later(&world);
    assert!(world.node(1).stuck.on("be").is_empty());
}
