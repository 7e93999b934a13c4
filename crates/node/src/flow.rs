//! One act, from an officer's desk to the partner and back: [`Node::release`], [`Node::receive`], [`Node::settle`].
//! Read this first.
//!
//! | # | step | function |
//! |---|---|---|
//! | 2, 3 | a draft is judged on our side, and sealed | `clear`, `seal` |
//! | 4 | it enters our log, with its row and the next head | `enter` |
//! | 5 | it leaves with the next parcel | [`Node::dispatch`] |
//! | 6, 7 | it arrives, and is proven against our mirror of the sender's log | `receive` |
//! | 8 | a repeat gets the receipt recorded first | `admit` |
//! | 9, 10 | it is opened, and judged on our side | `admit`, `judge` |
//! | 11 | it is filed, with its receipt and the next head | `file` |
//! | 12, 13 | the receipt is verified, and settles the act | `settle` |
//!
//! Everything here blocks. Whoever changes a link has its turn; each function ends in one transaction, and what is in memory
//! follows the store, never the reverse. After the transaction nothing may fail that its caller would take for a failure of it.

use crate::{
    agreement::Agreement,
    batch::Batch,
    chance::Draw,
    desk::{DeskFault, Footing, Shelf, add_clocks},
    fault::{ReceiveFault, SendFault},
    link::{Intake, Link, Turn},
    node::Node,
    peer::{
        parcel::{CarriedReceipt, Parcel},
        problem::Problem,
    },
    post::Dispatch,
    rows::{self, Sent},
    stuck::Step,
};
use entente_cooperation::{
    act::Act,
    body::Envelope,
    case::Event,
    clock::time_zone_data_version,
    digest::ActId,
    draft::{Draft, Signing},
    incoming::{Judged, Opened, Proven},
    outgoing::{Cleared, Entered, Held, Sealed},
    receipt::{ReceiptRecord, TakenRecord},
};
use entente_ledger::Opening;
use entente_store::{Bytes32, EntryKind, Filed, Filing, Release, Released, Settled, Settlement};

/// An act judged and sealed, that waits for its entry. Nobody has seen it.
pub struct Leaving {
    officer: String,
    draft: Draft,
    act: Act,
    footing: Footing,
    sealed: Sealed,
    held: Option<i64>,
    digest: Bytes32,
}

// ── Steps 2 to 4: an act leaves ───────────────────────────────────────────────────────────────────────────────────────

impl Node {
    /// Releases a draft in an officer's name.
    ///
    /// `held` is the number of the held act that it was. Fails with the refusal, which the journal keeps; then nothing left.
    pub fn release(
        &self,
        link: &Link,
        officer: &str,
        draft: Draft,
        held: Option<i64>,
    ) -> Result<Sent, SendFault> {
        let leaving = self.seal(link, officer, draft, held, &[])?;
        // A crash up to here: nothing happened, the officer sends again.
        let sent = link.together(leaving, &self.store, |turn, all| {
            self.enter(link, turn, all)
        })?;
        link.work.notify_one();
        Ok(sent)
    }

