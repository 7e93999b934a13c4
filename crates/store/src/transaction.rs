//! The three transactions of an act: released, filed, settled. Each is all or nothing.

use jiff::Timestamp;

use crate::{
    Body, Bytes32, ClockLine, HomeLine, InboxLine, JournalLine, LinkId, MirrorGrowth, Notice,
    OutboxLine, Outcome, OwnGrowth, QuotaUse, SentDraft, Store, StoreError, TakenOver, body, case,
    clock, concern, draft, held, inbox, journal, ledger, mirror, notice, outbox,
    sql::{Transaction, values},
};

/// What else an act, a receipt or an expiry leaves: uses of quotas, and the clocks as they now stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unfolding {
    /// Uses of quotas.
    pub uses: Vec<QuotaUse>,
    /// For each act whose clocks moved, by its reference: all its clocks as they now stand.
    pub clocks: Vec<(String, Vec<ClockLine>)>,
    /// Since when the clocks of every case are to be counted anew, because an act moves them all. The mark stands in the
    /// store until [`Store::refolded`].
    pub refold_since: Option<Timestamp>,
}

/// One act as it is released.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Released {
    /// Its row.
    pub line: OutboxLine,
    /// Its body.
    pub body: Body,
    /// The held act that it was, if it was held.
    pub held: Option<i64>,
    /// The digest of its draft.
    pub draft: Bytes32,
}

/// Acts that are released together: their rows, their entries, one head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// The acts.
    pub acts: Vec<Released>,
    /// Their entries and the head.
    pub growth: OwnGrowth,
    /// What the state becomes.
    pub unfolding: Unfolding,
    /// What the journal says.
    pub journal: Vec<JournalLine>,
}

/// An act that is kept back before it was ever handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptBack {
    /// The message.
    pub message: Bytes32,
    /// When.
    pub at: Timestamp,
    /// Why, in words for its officer.
    pub why: String,
    /// The clocks without it.
    pub unfolding: Unfolding,
    /// What the journal says.
    pub journal: JournalLine,
}

/// One act as it is filed, refused or found unreadable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filed {
    /// Its row.
    pub line: InboxLine,
    /// The opening of its entry in the partner's log.
    pub opening: (Bytes32, String),
    /// Its body; none for what is not kept.
    pub body: Option<Body>,
}

/// A parcel of acts as it is filed: the mirror, the rows, the receipts, one head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filing {
    /// What the mirror becomes.
    pub mirror: MirrorGrowth,
    /// The acts that had no receipt yet.
    pub acts: Vec<Filed>,
    /// Their receipts and the head; none if there is no new receipt.
    pub growth: Option<OwnGrowth>,
    /// What the state becomes.
    pub unfolding: Unfolding,
    /// Who is told of what was refused.
    pub notices: Vec<Notice>,
    /// What the journal says.
    pub journal: Vec<JournalLine>,
}

/// One receipt as it is settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// The message.
    pub message: Bytes32,
    /// The receipt's entry in the partner's log.
    pub position: u64,
    /// Its opening.
    pub opening: (Bytes32, String),
    /// What became of the act.
    pub outcome: Outcome,
    /// The ground of a refusal.
    pub ground: Option<String>,
    /// The instant of receipt.
    pub received_at: Timestamp,
    /// Why we contest what it states.
    pub contested: Option<String>,
}

/// A second receipt as it is settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The message of ours that was taken over.
    pub message: Bytes32,
    /// The entry of the second receipt in the partner's log.
    pub position: u64,
    /// Its opening.
    pub opening: (Bytes32, String),
    /// Who, and when.
    pub over: TakenOver,
}

/// A parcel of receipts as it is settled: the mirror, the rows, the clocks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settlement {
    /// What the mirror becomes.
    pub mirror: MirrorGrowth,
    /// The receipts that were not settled yet.
    pub receipts: Vec<Settled>,
    /// Other receipts than the first, of acts that were settled before: their places in the partner's log, and their openings.
    /// They change nothing and are kept, since they show what the partner did.
    pub others: Vec<(u64, (Bytes32, String))>,
    /// The second receipts.
    pub takings: Vec<Taken>,
    /// What the partner contests in receipts of ours: the message, and in what words.
    pub objections: Vec<(Bytes32, String)>,
    /// What the state becomes.
    pub unfolding: Unfolding,
    /// Who is told of what was refused.
    pub notices: Vec<Notice>,
    /// When.
    pub at: Timestamp,
    /// What the journal says.
    pub journal: Vec<JournalLine>,
}

