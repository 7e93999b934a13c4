//! The clock of a node is stepped by ten minutes and by an hour, each way, while acts cross both ways.

use serde_json::Value;

use crate::{
    kills::{agree, once},
    world::World,
};

/// Seconds by which the clock of the first side is stepped, from the right time.
const STEPS: [i64; 4] = [600, -600, 3600, -3600];

/// An act each way; whether the instant of each receipt was contested, as its sender says.
fn exchanged(world: &World, number: usize) -> [bool; 2] {
    [0, 1].map(|side| {
        let case = format!("{}-2026-{number:06}", ["BE", "MA"][side]);
        let (status, answer) = world.send(side, &case, "PT0S").unwrap();
        assert_eq!(status, 201, "{answer}");
        let message = answer["message"].clone();
        let mut contested = false;
        world.until("the receipt", || {
            let sent = world.list(side, "outbox");
            let act = sent.iter().find(|act| act["message"] == message).unwrap();
            contested = act["state"] == "contested";
            act["receipt"]["outcome"] == "filed"
        });
        contested
    })
}

/// What was released and received stands once on each side, its receipt at the same instant on both.
fn same_on_both(world: &World) {
    for side in 0..2 {
        let sent = once(&world.list(side, "outbox"), "message");
        let received = once(&world.list(1 - side, "inbox"), "message");
        let instants = |rows: &std::collections::BTreeMap<String, Value>, at: &str| -> Vec<Value> {
            rows.values()
                .map(|row| row.pointer(at).unwrap().clone())
                .collect()
        };
        assert_eq!(
            instants(&sent, "/receipt/received_at"),
            instants(&received, "/received_at")
        );
        world.until("the ledgers agree", || agree(world, side));
    }
}

#[test]
fn a_clock_that_is_stepped_loses_no_act_and_its_receipts_are_contested_until_it_is_right() {
    let mut world = World::set_up(false);
    (0..2).for_each(|side| world.start(side, false));
    world.opens();
    assert_eq!(exchanged(&world, 0), [false, false]);
    for (number, step) in STEPS.into_iter().enumerate() {
        world.layers[0].ahead(step);
        assert_eq!(
            exchanged(&world, 2 * number + 1),
            [true, true],
            "stepped by {step} s"
        );
        let found = world
            .ask(1, "GET", "/v1/doctor", None)
            .unwrap()
            .1
            .to_string();
        assert!(found.contains("are contested"), "{found}");
        // Back again: from here on nothing is contested, whatever stands in the log from the other time.
        world.layers[0].ahead(0);
        assert_eq!(
            exchanged(&world, 2 * number + 2),
            [false, false],
            "back from {step} s"
        );
        same_on_both(&world);
    }
}

#[test]
fn an_act_that_waited_under_a_clock_ahead_leaves_when_the_clock_is_right() {
    let mut world = World::set_up(false);
    (0..2).for_each(|side| world.start(side, false));
    world.opens();
    world.kill(1);
    world.layers[0].ahead(3600);
    let (status, answer) = world.send(0, "BE-2026-000001", "PT0S").unwrap();
    assert_eq!(status, 201, "{answer}");
    world.until("an attempt fails", || {
        world.list(0, "outbox")[0]["attempts"].as_u64() > Some(0)
    });
    world.layers[0].ahead(0);
    world.start(1, false);
    world.until("the receipt", || {
        world.list(0, "outbox")[0]["receipt"]["outcome"] == "filed"
    });
    same_on_both(&world);
}