    /// Step 2: judges a draft on our side at this instant.
    ///
    /// `pending` are acts of the same transaction that come before it.
    pub fn clear(
        &self,
        shelf: &Shelf<'_>,
        officer: &str,
        draft: &Draft,
        pending: &[Event],
    ) -> Result<(Act, Footing, Cleared), SendFault> {
        let now = self.clock.now();
        self.may_send(&shelf.agreement.memorandum, officer, draft.act())?;
        let signing = Signing {
            author: &rows::signature(officer),
            reference: &rows::reference(shelf, draft.act(), pending, now)?,
            version: &self.desk.version(shelf, now)?,
        };
        let signed = draft.clone().signed(&shelf.agreement.memorandum, &signing);
        let signed = if self.roster.is_person(officer) {
            signed
        } else {
            signed.by_a_machine()
        };
        let act = signed.act().clone();
        let footing = self.desk.footing(shelf, &act, pending, None, now)?;
        let envelope = Envelope {
            act_id: ActId::from_bytes(self.chance.act_id()),
            link: shelf.link.memorandum.clone(),
            from_party: shelf.link.own.clone(),
            to_party: shelf.link.partner.clone(),
            released_at: footing.at,
            memorandum: shelf.agreement.digest,
            supersedes: None,
        };
        let Agreement {
            policy, memorandum, ..
        } = &*shelf.agreement;
        let basis = footing.basis.clone();
        match signed.clear(policy, memorandum, &footing.state, envelope, basis) {
            Ok(cleared) => Ok((act, footing, cleared)),
            Err(Held::Refused(_, judgement)) => Err(SendFault::Refused(judgement)),
            Err(Held::Broken(_, judgement)) => Err(DeskFault::Undecided(judgement.broken).into()),
            Err(Held::Unwritable(_, malformed)) => Err(SendFault::Unwritable(malformed)),
        }
    }

    /// Steps 2 and 3: judged, and sealed for the partner.
    ///
    /// `pending` are acts of the same transaction that come before it. Nothing is written.
    pub fn seal(
        &self,
        link: &Link,
        officer: &str,
        draft: Draft,
        held: Option<i64>,
        pending: &[Event],
    ) -> Result<Leaving, SendFault> {
        let (act, footing, cleared) = self.clear(&self.shelf(link), officer, &draft, pending)?;
        let recipient = link.recipient(self.clock.now());
        let sealed = cleared
            .seal(&*recipient.ok_or(SendFault::NoKey)?)
            .map_err(SendFault::Unwritable)?;
        Ok(Leaving {
            officer: officer.to_owned(),
            digest: self.draft_digest(&draft),
            draft,
            act,
            footing,
            sealed,
            held,
        })
    }

    /// Step 4: all acts that wait enter our log; one transaction and one head serve them all.
    ///
    /// An act whose ground has moved since it was sealed is judged again. Gives what became of each, in their order.
    pub fn enter(
        &self,
        link: &Link,
        turn: &mut Turn,
        all: Vec<Leaving>,
    ) -> Result<Vec<Result<Sent, SendFault>>, SendFault> {
        link.may_grow(turn)?;
        let (mut batch, mut acts) = (Batch::behind(turn), Vec::new());
        let results = all
            .into_iter()
            .map(|leaving| self.enter_one(link, leaving, &mut batch, &mut acts))
            .collect();
        let Some(growth) = batch.growing.growth(self.clock.now()) else {
            return Ok(results);
        };
        let release = Release {
            acts,
            growth,
            unfolding: batch.unfolding,
            journal: batch.journal,
        };
        // A crash before this commit: nothing was released. After it: the acts wait in the outbox and leave, whatever happens.
        let stored = self.store.release(link.id, &release);
        link.stored(turn, &self.store, Some(release.growth.head), stored)?;
        turn.grown(batch.growing, &release.growth);
        self.refold_after(link, turn, &release.unfolding);
        Ok(results)
    }

    /// If what the judgement rested on has changed, the act is judged again before it gets its entry.
    fn enter_one(
        &self,
        link: &Link,
        leaving: Leaving,
        batch: &mut Batch,
        acts: &mut Vec<Released>,
    ) -> Result<Sent, SendFault> {
        let (shelf, now) = (self.shelf(link), self.clock.now());
        let footing = self
            .desk
            .footing(&shelf, &leaving.act, &batch.pending, None, now)?;
        let leaving = if footing.basis == leaving.footing.basis {
            leaving
        } else {
            let Leaving {
                officer,
                draft,
                held,
                ..
            } = leaving;
            self.seal(link, &officer, draft, held, &batch.pending)?
        };
        let entered = Entered {
            index: batch.growing.next(),
            salt: self.chance.salt(Draw::Ledger),
        };
        let Leaving {
            officer,
            footing,
            sealed,
            held,
            act,
            digest,
            ..
        } = leaving;
        let released = sealed
            .release(entered, &footing.basis)
            .map_err(|_| SendFault::Moved)?;
        let row = rows::released(&shelf, &released, &officer, held, digest, now)?;
        // From here on nothing can fail: an entry without its row would stand in the log for ever.
        batch.growing.push(EntryKind::Act, released.opening());
        batch.follow(&shelf, &footing, rows::awaiting(&released), &act);
        batch.journal.push(rows::noted_release(self, link, &row));
        acts.push(row);
        Ok(rows::sent(&released))
    }
}

