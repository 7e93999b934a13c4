//! It gives its acts references that are ours, so that one act stands for another and a clock of one ends by the other.

use entente_cooperation::{
    body::size_class,
    digest::{ActId, MessageId},
    judgement::Reason,
    receipt::{ActRecord, Outcome, ReceiptRecord},
};
use entente_ledger::{Opening, Salt};
use entente_node::{fault::SendFault, peer::parcel::CarriedAct, reading::Reading};
use entente_store::{ClockLine, EntryKind};
use jiff::{SignedDuration, Timestamp};

use crate::{
    acts::{self, Ends},
    world::{World, shipped},
};

const CASE: &str = "BE-2026-000417";

/// The first side asks in the case; the second receives it, and gives its receipt or keeps it to itself.
fn asked(seed: u64, withheld: bool) -> World {
    let world = World::new(&shipped(), seed);
    let draft = world.draft(&acts::request(Ends::of(0), CASE));
    let link = world.sides[0].link();
    world
        .node(0)
        .release(&link, "officer_1", draft, None)
        .unwrap();
    if withheld {
        let dispatch = world.dispatch(0);
        world.node(1).receive("be", &dispatch.parcel).unwrap();
    } else {
        world.hand_over(0);
    }
    world
}

/// The second side asks in the same case, under this reference, with an act id of its own; what it is receipted.
fn asks_under(world: &World, reference: &str) -> ReceiptRecord {
    let (node, link) = (world.node(1), world.sides[1].link());
    let draft = world.draft(&acts::request(Ends::of(1), CASE));
    let sent = node.release(&link, "officer_1", draft, None).unwrap();
    let line = node.store.outbox(link.id, None, 1).unwrap().remove(0);
    let Ok(Reading::Body(body)) = node.read_sent(&link, "officer_1", &line, "test") else {
        panic!("the act is not readable");
    };
    let released_at = body.envelope().released_at;
    let memorandum = body.envelope().memorandum;
    let text = String::from_utf8(body.write().unwrap()).unwrap();
    let given = sent.reference.unwrap();
    assert_eq!(given, format!("{CASE}/2"));
    let text = text
        .trim_end()
        .replace(&given, reference)
        .replace(&line.act_id, &ActId::from_bytes([9; 16]).to_string());
    let sealed = entente_seal::seal(
        &link.recipient(released_at).unwrap(),
        &size_class::pad(text).unwrap(),
    )
    .bytes;
    let record = ActRecord {
        link: link.memorandum.clone(),
        message: MessageId::of(&sealed),
        released_at,
        memorandum,
    };
    let carried = enter(world, record.write(), sealed);
    let mut dispatch = world.dispatch(1);
    dispatch.parcel.acts = vec![carried];
    let answer = world.node(0).receive("ma", &dispatch.parcel).unwrap();
    ReceiptRecord::read(&answer.receipts[0].record).unwrap()
}

/// An act of the second side's own making in its log, ready to be carried.
fn enter(world: &World, record: String, sealed: Vec<u8>) -> CarriedAct {
    let (node, link) = (world.node(1), world.sides[1].link());
    let mut turn = link.turn(&node.store).unwrap();
    let mut growing = turn.growing();
    let (index, salt) = (growing.next(), Salt::new([7; 32]));
    growing.push(EntryKind::Act, &Opening::new(salt, record.clone()));
    let growth = growing.growth(node.clock.now()).unwrap();
    node.store.grow(link.id, &growth).unwrap();
    turn.grown(growing, &growth);
    CarriedAct {
        index,
        salt,
        record,
        sealed,
    }
}

/// The clocks of the first side, without what only tells how they are shown.
fn clocks(world: &World) -> Vec<(String, String, String, Timestamp, bool)> {
    let clocks = world.clocks(0).into_iter();
    clocks
        .map(|clock: ClockLine| {
            let ended = clock.ended.is_some();
            (
                clock.clock,
                clock.of_reference,
                clock.debtor,
                clock.due,
                ended,
            )
        })
        .collect()
}

#[track_caller]
fn is_refused(world: &World, receipt: &ReceiptRecord) {
    assert_eq!(receipt.outcome, Outcome::Refused);
    assert!(receipt.clocks.is_empty());
    let link = world.sides[0].link();
    let line = world
        .node(0)
        .store
        .inbox(link.id, None, 1)
        .unwrap()
        .remove(0);
    assert_eq!(line.reason.as_deref(), Some("reference_reused"));
}

#[test]
fn a_reference_of_ours_is_refused_whether_or_not_the_partner_has_receipted_it() {
    for (seed, withheld) in [(600, true), (601, false)] {
        let world = asked(seed, withheld);
        let before = clocks(&world);
        let receipt = asks_under(&world, &format!("{CASE}/1"));
        is_refused(&world, &receipt);
        assert_eq!(clocks(&world), before);
        if !withheld {
            continue;
        }
        // The receipt comes after all: our request is owed its answer, and nothing else is.
        world.hand_over(0);
        let settled = clocks(&world);
        let owed_by = |party: &'static str| {
            let open = settled.iter().filter(|clock| !clock.4);
            open.filter(move |clock| clock.2 == party)
        };
        assert!(owed_by("ma").count() > 0, "{settled:?}");
        assert_eq!(owed_by("be").count(), 0, "{settled:?}");
    }
}

