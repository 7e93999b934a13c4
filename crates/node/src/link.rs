//! One link as a running node holds it: whose keys, how far both logs have come, and whose turn it is.

use std::{
    ops::Range,
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
};

use entente_cooperation::receipt::NoticeRecord;
use entente_ledger::{
    Cosignature, Entry, Extension, Frontier, Hash, Head, Introduction, KeyRing, LogKeys, Mirror,
    Opening, Origin, Salt, SignatureLine, SignedHead, VerifierKey, cosignature,
    notice::introduction::Who,
};
use entente_seal::Recipient;
use entente_store::{
    self as store, EntryKind, Fork, Keyholder, LinkId, MirrorGrowth, MirrorHead, MirroredNotice,
    OwnEntry, OwnGrowth, Store, StoreError,
};
use jiff::Timestamp;
use tokio::sync::Notify;

use crate::{
    fault::SendFault,
    flow::Leaving,
    keychain::Signer,
    peer::{parcel::Parcel, problem::Problem},
    rings::{self, Ring},
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
    /// Our keys over time.
    pub ours: Ring,
    /// The partner's keys over time.
    pub theirs: Ring,
    sealing: RwLock<(String, Arc<Recipient>)>,
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
    signed: Option<(VerifierKey, SignedHead)>,
    /// The size of the partner's log that our last cosignature covered, since we started.
    cosigned: u64,
    theirs: Ring,
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
    ring: Option<KeyRing>,
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
        (own, ours): (&Introduction, &Ring),
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
        let theirs_over_time = Ring::of(partner);
        recall(store, id, (ours, Keyholder::Own))?;
        recall(store, id, (&theirs_over_time, Keyholder::Partner))?;
        let turn = Turn::read(store, id, (&their_keys, &theirs_over_time), &row.partner)?;
        let sealing = (partner.seal().to_owned(), partner.seal().parse());
        let recipient = sealing.1.map_err(bad_key)?;
        Ok(Self {
            id,
            opened_at,
            memorandum: row.memorandum.clone(),
            own: row.party.clone(),
            partner: row.partner.clone(),
            address: theirs.address.as_ref().map(ToString::to_string),
            ours: ours.clone(),
            theirs: theirs_over_time,
            sealing: RwLock::new((sealing.0, Arc::new(recipient))),
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
        recall(store, self.id, (&self.theirs, Keyholder::Partner))?;
        let theirs = (&self.their_keys, &self.theirs);
        *turn = Turn::read(store, self.id, theirs, &self.partner)
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

    /// For whom a body is sealed now; none if no seal key of the partner serves.
    pub fn recipient(&self, now: Timestamp) -> Option<Arc<Recipient>> {
        let known = |held: &(String, Arc<Recipient>)| {
            let (text, recipient) = held;
            let serves = self.theirs.read(|ring| ring.seal_at(now) == Some(text));
            serves.then(|| Arc::clone(recipient))
        };
        let held = known(&self.sealing.read().unwrap_or_else(PoisonError::into_inner));
        if held.is_some() {
            return held;
        }
        let text = self
            .theirs
            .read(|ring| ring.seal_at(now).map(str::to_owned))?;
        let recipient: Arc<Recipient> = Arc::new(text.parse().ok()?);
        let mut sealing = self.sealing.write().unwrap_or_else(PoisonError::into_inner);
        *sealing = (text, Arc::clone(&recipient));
        Some(recipient)
    }

    /// The name of our log.
    pub fn own_origin(&self) -> &Origin {
        self.our_keys.origin()
    }

    /// The keys that sign our log, as our introduction names them.
    pub fn our_keys(&self) -> &LogKeys {
        &self.our_keys
    }

    /// The keys that sign the partner's log, as its introduction names them.
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
        let learnt = match self.learnt(parcel, now) {
            Ok(learnt) => learnt,
            Err(taken) => return Ok(taken),
        };
        let mut intake = match self.extend(store, turn, (parcel, &learnt), now)? {
            Ok(intake) => intake,
            Err(taken) => return Ok(taken),
        };
        for notice in &learnt.notices {
            let opening = Opening::new(Salt::new(notice.opening.0), notice.opening.1.clone());
            let entry = intake.entry(store, self.id, notice.position)?;
            if !entry.is_some_and(|entry| opening.opens(&entry)) {
                return Ok(Taken::malformed(
                    "a notice that does not stand in its giver's log",
                ));
            }
        }
        if let Some(line) = &parcel.cosignature {
            let by = (&learnt.ring, line.as_str());
            let Some(cosignature) = self.cosigned(store, parcel.cosigned, by, now)? else {
                return Ok(Taken::Problem(Problem::malformed(
                    "the cosignature does not fit our head of that size",
                )));
            };
            // The partner states what it mirrors, and proves that it is our own history.
            intake.confirmed |= parcel.cosigned == parcel.mirrored;
            intake.growth.cosignature = Some(cosignature);
        }
        intake.confirmed |= parcel.mirrored == 0;
        if !learnt.notices.is_empty() {
            intake.growth.notices = learnt.notices;
            intake.ring = Some(learnt.ring);
        }
        Ok(Taken::Intake(Box::new(intake)))
    }

    fn extend(
        &self,
        store: &Store,
        turn: &Turn,
        (parcel, learnt): (&Parcel, &Learnt),
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
        let keys = match self.head_keys(&learnt.ring, head, now) {
            Ok(keys) => keys,
            Err(taken) => return Ok(Err(taken)),
        };
        let extension = turn
            .mirror
            .extend(parcel.base, &parcel.entries, head, &keys, held)?;
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
        (ring, line): (&KeyRing, &str),
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
            let key = ring.cosigner(&parsed).filter(|(_, span)| span.serves(now));
            key.is_some_and(|(key, _)| Cosignature::verify(&parsed, &head, key).is_ok())
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
        signer: Option<&Signer>,
        base: u64,
        most: u64,
    ) -> Result<Option<SignedHead>, StoreError> {
        let newest = turn.head.filter(|_| turn.confirmed && !turn.forked);
        let (Some(newest), Some(signer)) = (newest, signer) else {
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
            .filter(|(by, signed)| signed.size() == row.size && by == signer.keys.ed25519());
        let signed = known.map_or_else(|| sign(signer, row), |(_, signed)| signed);
        turn.signed = Some((signer.keys.ed25519().clone(), signed.clone()));
        Ok(Some(signed))
    }

    /// Our cosignature line of the partner's newest head, and its size.
    pub fn cosign(&self, turn: &mut Turn, signer: &Signer) -> Option<(String, u64)> {
        let allowed = turn.confirmed && !turn.forked;
        let head = turn.mirror.head().filter(|_| allowed)?;
        let line = cosign(signer, head.head(), turn.mirror_at?);
        let size = head.size();
        turn.cosigned = size;
        Some((line.to_string(), size))
    }
}

/// What a parcel says of its sender's keys: they may sign what it brings.
struct Learnt {
    ring: KeyRing,
    notices: Vec<MirroredNotice>,
}

impl Link {
    /// The partner's keys after the notices of a parcel.
    fn learnt(&self, parcel: &Parcel, now: Timestamp) -> Result<Learnt, Taken> {
        let mut ring = self.theirs.held();
        let mut notices = Vec::with_capacity(parcel.notices.len());
        for carried in &parcel.notices {
            let record = NoticeRecord::read(&carried.record)
                .map_err(|fault| Taken::malformed(&fault.to_string()))?;
            rings::learn(&mut ring, &record.note)
                .map_err(|fault| Taken::Keys(fault.to_string()))?;
            let number = ring
                .notices()
                .find(|(_, note)| *note == record.note)
                .map(|(notice, _)| notice.number());
            // Signed otherwise than the one held under its number, which says the same.
            let number = number.ok_or_else(|| Taken::malformed("a notice that is signed twice"))?;
            notices.push(MirroredNotice {
                number,
                note: record.note,
                position: carried.index,
                opening: (*carried.salt.as_bytes(), carried.record.clone()),
                learnt_at: now,
            });
        }
        Ok(Learnt { ring, notices })
    }

    /// The keys by which a head of the partner is verified: those whose lines it bears, if they serve now. What a key signs
    /// after its end is refused whatever instant it claims, since whoever stole it can claim any.
    fn head_keys(&self, ring: &KeyRing, head: &str, now: Timestamp) -> Result<LogKeys, Taken> {
        match ring.signer(head, self.our_keys.origin().own()) {
            Some((_, span)) if !span.serves(now) => Err(Taken::Keys(format!(
                "a head signed by a log key that does not serve: it serves from {} until {}",
                span.from, span.until
            ))),
            Some((keys, _)) => Ok(keys),
            None => Ok(self.their_keys.clone()),
        }
    }
}

/// What the rows say of the keys of one side. Notices of an identity that was replaced are passed over: they speak of its keys.
fn recall(
    store: &Store,
    link: LinkId,
    (ring, whose): (&Ring, Keyholder),
) -> Result<(), StoreError> {
    let mut held = ring.held();
    for row in store.key_notices(link, whose)? {
        if let Err(fault) = rings::learn(&mut held, &row.note) {
            tracing::warn!(number = row.number, %fault, "a kept key notice does not count");
        }
    }
    ring.replace(held);
    Ok(())
}

/// Our cosignature line of a head of the partner that came at an instant.
pub fn cosign(signer: &Signer, head: &Head, at: Timestamp) -> SignatureLine {
    let (key, at) = (signer.keys.ml_dsa_44(), signer.at(at));
    let message = cosignature::message(key, at, head);
    cosignature::line(key, at, &signer.key.sign_mldsa44(&message)[..])
}

/// What came of a parcel's entries, head and cosignature.
pub enum Taken {
    /// The mirror grows.
    Intake(Box<Intake>),
    /// The sender is told.
    Problem(Problem),
    /// A notice or a signature by a key that does not serve: the sender is told, and so are our people.
    Keys(String),
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

/// Our head of a stored row with both its signatures. Only what stands in the store is signed.
pub fn sign(signer: &Signer, row: store::Head) -> SignedHead {
    let (keys, log, at) = (&signer.keys, &signer.key, signer.at(row.at));
    let head = Head::new(keys.origin(), row.size, Hash::new(row.root));
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