// ── Steps 6 to 12: an act arrives ─────────────────────────────────────────────────────────────────────────────────────

impl Node {
    /// Takes a parcel of a partner, whose transport key named `party`, and answers it.
    ///
    /// Its receipts are one transaction, its acts the next. Fails with what the partner is told; then nothing of the acts is kept.
    pub fn receive(&self, party: &str, parcel: &Parcel) -> Result<Parcel, ReceiveFault> {
        let link = self.addressed(party, parcel)?;
        let mut turn = link.turn(&self.store)?;
        let mut intake = self.take(&link, &mut turn, parcel)?;
        if parcel.settles() {
            // Receipts of acts that the partner fetched with its last parcel, and what it says of earlier ones.
            self.settle_receipts(&link, &mut turn, intake, parcel)?;
            intake = turn.nothing_new();
        }
        let receipts = self.file(&link, &mut turn, intake, parcel)?;
        // A crash from here on: the answer is lost, the partner sends again, step 8 gives the same receipts.
        let answer = self.answer(&link, &mut turn, receipts, parcel)?;
        link.work.notify_one();
        Ok(answer)
    }

    /// Steps 7 to 11: every act is proven; what is new is admitted; mirror, rows, receipts and head are one transaction.
    fn file(
        &self,
        link: &Link,
        turn: &mut Turn,
        intake: Intake,
        parcel: &Parcel,
    ) -> Result<Vec<CarriedReceipt>, ReceiveFault> {
        let (mut batch, mut acts) = (Batch::behind(turn), Vec::new());
        let mut receipts = Vec::with_capacity(parcel.acts.len());
        for act in &parcel.acts {
            let proven = self.prove(link, &intake, act)?;
            receipts.extend(self.admit(link, proven, &mut batch, &mut acts)?);
        }
        let filing = Filing {
            mirror: intake.growth.clone(),
            growth: batch.growing.growth(self.clock.now()),
            acts,
            unfolding: batch.unfolding,
            notices: batch.notices,
            journal: batch.journal,
        };
        if !filing.is_empty() {
            // A crash before this commit: the partner has no receipt and sends again. After it: every repeat gets the receipt
            // that stands here.
            let head = filing.growth.as_ref().map(|growth| growth.head);
            link.stored(turn, &self.store, head, self.store.file(link.id, &filing))?;
        }
        turn.taken(intake);
        if let Some(growth) = &filing.growth {
            turn.grown(batch.growing, growth);
        }
        self.refold_after(link, turn, &filing.unfolding);
        Ok(receipts)
    }

