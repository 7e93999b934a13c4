//! The memorandum as a node holds it: every version it has, compiled, and which one is in force.

use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
};

use entente_cooperation::{
    digest::Digest,
    memorandum::{Fault, Files, Memorandum, signature::Listing},
    policy::Policy,
};

/// One version of the memorandum, ready to judge.
pub struct Agreement {
    /// The digest over its files.
    pub digest: Digest,
    /// What it says.
    pub memorandum: Memorandum,
    /// How it judges.
    pub policy: Policy,
}

impl Agreement {
    /// The version in these files. Fails with every fault of them, each at its file and line.
    pub fn of(files: &Files) -> Result<Self, Vec<Fault>> {
        let memorandum = Memorandum::read_files(files)?;
        let policy = Policy::compile(&memorandum, files)?;
        Ok(Self {
            digest: Listing::of(files).digest(),
            memorandum,
            policy,
        })
    }
}

/// The versions that a node holds. They grow while it runs; none is ever taken away.
pub struct Agreements(RwLock<Held>);

struct Held {
    all: BTreeMap<Digest, Arc<Agreement>>,
    current: Arc<Agreement>,
}

impl Agreements {
    /// The versions held, with this one in force.
    pub fn new(current: Arc<Agreement>) -> Self {
        let all = BTreeMap::from([(current.digest, Arc::clone(&current))]);
        Self(RwLock::new(Held { all, current }))
    }

    /// The version in force.
    pub fn current(&self) -> Arc<Agreement> {
        Arc::clone(&self.read().current)
    }

    /// The version with this digest, if it is held.
    pub fn of(&self, digest: &Digest) -> Option<Arc<Agreement>> {
        self.read().all.get(digest).map(Arc::clone)
    }

    /// Holds another version. It is in force from now on if `in_force`; else it is an older one that acts may still name.
    pub fn hold(&self, agreement: Arc<Agreement>, in_force: bool) {
        let mut held = self.0.write().unwrap_or_else(PoisonError::into_inner);
        held.all.insert(agreement.digest, Arc::clone(&agreement));
        if in_force {
            held.current = agreement;
        }
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, Held> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }
}
