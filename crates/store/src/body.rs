//! Sealed bodies and the wrapped file keys that open them.

use crate::{
    Bytes32, JournalLine, Store, StoreError, journal,
    sql::{Transaction, values},
};

/// A body as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body {
    /// The sealed bytes.
    pub sealed: Vec<u8>,
    /// The file key that opens them, wrapped.
    pub wrapped: Vec<u8>,
}

impl Store {
    /// The sealed bytes of a message, if they are kept.
    pub fn sealed(&self, message: &Bytes32) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(|transaction| {
            transaction.one(
                "select sealed from body where message = $1 limit 1",
                &values![message],
                |row| row.get(0),
            )
        })
    }

    /// The sealed bytes of a message and its wrapped file key; none once it is erased.
    pub fn body(&self, message: &Bytes32) -> Result<Option<Body>, StoreError> {
        self.read(|transaction| {
            transaction.one(
                "select b.sealed, k.wrapped from body b join file_key k on k.message = b.message
                 where b.message = $1 limit 1",
                &values![message],
                |row| {
                    Ok(Body {
                        sealed: row.get(0)?,
                        wrapped: row.get(1)?,
                    })
                },
            )
        })
    }

    /// Erases the content of a message, and notes it in the journal, in one transaction; false if it was erased before, and then
    /// nothing is noted. The sealed bytes stay, unreadable, so that their digest can still be shown.
    ///
    /// The deleted page stands in the write-ahead log until [`Store::tidy_after_erasure`].
    pub fn erase(&self, message: &Bytes32, line: &JournalLine) -> Result<bool, StoreError> {
        // A crash after the commit and before the next checkpoint leaves the deleted page in the write-ahead log, which
        // `tidy` truncates at the next start.
        let gone = self.write(|transaction| {
            let gone =
                transaction.run("delete from file_key where message = $1", &values![message])?;
            if gone == 1 {
                journal::append(transaction, std::slice::from_ref(line))?;
            }
            Ok(gone == 1)
        })?;
        if gone {
            self.erased();
        }
        Ok(gone)
    }
}

/// Keeps a sealed body and its wrapped file key.
pub(crate) fn keep(
    transaction: &Transaction<'_>,
    message: &Bytes32,
    body: &Body,
) -> Result<(), StoreError> {
    transaction.run(
        "insert into body (message, sealed) values ($1, $2)",
        &values![message, &body.sealed],
    )?;
    transaction.run(
        "insert into file_key (message, wrapped) values ($1, $2)",
        &values![message, &body.wrapped],
    )?;
    Ok(())
}
