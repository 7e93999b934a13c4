//! The keys under which file keys lie at rest: one for each period, outside the database and its backups.
//!
//! An erasure deletes the wrap and the sealed bytes. A copy of the database from before opens as long as the key of its period
//! lives, and no key of a period is destroyed yet (docs/PLAN.md). A key that is missing while something is kept under it is a loss, and told as one.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use entente_seal::{Epoch, FileKey, MessageId, WrapKey, WrappedKey};
use jiff::Timestamp;

use crate::folder::write_private;

/// A period lasts so many days.
const PERIOD_DAYS: i64 = 30;

/// The wrap keys of a node, by period.
pub struct Wraps {
    folder: PathBuf,
    keys: Mutex<BTreeMap<u32, Arc<WrapKey>>>,
}

/// Why a wrap key cannot be used. Our own operator acts.
#[derive(Debug, thiserror::Error)]
pub enum BadWraps {
    /// A key file cannot be read or written.
    #[error("the wrap key `{0}` cannot be used")]
    File(String, #[source] io::Error),
    /// The key file of a period is gone, and something is kept under it.
    #[error("the wrap key `{0}` is missing: what it wraps cannot be opened")]
    Missing(String),
    /// The wrap of a message does not open under the key of its period.
    #[error("the wrapped key of message {0} is damaged")]
    Damaged(MessageId),
    /// A key file does not hold a wrap key of its period.
    #[error("`{0}` holds no wrap key of its period")]
    Content(String),
}

impl Wraps {
    /// The wrap keys in this folder; each is read when it is first needed, and that of a new period is made.
    pub fn in_folder(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            keys: Mutex::default(),
        }
    }

    /// The key of the period that holds `now`.
    pub fn current(&self, now: Timestamp) -> Result<Arc<WrapKey>, BadWraps> {
        let days = now.as_second().div_euclid(86_400);
        let epoch = u32::try_from(days / PERIOD_DAYS).unwrap_or(0);
        self.of(epoch, true)
    }

    /// The file key again, whatever period wrapped it.
    ///
    /// What is erased has no wrap any more and is never asked for. So a key that is missing and a wrap that does not open are
    /// faults: content that was lost or damaged, not erased.
    pub fn unwrap(&self, wrapped: &[u8], message: &MessageId) -> Result<FileKey, BadWraps> {
        let damaged = || BadWraps::Damaged(*message);
        let wrapped = WrappedKey::try_from(wrapped).map_err(|_| damaged())?;
        let key = self.of(wrapped.epoch().0, false)?;
        key.unwrap(&wrapped, message).map_err(|_| damaged())
    }

    fn of(&self, epoch: u32, make: bool) -> Result<Arc<WrapKey>, BadWraps> {
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = keys.get(&epoch) {
            return Ok(Arc::clone(key));
        }
        let key = Arc::new(self.read_or_make(epoch, make)?);
        keys.insert(epoch, Arc::clone(&key));
        Ok(key)
    }

    fn read_or_make(&self, epoch: u32, make: bool) -> Result<WrapKey, BadWraps> {
        let path = self.folder.join(format!("wrap-{epoch}.key"));
        let shown = || path.display().to_string();
        match fs::read_to_string(&path) {
            Ok(text) => {
                let key: Option<WrapKey> = text.parse().ok();
                key.filter(|key| key.epoch() == Epoch(epoch))
                    .ok_or_else(|| BadWraps::Content(shown()))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound && make => {
                let key = WrapKey::generate(Epoch(epoch));
                write_private(&path, key.to_text().as_bytes())
                    .map_err(|error| BadWraps::File(shown(), error))?;
                Ok(key)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(BadWraps::Missing(shown()))
            }
            Err(error) => Err(BadWraps::File(shown(), error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use entente_seal::{Identity, seal};

    #[test]
    fn a_lost_key_and_a_damaged_wrap_are_told_and_never_pass_for_erased() {
        let dir = tempfile::tempdir().unwrap();
        let now = "2026-03-02T09:00:00Z".parse().unwrap();
        let sealed = seal(&Identity::from_seed(&[5; 32]).recipient(), b"text");
        let message = sealed.message_id();
        let wraps = Wraps::in_folder(dir.path());
        let wrapped = wraps.current(now).unwrap().wrap(&sealed.file_key, &message);
        let mut wrapped = wrapped.as_bytes().to_vec();
        assert!(wraps.unwrap(&wrapped, &message).is_ok());

        let file = fs::read_dir(dir.path()).unwrap().next().unwrap().unwrap();
        fs::remove_file(file.path()).unwrap();
        let anew = Wraps::in_folder(dir.path());
        assert!(matches!(
            anew.unwrap(&wrapped, &message),
            Err(BadWraps::Missing(_))
        ));
        *wrapped.last_mut().unwrap() ^= 1;
        for damaged in [&wrapped[..], b"short"] {
            assert!(matches!(
                wraps.unwrap(damaged, &message),
                Err(BadWraps::Damaged(_))
            ));
        }
    }
}
