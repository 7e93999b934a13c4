//! The disk is full, read-only or broken: the node says so, promises nothing that it cannot keep, and goes on when it can.

use std::thread;

use serde_json::Value;

use crate::{
    kills::{agree, once},
    layer::Layer,
    world::World,
};

/// What is done to a disk, and undone.
type Fault = fn(&Layer, bool);

/// The ways in which a disk fails: the status of the API, and what `doctor` says.
const FAULTS: [(Fault, u16, &str); 3] = [
    (|layer, on| layer.room(on.then_some(0)), 507, "is full"),
    (|layer, on| layer.read_only(on), 503, "cannot be written"),
    (|layer, on| layer.no_sync(on), 503, "cannot be written"),
];

/// What `doctor` of a running node finds, as text.
fn doctor(world: &World, side: usize) -> String {
    let (status, found) = world.ask(side, "GET", "/v1/doctor", None).unwrap();
    assert_eq!(status, 200, "{found}");
    found.to_string()
}

/// Every act of the first side stands once with the partner, with its receipt.
fn all_settle(world: &World, acts: usize) {
    world.until("every act has its receipt", || {
        let sent = world.list(0, "outbox");
        sent.len() == acts && sent.iter().all(|act| act["receipt"]["outcome"] == "filed")
    });
    let (sent, received) = (
        once(&world.list(0, "outbox"), "message"),
        once(&world.list(1, "inbox"), "message"),
    );
    assert!(sent.keys().eq(received.keys()));
    world.until("the ledgers agree", || agree(world, 0) && agree(world, 1));
}

#[test]
fn a_sender_whose_disk_fails_refuses_in_words_and_goes_on_by_itself() {
    let mut world = World::set_up(false);
    (0..2).for_each(|side| world.start(side, false));
    world.opens();
    for (number, (fault, status, finding)) in FAULTS.into_iter().enumerate() {
        let case = format!("BE-2026-{number:06}");
        fault(&world.layers[0], true);
        let (refused, problem) = world.send(0, &case, "PT0S").unwrap();
        assert_eq!(refused, status, "{problem}");
        let what_to_do = problem["what_to_do"].as_str().unwrap();
        assert!(
            what_to_do.contains("disk") && what_to_do.contains("goes on by itself"),
            "{problem}"
        );
        assert!(doctor(&world, 0).contains(finding), "{}", doctor(&world, 0));
        assert_eq!(
            world.list(0, "outbox").len(),
            number,
            "what was refused stands all the same"
        );

        fault(&world.layers[0], false);
        assert!(doctor(&world, 0).contains("takes what is written"));
        let (sent, answer) = world.send(0, &case, "PT0S").unwrap();
        assert_eq!(sent, 201, "{answer}");
        all_settle(&world, number + 1);
    }
}

#[test]
fn a_receiver_whose_disk_fails_gives_no_receipt_and_files_when_it_can() {
    // Each fault meets two nodes of its own: a partner that is busy is left alone for half a minute.
    thread::scope(|scope| {
        for (fault, _, finding) in FAULTS {
            scope.spawn(move || receiver(fault, finding));
        }
    });
}

fn receiver(fault: Fault, finding: &str) {
    let mut world = World::set_up(false);
    (0..2).for_each(|side| world.start(side, false));
    world.opens();
    fault(&world.layers[1], true);
    let (sent, answer) = world.send(0, "BE-2026-000001", "PT0S").unwrap();
    assert_eq!(sent, 201, "{answer}");
    world.until("the partner is busy", || {
        let act = &world.list(0, "outbox")[0];
        act["receipt"] == Value::Null && act["reason"].to_string().contains("busy")
    });
    assert!(doctor(&world, 1).contains(finding), "{}", doctor(&world, 1));
    assert!(
        world.list(1, "inbox").is_empty(),
        "something was filed by half"
    );
    fault(&world.layers[1], false);
    all_settle(&world, 1);
    assert!(doctor(&world, 1).contains("takes what is written"));
}
