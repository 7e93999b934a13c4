//! Two nodes, a bad network, a seed: nothing is lost, nothing is doubled, both sides hold the same.

mod acts;
mod at_home;
mod backup;
mod dishonest;
mod due;
mod erased;
mod hostile;
mod judged_again;
mod keys;
mod officers;
mod other_states;
mod storm;
mod takings;
mod told;
mod traffic;
mod undecided;
mod view;
mod wire;
mod world;

use acts::Ends;
use world::{World, shipped};

#[test]
fn an_act_is_released_filed_and_settled() {
    let world = World::new(&shipped(), 1);
    let (be, ma) = (world.sides[0].link(), world.sides[1].link());
    let draft = world.draft(&acts::request(Ends::of(0), "BE-2026-000417"));
    let sent = world
        .node(0)
        .release(&be, "officer_1", draft, None)
        .unwrap_or_else(|f| panic!("{f:#?}"));
    assert_eq!(sent.reference.as_deref(), Some("BE-2026-000417/1"));
    world.hand_over(0);

    let outbox = world.node(0).store.outbox(be.id, None, 10).unwrap();
    let inbox = world.node(1).store.inbox(ma.id, None, 10).unwrap();
    assert_eq!((outbox.len(), inbox.len()), (1, 1));
    assert_eq!(
        outbox[0].outcome,
        Some(entente_store::Outcome::Filed),
        "{inbox:?}"
    );
    assert_eq!(outbox[0].contested, None);
    assert_eq!(world.clocks(0), world.clocks(1));

    let draft = world.draft(&acts::reply(
        Ends::of(1),
        "BE-2026-000417",
        "BE-2026-000417/1",
    ));
    let sent = world
        .node(1)
        .release(&ma, "officer_1", draft, None)
        .unwrap_or_else(|f| panic!("{f:#?}"));
    assert_eq!(sent.reference.as_deref(), Some("BE-2026-000417/2"));
    world.hand_over(1);
    let outbox = world.node(1).store.outbox(ma.id, None, 10).unwrap();
    assert_eq!(outbox[0].outcome, Some(entente_store::Outcome::Filed));
}
