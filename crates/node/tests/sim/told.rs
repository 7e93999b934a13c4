//! A refusal on receipt that the oversight authorities must learn of (24.3): both nodes note the same.

use std::sync::Arc;

use entente_cooperation::{
    memorandum::read::{Files, files_of},
    policy::Policy,
};
use entente_node::agreement::Agreement;
use entente_store::{Notice, Outcome};

use crate::{
    acts::{self, Ends},
    world::{World, shipped},
};

/// The shipped memorandum as a broken node reads it: it names the right digest, and lets through what reveals ill-treatment.
fn blind() -> Arc<Agreement> {
    let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../memorandum");
    let mut files: Files = files_of(&dir).unwrap();
    let mut struck = 0;
    for bytes in files.values_mut() {
        let mut text = String::from_utf8(std::mem::take(bytes)).unwrap();
        for fact in ["real_risk_of_ill_treatment", "obtained_by_ill_treatment"] {
            let rule = format!("context.{fact} == Answer::\"yes\"");
            struck += text.matches(&rule).count();
            let never = format!("({rule} && context.human_author == Answer::\"no\")");
            text = text.replace(&rule, &never);
        }
        *bytes = text.into_bytes();
    }
    assert!(struck >= 4, "{struck}");
    let right = shipped();
    Arc::new(Agreement {
        digest: right.digest,
        policy: Policy::compile(&right.memorandum, &files).unwrap(),
        memorandum: right.memorandum.clone(),
    })
}

/// What a side noted: organ, reference, instant.
fn notices(world: &World, side: usize) -> Vec<Notice> {
    let link = world.sides[side].link();
    world.node(side).store.notices(link.id, 100).unwrap()
}

fn journal(world: &World, side: usize) -> Vec<String> {
    let lines = world.node(side).store.journal_page(None, 100).unwrap();
    let told = lines.into_iter().filter(|(_, line)| line.kind == "told");
    told.filter_map(|(_, line)| line.opening.map(|(_, record)| record))
        .collect()
}

#[test]
fn a_refusal_that_reveals_ill_treatment_is_told_to_the_same_authorities_by_both_nodes() {
    let world = World::of([&blind(), &shipped()], 30);
    let link = world.sides[0].link();
    let facts = acts::spontaneous(Ends::of(0), "BE-2026-000417").replace(
        "real_risk_of_ill_treatment = false",
        "real_risk_of_ill_treatment = true",
    );
    let sent = world
        .node(0)
        .release(&link, "officer_1", world.draft(&facts), None);
    sent.unwrap_or_else(|fault| panic!("{fault:#?}"));
    world.hand_over(0);

    let row = &world.node(0).store.outbox(link.id, None, 1).unwrap()[0];
    assert_eq!(row.outcome, Some(Outcome::Refused));
    assert_eq!(row.ground.as_deref(), Some("absolute_limit"));
    let told = notices(&world, 1);
    let organs: Vec<&str> = told.iter().map(|notice| notice.organ.as_str()).collect();
    assert_eq!(organs, ["be_cop", "ma_cndh", "ma_cndp"]);
    assert_eq!(told[0].reference.as_deref(), Some("BE-2026-000417/1"));
    assert_eq!(notices(&world, 0), told);
    for side in 0..2 {
        assert_eq!(journal(&world, side).len(), 1);
        assert!(journal(&world, side)[0].contains("be_cop"));
    }
    // Told once, however often it is sent.
    world.hand_over(0);
    assert_eq!(notices(&world, 1), told);
}