#[test]
fn a_number_of_our_turn_is_refused_before_we_have_given_it() {
    let world = asked(602, false);
    let receipt = asks_under(&world, &format!("{CASE}/3"));
    is_refused(&world, &receipt);
    let own = asked(603, false);
    let receipt = asks_under(&own, &format!("{CASE}/4"));
    assert_eq!(receipt.outcome, Outcome::Filed);
    // What looks like a reference of ours, and is none, is no reference at all.
    for (seed, alike) in [(607, "/1\u{200b}"), (608, "/１"), (609, "∕1"), (610, "/01")] {
        let world = asked(seed, false);
        let receipt = asks_under(&world, &format!("{CASE}{alike}"));
        assert_eq!(receipt.outcome, Outcome::Unreadable, "{alike}");
    }
}

#[test]
fn an_officer_who_types_a_number_of_the_partner_is_refused_at_the_own_desk() {
    let world = asked(605, false);
    let (link, request) = (world.sides[0].link(), acts::request(Ends::of(0), CASE));
    let typed = |number: u64| {
        let slot = format!("[slots]\nreference = \"{CASE}/{number}\"\n");
        let draft = world.draft(&request.replace("[slots]\n", &slot));
        world.node(0).release(&link, "officer_1", draft, None)
    };
    let Err(SendFault::Refused(judgement)) = typed(4) else {
        panic!("a reference of the partner left the house");
    };
    let reason = judgement.reason.as_ref().map(Reason::id);
    assert_eq!(reason, Some("reference_reused"));
    assert_eq!(typed(5).unwrap().reference, Some(format!("{CASE}/5")));
}

#[test]
fn an_answer_of_ours_ends_no_clock_of_the_partner_by_a_reference_of_ours() {
    let world = asked(604, true);
    asks_under(&world, &format!("{CASE}/1"));
    world.hand_over(0);
    let owed = |world: &World| {
        let clocks = clocks(world).into_iter();
        clocks
            .filter(|clock| clock.1 == format!("{CASE}/1") && clock.2 == "ma" && !clock.4)
            .collect::<Vec<_>>()
    };
    let before = owed(&world);
    assert!(!before.is_empty());
    // An answer to our own request, whatever became of it at our desk: what the partner owes stays owed, to the same instant.
    let link = world.sides[0].link();
    let reply = acts::reply(Ends::of(0), CASE, &format!("{CASE}/1"));
    let released = world
        .node(0)
        .release(&link, "officer_1", world.draft(&reply), None);
    assert_eq!(owed(&world), before, "{released:?}");
    world.hand_over(0);
    assert_eq!(owed(&world), before, "{released:?}");
    for _ in 0..12 {
        let now = world.node(0).clock.now();
        let next = now + SignedDuration::from_hours(24);
        world.node(0).clock.drive(next).unwrap();
        world.node(0).due(&link).unwrap();
    }
    let later = clocks(&world);
    let answered = |clock: &&(String, String, String, Timestamp, bool)| clock.2 == "be" && !clock.4;
    assert_eq!(later.iter().filter(answered).count(), 0, "{later:?}");
}

#[test]
fn what_one_owes_lapses_or_is_withdrawn_by_no_act_of_ones_own() {
    let world = asked(606, false);
    let open = |world: &World| {
        let clocks = clocks(world).into_iter();
        clocks
            .filter(|clock| clock.0.starts_with("reply") && clock.2 == "ma" && !clock.4)
            .collect::<Vec<_>>()
    };
    let before = open(&world);
    assert_eq!(before.len(), 1, "{:?}", clocks(&world));
    let request = format!("{CASE}/1");
    let lapse = acts::answer("lapse_notice", Ends::of(1), CASE, &request, "");
    let withdrawn = acts::answer("identity_withdrawal", Ends::of(1), CASE, &request, "");
    for draft in [lapse, withdrawn] {
        let link = world.sides[1].link();
        let sent = world
            .node(1)
            .release(&link, "officer_1", world.draft(&draft), None);
        world.hand_over(1);
        assert_eq!(open(&world), before, "{sent:?}");
        assert_eq!(world.clocks(0), world.clocks(1));
    }
}

#[test]
fn a_case_that_is_no_number_leaves_no_desk_and_an_answer_is_no_way_round() {
    let world = asked(611, false);
    let node = world.node(0);
    let named = "A. Person, born 1980";
    let opens = acts::request(Ends::of(0), named);
    let answers = acts::reply(Ends::of(0), named, &format!("{CASE}/2"));
    for text in [opens, answers] {
        let sent = node.send("officer_1", world.draft(&text));
        assert!(
            matches!(&sent, Err(SendFault::NoCaseNumber(case)) if case == named),
            "{sent:?}"
        );
    }
}
