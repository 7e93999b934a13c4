//! The journal: what stays at home. Its size is never seen outside; its head enters each ledger once a day.

use jiff::Timestamp;

use crate::{
    Bytes32, LinkId, OwnGrowth, Store, StoreError,
    ledger::{self, opening},
    sql::{Row, Transaction, values},
};

/// One line of the journal. Its position is given by the writer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalLine {
    /// `SHA-256(salt ‖ record)`.
    pub entry: Bytes32,
    /// Salt and record, unless they were erased.
    pub opening: Option<(Bytes32, String)>,
    /// What happened, one word.
    pub kind: String,
    /// When.
    pub at: Timestamp,
    /// Who did it; none for the node itself.
    pub officer: Option<String>,
    /// The link it concerns.
    pub link: Option<LinkId>,
    /// The case or act it concerns.
    pub subject: Option<String>,
}

/// The head of the journal that entered a ledger on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalDay {
    /// Days since 1970-01-01, UTC.
    pub day: i64,
    /// Its entry in our log.
    pub position: u64,
    /// How many lines the journal had.
    pub journal_size: u64,
    /// The root over them.
    pub journal_root: Bytes32,
    /// The salt that hides the head.
    pub salt: Bytes32,
}

impl Store {
    /// Appends lines to the journal.
    pub fn journal(&self, lines: &[JournalLine]) -> Result<(), StoreError> {
        self.write(|transaction| append(transaction, lines))
    }

    /// At most `limit` lines before `before` (a position), newest first, with their positions.
    pub fn journal_page(
        &self,
        before: Option<u64>,
        limit: u64,
    ) -> Result<Vec<(u64, JournalLine)>, StoreError> {
        self.read(|transaction| {
            transaction.all(
                "select entry, salt, record, kind, at_ns, officer, link, subject, position from journal
                 where position < $1 order by position desc limit $2",
                &values![before.unwrap_or(u64::MAX >> 1), limit],
                |row| Ok((row.number(8)?, line(row)?)),
            )
        })
    }

    /// At most `limit` entries of the journal from `from` on, to compute its tree.
    pub fn journal_entries(&self, from: u64, limit: u64) -> Result<Vec<Bytes32>, StoreError> {
        self.read(|transaction| {
            transaction.all(
                "select entry from journal where position >= $1 order by position limit $2",
                &values![from, limit],
                |row| row.get(0),
            )
        })
    }

    /// The last day whose journal head entered the ledger of a link.
    pub fn last_journal_day(&self, link: LinkId) -> Result<Option<JournalDay>, StoreError> {
        self.read(|transaction| {
            transaction.one(
                "select day, position, journal_size, journal_root, salt from journal_day where link = $1
                 order by day desc limit 1",
                &values![link.0],
                |row| {
                    Ok(JournalDay {
                        day: row.get(0)?,
                        position: row.number(1)?,
                        journal_size: row.number(2)?,
                        journal_root: row.get(3)?,
                        salt: row.get(4)?,
                    })
                },
            )
        })
    }

    /// The journal's head of a day enters the ledger of a link: one entry, once a day, whatever happened at home.
    pub fn close_day(
        &self,
        link: LinkId,
        day: &JournalDay,
        growth: &OwnGrowth,
    ) -> Result<(), StoreError> {
        self.write(|transaction| {
            ledger::grow(transaction, link, growth)?;
            transaction.run(
                "insert into journal_day (link, day, position, journal_size, journal_root, salt)
                 values ($1, $2, $3, $4, $5, $6)",
                &values![
                    link.0,
                    day.day,
                    day.position,
                    day.journal_size,
                    &day.journal_root,
                    &day.salt
                ],
            )?;
            Ok(())
        })
    }
}

/// Appends lines behind the last. Their order among themselves is kept; nobody depends on their positions.
pub(crate) fn append(
    transaction: &Transaction<'_>,
    lines: &[JournalLine],
) -> Result<(), StoreError> {
    if lines.is_empty() {
        return Ok(());
    }
    let base = transaction.count(
        "select coalesce(max(position), -1) + 1 from journal",
        &values![],
    )?;
    for (position, line) in (base..).zip(lines) {
        let salt = line.opening.as_ref().map(|(salt, _)| *salt);
        let record = line.opening.as_ref().map(|(_, record)| record.as_str());
        let link = line
            .link
            .map_or(crate::sql::Value::Null, |link| link.0.into());
        transaction.run(
            "insert into journal (position, entry, salt, record, kind, at_ns, officer, link, subject)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            &[
                position.into(),
                (&line.entry).into(),
                (&salt).into(),
                record.into(),
                (&line.kind).into(),
                line.at.into(),
                (&line.officer).into(),
                link,
                (&line.subject).into(),
            ],
        )?;
    }
    Ok(())
}

fn line(row: &Row<'_>) -> Result<JournalLine, StoreError> {
    Ok(JournalLine {
        entry: row.get(0)?,
        opening: opening(row, 1)?,
        kind: row.get(3)?,
        at: row.instant(4)?,
        officer: row.get(5)?,
        link: row.get::<Option<i64>>(6)?.map(LinkId),
        subject: row.get(7)?,
    })
}
