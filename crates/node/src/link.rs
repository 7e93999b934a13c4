//! One link as a running node holds it: whose keys, how far both logs have come, and whose turn it is.

use std::{
    ops::Range,
    sync::{Mutex, MutexGuard, PoisonError},
};

use entente_ledger::{
    Cosignature, Entry, Extension, Frontier, Hash, Head, Introduction, LogKeys, Mirror, Opening,
    SignedHead, cosignature, notice::introduction::Who,
};
use entente_seal::{Recipient, SigningKey};
use entente_store::{
    self as store, EntryKind, Fork, LinkId, MirrorGrowth, MirrorHead, OwnEntry, OwnGrowth, Store,
    StoreError,
};
use jiff::Timestamp;
use tokio::sync::Notify;

use crate::{
    fault::SendFault,
    flow::Leaving,
    peer::{parcel::Parcel, problem::Problem},
    rows::Sent,
    together::Queue,
};

/// At most so many rows are read at once.
const PAGE: u64 = 4096;

/// One link: a memorandum, a partner, and what stands between us.
pub struct Link {
    /// Its number in the store.
    pub id: LinkId,
    /// When it was first opened.
    pub opened_at: Timestamp,
    /// The memorandum.
    pub memorandum: String,
    /// Our own Party.
    pub own: String,
    /// The partner's Party.
    pub partner: String,
    /// Where the partner listens; none if it only dials out.
    pub address: Option<String>,
    /// The key by which the partner's transport is known.
    pub pin: [u8; 32],
    /// For whom we seal.
    pub recipient: Recipient,
    our_keys: LogKeys,
    their_keys: LogKeys,
    /// Told when something waits to be sent, or a clock was moved.
    pub work: Notify,
    turn: Mutex<Turn>,
    due: Mutex<()>,
    leaving: Queue<Leaving, Result<Sent, SendFault>>,
}

/// Who holds it changes the link: releases, files, settles. Everything else waits for its turn or reads the store.
pub struct Turn {
    own: Frontier,
    head: Option<store::Head>,
    mirror: Mirror,
    mirror_at: Option<Timestamp>,
    /// How many entries of ours the partner says that it mirrors.
    pub told: u64,
    /// Whether the partner has stated its mirror of our log since we started. Until then our log does not grow and nothing
    /// is signed: after a restore our data could be older than what we have signed.
    pub confirmed: bool,
    /// Whether two histories were signed: the link stands still until people have spoken. The store holds the evidence.
    pub forked: bool,
    /// Why what the partner states of our log cannot be trusted, if so: people must speak before anything is signed.
    pub doubt: Option<String>,
    /// From which entry on the partner says that it holds another history of ours; told once.
    pub accused: Option<u64>,
    signed: Option<SignedHead>,
    /// The size of the partner's log that our last cosignature covered, since we started.
    cosigned: u64,
}

/// Why a link cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum BadLink {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The partner's keys cannot be used.
    #[error("the introduction of `{0}` holds a key that cannot be used")]
    Keys(String),
    /// The rows of the link contradict each other: the database is damaged.
    #[error("the rows of the link with `{0}` contradict each other")]
    Damaged(String),
}

/// What a parcel makes of our mirror, before it is stored.
pub struct Intake {
    mirror: Mirror,
    mirror_at: Option<Timestamp>,
    /// Whether the partner has then stated its mirror of our log.
    pub confirmed: bool,
    told: u64,
    /// What is to be stored.
    pub growth: MirrorGrowth,
}

/// The entries that a transaction adds to our log, before they are stored.
pub struct Growing {
    own: Frontier,
    entries: Vec<OwnEntry>,
}

