//! Our own log of a link: entries with their openings, heads, and the partner's cosignature of the newest.

use jiff::Timestamp;

use crate::{
    Bytes32, LinkId, Store, StoreError,
    sql::{Row, Transaction, values},
};

/// What an entry of our own log commits to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// An act released.
    Act,
    /// A receipt given.
    Receipt,
    /// The second receipt: an officer answers for an act.
    Taken,
    /// A head of our journal.
    Journal,
    /// A notice of a key of ours.
    Notice,
    /// Given back by the partner after a loss; its opening is gone.
    Returned,
}

/// An entry of our own log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnEntry {
    /// Where it stands, counted from 0.
    pub position: u64,
    /// What it commits to.
    pub kind: EntryKind,
    /// The 32 bytes.
    pub entry: Bytes32,
    /// Salt and record, unless they were erased or lost.
    pub opening: Option<(Bytes32, String)>,
}

/// A head of our own log, as it stands before it is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// How many entries it covers, at least 1.
    pub size: u64,
    /// The root of the tree over them (RFC 6962).
    pub root: Bytes32,
    /// When the last entry was written.
    pub at: Timestamp,
}

/// What one transaction adds to our own log of a link: entries that follow each other, and the head over all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnGrowth {
    /// The new entries, the first at the old size.
    pub entries: Vec<OwnEntry>,
    /// The head over them.
    pub head: Head,
}

/// The partner's cosignature of a head of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cosignature {
    /// The size of the head it covers.
    pub size: u64,
    /// The note line.
    pub line: String,
    /// When it came.
    pub received_at: Timestamp,
}

impl EntryKind {
    const fn word(self) -> &'static str {
        match self {
            EntryKind::Act => "act",
            EntryKind::Receipt => "receipt",
            EntryKind::Taken => "taken",
            EntryKind::Journal => "journal",
            EntryKind::Notice => "notice",
            EntryKind::Returned => "returned",
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        [
            EntryKind::Act,
            EntryKind::Receipt,
            EntryKind::Taken,
            EntryKind::Journal,
            EntryKind::Notice,
            EntryKind::Returned,
        ]
        .into_iter()
        .find(|kind| kind.word() == word)
    }
}

impl Store {
    /// How many entries our own log has.
    pub fn own_size(&self, link: LinkId) -> Result<u64, StoreError> {
        self.read(|transaction| size(transaction, link))
    }

    /// At most `limit` entries of our own log from `from` on.
    pub fn own_entries(
        &self,
        link: LinkId,
        from: u64,
        limit: u64,
    ) -> Result<Vec<Bytes32>, StoreError> {
        self.read(|transaction| {
            transaction.all(
                "select entry from entry where link = $1 and position >= $2 order by position limit $3",
                &values![link.0, from, limit],
                |row| row.get(0),
            )
        })
    }

    /// The entry at a position of our own log, with its opening.
    pub fn own_entry(&self, link: LinkId, position: u64) -> Result<Option<OwnEntry>, StoreError> {
        self.read(|transaction| {
            transaction.one(
                "select position, kind, entry, salt, record from entry where link = $1 and position = $2 limit 1",
                &values![link.0, position],
                own_entry,
            )
        })
    }

    /// The second receipts among `count` entries of our own log from `from` on.
    pub fn own_takings(
        &self,
        link: LinkId,
        from: u64,
        count: u64,
    ) -> Result<Vec<OwnEntry>, StoreError> {
        self.read(|transaction| {
            transaction.all(
                "select position, kind, entry, salt, record from entry where link = $1 and kind = 'taken'
                 and position >= $2 and position < $3 order by position limit 65536",
                &values![link.0, from, from + count],
                own_entry,
            )
        })
    }

    /// The newest head of our own log; none while it is empty.
    pub fn newest_head(&self, link: LinkId) -> Result<Option<Head>, StoreError> {
        self.read(|transaction| newest_head(transaction, link, u64::MAX >> 1))
    }

    /// The newest head of our own log over at most `size` entries.
    pub fn head_within(&self, link: LinkId, size: u64) -> Result<Option<Head>, StoreError> {
        self.read(|transaction| newest_head(transaction, link, size))
    }

