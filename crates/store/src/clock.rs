//! The clocks of a link as rows, for lists of what is due. The fold decides; these rows repeat it.

use jiff::Timestamp;

use crate::{
    LinkId, Store, StoreError,
    sql::{Row, Transaction, values},
};

/// A clock that was started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClockLine {
    /// The clock of Annex 4.
    pub clock: String,
    /// The reference of the act that started it; empty for what happened at home.
    pub of_reference: String,
    /// Its case.
    pub case_ref: Option<String>,
    /// The Party that owes.
    pub debtor: String,
    /// Counted from.
    pub start: Timestamp,
    /// Ends at.
    pub due: Timestamp,
    /// The questions or facts for which it still runs, separated by spaces; empty for the whole act.
    pub parts: String,
    /// Since when it is suspended.
    pub paused_since: Option<Timestamp>,
    /// When and how it ended.
    pub ended: Option<(Timestamp, ClockEnd)>,
    /// Whether only the partner counts it to its end: what ends it happens at the partner's home.
    pub theirs: bool,
}

/// How a clock ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockEnd {
    /// By the act owed.
    Met,
    /// Replaced by another clock.
    Replaced,
    /// It ran out.
    Expired,
    /// What it waited for lapsed.
    Lapsed,
}

impl ClockEnd {
    /// Its word, as rows and lists use it.
    pub const fn word(self) -> &'static str {
        match self {
            ClockEnd::Met => "met",
            ClockEnd::Replaced => "replaced",
            ClockEnd::Expired => "expired",
            ClockEnd::Lapsed => "lapsed",
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        [
            ClockEnd::Met,
            ClockEnd::Replaced,
            ClockEnd::Expired,
            ClockEnd::Lapsed,
        ]
        .into_iter()
        .find(|end| end.word() == word)
    }
}

/// The clocks of a link are to be counted anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefoldMark {
    /// The clocks that had not ended by then.
    pub since: Timestamp,
    number: u64,
}

/// A query for whole lines: the condition and the order are its own.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select clock, of_reference, case_ref, debtor, start_ns, due_ns, parts, paused_since_ns, ended_at_ns, \
             ended_how, theirs from running_clock ",
            $rest
        )
    };
}

impl Store {
    /// At most `limit` clocks that run out at `until` or before and are not suspended, soonest first.
    pub fn clocks_due(
        &self,
        link: LinkId,
        until: Timestamp,
        limit: u64,
    ) -> Result<Vec<ClockLine>, StoreError> {
        self.read(|transaction| {
            transaction.all(
                select!(
                    "where link = $1 and ended_at_ns is null and paused_since_ns is null and theirs = 0
                     and due_ns <= $2
                     order by due_ns, of_reference, ordinal limit $3"
                ),
                &values![link.0, until, limit],
                line,
            )
        })
    }

    /// When the next clock runs out.
    pub fn next_clock(&self, link: LinkId) -> Result<Option<Timestamp>, StoreError> {
        self.read(|transaction| {
            let next = transaction.one(
                "select min(due_ns) from running_clock where link = $1 and ended_at_ns is null
                 and paused_since_ns is null and theirs = 0",
                &values![link.0],
                |row| row.instant_or_none(0),
            )?;
            Ok(next.flatten())
        })
    }

    /// Whether, and since when, the clocks of the link are to be counted anew.
    pub fn refold_wanted(&self, link: LinkId) -> Result<Option<RefoldMark>, StoreError> {
        self.read(|transaction| {
            transaction.one(
                "select since_ns, number from refold where link = $1 order by link limit 1",
                &values![link.0],
                |row| {
                    Ok(RefoldMark {
                        since: row.instant(0)?,
                        number: row.number(1)?,
                    })
                },
            )
        })
    }

    /// The clocks of the link were counted anew. A mark that came meanwhile stays.
    pub fn refolded(&self, link: LinkId, mark: &RefoldMark) -> Result<(), StoreError> {
        self.write(|transaction| {
            transaction.run(
                "delete from refold where link = $1 and number = $2",
                &values![link.0, mark.number],
            )?;
            Ok(())
        })
    }

