//! What one parcel holds: as much of our log as its reader takes, and of what is to go with it what that part reaches.

use entente_cooperation::digest::MessageId;
use entente_ledger::{Entry, Opening, Salt};
use entente_store::{EntryKind, OwnEntry, StoreError};

use crate::{
    fault::ReceiveFault,
    link::{Link, Turn},
    node::Node,
    peer::{
        budget::Lane,
        parcel::{
            ACTS_MAX, CarriedAct, CarriedReceipt, ENTRIES_MAX, NOTICES_MAX, Objection, Parcel,
            VERSION, kept,
        },
    },
};

/// A parcel carries at most so many bytes of second receipts and notices, as they travel; one always fits.
const OPENINGS_MAX_BYTES: usize = 2 * 1024 * 1024;
/// On the reserved lane, where a parcel is short, so many.
const RESERVED_OPENINGS_MAX_BYTES: usize = 128 * 1024;
/// On the reserved lane a parcel carries at most so many entries.
const RESERVED_ENTRIES_MAX: usize = 4096;

/// What a parcel is asked to carry beside our log.
pub struct Load {
    /// Acts that wait.
    pub acts: Vec<CarriedAct>,
    /// Receipts of acts that came.
    pub receipts: Vec<CarriedReceipt>,
    /// Whether our cosignature goes with it.
    pub cosigns: bool,
    /// Whether acts that wait for us shall come with the answer.
    pub poll: bool,
    /// On which lane it goes.
    pub lane: Lane,
}

/// The openings that travel with their entries, and how many entries there may be so that none is left out.
struct Openings {
    takings: Vec<CarriedReceipt>,
    notices: Vec<CarriedReceipt>,
    entries: u64,
}

impl Node {
    /// A parcel that its reader takes: no longer than PROTOCOL section 5 says, however little the partner mirrors of our log.
    ///
    /// What its head does not reach yet, acts and receipts, goes with a later one: a repeat gets the receipt that stands.
    pub fn parcel(&self, link: &Link, turn: &mut Turn, load: Load) -> Result<Parcel, ReceiveFault> {
        let base = turn.told;
        let signer = self.signer(link);
        let openings = self.openings_from(link, base, load.lane)?;
        let most = openings.entries;
        let head = link.head_from(&self.store, turn, signer.as_ref(), base, most)?;
        let reach = head.as_ref().map_or(base, |head| head.size());
        let entries = self
            .store
            .own_entries(link.id, base, reach.saturating_sub(base))?;
        let signer = signer.as_ref().filter(|_| load.cosigns);
        let cosigned = signer.and_then(|signer| link.cosign(turn, signer));
        let (cosignature, cosigned) = cosigned.unzip();
        let reached = |mut openings: Vec<CarriedReceipt>| {
            openings.retain(|opening| opening.index < reach);
            openings
        };
        let mut acts = load.acts;
        acts.retain(|act| act.index < reach);
        Ok(Parcel {
            v: VERSION,
            link: link.memorandum.clone(),
            from: link.own.clone(),
            demo: self.is_demo(),
            memorandum: self.agreement().digest.to_string(),
            mirrored: turn.mirrored(),
            base,
            entries: entries.into_iter().map(Entry::new).collect(),
            head: head.map(|head| head.note().to_owned()),
            cosignature,
            cosigned: cosigned.unwrap_or(0),
            acts,
            receipts: reached(load.receipts),
            takings: reached(openings.takings),
            notices: reached(openings.notices),
            objections: self.untold(link, load.lane)?,
            poll: load.poll,
        })
    }

    /// What we contest and have not said yet. It waits while only the reserved lane is open.
    fn untold(&self, link: &Link, lane: Lane) -> Result<Vec<Objection>, StoreError> {
        if lane == Lane::Reserved {
            return Ok(Vec::new());
        }
        let objections = self.store.objections(link.id, ACTS_MAX as u64)?;
        let objections = objections.into_iter().map(|(message, what)| Objection {
            message: MessageId::from(message).to_string(),
            what: kept(&what),
        });
        Ok(objections.collect())
    }

