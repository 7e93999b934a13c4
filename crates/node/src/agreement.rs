//! The memorandum as a node holds it: every version it has, compiled, and which one is in force.

use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
};

use entente_cooperation::{
    digest::Digest,
    memorandum::{Fault, Files, Held, Memorandum, Versions, signature::Listing},
    policy::Policy,
};
use jiff::Timestamp;

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
pub struct Agreements(RwLock<Holdings>);

struct Holdings {
    all: BTreeMap<Digest, Arc<Agreement>>,
    versions: Versions,
    /// The one that serves before any of them has taken effect: a node may be set up ahead of its first day.
    first: Arc<Agreement>,
}

impl Agreements {
    /// The versions held, of which this is the first.
    pub fn new(first: Arc<Agreement>) -> Self {
        let all = BTreeMap::from([(first.digest, Arc::clone(&first))]);
        let versions = versions_of(&all);
        Self(RwLock::new(Holdings {
            all,
            versions,
            first,
        }))
    }

    /// The version in force at an instant.
    pub fn in_force(&self, at: Timestamp) -> Arc<Agreement> {
        let held = self.read();
        held.named(held.versions.in_force(at))
    }

    /// The version that judges an act: that of its release if it came soon enough, else that of its receipt (6.3).
    pub fn judging(&self, released_at: Timestamp, received_at: Timestamp) -> Arc<Agreement> {
        let held = self.read();
        held.named(held.versions.judging(released_at, received_at))
    }

    /// The version with this digest, if it is held.
    pub fn of(&self, digest: &Digest) -> Option<Arc<Agreement>> {
        self.read().all.get(digest).map(Arc::clone)
    }

    /// Holds another version; it is in force from the day that it states.
    pub fn hold(&self, agreement: Arc<Agreement>) {
        let mut held = self.0.write().unwrap_or_else(PoisonError::into_inner);
        held.all.insert(agreement.digest, agreement);
        held.versions = versions_of(&held.all);
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, Holdings> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Holdings {
    fn named(&self, held: Option<&Held>) -> Arc<Agreement> {
        let agreement = held.and_then(|held| self.all.get(&held.digest));
        Arc::clone(agreement.unwrap_or(&self.first))
    }
}

fn versions_of(all: &BTreeMap<Digest, Arc<Agreement>>) -> Versions {
    Versions::new(
        all.iter()
            .map(|(digest, agreement)| (*digest, &agreement.memorandum)),
    )
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use entente_cooperation::memorandum::read::files_of;

    use super::*;

    /// The model memorandum, and the same with a second version from 8 June 2016.
    fn two_versions() -> (Arc<Agreement>, Arc<Agreement>) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../memorandum");
        let mut files = files_of(&folder).unwrap();
        let first = Agreement::of(&files).unwrap();
        let head = files.get_mut("annex/00_memorandum.toml").unwrap();
        let mut text = String::from_utf8(head.clone()).unwrap();
        text = text.replacen("version = \"2016-1\"", "version = \"2016-2\"", 1);
        text += "\n[[version]]\nid = \"2016-2\"\narticle = \"6.3\"\nin_force_from = 2016-06-08\n";
        text += "label = { fr = \"Deux\", nl = \"Twee\", ar = \"اثنان\", en = \"Two\" }\n";
        *head = text.into_bytes();
        (Arc::new(first), Arc::new(Agreement::of(&files).unwrap()))
    }

    #[test]
    fn a_version_serves_from_the_day_that_it_states() {
        let (first, second) = two_versions();
        let agreements = Agreements::new(Arc::clone(&first));
        agreements.hold(Arc::clone(&second));
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let in_force = |text: &str| agreements.in_force(at(text)).digest;
        assert_eq!(in_force("2016-01-01T00:00:00Z"), first.digest);
        assert_eq!(in_force("2016-06-07T23:59:59Z"), first.digest);
        assert_eq!(in_force("2016-06-08T00:00:00Z"), second.digest);
        let judging =
            |released: &str, received: &str| agreements.judging(at(released), at(received)).digest;
        assert_eq!(
            judging("2016-06-07T12:00:00Z", "2016-06-08T12:00:00Z"),
            first.digest
        );
        assert_eq!(
            judging("2016-06-07T12:00:00Z", "2016-06-08T12:00:01Z"),
            second.digest
        );
    }
}
