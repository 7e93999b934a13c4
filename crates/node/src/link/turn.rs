//! How far both logs have come, and what the next transaction adds to ours.

use entente_ledger::{Entry, Frontier, Hash, LogKeys, Mirror, Opening, SignedHead};
use entente_store::{
    self as store, EntryKind, LinkId, MirrorGrowth, OwnEntry, OwnGrowth, Store, StoreError,
};
use jiff::Timestamp;

use super::{BadLink, Intake, PAGE, Turn};
use crate::rings::Ring;

/// How a link stands, for whoever would speak on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Two histories were signed: nothing is said until people have spoken.
    Forked,
    /// The partner has not stated its mirror since we started.
    Starting,
    /// Our log may grow, and is signed.
    Open,
}

impl Turn {
    pub(super) fn read(
        store: &Store,
        link: LinkId,
        (introduced, theirs_over_time): (&LogKeys, &Ring),
        partner: &str,
    ) -> Result<Self, BadLink> {
        let damaged = || BadLink::Damaged(partner.to_owned());
        let mut own = Frontier::new();
        read_pages(|from| store.own_entries(link, from, PAGE), &mut own)?;
        let mut theirs = Frontier::new();
        read_pages(|from| store.mirror_entries(link, from, PAGE), &mut theirs)?;
        let head = store.newest_head(link)?;
        let fits = head.map_or(own.size() == 0, |head| {
            head.size == own.size() && Hash::new(head.root) == own.root()
        });
        let row = store.mirror_head(link)?;
        let note = row.as_ref().map(|row| {
            let own = introduced.origin().partner();
            let signer = theirs_over_time.read(|ring| ring.signer(&row.note, own).map(|by| by.0));
            SignedHead::verify(&row.note, signer.as_ref().unwrap_or(introduced))
        });
        let note = note.transpose().map_err(|_| damaged())?;
        let mirror = Mirror::restore(theirs, note, 0).map_err(|_| damaged())?;
        if !fits {
            return Err(damaged());
        }
        Ok(Self {
            own,
            head,
            mirror,
            mirror_at: row.map(|row| row.received_at),
            told: 0,
            confirmed: false,
            forked: !store.forks(link)?.is_empty(),
            doubt: None,
            accused: None,
            signed: None,
            cosigned: 0,
            theirs: theirs_over_time.clone(),
        })
    }

    /// How the link stands.
    pub fn standing(&self) -> Standing {
        match (self.forked, self.confirmed) {
            (true, _) => Standing::Forked,
            (false, false) => Standing::Starting,
            (false, true) => Standing::Open,
        }
    }

    /// The partner's word of our log is trusted: our log may grow.
    pub fn confirm(&mut self) {
        self.confirmed = true;
        self.doubt = None;
    }

    /// How many entries our log has.
    pub fn own_size(&self) -> u64 {
        self.own.size()
    }

    /// How many entries of the partner's log we mirror.
    pub fn mirrored(&self) -> u64 {
        self.mirror.size()
    }

    /// The newest head of our log.
    pub fn head(&self) -> Option<store::Head> {
        self.head
    }

    /// The newest signed head of the partner.
    pub fn their_head(&self) -> Option<&SignedHead> {
        self.mirror.head()
    }

    /// An intake that changes nothing.
    pub fn nothing_new(&self) -> Intake {
        Intake {
            mirror: self.mirror.clone(),
            mirror_at: self.mirror_at,
            confirmed: self.confirmed,
            told: self.told,
            ring: None,
            growth: MirrorGrowth {
                base: self.mirror.size(),
                entries: Vec::new(),
                head: None,
                cosignature: None,
                notices: Vec::new(),
            },
        }
    }

    /// Whether the partner's newest head waits for our cosignature.
    pub fn cosigns(&self) -> bool {
        self.mirror.size() > self.cosigned
    }

    /// The partner has not kept our cosignature: the next parcel carries it again.
    pub fn cosign_again(&mut self) {
        self.cosigned = 0;
    }

    /// The next entries of our log, for one transaction.
    pub fn growing(&self) -> Growing {
        Growing {
            own: self.own.clone(),
            entries: Vec::new(),
        }
    }

    /// The log has grown: what was handed to the store is committed.
    pub fn grown(&mut self, growing: Growing, growth: &OwnGrowth) {
        self.own = growing.own;
        self.head = Some(growth.head);
    }

    /// The mirror has grown: what was handed to the store is committed.
    pub fn taken(&mut self, intake: Intake) {
        self.mirror = intake.mirror;
        self.mirror_at = intake.mirror_at;
        if let Some(ring) = intake.ring {
            self.theirs.replace(ring);
        }
        self.told = intake.told.min(self.own.size());
        if intake.confirmed {
            self.confirm();
        }
    }
}

/// The entries that a transaction adds to our log, before they are stored.
pub struct Growing {
    own: Frontier,
    entries: Vec<OwnEntry>,
}

impl Growing {
    /// The position of the next entry.
    pub fn next(&self) -> u64 {
        self.own.size()
    }

    /// Appends the entry of an opening.
    pub fn push(&mut self, kind: EntryKind, opening: &Opening) {
        let entry = opening.entry();
        self.entries.push(OwnEntry {
            position: self.next(),
            kind,
            entry: *entry.as_bytes(),
            opening: Some((*opening.salt().as_bytes(), opening.record().to_owned())),
        });
        self.own.push(&entry);
    }

    /// The opening of an entry of this transaction.
    pub fn opening(&self, position: u64) -> Option<Opening> {
        let entry = self
            .entries
            .iter()
            .find(|entry| entry.position == position)?;
        let (salt, record) = entry.opening.clone()?;
        Some(Opening::new(entente_ledger::Salt::new(salt), record))
    }

    /// Appends an entry that came back from the partner; its opening is lost.
    pub fn push_returned(&mut self, entry: &Entry) {
        self.entries.push(OwnEntry {
            position: self.next(),
            kind: EntryKind::Returned,
            entry: *entry.as_bytes(),
            opening: None,
        });
        self.own.push(entry);
    }

    /// What the store writes: the entries and the head over all. None if nothing was appended.
    pub fn growth(&self, at: Timestamp) -> Option<OwnGrowth> {
        (!self.entries.is_empty()).then(|| OwnGrowth {
            entries: self.entries.clone(),
            head: store::Head {
                size: self.own.size(),
                root: *self.own.root().as_bytes(),
                at,
            },
        })
    }
}

fn read_pages(
    mut page: impl FnMut(u64) -> Result<Vec<[u8; 32]>, StoreError>,
    frontier: &mut Frontier,
) -> Result<(), StoreError> {
    loop {
        let rows = page(frontier.size())?;
        if rows.is_empty() {
            return Ok(());
        }
        let entries: Vec<Entry> = rows.into_iter().map(Entry::new).collect();
        frontier.extend(&entries);
    }
}
