//! The desk: what an act is judged against, fetched from the store and folded; and what it leaves behind, as rows.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use entente_cooperation::{
    act::{Act, Moment, Side},
    case::{self, ClockEnd, Event, Received, RunningClock, State, Touched},
    digest::{Digest, MessageId},
    judgement::{Effect, Judgement, Reason},
    memorandum::Memorandum,
    outgoing::Basis,
    receipt::ClockTerm,
    value::{Slots, Value},
};
use entente_ledger::sha256;
use entente_seal::open_with;
use entente_store::{
    self as store, Bytes32, ClockLine, Concern, InboxLine, OutboxLine, QuotaUse, Store, StoreError,
    Unfolding, Wanted,
};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use crate::{
    agreement::{Agreement, Agreements},
    link::Link,
    wraps::{BadWraps, Wraps},
};

/// Quotas look back at most so far (Annex 9 knows hours and days).
const QUOTA_REACH: SignedDuration = SignedDuration::from_hours(24 * 400);
/// So many opened acts are kept in memory; beyond, all are forgotten and opened again when needed.
const OPENED_MAX: usize = 4096;

/// The clocks of acts, by the reference of each: all that it started, as they now stand.
pub type Clocks = Vec<(String, Vec<ClockLine>)>;

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
    /// What it was folded from. Another basis at release means: judge again.
    pub basis: Basis,
    /// The instant of judgement: now, or just after the last event that concerns the act.
    pub at: Timestamp,
}

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
        let at = just_after(instants.chain(released_at), now);
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
        let counted = received.map_or_else(Vec::new, |ours| {
            // The partner counted without those of our acts that it had not received.
            events.retain(is_common);
            let memorandum = &shelf.agreement.memorandum;
            let (common, steps) = self.begin(shelf).trace(memorandum, &events, until);
            let same = |event: &Event| same_message(event, &Event::Act(ours.clone()));
            let found = steps.into_iter().find(|(event, _)| same(event));
            let mut counted = found.map_or_else(Vec::new, |(_, effects)| {
                terms(memorandum, &common, ours, &effects)
            });
            // It may not have our receipt of the act that opened the thread: then it counts nothing that we move there.
            let theirs = opened_by_partner(&events, &common, ours);
            let told = |term: &ClockTerm| {
                let same = |stated: &ClockTerm| {
                    (&stated.clock, &stated.debtor) == (&term.clock, &term.debtor)
                };
                stated.iter().any(same)
            };
            counted.retain(|(own, term)| *own || !theirs || told(term));
            counted.into_iter().map(|(_, term)| term).collect()
        });
        let known = line
            .reference
            .clone()
            .unwrap_or_else(|| MessageId::from(line.message).to_string());
        let clocks = all_clocks(&shelf.agreement.memorandum, &state, [known]);
        Ok((clocks, counted))
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

    /// An act of ours as an event. What the partner could not read leaves nothing on either side.
    pub fn sent(
        &self,
        shelf: &Shelf<'_>,
        line: &OutboxLine,
    ) -> Result<Option<Received>, DeskFault> {
        let outcome = match line.outcome {
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
        let mut common = self.common.as_ref().unwrap_or(&self.state).clone();
        let effects = common.apply(memorandum, &Event::Act(received.clone()));
        let terms = terms(memorandum, &common, received, &effects);
        terms.into_iter().map(|(_, term)| term).collect()
    }
}

/// Whether an event is known to both sides, or moves nothing that both count: an act of ours without receipt is not.
fn is_common(event: &Event) -> bool {
    !matches!(event, Event::Act(received) if received.received_at.is_none())
}

/// Where the desk reads: one link, under one version of the memorandum.
pub struct Shelf<'a> {
    /// The store.
    pub store: &'a Store,
    /// The wrap keys.
    pub wraps: &'a Wraps,
    /// All versions, to read what was written under another.
    pub agreements: &'a Agreements,
    /// The version by which is judged.
    pub agreement: Arc<Agreement>,
    /// The link.
    pub link: &'a Link,
}