impl Filing {
    /// Whether nothing is to be kept.
    pub fn is_empty(&self) -> bool {
        self.mirror.is_empty() && self.acts.is_empty() && self.growth.is_none()
    }
}

impl Settlement {
    /// Whether nothing is to be kept.
    pub fn is_empty(&self) -> bool {
        let rows =
            self.receipts.is_empty() && self.takings.is_empty() && self.objections.is_empty();
        self.mirror.is_empty() && self.others.is_empty() && rows
    }
}

impl Store {
    /// Releases acts: rows, entries, head, in one transaction.
    ///
    /// Refused as moved if the log has grown since the acts were judged. INVARIANT: whoever changes a link's state holds its
    /// turn, so the state has not.
    pub fn release(&self, link: LinkId, release: &Release) -> Result<(), StoreError> {
        // A crash before the commit: nothing was released, the officer sends again. After it: the acts wait in the
        // outbox and leave with the next parcel, whatever happens to us.
        self.write(|transaction| {
            ledger::grow(transaction, link, &release.growth)?;
            for act in &release.acts {
                put_out(transaction, link, act)?;
            }
            unfold(transaction, link, &release.unfolding)?;
            journal::append(transaction, &release.journal)
        })?;
        if release.acts.iter().any(|act| act.held.is_some()) {
            self.erased();
        }
        Ok(())
    }

    /// Files a parcel: the mirror, rows, receipts, head, in one transaction.
    ///
    /// Refused as moved if mirror or log have grown since the acts were judged.
    pub fn file(&self, link: LinkId, filing: &Filing) -> Result<(), StoreError> {
        // A crash before the commit: the partner has no receipt and sends again. After it: every repeat gets the
        // receipt that stands here, so a lost answer costs nothing.
        self.write(|transaction| {
            mirror::extend(transaction, link, &filing.mirror)?;
            if let Some(growth) = &filing.growth {
                ledger::grow(transaction, link, growth)?;
            }
            for act in &filing.acts {
                put_in(transaction, link, act)?;
            }
            unfold(transaction, link, &filing.unfolding)?;
            notice::insert(transaction, link, &filing.notices)?;
            journal::append(transaction, &filing.journal)
        })
    }

    /// Settles receipts: the mirror, rows closed, clocks, journal, in one transaction.
    ///
    /// Refused as moved if the mirror has grown since the receipts were verified.
    pub fn settle(&self, link: LinkId, settlement: &Settlement) -> Result<(), StoreError> {
        // A crash before the commit: the act is sent again and the same receipt comes back. After it: done.
        self.write(|transaction| {
            mirror::extend(transaction, link, &settlement.mirror)?;
            for receipt in &settlement.receipts {
                close(transaction, link, receipt, settlement.at)?;
            }
            for (position, opening) in &settlement.others {
                mirror::keep_opening(transaction, link, *position, opening)?;
            }
            for taken in &settlement.takings {
                mirror::keep_opening(transaction, link, taken.position, &taken.opening)?;
                outbox::take_over(transaction, link, &taken.message, &taken.over)?;
            }
            for (message, words) in &settlement.objections {
                transaction.run(
                    "update inbox set contested = $1 where link = $2 and message = $3",
                    &values![words, link.0, message],
                )?;
            }
            unfold(transaction, link, &settlement.unfolding)?;
            notice::insert(transaction, link, &settlement.notices)?;
            journal::append(transaction, &settlement.journal)
        })
    }

