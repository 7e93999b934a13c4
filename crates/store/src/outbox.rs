//! What we released, and what waits for its receipt.

use jiff::Timestamp;

use crate::{
    Bytes32, LinkId, Outcome, Store, StoreError,
    sql::{Row, Transaction, values},
};

/// An act of ours that was released, without its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxLine {
    /// The message id: the digest of the sealed bytes.
    pub message: Bytes32,
    /// Its entry in our log.
    pub position: u64,
    /// The act id inside the sealed body, hexadecimal.
    pub act_id: String,
    /// The act of Annex 3.
    pub act: String,
    /// The organ it comes from.
    pub from_organ: String,
    /// The organ it goes to.
    pub to_organ: Option<String>,
    /// Its reference.
    pub reference: Option<String>,
    /// Its case.
    pub case_ref: Option<String>,
    /// The act it answers.
    pub in_reply_to: Option<String>,
    /// Whether it stands: every later judgement needs it, whatever its case.
    pub stands: bool,
    /// The officer.
    pub released_by: String,
    /// When it was released.
    pub released_at: Timestamp,
    /// The digest of the memorandum under which it was released.
    pub memorandum: String,
    /// Its lane: 0 leaves first.
    pub lane: u32,
    /// The size of the sealed bytes.
    pub size_bytes: u64,
    /// How often delivery was tried.
    pub attempts: u32,
    /// When it is tried next, while it waits.
    pub next_attempt_at: Timestamp,
    /// What stopped the last attempt, in words for our operator.
    pub fault: Option<String>,
    /// What became of it; none while it waits.
    pub outcome: Option<Outcome>,
    /// The ground of a refusal.
    pub ground: Option<String>,
    /// The instant of receipt that the partner states.
    pub received_at: Option<Timestamp>,
    /// The entry of the receipt in the partner's log.
    pub receipt_position: Option<u64>,
    /// When the receipt was settled here.
    pub settled_at: Option<Timestamp>,
    /// Why we contest what the receipt states.
    pub contested: Option<String>,
    /// Who of the partner answers for it.
    pub taken: Option<TakenOver>,
    /// When it was first handed to a connection that stood: no receipt can be earlier.
    pub handed_at: Option<Timestamp>,
    /// When it was kept back: what happened since its release bars it, and it was never handed over. `fault` says why.
    pub kept_back_at: Option<Timestamp>,
}

/// The second receipt: a named officer of the partner answers for an act of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenOver {
    /// The officer.
    pub by: String,
    /// The deputy.
    pub deputy: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// A try that brought no receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// The message.
    pub message: Bytes32,
    /// When it is tried next.
    pub next_at: Timestamp,
    /// What stopped this try.
    pub fault: String,
}

/// A query for whole lines: the condition and the order are its own.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select message, position, act_id, act, from_organ, to_organ, reference, case_ref, in_reply_to, \
             released_by, released_at_ns, memorandum, lane, size_bytes, attempts, next_attempt_at_ns, fault, \
             outcome, ground, received_at_ns, receipt_position, settled_at_ns, contested, stands, taken_by, \
             taken_deputy, taken_at_ns, handed_at_ns, kept_back_at_ns from outbox ",
            $rest
        )
    };
}

impl Store {
    /// At most `limit` released acts before `before` (a position), newest first.
    pub fn outbox(
        &self,
        link: LinkId,
        before: Option<u64>,
        limit: u64,
    ) -> Result<Vec<OutboxLine>, StoreError> {
        self.read(|transaction| {
            transaction.all(
                select!("where link = $1 and position < $2 order by position desc limit $3"),
                &values![link.0, before.unwrap_or(u64::MAX >> 1), limit],
                line,
            )
        })
    }

    /// The released act with this message id.
    pub fn outbox_of(
        &self,
        link: LinkId,
        message: &Bytes32,
    ) -> Result<Option<OutboxLine>, StoreError> {
        self.read(|transaction| {
            transaction.one(
                select!("where link = $1 and message = $2 limit 1"),
                &values![link.0, message],
                line,
            )
        })
    }

    /// The released acts whose reference or act id this is, oldest first.
    pub fn outbox_named(&self, link: LinkId, name: &str) -> Result<Vec<OutboxLine>, StoreError> {
        self.read(|transaction| {
            transaction.all(
                select!("where link = $1 and (reference = $2 or act_id = $2) order by position limit 100"),
                &values![link.0, name],
                line,
            )
        })
    }

