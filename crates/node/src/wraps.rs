//! The keys under which file keys lie at rest: one for each period, outside the database and its backups.
//!
//! Whoever destroys the key of a period has erased all that was wrapped in it, in every copy of the database.

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

    /// The file key again, whatever period wrapped it. None if the key of that period was destroyed: the content is erased.
    pub fn unwrap(&self, wrapped: &[u8], message: &MessageId) -> Result<Option<FileKey>, BadWraps> {
        let Ok(wrapped) = WrappedKey::try_from(wrapped) else {
            return Ok(None);
        };
        match self.of(wrapped.epoch().0, false) {
            Ok(key) => match key.unwrap(&wrapped, message) {
                Ok(file_key) => Ok(Some(file_key)),
                Err(_) => Ok(None),
            },
            Err(BadWraps::File(_, error)) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
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
            Err(error) => Err(BadWraps::File(shown(), error)),
        }
    }
}
