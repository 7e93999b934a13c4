//! The private keys of a running node, old and new: which of them serves is what our own notices say.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
};

use entente_ledger::{
    KeyRing, LogKeys,
    notice::{KeyUse, Use},
};
use entente_seal::{Identity, SigningKey};
use jiff::Timestamp;

use crate::keys::{BadKeys, Keys, Transport};

/// A body is opened up to this length, to find out under which key it lies.
const BODY_MAX_BYTES: u64 = 2 * 1024 * 1024;

/// Every private key that lies in `keys/`.
pub struct Keychain {
    folder: PathBuf,
    held: RwLock<Held>,
}

#[derive(Default)]
struct Held {
    logs: Vec<Arc<SigningKey>>,
    seals: Vec<Arc<Identity>>,
    transports: Vec<Arc<Transport>>,
}

/// The keys with which our log for one partner is signed now.
pub struct Signer {
    /// The public keys.
    pub keys: LogKeys,
    /// The private ones.
    pub key: Arc<SigningKey>,
    /// From when on they serve: nothing is signed as of an earlier instant.
    pub from: Timestamp,
}

impl Signer {
    /// `at`, or the first instant at which the key serves if that is later.
    pub fn at(&self, at: Timestamp) -> Timestamp {
        at.max(self.from)
    }
}

impl Keychain {
    /// The first keys, and all later ones in the folder.
    pub fn of(first: Keys, folder: &Path) -> Result<Self, BadKeys> {
        let (log, seal, transport) = first.apart();
        let chain = Self {
            folder: folder.to_owned(),
            held: RwLock::new(Held {
                logs: vec![Arc::new(log)],
                seals: vec![Arc::new(seal)],
                transports: vec![Arc::new(transport)],
            }),
        };
        chain.read_anew()?;
        Ok(chain)
    }

    /// Reads what was put into the folder since.
    pub fn read_anew(&self) -> Result<(), BadKeys> {
        let later = crate::keys::later(&self.folder)?;
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        for log in later.logs {
            if !held.logs.iter().any(|known| is_log(known, &log)) {
                held.logs.push(Arc::new(log));
            }
        }
        for seal in later.seals {
            let recipient = seal.recipient().to_string();
            if !held
                .seals
                .iter()
                .any(|known| known.recipient().to_string() == recipient)
            {
                held.seals.push(Arc::new(seal));
            }
        }
        for transport in later.transports {
            if !held
                .transports
                .iter()
                .any(|known| known.pin() == transport.pin())
            {
                held.transports.push(Arc::new(transport));
            }
        }
        Ok(())
    }

    /// Whether the private key of a public one is at hand.
    pub fn holds(&self, key: &KeyUse) -> bool {
        match key {
            KeyUse::Log { ed25519, .. } => self.log(ed25519.public()).is_some(),
            KeyUse::Seal(recipient) => self.seal(recipient).is_some(),
            KeyUse::Transport(pin) => self.transport(pin).is_some(),
        }
    }

    /// The keys that sign our log for `partner` at `now`; none if none serves.
    pub fn signer(
        &self,
        ring: &KeyRing,
        partner: &entente_ledger::Id,
        now: Timestamp,
    ) -> Option<Signer> {
        let (keys, span) = ring.log_at(partner, now)?;
        Some(Signer {
            key: self.log(keys.ed25519().public())?,
            keys,
            from: span.from,
        })
    }

    /// The transport key with this digest.
    pub fn transport(&self, pin: &[u8; 32]) -> Option<Arc<Transport>> {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        held.transports
            .iter()
            .find(|key| key.pin() == *pin)
            .cloned()
    }

    /// The key for which we seal what only we shall read.
    pub fn own_seal(&self, ring: &KeyRing, now: Timestamp) -> Arc<Identity> {
        let current = ring.seal_at(now).and_then(|recipient| self.seal(recipient));
        current.unwrap_or_else(|| self.last_seal())
    }

    /// The seal key that opens these bytes; the newest if none does. What was sealed before a key changed still opens.
    pub fn opener(&self, sealed: &[u8]) -> Arc<Identity> {
        let seals = {
            let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
            held.seals.clone()
        };
        if seals.len() > 1 {
            let opens =
                |key: &&Arc<Identity>| entente_seal::open(key, sealed, BODY_MAX_BYTES).is_ok();
            if let Some(key) = seals.iter().rev().find(opens) {
                return Arc::clone(key);
            }
        }
        self.last_seal()
    }

    /// Forgets seal keys, here and on the disk: nothing that is sealed for them opens any more.
    pub fn destroy_seals(&self, recipients: &[String]) -> std::io::Result<()> {
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        held.seals
            .retain(|key| !recipients.contains(&key.recipient().to_string()));
        for path in crate::keys::seal_files(&self.folder, recipients) {
            fs::remove_file(path)?;
        }
        Ok(())
    }

    fn last_seal(&self) -> Arc<Identity> {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        // There is always one: the key that serves is never destroyed.
        Arc::clone(&held.seals[held.seals.len() - 1])
    }

    fn log(&self, ed25519: &[u8]) -> Option<Arc<SigningKey>> {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        held.logs
            .iter()
            .find(|key| key.ed25519_public() == ed25519)
            .cloned()
    }

    fn seal(&self, recipient: &str) -> Option<Arc<Identity>> {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        held.seals
            .iter()
            .find(|key| key.recipient().to_string() == recipient)
            .cloned()
    }
}

impl Keychain {
    /// The transport keys that serve at `now`, the one that began last first, each with the number of its notice.
    pub fn transports(&self, ring: &KeyRing, now: Timestamp) -> Vec<(u64, Arc<Transport>)> {
        let serving = ring.serving(Use::Transport, now).into_iter();
        let held = serving.filter_map(|span| match &span.key {
            KeyUse::Transport(pin) => Some((span.number, self.transport(pin)?)),
            _ => None,
        });
        held.collect()
    }

    /// A transport key, though none serves: nobody lets it in, and that is told as such.
    pub fn any_transport(&self) -> Arc<Transport> {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&held.transports[held.transports.len() - 1])
    }
}

fn is_log(one: &SigningKey, other: &SigningKey) -> bool {
    one.ed25519_public() == other.ed25519_public()
}
