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

/// An act of a side that leaves with its next parcel; its reference.
fn released(world: &World, side: usize, text: &str) -> String {
    let link = world.sides[side].link();
    let draft = world.draft(text);
    let sent = world.node(side).release(&link, "officer_1", draft, None);
    let sent = sent.unwrap_or_else(|fault| panic!("{fault:#?}"));
    sent.reference.unwrap()
}

/// The latest act of the second side has its receipt, and nothing of it is contested.
fn latest_is_not_contested(world: &World, act: &str) {
    let link = world.sides[1].link();
    let sent = world.node(1).store.outbox(link.id, None, 1).unwrap();
    assert_eq!(sent[0].act, act);
    assert!(sent[0].outcome.is_some());
    assert_eq!(sent[0].contested, None);
}

const SUPPLIED: &str = "slots_supplied = [\"subject\"]\nsubject = { kind = \"person\", family_name = \"Lamkaddem\", note = \"fils d'Ahmed\" }";

/// Seed 106: who had received a question and answered it contested the receipt of the answer, since whoever asked had lost the receipt
/// of the question and counted without it, as it should.
#[test]
fn a_receipt_that_counts_without_an_act_whose_receipt_was_lost_is_not_contested() {
    let world = World::new(&shipped(), 106);
    let case = "MA-2026-000417";
    let send = |side: usize, text: &str| released(&world, side, text);
    let request = send(1, &acts::request(Ends::of(1), case));
    world.contact(1);
    let more = "slots_concerned = [\"subject\"]";
    let ends = Ends::of(0);
    let question = acts::answer("clarification_request", ends, case, &request, more);
    world.ask(0);
    let question = send(0, &question);
    // It arrives, and the answer with its receipt is lost.
    let parcel = world.dispatch(0).parcel;
    world.node(1).receive("be", &parcel).unwrap();
    let ends = Ends::of(1);
    send(
        1,
        &acts::declared("clarification_reply", ends, case, &question, SUPPLIED),
    );
    world.hand_over(1);

    latest_is_not_contested(&world, "clarification_reply");
}

/// Seed 1795559492234: who was asked answered before the clarification came, and lost the receipt of its answer. Its receipt of the
/// clarification let the clock run on, as it should; it was contested, since here the clock had ended by the answer.
#[test]
fn a_receipt_that_counts_on_without_an_answer_whose_receipt_was_lost_is_not_contested() {
    let world = World::new(&shipped(), 107);
    let case = "MA-2026-000417";
    let request = released(&world, 1, &acts::request(Ends::of(1), case));
    world.contact(1);
    world.ask(0);
    let more = "slots_concerned = [\"subject\"]";
    let question = acts::answer("clarification_request", Ends::of(0), case, &request, more);
    let question = released(&world, 0, &question);
    world.hand_over(0);
    released(&world, 0, &acts::reply(Ends::of(0), case, &request));
    let clarified = acts::declared(
        "clarification_reply",
        Ends::of(1),
        case,
        &question,
        SUPPLIED,
    );
    released(&world, 1, &clarified);
    // The answer arrives, and the answer to its parcel is lost.
    let parcel = world.dispatch(0).parcel;
    world.node(1).receive("be", &parcel).unwrap();
    world.hand_over(1);
    latest_is_not_contested(&world, "clarification_reply");
}
