//! What a node says, looked at as it leaves: all of it must stand on the disk already.

use std::collections::BTreeMap;

use entente_cooperation::receipt::{ActRecord, ReceiptRecord};
use entente_ledger::SignedHead;
use entente_node::peer::parcel::{CarriedReceipt, Parcel};
use entente_store::Bytes32;

use super::Traffic;

/// The receipts that a side gave, by message: place in its log, and record.
pub(crate) type Given = BTreeMap<Bytes32, (u64, String)>;

impl Traffic {
    /// A parcel leaves a side: its head, its cosignature, its receipts and acts rest on what is committed.
    pub(super) fn check_said(&mut self, side: usize, parcel: &Parcel) {
        for receipt in &parcel.receipts {
            self.check_given(side, receipt);
        }
        let (node, link) = (self.world.node(side), self.world.sides[side].link());
        let (store, seed) = (&node.store, self.seed);
        if let Some(note) = &parcel.head {
            let keys = self.world.sides[1 - side].link();
            let head = SignedHead::verify(note, keys.their_keys()).unwrap();
            let row = store.head_within(link.id, head.size()).unwrap();
            let row = row.map(|row| (row.size, row.root));
            let shown = Some((head.size(), *head.head().root().as_bytes()));
            assert_eq!(
                row, shown,
                "seed {seed}: a head was signed that is not durable"
            );
            assert!(store.own_size(link.id).unwrap() >= head.size());
        }
        if parcel.cosignature.is_some() {
            let held = store
                .mirror_head(link.id)
                .unwrap()
                .map_or(0, |head| head.size);
            assert!(
                held >= parcel.cosigned,
                "seed {seed}: {} entries were cosigned, {held} are mirrored on the disk",
                parcel.cosigned
            );
        }
        for act in &parcel.acts {
            let record = ActRecord::read(&act.record).unwrap();
            let row = store.outbox_of(link.id, record.message.as_bytes()).unwrap();
            assert_eq!(
                row.map(|row| row.position),
                Some(act.index),
                "seed {seed}: an act left that has no row"
            );
        }
    }

    /// A receipt leaves: its act and its entry are on the disk, and it is the one that the message got before.
    fn check_given(&mut self, side: usize, receipt: &CarriedReceipt) {
        let record = ReceiptRecord::read(&receipt.record).unwrap();
        let message = *record.message.as_bytes();
        let first = self.given[side].entry(message);
        let first = first.or_insert_with(|| (receipt.index, receipt.record.clone()));
        assert_eq!(
            (first.0, &first.1),
            (receipt.index, &receipt.record),
            "seed {}: a message has two receipts",
            self.seed
        );
        self.check_kept(side, &message);
    }

    /// A receipt that was given stands on the disk with its act, and says what it said.
    pub(crate) fn check_kept(&self, side: usize, message: &Bytes32) {
        let (node, link) = (self.world.node(side), self.world.sides[side].link());
        let (position, record) = &self.given[side][message];
        let row = node.store.receipt_for(link.id, message).unwrap();
        let entry = node.store.own_entry(link.id, *position).unwrap();
        let stands = row.is_some_and(|row| row.receipt_position == *position);
        let says = entry.and_then(|entry| entry.opening);
        assert!(
            stands && says.is_some_and(|(_, text)| text == *record),
            "seed {}: a receipt was given that does not stand on the disk",
            self.seed
        );
    }
}
