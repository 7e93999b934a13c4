//! What somebody with the database file in hand can do to it: for the demonstration of cheats, and for tests of what catches them.
//!
//! Nothing here opens a [`crate::Store`]: it is what any program that reads SQLite could do while the node stands still.

use std::path::Path;

use rusqlite::{Connection, params};

use crate::StoreError;

/// The database file of a node that does not run, opened by somebody who respects none of its rules.
pub struct Intruder(Connection);

/// A kept opening of a node's own log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptOpening {
    /// Its place in the log.
    pub position: u64,
    /// The salt.
    pub salt: [u8; 32],
    /// The record.
    pub record: String,
}

impl Intruder {
    /// Opens the file and turns its rules off.
    pub fn open(database: &Path) -> Result<Self, StoreError> {
        let connection = Connection::open(database)?;
        connection
            .execute_batch("pragma foreign_keys = off; pragma ignore_check_constraints = on;")?;
        Ok(Self(connection))
    }

    /// The newest opening of a kind (`act`, `receipt`) in the node's own logs.
    pub fn newest(&self, kind: &str) -> Result<Option<KeptOpening>, StoreError> {
        let sql = "select position, salt, record from entry where kind = $1 and salt is not null order by position desc limit 1";
        let mut statement = self.0.prepare(sql)?;
        let mut rows = statement.query(params![kind])?;
        let Some(row) = rows.next()? else {
            return Ok(None);
        };
        Ok(Some(KeptOpening {
            position: row.get::<_, i64>(0)?.unsigned_abs(),
            salt: row.get(1)?,
            record: row.get(2)?,
        }))
    }

    /// Rewrites a record, and its entry too if one is given.
    pub fn rewrite(
        &self,
        position: u64,
        record: &str,
        entry: Option<&[u8; 32]>,
    ) -> Result<(), StoreError> {
        let position = position.cast_signed();
        self.0.execute(
            "update entry set record = $1 where position = $2",
            params![record, position],
        )?;
        if let Some(entry) = entry {
            self.0.execute(
                "update entry set entry = $1 where position = $2",
                params![&entry[..], position],
            )?;
        }
        Ok(())
    }

    /// Drops everything from a place of the log on, as if it had never been: entries, heads, what was filed or released there.
    pub fn drop_from(&self, position: u64) -> Result<(), StoreError> {
        let position = position.cast_signed();
        for sql in [
            "delete from inbox where receipt_position >= $1",
            "delete from outbox where position >= $1",
            "delete from head where last_position >= $1",
            "delete from entry where position >= $1",
        ] {
            self.0.execute(sql, params![position])?;
        }
        Ok(())
    }
}
