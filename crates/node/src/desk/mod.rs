//! The desk: what an act is judged against, fetched from the store and folded; and what it leaves behind, as rows.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use entente_cooperation::{
    act::{Act, Side},
    case::{self, Event, Received, State},
    digest::MessageId,
    judgement::{Effect, Reason},
    outgoing::Basis,
    receipt::ClockTerm,
};
use entente_store::{self as store, Bytes32, Concern, InboxLine, OutboxLine, StoreError, Wanted};
use jiff::{Timestamp, tz::TimeZone};

use crate::wraps::BadWraps;

mod clocks;
mod events;
mod ground;
mod shelf;
mod since;

use clocks::terms;
pub use clocks::{Clocks, add_clocks, all_clocks, moved};
pub use events::{SKEW, home, taken_over};
use events::{is_common, just_after, latest_of_partner, remains, same_message, settle_in};
use ground::{Ground, wanted};
pub use ground::{wanted_case, wanted_reference};
pub use shelf::Shelf;
pub use since::Barred;

/// So many opened acts are kept in memory; beyond, all are forgotten and opened again when needed.
const OPENED_MAX: usize = 4096;

/// An event, and what it set going.
pub type Step = (Event, Vec<Effect>);

/// Why a judgement could not be made. Our own operator acts; nothing was decided.
#[derive(Debug, thiserror::Error)]
pub enum DeskFault {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The wrap keys.
    #[error(transparent)]
    Wraps(#[from] BadWraps),
    /// A body that we keep cannot be opened again.
    #[error("the kept body of message {0} cannot be read again")]
    Body(MessageId),
    /// Rules could not be evaluated, so that nobody can say whether the act may cross. It is held.
    #[error("rules of the memorandum could not be evaluated: {}", .0.join("; "))]
    Undecided(Vec<String>),
}

/// What an act is judged against, and what that rests on.
pub struct Footing {
    /// The state.
    pub state: State,
    /// The state without acts of ours whose receipts we do not have: what the partner holds as well, so that a receipt
    /// counts clocks as its reader will. None where it is the same.
    common: Option<State>,
    /// What it was folded from, if some of that counts later than the instant of judgement, since the clocks of the two nodes
    /// lie apart: then the act takes its place among these, as it will whenever they are folded.
    among: Option<Vec<Event>>,
    /// What it was folded from. Another basis at release means: judge again.
    pub basis: Basis,
    /// The instant of judgement: now, or just after the last event that concerns the act.
    pub at: Timestamp,
}

/// So many of its own acts may a partner lack the receipts of when it counts: a statement that fits nothing costs no more folds.
const LACKING_MAX: usize = 64;

/// Reads the store as acts and folds them.
pub struct Desk {
    own: String,
    opened: Mutex<BTreeMap<Bytes32, Arc<Act>>>,
}

impl Desk {
    /// The desk of a Party.
    pub fn of(own: &str) -> Self {
        Self {
            own: own.to_owned(),
            opened: Mutex::default(),
        }
    }

