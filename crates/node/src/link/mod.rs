//! One link as a running node holds it: whose keys, how far both logs have come, and whose turn it is.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use entente_ledger::{
    Frontier, Introduction, KeyRing, LogKeys, Mirror, Origin, SignedHead, VerifierKey,
    notice::introduction::Who,
};
use entente_seal::Recipient;
use entente_store::{self as store, Keyholder, LinkId, MirrorGrowth, Store, StoreError};
use jiff::Timestamp;
use tokio::sync::Notify;

use crate::{
    fault::SendFault,
    flow::Leaving,
    rings::{self, Ring},
    rows::Sent,
    together::Queue,
};

mod head;
mod intake;
mod turn;

pub use head::{cosign, sign};
pub use intake::Taken;
pub use turn::{Growing, Standing};

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
        match turn.standing() {
            Standing::Forked => Err(SendFault::Forked),
            Standing::Starting => Err(SendFault::Starting),
            Standing::Open => Ok(()),
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