    /// The released acts of a case, oldest first.
    pub fn outbox_of_case(
        &self,
        link: LinkId,
        case_ref: &str,
    ) -> Result<Vec<OutboxLine>, StoreError> {
        self.read(|transaction| {
            transaction.all(
                select!("where link = $1 and case_ref = $2 order by position limit 10000"),
                &values![link.0, case_ref],
                line,
            )
        })
    }

    /// At most `limit` acts that wait for their receipt and whose next attempt is due, first lane first.
    pub fn waiting(
        &self,
        link: LinkId,
        now: Timestamp,
        limit: u64,
    ) -> Result<Vec<OutboxLine>, StoreError> {
        self.read(|transaction| {
            transaction.all(
                select!("where link = $1 and outcome is null and kept_back_at_ns is null and next_attempt_at_ns <= $2 order by lane, position limit $3"),
                &values![link.0, now, limit],
                line,
            )
        })
    }

    /// When the next act that waits is due, and how many wait.
    pub fn waiting_until(&self, link: LinkId) -> Result<(Option<Timestamp>, u64), StoreError> {
        self.read(|transaction| {
            let found = transaction.one(
                "select min(next_attempt_at_ns), count(*) from outbox
                 where link = $1 and outcome is null and kept_back_at_ns is null",
                &values![link.0],
                |row| Ok((row.instant_or_none(0)?, row.number(1)?)),
            )?;
            Ok(found.unwrap_or((None, 0)))
        })
    }

    /// The highest number that we gave in a series of references: `SERIES/NUMBER`.
    pub fn last_in_series(&self, link: LinkId, series: &str) -> Result<Option<u64>, StoreError> {
        let length = series.chars().count() as u64 + 2;
        let (from, until) = (format!("{series}/"), format!("{series}0"));
        self.read(|transaction| {
            let last = transaction.one(
                "select max(cast(substr(reference, $1) as integer)) from outbox
                 where link = $2 and reference >= $3 and reference < $4",
                &values![length, link.0, &from, &until],
                |row| row.get::<Option<i64>>(0),
            )?;
            Ok(last.flatten().and_then(|last| u64::try_from(last).ok()))
        })
    }

    /// These acts are handed to the partner at `at`. The first time counts.
    pub fn handed(
        &self,
        link: LinkId,
        messages: &[Bytes32],
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.write(|transaction| {
            for message in messages {
                transaction.run(
                    "update outbox set handed_at_ns = $1 where link = $2 and message = $3 and handed_at_ns is null",
                    &values![at, link.0, message],
                )?;
            }
            Ok(())
        })
    }

    /// What we contest and have not told the partner yet: the message, and in what words.
    pub fn objections(
        &self,
        link: LinkId,
        limit: u64,
    ) -> Result<Vec<(Bytes32, String)>, StoreError> {
        self.read(|transaction| {
            transaction.all(
                "select message, contested from outbox where link = $1 and contested is not null and contested_told = 0
                 order by position limit $2",
                &values![link.0, limit],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
        })
    }

    /// The partner has been told what we contest.
    pub fn objections_told(&self, link: LinkId, messages: &[Bytes32]) -> Result<(), StoreError> {
        self.write(|transaction| {
            for message in messages {
                transaction.run(
                    "update outbox set contested_told = 1 where link = $1 and message = $2",
                    &values![link.0, message],
                )?;
            }
            Ok(())
        })
    }

    /// Notes tries that brought no receipt. A row that was settled meanwhile is left alone.
    pub fn attempted(&self, link: LinkId, attempts: &[Attempt]) -> Result<(), StoreError> {
        self.write(|transaction| {
            for attempt in attempts {
                transaction.run(
                    "update outbox set attempts = attempts + 1, next_attempt_at_ns = $1, fault = $2
                     where link = $3 and message = $4 and outcome is null and kept_back_at_ns is null",
                    &values![attempt.next_at, &attempt.fault, link.0, &attempt.message],
                )?;
            }
            Ok(())
        })
    }

    /// What waits until later than `now` is tried now: the clock was set back, or whoever waited has begun anew.
    pub fn due_at_once(&self, link: LinkId, now: Timestamp) -> Result<(), StoreError> {
        self.write(|transaction| {
            transaction.run(
                "update outbox set next_attempt_at_ns = $1 where link = $2 and outcome is null and next_attempt_at_ns > $1",
                &values![now, link.0],
            )?;
            Ok(())
        })
    }
}

/// Writes the row of an act that is released now.
pub(crate) fn insert(
    transaction: &Transaction<'_>,
    link: LinkId,
    line: &OutboxLine,
) -> Result<(), StoreError> {
    transaction.run(
        "insert into outbox (link, message, position, act_id, act, from_organ, to_organ, reference, case_ref,
         in_reply_to, stands, released_by, released_at_ns, memorandum, lane, size_bytes, next_attempt_at_ns)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
        &values![
            link.0,
            &line.message,
            line.position,
            &line.act_id,
            &line.act,
            &line.from_organ,
            &line.to_organ,
            &line.reference,
            &line.case_ref,
            &line.in_reply_to,
            line.stands,
            &line.released_by,
            line.released_at,
            &line.memorandum,
            line.lane,
            line.size_bytes,
            line.next_attempt_at
        ],
    )?;
    Ok(())
}

