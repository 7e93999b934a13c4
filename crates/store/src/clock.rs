//! The clocks of a link as rows, for lists of what is due. The state decides; this only repeats it.

use entente_cooperation::case::{ClockEnd, RunningClock};
use jiff::Timestamp;

use crate::{
    LinkId, Store, StoreError,
    sql::{Row, Transaction, values},
};

/// A clock and where it stands in its link's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClockLine {
    /// Its place in the list of clocks of the state.
    pub sequence: u64,
    /// The clock.
    pub running: RunningClock,
}

/// A query for whole lines: the condition and the order are its own.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select sequence, clock, of_reference, case_ref, debtor, start_ns, due_ns, paused_since_ns, \
             ended_at_ns, ended_how from running_clock ",
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
                    "where link = $1 and ended_at_ns is null and paused_since_ns is null
                 and due_ns <= $2 order by due_ns, sequence limit $3"
                ),
                &values![link.0, until, limit],
                line,
            )
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
                select!("where link = $1 and case_ref = $2 order by sequence limit 10000"),
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
                select!("where link = $1 and of_reference = $2 order by sequence limit 1000"),
                &values![link.0, reference],
                line,
            )
        })
    }
}

/// Writes the clocks as they now stand.
pub(crate) fn keep(
    transaction: &Transaction<'_>,
    link: LinkId,
    lines: &[ClockLine],
) -> Result<(), StoreError> {
    for ClockLine { sequence, running } in lines {
        let ended_at = running.ended.map(|(at, _)| at);
        let ended_how = running.ended.map(|(_, how)| word(how));
        transaction.run(
            "insert into running_clock (link, sequence, clock, of_reference, case_ref, debtor, start_ns, due_ns,
             paused_since_ns, ended_at_ns, ended_how) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
             on conflict (link, sequence) do update set clock = excluded.clock, of_reference = excluded.of_reference,
             case_ref = excluded.case_ref, debtor = excluded.debtor, start_ns = excluded.start_ns,
             due_ns = excluded.due_ns, paused_since_ns = excluded.paused_since_ns,
             ended_at_ns = excluded.ended_at_ns, ended_how = excluded.ended_how",
            &values![
                link.0,
                *sequence,
                &running.clock,
                &running.of,
                &running.case,
                &running.debtor,
                running.start,
                running.due,
                running.paused_since,
                ended_at,
                ended_how
            ],
        )?;
    }
    Ok(())
}

const fn word(end: ClockEnd) -> &'static str {
    match end {
        ClockEnd::Met => "met",
        ClockEnd::Replaced => "replaced",
        ClockEnd::Expired => "expired",
        ClockEnd::Lapsed => "lapsed",
    }
}

fn end(word: &str) -> Option<ClockEnd> {
    match word {
        "met" => Some(ClockEnd::Met),
        "replaced" => Some(ClockEnd::Replaced),
        "expired" => Some(ClockEnd::Expired),
        "lapsed" => Some(ClockEnd::Lapsed),
        _ => None,
    }
}

fn line(row: &Row<'_>) -> Result<ClockLine, StoreError> {
    let ended_at = row.instant_or_none(8)?;
    let ended = match ended_at {
        Some(at) => Some((at, row.word(9, end)?)),
        None => None,
    };
    Ok(ClockLine {
        sequence: row.number(0)?,
        running: RunningClock {
            clock: row.get(1)?,
            of: row.get(2)?,
            case: row.get(3)?,
            debtor: row.get(4)?,
            start: row.instant(5)?,
            due: row.instant(6)?,
            paused_since: row.instant_or_none(7)?,
            ended,
            ..RunningClock::default()
        },
    })
}
