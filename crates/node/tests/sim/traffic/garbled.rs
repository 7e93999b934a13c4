//! What arrives otherwise than it was said, as a broken partner would say it: refused, and nothing of it is kept.

use entente_ledger::{Entry, Salt};
use entente_node::{
    peer::{client::CallFault, parcel::Parcel},
    post::Dispatch,
};

use super::Traffic;

impl Traffic {
    /// Whether chance has it that a parcel arrives otherwise than it was sent. Then it is refused and lost.
    pub(super) fn garbled(&self, from: usize, parcel: &Parcel) -> bool {
        if self.weather.garbled == 0 || !self.happens(self.weather.garbled) {
            return false;
        }
        let changed = self.changed(1 - from, parcel, 5);
        let Some((what, changed)) = changed else {
            return false;
        };
        let (to, party) = (self.world.node(1 - from), self.world.sides[from].party);
        let before = self.kept_by(1 - from);
        assert!(
            to.receive(party, &changed).is_err(),
            "seed {}: a parcel with another {what} was taken",
            self.seed
        );
        let after = self.kept_by(1 - from);
        assert_eq!(after.0, before.0, "seed {}: {what}", self.seed);
        // An act is taken after the receipts that came with it, and after the entries that prove them.
        let of_an_act = matches!(what, "body" | "salt of an act");
        assert!(
            of_an_act || after.1 == before.1,
            "seed {}: another {what} is mirrored",
            self.seed
        );
        true
    }

    /// The same for the answer to a parcel. Then it settles nothing, and the acts wait.
    pub(super) fn garbled_answer(&self, from: usize, dispatch: &Dispatch, answer: &Parcel) -> bool {
        if self.weather.garbled == 0 || !self.happens(self.weather.garbled) {
            return false;
        }
        let Some((what, changed)) = self.changed_answer(from, answer) else {
            return false;
        };
        let (node, link) = (self.world.node(from), self.world.sides[from].link());
        let before = self.waits(from);
        let settled = node.settle(&link, dispatch, &changed);
        let may_pass = what == "receipt of another act";
        assert!(
            settled.is_err() || may_pass,
            "seed {}: an answer with another {what} was taken",
            self.seed
        );
        assert_eq!(
            self.waits(from),
            before,
            "seed {}: {what} settled an act",
            self.seed
        );
        if settled.is_err() {
            let fault = CallFault::NotUnderstood(what.to_owned());
            node.not_delivered(&link, dispatch, &fault).unwrap();
        }
        true
    }

    /// A parcel with one thing changed that `to` must notice, and what it is.
    fn changed(&self, to: usize, parcel: &Parcel, kinds: u16) -> Option<(&'static str, Parcel)> {
        let mut parcel = parcel.clone();
        let what = match self.roll(kinds) {
            0 => {
                let link = self.world.sides[to].link();
                let held = link.turn(&self.world.node(to).store).unwrap().mirrored();
                let new = usize::try_from(held.checked_sub(parcel.base)?).unwrap();
                let entry = parcel.entries.get_mut(new)?;
                let mut bytes = *entry.as_bytes();
                bytes[7] ^= 1;
                *entry = Entry::new(bytes);
                "entry"
            }
            1 => {
                parcel.head = Some(other_signature(parcel.head.as_deref()?));
                "head"
            }
            2 => {
                parcel.cosignature = Some(other_signature(parcel.cosignature.as_deref()?));
                "cosignature"
            }
            3 => {
                *parcel.acts.first_mut()?.sealed.last_mut()? ^= 1;
                "body"
            }
            _ => {
                parcel.acts.last_mut()?.salt = Salt::new([9; 32]);
                "salt of an act"
            }
        };
        Some((what, parcel))
    }

    fn changed_answer(&self, from: usize, answer: &Parcel) -> Option<(&'static str, Parcel)> {
        if answer.receipts.is_empty() || self.happens(300) {
            return self.changed(from, answer, 3);
        }
        let mut answer = answer.clone();
        answer.receipts.truncate(1);
        let receipt = answer.receipts.first_mut()?;
        let what = match self.roll(4) {
            0 => {
                receipt.salt = Salt::new([9; 32]);
                "salt of a receipt"
            }
            1 => {
                receipt.index = receipt.index.checked_sub(1)?;
                "index of a receipt"
            }
            2 => {
                let other = receipt
                    .record
                    .replace("\"outcome\":\"filed\"", "\"outcome\":\"clarify\"");
                if other == receipt.record {
                    return None;
                }
                receipt.record = other;
                "outcome of a receipt"
            }
            _ => {
                let link = self.world.sides[from].link();
                let store = &self.world.node(from).store;
                let sent = store.outbox(link.id, None, 64).unwrap();
                let settled = sent.iter().find_map(|line| line.receipt_position)?;
                let entry = store.mirror_entry(link.id, settled).unwrap()?;
                let (salt, record) = entry.opening?;
                receipt.index = settled;
                receipt.salt = Salt::new(salt);
                receipt.record = record;
                "receipt of another act"
            }
        };
        Some((what, answer))
    }

    /// What of a side another parcel could change: its own log and its inbox, and its mirror.
    fn kept_by(&self, side: usize) -> ((u64, usize), u64) {
        let (node, link) = (self.world.node(side), self.world.sides[side].link());
        let turn = link.turn(&node.store).unwrap();
        let filed = node.store.inbox(link.id, None, 1 << 30).unwrap().len();
        ((turn.own_size(), filed), turn.mirrored())
    }

    /// The acts of a side that wait for their receipt.
    fn waits(&self, side: usize) -> Vec<[u8; 32]> {
        let (node, link) = (self.world.node(side), self.world.sides[side].link());
        let sent = node.store.outbox(link.id, None, 1 << 30).unwrap();
        let waiting = sent
            .into_iter()
            .filter(|line| line.outcome.is_none() && line.kept_back_at.is_none());
        waiting.map(|line| line.message).collect()
    }
}

/// A note or a line whose last signature has another sign in its middle.
fn other_signature(note: &str) -> String {
    let at = note.len() - 40;
    let other = if note.as_bytes()[at] == b'A' {
        "B"
    } else {
        "A"
    };
    format!("{}{other}{}", &note[..at], &note[at + 1..])
}
