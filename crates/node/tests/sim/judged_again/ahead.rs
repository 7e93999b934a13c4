//! One side already judges by a version of the memorandum that the other does not hold.

use std::{path::Path, sync::Arc};

use entente_cooperation::memorandum::read::files_of;
use entente_node::{
    agreement::Agreement,
    fault::ReceiveFault,
    peer::{client::CallFault, problem::Problem},
};
use entente_store::Outcome;
use jiff::SignedDuration;

use super::{THREE_DAYS, pass, releases};
use crate::{
    acts::{self, Ends},
    world::{World, shipped},
};

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