    /// Keeps an act back: it uses no quota, and its draft may be sent anew. One that was handed over meanwhile is left alone.
    pub fn keep_back(&self, link: LinkId, kept: &KeptBack) -> Result<(), StoreError> {
        self.write(|transaction| {
            let waits = transaction.one(
                "select 1 from outbox where link = $1 and message = $2 and outcome is null and handed_at_ns is null limit 1",
                &values![link.0, &kept.message],
                |_| Ok(()),
            )?;
            if waits.is_none() {
                return Ok(());
            }
            transaction.run(
                "update outbox set kept_back_at_ns = $1, fault = $2 where link = $3 and message = $4",
                &values![kept.at, &kept.why, link.0, &kept.message],
            )?;
            transaction.run(
                "delete from quota_use where link = $1 and message = $2",
                &values![link.0, &kept.message],
            )?;
            draft::forget(transaction, &kept.message)?;
            unfold(transaction, link, &kept.unfolding)?;
            journal::append(transaction, std::slice::from_ref(&kept.journal))
        })
    }

    /// Writes clocks as they now stand: what ran out, or what an act of every case has moved.
    pub fn unfold(
        &self,
        link: LinkId,
        unfolding: &Unfolding,
        lines: &[JournalLine],
    ) -> Result<(), StoreError> {
        self.write(|transaction| {
            unfold(transaction, link, unfolding)?;
            journal::append(transaction, lines)
        })
    }

    /// Keeps what happened at home, the clocks it moved, and what the journal says of it.
    pub fn happen(
        &self,
        link: LinkId,
        home: &HomeLine,
        unfolding: &Unfolding,
        lines: &[JournalLine],
    ) -> Result<(), StoreError> {
        self.write(|transaction| {
            concern::insert_home(transaction, link, home)?;
            unfold(transaction, link, unfolding)?;
            journal::append(transaction, lines)
        })
    }
}

fn put_out(transaction: &Transaction<'_>, link: LinkId, act: &Released) -> Result<(), StoreError> {
    let line = &act.line;
    body::keep(transaction, &line.message, &act.body)?;
    outbox::insert(transaction, link, line)?;
    if let Some(held) = act.held {
        held::drop_held(transaction, held)?;
    }
    draft::note(transaction, &act.draft, SentDraft::Released(line.message))?;
    let (case_ref, owner) = (line.case_ref.as_deref(), Some(line.released_by.as_str()));
    case::open(transaction, link, case_ref, owner, line.released_at)
}

fn put_in(transaction: &Transaction<'_>, link: LinkId, act: &Filed) -> Result<(), StoreError> {
    let line = &act.line;
    mirror::keep_opening(transaction, link, line.position, &act.opening)?;
    if let Some(body) = &act.body {
        body::keep(transaction, &line.message, body)?;
    }
    inbox::insert(transaction, link, line)?;
    if matches!(line.outcome, Outcome::Filed | Outcome::Clarify) {
        case::open(
            transaction,
            link,
            line.case_ref.as_deref(),
            None,
            line.received_at,
        )?;
    }
    Ok(())
}

/// Closes the row of an act. A row that is closed already stays as it is: the first receipt counts.
fn close(
    transaction: &Transaction<'_>,
    link: LinkId,
    receipt: &Settled,
    at: Timestamp,
) -> Result<(), StoreError> {
    mirror::keep_opening(transaction, link, receipt.position, &receipt.opening)?;
    transaction.run(
        "update outbox set outcome = $1, ground = $2, received_at_ns = $3, receipt_position = $4, settled_at_ns = $5,
         contested = $6, fault = null where link = $7 and message = $8 and outcome is null",
        &values![
            receipt.outcome.word(),
            &receipt.ground,
            receipt.received_at,
            receipt.position,
            at,
            &receipt.contested,
            link.0,
            &receipt.message
        ],
    )?;
    if matches!(receipt.outcome, Outcome::Refused | Outcome::Unreadable) {
        // What the partner did not admit counts against no quota, here as there.
        transaction.run(
            "delete from quota_use where link = $1 and message = $2",
            &values![link.0, &receipt.message],
        )?;
    }
    Ok(())
}

pub(crate) fn unfold(
    transaction: &Transaction<'_>,
    link: LinkId,
    unfolding: &Unfolding,
) -> Result<(), StoreError> {
    for used in &unfolding.uses {
        concern::insert_use(transaction, link, used)?;
    }
    for (reference, lines) in &unfolding.clocks {
        clock::keep(transaction, link, reference, lines)?;
    }
    if let Some(since) = unfolding.refold_since {
        clock::want_refold(transaction, link, since)?;
    }
    Ok(())
}
