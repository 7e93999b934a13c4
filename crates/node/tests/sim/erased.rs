//! What is erased leaves no byte behind.

use jiff::SignedDuration;

use crate::{
    acts::{self, Ends},
    world::{World, shipped},
};

#[test]
fn what_was_erased_stands_in_no_file_of_the_data_folder() {
    let world = World::new(&shipped(), 61);
    let (be, ma) = (world.sides[0].link(), world.sides[1].link());
    let draft = world.draft(&acts::spontaneous(Ends::of(0), "BE-2026-000417"));
    world
        .node(0)
        .release(&be, "officer_1", draft, None)
        .unwrap();
    world.hand_over(0);
    let node = world.node(1);
    let line = node.store.inbox(ma.id, None, 1).unwrap().remove(0);
    let kept = node.store.body(&line.message).unwrap().unwrap();
    let middle = &kept.sealed[kept.sealed.len() / 2..][..64];
    assert!(world.sides[1].holds(middle) && world.sides[1].holds(&kept.wrapped));

    // Nobody decides: the quarantine runs out (25.2).
    let later = node.clock.now() + SignedDuration::from_hours(24 * 190);
    node.drive(later).unwrap().unwrap();
    assert_eq!(node.store.body(&line.message).unwrap(), None);
    for piece in kept.sealed.chunks_exact(64).step_by(8) {
        assert!(!world.sides[1].holds(piece));
    }
    assert!(!world.sides[1].holds(&kept.wrapped));
    assert!(!world.sides[1].holds("Lamkaddem".as_bytes()));
}
