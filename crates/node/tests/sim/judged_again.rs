//! An act that waits at home while the partner is away is judged again when it may leave: what has changed meanwhile bars it.

use std::{path::Path, sync::Arc};

use entente_cooperation::memorandum::read::files_of;
use entente_node::{
    agreement::Agreement,
    fault::ReceiveFault,
    office::Departure,
    peer::{client::CallFault, problem::Problem},
    stuck::Step,
};
use entente_store::{ClockLine, Outcome};
use jiff::SignedDuration;

use crate::{
    acts::{self, Ends},
    world::{World, shipped},
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

/// Sent while the partner is away: it waits.
fn waits(world: &World, text: &str) {
    let sent = world.node(0).send("officer_1", world.draft(text));
    assert!(
        matches!(sent, Ok(Departure::Waiting(_))),
        "{sent:#?}\n{text}"
    );
}

/// The first side starts, and does not reach its partner.
fn partner_goes_away(world: &mut World) {
    let now = world.node(0).clock.now();
    world.sides[0].crash();
    world.sides[0].start(now);
}

fn pass(world: &World, time: SignedDuration) {
    for side in 0..2 {
        let later = world.node(side).clock.now() + time;
        world.node(side).drive(later).unwrap().unwrap();
    }
}

/// The partner is there again, and says first what it has to say.
fn partner_comes_back(world: &World) {
    world.ask(0);
    world.hand_over(1);
    world.node(0).due(&world.sides[0].link()).unwrap();
    world.hand_over(0);
    world.hand_over(1);
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

/// What comes before, what waits, and what happens on both sides while the partner is away.
struct Story {
    seed: u64,
    before: fn(&mut World),
    queued: fn() -> String,
    meanwhile: fn(&World),
}

impl Story {
    /// Three days, with or without the act that waits.
    fn told(&self, queued: bool) -> World {
        let mut world = World::new(&shipped(), self.seed);
        (self.before)(&mut world);
        partner_goes_away(&mut world);
        if queued {
            waits(&world, &(self.queued)());
        }
        (self.meanwhile)(&world);
        pass(&world, THREE_DAYS);
        partner_comes_back(&world);
        world
    }

    /// The act leaves if nothing happens; as it is, it does not: its officer is told which article bars it and for what reason,
    /// and the partner sees what it would see if nobody had ever sent it.
    fn bars(&self, article: &str, reason: &str) {
        let free = Story {
            meanwhile: |_| {},
            seed: self.seed,
            before: self.before,
            queued: self.queued,
        };
        let (without, with) = (seen(&free.told(false)), seen(&free.told(true)));
        assert_eq!(
            with.acts.len(),
            without.acts.len() + 1,
            "nothing else bars it: {with:?}"
        );

        let world = self.told(true);
        let link = world.sides[0].link();
        let held = world.node(0).held(&link).unwrap();
        assert!(held.is_empty(), "{:?}", held[0].1.act());
        assert_eq!(seen(&world), seen(&self.told(false)));
        let told = told(&world);
        assert_eq!(told.len(), 1, "{told:#?}");
        for word in ["officer_1", article, reason] {
            assert!(told[0].contains(word), "{word}: {told:#?}");
        }
    }
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

#[test]
fn a_stop_of_the_partner_bars_what_waits() {
    let story = Story {
        seed: 500,
        before: |_| {},
        queued: request,
        meanwhile: |world| {
            let stop =
                acts::oversight("oversight_stop", 1, "organ:ma_dgsn", "reason = \"Examen.\"");
            releases(world, 1, &stop);
        },
    };
    story.bars("31.2", "stopped");
}

#[test]
fn a_stop_that_our_own_oversight_orders_later_bars_what_waits_before_it() {
    let story = Story {
        seed: 501,
        before: |_| {},
        queued: request,
        meanwhile: |world| {
            let scope = format!("case:{CASE}");
            waits(
                world,
                &acts::oversight("oversight_stop", 0, &scope, "reason = \"Examen.\""),
            );
        },
    };
    story.bars("31.2", "stopped");
}

#[test]
fn a_recall_bars_the_use_that_waits() {
    let story = Story {
        seed: 502,
        before: partner_consents,
        queued: passed_on,
        meanwhile: |world| {
            releases(
                world,
                1,
                &acts::about_facts("recall", Ends::of(1), THEIRS, ""),
            );
        },
    };
    story.bars("26.2", "mark_forbids");
}

#[test]
fn a_suspension_by_the_partner_bars_what_waits() {
    let story = Story {
        seed: 503,
        before: |_| {},
        queued: request,
        meanwhile: |world| {
            let more = "chapters = [\"exchange\"]\nreason = \"Désaccord.\"";
            releases(world, 1, &acts::governance("suspension_notice", 1, more));
        },
    };
    story.bars("35.3", "chapter_suspended");
}

#[test]
fn a_suspension_that_we_notify_later_bars_what_waits_before_it() {
    let story = Story {
        seed: 504,
        before: |_| {},
        queued: request,
        meanwhile: |world| {
            let more = "chapters = [\"exchange\"]\nreason = \"Désaccord.\"";
            waits(world, &acts::governance("suspension_notice", 0, more));
        },
    };
    story.bars("35.3", "chapter_suspended");
}

#[test]
fn a_consent_that_is_revoked_bars_what_rests_on_it() {
    let story = Story {
        seed: 505,
        before: partner_consents,
        queued: passed_on,
        meanwhile: consent_is_revoked,
    };
    story.bars("20.3", "consent_missing");
}

/// The partner amends the list so that the offence is none from 24 March on; it is 22 March.
fn amendment_is_near(world: &mut World) {
    let more = "annex = 2\nchanges = [\"drug_trafficking.ma.max_years = 0\"]\nin_force_on = 2026-03-24\nnew_version = \"2016-2\"";
    releases(world, 1, &acts::governance("annex_amendment", 1, more));
    world.hand_over(1);
    pass(world, SignedDuration::from_hours(24 * 20));
}

/// An amendment of the list under which the offence of what waits is no offence any more; it takes effect while it waits.
#[test]
fn an_amendment_that_takes_effect_meanwhile_judges_what_waits() {
    let story = Story {
        seed: 506,
        before: amendment_is_near,
        queued: request,
        meanwhile: |_| {},
    };
    let world = story.told(true);
    let told = told(&world);
    assert_eq!(told.len(), 1, "{told:#?}");
    for word in ["officer_1", "6.2", "not_punishable_in_both"] {
        assert!(told[0].contains(word), "{word}: {told:#?}");
    }
    assert_eq!(seen(&world), seen(&story.told(false)));
}

/// The eleventh check of a case within a day: the ten before it wait as well, and use the quota up when they leave.
#[test]
fn what_waits_uses_the_quota_up_when_it_leaves_and_the_rest_stays_at_home() {
    let mut world = World::new(&shipped(), 507);
    partner_goes_away(&mut world);
    for _ in 0..11 {
        waits(&world, &acts::blind_check(Ends::of(0), CASE));
    }
    pass(&world, THREE_DAYS);
    partner_comes_back(&world);
    assert_eq!(seen(&world).acts.len(), 10);
    let told = told(&world);
    assert_eq!(told.len(), 1, "{told:#?}");
    for word in ["officer_1", "16.3", "quota_exhausted"] {
        assert!(told[0].contains(word), "{told:#?}");
    }
    let link = world.sides[0].link();
    assert!(world.node(0).held(&link).unwrap().is_empty());
}

/// The shipped memorandum as both Parties signed it anew, in force from 4 March 2026.
fn second_version() -> Arc<Agreement> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../memorandum");
    let mut files = files_of(&dir).unwrap();
    let head = files.get_mut("annex/00_memorandum.toml").unwrap();
    let mut text = String::from_utf8(head.clone()).unwrap();
    text = text.replacen("version = \"2016-1\"", "version = \"2016-2\"", 1);
    text += "\n[[version]]\nid = \"2016-2\"\narticle = \"6.3\"\nin_force_from = 2026-03-04\n";
    text += "label = { fr = \"Deux\", nl = \"Twee\", ar = \"اثنان\", en = \"Two\" }\n";
    *head = text.into_bytes();
    Arc::new(Agreement::of(&files).unwrap_or_else(|faults| panic!("{faults:#?}")))
}

/// One side hands its next parcel over; what the other says, or what its answer says to us.
fn exchange(world: &World, from: usize) -> Result<(), Problem> {
    let (dispatch, link) = (world.dispatch(from), world.sides[from].link());
    let answer = world
        .node(1 - from)
        .receive(world.sides[from].party, &dispatch.parcel);
    let settled = answer.and_then(|answer| world.node(from).settle(&link, &dispatch, &answer));
    let problem = settled.map(drop).map_err(ReceiveFault::told);
    if let Err(problem) = &problem {
        let fault = CallFault::Problem(problem.clone());
        world
            .node(from)
            .not_delivered(&link, &dispatch, &fault)
            .unwrap();
    }
    problem
}

/// One side already holds the version that took effect while they did not hear each other.
fn one_version_ahead(ahead: usize) {
    let behind = 1 - ahead;
    let world = World::new(&shipped(), 510 + ahead as u64);
    let (first, second) = (shipped(), second_version());
    world.node(ahead).agreements.hold(Arc::clone(&second));
    let case = |side: usize| ["BE-2026-000417", "MA-2026-000310"][side];
    pass(&world, THREE_DAYS);
    for side in 0..2 {
        releases(&world, side, &acts::request(Ends::of(side), case(side)));
    }
    for _ in 0..2 {
        let told = exchange(&world, ahead).unwrap_err();
        let (theirs, ours) = (second.digest.to_string(), first.digest.to_string());
        assert_eq!(told, Problem::UnknownMemorandum { theirs, ours });
        let told = exchange(&world, behind).unwrap_err();
        assert!(matches!(told, Problem::UnknownMemorandum { .. }), "{told}");
        for digest in [&first.digest, &second.digest] {
            assert!(told.to_string().contains(&digest.to_string()), "{told}");
        }
        pass(&world, SignedDuration::from_hours(1));
    }
    let outcomes = || {
        [0, 1].map(|side| {
            let link = world.sides[side].link();
            let sent = world.node(side).store.outbox(link.id, None, 10).unwrap();
            sent.iter().map(|line| line.outcome).collect::<Vec<_>>()
        })
    };
    assert_eq!(outcomes(), [[None], [None]], "both still wait");

    world.node(behind).agreements.hold(Arc::clone(&second));
    pass(&world, SignedDuration::from_hours(1));
    world.hand_over(ahead);
    world.hand_over(behind);
    for side in 0..2 {
        let link = world.sides[side].link();
        let inbox = world.node(side).store.inbox(link.id, None, 10).unwrap();
        assert_eq!(inbox.len(), 1, "once");
    }
    assert_eq!(outcomes(), [[Some(Outcome::Filed)], [Some(Outcome::Filed)]]);
}

#[test]
fn while_we_are_one_version_ahead_both_are_named_nothing_is_lost_and_it_goes_on_once_both_hold_it()
{
    one_version_ahead(0);
}

#[test]
fn while_the_partner_is_one_version_ahead_both_are_named_nothing_is_lost_and_it_goes_on() {
    one_version_ahead(1);
}

/// An act that had its entry when the partner could no longer be reached, and what an officer or the partner does meanwhile.
struct Entered {
    seed: u64,
    before: fn(&mut World),
    queued: fn() -> String,
    meanwhile: fn(&World),
}

impl Entered {
    /// Three days on which our calls fail; a stop of our own that is due goes first when they pass.
    fn told(&self) -> World {
        let mut world = World::new(&shipped(), self.seed);
        (self.before)(&mut world);
        releases(&world, 0, &(self.queued)());
        not_reached(&world);
        (self.meanwhile)(&world);
        not_reached(&world);
        pass(&world, THREE_DAYS);
        world.hand_over(1);
        world.hand_over(0);
        world.hand_over(1);
        world
    }

    /// Nothing of it leaves but its entry, which nobody can open; the outbox and the journal say why.
    fn keeps_back(&self, act: &str, article: &str, reason: &str) {
        let free = Entered {
            meanwhile: |_| {},
            before: self.before,
            queued: self.queued,
            ..*self
        };
        let arrived = |world: &World| seen(world).acts.iter().any(|(of, ..)| of == act);
        assert!(arrived(&free.told()), "nothing else bars it");

        let world = self.told();
        assert!(!arrived(&world), "{:?}", seen(&world));
        let link = world.sides[0].link();
        let sent = world.node(0).store.outbox(link.id, None, 100).unwrap();
        let line = sent.iter().find(|line| line.act == act).unwrap();
        assert!(
            line.kept_back_at.is_some() && line.handed_at.is_none(),
            "{line:?}"
        );
        let told = told(&world);
        assert_eq!(told.len(), 1, "{told:#?}");
        for word in [article, reason] {
            assert!(
                told[0].contains(word) && line.fault.as_ref().unwrap().contains(word),
                "{told:#?} {line:?}"
            );
        }
        assert_eq!(counted_by_both(&world, 0), counted_by_both(&world, 1));
        // Neither side waits for anything, and the logs agree.
        assert_eq!(world.node(0).store.waiting_until(link.id).unwrap().1, 0);
        assert_eq!(
            seen(&world).entries,
            world.node(0).store.own_size(link.id).unwrap()
        );
    }
}

/// The clocks that do not end by what happens at home.
fn counted_by_both(world: &World, side: usize) -> Vec<ClockLine> {
    let clocks = &shipped().memorandum.clocks;
    let mut lines = world.clocks(side);
    lines.retain(|line| !clocks.get(&line.clock).unwrap().home);
    lines
}

/// A call that nobody answers.
fn not_reached(world: &World) {
    let (dispatch, link) = (world.dispatch(0), world.sides[0].link());
    let nobody = CallFault::Unreachable("partner".to_owned(), "no route".to_owned());
    world
        .node(0)
        .not_delivered(&link, &dispatch, &nobody)
        .unwrap();
    pass(world, SignedDuration::from_hours(1));
}

#[test]
fn an_act_with_its_entry_is_kept_back_by_a_stop_of_our_own_before_it_leaves() {
    let entered = Entered {
        seed: 520,
        before: |_| {},
        queued: request,
        meanwhile: |world| {
            let scope = format!("case:{CASE}");
            let stop = acts::oversight("oversight_stop", 0, &scope, "reason = \"Examen.\"");
            releases(world, 0, &stop);
        },
    };
    entered.keeps_back("information_request", "31.2", "stopped");
}

#[test]
fn an_act_with_its_entry_is_kept_back_by_a_stop_or_a_suspension_of_the_partner() {
    let stopped = Entered {
        seed: 521,
        before: |_| {},
        queued: request,
        meanwhile: |world| {
            let stop =
                acts::oversight("oversight_stop", 1, "organ:ma_dgsn", "reason = \"Examen.\"");
            releases(world, 1, &stop);
        },
    };
    stopped.keeps_back("information_request", "31.2", "stopped");
    let suspended = Entered {
        seed: 522,
        meanwhile: |world| {
            let more = "chapters = [\"exchange\"]\nreason = \"Désaccord.\"";
            releases(world, 1, &acts::governance("suspension_notice", 1, more));
        },
        ..stopped
    };
    suspended.keeps_back("information_request", "35.3", "chapter_suspended");
}

#[test]
fn an_act_with_its_entry_is_kept_back_by_a_recall_or_a_revoked_consent() {
    let recalled = Entered {
        seed: 523,
        before: partner_consents,
        queued: passed_on,
        meanwhile: |world| {
            releases(
                world,
                1,
                &acts::about_facts("recall", Ends::of(1), THEIRS, ""),
            );
        },
    };
    recalled.keeps_back("onward_sharing", "26.2", "mark_forbids");
    let revoked = Entered {
        seed: 524,
        meanwhile: consent_is_revoked,
        ..recalled
    };
    revoked.keeps_back("onward_sharing", "20.3", "consent_missing");
}

/// Released on the eve of an amendment that makes the offence none, reached again after it.
#[test]
fn an_act_with_its_entry_is_kept_back_by_an_amendment_that_takes_effect_meanwhile() {
    let entered = Entered {
        seed: 525,
        before: amendment_is_near,
        queued: request,
        meanwhile: |_| {},
    };
    let world = entered.told();
    assert!(seen(&world).acts.is_empty());
    let told = told(&world);
    assert_eq!(told.len(), 1, "{told:#?}");
    assert!(told[0].contains("not_punishable_in_both"), "{told:#?}");
}

/// A lost answer leaves open whether it arrived: then it is sent again, whatever came since, and gets its first receipt.
#[test]
fn an_act_that_may_have_left_is_sent_again_whatever_bars_it_since() {
    let world = World::new(&shipped(), 526);
    releases(&world, 0, &request());
    let (dispatch, link) = (world.dispatch(0), world.sides[0].link());
    world.node(0).handed(&link, &dispatch.first).unwrap();
    world.node(1).receive("be", &dispatch.parcel).unwrap();
    let broken = CallFault::BrokenOff("reset".to_owned());
    world
        .node(0)
        .not_delivered(&link, &dispatch, &broken)
        .unwrap();
    let scope = format!("case:{CASE}");
    releases(
        &world,
        0,
        &acts::oversight("oversight_stop", 0, &scope, "reason = \"Examen.\""),
    );
    pass(&world, THREE_DAYS);
    world.hand_over(0);
    let sent = world.node(0).store.outbox(link.id, None, 10).unwrap();
    assert!(
        sent.iter().all(|line| line.outcome == Some(Outcome::Filed)),
        "{sent:?}"
    );
    assert_eq!(seen(&world).acts.len(), 2);
}

/// The quota counts what crossed: an act that was kept back uses none, and its draft may be sent anew.
#[test]
fn an_act_that_was_kept_back_uses_no_quota_and_may_be_sent_anew() {
    let world = World::new(&shipped(), 527);
    let check = acts::blind_check(Ends::of(0), CASE);
    releases(&world, 0, &check);
    not_reached(&world);
    let scope = format!("case:{CASE}");
    let stop = releases(
        &world,
        0,
        &acts::oversight("oversight_stop", 0, &scope, "reason = \"Examen.\""),
    );
    pass(&world, SignedDuration::from_hours(1));
    world.hand_over(0);
    let freed = format!("in_reply_to = \"{stop}\"");
    releases(
        &world,
        0,
        &acts::oversight("oversight_release", 0, &scope, &freed),
    );
    world.hand_over(0);
    let draft = world.draft(&check);
    assert_eq!(world.node(0).sent_before(&draft).unwrap(), None);
    // Ten a day and case: all ten are left.
    for _ in 0..10 {
        releases(&world, 0, &check);
    }
    world.hand_over(0);
    let checks = seen(&world)
        .acts
        .into_iter()
        .filter(|(act, ..)| act == "blind_check");
    assert_eq!(checks.count(), 10);
}

/// Its wrap key is lost, so that nobody can judge it again: it stays, and what waits beside it leaves.
#[test]
fn an_act_with_its_entry_that_cannot_be_judged_again_stays_and_holds_up_no_other() {
    let mut world = World::new(&shipped(), 528);
    releases(&world, 0, &request());
    not_reached(&world);
    let now = world.node(0).clock.now();
    world.sides[0].crash();
    world.sides[0].lose_wraps();
    world.sides[0].start(now);
    world.ask(0);
    releases(&world, 0, &acts::request(Ends::of(0), "BE-2026-000418"));
    pass(&world, SignedDuration::from_hours(1));
    world.hand_over(0);
    let (node, link) = (world.node(0), world.sides[0].link());
    let sent = node.store.outbox(link.id, None, 10).unwrap();
    let outcomes: Vec<_> = sent.iter().map(|line| line.outcome).collect();
    assert_eq!(outcomes, [Some(Outcome::Filed), None]);
    assert!(sent[1].next_attempt_at > node.clock.now());
    let stuck = node.stuck.on(&link.partner);
    assert!(
        stuck
            .iter()
            .any(|(step, items, _)| (*step, *items) == (Step::Departures, 1)),
        "{stuck:?}"
    );
}
