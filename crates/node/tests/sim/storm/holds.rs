//! What must hold after every step of a storm, beside what must hold in any traffic.

use std::collections::BTreeSet;

use entente_cooperation::receipt::ReceiptRecord;
use entente_store::{EntryKind, Outcome};

use super::steps::Storm;

/// Acts of which both Parties count every clock from the receipt.
const COUNTED_FROM_RECEIPT: [&str; 2] = ["information_request", "spontaneous_information"];

impl Storm {
    /// All invariants.
    pub(super) fn check(&mut self) {
        self.traffic.check_anew();
        self.traffic.check_new();
        let mut salts = BTreeSet::new();
        for side in 0..2 {
            self.check_log(side, &mut salts);
            self.check_outbox(side);
            self.check_receipts(side);
        }
    }

    /// Every act in the log has its row and the reverse, every receipt as well; no salt stands twice in either log.
    fn check_log(&self, side: usize, salts: &mut BTreeSet<[u8; 32]>) {
        let seed = self.traffic.seed;
        let (node, link) = (
            self.traffic.world.node(side),
            self.traffic.world.sides[side].link(),
        );
        let store = &node.store;
        let (mut acts, mut receipts) = (BTreeSet::new(), BTreeSet::new());
        for position in 0..store.own_size(link.id).unwrap() {
            let entry = store.own_entry(link.id, position).unwrap().unwrap();
            match entry.kind {
                EntryKind::Act => drop(acts.insert(position)),
                EntryKind::Receipt => drop(receipts.insert(position)),
                _ => {}
            }
            let (salt, _) = entry.opening.unwrap();
            assert!(salts.insert(salt), "seed {seed}: a salt was used twice");
        }
        let sent = store.outbox(link.id, None, 1 << 30).unwrap();
        let rows: BTreeSet<u64> = sent.iter().map(|line| line.position).collect();
        assert_eq!(
            acts, rows,
            "seed {seed}: an act without its row, or a row without its entry"
        );
        let received = store.inbox(link.id, None, 1 << 30).unwrap();
        let rows: BTreeSet<u64> = received.iter().map(|line| line.receipt_position).collect();
        assert_eq!(
            receipts, rows,
            "seed {seed}: a receipt without its row, or the reverse"
        );
    }

    /// No reference and no act id was given twice; what waits can be sent; what is settled stands at the partner.
    fn check_outbox(&self, side: usize) {
        let seed = self.traffic.seed;
        let world = &self.traffic.world;
        let (store, link) = (&world.node(side).store, world.sides[side].link());
        let (partner, theirs) = (&world.node(1 - side).store, world.sides[1 - side].link());
        let (mut references, mut ids) = (BTreeSet::new(), BTreeSet::new());
        for line in store.outbox(link.id, None, 1 << 30).unwrap() {
            let reference = line.reference.clone().unwrap();
            assert!(
                references.insert(reference),
                "seed {seed}: a reference twice: {line:?}"
            );
            assert!(
                ids.insert(line.act_id.clone()),
                "seed {seed}: an act id twice"
            );
            let there = partner.receipt_for(theirs.id, &line.message).unwrap();
            assert!(
                line.kept_back_at.is_none() || there.is_none(),
                "seed {seed}: an act that was kept back arrived: {line:?}"
            );
            match line.outcome {
                None => assert!(store.sealed(&line.message).unwrap().is_some()),
                Some(outcome) => {
                    let there = there.unwrap_or_else(|| {
                        panic!("seed {seed}: settled by a receipt that does not stand: {line:?}")
                    });
                    assert_eq!(outcome, there.outcome, "seed {seed}");
                    assert_eq!(line.receipt_position, Some(there.receipt_position));
                    assert_eq!(line.received_at, Some(there.received_at));
                }
            }
        }
        assert!(
            store.forks(link.id).unwrap().is_empty(),
            "seed {seed}: a fork"
        );
    }

    /// Every receipt that was given stands, and counts from the instant of receipt.
    fn check_receipts(&self, side: usize) {
        let (seed, world) = (self.traffic.seed, &self.traffic.world);
        for message in self.traffic.given[side].keys() {
            self.traffic.check_kept(side, message);
        }
        let (store, link) = (&world.node(side).store, world.sides[side].link());
        for line in store.inbox(link.id, None, 1 << 30).unwrap() {
            assert_ne!(line.outcome, Outcome::Unreadable, "seed {seed}: {line:?}");
            let entry = store.own_entry(link.id, line.receipt_position).unwrap();
            let (_, text) = entry.unwrap().opening.unwrap();
            let record = ReceiptRecord::read(&text).unwrap();
            assert_eq!(record.received_at, line.received_at, "seed {seed}");
            let act = line.act.as_deref().unwrap_or_default();
            if COUNTED_FROM_RECEIPT.contains(&act) {
                let early = record
                    .clocks
                    .iter()
                    .find(|clock| clock.start < record.received_at);
                assert_eq!(
                    early, None,
                    "seed {seed}: a clock runs before the receipt at {}",
                    line.received_at
                );
            }
        }
    }
}
