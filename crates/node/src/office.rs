//! What officers do at a node: ask whether an act may cross, send it, take one over, read it, close a case.
//!
//! Whatever stays at home goes into the journal, and nothing else of it leaves.

use entente_cooperation::{
    act::Act,
    case::{Event, closing::CaseOutcome, word::slot},
    clock::withdrawal_leaves,
    digest::MessageId,
    draft::Draft,
    judgement::Judgement,
    memorandum::{ActLine, Behaviour, Memorandum},
    receipt::TakenRecord,
    reference::is_case_number,
};
use entente_ledger::{Opening, hex};
use entente_store::{
    Closing, EntryKind, HomeLine, InboxLine, OutboxLine, SentDraft, Take, Taking, Unfolding, Wanted,
};
use jiff::Timestamp;

use crate::{
    chance::Draw,
    desk::{DeskFault, Shelf, moved, wanted_case, wanted_reference},
    fault::SendFault,
    hold::Parked,
    journal::{Kind, Line},
    link::{Link, Turn},
    node::Node,
    rows::Sent,
};

/// What became of an act that an officer sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Departure {
    /// It is released: it stands in our log and leaves with the next contact.
    Released(Sent),
    /// It is held at home under this number until an instant, and judged again then (28.3).
    Held(i64, Timestamp),
    /// It is held under this number until the partner has been heard since this node started.
    Waiting(i64),
}

/// What became of a draft that was sent before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SentBefore {
    /// It was released.
    Released(Box<OutboxLine>),
    /// It is held at home under this number.
    Held(i64),
}

/// What became of a taking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    /// Done; the second receipt leaves with the next contact.
    Done,
    /// There is no such act to take over here.
    Unknown,
    /// Somebody else holds it.
    HeldBy(String),
    /// The deputy is the same person.
    SamePerson,
}

/// What became of closing a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Closed {
    /// Done.
    Done,
    /// There is no such case, or it is closed already.
    Unknown,
    /// Something is still owed in it: clocks by name and act, requests by reference.
    StillOpen(Vec<String>),
}

/// How the annex writes the type of a slot that names who signs.
const SIGNATURE: &str = "signature";

impl Node {
    /// Whether a draft may cross, judged as it would be now; nothing is sent, and only our journal knows.
    pub fn why(&self, officer: &str, draft: &Draft) -> Result<Judgement, SendFault> {
        let link = self.link_for(draft.act())?;
        self.opens_by_number(&link, draft.act())?;
        self.concerns_facts(&link, draft.act())?;
        let judgement = match self.clear(&self.shelf(&link), officer, draft, &[]) {
            Ok((_, _, cleared)) => cleared.judgement().clone(),
            Err(SendFault::Refused(judgement)) => *judgement,
            Err(fault) => return Err(fault),
        };
        let line = Line::new(Kind::Asked, self.clock.now())
            .by(officer)
            .on(link.id);
        self.write_down(line.with("act", &draft.act().kind))?;
        Ok(judgement)
    }

    /// Sends a draft in an officer's name.
    ///
    /// A withdrawal is held until the hour at which all of a day leave together. What cannot be released because the partner
    /// has not been heard since the start is held until it is. A refusal goes into our journal and nowhere else.
    pub fn send(&self, officer: &str, draft: Draft) -> Result<Departure, SendFault> {
        let link = self.link_for(draft.act())?;
        self.opens_by_number(&link, draft.act())?;
        self.concerns_facts(&link, draft.act())?;
        let sent = match self.leaves_at(draft.act()) {
            Some(hour) => self.hold_until(&link, officer, &draft, hour),
            None => match self.release(&link, officer, draft.clone(), None) {
                Ok(sent) => Ok(Departure::Released(sent)),
                Err(SendFault::Starting) => {
                    let parked = Parked {
                        officer,
                        draft: &draft,
                        leaves_at: self.clock.now(),
                    };
                    Ok(Departure::Waiting(self.park(&link, &parked)?))
                }
                Err(fault) => Err(fault),
            },
        };
        if let Err(SendFault::Refused(judgement)) = &sent {
            self.refused_at_desk(&link, officer, draft.act(), judgement)?;
        }
        sent
    }