impl Link {
    /// Opens the link with a partner, as the store has it.
    pub fn open(
        store: &Store,
        own: &Introduction,
        partner: &Introduction,
        now: Timestamp,
    ) -> Result<Self, BadLink> {
        let Who {
            party, memorandum, ..
        } = own.who();
        let theirs = partner.who();
        let row = store::Link {
            memorandum: memorandum.to_string(),
            party: party.to_string(),
            partner: theirs.party.to_string(),
            demo: own.who().demo,
            opened_at: now,
        };
        let (id, opened_at) = store.link(&row)?;
        let bad_key = |_| BadLink::Keys(row.partner.clone());
        let their_keys = partner.log_keys(party);
        let turn = Turn::read(store, id, &their_keys, &row.partner)?;
        Ok(Self {
            id,
            opened_at,
            memorandum: row.memorandum.clone(),
            own: row.party.clone(),
            partner: row.partner.clone(),
            address: theirs.address.as_ref().map(ToString::to_string),
            pin: *partner.transport(),
            recipient: partner.seal().parse().map_err(bad_key)?,
            our_keys: own.log_keys(&theirs.party),
            their_keys,
            turn: Mutex::new(turn),
            leaving: Queue::default(),
            work: Notify::new(),
            due: Mutex::new(()),
        })
    }

