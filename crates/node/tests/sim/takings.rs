//! A second receipt counts only where it can be true.

use entente_cooperation::{digest::MessageId, receipt::TakenRecord};
use entente_ledger::{Opening, Salt};
use entente_store::EntryKind;
use jiff::{SignedDuration, Timestamp};

use crate::{
    acts::{self, Ends},
    world::{World, shipped},
};

/// The second Party enters a second receipt that says what it likes, and it leaves with the next parcel.
fn says(world: &World, record: &TakenRecord) {
    let (node, link) = (world.node(1), world.sides[1].link());
    {
        let mut turn = link.turn(&node.store).unwrap();
        let mut growing = turn.growing();
        let salt = Salt::new([growing.next() as u8; 32]);
        growing.push(EntryKind::Taken, &Opening::new(salt, record.write()));
        let growth = growing.growth(node.clock.now()).unwrap();
        node.store.grow(link.id, &growth).unwrap();
        turn.grown(growing, &growth);
    }
    world.hand_over(1);
}

#[test]
fn a_second_receipt_that_cannot_be_true_counts_for_nothing_and_bars_none_that_follows() {
    let world = World::new(&shipped(), 81);
    let link = world.sides[0].link();
    let draft = world.draft(&acts::request(Ends::of(0), "BE-2026-000417"));
    world
        .node(0)
        .release(&link, "officer_1", draft, None)
        .unwrap();
    world.hand_over(0);
    let held = || {
        world
            .node(0)
            .store
            .outbox(link.id, None, 1)
            .unwrap()
            .remove(0)
    };
    let later = world.node(0).clock.now() + SignedDuration::from_hours(240);
    for side in 0..2 {
        world.node(side).clock.drive(later).unwrap();
    }
    let taken = |at: Timestamp| TakenRecord {
        link: link.memorandum.clone(),
        message: MessageId::from(held().message),
        by: "officer_2".into(),
        deputy: None,
        taken_at: at,
    };
    let odd = [
        taken("1999-01-01T00:00:00Z".parse().unwrap()),
        taken("2199-01-01T00:00:00Z".parse().unwrap()),
        TakenRecord {
            link: "another_link".into(),
            ..taken(later)
        },
        TakenRecord {
            message: MessageId::of(b"never sent"),
            ..taken(later)
        },
    ];
    for record in &odd {
        says(&world, record);
        assert_eq!(held().taken, None, "{record:?}");
    }
    let journal = world.node(0).store.journal_page(None, 100).unwrap();
    let contested = journal.into_iter().filter_map(|(_, line)| line.opening);
    let contested =
        contested.filter(|(_, record)| record.contains("contested: the second receipt"));
    assert_eq!(contested.count(), odd.len());

    says(&world, &taken(later));
    assert_eq!(held().taken.unwrap().at, later);
}
