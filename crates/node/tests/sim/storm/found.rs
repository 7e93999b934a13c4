//! Faults that a storm found, each as the shortest story that shows it.

use jiff::SignedDuration;

use crate::{
    acts::{self, Ends},
    world::{World, shipped},
};

/// Seed 146 of the first storm: the row of the clock said met on one side and running on the other, until somebody touched the case.
#[test]
fn an_answer_that_counts_before_what_it_answers_leaves_the_same_clocks_on_both_sides() {
    let world = World::new(&shipped(), 146);
    let case = "BE-2026-000417";
    // The clock of the second side is two hours ahead: it receives the request at eleven, and is answered at nine.
    let ahead = world.node(1).clock.now() + SignedDuration::from_hours(2);
    world.node(1).clock.drive(ahead).unwrap();
    for (side, text) in [
        (0, acts::request(Ends::of(0), case)),
        (1, acts::reply(Ends::of(1), case, &format!("{case}/1"))),
    ] {
        let link = world.sides[side].link();
        let sent = world
            .node(side)
            .release(&link, "officer_1", world.draft(&text), None);
        sent.unwrap_or_else(|fault| panic!("{fault:#?}"));
        world.hand_over(side);
    }
    let [first, second] = [0, 1].map(|side| {
        let of_request = world.clocks(side).into_iter();
        let reply = of_request.filter(|line| line.clock == "reply_ordinary");
        reply.collect::<Vec<_>>()
    });
    assert_eq!(first.len(), 1);
    assert_eq!(first, second);
}