    /// The second receipts and notices from `base` on that one parcel holds.
    fn openings_from(&self, link: &Link, base: u64, lane: Lane) -> Result<Openings, StoreError> {
        let (entries, most) = match lane {
            Lane::Ordinary => (ENTRIES_MAX as u64, OPENINGS_MAX_BYTES),
            Lane::Reserved => (RESERVED_ENTRIES_MAX as u64, RESERVED_OPENINGS_MAX_BYTES),
        };
        let mut all = self.store.own_takings(link.id, base, entries)?;
        all.extend(self.store.own_notices(link.id, base, entries)?);
        all.sort_by_key(|entry| entry.position);
        Ok(Openings::within(base, all, entries, most))
    }
}

impl Openings {
    /// As many of `all`, in their order, as `most` bytes hold, and the entries up to the first that they do not hold.
    fn within(base: u64, all: Vec<OwnEntry>, entries: u64, most: usize) -> Self {
        let mut held = Self {
            takings: Vec::new(),
            notices: Vec::new(),
            entries,
        };
        let mut bytes = 0;
        for entry in all {
            let notice = entry.kind == EntryKind::Notice;
            let Some(opening) = carried(entry) else {
                continue;
            };
            bytes += size_bytes(&opening);
            let first = held.takings.is_empty() && held.notices.is_empty();
            if bytes > most && !first || notice && held.notices.len() == NOTICES_MAX - 1 {
                held.entries = opening.index - base;
                break;
            }
            let kind = if notice {
                &mut held.notices
            } else {
                &mut held.takings
            };
            kind.push(opening);
        }
        held
    }
}

impl CarriedReceipt {
    /// The receipt at a position of our log.
    pub fn at(index: u64, opening: &Opening) -> Self {
        Self {
            index,
            salt: *opening.salt(),
            record: opening.record().to_owned(),
        }
    }
}

/// A second receipt and a notice of a key travel with their entry; a parcel that is lost carries both again.
fn carried(entry: OwnEntry) -> Option<CarriedReceipt> {
    let (salt, record) = entry.opening?;
    Some(CarriedReceipt {
        index: entry.position,
        salt: Salt::new(salt),
        record,
    })
}

/// How long an opening is as it travels: the record with its escapes, the salt, the names of the members.
fn size_bytes(opening: &CarriedReceipt) -> usize {
    let escaped = |byte: &&u8| matches!(**byte, b'"' | b'\\');
    let escapes = opening.record.as_bytes().iter().filter(escaped);
    opening.record.len() + escapes.count() + 120
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(position: u64, kind: EntryKind, length: usize) -> OwnEntry {
        OwnEntry {
            position,
            kind,
            entry: [0; 32],
            opening: Some(([0; 32], "x".repeat(length))),
        }
    }

    #[test]
    fn the_entries_end_before_the_first_opening_that_does_not_fit() {
        let all = vec![
            entry(7, EntryKind::Taken, 880),
            entry(9, EntryKind::Notice, 880),
            entry(12, EntryKind::Taken, 880),
        ];
        let held = Openings::within(5, all.clone(), 100, 2000);
        assert_eq!((held.takings.len(), held.notices.len()), (1, 1));
        assert_eq!(held.entries, 7);
        let held = Openings::within(5, all.clone(), 100, 3000);
        assert_eq!((held.takings.len(), held.entries), (2, 100));
        // One always fits, or nothing would ever go on.
        let held = Openings::within(5, all, 100, 10);
        assert_eq!((held.takings.len(), held.notices.len()), (1, 0));
        assert_eq!(held.entries, 4);
    }

    #[test]
    fn more_notices_than_a_parcel_carries_end_its_entries() {
        let all: Vec<OwnEntry> = (0..NOTICES_MAX as u64)
            .map(|position| entry(position, EntryKind::Notice, 1))
            .collect();
        let held = Openings::within(0, all, 65_536, OPENINGS_MAX_BYTES);
        assert_eq!(held.notices.len(), NOTICES_MAX - 1);
        assert_eq!(held.entries, NOTICES_MAX as u64 - 1);
    }
}