    /// Writes down that our own desk let an act not leave.
    pub(crate) fn refused_at_desk(
        &self,
        link: &Link,
        officer: &str,
        act: &Act,
        judgement: &Judgement,
    ) -> Result<(), SendFault> {
        let reason = judgement.reason.as_ref().map_or("", |reason| reason.id());
        let article = judgement.paragraphs.first().map(ToString::to_string);
        let line = Line::new(Kind::DeskRefusal, self.clock.now())
            .by(officer)
            .on(link.id);
        let line = line.with("act", &act.kind).with("reason", reason);
        self.write_down(line.with("article", article.unwrap_or_default()))?;
        Ok(())
    }

    fn hold_until(
        &self,
        link: &Link,
        officer: &str,
        draft: &Draft,
        hour: Timestamp,
    ) -> Result<Departure, SendFault> {
        // Judged now so that the officer learns at once what is wrong; what counts is the judgement at its hour.
        self.clear(&self.shelf(link), officer, draft, &[])?;
        let parked = Parked {
            officer,
            draft,
            leaves_at: hour,
        };
        Ok(Departure::Held(self.park(link, &parked)?, hour))
    }

    /// What became of this draft if it was sent before; none if it was not, or once its content is erased.
    pub fn sent_before(&self, draft: &Draft) -> Result<Option<SentBefore>, SendFault> {
        match self.store.sent_draft(&self.draft_digest(draft))? {
            None => Ok(None),
            Some(SentDraft::Held(number)) => Ok(Some(SentBefore::Held(number))),
            Some(SentDraft::Released(message)) => {
                let link = self.link_for(draft.act())?;
                let line = self.store.outbox_of(link.id, &message)?;
                Ok(line.map(|line| SentBefore::Released(Box::new(line))))
            }
        }
    }

    /// An act opens its case, or goes on in one, under a number and nothing else. An answer may keep the case of the act answered.
    fn opens_by_number(&self, link: &Link, act: &Act) -> Result<(), SendFault> {
        let Some(case) = act.text(slot::CASE) else {
            return Ok(());
        };
        if is_case_number(&self.agreement().memorandum, case) {
            return Ok(());
        }
        if let Some(answered) = act.text(slot::IN_REPLY_TO) {
            let named = self.store.inbox_named(link.id, answered)?;
            if named
                .iter()
                .any(|line| line.case_ref.as_deref() == Some(case))
            {
                return Ok(());
            }
        }
        Err(SendFault::NoCaseNumber(case.to_owned()))
    }

    /// The link to the Party of the organ that an act is addressed to; the only one, for an act without addressee.
    pub fn link_for(&self, act: &Act) -> Result<std::sync::Arc<Link>, SendFault> {
        let agreement = self.agreement();
        let from = agreement.memorandum.party_of(&act.from);
        if from.is_some_and(|party| party.id != self.party()) {
            return Err(SendFault::NotOurs(act.from.clone()));
        }
        let to = act
            .to
            .as_deref()
            .and_then(|organ| agreement.memorandum.party_of(organ));
        match to {
            Some(party) => self.link(&party.id),
            // Nobody guesses for whom it is: with two partners an act needs its addressee.
            None => <[_; 1]>::try_from(self.links()).ok().map(|[link]| link),
        }
        .ok_or(SendFault::NoPartner)
    }

    /// The hour at which an act of this kind leaves, if it does not leave at once: with all that are decided on this day, on the
    /// next (28.3).
    fn leaves_at(&self, act: &Act) -> Option<Timestamp> {
        let agreement = self.agreement();
        let behaviour = agreement.memorandum.acts.get(&act.kind)?.behaviour;
        let hour = agreement.memorandum.withdrawal_at_utc?;
        (behaviour == Behaviour::Withdraws).then(|| withdrawal_leaves(self.clock.now(), hour))
    }

