//! Who must be told of an act that was refused on receipt: the oversight authorities, on both sides.

use jiff::Timestamp;

use crate::{
    Bytes32, LinkId, Store, StoreError,
    sql::{Row, Transaction, values},
};

/// One organ that must be told of one act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The message of the act.
    pub message: Bytes32,
    /// The organ that is told.
    pub organ: String,
    /// The reference of the act, as it says itself.
    pub reference: Option<String>,
    /// The instant of the receipt that refuses it: the same on both sides.
    pub at: Timestamp,
}

impl Store {
    /// Who is told of an act, by organ.
    pub fn notices_of(&self, link: LinkId, message: &Bytes32) -> Result<Vec<Notice>, StoreError> {
        self.read(|transaction| {
            transaction.all(
                "select message, organ, reference, at_ns from notice where link = $1 and message = $2
                 order by organ limit 1000",
                &values![link.0, message],
                notice,
            )
        })
    }

    /// The notices of a link, newest first.
    pub fn notices(&self, link: LinkId, limit: u64) -> Result<Vec<Notice>, StoreError> {
        self.read(|transaction| {
            transaction.all(
                "select message, organ, reference, at_ns from notice where link = $1
                 order by at_ns desc, message, organ limit $2",
                &values![link.0, limit],
                notice,
            )
        })
    }
}

/// Writes notices. One that stands stays as it is.
pub(crate) fn insert(
    transaction: &Transaction<'_>,
    link: LinkId,
    notices: &[Notice],
) -> Result<(), StoreError> {
    for notice in notices {
        transaction.run(
            "insert into notice (link, message, organ, reference, at_ns) values ($1, $2, $3, $4, $5)
             on conflict do nothing",
            &values![
                link.0,
                &notice.message,
                &notice.organ,
                &notice.reference,
                notice.at
            ],
        )?;
    }
    Ok(())
}

fn notice(row: &Row<'_>) -> Result<Notice, StoreError> {
    Ok(Notice {
        message: row.get(0)?,
        organ: row.get(1)?,
        reference: row.get(2)?,
        at: row.instant(3)?,
    })
}
