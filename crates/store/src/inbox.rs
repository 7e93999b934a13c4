//! What arrived and was receipted, and who answers for it.

use jiff::Timestamp;

use crate::{
    Bytes32, LinkId, Store, StoreError,
    sql::{Row, Transaction, values},
};

/// What became of an act at its recipient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Filed.
    Filed,
    /// Filed, but a clarification is owed first.
    Clarify,
    /// Refused with a ground.
    Refused,
    /// It could not be opened or read.
    Unreadable,
}

/// An act that arrived, without its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InboxLine {
    /// The message id: the digest of the sealed bytes.
    pub message: Bytes32,
    /// Its entry in the partner's log.
    pub position: u64,
    /// Its receipt in our log.
    pub receipt_position: u64,
    /// The act id inside the sealed body, hexadecimal; none if it was unreadable.
    pub act_id: Option<String>,
    /// The act of Annex 3, as the body names it.
    pub act: Option<String>,
    /// The organ it comes from.
    pub from_organ: Option<String>,
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
    /// When the partner released it, as its record says.
    pub released_at: Option<Timestamp>,
    /// When we received it.
    pub received_at: Timestamp,
    /// The digest of the memorandum by which we judged it.
    pub memorandum: String,
    /// The size of the sealed bytes.
    pub size_bytes: u64,
    /// What became of it.
    pub outcome: Outcome,
    /// The ground of a refusal, as the partner was told.
    pub ground: Option<String>,
    /// The true reason, where it is another: told to nobody outside.
    pub reason: Option<String>,
    /// The message of the same act that was filed first.
    pub repeats: Option<Bytes32>,
    /// What the partner contests in our receipt.
    pub contested: Option<String>,
    /// The officer who answers for it.
    pub owner: Option<String>,
    /// The deputy.
    pub deputy: Option<String>,
    /// When it was taken over.
    pub taken_at: Option<Timestamp>,
    /// What outlives its content, once that is erased: strict JSON without anything about a person.
    pub remains: Option<String>,
}

/// An officer takes an act over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taking {
    /// The message.
    pub message: Bytes32,
    /// Who answers for it.
    pub owner: String,
    /// Who stands in.
    pub deputy: Option<String>,
    /// When.
    pub at: Timestamp,
}

impl Outcome {
    /// The word that a receipt uses (PROTOCOL section 4).
    pub const fn word(self) -> &'static str {
        match self {
            Outcome::Filed => "filed",
            Outcome::Clarify => "clarify",
            Outcome::Refused => "refused",
            Outcome::Unreadable => "unreadable",
        }
    }

    /// The outcome of this word.
    pub fn from_word(word: &str) -> Option<Self> {
        [
            Outcome::Filed,
            Outcome::Clarify,
            Outcome::Refused,
            Outcome::Unreadable,
        ]
        .into_iter()
        .find(|outcome| outcome.word() == word)
    }
}

/// A query for whole lines: the condition and the order are its own.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select message, position, receipt_position, act_id, act, from_organ, to_organ, reference, case_ref, \
             in_reply_to, released_at_ns, received_at_ns, memorandum, size_bytes, outcome, ground, reason, \
             repeats, contested, owner, deputy, taken_at_ns, stands, remains from inbox ",
            $rest
        )
    };
}

impl Store {
    /// At most `limit` acts received before `before` (a position of our receipt), newest first.
    pub fn inbox(
        &self,
        link: LinkId,
        before: Option<u64>,
        limit: u64,
    ) -> Result<Vec<InboxLine>, StoreError> {
        self.read(|transaction| {
            transaction.all(
                select!(
                    "where link = $1 and receipt_position < $2
                 order by receipt_position desc limit $3"
                ),
                &values![link.0, before.unwrap_or(u64::MAX >> 1), limit],
                line,
            )
        })
    }

    /// What was receipted under this message id.
    pub fn receipt_for(
        &self,
        link: LinkId,
        message: &Bytes32,
    ) -> Result<Option<InboxLine>, StoreError> {
        self.read(|transaction| {
            transaction.one(
                select!("where link = $1 and message = $2 limit 1"),
                &values![link.0, message],
                line,
            )
        })
    }

    /// The message under which this act was filed first.
    pub fn filed_first(&self, link: LinkId, act_id: &str) -> Result<Option<InboxLine>, StoreError> {
        self.read(|transaction| {
            transaction.one(
                select!(
                    "where link = $1 and act_id = $2
                 and outcome in ('filed', 'clarify') and repeats is null limit 1"
                ),
                &values![link.0, act_id],
                line,
            )
        })
    }

