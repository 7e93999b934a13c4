//! The partner's log as we mirror it, its signed heads, and the evidence of two histories.

use jiff::Timestamp;

use crate::{
    Bytes32, Cosignature, JournalLine, LinkId, MirroredNotice, Store, StoreError, journal,
    key_notice,
    ledger::{keep_cosignature, opening},
    sql::{Transaction, values},
};

/// An entry of the partner's log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MirrorEntry {
    /// Where it stands, counted from 0.
    pub position: u64,
    /// The 32 bytes.
    pub entry: Bytes32,
    /// Salt and record, if its act or receipt came with them and they were not erased.
    pub opening: Option<(Bytes32, String)>,
}

/// A signed head of the partner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MirrorHead {
    /// How many entries it covers.
    pub size: u64,
    /// The signed note, as it came.
    pub note: String,
    /// When it came.
    pub received_at: Timestamp,
}

/// What a parcel adds to the mirror.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MirrorGrowth {
    /// How many entries the mirror had.
    pub base: u64,
    /// The new entries.
    pub entries: Vec<Bytes32>,
    /// The signed head over all, if it covers more than the one we have.
    pub head: Option<MirrorHead>,
    /// The partner's cosignature of a head of ours.
    pub cosignature: Option<Cosignature>,
    /// Notices of the partner's keys that stand among its entries.
    pub notices: Vec<MirroredNotice>,
}

/// Two signed histories that cannot both be true: of the partner's log, or of our own after our data were lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fork {
    /// When it was found.
    pub found_at: Timestamp,
    /// From which position on they differ, at the latest.
    pub position: u64,
    /// The head that we held: signed, of the partner's log; its text alone, of our own log, since it must not be signed.
    pub held_note: String,
    /// The signed head that we were shown.
    pub shown_note: String,
    /// The first position of the entries that we were shown.
    pub shown_base: u64,
    /// The entries that we were shown.
    pub shown_entries: Vec<Bytes32>,
}

impl MirrorGrowth {
    /// Whether nothing is to be kept.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
            && self.head.is_none()
            && self.cosignature.is_none()
            && self.notices.is_empty()
    }
}

impl Store {
    /// At most `limit` entries of the partner's log from `from` on.
    pub fn mirror_entries(
        &self,
        link: LinkId,
        from: u64,
        limit: u64,
    ) -> Result<Vec<Bytes32>, StoreError> {
        self.read(|transaction| {
            transaction.all(
                "select entry from mirror_entry where link = $1 and position >= $2 order by position limit $3",
                &values![link.0, from, limit],
                |row| row.get(0),
            )
        })
    }

    /// The entry at a position of the partner's log, with its opening.
    pub fn mirror_entry(
        &self,
        link: LinkId,
        position: u64,
    ) -> Result<Option<MirrorEntry>, StoreError> {
        self.read(|transaction| {
            transaction.one(
                "select position, entry, salt, record from mirror_entry where link = $1 and position = $2 limit 1",
                &values![link.0, position],
                |row| {
                    Ok(MirrorEntry {
                        position: row.number(0)?,
                        entry: row.get(1)?,
                        opening: opening(row, 2)?,
                    })
                },
            )
        })
    }

    /// Whether the partner's log holds one of these entries already.
    pub fn mirror_holds(&self, link: LinkId, entries: &[Bytes32]) -> Result<bool, StoreError> {
        self.read(|transaction| {
            for entry in entries {
                let held = transaction.one(
                    "select 1 from mirror_entry where link = $1 and entry = $2 limit 1",
                    &values![link.0, entry],
                    |_| Ok(()),
                )?;
                if held.is_some() {
                    return Ok(true);
                }
            }
            Ok(false)
        })
    }

    /// The newest signed head of the partner.
    pub fn mirror_head(&self, link: LinkId) -> Result<Option<MirrorHead>, StoreError> {
        self.read(|transaction| {
            transaction.one(
                "select size, note, received_at_ns from mirror_head where link = $1 order by size desc limit 1",
                &values![link.0],
                |row| {
                    Ok(MirrorHead {
                        size: row.number(0)?,
                        note: row.get(1)?,
                        received_at: row.instant(2)?,
                    })
                },
            )
        })
    }

    /// Extends the mirror when a parcel brought neither acts nor receipts.
    pub fn mirror(&self, link: LinkId, growth: &MirrorGrowth) -> Result<(), StoreError> {
        self.write(|transaction| extend(transaction, link, growth))
    }