fn line(row: &Row<'_>) -> Result<OutboxLine, StoreError> {
    let outcome: Option<String> = row.get(17)?;
    Ok(OutboxLine {
        message: row.get(0)?,
        position: row.number(1)?,
        act_id: row.get(2)?,
        act: row.get(3)?,
        from_organ: row.get(4)?,
        to_organ: row.get(5)?,
        reference: row.get(6)?,
        case_ref: row.get(7)?,
        in_reply_to: row.get(8)?,
        stands: row.get(23)?,
        released_by: row.get(9)?,
        released_at: row.instant(10)?,
        memorandum: row.get(11)?,
        lane: row.get(12)?,
        size_bytes: row.number(13)?,
        attempts: row.get(14)?,
        next_attempt_at: row.instant(15)?,
        fault: row.get(16)?,
        outcome: outcome
            .map(|word| Outcome::from_word(&word).ok_or(StoreError::Unreadable("outcome")))
            .transpose()?,
        ground: row.get(18)?,
        received_at: row.instant_or_none(19)?,
        receipt_position: row
            .get::<Option<i64>>(20)?
            .map(|_| row.number(20))
            .transpose()?,
        settled_at: row.instant_or_none(21)?,
        contested: row.get(22)?,
        taken: taken(row)?,
        handed_at: row.instant_or_none(27)?,
        kept_back_at: row.instant_or_none(28)?,
    })
}

fn taken(row: &Row<'_>) -> Result<Option<TakenOver>, StoreError> {
    let by: Option<String> = row.get(24)?;
    by.map(|by| {
        Ok(TakenOver {
            by,
            deputy: row.get(25)?,
            at: row.instant(26)?,
        })
    })
    .transpose()
}

/// An officer of the partner has taken an act of ours over. The newest taking counts.
pub(crate) fn take_over(
    transaction: &Transaction<'_>,
    link: LinkId,
    message: &Bytes32,
    taken: &TakenOver,
) -> Result<(), StoreError> {
    transaction.run(
        "update outbox set taken_by = $1, taken_deputy = $2, taken_at_ns = $3 where link = $4 and message = $5
         and coalesce(taken_at_ns, $3) <= $3",
        &values![&taken.by, &taken.deputy, taken.at, link.0, message],
    )?;
    Ok(())
}

/// The released acts that stand and were not refused.
pub(crate) fn standing(
    transaction: &Transaction<'_>,
    link: LinkId,
) -> Result<Vec<OutboxLine>, StoreError> {
    transaction.all(
        select!("where link = $1 and stands = 1 order by position limit 20001"),
        &values![link.0],
        line,
    )
}

/// The released acts of a case.
pub(crate) fn of_case(
    transaction: &Transaction<'_>,
    link: LinkId,
    case_ref: &str,
) -> Result<Vec<OutboxLine>, StoreError> {
    transaction.all(
        select!("where link = $1 and case_ref = $2 order by position limit 20001"),
        &values![link.0, case_ref],
        line,
    )
}

/// The released acts of a reference.
pub(crate) fn of_reference(
    transaction: &Transaction<'_>,
    link: LinkId,
    reference: &str,
) -> Result<Vec<OutboxLine>, StoreError> {
    transaction.all(
        select!("where link = $1 and reference = $2 order by position limit 1000"),
        &values![link.0, reference],
        line,
    )
}