    /// Step 8: a message that was receipted gets that receipt, before anything is opened or judged.
    ///
    /// A memorandum can end between an act and its retry; what was filed must not then be refused. An act about which our rules
    /// can say nothing gets no receipt yet: it is tried again, and holds up no other.
    fn admit(
        &self,
        link: &Link,
        proven: Proven,
        batch: &mut Batch,
        acts: &mut Vec<Filed>,
    ) -> Result<Option<CarriedReceipt>, ReceiveFault> {
        let message = proven.message();
        if let Some(receipt) =
            rows::receipt_given(&self.store, link, &batch.growing, acts, &message)?
        {
            return Ok(Some(receipt));
        }
        let shelf = self.shelf_of(link, proven.record(), self.clock.now());
        let read_by = self.agreement_named(proven.record().memorandum)?;
        let opener = self.keychain.opener(proven.sealed());
        let opened = proven.open(&opener, &read_by.memorandum, &link.own);
        let (record, row) = match opened {
            Ok(opened) => match self.judge(&shelf, opened, batch)? {
                Some(judged) => judged,
                None => return Ok(None),
            },
            Err(unreadable) => rows::unreadable(&shelf, &unreadable, self.clock.now()),
        };
        self.stuck
            .take_off(&link.partner, Step::Arrivals, &message.to_string());
        let opening = Opening::new(self.chance.salt(Draw::Ledger), record.write());
        let receipt = CarriedReceipt::at(batch.growing.next(), &opening);
        batch.growing.push(EntryKind::Receipt, &opening);
        batch.journal.push(row.noted(self, link));
        acts.push(row.receipted_at(receipt.index));
        Ok(Some(receipt))
    }

    /// Steps 9 and 10: the act is judged on our side, and its receipt states outcome and clocks; none where our rules cannot be
    /// evaluated, which our operator is told.
    fn judge(
        &self,
        shelf: &Shelf<'_>,
        opened: Opened,
        batch: &mut Batch,
    ) -> Result<Option<(ReceiptRecord, rows::Admitted)>, ReceiveFault> {
        if let Some(first) = rows::filed_first(shelf, &batch.filed, opened.act_id())? {
            return Ok(Some(rows::repeated(
                shelf,
                opened,
                &first,
                self.clock.now(),
            )));
        }
        let message = opened.proven().message();
        let released_at = opened.body().envelope().released_at;
        let act = opened.body().act().clone();
        let (pending, now) = (&batch.pending, self.clock.now());
        let footing = self
            .desk
            .footing(shelf, &act, pending, Some(released_at), now)?;
        let at = footing.at;
        let Agreement {
            policy, memorandum, ..
        } = &*shelf.agreement;
        match opened.judge(policy, memorandum, &footing.state, at) {
            Judged::Filed(filed) => {
                let received = rows::received(&filed, at);
                let clocks = footing.stated(shelf, &received);
                let (record, row) = rows::filed(shelf, &filed, at, clocks)?;
                batch.file(&record, filed.opened().body());
                batch.follow(shelf, &footing, received, &act);
                Ok(Some((record, row)))
            }
            Judged::Refused(refused) => {
                self.inform(shelf, &rows::turned_away(&refused, at), batch);
                Ok(Some(rows::refused(shelf, &refused, at)?))
            }
            Judged::Broken(judgement) => {
                let fault = DeskFault::Undecided(judgement.broken);
                self.cannot_judge(shelf.link, Step::Arrivals, &message, &fault);
                Ok(None)
            }
        }
    }
}

// ── Steps 12 and 13: a receipt comes back ─────────────────────────────────────────────────────────────────────────────

impl Node {
    /// Settles what the partner answered to a parcel of ours: receipts are verified, rows closed, clocks run on both sides.
    ///
    /// Acts that came with the answer to a poll are filed; their receipts are returned, and ride on the next parcel.
    pub fn settle(
        &self,
        link: &Link,
        dispatch: &Dispatch,
        answer: &Parcel,
    ) -> Result<Vec<CarriedReceipt>, ReceiveFault> {
        self.same_terms(link, answer)?;
        let mut turn = link.turn(&self.store)?;
        let intake = self.take(link, &mut turn, answer)?;
        self.settle_receipts(link, &mut turn, intake, answer)?;
        self.delivered(link, dispatch, answer)?;
        let nothing_new = turn.nothing_new();
        let receipts = self.file(link, &mut turn, nothing_new, answer)?;
        link.work.notify_one();
        Ok(receipts)
    }