    /// The clocks of a case, in the order in which they started.
    pub fn clocks_of_case(
        &self,
        link: LinkId,
        case_ref: &str,
    ) -> Result<Vec<ClockLine>, StoreError> {
        self.read(|transaction| {
            transaction.all(
                select!("where link = $1 and case_ref = $2 order by start_ns, of_reference, ordinal limit 20000"),
                &values![link.0, case_ref],
                line,
            )
        })
    }

    /// The clocks that an act started.
    pub fn clocks_of_act(
        &self,
        link: LinkId,
        reference: &str,
    ) -> Result<Vec<ClockLine>, StoreError> {
        self.read(|transaction| {
            transaction.all(
                select!("where link = $1 and of_reference = $2 order by ordinal limit 100000"),
                &values![link.0, reference],
                line,
            )
        })
    }

    /// Every clock of the link, by the act that started it; for tests and for comparing two nodes.
    pub fn clocks(&self, link: LinkId) -> Result<Vec<ClockLine>, StoreError> {
        self.read(|transaction| {
            transaction.all(
                select!("where link = $1 order by of_reference, ordinal limit 1000000"),
                &values![link.0],
                line,
            )
        })
    }
}

/// The clocks of the link that had not ended at `since` are to be counted anew.
pub(crate) fn want_refold(
    transaction: &Transaction<'_>,
    link: LinkId,
    since: Timestamp,
) -> Result<(), StoreError> {
    transaction.run(
        "insert into refold (link, since_ns, number) values ($1, $2, 1) on conflict (link)
         do update set since_ns = case when excluded.since_ns < refold.since_ns then excluded.since_ns
         else refold.since_ns end, number = refold.number + 1",
        &values![link.0, since],
    )?;
    Ok(())
}

/// Writes the clocks of an act as they now stand, in place of what stood. Rows that stay as they are are not touched: an
/// alert that nobody acknowledges repeats every quarter of an hour, and its list is long.
pub(crate) fn keep(
    transaction: &Transaction<'_>,
    link: LinkId,
    reference: &str,
    lines: &[ClockLine],
) -> Result<(), StoreError> {
    let held = transaction.all(
        select!("where link = $1 and of_reference = $2 order by ordinal limit 100000"),
        &values![link.0, reference],
        line,
    )?;
    if held.len() > lines.len() {
        transaction.run(
            "delete from running_clock where link = $1 and of_reference = $2 and ordinal >= $3",
            &values![link.0, reference, lines.len() as u64],
        )?;
    }
    for (ordinal, line) in lines.iter().enumerate() {
        if held.get(ordinal) != Some(line) {
            put(transaction, link, reference, ordinal as u64, line)?;
        }
    }
    Ok(())
}

fn put(
    transaction: &Transaction<'_>,
    link: LinkId,
    reference: &str,
    ordinal: u64,
    line: &ClockLine,
) -> Result<(), StoreError> {
    transaction.run(
        "insert into running_clock (link, of_reference, ordinal, clock, case_ref, debtor, start_ns, due_ns, parts,
         paused_since_ns, ended_at_ns, ended_how, theirs)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
         on conflict (link, of_reference, ordinal) do update set clock = excluded.clock, case_ref = excluded.case_ref,
         debtor = excluded.debtor, start_ns = excluded.start_ns, due_ns = excluded.due_ns, parts = excluded.parts,
         paused_since_ns = excluded.paused_since_ns, ended_at_ns = excluded.ended_at_ns,
         ended_how = excluded.ended_how, theirs = excluded.theirs",
        &values![
            link.0,
            reference,
            ordinal,
            &line.clock,
            &line.case_ref,
            &line.debtor,
            line.start,
            line.due,
            &line.parts,
            line.paused_since,
            line.ended.map(|(at, _)| at),
            line.ended.map(|(_, how)| how.word()),
            line.theirs
        ],
    )?;
    Ok(())
}

fn line(row: &Row<'_>) -> Result<ClockLine, StoreError> {
    let ended = match row.instant_or_none(8)? {
        Some(at) => Some((at, row.word(9, ClockEnd::from_word)?)),
        None => None,
    };
    Ok(ClockLine {
        clock: row.get(0)?,
        of_reference: row.get(1)?,
        case_ref: row.get(2)?,
        debtor: row.get(3)?,
        start: row.instant(4)?,
        due: row.instant(5)?,
        parts: row.get(6)?,
        paused_since: row.instant_or_none(7)?,
        ended,
        theirs: row.get(10)?,
    })
}