impl Shelf<'_> {
    /// A kept body, opened; none once it is erased or if it was never kept.
    pub fn body(
        &self,
        message: &Bytes32,
        digest: &str,
    ) -> Result<Option<entente_cooperation::body::Body>, DeskFault> {
        let Some(kept) = self.store.body(message)? else {
            return Ok(None);
        };
        let id = MessageId::from(*message);
        let file_key = self.wraps.unwrap(&kept.wrapped, &id)?;
        let plaintext = open_with(&file_key, &kept.sealed).map_err(|_| DeskFault::Body(id))?;
        entente_cooperation::body::Body::read(&self.read_by(digest).memorandum, &plaintext)
            .map(Some)
            .map_err(|_| DeskFault::Body(id))
    }

    /// The version by which an act was written; that in force if we do not hold it.
    fn read_by(&self, digest: &str) -> Arc<Agreement> {
        let digest: Option<Digest> = digest.parse().ok();
        let named = digest.and_then(|digest| self.agreements.of(&digest));
        named.unwrap_or_else(|| Arc::clone(&self.agreement))
    }

    /// Judges an act against a state.
    pub fn judge(&self, state: &State, act: &Act, moment: &Moment) -> Judgement {
        self.agreement
            .policy
            .judge(&self.agreement.memorandum, state, act, moment)
    }

    /// Whether later acts of every case are judged against this act.
    pub fn stands(&self, act: &Act) -> bool {
        let line = self.agreement.memorandum.acts.get(&act.kind);
        line.is_some_and(|line| case::stands(line.behaviour))
    }

    /// The uses of quotas by an act.
    pub fn uses(&self, act: &Act, message: &str, at: Timestamp) -> Vec<QuotaUse> {
        let Ok(message) = message.parse::<MessageId>() else {
            return Vec::new();
        };
        let counted = case::touches(&self.agreement.memorandum, act).counted;
        let used = counted.into_iter().map(|(quota, counted_for)| QuotaUse {
            quota,
            counted_for,
            at,
            message: *message.as_bytes(),
        });
        used.collect()
    }
}

/// The clocks that a receipt states: those that the act starts, and those of its thread that it moves.
///
/// Clocks of other threads, which a stop or the end of a suspension moves by the hundred, are not in it: both sides count them
/// from the same act. Neither is what only an event at home ends, unless the receipt itself starts it. Each with whether the act
/// itself starts it.
fn terms(
    memorandum: &Memorandum,
    state: &State,
    received: &Received,
    effects: &[Effect],
) -> Vec<(bool, ClockTerm)> {
    let own = received
        .act
        .text(case::word::slot::REFERENCE)
        .unwrap_or(&received.message);
    let opener = state.thread.get(own);
    let stated = |clock: &str, of: &str| {
        let home = memorandum.clocks.get(clock).is_some_and(|row| row.home);
        of == own || (!home && opener.is_some() && state.thread.get(of) == opener)
    };
    let dated = effects.iter().filter_map(|effect| {
        let (clock, of) = (
            effect.clock.as_deref()?,
            effect.of.as_deref().unwrap_or(own),
        );
        stated(clock, of).then_some(())?;
        let term = ClockTerm {
            clock: clock.to_owned(),
            debtor: effect.debtor.clone()?,
            start: effect.start?,
            due: effect.due?,
        };
        Some((of == own, term))
    });
    dated.collect()
}

/// Whether the thread of an act of ours was opened by an act of the partner.
fn opened_by_partner(events: &[Event], state: &State, ours: &Received) -> bool {
    let own = ours.act.text(case::word::slot::REFERENCE);
    let opener = own.and_then(|own| state.thread.get(own));
    opener.is_some_and(|opener| {
        events.iter().any(|event| {
            matches!(event, Event::Act(received) if received.side == Side::Recipient
                && received.act.text(case::word::slot::REFERENCE) == Some(opener))
        })
    })
}

/// The clocks that differ between two states, act by act, as rows.
pub fn moved(memorandum: &Memorandum, before: &State, after: &State) -> Clocks {
    let (before, mut after) = (by_act(memorandum, before), by_act(memorandum, after));
    for of in before.keys() {
        after.entry(of.clone()).or_default();
    }
    after.retain(|of, clocks| {
        before
            .get(of)
            .map_or(!clocks.is_empty(), |old| old != clocks)
    });
    after.into_iter().collect()
}

/// All clocks of a state, act by act, as rows. Acts of `known` that have none any more are told as well, so that their rows
/// go: what was expected of an act that the partner refused, for example.
pub fn all_clocks(
    memorandum: &Memorandum,
    state: &State,
    known: impl IntoIterator<Item = String>,
) -> Clocks {
    let mut clocks = by_act(memorandum, state);
    for of in known {
        clocks.entry(of).or_default();
    }
    clocks.into_iter().collect()
}

