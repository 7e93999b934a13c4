//! What an act is judged against, as rows: the acts that stand, those of the cases and references it touches, what happened
//! at home, and the uses of quotas.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::{
    Bytes32, InboxLine, LinkId, OutboxLine, Store, StoreError, inbox, outbox,
    sql::{Row, Transaction, values},
};

/// What is wanted: the cases and references that an act touches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Cases.
    pub cases: BTreeSet<String>,
    /// References of acts.
    pub references: BTreeSet<String>,
}

/// What was found: every act that stands, every act of the wanted cases and references, then the cases of what was found,
/// until nothing new came up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Concern {
    /// Acts of ours, each once, oldest first.
    pub sent: Vec<OutboxLine>,
    /// Acts of the partner that were filed, each once, oldest first. What was refused leaves nothing to judge against.
    pub received: Vec<InboxLine>,
    /// What happened at home.
    pub home: Vec<HomeLine>,
}

/// Something that happened at home and moves a clock of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HomeLine {
    /// Its identifier, unique on the link.
    pub id: String,
    /// What happened, in the word of the worked cases.
    pub happening: String,
    /// When.
    pub at: Timestamp,
    /// The organ that did it, or that sent the act it concerns.
    pub from_organ: Option<String>,
    /// The organ that received the act it concerns.
    pub to_organ: Option<String>,
    /// The case it concerns.
    pub case_ref: Option<String>,
    /// The act it concerns.
    pub reference: Option<String>,
    /// Its particulars, by slot, as strict JSON.
    pub particulars: String,
}

/// An act that a quota counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuotaUse {
    /// The quota of Annex 9.
    pub quota: String,
    /// For whom it counts: the officer, the case, the organ, the Party.
    pub counted_for: String,
    /// When.
    pub at: Timestamp,
    /// The message.
    pub message: Bytes32,
}

/// At most so many acts are folded for one act; a case with more is beyond what the node judges.
const ACTS_MAX: usize = 20_000;

impl Store {
    /// All that concerns what is wanted, on one unchanging view.
    ///
    /// Fails as unreadable if more than 20,000 acts hang together.
    pub fn concern(&self, link: LinkId, wanted: &Wanted) -> Result<Concern, StoreError> {
        self.read(|transaction| {
            let mut search = Search::new(transaction, link);
            search.standing()?;
            search.follow(wanted.clone())?;
            Ok(search.found())
        })
    }

    /// The instants at which a quota counted an act for someone since `since`, oldest first.
    pub fn quota_uses(
        &self,
        link: LinkId,
        quota: &str,
        counted_for: &str,
        since: Timestamp,
    ) -> Result<Vec<Timestamp>, StoreError> {
        self.read(|transaction| {
            transaction.all(
                "select at_ns from quota_use where link = $1 and quota = $2 and counted_for = $3 and at_ns >= $4
                 order by at_ns limit 100000",
                &values![link.0, quota, counted_for, since],
                |row| row.instant(0),
            )
        })
    }

    /// At most `limit` cases and lone references that have a clock which had not ended at `since`, in order.
    pub fn concerns_since(
        &self,
        link: LinkId,
        since: Timestamp,
        limit: u64,
    ) -> Result<Vec<(Option<String>, String)>, StoreError> {
        self.read(|transaction| {
            transaction.all(
                "select case_ref, min(of_reference) from running_clock where link = $1
                 and (ended_at_ns is null or ended_at_ns >= $2)
                 group by case_ref, case when case_ref is null then of_reference else '' end
                 order by case_ref, min(of_reference) limit $3",
                &values![link.0, since, limit],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
        })
    }
}

/// A search that follows cases and references until nothing new is found.
struct Search<'a> {
    transaction: &'a Transaction<'a>,
    link: LinkId,
    seen: Wanted,
    concern: Concern,
}

impl<'a> Search<'a> {
    fn new(transaction: &'a Transaction<'a>, link: LinkId) -> Self {
        Self {
            transaction,
            link,
            seen: Wanted::default(),
            concern: Concern::default(),
        }
    }

    fn standing(&mut self) -> Result<(), StoreError> {
        self.concern.sent = outbox::standing(self.transaction, self.link)?;
        self.concern.received = inbox::standing(self.transaction, self.link)?;
        Ok(())
    }

