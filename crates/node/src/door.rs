//! The door: who speaks, on what terms, and whether what they say stands in the log that we mirror.

use std::{collections::BTreeMap, sync::Arc};

use entente_cooperation::{
    digest::Digest,
    incoming::{Arrived, Proven},
    receipt::{ActRecord, ReceiptRecord, TakenRecord},
};
use entente_ledger::{Entry, Opening};
use entente_store::{Settled, Unfolding};
use jiff::Timestamp;

use crate::{
    agreement::Agreement,
    desk::{DeskFault, SKEW, Shelf, all_clocks, wanted_case, wanted_reference},
    fault::ReceiveFault,
    link::{Intake, Link, Taken, Turn},
    node::Node,
    peer::{
        parcel::{CarriedAct, CarriedReceipt, Parcel},
        problem::Problem,
    },
};

/// So many cases are counted anew in one transaction.
const CONCERNS_AT_ONCE: usize = 64;

impl Node {
    /// The link that a partner's parcel is for, if it speaks on our terms.
    pub(crate) fn addressed(
        &self,
        party: &str,
        parcel: &Parcel,
    ) -> Result<Arc<Link>, ReceiveFault> {
        let link = self.link_of(party, &parcel.link)?;
        self.same_terms(&link, parcel)?;
        Ok(link)
    }

    /// The link with a Party under a memorandum; whoever has none is a stranger.
    pub(crate) fn link_of(&self, party: &str, memorandum: &str) -> Result<Arc<Link>, Problem> {
        self.link(party)
            .filter(|link| link.memorandum == memorandum)
            .ok_or(Problem::Stranger)
    }

    /// Whether a parcel is the partner's own, on this link, of our kind of node, under a version that we hold.
    pub(crate) fn same_terms(&self, link: &Link, parcel: &Parcel) -> Result<(), ReceiveFault> {
        if parcel.from != link.partner || parcel.link != link.memorandum {
            return Err(Problem::Stranger.into());
        }
        if parcel.demo != self.is_demo() {
            return Err(Problem::DemoMismatch.into());
        }
        let named: Option<Digest> = parcel.memorandum.parse().ok();
        self.agreement_named(
            named.ok_or_else(|| Problem::malformed("no digest of a memorandum"))?,
        )?;
        Ok(())
    }

    /// The version of the memorandum with this digest. A version that we lack is named, with ours; nothing is lost.
    pub(crate) fn agreement_named(&self, digest: Digest) -> Result<Arc<Agreement>, ReceiveFault> {
        let ours = self.agreement();
        self.agreements.of(&digest).ok_or_else(|| {
            Problem::UnknownMemorandum {
                theirs: digest.to_string(),
                ours: ours.digest.to_string(),
            }
            .into()
        })
    }