    /// Keeps the evidence of two histories. From here on the link stands still.
    pub fn keep_fork(&self, link: LinkId, fork: &Fork) -> Result<(), StoreError> {
        let entries = fork.shown_entries.concat();
        self.write(|transaction| {
            transaction.run(
                "insert into fork (link, found_at_ns, position, held_note, shown_note, shown_base, shown_entries)
                 values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing",
                &values![
                    link.0,
                    fork.found_at,
                    fork.position,
                    &fork.held_note,
                    &fork.shown_note,
                    fork.shown_base,
                    &entries
                ],
            )?;
            Ok(())
        })
    }

    /// The evidence about which people have not spoken yet, oldest first.
    pub fn forks(&self, link: LinkId) -> Result<Vec<Fork>, StoreError> {
        self.read(|transaction| {
            transaction.all(
                "select found_at_ns, position, held_note, shown_note, shown_base, shown_entries from fork
                 where link = $1 and settled_at_ns is null order by found_at_ns, position limit 100",
                &values![link.0],
                |row| {
                    let entries: Vec<u8> = row.get(5)?;
                    let (entries, rest) = entries.as_chunks::<32>();
                    if !rest.is_empty() {
                        return Err(StoreError::Unreadable("fork"));
                    }
                    Ok(Fork {
                        found_at: row.instant(0)?,
                        position: row.number(1)?,
                        held_note: row.get(2)?,
                        shown_note: row.get(3)?,
                        shown_base: row.number(4)?,
                        shown_entries: entries.to_vec(),
                    })
                },
            )
        })
    }

    /// People have spoken about every fork of the link, and the journal says why: the evidence stays, the link may go on. Gives how
    /// many there were.
    pub fn settle_forks(
        &self,
        link: LinkId,
        officer: &str,
        at: Timestamp,
        line: &JournalLine,
    ) -> Result<usize, StoreError> {
        self.write(|transaction| {
            let settled = transaction.run(
                "update fork set settled_at_ns = $1, settled_by = $2 where link = $3 and settled_at_ns is null",
                &values![at, officer, link.0],
            )?;
            journal::append(transaction, std::slice::from_ref(line))?;
            Ok(settled)
        })
    }
}

/// Extends the mirror by what a parcel brought. Refused as moved unless it continues the mirror exactly.
pub(crate) fn extend(
    transaction: &Transaction<'_>,
    link: LinkId,
    growth: &MirrorGrowth,
) -> Result<(), StoreError> {
    let size = transaction.count(
        "select coalesce(max(position), -1) + 1 from mirror_entry where link = $1",
        &values![link.0],
    )?;
    if growth.base != size {
        return Err(StoreError::Moved("mirror"));
    }
    for (position, entry) in (size..).zip(&growth.entries) {
        transaction.run(
            "insert into mirror_entry (link, position, entry) values ($1, $2, $3)",
            &values![link.0, position, entry],
        )?;
    }
    if let Some(head) = &growth.head {
        keep_head(transaction, link, head)?;
    }
    if let Some(cosignature) = &growth.cosignature {
        keep_cosignature(transaction, link, cosignature)?;
    }
    for notice in &growth.notices {
        key_notice::keep(transaction, link, notice)?;
    }
    Ok(())
}

/// Keeps a signed head and drops the earlier ones of the same day: the newest proves all that they proved.
fn keep_head(
    transaction: &Transaction<'_>,
    link: LinkId,
    head: &MirrorHead,
) -> Result<(), StoreError> {
    let day = head.received_at.as_second().div_euclid(86_400);
    transaction.run(
        "delete from mirror_head where link = $1 and day = $2 and size < $3",
        &values![link.0, day, head.size],
    )?;
    transaction.run(
        "insert into mirror_head (link, size, note, day, received_at_ns, last_position) values ($1, $2, $3, $4, $5, $6)
         on conflict do nothing",
        &values![link.0, head.size, &head.note, day, head.received_at, head.size - 1],
    )?;
    Ok(())
}

/// Keeps the opening that came with an act or a receipt of the partner.
pub(crate) fn keep_opening(
    transaction: &Transaction<'_>,
    link: LinkId,
    position: u64,
    (salt, record): &(Bytes32, String),
) -> Result<(), StoreError> {
    let kept = transaction.run(
        "update mirror_entry set salt = $1, record = $2 where link = $3 and position = $4",
        &values![salt, record, link.0, position],
    )?;
    if kept == 1 {
        Ok(())
    } else {
        Err(StoreError::Moved("mirror"))
    }
}
