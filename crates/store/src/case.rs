//! Cases: who answers for each, and how it ended.

use jiff::Timestamp;

use crate::{
    Bytes32, HomeLine, LinkId, OwnGrowth, Store, StoreError, Taking, Unfolding, concern,
    journal::{self, JournalLine},
    ledger,
    sql::{Row, Transaction, values},
    transaction::unfold,
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

/// An officer takes an act over: what one transaction writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Take {
    /// The act, and who takes it.
    pub taking: Taking,
    /// The owner whose hand it leaves; none for an act that nobody had.
    pub from: Option<String>,
    /// The second receipt: one entry, and the head. None while our log may not grow; the work that is due makes up for it.
    pub growth: Option<OwnGrowth>,
    /// The same as an event at home.
    pub home: HomeLine,
    /// The clocks that it moves.
    pub unfolding: Unfolding,
    /// What the journal says.
    pub journal: Vec<JournalLine>,
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

    /// An officer takes an act and its case over; false if it was no longer as `from` says.
    pub fn take(&self, link: LinkId, take: &Take) -> Result<bool, StoreError> {
        let taking = &take.taking;
        // A crash before the commit: the act is as free as before. After it: the second receipt leaves with the next parcel.
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
                    take.from.as_deref().unwrap_or("")
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
            if let Some(growth) = &take.growth {
                receipt_taking(transaction, link, &taking.message, growth)?;
            }
            concern::insert_home(transaction, link, &take.home)?;
            unfold(transaction, link, &take.unfolding)?;
            journal::append(transaction, &take.journal)?;
            Ok(true)
        })
    }

    /// The takings on a link that have no second receipt yet, oldest first.
    pub fn takings_without_receipt(&self, link: LinkId) -> Result<Vec<Taking>, StoreError> {
        self.read(|transaction| {
            transaction.all(
                "select message, owner, deputy, taken_at_ns from inbox where link = $1 and owner is not null
                 and taken_position is null and outcome in ('filed', 'clarify') order by taken_at_ns, message limit 1000",
                &values![link.0],
                |row| {
                    Ok(Taking {
                        message: row.get(0)?,
                        owner: row.get(1)?,
                        deputy: row.get(2)?,
                        at: row.instant(3)?,
                    })
                },
            )
        })
    }

    /// A taking gets its second receipt.
    pub fn receipt_taking(
        &self,
        link: LinkId,
        message: &Bytes32,
        growth: &OwnGrowth,
    ) -> Result<(), StoreError> {
        self.write(|transaction| receipt_taking(transaction, link, message, growth))
    }

    /// Closes a case; false if it is unknown or closed already.
    pub fn close(
        &self,
        link: LinkId,
        case_ref: &str,
        closing: &Closing,
        home: &HomeLine,
        unfolding: &Unfolding,
        line: &JournalLine,
    ) -> Result<bool, StoreError> {
        self.write(|transaction| {
            let closed = transaction.run(
                "update case_file set outcome = $1, closed_at_ns = $2, closed_by = $3
                 where link = $4 and case_ref = $5 and closed_at_ns is null",
                &values![&closing.outcome, closing.at, &closing.by, link.0, case_ref],
            )?;
            if closed == 1 {
                concern::insert_home(transaction, link, home)?;
                unfold(transaction, link, unfolding)?;
                journal::append(transaction, std::slice::from_ref(line))?;
            }
            Ok(closed == 1)
        })
    }
}

fn receipt_taking(
    transaction: &Transaction<'_>,
    link: LinkId,
    message: &Bytes32,
    growth: &OwnGrowth,
) -> Result<(), StoreError> {
    ledger::grow(transaction, link, growth)?;
    let entry = growth.entries.first().ok_or(StoreError::Moved("ledger"))?;
    transaction.run(
        "update inbox set taken_position = $1 where link = $2 and message = $3",
        &values![entry.position, link.0, message],
    )?;
    Ok(())
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