    /// Steps 12 and 13 for all receipts of a parcel: the mirror, the rows, the clocks, the journal are one transaction.
    fn settle_receipts(
        &self,
        link: &Link,
        turn: &mut Turn,
        intake: Intake,
        parcel: &Parcel,
    ) -> Result<(), ReceiveFault> {
        let (mut batch, mut receipts) = (Batch::behind(turn), Vec::new());
        for carried in &parcel.receipts {
            receipts.extend(self.verify(link, &intake, carried, &mut batch)?);
        }
        let mut takings = Vec::new();
        for carried in &parcel.takings {
            let record = self.proven_taking(link, &intake, carried)?;
            if let Some(odd) = self.odd_taking(link, &record, &receipts)? {
                self.alarm(link, &odd)?;
                continue;
            }
            self.end_naming(link, &record, &mut batch)?;
            takings.push(rows::taken(carried, &record));
        }
        let settlement = Settlement {
            mirror: intake.growth.clone(),
            receipts,
            others: batch.others,
            takings,
            objections: rows::objections(parcel)?,
            unfolding: batch.unfolding,
            notices: batch.notices,
            at: self.clock.now(),
            journal: batch.journal,
        };
        if !settlement.is_empty() {
            // A crash before this commit: the act is sent again and the same receipt comes back. After it: done.
            link.stored(
                turn,
                &self.store,
                None,
                self.store.settle(link.id, &settlement),
            )?;
        }
        turn.taken(intake);
        for receipt in &settlement.receipts {
            self.awaited.settled(&receipt.message);
        }
        self.refold_after(link, turn, &settlement.unfolding);
        Ok(())
    }

    /// The partner's clock for naming an officer, as we show it, ends by the taking (5.3).
    fn end_naming(
        &self,
        link: &Link,
        record: &TakenRecord,
        batch: &mut Batch,
    ) -> Result<(), ReceiveFault> {
        let Some(line) = self.store.outbox_of(link.id, record.message.as_bytes())? else {
            return Ok(());
        };
        let (shelf, now) = (self.shelf(link), self.clock.now());
        let clocks = self
            .desk
            .with_taking(&shelf, &line, record.taken_at, &batch.pending, now)?;
        add_clocks(&mut batch.unfolding, clocks);
        Ok(())
    }

    /// Step 12: whether a receipt stands in the partner's log, is for an act of ours, and counts as we count.
    ///
    /// What we contest is recorded and never blocks. A receipt that is for nothing of ours is the partner's fault.
    fn verify(
        &self,
        link: &Link,
        intake: &Intake,
        carried: &CarriedReceipt,
        batch: &mut Batch,
    ) -> Result<Option<Settled>, ReceiveFault> {
        let record = self.proven_receipt(link, intake, carried)?;
        let line = self.store.outbox_of(link.id, record.message.as_bytes())?;
        let Some(line) = line.filter(|line| line.kept_back_at.is_none()) else {
            return Err(Problem::malformed("a receipt for a message that we never sent").into());
        };
        if line.outcome.is_some() {
            if line.receipt_position != Some(carried.index) {
                batch.keep_other(rows::noted_other(self, link, &line), carried);
            }
            return Ok(None);
        }
        let (shelf, now) = (self.shelf(link), self.clock.now());
        let received = rows::receipted(&self.desk, &shelf, &line, &record)?;
        let (stated, pending) = (&record.clocks, &batch.pending);
        let (clocks, counted) =
            self.desk
                .with_receipt(&shelf, &line, received.as_ref(), stated, pending, now)?;
        let sent = rows::sent_as(&self.store, link, &line, now)?;
        let verified = record
            .verify(&sent, &counted, time_zone_data_version())
            .map_err(|fault| Problem::malformed(fault.to_string()))?;
        if let Some(received) = &received {
            self.inform(&shelf, received, batch);
        }
        batch.settle(&shelf, received, clocks);
        batch
            .journal
            .push(rows::noted_settlement(self, link, &line, &verified));
        Ok(Some(rows::settled(carried, &verified)))
    }
}