    /// An officer takes over an act that nobody has, or that `from` has and hands over (5.3).
    ///
    /// The second receipt tells the partner who answers for it.
    pub fn take_over(
        &self,
        link: &Link,
        message: &MessageId,
        owner: &str,
        deputy: Option<&str>,
        from: Option<&str>,
    ) -> Result<Taken, SendFault> {
        if deputy == Some(owner) {
            return Ok(Taken::SamePerson);
        }
        let mut turn = link.turn(&self.store)?;
        let Some(line) = self.store.receipt_for(link.id, message.as_bytes())? else {
            return Ok(Taken::Unknown);
        };
        if line.owner.as_deref() != from {
            return Ok(line.owner.map_or(Taken::Unknown, Taken::HeldBy));
        }
        let now = self.clock.now();
        let taking = Taking {
            message: line.message,
            owner: owner.to_owned(),
            deputy: deputy.map(str::to_owned),
            at: now,
        };
        let growing = link
            .may_grow(&turn)
            .is_ok()
            .then(|| self.second_receipt(link, &turn, &taking));
        let growth = growing.as_ref().and_then(|growing| growing.growth(now));
        let home = assigned(&line, &taking, from);
        let take = Take {
            taking,
            from: from.map(str::to_owned),
            growth,
            unfolding: self.unfolding_of(&self.shelf(link), &home)?,
            home,
            journal: vec![
                Line::new(Kind::Taken, now)
                    .by(owner)
                    .on(link.id)
                    .about(line.reference.as_deref().unwrap_or(&message.to_string()))
                    .with("deputy", deputy.unwrap_or("nobody"))
                    .commit(&self.chance),
            ],
        };
        let head = take.growth.as_ref().map(|growth| growth.head);
        let mut taken = true;
        let stored = self.store.take(link.id, &take).map(|done| taken = done);
        link.stored(&mut turn, &self.store, head, stored)?;
        if let (true, Some(growing), Some(growth)) = (taken, growing, &take.growth) {
            turn.grown(growing, growth);
            link.work.notify_one();
        }
        Ok(if taken { Taken::Done } else { Taken::Unknown })
    }

    /// The entry by which the partner learns who answers for its act.
    pub(crate) fn second_receipt(
        &self,
        link: &Link,
        turn: &Turn,
        taking: &Taking,
    ) -> crate::link::Growing {
        let record = TakenRecord {
            link: link.memorandum.clone(),
            message: MessageId::from(taking.message),
            by: taking.owner.clone(),
            deputy: taking.deputy.clone(),
            taken_at: taking.at,
        };
        let opening = Opening::new(self.chance.salt(Draw::Ledger), record.write());
        let mut growing = turn.growing();
        growing.push(EntryKind::Taken, &opening);
        growing
    }

    /// Closes a case with its outcome, once nothing is owed by us in it (5.3).
    pub fn close_case(
        &self,
        link: &Link,
        officer: &str,
        case_ref: &str,
        outcome: CaseOutcome,
    ) -> Result<Closed, SendFault> {
        let _turn = link.turn(&self.store)?;
        let (shelf, now) = (self.shelf(link), self.clock.now());
        let state = self.desk.state_of(&shelf, &wanted_case(case_ref), now)?;
        let memorandum = &shelf.agreement.memorandum;
        if let Err(open) = state.may_close(memorandum, case_ref, &link.own, outcome) {
            let owed = open
                .owed
                .iter()
                .map(|clock| format!("{} of {}", clock.clock, clock.of));
            let unanswered = open.unanswered.iter().map(ToString::to_string);
            return Ok(Closed::StillOpen(owed.chain(unanswered).collect()));
        }
        let home = HomeLine {
            id: format!("closed {case_ref}"),
            happening: "case_closed".to_owned(),
            at: now,
            from_organ: None,
            to_organ: None,
            case_ref: Some(case_ref.to_owned()),
            reference: None,
            particulars: format!("outcome={}", outcome.word()),
        };
        let closing = Closing {
            outcome: outcome.word().to_owned(),
            at: now,
            by: officer.to_owned(),
        };
        let line = Line::new(Kind::Closed, now)
            .by(officer)
            .on(link.id)
            .about(case_ref);
        let line = line.with("outcome", outcome.word()).commit(&self.chance);
        let unfolding = self.unfolding_of(&shelf, &home)?;
        let closed = self
            .store
            .close(link.id, case_ref, &closing, &home, &unfolding, &line)?;
        Ok(if closed {
            Closed::Done
        } else {
            Closed::Unknown
        })
    }