/// Later clocks of the same act replace earlier ones of the same list, so that one transaction writes each act once.
pub fn add_clocks(unfolding: &mut Unfolding, clocks: Clocks) {
    for (of, lines) in clocks {
        unfolding.clocks.retain(|(other, _)| *other != of);
        unfolding.clocks.push((of, lines));
    }
}

fn by_act(memorandum: &Memorandum, state: &State) -> BTreeMap<String, Vec<ClockLine>> {
    let mut clocks: BTreeMap<String, Vec<ClockLine>> = BTreeMap::new();
    let theirs = |clock: &RunningClock| {
        let home = memorandum
            .clocks
            .get(&clock.clock)
            .is_some_and(|row| row.home);
        home && state.own.as_deref() != Some(clock.debtor.as_str())
    };
    for clock in &state.clocks {
        // What happened at home has no act; its clocks hang together with their case.
        let of = match (&clock.of, &clock.case) {
            (of, Some(case)) if of.is_empty() => format!("home of {case}"),
            (of, _) => of.clone(),
        };
        let lines = clocks.entry(of.clone()).or_default();
        lines.push(ClockLine {
            of_reference: of,
            theirs: theirs(clock),
            ..line(clock)
        });
    }
    clocks
}

fn line(clock: &RunningClock) -> ClockLine {
    let parts: Vec<&str> = clock.parts.iter().map(String::as_str).collect();
    let ended = clock.ended.map(|(at, end)| {
        let end = match end {
            ClockEnd::Met => store::ClockEnd::Met,
            ClockEnd::Replaced => store::ClockEnd::Replaced,
            ClockEnd::Expired => store::ClockEnd::Expired,
            ClockEnd::Lapsed => store::ClockEnd::Lapsed,
        };
        (at, end)
    });
    ClockLine {
        clock: clock.clock.clone(),
        of_reference: clock.of.clone(),
        case_ref: clock.case.clone(),
        debtor: clock.debtor.clone(),
        start: clock.start,
        due: clock.due,
        parts: parts.join(" "),
        paused_since: clock.paused_since,
        ended,
        theirs: false,
    }
}

fn wanted(touched: &Touched) -> Wanted {
    Wanted {
        cases: touched.cases.clone(),
        references: touched.references.clone(),
    }
}

/// Receipts of the same parcel take their place among these events. Those of acts that are not among them belong to another
/// case, and would be folded without it.
fn settle_in(events: &mut [Event], pending: &[Event]) {
    for event in events {
        if let Some(settled) = pending.iter().find(|settled| same_message(settled, event)) {
            *event = settled.clone();
        }
    }
}

fn same_message(one: &Event, other: &Event) -> bool {
    matches!((one, other), (Event::Act(one), Event::Act(other)) if one.message == other.message)
}

/// What remains of an erased act: its place, not its content.
fn remains(
    reference: &Option<String>,
    case_ref: &Option<String>,
    in_reply_to: &Option<String>,
) -> Slots {
    use case::word::slot;
    let kept = [
        (slot::REFERENCE, reference),
        (slot::CASE, case_ref),
        (slot::IN_REPLY_TO, in_reply_to),
    ];
    let filled = kept
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), Value::Text(value.clone()?))));
    filled.collect()
}

/// What happened at home, as an event; none if it is a happening that this program does not know.
pub fn home(line: &store::HomeLine) -> Option<case::Home> {
    let mut slots = remains(&line.reference, &line.case_ref, &None);
    for (name, value) in line
        .particulars
        .lines()
        .filter_map(|pair| pair.split_once('='))
    {
        slots.insert(name.to_owned(), Value::Text(value.to_owned()));
    }
    Some(case::Home {
        id: line.id.clone(),
        happening: case::Happening::named(&line.happening)?,
        at: line.at,
        from: line.from_organ.clone(),
        to: line.to_organ.clone(),
        slots,
    })
}

/// An officer of the partner took an act of ours over: the clock for naming one ends here too, and not by itself (5.3).
///
/// It counts after the receipt of the act, whatever the clock of the partner showed in the same instant.
pub fn taken_over(line: &OutboxLine, at: Timestamp) -> case::Home {
    let after = line.received_at.and_then(|received| {
        let nanosecond = SignedDuration::from_nanos(1);
        received.checked_add(nanosecond).ok()
    });
    let at = after.map_or(at, |after| at.max(after));
    case::Home {
        id: format!("taken {}", MessageId::from(line.message)),
        happening: case::Happening::Assigned,
        at,
        from: line.to_organ.clone(),
        to: None,
        slots: remains(&line.reference, &line.case_ref, &None),
    }
}