    /// The acts that stand are not followed into their cases: what is judged needs them, not their neighbours.
    fn follow(&mut self, mut next: Wanted) -> Result<(), StoreError> {
        while !next.cases.is_empty() || !next.references.is_empty() {
            let mut further = Wanted::default();
            for case_ref in std::mem::take(&mut next.cases) {
                if self.seen.cases.insert(case_ref.clone()) {
                    self.of_case(&case_ref, &mut further)?;
                }
            }
            for reference in std::mem::take(&mut next.references) {
                if self.seen.references.insert(reference.clone()) {
                    self.of_reference(&reference, &mut further)?;
                }
            }
            next = further;
            if self.concern.sent.len() + self.concern.received.len() > ACTS_MAX {
                return Err(StoreError::Unreadable("case with so many acts"));
            }
        }
        Ok(())
    }

    fn of_case(&mut self, case_ref: &str, further: &mut Wanted) -> Result<(), StoreError> {
        let sent = outbox::of_case(self.transaction, self.link, case_ref)?;
        let received = inbox::filed_of_case(self.transaction, self.link, case_ref)?;
        self.concern
            .home
            .extend(home_of_case(self.transaction, self.link, case_ref)?);
        for line in &sent {
            further.references.extend(line.in_reply_to.clone());
        }
        for line in &received {
            further.references.extend(line.in_reply_to.clone());
        }
        self.concern.sent.extend(sent);
        self.concern.received.extend(received);
        Ok(())
    }

    fn of_reference(&mut self, reference: &str, further: &mut Wanted) -> Result<(), StoreError> {
        let sent = outbox::of_reference(self.transaction, self.link, reference)?;
        let received = inbox::filed_of_reference(self.transaction, self.link, reference)?;
        self.concern
            .home
            .extend(home_of_reference(self.transaction, self.link, reference)?);
        for line in &sent {
            further.cases.extend(line.case_ref.clone());
            further.references.extend(line.in_reply_to.clone());
        }
        for line in &received {
            further.cases.extend(line.case_ref.clone());
            further.references.extend(line.in_reply_to.clone());
        }
        self.concern.sent.extend(sent);
        self.concern.received.extend(received);
        Ok(())
    }

    /// Each row once, oldest first.
    fn found(mut self) -> Concern {
        self.concern.sent.sort_by_key(|line| line.position);
        self.concern.sent.dedup_by_key(|line| line.position);
        self.concern
            .received
            .sort_by_key(|line| line.receipt_position);
        self.concern
            .received
            .dedup_by_key(|line| line.receipt_position);
        self.concern
            .home
            .sort_by(|left, right| (left.at, &left.id).cmp(&(right.at, &right.id)));
        self.concern
            .home
            .dedup_by(|left, right| left.id == right.id);
        self.concern
    }
}

pub(crate) fn insert_home(
    transaction: &Transaction<'_>,
    link: LinkId,
    line: &HomeLine,
) -> Result<(), StoreError> {
    transaction.run(
        "insert into home (link, home, happening, at_ns, from_organ, to_organ, case_ref, reference, particulars)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing",
        &values![
            link.0,
            &line.id,
            &line.happening,
            line.at,
            &line.from_organ,
            &line.to_organ,
            &line.case_ref,
            &line.reference,
            &line.particulars
        ],
    )?;
    Ok(())
}

pub(crate) fn insert_use(
    transaction: &Transaction<'_>,
    link: LinkId,
    used: &QuotaUse,
) -> Result<(), StoreError> {
    transaction.run(
        "insert into quota_use (link, quota, counted_for, at_ns, message) values ($1, $2, $3, $4, $5)
         on conflict do nothing",
        &values![link.0, &used.quota, &used.counted_for, used.at, &used.message],
    )?;
    Ok(())
}

fn home_of_case(
    transaction: &Transaction<'_>,
    link: LinkId,
    case_ref: &str,
) -> Result<Vec<HomeLine>, StoreError> {
    transaction.all(
        "select home, happening, at_ns, from_organ, to_organ, case_ref, reference, particulars from home
         where link = $1 and case_ref = $2 order by at_ns, home limit 20001",
        &values![link.0, case_ref],
        home,
    )
}

fn home_of_reference(
    transaction: &Transaction<'_>,
    link: LinkId,
    reference: &str,
) -> Result<Vec<HomeLine>, StoreError> {
    transaction.all(
        "select home, happening, at_ns, from_organ, to_organ, case_ref, reference, particulars from home
         where link = $1 and reference = $2 order by at_ns, home limit 20001",
        &values![link.0, reference],
        home,
    )
}

fn home(row: &Row<'_>) -> Result<HomeLine, StoreError> {
    Ok(HomeLine {
        id: row.get(0)?,
        happening: row.get(1)?,
        at: row.instant(2)?,
        from_organ: row.get(3)?,
        to_organ: row.get(4)?,
        case_ref: row.get(5)?,
        reference: row.get(6)?,
        particulars: row.get(7)?,
    })
}
