//! What is due: the duty officer, clocks counted anew after a crash, and steps that never stop one another.

use std::{sync::Barrier, thread};

use entente_node::{office::Departure, stuck::Step};
use entente_store::{ClockLine, Unfolding};
use jiff::SignedDuration;

use crate::{
    acts::{self, Ends},
    world::{World, shipped, start},
};

const CASE: &str = "BE-2026-000417";

fn asked(seed: u64) -> World {
    let world = World::new(&shipped(), seed);
    let draft = world.draft(&acts::request(Ends::of(0), CASE));
    let link = world.sides[0].link();
    world
        .node(0)
        .release(&link, "officer_1", draft, None)
        .unwrap();
    world.hand_over(0);
    world
}

#[test]
fn an_act_falls_to_the_duty_officer_when_the_memorandum_says_so() {
    let world = asked(51);
    let (node, link) = (world.node(1), world.sides[1].link());
    let owner = || {
        let line = node.store.inbox(link.id, None, 1).unwrap().remove(0);
        (line.owner, line.deputy)
    };
    let minutes = |minutes| start() + SignedDuration::from_mins(minutes);
    node.drive(minutes(59)).unwrap().unwrap();
    assert_eq!(owner(), (None, None));
    node.drive(minutes(61)).unwrap().unwrap();
    let named = |id: &str| Some(id.to_owned());
    assert_eq!(owner(), (named("officer_1"), named("officer_2")));
}

#[test]
fn what_is_due_is_done_once_however_many_do_it_at_the_same_time() {
    let world = asked(54);
    let (node, link) = (world.node(1), world.sides[1].link());
    let before = node.store.own_size(link.id).unwrap();
    for day in 1..=100 {
        let now = start() + SignedDuration::from_hours(24 * day);
        node.clock.drive(now).unwrap();
        let together = Barrier::new(4);
        let done = thread::scope(|scope| {
            let all = [(); 4].map(|()| {
                scope.spawn(|| {
                    together.wait();
                    node.due(&link)
                })
            });
            all.map(|one| one.join().unwrap())
        });
        done.into_iter().for_each(Result::unwrap);
    }
    // One head of the journal a day; that the duty officer took the act over stands there too.
    let taken = 1;
    let after = node.store.own_size(link.id).unwrap();
    assert_eq!(after, before + 100 + taken);
}

#[test]
fn clocks_that_a_crash_left_uncounted_are_counted_with_the_next_work() {
    let mut world = asked(52);
    let (node, link) = (world.node(1), world.sides[1].link());
    let right = node.store.clocks(link.id).unwrap();
    let reference = right[0].of_reference.clone();
    // An act that moved every clock was committed, and the power failed before they were counted.
    let stale = right.iter().map(|line| ClockLine {
        paused_since: Some(start()),
        ..line.clone()
    });
    let unfolding = Unfolding {
        clocks: vec![(reference, stale.collect())],
        refold_since: Some(start()),
        ..Unfolding::default()
    };
    node.store.unfold(link.id, &unfolding, &[]).unwrap();
    let now = node.clock.now();
    world.sides[1].crash();
    world.sides[1].start(now);

    let (node, link) = (world.node(1), world.sides[1].link());
    assert_ne!(node.store.clocks(link.id).unwrap(), right);
    node.due(&link).unwrap();
    assert_eq!(node.store.clocks(link.id).unwrap(), right);
    assert_eq!(node.store.refold_wanted(link.id).unwrap(), None);
}

#[test]
fn a_held_act_whose_key_is_lost_stays_is_told_and_stops_no_other_step() {
    let mut world = World::strangers(&shipped(), 53, [None, None]);
    let draft = world.draft(&acts::request(Ends::of(0), CASE));
    let sent = world.node(0).send("officer_1", draft).unwrap();
    assert!(matches!(sent, Departure::Waiting(_)));
    world.sides[0].crash();
    world.sides[0].lose_wraps();
    world.sides[0].start(start());
    world.ask(0);

    let (node, link) = (world.node(0), world.sides[0].link());
    let tomorrow = start() + SignedDuration::from_hours(24);
    assert!(node.drive(tomorrow).unwrap().is_err());
    // The day of the journal was closed all the same.
    assert_eq!(node.store.own_size(link.id).unwrap(), 1);
    assert_eq!(node.store.held_until(link.id, tomorrow).unwrap().len(), 1);
    let stuck = node.stuck.on(&link.partner);
    assert_eq!((stuck.len(), stuck[0].0, stuck[0].1), (1, Step::Held, 1));
    assert!(stuck[0].2.contains("missing"), "{stuck:?}");
    let told = node.store.journal_page(None, 100).unwrap();
    assert_eq!(
        told.iter().filter(|(_, line)| line.kind == "node").count(),
        3
    );
}