/// How far the clocks of two nodes may differ before an instant is contested.
pub const SKEW: SignedDuration = SignedDuration::from_mins(1);

/// `now`, or a nanosecond after the latest of these instants if that is less than the skew ahead.
fn just_after(instants: impl Iterator<Item = Timestamp>, now: Timestamp) -> Timestamp {
    let near = instants.filter(|at| *at >= now && at.duration_since(now) <= SKEW);
    let next = near
        .max()
        .and_then(|at| at.checked_add(SignedDuration::from_nanos(1)).ok());
    next.unwrap_or(now)
}

/// The rows and pending events that concern an act.
struct Ground {
    concern: Concern,
    uses: Vec<((String, String), Vec<Timestamp>)>,
    pending: Vec<Event>,
}

impl Ground {
    fn read(
        shelf: &Shelf<'_>,
        touched: &Touched,
        pending: &[Event],
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let since = now.checked_sub(QUOTA_REACH).unwrap_or(Timestamp::MIN);
        let mut uses = Vec::new();
        for (quota, counted_for) in &touched.counted {
            let found = shelf
                .store
                .quota_uses(shelf.link.id, quota, counted_for, since)?;
            uses.push(((quota.clone(), counted_for.clone()), found));
        }
        let related = |event: &&Event| match event {
            Event::Act(received) => concerns(
                touched,
                &case::touches(&shelf.agreement.memorandum, &received.act),
            ),
            Event::Home(_) | Event::Expired(_) => true,
        };
        Ok(Self {
            concern: shelf.store.concern(shelf.link.id, &wanted(touched))?,
            uses,
            pending: pending.iter().filter(related).cloned().collect(),
        })
    }

    fn basis(&self, shelf: &Shelf<'_>) -> Basis {
        let mut trail = Trail::of(&self.concern);
        for (_, uses) in &self.uses {
            trail.count(uses.len());
        }
        for event in &self.pending {
            trail.event(event);
        }
        Basis {
            memorandum: shelf.agreement.digest,
            events: trail.number(),
        }
    }
}

/// Whether an act that touches this is judged against an act that touches the other.
fn concerns(touched: &Touched, other: &Touched) -> bool {
    other.standing
        || !touched.cases.is_disjoint(&other.cases)
        || !touched.references.is_disjoint(&other.references)
        || touched
            .counted
            .iter()
            .any(|counted| other.counted.contains(counted))
}

/// What a state was folded from, as one number: two equal trails have the same acts with the same receipts.
struct Trail(Vec<u8>);

impl Trail {
    fn of(concern: &Concern) -> Self {
        let mut trail = Self(Vec::new());
        for line in &concern.sent {
            trail.act(&line.message, line.received_at, line.outcome);
        }
        for line in &concern.received {
            trail.act(&line.message, Some(line.received_at), Some(line.outcome));
        }
        for line in &concern.home {
            trail.0.extend_from_slice(line.id.as_bytes());
            trail.0.push(0);
        }
        trail
    }

    fn act(
        &mut self,
        message: &Bytes32,
        received_at: Option<Timestamp>,
        outcome: Option<store::Outcome>,
    ) {
        self.0.extend_from_slice(message);
        let at = received_at.map_or(i128::MIN, Timestamp::as_nanosecond);
        self.0.extend_from_slice(&at.to_be_bytes());
        self.0
            .extend_from_slice(outcome.map_or("", store::Outcome::word).as_bytes());
        self.0.push(0);
    }

    fn event(&mut self, event: &Event) {
        self.0
            .extend_from_slice(format!("{:?}", event.at()).as_bytes());
        if let Event::Act(received) = event {
            self.0.extend_from_slice(received.message.as_bytes());
        }
        self.0.push(0);
    }

    fn count(&mut self, uses: usize) {
        self.0.extend_from_slice(&uses.to_be_bytes());
    }

    fn number(&self) -> u64 {
        let digest = sha256(&self.0);
        let (head, _) = digest.split_at(8);
        head.iter()
            .fold(0, |number, byte| number << 8 | u64::from(*byte))
    }
}

/// What the desk wants for one case.
pub fn wanted_case(case_ref: &str) -> Wanted {
    Wanted {
        cases: [case_ref.to_owned()].into(),
        references: std::collections::BTreeSet::new(),
    }
}

/// What the desk wants for one reference.
pub fn wanted_reference(reference: &str) -> Wanted {
    Wanted {
        cases: std::collections::BTreeSet::new(),
        references: [reference.to_owned()].into(),
    }
}
