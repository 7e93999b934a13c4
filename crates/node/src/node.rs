//! A node: what one Party holds and who it speaks to. What it does with an act stands in [`crate::flow`].

use std::{
    collections::BTreeMap,
    fs::{File, TryLockError},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
};

use entente_ledger::{Frontier, Introduction};
use entente_store::{Store, StoreError, Version};
use tokio::sync::Notify;

use crate::{
    agreement::{Agreement, Agreements},
    awaited::Awaited,
    chance::Chance,
    clock::Clock,
    desk::{Desk, Shelf},
    heard::Heard,
    journal::{Kind, Line},
    keychain::Keychain,
    keys::{BadKeys, Keys},
    link::{BadLink, Link},
    peer::traffic::Traffic,
    rings::Ring,
    roster::Roster,
    stuck::AllStuck,
    wraps::Wraps,
};

/// What a node is opened with.
pub struct Opening {
    /// Our own introduction: who we are, our public keys.
    pub introduction: Introduction,
    /// Our private keys.
    pub keys: Keys,
    /// The database file; made if absent.
    pub database: PathBuf,
    /// The folder of the wrap keys.
    pub wraps: PathBuf,
    /// The file whose lock says that one node runs here.
    pub lock: PathBuf,
    /// The memorandum in force.
    pub agreement: Arc<Agreement>,
    /// The partners whose introductions were accepted.
    pub partners: Vec<Introduction>,
    /// The officers.
    pub roster: Roster,
    /// The clock.
    pub clock: Clock,
    /// Chance.
    pub chance: Chance,
}

/// A node of one Party.
pub struct Node {
    /// Our own introduction.
    pub introduction: Introduction,
    /// What we keep.
    pub store: Store,
    /// The clock.
    pub clock: Clock,
    /// Chance.
    pub chance: Chance,
    /// The versions of the memorandum.
    pub agreements: Agreements,
    /// The officers.
    pub roster: Roster,
    /// Our keys over time.
    pub ring: Ring,
    /// Our private keys.
    pub(crate) keychain: Keychain,
    pub(crate) wraps: Wraps,
    pub(crate) desk: Desk,
    links: RwLock<BTreeMap<String, Arc<Link>>>,
    journal: Mutex<Frontier>,
    /// Who waits for a receipt.
    pub awaited: Arc<Awaited>,
    /// What partners' answers tell of them.
    pub heard: Heard,
    /// What the work that is due cannot do just now.
    pub stuck: AllStuck,
    /// Bytes to and from partners.
    pub traffic: Arc<Traffic>,
    /// Told when a partner was accepted.
    pub met: Notify,
    _lock: File,
}

/// Why a node does not open. Our own operator acts.
#[derive(Debug, thiserror::Error)]
pub enum OpenFault {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The keys.
    #[error(transparent)]
    Keys(#[from] BadKeys),
    /// A link.
    #[error(transparent)]
    Link(#[from] BadLink),
    /// Another node runs on the same folder: there is one writer.
    #[error("another node runs on `{0}`")]
    Running(PathBuf),
    /// The lock cannot be taken.
    #[error("the lock `{0}` cannot be taken")]
    Lock(PathBuf, #[source] std::io::Error),
    /// The clock is driven and the node no demonstration, or the reverse.
    #[error("a driven clock is for demonstrations, and only for them")]
    Demonstration,
    /// A partner is no party to the same memorandum, or its kind of node is another.
    #[error(
        "`{0}` is no Party of the memorandum or was introduced for another, or one of the two is a demonstration and the other is not"
    )]
    Partner(String),
}

impl Node {
    /// Opens a node on what it keeps. Nothing is sent and nothing is signed yet.
    pub fn open(opening: Opening) -> Result<Self, OpenFault> {
        let lock = lock(&opening.lock)?;
        if opening.clock.is_driven() != opening.introduction.who().demo {
            return Err(OpenFault::Demonstration);
        }
        let store = Store::open(&opening.database)?;
        // What was erased before a crash is truncated out of the write-ahead log before anything is served.
        store.tidy()?;
        let keychain = Keychain::of(opening.keys, &opening.wraps)?;
        let node = Self {
            desk: Desk::of(opening.introduction.who().party.as_str()),
            ring: Ring::of(&opening.introduction),
            introduction: opening.introduction,
            keychain,
            store,
            clock: opening.clock,
            chance: opening.chance,
            agreements: Agreements::new(opening.agreement),
            roster: opening.roster,
            wraps: Wraps::in_folder(&opening.wraps),
            links: RwLock::default(),
            journal: Mutex::default(),
            awaited: Arc::default(),
            heard: Heard::default(),
            stuck: AllStuck::default(),
            traffic: Arc::default(),
            met: Notify::new(),
            _lock: lock,
        };
        node.hold(node.agreement())?;
        for partner in &opening.partners {
            node.accept(partner)?;
        }
        node.write_down(Line::new(Kind::Node, node.clock.now()).with("what", "started"))?;
        node.replay_erasures()?;
        Ok(node)
    }