    /// The received acts whose reference or act id this is, oldest first.
    pub fn inbox_named(&self, link: LinkId, name: &str) -> Result<Vec<InboxLine>, StoreError> {
        self.read(|transaction| {
            transaction.all(
                select!(
                    "where link = $1 and (reference = $2 or act_id = $2)
                 order by receipt_position limit 100"
                ),
                &values![link.0, name],
                line,
            )
        })
    }

    /// The received acts of a case, oldest first.
    pub fn inbox_of_case(
        &self,
        link: LinkId,
        case_ref: &str,
    ) -> Result<Vec<InboxLine>, StoreError> {
        self.read(|transaction| {
            transaction.all(
                select!(
                    "where link = $1 and case_ref = $2
                 order by receipt_position limit 10000"
                ),
                &values![link.0, case_ref],
                line,
            )
        })
    }

    /// At most `limit` filed acts that nobody has taken over and for which this clock has run out, oldest first.
    pub fn untaken_after(
        &self,
        link: LinkId,
        clock: &str,
        limit: u64,
    ) -> Result<Vec<InboxLine>, StoreError> {
        self.read(|transaction| {
            transaction.all(
                select!(
                    "where link = $1 and outcome in ('filed', 'clarify') and owner is null and repeats is null
                 and exists (select 1 from running_clock c where c.link = $1 and c.of_reference = inbox.reference
                 and c.clock = $2 and c.ended_how = 'expired')
                 order by received_at_ns, receipt_position limit $3"
                ),
                &values![link.0, clock, limit],
                line,
            )
        })
    }
}

/// Writes the row of an act that is receipted now.
pub(crate) fn insert(
    transaction: &Transaction<'_>,
    link: LinkId,
    line: &InboxLine,
) -> Result<(), StoreError> {
    transaction.run(
        "insert into inbox (link, message, position, receipt_position, act_id, act, from_organ, to_organ, reference,
         case_ref, in_reply_to, stands, released_at_ns, received_at_ns, memorandum, size_bytes, outcome, ground, reason, repeats)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)",
        &values![
            link.0,
            &line.message,
            line.position,
            line.receipt_position,
            &line.act_id,
            &line.act,
            &line.from_organ,
            &line.to_organ,
            &line.reference,
            &line.case_ref,
            &line.in_reply_to,
            line.stands,
            line.released_at,
            line.received_at,
            &line.memorandum,
            line.size_bytes,
            line.outcome.word(),
            &line.ground,
            &line.reason,
            &line.repeats
        ],
    )?;
    Ok(())
}

fn line(row: &Row<'_>) -> Result<InboxLine, StoreError> {
    Ok(InboxLine {
        message: row.get(0)?,
        position: row.number(1)?,
        receipt_position: row.number(2)?,
        act_id: row.get(3)?,
        act: row.get(4)?,
        from_organ: row.get(5)?,
        to_organ: row.get(6)?,
        reference: row.get(7)?,
        case_ref: row.get(8)?,
        in_reply_to: row.get(9)?,
        stands: row.get(22)?,
        released_at: row.instant_or_none(10)?,
        received_at: row.instant(11)?,
        memorandum: row.get(12)?,
        size_bytes: row.number(13)?,
        outcome: row.word(14, Outcome::from_word)?,
        ground: row.get(15)?,
        reason: row.get(16)?,
        repeats: row.get(17)?,
        contested: row.get(18)?,
        owner: row.get(19)?,
        deputy: row.get(20)?,
        taken_at: row.instant_or_none(21)?,
        remains: row.get(23)?,
    })
}

/// The filed acts that stand.
pub(crate) fn standing(
    transaction: &Transaction<'_>,
    link: LinkId,
) -> Result<Vec<InboxLine>, StoreError> {
    transaction.all(
        select!(
            "where link = $1 and stands = 1 and outcome in ('filed', 'clarify') and repeats is null
             order by receipt_position limit 20001"
        ),
        &values![link.0],
        line,
    )
}

/// The filed acts of a case.
pub(crate) fn filed_of_case(
    transaction: &Transaction<'_>,
    link: LinkId,
    case_ref: &str,
) -> Result<Vec<InboxLine>, StoreError> {
    transaction.all(
        select!(
            "where link = $1 and case_ref = $2 and outcome in ('filed', 'clarify') and repeats is null
             order by receipt_position limit 20001"
        ),
        &values![link.0, case_ref],
        line,
    )
}

/// The filed acts of a reference.
pub(crate) fn filed_of_reference(
    transaction: &Transaction<'_>,
    link: LinkId,
    reference: &str,
) -> Result<Vec<InboxLine>, StoreError> {
    transaction.all(
        select!(
            "where link = $1 and reference = $2 and outcome in ('filed', 'clarify') and repeats is null
             order by receipt_position limit 1000"
        ),
        &values![link.0, reference],
        line,
    )
}
