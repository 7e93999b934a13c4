//! Cases: who answers for each, and how it ended.

use jiff::Timestamp;

use crate::{
    LinkId, OwnGrowth, Store, StoreError, Taking,
    journal::{self, JournalLine},
    ledger,
    sql::{Row, Transaction, values},
};

/// A case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseLine {
    /// Its reference.
    pub case_ref: String,
    /// When its first act was released or received here.
    pub opened_at: Timestamp,
    /// Who answers for it.
    pub owner: Option<String>,
    /// The deputy.
    pub deputy: Option<String>,
    /// How it ended.
    pub closing: Option<Closing>,
}

/// How a case ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closing {
    /// The outcome; never empty.
    pub outcome: String,
    /// When.
    pub at: Timestamp,
    /// Who closed it.
    pub by: String,
}

/// A query for whole lines: the condition and the order are its own.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select case_ref, opened_at_ns, owner, deputy, outcome, closed_at_ns, closed_by from case_file ",
            $rest
        )
    };
}

impl Store {
    /// The case of this reference.
    pub fn case(&self, link: LinkId, case_ref: &str) -> Result<Option<CaseLine>, StoreError> {
        self.read(|transaction| {
            transaction.one(
                select!("where link = $1 and case_ref = $2 limit 1"),
                &values![link.0, case_ref],
                line,
            )
        })
    }

    /// At most `limit` cases that are open, or all, newest first.
    pub fn cases(&self, link: LinkId, all: bool, limit: u64) -> Result<Vec<CaseLine>, StoreError> {
        self.read(|transaction| {
            transaction.all(
                select!("where link = $1 and (closed_at_ns is null or $2 = 1) order by opened_at_ns desc, case_ref limit $3"),
                &values![link.0, all, limit],
                line,
            )
        })
    }

    /// An officer takes an act and its case over; false if it was no longer free and `from` does not hold it.
    ///
    /// `from` is the owner whose hand it leaves, none for an act that nobody had. `growth` is the second receipt; without
    /// it, the act waits among those whose taking is not yet receipted. The journal says so in the same transaction.
    pub fn take(
        &self,
        link: LinkId,
        taking: &Taking,
        from: Option<&str>,
        growth: Option<&OwnGrowth>,
        line: &JournalLine,
    ) -> Result<bool, StoreError> {
        self.write(|transaction| {
            let taken = transaction.run(
                "update inbox set owner = $1, deputy = $2, taken_at_ns = $3 where link = $4 and message = $5
                 and outcome in ('filed', 'clarify') and coalesce(owner, '') = $6",
                &values![
                    &taking.owner,
                    &taking.deputy,
                    taking.at,
                    link.0,
                    &taking.message,
                    from.unwrap_or("")
                ],
            )?;
            if taken == 0 {
                return Ok(false);
            }
            transaction.run(
                "update case_file set owner = $1, deputy = $2 where link = $3 and closed_at_ns is null and case_ref =
                 (select case_ref from inbox where link = $3 and message = $4 limit 1)",
                &values![&taking.owner, &taking.deputy, link.0, &taking.message],
            )?;
            if let Some(growth) = growth {
                ledger::grow(transaction, link, growth)?;
                let entry = growth.entries.first().ok_or(StoreError::Moved("ledger"))?;
                transaction.run(
                    "update inbox set taken_position = $1 where link = $2 and message = $3",
                    &values![entry.position, link.0, &taking.message],
                )?;
            }
            journal::append(transaction, std::slice::from_ref(line))?;
            Ok(true)
        })
    }

    /// Closes a case; false if it is unknown or closed already.
    pub fn close(
        &self,
        link: LinkId,
        case_ref: &str,
        closing: &Closing,
        line: &JournalLine,
    ) -> Result<bool, StoreError> {
        self.write(|transaction| {
            let closed = transaction.run(
                "update case_file set outcome = $1, closed_at_ns = $2, closed_by = $3
                 where link = $4 and case_ref = $5 and closed_at_ns is null",
                &values![&closing.outcome, closing.at, &closing.by, link.0, case_ref],
            )?;
            if closed == 1 {
                journal::append(transaction, std::slice::from_ref(line))?;
            }
            Ok(closed == 1)
        })
    }
}

/// Opens the case of an act, unless it is open already.
pub(crate) fn open(
    transaction: &Transaction<'_>,
    link: LinkId,
    case_ref: Option<&str>,
    owner: Option<&str>,
    at: Timestamp,
) -> Result<(), StoreError> {
    let Some(case_ref) = case_ref else {
        return Ok(());
    };
    transaction.run(
        "insert into case_file (link, case_ref, opened_at_ns, owner) values ($1, $2, $3, $4) on conflict do nothing",
        &values![link.0, case_ref, at, owner],
    )?;
    Ok(())
}

fn line(row: &Row<'_>) -> Result<CaseLine, StoreError> {
    let outcome: Option<String> = row.get(4)?;
    let closing = match outcome {
        Some(outcome) => Some(Closing {
            outcome,
            at: row.instant(5)?,
            by: row.get(6)?,
        }),
        None => None,
    };
    Ok(CaseLine {
        case_ref: row.get(0)?,
        opened_at: row.instant(1)?,
        owner: row.get(2)?,
        deputy: row.get(3)?,
        closing,
    })
}
