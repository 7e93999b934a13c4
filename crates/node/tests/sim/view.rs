//! What becomes of a node on old data, and of two histories.

use entente_ledger::SignedHead;
use entente_node::{
    fault::SendFault,
    office::Departure,
    peer::{client::Mirrored, problem::Problem},
};
use jiff::SignedDuration;

use crate::{
    acts::{self, Ends},
    world::{World, shipped, start},
};

#[test]
fn a_node_on_old_data_signs_nothing_and_goes_on_from_what_the_partner_holds() {
    let mut world = World::new(&shipped(), 22);
    let old = world.sides[0].copy_of_data();
    let link = world.sides[0].link();
    let draft = world.draft(&acts::request(Ends::of(0), "BE-2026-000001"));
    world
        .node(0)
        .release(&link, "officer_1", draft, None)
        .unwrap();
    world.hand_over(0);
    let size = world.node(0).store.own_size(link.id).unwrap();

    world.sides[0].put_back(&old);
    let link = world.sides[0].link();
    let draft = world.draft(&acts::request(Ends::of(0), "BE-2026-000002"));
    let early = world
        .node(0)
        .release(&link, "officer_1", draft.clone(), None);
    assert!(matches!(early, Err(SendFault::Starting)), "{early:?}");
    let parcel = world.dispatch(0).parcel;
    assert_eq!((parcel.head, parcel.acts.len()), (None, 0));

    world.ask(0);
    assert_eq!(world.node(0).store.own_size(link.id).unwrap(), size);
    world
        .node(0)
        .release(&link, "officer_1", draft, None)
        .unwrap();
    world.hand_over(0);
    let log = world.node(0).store.own_entries(link.id, 0, 100).unwrap();
    let theirs = world.sides[1].link();
    assert_eq!(
        log,
        world
            .node(1)
            .store
            .mirror_entries(theirs.id, 0, 100)
            .unwrap()
    );
}

#[test]
fn a_second_history_is_kept_as_evidence_and_the_link_stands_still() {
    let mut world = World::new(&shipped(), 23);
    let old = world.sides[0].copy_of_data();
    for case in ["BE-2026-000001", "BE-2026-000002"] {
        if case.ends_with('2') {
            // Put back and told a lie about what its partner holds, the node signs a second history.
            world.sides[0].put_back(&old);
            let nothing = Mirrored {
                v: 1,
                link: world.sides[0].link().memorandum.clone(),
                size: 0,
                head: None,
            };
            let link = world.sides[0].link();
            assert_eq!(world.node(0).confirm(&link, &nothing).unwrap(), None);
        }
        let link = world.sides[0].link();
        let draft = world.draft(&acts::request(Ends::of(0), case));
        world
            .node(0)
            .release(&link, "officer_1", draft, None)
            .unwrap();
        if case.ends_with('1') {
            world.hand_over(0);
        }
    }
    let parcel = world.dispatch(0).parcel;
    let told = world.node(1).receive("be", &parcel).unwrap_err().told();
    assert_eq!(told, Problem::Fork { index: 0 });

    let (node, link) = (world.node(1), world.sides[1].link());
    let evidence = node.store.forks(link.id).unwrap();
    assert_eq!(evidence.len(), 1);
    for note in [&evidence[0].held_note, &evidence[0].shown_note] {
        assert!(SignedHead::verify(note, link.their_keys()).is_ok());
    }
    let draft = world.draft(&acts::spontaneous(Ends::of(1), "MA-2026-000001"));
    let refused = node.release(&link, "officer_1", draft, None);
    assert!(matches!(refused, Err(SendFault::Forked)), "{refused:?}");
}

#[test]
fn the_partners_clock_for_naming_an_officer_ends_by_the_taking() {
    let world = World::new(&shipped(), 23);
    let draft = world.draft(&acts::request(Ends::of(0), "BE-2026-000077"));
    assert!(matches!(
        world.node(0).send("officer_1", draft).unwrap(),
        Departure::Released(_)
    ));
    world.hand_over(0);
    world.contact(1);
    let naming = || {
        let mut clocks = world.clocks(0).into_iter();
        clocks
            .find(|clock| clock.clock == "owner_assignment")
            .expect("the clock of the partner")
    };
    let before = naming();
    assert!(before.ended.is_none(), "{before:?}");
    let (node, link) = (world.node(1), world.sides[1].link());
    let line = node.store.inbox(link.id, None, 1).unwrap().pop().unwrap();
    let message = entente_cooperation::digest::MessageId::from(line.message);
    let later = line.received_at + SignedDuration::from_mins(5);
    for side in 0..2 {
        world.node(side).drive(later).unwrap().unwrap();
    }
    let taken = node.take_over(&link, &message, "officer_2", Some("officer_3"), None);
    assert!(matches!(taken.unwrap(), entente_node::office::Taken::Done));
    world.hand_over(1);
    let (at, how) = naming().ended.expect("ended by the taking");
    assert_eq!(how, entente_store::ClockEnd::Met);
    assert_eq!(at, later);
}

