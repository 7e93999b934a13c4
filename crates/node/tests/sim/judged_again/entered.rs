//! Acts that had their entry and never left: what is barred since is kept back, and nothing of it is opened.

use entente_node::{peer::client::CallFault, stuck::Step};
use entente_store::{ClockLine, Outcome};
use jiff::SignedDuration;

use super::{
    CASE, THREE_DAYS, amendment_is_near, consent_is_revoked, partner_consents, partner_recalls,
    partner_stops, partner_suspends, pass, passed_on, releases, request, seen, stop_of_the_case,
    told,
};
use crate::{
    acts::{self, Ends},
    world::{World, shipped},
};

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
            releases(world, 0, &stop_of_the_case());
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
        meanwhile: partner_stops,
    };
    stopped.keeps_back("information_request", "31.2", "stopped");
    let suspended = Entered {
        seed: 522,
        meanwhile: partner_suspends,
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
        meanwhile: partner_recalls,
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
    releases(&world, 0, &stop_of_the_case());
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
    let stop = releases(&world, 0, &stop_of_the_case());
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
