//! Sealed bodies and the wrapped file keys that open them.

use crate::{
    Bytes32, JournalLine, LinkId, Store, StoreError, draft, journal,
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
    /// nothing is noted. Both go: the file key, and the sealed bytes, which the node's own seal key would open. Their digest
    /// stands in the record.
    ///
    /// `remains` stands in the place of the content of an act that we received.
    ///
    /// Deleted pages are overwritten (`secure_delete`), and stand in the write-ahead log until [`Store::tidy_after_erasure`].
    pub fn erase(
        &self,
        link: LinkId,
        message: &Bytes32,
        remains: Option<&str>,
        line: &JournalLine,
    ) -> Result<bool, StoreError> {
        // A crash after the commit and before the log is truncated: `tidy` truncates it at the next start.
        let gone = self.write(|transaction| {
            transaction.run("delete from file_key where message = $1", &values![message])?;
            let gone = transaction.run("delete from body where message = $1", &values![message])?;
            if gone == 1 {
                draft::forget(transaction, message)?;
                transaction.run(
                    "update inbox set remains = $1 where link = $2 and message = $3",
                    &values![remains, link.0, message],
                )?;
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

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    /// Whether a file of the folder holds these bytes.
    fn stands_in(folder: &Path, bytes: &[u8]) -> bool {
        fs::read_dir(folder).unwrap().any(|file| {
            let content = fs::read(file.unwrap().path()).unwrap();
            content.windows(bytes.len()).any(|window| window == bytes)
        })
    }

    fn noted(number: u8) -> JournalLine {
        JournalLine {
            entry: [number; 32],
            opening: None,
            kind: "erased".to_owned(),
            at: jiff::Timestamp::UNIX_EPOCH,
            officer: None,
            link: None,
            subject: None,
        }
    }

    #[test]
    fn of_what_is_erased_no_byte_is_left_in_the_folder_of_the_database() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("entente.sqlite")).unwrap();
        // One that fits a page, one that runs over many.
        for (number, length) in [(1, 2_000_u32), (2, 60_000)] {
            let sealed: Vec<u8> = (0..length)
                .map(|at| (at * at / 7 % 251) as u8 ^ number)
                .collect();
            let (message, wrapped) = ([number; 32], [number ^ 0xa5; 48].to_vec());
            let body = Body { sealed, wrapped };
            store
                .write(|transaction| keep(transaction, &message, &body))
                .unwrap();
            let (first, last) = (&body.sealed[..64], &body.sealed[body.sealed.len() - 64..]);
            for kept in [first, last, &body.wrapped] {
                assert!(stands_in(folder.path(), kept));
            }
            let line = noted(number);
            assert!(store.erase(LinkId(1), &message, None, &line).unwrap());
            store.tidy_after_erasure().unwrap();
            for piece in body
                .sealed
                .chunks_exact(64)
                .step_by(60)
                .chain([&*body.wrapped])
            {
                assert!(!stands_in(folder.path(), piece));
            }
            assert_eq!(store.sealed(&message).unwrap(), None);
            assert!(!store.erase(LinkId(1), &message, None, &line).unwrap());
        }
    }
}
