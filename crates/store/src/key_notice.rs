//! Notices of keys, our own and the partner's: the files as they were signed, and where they stand in the log.

use jiff::Timestamp;

use crate::{
    Bytes32, JournalLine, LinkId, OwnEntry, OwnGrowth, Store, StoreError, journal,
    ledger::{grow, own_entry},
    mirror::keep_opening,
    sql::{Transaction, values},
};

/// Whose keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keyholder {
    /// Ours.
    Own,
    /// The partner.
    Partner,
}

/// A notice of a key, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyNotice {
    /// Its number, from 1.
    pub number: u64,
    /// The signed note.
    pub note: String,
    /// Where it stands in the log of the Party whose key it is; none as long as it does not stand there.
    pub position: Option<u64>,
}

/// A notice that came with its entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MirroredNotice {
    /// Its number, from 1.
    pub number: u64,
    /// The signed note.
    pub note: String,
    /// Where it stands in the partner's log.
    pub position: u64,
    /// Salt and record.
    pub opening: (Bytes32, String),
    /// When it came.
    pub learnt_at: Timestamp,
}

impl Keyholder {
    const fn number(self) -> i64 {
        match self {
            Keyholder::Own => 1,
            Keyholder::Partner => 0,
        }
    }
}

impl Store {
    /// The notices of one side of a link, in the order of their numbers.
    pub fn key_notices(
        &self,
        link: LinkId,
        whose: Keyholder,
    ) -> Result<Vec<KeyNotice>, StoreError> {
        self.read(|transaction| {
            transaction.all(
                "select number, note, position from key_notice where link = $1 and own = $2
                 order by number limit 100000",
                &values![link.0, whose.number()],
                |row| {
                    Ok(KeyNotice {
                        number: row.number(0)?,
                        note: row.get(1)?,
                        position: row.get::<Option<i64>>(2)?.map(i64::cast_unsigned),
                    })
                },
            )
        })
    }

    /// Keeps notices that stand in no log yet, with what the journal says of them. One that is kept already stays as it is.
    pub fn keep_key_notices(
        &self,
        link: LinkId,
        whose: Keyholder,
        notices: &[(u64, String)],
        at: Timestamp,
        line: &JournalLine,
    ) -> Result<(), StoreError> {
        self.write(|transaction| {
            for (number, note) in notices {
                transaction.run(
                    "insert into key_notice (link, own, number, note, learnt_at_ns) values ($1, $2, $3, $4, $5)
                     on conflict do nothing",
                    &values![link.0, whose.number(), *number, note, at],
                )?;
            }
            journal::append(transaction, std::slice::from_ref(line))
        })
    }

    /// Enters notices of ours into our log: each with the position of its entry.
    pub fn enter_key_notices(
        &self,
        link: LinkId,
        entered: &[(u64, u64)],
        growth: &OwnGrowth,
    ) -> Result<(), StoreError> {
        self.write(|transaction| {
            grow(transaction, link, growth)?;
            for (number, position) in entered {
                transaction.run(
                    "update key_notice set position = $1 where link = $2 and own = 1 and number = $3",
                    &values![*position, link.0, *number],
                )?;
            }
            Ok(())
        })
    }

    /// The notices among `count` entries of our own log from `from` on.
    pub fn own_notices(
        &self,
        link: LinkId,
        from: u64,
        count: u64,
    ) -> Result<Vec<OwnEntry>, StoreError> {
        // The kind stands in the text, here and for takings: as a value it would not find its partial index.
        self.read(|transaction| {
            transaction.all(
                "select position, kind, entry, salt, record from entry where link = $1 and kind = 'notice'
                 and position >= $2 and position < $3 order by position limit 512",
                &values![link.0, from, from + count],
                own_entry,
            )
        })
    }
}

/// Keeps a notice that came with its entry; one carried by hand before gets its place.
pub(crate) fn keep(
    transaction: &Transaction<'_>,
    link: LinkId,
    notice: &MirroredNotice,
) -> Result<(), StoreError> {
    transaction.run(
        "insert into key_notice (link, own, number, note, position, learnt_at_ns) values ($1, 0, $2, $3, $4, $5)
         on conflict (link, own, number) do update set position = coalesce(key_notice.position, excluded.position)",
        &values![
            link.0,
            notice.number,
            &notice.note,
            notice.position,
            notice.learnt_at
        ],
    )?;
    keep_opening(transaction, link, notice.position, &notice.opening)
}
