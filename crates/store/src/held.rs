//! What is held at home until its hour.

use jiff::Timestamp;

use crate::{
    Bytes32, LinkId, SentDraft, Store, StoreError, draft,
    sql::{Transaction, values},
};

/// An act that is held at home until its hour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Its number here.
    pub held: i64,
    /// When it leaves.
    pub leaves_at: Timestamp,
    /// The officer.
    pub officer: String,
    /// Its wrapped file key.
    pub wrapped: Vec<u8>,
    /// The draft, sealed for ourselves.
    pub sealed: Vec<u8>,
}

impl Store {
    /// Holds an act at home until its hour, and notes its draft by the digest. The number is given here; yields it.
    pub fn hold(&self, link: LinkId, held: &Held, digest: &Bytes32) -> Result<i64, StoreError> {
        self.write(|transaction| {
            let number = transaction
                .one(
                    "select coalesce(max(held), 0) + 1 from held",
                    &values![],
                    |row| row.get(0),
                )?
                .unwrap_or(1);
            transaction.run(
                "insert into held (held, link, leaves_at_ns, officer, wrapped, sealed)
                 values ($1, $2, $3, $4, $5, $6)",
                &values![
                    number,
                    link.0,
                    held.leaves_at,
                    &held.officer,
                    &held.wrapped,
                    &held.sealed
                ],
            )?;
            draft::note(transaction, digest, SentDraft::Held(number))?;
            Ok(number)
        })
    }

    /// The acts held on a link whose hour has come, in the order in which they were held.
    pub fn held_until(&self, link: LinkId, now: Timestamp) -> Result<Vec<Held>, StoreError> {
        self.read(|transaction| {
            transaction.all(
                "select held, leaves_at_ns, officer, wrapped, sealed from held where link = $1 and leaves_at_ns <= $2
                 order by held limit 10000",
                &values![link.0, now],
                |row| {
                    Ok(Held {
                        held: row.get(0)?,
                        leaves_at: row.instant(1)?,
                        officer: row.get(2)?,
                        wrapped: row.get(3)?,
                        sealed: row.get(4)?,
                    })
                },
            )
        })
    }

    /// The next hour after an instant at which a held act leaves, if one is held until then.
    pub fn next_held(
        &self,
        link: LinkId,
        after: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        self.read(|transaction| {
            let next = transaction.one(
                "select min(leaves_at_ns) from held where link = $1 and leaves_at_ns > $2",
                &values![link.0, after],
                |row| row.instant_or_none(0),
            )?;
            Ok(next.flatten())
        })
    }

    /// Drops a held act that was released, or that its officer took back.
    pub fn drop_held(&self, held: i64) -> Result<(), StoreError> {
        self.write(|transaction| drop_held(transaction, held))?;
        self.erased();
        Ok(())
    }
}

pub(crate) fn drop_held(transaction: &Transaction<'_>, held: i64) -> Result<(), StoreError> {
    transaction.run("delete from held where held = $1", &values![held])?;
    draft::forget_held(transaction, held)
}