    /// The partner's newest cosignature of our log.
    pub fn cosignature(&self, link: LinkId) -> Result<Option<Cosignature>, StoreError> {
        self.read(|transaction| {
            transaction.one(
                "select size, line, received_at_ns from cosignature where link = $1 limit 1",
                &values![link.0],
                |row| {
                    Ok(Cosignature {
                        size: row.number(0)?,
                        line: row.get(1)?,
                        received_at: row.instant(2)?,
                    })
                },
            )
        })
    }

    /// Appends to our own log what stands in no other row: the daily head of the journal, entries that came back.
    pub fn grow(&self, link: LinkId, growth: &OwnGrowth) -> Result<(), StoreError> {
        self.write(|transaction| grow(transaction, link, growth))
    }
}

/// Appends entries and their head.
///
/// Refused as moved unless the entries continue the log exactly: so two writers can never give one position twice.
pub(crate) fn grow(
    transaction: &Transaction<'_>,
    link: LinkId,
    growth: &OwnGrowth,
) -> Result<(), StoreError> {
    let mut next = size(transaction, link)?;
    for entry in &growth.entries {
        if entry.position != next {
            return Err(StoreError::Moved("ledger"));
        }
        insert(transaction, link, entry)?;
        next += 1;
    }
    if growth.head.size != next {
        return Err(StoreError::Moved("head"));
    }
    let head = &growth.head;
    transaction.run(
        "insert into head (link, size, root, at_ns, last_position) values ($1, $2, $3, $4, $5)",
        &values![link.0, head.size, &head.root, head.at, head.size - 1],
    )?;
    Ok(())
}

fn insert(transaction: &Transaction<'_>, link: LinkId, entry: &OwnEntry) -> Result<(), StoreError> {
    let salt = entry.opening.as_ref().map(|(salt, _)| *salt);
    let record = entry.opening.as_ref().map(|(_, record)| record.as_str());
    transaction.run(
        "insert into entry (link, position, kind, entry, salt, record) values ($1, $2, $3, $4, $5, $6)",
        &values![link.0, entry.position, entry.kind.word(), &entry.entry, &salt, record],
    )?;
    Ok(())
}

/// Keeps the partner's cosignature if it covers more than the one we have.
pub(crate) fn keep_cosignature(
    transaction: &Transaction<'_>,
    link: LinkId,
    cosignature: &Cosignature,
) -> Result<(), StoreError> {
    transaction.run(
        "insert into cosignature (link, size, line, received_at_ns) values ($1, $2, $3, $4)
         on conflict (link) do update set size = excluded.size, line = excluded.line,
         received_at_ns = excluded.received_at_ns where excluded.size > cosignature.size",
        &values![
            link.0,
            cosignature.size,
            &cosignature.line,
            cosignature.received_at
        ],
    )?;
    Ok(())
}

fn size(transaction: &Transaction<'_>, link: LinkId) -> Result<u64, StoreError> {
    transaction.count(
        "select coalesce(max(position), -1) + 1 from entry where link = $1",
        &values![link.0],
    )
}

fn newest_head(
    transaction: &Transaction<'_>,
    link: LinkId,
    within: u64,
) -> Result<Option<Head>, StoreError> {
    transaction.one(
        "select size, root, at_ns from head where link = $1 and size <= $2 order by size desc limit 1",
        &values![link.0, within],
        |row| {
            Ok(Head {
                size: row.number(0)?,
                root: row.get(1)?,
                at: row.instant(2)?,
            })
        },
    )
}

pub(crate) fn own_entry(row: &Row<'_>) -> Result<OwnEntry, StoreError> {
    Ok(OwnEntry {
        position: row.number(0)?,
        kind: row.word(1, EntryKind::from_word)?,
        entry: row.get(2)?,
        opening: opening(row, 3)?,
    })
}

/// Salt and record at `column` and the next.
pub(crate) fn opening(
    row: &Row<'_>,
    column: usize,
) -> Result<Option<(Bytes32, String)>, StoreError> {
    let salt: Option<Bytes32> = row.get(column)?;
    let record: Option<String> = row.get(column + 1)?;
    Ok(salt.zip(record))
}