    /// What this act is judged against: all that stands, its case and what it refers to, the uses of its quotas, and of
    /// `pending`, the acts judged before it in the same transaction, those that concern it.
    ///
    /// The instant is `now`, or just after the last event that concerns the act and after `released_at`, as far as the
    /// clocks of two nodes may differ: so an answer always counts as later than what it answers.
    pub fn footing(
        &self,
        shelf: &Shelf<'_>,
        act: &Act,
        pending: &[Event],
        released_at: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Footing, DeskFault> {
        let memorandum = &shelf.agreement.memorandum;
        let touched = case::touches(memorandum, act);
        let ground = Ground::read(shelf, &touched, pending, now)?;
        let events = self.events(shelf, &ground.concern)?;
        let instants = events.iter().chain(&ground.pending).map(Event::at);
        let at = just_after(instants.clone().chain(released_at), now);
        let last = instants.max().is_none_or(|latest| latest <= at);
        let among = (!last).then(|| [&events[..], &ground.pending].concat());
        let state = |events: &[Event]| {
            let mut state = self.begin(shelf).before(memorandum, events, at);
            state.counted.extend(ground.uses.iter().cloned());
            for event in &ground.pending {
                state.apply(memorandum, event);
            }
            state
        };
        let received: Vec<Event> = events
            .iter()
            .filter(|event| is_common(event))
            .cloned()
            .collect();
        Ok(Footing {
            state: state(&events),
            common: (received.len() < events.len()).then(|| state(&received)),
            among,
            basis: ground.basis(shelf),
            at,
        })
    }

    /// The version of the memorandum in force at an instant, as amendments have moved it (6.3).
    pub fn version(&self, shelf: &Shelf<'_>, now: Timestamp) -> Result<String, DeskFault> {
        let state = self.state_of(shelf, &Wanted::default(), now)?;
        let today = TimeZone::UTC.to_datetime(now).date();
        let begun = state.versions.iter().rfind(|version| version.from <= today);
        let own = &shelf.agreement.memorandum.head.version;
        Ok(begun.map_or(own, |version| &version.id).clone())
    }

    /// The state of whatever hangs together with a case or a reference, at `now`.
    pub fn state_of(
        &self,
        shelf: &Shelf<'_>,
        wanted: &Wanted,
        now: Timestamp,
    ) -> Result<State, DeskFault> {
        let concern = shelf.store.concern(shelf.link.id, wanted)?;
        let events = self.events(shelf, &concern)?;
        Ok(self.fold(shelf, &events, now))
    }

    /// The same, with what each event and each clock that ran out set going.
    pub fn steps_of(
        &self,
        shelf: &Shelf<'_>,
        wanted: &Wanted,
        now: Timestamp,
    ) -> Result<(State, Vec<Step>), DeskFault> {
        let concern = shelf.store.concern(shelf.link.id, wanted)?;
        let events = self.events(shelf, &concern)?;
        Ok(self
            .begin(shelf)
            .trace(&shelf.agreement.memorandum, &events, now))
    }

    /// The clocks once the receipt of an act of ours is in its place, and those that it states by our count.
    ///
    /// The whole is folded anew: the receipt may lie before what was received since.
    pub fn with_receipt(
        &self,
        shelf: &Shelf<'_>,
        line: &OutboxLine,
        received: Option<&Received>,
        stated: &[ClockTerm],
        pending: &[Event],
        now: Timestamp,
    ) -> Result<(Clocks, Vec<ClockTerm>), DeskFault> {
        let act = self.act_of_outbox(shelf, line)?;
        let touched = case::touches(&shelf.agreement.memorandum, &act);
        let mut concern = shelf.store.concern(shelf.link.id, &wanted(&touched))?;
        concern.sent.retain(|other| other.message != line.message);
        let mut events = self.events(shelf, &concern)?;
        settle_in(&mut events, pending);
        events.extend(received.cloned().map(Event::Act));
        let until = received
            .and_then(|received| received.received_at)
            .map_or(now, |at| at.max(now));
        let state = self.fold(shelf, &events, until);
        events.retain(is_common);
        let counted = received.map_or_else(Vec::new, |ours| {
            self.counted_by_partner(shelf, events, ours, stated, until)
        });
        let known = line
            .reference
            .clone()
            .unwrap_or_else(|| MessageId::from(line.message).to_string());
        let clocks = all_clocks(&shelf.agreement.memorandum, &state, [known]);
        Ok((clocks, counted))
    }

    /// The clocks that a receipt of the partner states by our count.
    ///
    /// The partner counts without those of our acts that it had not received, which `events` do not hold, and without those of its own
    /// whose receipts it had not. Our log brings it our receipts in their order, so what it lacks are its latest acts: as many of
    /// them as its statement fits. If it fits none, the count with all.
    fn counted_by_partner(
        &self,
        shelf: &Shelf<'_>,
        mut events: Vec<Event>,
        ours: &Received,
        stated: &[ClockTerm],
        until: Timestamp,
    ) -> Vec<ClockTerm> {
        let memorandum = &shelf.agreement.memorandum;
        let own = Event::Act(ours.clone());
        let count = |events: &[Event]| {
            let (state, steps) = self.begin(shelf).trace(memorandum, events, until);
            let found = steps
                .into_iter()
                .find(|(event, _)| same_message(event, &own));
            found.map_or_else(Vec::new, |(_, effects)| {
                terms(memorandum, &state, ours, &effects)
            })
        };
        let fits = |counted: &[ClockTerm]| {
            counted.len() == stated.len() && stated.iter().all(|term| counted.contains(term))
        };
        let whole = count(&events);
        let mut counted = whole.clone();
        for _ in 0..LACKING_MAX {
            let latest = latest_of_partner(&events).filter(|_| !fits(&counted));
            let Some(latest) = latest else { break };
            events.remove(latest);
            counted = count(&events);
        }
        if fits(&counted) { counted } else { whole }
    }

    /// The clocks once an officer of the partner took over an act of ours.
    pub fn with_taking(
        &self,
        shelf: &Shelf<'_>,
        line: &OutboxLine,
        at: Timestamp,
        pending: &[Event],
        now: Timestamp,
    ) -> Result<Clocks, DeskFault> {
        let memorandum = &shelf.agreement.memorandum;
        let touched = case::touches(memorandum, &self.act_of_outbox(shelf, line)?);
        let concern = shelf.store.concern(shelf.link.id, &wanted(&touched))?;
        let mut events = self.events(shelf, &concern)?;
        settle_in(&mut events, pending);
        events.push(Event::Home(taken_over(line, at)));
        let state = self.fold(shelf, &events, now.max(at));
        Ok(all_clocks(memorandum, &state, []))
    }

    fn fold(&self, shelf: &Shelf<'_>, events: &[Event], now: Timestamp) -> State {
        self.begin(shelf)
            .fold(&shelf.agreement.memorandum, events, now)
    }

    fn begin(&self, shelf: &Shelf<'_>) -> State {
        State::new(&shelf.agreement.memorandum).of_party(&self.own)
    }

    /// The rows as events: bodies are opened again, since what an act says lies in them and nowhere else.
    fn events(&self, shelf: &Shelf<'_>, concern: &Concern) -> Result<Vec<Event>, DeskFault> {
        let mut events = Vec::with_capacity(concern.sent.len() + concern.received.len());
        for line in &concern.sent {
            events.extend(self.sent(shelf, line)?.map(Event::Act));
            let taken = line.taken.as_ref();
            events.extend(taken.map(|over| Event::Home(taken_over(line, over.at))));
        }
        for line in &concern.received {
            events.push(Event::Act(self.received(shelf, line)?));
        }
        for line in &concern.home {
            events.extend(home(line).map(Event::Home));
        }
        Ok(events)
    }

    /// An act of ours as an event. What the partner could not read leaves nothing on either side, nor does what never left.
    pub fn sent(
        &self,
        shelf: &Shelf<'_>,
        line: &OutboxLine,
    ) -> Result<Option<Received>, DeskFault> {
        let outcome = match line.outcome {
            _ if line.kept_back_at.is_some() => return Ok(None),
            Some(store::Outcome::Unreadable) => return Ok(None),
            None | Some(store::Outcome::Filed) => case::Outcome::Filed,
            Some(store::Outcome::Clarify) => case::Outcome::Clarify,
            Some(store::Outcome::Refused) => {
                case::Outcome::Refused(Reason::Ground(line.ground.clone().unwrap_or_default()))
            }
        };
        Ok(Some(Received {
            message: MessageId::from(line.message).to_string(),
            act: self.act_of_outbox(shelf, line)?,
            released_at: line.released_at,
            received_at: line.received_at,
            side: Side::Sender,
            outcome,
        }))
    }

    fn received(&self, shelf: &Shelf<'_>, line: &InboxLine) -> Result<Received, DeskFault> {
        let outcome = match line.outcome {
            store::Outcome::Clarify => case::Outcome::Clarify,
            _ => case::Outcome::Filed,
        };
        Ok(Received {
            message: MessageId::from(line.message).to_string(),
            act: self.act_of_inbox(shelf, line)?,
            released_at: line.released_at.unwrap_or(line.received_at),
            received_at: Some(line.received_at),
            side: Side::Recipient,
            outcome,
        })
    }

    /// The act that we sent; what remains of it once it is erased.
    pub fn act_of_outbox(&self, shelf: &Shelf<'_>, line: &OutboxLine) -> Result<Act, DeskFault> {
        let opened = self.open(shelf, &line.message, &line.memorandum)?;
        Ok(opened.map_or_else(
            || Act {
                kind: line.act.clone(),
                from: line.from_organ.clone(),
                to: line.to_organ.clone(),
                slots: remains(&line.reference, &line.case_ref, &line.in_reply_to),
            },
            |act| (*act).clone(),
        ))
    }

    /// The act that we received; what remains of it once it is erased.
    pub fn act_of_inbox(&self, shelf: &Shelf<'_>, line: &InboxLine) -> Result<Act, DeskFault> {
        if let Some(act) = self.open(shelf, &line.message, &line.memorandum)? {
            return Ok((*act).clone());
        }
        let slots = match &line.remains {
            Some(kept) => {
                let memorandum = &shelf.read_by(&line.memorandum).memorandum;
                case::read_skeleton(memorandum, kept)
                    .map_err(|_| StoreError::Unreadable("remains of an act"))?
            }
            None => remains(&line.reference, &line.case_ref, &line.in_reply_to),
        };
        Ok(Act {
            kind: line.act.clone().unwrap_or_default(),
            from: line.from_organ.clone().unwrap_or_default(),
            to: line.to_organ.clone(),
            slots,
        })
    }

    /// What must outlive the content of an act that we received when that is erased, as text; none if it was erased before.
    pub fn outliving(
        &self,
        shelf: &Shelf<'_>,
        line: &InboxLine,
    ) -> Result<Option<String>, DeskFault> {
        let act = self.open(shelf, &line.message, &line.memorandum)?;
        let memorandum = &shelf.read_by(&line.memorandum).memorandum;
        Ok(act.map(|act| case::write_skeleton(memorandum, &act)))
    }

    /// The act of a kept body; none once its file key is gone.
    fn open(
        &self,
        shelf: &Shelf<'_>,
        message: &Bytes32,
        digest: &str,
    ) -> Result<Option<Arc<Act>>, DeskFault> {
        if let Some(act) = self.opened().get(message) {
            return Ok(Some(Arc::clone(act)));
        }
        let Some(body) = shelf.body(message, digest)? else {
            return Ok(None);
        };
        let act = Arc::new(body.act().clone());
        self.remember(*message, Arc::clone(&act));
        Ok(Some(act))
    }

    fn remember(&self, message: Bytes32, act: Arc<Act>) {
        let mut opened = self.opened();
        if opened.len() >= OPENED_MAX {
            opened.clear();
        }
        opened.insert(message, act);
    }

    /// Forgets an opened act: its content is erased.
    pub fn forget(&self, message: &Bytes32) {
        self.opened().remove(message);
    }

    fn opened(&self) -> std::sync::MutexGuard<'_, BTreeMap<Bytes32, Arc<Act>>> {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Footing {
    /// What an act sets going by what both sides hold: the clocks that its receipt states.
    pub fn stated(&self, shelf: &Shelf<'_>, received: &Received) -> Vec<ClockTerm> {
        let memorandum = &shelf.agreement.memorandum;
        let event = Event::Act(received.clone());
        let (common, effects) = match &self.among {
            None => {
                let mut common = self.common.as_ref().unwrap_or(&self.state).clone();
                let effects = common.apply(memorandum, &event);
                (common, effects)
            }
            Some(among) => {
                let known = among.iter().filter(|event| is_common(event));
                self.trace(shelf, known.cloned().collect(), &event)
            }
        };
        terms(memorandum, &common, received, &effects)
    }

    /// The state once an act has taken its place.
    pub fn after(&self, shelf: &Shelf<'_>, event: &Event) -> State {
        match &self.among {
            None => {
                let mut after = self.state.clone();
                after.apply(&shelf.agreement.memorandum, event);
                after
            }
            Some(among) => self.trace(shelf, among.clone(), event).0,
        }
    }

    /// These events with an act among them, folded; and what the act set going.
    fn trace(
        &self,
        shelf: &Shelf<'_>,
        mut events: Vec<Event>,
        event: &Event,
    ) -> (State, Vec<Effect>) {
        let memorandum = &shelf.agreement.memorandum;
        events.push(event.clone());
        let begin = State::new(memorandum).of_party(&shelf.link.own);
        let (state, steps) = begin.trace(memorandum, &events, self.at);
        let found = steps
            .into_iter()
            .find(|(step, _)| same_message(step, event));
        (state, found.map_or_else(Vec::new, |(_, effects)| effects))
    }
}