#[test]
fn a_history_of_ours_that_is_not_our_log_is_kept_as_evidence_until_people_reopen_the_link() {
    let mut world = World::new(&shipped(), 24);
    let old = world.sides[0].copy_of_data();
    for case in ["BE-2026-000001", "BE-2026-000002"] {
        let link = world.sides[0].link();
        let draft = world.draft(&acts::request(Ends::of(0), case));
        world
            .node(0)
            .release(&link, "officer_1", draft, None)
            .unwrap();
        if case.ends_with('1') {
            world.hand_over(0);
            world.sides[0].put_back(&old);
            trust_nothing(&world);
        }
    }
    // Started again, the node is shown the history that it signed first: another of the same length.
    world.sides[0].crash();
    world.sides[0].start(start());
    let (node, link) = (world.node(0), world.sides[0].link());
    let shown = mirrored(&world);
    let told = node.confirm(&link, &shown).unwrap_err().told();
    assert_eq!(told, Problem::Fork { index: 1 });
    let evidence = node.store.forks(link.id).unwrap();
    assert!(SignedHead::verify(&evidence[0].shown_note, link.our_keys()).is_ok());

    // Neither a second question nor a start forgets it, and none adds to it.
    node.confirm(&link, &shown).unwrap_err();
    world.sides[0].crash();
    world.sides[0].start(start());
    let (node, link) = (world.node(0), world.sides[0].link());
    assert_eq!(node.store.forks(link.id).unwrap(), evidence);
    let refused = node.release(
        &link,
        "officer_1",
        world.draft(&acts::spontaneous(Ends::of(0), "BE-2026-000003")),
        None,
    );
    assert!(matches!(refused, Err(SendFault::Forked)), "{refused:?}");

    assert!(
        node.reopen(&link, "officer_1", "both compared the heads")
            .unwrap()
    );
    assert!(node.store.forks(link.id).unwrap().is_empty());
    assert!(!node.reopen(&link, "officer_1", "again").unwrap());
}

/// What the second side mirrors of the first.
fn mirrored(world: &World) -> Mirrored {
    let link = world.sides[0].link();
    world
        .node(1)
        .mirrored_for(world.sides[0].party, &link.memorandum)
        .unwrap()
}

/// The first side is told that nothing of its log is mirrored.
fn trust_nothing(world: &World) {
    let link = world.sides[0].link();
    let nothing = Mirrored {
        size: 0,
        head: None,
        ..mirrored(world)
    };
    assert_eq!(world.node(0).confirm(&link, &nothing).unwrap(), None);
}

#[test]
fn a_partner_that_states_less_than_it_cosigned_makes_nobody_sign() {
    let mut world = World::new(&shipped(), 25);
    let link = world.sides[0].link();
    let draft = world.draft(&acts::request(Ends::of(0), "BE-2026-000001"));
    world
        .node(0)
        .release(&link, "officer_1", draft, None)
        .unwrap();
    world.hand_over(0);
    world.hand_over(1);
    let cosigned = world.node(0).store.cosignature(link.id).unwrap();
    assert_eq!(cosigned.unwrap().size, 1);

    world.sides[0].crash();
    world.sides[0].start(start());
    let (node, link) = (world.node(0), world.sides[0].link());
    let nothing = Mirrored {
        size: 0,
        head: None,
        ..mirrored(&world)
    };
    let told = node.confirm(&link, &nothing).unwrap_err().told();
    assert_eq!(told, Problem::Starting);
    // Nor does a parcel that states it.
    let mut parcel = world.dispatch(1).parcel;
    (parcel.mirrored, parcel.cosignature, parcel.cosigned) = (0, None, 0);
    let told = node.receive("ma", &parcel).unwrap_err().told();
    assert_eq!(told, Problem::Starting);
    let turn = |node: &entente_node::node::Node| {
        let turn = link.turn(&node.store).unwrap();
        (turn.confirmed, turn.doubt.is_some())
    };
    assert_eq!(turn(node), (false, true));
    // The truth ends the doubt; else people do.
    node.confirm(&link, &mirrored(&world)).unwrap();
    assert_eq!(turn(node), (true, false));
}
