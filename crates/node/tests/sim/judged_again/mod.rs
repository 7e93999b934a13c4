//! An act that waits at home while the partner is away is judged again when it may leave: what has changed meanwhile bars it.

mod ahead;
mod entered;
mod held;

use entente_store::Outcome;
use jiff::SignedDuration;

use crate::{
    acts::{self, Ends},
    world::World,
};

const CASE: &str = "BE-2026-000417";
/// The case of the partner's facts.
const THEIRS: &str = "MA-2026-000310";
const THREE_DAYS: SignedDuration = SignedDuration::from_hours(72);

/// What happens on the side of an officer of `side`, and leaves with the next contact.
fn releases(world: &World, side: usize, text: &str) -> String {
    let (node, link) = (world.node(side), world.sides[side].link());
    let sent = node.release(&link, "officer_1", world.draft(text), None);
    let sent = sent.unwrap_or_else(|fault| panic!("{fault:#?}\n{text}"));
    sent.reference.unwrap_or_default()
}

fn pass(world: &World, time: SignedDuration) {
    for side in 0..2 {
        let later = world.node(side).clock.now() + time;
        world.node(side).drive(later).unwrap().unwrap();
    }
}

/// What a partner sees of the first side: the length of its log, its acts with their references and what became of them.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    entries: u64,
    acts: Vec<(String, String, Outcome)>,
}

fn seen(world: &World) -> Seen {
    let (node, link) = (world.node(1), world.sides[1].link());
    let mut lines = node.store.inbox(link.id, None, 100).unwrap();
    lines.reverse();
    let acts = lines.into_iter().map(|line| {
        let reference = line.reference.unwrap_or_default();
        (line.act.unwrap_or_default(), reference, line.outcome)
    });
    Seen {
        entries: node.store.mirror_entries(link.id, 0, 1000).unwrap().len() as u64,
        acts: acts.collect(),
    }
}

/// The refusals that the journal of the first side tells its officers of.
fn told(world: &World) -> Vec<String> {
    let lines = world.node(0).store.journal_page(None, 1000).unwrap();
    let refusals = lines
        .into_iter()
        .filter(|(_, line)| line.kind == "desk_refusal");
    refusals
        .filter_map(|(_, line)| line.opening.map(|(_, record)| record))
        .collect()
}

/// The partner gave two facts, which we admitted, and consents to their being passed on.
fn partner_consents(world: &mut World) {
    let (ours, theirs) = (Ends::of(0), Ends::of(1));
    releases(world, 1, &acts::spontaneous(theirs, THEIRS));
    world.hand_over(1);
    let admitted = "admission_outcome = \"admitted\"";
    releases(
        world,
        0,
        &acts::about_facts("admission_notice", ours, THEIRS, admitted),
    );
    let third =
        "third_recipient = \"FR\"\npurpose = \"investigate_organised_crime\"\nuntil = 2026-08-31";
    let asked = releases(
        world,
        0,
        &acts::about_facts("consent_request", ours, THEIRS, third),
    );
    world.hand_over(0);
    let granted =
        format!("facts_concerned = [\"f1\", \"f2\"]\nconsent_outcome = \"granted\"\n{third}");
    releases(
        world,
        1,
        &acts::answer("consent_decision", theirs, THEIRS, &asked, &granted),
    );
    world.hand_over(1);
}

/// The partner takes its consent to one of them back.
fn consent_is_revoked(world: &World) {
    let sent = world
        .node(1)
        .store
        .outbox(world.sides[1].link().id, None, 10)
        .unwrap();
    let consent = sent
        .iter()
        .find(|line| line.act == "consent_decision")
        .unwrap();
    let consent = consent.reference.clone().unwrap();
    let facts = "facts_concerned = [\"f1\"]\nthird_recipient = \"FR\"";
    let revoked = acts::answer("consent_revocation", Ends::of(1), THEIRS, &consent, facts);
    releases(world, 1, &revoked);
}

fn passed_on() -> String {
    acts::onward("be_federal_police", THEIRS, "\"f1\"")
}

fn request() -> String {
    acts::request(Ends::of(0), CASE)
}

/// The partner amends the list so that the offence is none from 24 March on; it is 22 March.
fn amendment_is_near(world: &mut World) {
    let more = "annex = 2\nchanges = [\"drug_trafficking.ma.max_years = 0\"]\nin_force_on = 2026-03-24\nnew_version = \"2016-2\"";
    releases(world, 1, &acts::governance("annex_amendment", 1, more));
    world.hand_over(1);
    pass(world, SignedDuration::from_hours(24 * 20));
}

/// The Party of a side stops one of its organs, or a case.
fn stop(side: usize, scope: &str) -> String {
    acts::oversight("oversight_stop", side, scope, "reason = \"Examen.\"")
}

/// Our own oversight authority stops the case.
fn stop_of_the_case() -> String {
    stop(0, &format!("case:{CASE}"))
}

/// The oversight authority of the partner stops the organ that is asked.
fn partner_stops(world: &World) {
    releases(world, 1, &stop(1, "organ:ma_dgsn"));
}

fn suspension(side: usize) -> String {
    let more = "chapters = [\"exchange\"]\nreason = \"Désaccord.\"";
    acts::governance("suspension_notice", side, more)
}

fn partner_suspends(world: &World) {
    releases(world, 1, &suspension(1));
}

fn partner_recalls(world: &World) {
    let recall = acts::about_facts("recall", Ends::of(1), THEIRS, "");
    releases(world, 1, &recall);
}
