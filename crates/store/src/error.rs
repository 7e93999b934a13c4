//! Why the store could not do it, by who must act.

use thiserror::Error;

/// Why a transaction did not happen. Nothing of it is kept, except after [`StoreError::Unavailable`] at a commit, where
/// the caller cannot know: so every write may be run again.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The write does not continue what stands: another came first. The caller reads anew and tries again.
    #[error("`{0}` has moved on")]
    Moved(&'static str),
    /// A rule of the schema forbids it: our own fault, never a partner's.
    #[error("the database refuses a row")]
    Forbidden(#[source] rusqlite::Error),
    /// The disk is full, the file is gone, the database is locked. The operator acts; nothing is lost.
    #[error("the database cannot be used now")]
    Unavailable(#[source] rusqlite::Error),
    /// A reader held the checkpoint up. It is tried again.
    #[error("the write-ahead log could not be emptied while somebody reads")]
    Busy,
    /// What stands in the database is not what we write there.
    #[error("the database holds an unreadable `{0}`")]
    Unreadable(&'static str),
    /// The database was written by a later version of the program.
    #[error("the database was written by a later version: migration `{0}`")]
    Newer(String),
    /// The database was written by an earlier version of the program, and nobody has brought it up to date.
    #[error("the database was written by an earlier version: start the node once with this one")]
    Older,
    /// The statement itself is wrong: our own fault.
    #[error("the database does not understand us")]
    Malformed(#[source] rusqlite::Error),
}

impl StoreError {
    /// Whether it did not happen because the disk is full: room helps, and nothing else.
    pub fn is_for_want_of_room(&self) -> bool {
        use rusqlite::ErrorCode::DiskFull;
        matches!(self, StoreError::Unavailable(error) if error.sqlite_error_code() == Some(DiskFull))
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode::{
            CannotOpen, ConstraintViolation, DatabaseBusy, DatabaseLocked, DiskFull, ReadOnly,
            SystemIoFailure,
        };
        match error.sqlite_error_code() {
            Some(ConstraintViolation) => StoreError::Forbidden(error),
            Some(
                DatabaseBusy | DatabaseLocked | DiskFull | SystemIoFailure | CannotOpen | ReadOnly,
            ) => StoreError::Unavailable(error),
            _ => StoreError::Malformed(error),
        }
    }
}