    /// Keeps what happened at home and moves the clocks that hang on it.
    pub fn happen(&self, link: &Link, officer: &str, home: &HomeLine) -> Result<(), SendFault> {
        let _turn = link.turn(&self.store)?;
        let unfolding = self.unfolding_of(&self.shelf(link), home)?;
        let line = Line::new(Kind::Home, home.at).by(officer).on(link.id);
        let line = line.with("what", &home.happening).commit(&self.chance);
        self.store.happen(link.id, home, &unfolding, &[line])?;
        link.work.notify_one();
        Ok(())
    }

    fn unfolding_of(&self, shelf: &Shelf<'_>, home: &HomeLine) -> Result<Unfolding, DeskFault> {
        let wanted = match (&home.case_ref, &home.reference) {
            (Some(case_ref), _) => wanted_case(case_ref),
            (None, Some(reference)) => wanted_reference(reference),
            (None, None) => Wanted::default(),
        };
        let state = self.desk.state_of(shelf, &wanted, home.at)?;
        let mut after = state.clone();
        if let Some(event) = crate::desk::home(home) {
            after.apply(&shelf.agreement.memorandum, &Event::Home(event));
        }
        Ok(Unfolding {
            clocks: moved(&shelf.agreement.memorandum, &state, &after),
            ..Unfolding::default()
        })
    }

    /// Whether an officer may send an act: only for organs of the officer's line of the roster, and an acknowledgement only with a
    /// person of the roster named in it (15.4). That a machine is no author is for the rules (22.1).
    pub(crate) fn may_send(
        &self,
        memorandum: &Memorandum,
        officer: &str,
        act: &Act,
    ) -> Result<(), SendFault> {
        let line = self.roster.officer(officer);
        if !line.is_some_and(|line| line.acts_for(&act.from)) {
            return Err(SendFault::NotForOrgan(officer.to_owned(), act.from.clone()));
        }
        let acknowledges = |line: &&ActLine| line.behaviour == Behaviour::Acknowledges;
        let Some(line) = memorandum.acts.get(&act.kind).filter(acknowledges) else {
            return Ok(());
        };
        for slot in &line.needs {
            let signed = memorandum
                .slots
                .get(slot)
                .is_some_and(|slot| slot.kind == SIGNATURE);
            let name = act.text(slot).filter(|_| signed);
            let ours = |name: &str| {
                name.strip_prefix("signed:")
                    .is_some_and(|id| self.roster.is_person(id))
            };
            if let Some(name) = name.filter(|name| !ours(name)) {
                return Err(SendFault::NobodyOfOurs(name.to_owned()));
            }
        }
        Ok(())
    }
}

fn assigned(line: &InboxLine, taking: &Taking, from: Option<&str>) -> HomeLine {
    let word = if from.is_some() {
        "handover"
    } else {
        "assigned"
    };
    HomeLine {
        id: format!("{word} {} {}", hex::hex(&line.message), taking.at),
        happening: word.to_owned(),
        // The receipt may lie a moment ahead of our clock: whoever takes an act over does it after the receipt, in every fold.
        at: taking.at.max(line.received_at),
        from_organ: line.to_organ.clone(),
        to_organ: None,
        case_ref: line.case_ref.clone(),
        reference: line.reference.clone(),
        particulars: format!("responsible_officer={}", taking.owner),
    }
}