    /// What ran out since a backup was made is erased again before anybody is served.
    ///
    /// A step that fails is in the journal and tried again with the work that is due; content is never lost by it.
    fn replay_erasures(&self) -> Result<(), StoreError> {
        for link in self.links() {
            if self.store.restoration(link.id)?.is_some()
                && let Err(fault) = self.due(&link)
            {
                tracing::error!(partner = %link.partner, %fault, "what ran out since the backup could not be done");
            }
        }
        Ok(())
    }

    /// Accepts a partner: opens the link, and lets its transport key in. An introduction accepted again changes nothing.
    pub fn accept(&self, partner: &Introduction) -> Result<Arc<Link>, OpenFault> {
        let (own, theirs) = (self.introduction.who(), partner.who());
        let party = theirs.party.to_string();
        let known = self.agreement();
        if known.memorandum.parties.get(&party).is_none()
            || own.memorandum != theirs.memorandum
            || own.demo != theirs.demo
            || own.party == theirs.party
        {
            return Err(OpenFault::Partner(party));
        }
        let mut links = self.links.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(link) = links.get(&party) {
            return Ok(Arc::clone(link));
        }
        let link = Arc::new(Link::open(
            &self.store,
            (&self.introduction, &self.ring),
            partner,
            self.clock.now(),
        )?);
        links.insert(party, Arc::clone(&link));
        self.met.notify_one();
        Ok(link)
    }

    /// Holds a version of the memorandum, besides those held already; it is in force from the day that it states.
    pub fn hold(&self, agreement: Arc<Agreement>) -> Result<(), StoreError> {
        let head = &agreement.memorandum.head;
        let version = Version {
            digest: agreement.digest.to_string(),
            number: head.version.clone(),
            held_since: self.clock.now(),
        };
        self.store.hold_version(&head.id, &version)?;
        self.agreements.hold(agreement);
        Ok(())
    }

    /// The version of the memorandum in force now.
    pub fn agreement(&self) -> Arc<Agreement> {
        self.agreements.in_force(self.clock.now())
    }

    /// Our own Party.
    pub fn party(&self) -> &str {
        self.introduction.who().party.as_str()
    }

    /// The memorandum's identifier.
    pub fn memorandum(&self) -> &str {
        self.introduction.who().memorandum.as_str()
    }

    /// Whether this is a demonstration.
    pub fn is_demo(&self) -> bool {
        self.introduction.who().demo
    }

    /// The link with a partner.
    pub fn link(&self, partner: &str) -> Option<Arc<Link>> {
        let links = self.links.read().unwrap_or_else(PoisonError::into_inner);
        links.get(partner).map(Arc::clone)
    }

    /// All links, by partner.
    pub fn links(&self) -> Vec<Arc<Link>> {
        let links = self.links.read().unwrap_or_else(PoisonError::into_inner);
        links.values().map(Arc::clone).collect()
    }

    /// Where the desk reads for a link, under the version in force.
    pub fn shelf<'a>(&'a self, link: &'a Link) -> Shelf<'a> {
        Shelf {
            store: &self.store,
            wraps: &self.wraps,
            agreements: &self.agreements,
            agreement: self.agreement(),
            link,
        }
    }

    /// The frontier of the journal, as far as it was computed.
    pub(crate) fn journal(&self) -> MutexGuard<'_, Frontier> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes one line into the journal.
    pub fn write_down(&self, line: Line<'_>) -> Result<(), StoreError> {
        self.store.journal(&[line.commit(&self.chance)])
    }
}

/// The lock of the one node that writes here; free again when the process ends, however it ends.
fn lock(path: &Path) -> Result<File, OpenFault> {
    let failed = |error| OpenFault::Lock(path.to_owned(), error);
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
        .map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenFault::Running(path.to_owned())),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}