    /// Waits until nobody else does what is due on this link: what one finds undone, another would do a second time.
    pub fn due(&self) -> MutexGuard<'_, ()> {
        // Nothing stands behind this lock, so a panic of its last holder left nothing broken.
        self.due.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the turn. A panic of its last holder stored nothing that was not committed; what it left in memory is read
    /// anew.
    pub fn turn(&self, store: &Store) -> Result<MutexGuard<'_, Turn>, StoreError> {
        match self.turn.lock() {
            Ok(turn) => Ok(turn),
            Err(poisoned) => {
                let mut turn = PoisonError::into_inner(poisoned);
                self.read_anew(store, &mut turn)?;
                self.turn.clear_poison();
                Ok(turn)
            }
        }
    }

    /// Reads the turn anew from the store, after a transaction of which we do not know whether it was committed.
    pub fn read_anew(&self, store: &Store, turn: &mut Turn) -> Result<(), StoreError> {
        let (told, confirmed, doubt) = (turn.told, turn.confirmed, turn.doubt.take());
        *turn = Turn::read(store, self.id, &self.their_keys, &self.partner)
            .map_err(|_| StoreError::Unreadable("link"))?;
        (turn.told, turn.confirmed) = (told.min(turn.own.size()), confirmed);
        turn.doubt = doubt;
        Ok(())
    }

    /// Has an act entered, together with all that waits: whoever has the turn serves all.
    pub fn together(
        &self,
        leaving: Leaving,
        store: &Store,
        enter: impl FnOnce(&mut Turn, Vec<Leaving>) -> Result<Vec<Result<Sent, SendFault>>, SendFault>,
    ) -> Result<Sent, SendFault> {
        self.leaving.serve(
            leaving,
            || self.turn(store).map_err(SendFault::from),
            |turn, all| enter(turn, all),
            |fault| Err(fault.clone()),
        )
    }

    /// Whether our log may grow now.
    pub fn may_grow(&self, turn: &Turn) -> Result<(), SendFault> {
        match (turn.forked, turn.confirmed) {
            (true, _) => Err(SendFault::Forked),
            (false, false) => Err(SendFault::Starting),
            (false, true) => Ok(()),
        }
    }

    /// What a transaction of this link gave. After a failure the turn is read anew; if the transaction turns out to have
    /// been committed up to `head` all the same, it counts.
    pub fn stored(
        &self,
        turn: &mut Turn,
        store: &Store,
        head: Option<store::Head>,
        result: Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let Err(error) = result else {
            return Ok(());
        };
        self.read_anew(store, turn)?;
        if head.is_some() && turn.head == head {
            return Ok(());
        }
        Err(error)
    }

    /// The keys that sign our log.
    pub fn our_keys(&self) -> &LogKeys {
        &self.our_keys
    }

    /// The keys that sign the partner's log.
    pub fn their_keys(&self) -> &LogKeys {
        &self.their_keys
    }

    /// What a parcel makes of our mirror of its sender's log.
    ///
    /// Nothing is stored here, except by the caller what [`Taken::Fork`] hands out as evidence.
    pub fn take(
        &self,
        store: &Store,
        turn: &Turn,
        parcel: &Parcel,
        now: Timestamp,
    ) -> Result<Taken, StoreError> {
        if parcel.mirrored > turn.own.size() {
            return Ok(Taken::OurDataAreOld);
        }
        if let Some(cosigned) = self.forgotten(store, turn, parcel.mirrored)? {
            return Ok(Taken::Forgotten(cosigned));
        }
        let mut intake = match self.extend(store, turn, parcel, now)? {
            Ok(intake) => intake,
            Err(taken) => return Ok(taken),
        };
        if let Some(line) = &parcel.cosignature {
            let Some(cosignature) = self.cosigned(store, parcel.cosigned, line, now)? else {
                return Ok(Taken::Problem(Problem::malformed(
                    "the cosignature does not fit our head of that size",
                )));
            };
            // The partner states what it mirrors, and proves that it is our own history.
            intake.confirmed |= parcel.cosigned == parcel.mirrored;
            intake.growth.cosignature = Some(cosignature);
        }
        intake.confirmed |= parcel.mirrored == 0;
        Ok(Taken::Intake(Box::new(intake)))
    }

    fn extend(
        &self,
        store: &Store,
        turn: &Turn,
        parcel: &Parcel,
        now: Timestamp,
    ) -> Result<Result<Intake, Taken>, StoreError> {
        let mut intake = turn.nothing_new();
        intake.told = parcel.mirrored;
        let Some(head) = &parcel.head else {
            let bare = parcel.entries.is_empty();
            return Ok(bare
                .then_some(intake)
                .ok_or_else(|| Taken::malformed("entries without a head")));
        };
        let held = |range: Range<u64>| entries_of(store, self.id, range);
        let extension =
            turn.mirror
                .extend(parcel.base, &parcel.entries, head, &self.their_keys, held)?;
        Ok(match extension {
            Extension::Extended(extended) => {
                let newest = extended.mirror.head().filter(|_| !extended.new.is_empty());
                intake.growth.head = newest.map(|head| MirrorHead {
                    size: head.size(),
                    note: head.note().to_owned(),
                    received_at: now,
                });
                intake.growth.entries = extended.new.iter().map(|e| *e.as_bytes()).collect();
                if newest.is_some() {
                    intake.mirror_at = Some(now);
                }
                intake.mirror = extended.mirror;
                let doubled = store.mirror_holds(self.id, &intake.growth.entries)?;
                (!doubled).then_some(intake).ok_or_else(Taken::doubled)
            }
            Extension::Doubled { .. } => Err(Taken::doubled()),
            Extension::Stale { have } => Err(Taken::Problem(Problem::Stale { have })),
            // A history that was rewritten shows its difference once we see all of it.
            Extension::WrongRoot if parcel.base > 0 => {
                Err(Taken::Problem(Problem::Stale { have: 0 }))
            }
            Extension::WrongRoot => {
                Err(Taken::malformed("the entries do not give the head's root"))
            }
            Extension::WrongSize => Err(Taken::malformed("the entries do not end at the head")),
            Extension::BadSignature(fault) => Err(Taken::malformed(&fault.to_string())),
            Extension::Fork { index, head } => Err(Taken::Fork(Fork {
                found_at: now,
                position: index,
                held_note: turn
                    .mirror
                    .head()
                    .map_or(String::new(), |h| h.note().to_owned()),
                shown_note: head.note().to_owned(),
                shown_base: parcel.base,
                shown_entries: parcel.entries.iter().map(|e| *e.as_bytes()).collect(),
            })),
        })
    }

    /// How many entries of ours the partner has cosigned, if it states fewer now and we have only started.
    pub fn forgotten(
        &self,
        store: &Store,
        turn: &Turn,
        told: u64,
    ) -> Result<Option<u64>, StoreError> {
        if turn.confirmed {
            return Ok(None);
        }
        let cosigned = store.cosignature(self.id)?.map(|line| line.size);
        Ok(cosigned.filter(|size| *size > told))
    }

    /// The partner's cosignature of our head of that size, if it is right.
    fn cosigned(
        &self,
        store: &Store,
        size: u64,
        line: &str,
        now: Timestamp,
    ) -> Result<Option<store::Cosignature>, StoreError> {
        let Some(row) = store
            .head_within(self.id, size)?
            .filter(|head| head.size == size)
        else {
            return Ok(None);
        };
        let head = Head::new(self.our_keys.origin(), size, Hash::new(row.root));
        let right = line.parse().ok().is_some_and(|parsed| {
            Cosignature::verify(&parsed, &head, self.their_keys.ml_dsa_44()).is_ok()
        });
        Ok(right.then(|| store::Cosignature {
            size,
            line: line.to_owned(),
            received_at: now,
        }))
    }

    /// A head of our log over what follows `base`, signed, with at most `most` entries after it; none while the log is empty
    /// or while we may not sign.
    ///
    /// Only what stands in the store is signed: the head was committed before this is called.
    pub fn head_from(
        &self,
        store: &Store,
        turn: &mut Turn,
        log: &SigningKey,
        base: u64,
        most: u64,
    ) -> Result<Option<SignedHead>, StoreError> {
        let Some(newest) = turn.head.filter(|_| turn.confirmed && !turn.forked) else {
            return Ok(None);
        };
        let row = if newest.size - base.min(newest.size) > most {
            store.head_within(self.id, base + most)?
        } else {
            Some(newest)
        };
        let Some(row) = row.filter(|row| row.size >= base) else {
            return Ok(None);
        };
        let known = turn
            .signed
            .take()
            .filter(|signed| signed.size() == row.size);
        let signed = known.unwrap_or_else(|| {
            let head = Head::new(self.our_keys.origin(), row.size, Hash::new(row.root));
            sign(&self.our_keys, log, head, row.at)
        });
        turn.signed = Some(signed.clone());
        Ok(Some(signed))
    }

    /// Our cosignature line of the partner's newest head, and its size.
    pub fn cosign(&self, turn: &mut Turn, log: &SigningKey) -> Option<(String, u64)> {
        let allowed = turn.confirmed && !turn.forked;
        let head = turn.mirror.head().filter(|_| allowed)?;
        let (key, at) = (self.our_keys.ml_dsa_44(), turn.mirror_at?);
        let message = cosignature::message(key, at, head.head());
        let line = cosignature::line(key, at, &log.sign_mldsa44(&message)[..]);
        let size = head.size();
        turn.cosigned = size;
        Some((line.to_string(), size))
    }
}