    /// Where an act is judged: under the version of its release if it came soon enough, else under that of its receipt (6.3).
    pub(crate) fn shelf_of<'a>(
        &'a self,
        link: &'a Link,
        record: &ActRecord,
        now: Timestamp,
    ) -> Shelf<'a> {
        let mut shelf = self.shelf(link);
        shelf.agreement = self.agreements.judging(record.released_at, now);
        shelf
    }

    /// Step 7: what a parcel makes of our mirror of its sender's log.
    ///
    /// A true fork is kept as evidence, and the link stands still. A parcel that shows our own data to be old stops us from
    /// signing until what is missing has come back.
    pub(crate) fn take(
        &self,
        link: &Link,
        turn: &mut Turn,
        parcel: &Parcel,
    ) -> Result<Intake, ReceiveFault> {
        if turn.forked {
            return Err(Problem::Fork {
                index: turn.mirrored(),
            }
            .into());
        }
        match link.take(&self.store, turn, parcel, self.clock.now())? {
            Taken::Intake(intake) if intake.confirmed => Ok(*intake),
            Taken::Intake(_) => Err(Problem::Starting.into()),
            Taken::Problem(problem) => Err(problem.into()),
            Taken::Keys(what) => {
                self.alarm(link, &what)?;
                Err(Problem::malformed(what).into())
            }
            Taken::Fork(fork) => {
                let index = fork.position;
                let what = format!("two histories were signed; they differ from entry {index} on");
                Err(self.forked(link, turn, &fork, &what)?)
            }
            Taken::Forgotten(cosigned) => {
                Err(self.doubts(link, turn, parcel.mirrored, cosigned)?)
            }
            Taken::OurDataAreOld => {
                turn.confirmed = false;
                self.alarm(
                    link,
                    "the partner mirrors more of our log than we have: our data are old",
                )?;
                Err(Problem::Starting.into())
            }
        }
    }

    /// Step 7: an act that stands in its sender's log.
    pub(crate) fn prove(
        &self,
        link: &Link,
        intake: &Intake,
        act: &CarriedAct,
    ) -> Result<Proven, ReceiveFault> {
        let held = intake.entry(&self.store, link.id, act.index)?;
        let arrived = Arrived::new(&link.partner, act.index, act.opening(), act.sealed.clone());
        arrived
            .prove(held.as_ref(), &link.memorandum)
            .map_err(|fault| Problem::malformed(fault.to_string()).into())
    }

    /// Step 12: a receipt that stands in its giver's log.
    pub(crate) fn proven_receipt(
        &self,
        link: &Link,
        intake: &Intake,
        carried: &CarriedReceipt,
    ) -> Result<ReceiptRecord, ReceiveFault> {
        self.stands(link, intake, carried.index, &carried.opening())?;
        ReceiptRecord::read(&carried.record)
            .map_err(|fault| Problem::malformed(fault.to_string()).into())
    }

    /// A second receipt that stands in its giver's log.
    pub(crate) fn proven_taking(
        &self,
        link: &Link,
        intake: &Intake,
        carried: &CarriedReceipt,
    ) -> Result<TakenRecord, ReceiveFault> {
        self.stands(link, intake, carried.index, &carried.opening())?;
        TakenRecord::read(&carried.record)
            .map_err(|fault| Problem::malformed(fault.to_string()).into())
    }

    /// What is contested in a second receipt: then it counts for nothing, and our journal keeps why. None if nothing is.
    ///
    /// It is of this link, for a message of ours, and its instant lies between the receipt (or the release, while the receipt is not
    /// here) and now, as far as two clocks may differ: so a far instant cannot bar the handovers that follow.
    pub(crate) fn odd_taking(
        &self,
        link: &Link,
        record: &TakenRecord,
        receipts: &[Settled],
    ) -> Result<Option<String>, ReceiveFault> {
        let (message, now) = (record.message, self.clock.now());
        let contested = |why: &str| {
            Ok(Some(format!(
                "contested: the second receipt for {message} {why}"
            )))
        };
        if record.link != link.memorandum {
            return contested("is of another link");
        }
        let Some(line) = self.store.outbox_of(link.id, message.as_bytes())? else {
            return contested("is for a message that we never sent");
        };
        let mut with_it = receipts
            .iter()
            .filter(|receipt| receipt.message == line.message);
        let receipt = with_it.next().map(|receipt| receipt.received_at);
        let from = line.received_at.or(receipt).unwrap_or(line.released_at);
        let within = from.checked_sub(SKEW).unwrap_or(from)..=now.checked_add(SKEW).unwrap_or(now);
        if within.contains(&record.taken_at) {
            return Ok(None);
        }
        contested(&format!(
            "states {}, which lies outside {from} and {now}",
            record.taken_at
        ))
    }

    fn stands(
        &self,
        link: &Link,
        intake: &Intake,
        index: u64,
        opening: &Opening,
    ) -> Result<(), ReceiveFault> {
        let held: Option<Entry> = intake.entry(&self.store, link.id, index)?;
        if held.is_some_and(|entry| opening.opens(&entry)) {
            return Ok(());
        }
        Err(Problem::malformed("a receipt that does not stand in its giver's log").into())
    }

    /// Counts the clocks of every case anew that had not ended when an act came that moves them all: a stop, a suspension, an
    /// amendment. Nothing if no such act waits for it.
    ///
    /// A crash before its end: the mark that came with the act stands in the store, and the work that is due begins again.
    pub(crate) fn refold(&self, link: &Link, _turn: &Turn) -> Result<(), DeskFault> {
        let Some(mark) = self.store.refold_wanted(link.id)? else {
            return Ok(());
        };
        let (shelf, now) = (self.shelf(link), self.clock.now());
        let concerns = self.store.concerns_since(link.id, mark.since, 100_000)?;
        for some in concerns.chunks(CONCERNS_AT_ONCE) {
            let mut clocks = BTreeMap::new();
            for (case_ref, reference) in some {
                let wanted = match case_ref {
                    Some(case_ref) => wanted_case(case_ref),
                    None => wanted_reference(reference),
                };
                let state = self.desk.state_of(&shelf, &wanted, now)?;
                let memorandum = &shelf.agreement.memorandum;
                clocks.extend(all_clocks(memorandum, &state, [reference.clone()]));
            }
            let unfolding = Unfolding {
                clocks: clocks.into_iter().collect(),
                ..Unfolding::default()
            };
            self.store.unfold(link.id, &unfolding, &[])?;
        }
        Ok(self.store.refolded(link.id, &mark)?)
    }

    /// The same right after a transaction that asked for it. It is committed, so this fails nobody: the work makes up for it.
    pub(crate) fn refold_after(&self, link: &Link, turn: &Turn, written: &Unfolding) {
        if written.refold_since.is_none() {
            return;
        }
        if let Err(fault) = self.refold(link, turn) {
            tracing::error!(partner = %link.partner, %fault, "clocks could not be counted anew; tried again with the next work");
        }
    }
}