/// What came of a parcel's entries, head and cosignature.
pub enum Taken {
    /// The mirror grows.
    Intake(Box<Intake>),
    /// The sender is told.
    Problem(Problem),
    /// Two histories were signed: the evidence.
    Fork(Fork),
    /// The sender mirrors more of our log than we have: our own data are old.
    OurDataAreOld,
    /// The sender mirrors less of our log than the so many entries that it has cosigned.
    Forgotten(u64),
}

impl Taken {
    fn doubled() -> Self {
        Taken::malformed("an entry stands twice in the log")
    }

    fn malformed(detail: &str) -> Self {
        Taken::Problem(Problem::malformed(detail))
    }
}

impl Intake {
    /// The entry of the mirror at a position, as it will stand.
    pub fn entry(
        &self,
        store: &Store,
        link: LinkId,
        position: u64,
    ) -> Result<Option<Entry>, StoreError> {
        if let Some(new) = position.checked_sub(self.growth.base) {
            let entry = usize::try_from(new)
                .ok()
                .and_then(|at| self.growth.entries.get(at));
            return Ok(entry.copied().map(Entry::new));
        }
        let row = store.mirror_entry(link, position)?;
        Ok(row.map(|row| Entry::new(row.entry)))
    }
}

impl Turn {
    fn read(
        store: &Store,
        link: LinkId,
        their_keys: &LogKeys,
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
        let note = row
            .as_ref()
            .map(|row| SignedHead::verify(&row.note, their_keys));
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
        })
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
            growth: MirrorGrowth {
                base: self.mirror.size(),
                entries: Vec::new(),
                head: None,
                cosignature: None,
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
        self.told = intake.told.min(self.own.size());
        if intake.confirmed {
            self.confirm();
        }
    }
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

/// A head with both signatures of its log.
fn sign(keys: &LogKeys, log: &SigningKey, head: Head, at: Timestamp) -> SignedHead {
    let ed25519 = log.sign_ed25519(head.text().as_bytes());
    let message = cosignature::message(keys.ml_dsa_44(), at, &head);
    let ml_dsa_44 = log.sign_mldsa44(&message);
    head.signed(keys, at, &ed25519, &ml_dsa_44[..])
}

fn entries_of(store: &Store, link: LinkId, range: Range<u64>) -> Result<Vec<Entry>, StoreError> {
    let rows = store.mirror_entries(link, range.start, range.end - range.start)?;
    Ok(rows.into_iter().map(Entry::new).collect())
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
