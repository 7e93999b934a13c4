//! Which clocks start on what: read from Annex 4, on the conditions of a closed list.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::{
    ClockEnd, State,
    running::RunningClock,
    word::{effect, slot},
};
use crate::{
    act::Act,
    clock::day_starts_utc,
    fact::Fact,
    judgement::Effect,
    memorandum::{
        ActLine, Behaviour, Clock, ClockStart, Memorandum, OnExpiry, OneOrMany, OwedBy, Wanted,
    },
    value::{Slots, Value},
};

/// Conditions of the column `when` that are no slot: the closed list that the engine knows.
pub const CONDITIONS: [&str; 4] = [
    "urgent_with_ground",
    "carries_facts",
    "second_officer_follows",
    "protected_person",
];

/// What starts clocks: an act, an event at home, or a clock that ran out.
#[derive(Clone, Debug)]
pub(super) struct Occasion<'o> {
    /// The act of Annex 3, or that of the clock that ran out; empty for what happened at home.
    pub(super) kind: &'o str,
    /// The reference of the act; empty for what happened at home.
    pub(super) of: &'o str,
    /// Who sent it.
    pub(super) from: &'o str,
    /// Who received it.
    pub(super) to: Option<&'o str>,
    /// Its case.
    pub(super) case: Option<&'o str>,
    /// Its slots.
    pub(super) slots: &'o Slots,
    /// The parts for which the clock runs.
    pub(super) parts: BTreeSet<String>,
    /// The step that an alert has reached.
    pub(super) level: usize,
    /// The one Party that owes, where the occasion says so; else `owed_by` does.
    pub(super) debtor: Option<&'o str>,
    /// Whether there is a receipt: nothing waits for it any more.
    pub(super) received: bool,
}

impl State {
    /// Starts every clock of Annex 4 that runs from this event, as the memorandum says.
    pub(super) fn start(
        &mut self,
        memorandum: &Memorandum,
        from: ClockStart,
        at: Timestamp,
        occasion: &Occasion<'_>,
    ) -> Vec<Effect> {
        let rows: Vec<&Clock> = memorandum
            .clocks
            .iter()
            .filter(|row| row.from == from && row.replaces.is_none())
            .filter(|row| row.on_expiry != OnExpiry::Resend || !occasion.received)
            .filter(|row| may_be_of(row, occasion))
            .filter(|row| body_fits(memorandum, row, occasion.slots))
            .filter(|row| holds(memorandum, row, occasion))
            .collect();
        rows.into_iter()
            .flat_map(|row| self.start_row(memorandum, row, at, occasion))
            .collect()
    }

    /// Starts one clock, once for each Party that owes. A rhythm that still runs for the same debtor is met.
    pub(super) fn start_row(
        &mut self,
        memorandum: &Memorandum,
        row: &Clock,
        at: Timestamp,
        occasion: &Occasion<'_>,
    ) -> Vec<Effect> {
        let Some((from, to)) = self.roles(row, occasion) else {
            return Vec::new();
        };
        let debtors = match occasion.debtor {
            Some(debtor) => vec![debtor.to_owned()],
            None => debtors(memorandum, row, &from, to.as_deref()),
        };
        let starts = debtors.into_iter().map(|debtor| RunningClock {
            clock: row.id.clone(),
            of: occasion.of.to_owned(),
            thread: self.thread_of(occasion.of),
            case: occasion.case.map(str::to_owned),
            from: from.clone(),
            to: to.clone(),
            debtor,
            start: at,
            due: at,
            parts: occasion.parts.clone(),
            holds: BTreeSet::new(),
            paused_since: None,
            paused: SignedDuration::ZERO,
            extension: None,
            fixed: fixed(row, occasion.slots),
            level: occasion.level,
            ended: None,
        });
        let starts: Vec<RunningClock> = starts.collect();
        starts
            .into_iter()
            .flat_map(|clock| self.begin(memorandum, row, clock))
            .collect()
    }

    /// Puts a clock among the others, held at once if what it belongs to stands still.
    fn begin(
        &mut self,
        memorandum: &Memorandum,
        row: &Clock,
        mut clock: RunningClock,
    ) -> Vec<Effect> {
        clock.count(memorandum, row);
        let rhythm = row.from == ClockStart::Countersigned
            || row.from == ClockStart::MeetingHeld && row.ends_with.is_empty();
        let former = self.clocks.iter_mut().filter(|other| {
            other.is_open()
                && other.clock == clock.clock
                && other.debtor == clock.debtor
                && other.case == clock.case
        });
        if rhythm {
            former.for_each(|other| other.ended = Some((clock.start, ClockEnd::Met)));
        }
        let mut effects = vec![clock.dated(effect::START)];
        for hold in self.holds_on(memorandum, row, &clock) {
            effects.extend(clock.hold(hold, clock.start));
        }
        self.clocks.push(clock);
        effects
    }

    /// Sender and recipient by whom the clock counts: of the act in `of`, wherever it stands in the thread. None if the clock
    /// is of another act.
    fn roles(&self, row: &Clock, occasion: &Occasion<'_>) -> Option<(String, Option<String>)> {
        let own = || (occasion.from.to_owned(), occasion.to.map(str::to_owned));
        let Some(of) = &row.of else {
            return Some(own());
        };
        if of.has(occasion.kind) || occasion.kind.is_empty() {
            return Some(own());
        }
        if !in_thread(row) {
            return None;
        }
        let thread = self.thread_of(occasion.of);
        let found = self
            .known
            .iter()
            .find(|(reference, act)| of.has(&act.kind) && self.thread_of(reference) == thread);
        Some(match (found, occasion.to) {
            (Some((_, act)), _) => (act.from.clone(), act.to.clone()),
            // What it answers came before this history: the act goes back to where that came from.
            (None, Some(to)) => (to.to_owned(), Some(occasion.from.to_owned())),
            (None, None) => own(),
        })
    }

    /// The reference of the act that opened the thread of a reference.
    pub(super) fn thread_of(&self, reference: &str) -> String {
        let thread = self.thread.get(reference);
        thread.map_or(reference, String::as_str).to_owned()
    }
}

/// Whether a clock runs from an event in the thread of the act in `of`, and not from that act.
fn in_thread(row: &Clock) -> bool {
    matches!(
        row.from,
        ClockStart::Replied | ClockStart::DocumentIssued | ClockStart::MatchConfirmed
    )
}

/// Whether the act in hand can start a clock: it is the one in `of`, or an event in its thread.
fn may_be_of(row: &Clock, occasion: &Occasion<'_>) -> bool {
    let own = |of: &OneOrMany| of.has(occasion.kind) || occasion.kind.is_empty() || in_thread(row);
    row.of.as_ref().is_none_or(own)
}

/// The Parties that owe: each its own clock where both do.
fn debtors(memorandum: &Memorandum, row: &Clock, from: &str, to: Option<&str>) -> Vec<String> {
    let party = |organ: &str| memorandum.party_of(organ).map(|party| party.id.clone());
    match row.owed_by {
        OwedBy::Both => memorandum.parties.iter().map(|p| p.id.clone()).collect(),
        OwedBy::Sender => party(from).into_iter().collect(),
        OwedBy::Recipient | OwedBy::Holder => party(to.unwrap_or(from)).into_iter().collect(),
    }
}

/// The end that the act itself fixes (6.4).
fn fixed(row: &Clock, slots: &Slots) -> Option<Timestamp> {
    let day = slots.get(row.ends_on.as_ref()?)?.as_date()?;
    Some(day_starts_utc(day))
}

/// A rhythm that belongs to bodies of consultation starts only for a body that has it (34.1).
fn body_fits(memorandum: &Memorandum, row: &Clock, slots: &Slots) -> bool {
    let has = |clock: &Option<String>| clock.as_ref() == Some(&row.id);
    if !memorandum.bodies.iter().any(|body| has(&body.clock)) {
        return true;
    }
    let body = slots.get(slot::BODY).and_then(Value::as_text);
    body.and_then(|body| memorandum.bodies.get(body))
        .is_some_and(|body| has(&body.clock))
}

/// Whether everything in `when` is so.
fn holds(memorandum: &Memorandum, row: &Clock, occasion: &Occasion<'_>) -> bool {
    row.when.iter().all(|(name, wanted)| {
        let value = occasion.slots.get(name);
        match wanted {
            Wanted::Is(wanted) if CONDITIONS.contains(&name.as_str()) => {
                condition(memorandum, name, occasion) == *wanted
            }
            Wanted::Is(wanted) => yes(value) == *wanted,
            Wanted::OneOf(words) => value.is_some_and(|value| {
                value.as_text().is_some_and(|word| words.has(word))
                    || value.texts().any(|word| words.has(word))
            }),
        }
    })
}

/// A slot that is filled, and is not “no”.
fn yes(value: Option<&Value>) -> bool {
    value.is_some_and(|value| value.as_bool().unwrap_or_else(|| value.is_filled()))
}

/// A condition of the closed list.
fn condition(memorandum: &Memorandum, name: &str, occasion: &Occasion<'_>) -> bool {
    let slots = occasion.slots;
    let has = |slot: &str| yes(slots.get(slot));
    match name {
        "urgent_with_ground" => has(slot::URGENT) && has(slot::URGENCY_GROUND),
        "carries_facts" => carries_facts(memorandum, occasion.kind, slots),
        "second_officer_follows" => {
            !has(slot::SECOND_OFFICER) && needs_second_officer(memorandum, occasion.kind, slots)
        }
        _ => protected_person(memorandum, slots),
    }
}

/// Whether the recipient now holds facts that must be admitted or erased (25.1): those of the act, or the person and the
/// journey of an alert, which count as its one fact.
fn carries_facts(memorandum: &Memorandum, kind: &str, slots: &Slots) -> bool {
    let Some(line) = memorandum.acts.get(kind) else {
        return false;
    };
    let given = [slot::FACTS, slot::CORRECTED_FACTS];
    line.behaviour == Behaviour::Alerts
        || given
            .into_iter()
            .any(|slot| !listed(line, slots, slot).is_empty())
}

/// The items of a slot, if the act has it: what stands beside its slots is not in it (7.1).
pub(super) fn listed<'s>(line: &ActLine, slots: &'s Slots, slot: &str) -> &'s [Value] {
    let takes = line.needs.iter().chain(&line.may).any(|own| own == slot);
    let value = slots.get(slot).filter(|_| takes);
    value.map_or(&[], Value::items)
}

/// A minor, or a person whose status Annex 6 protects (21.3).
pub(super) fn protected_person(memorandum: &Memorandum, slots: &Slots) -> bool {
    let age = slots.get(slot::SUBJECT_AGE).and_then(Value::as_number);
    let status = slots.get(slot::PERSON_STATUS).and_then(Value::as_text);
    age.is_some_and(|age| age < memorandum.minor_below_age)
        || status
            .and_then(|status| memorandum.statuses.get(status))
            .is_some_and(|status| status.protected)
}

/// Whether 21.2 asks for a second officer: a protected person, or a special category, in an act that may hold personal data.
fn needs_second_officer(memorandum: &Memorandum, kind: &str, slots: &Slots) -> bool {
    let Some(line) = memorandum.acts.get(kind).filter(|line| line.personal) else {
        return false;
    };
    let other_rule = memorandum.minor_other_rule.iter().any(|act| act == kind)
        || memorandum.protective.acts.iter().any(|act| act == kind);
    let special = [slot::FACTS, slot::CORRECTED_FACTS, slot::QUESTIONS]
        .into_iter()
        .flat_map(|slot| listed(line, slots, slot))
        .filter_map(|item| item.member(slot::CATEGORY)?.as_text())
        .filter_map(|category| memorandum.categories.get(category))
        .any(|category| category.class == "special");
    !other_rule && (special || protected_person(memorandum, slots))
}

/// The parts that an act names: its questions and facts, or the facts it is about; an alert has one, its person.
pub(super) fn parts_of(line: &ActLine, act: &Act) -> BTreeSet<String> {
    let items = [slot::QUESTIONS, slot::FACTS, slot::CORRECTED_FACTS]
        .into_iter()
        .flat_map(|slot| listed(line, &act.slots, slot))
        .filter_map(|item| item.member(slot::ID)?.as_text());
    let concerned = listed(line, &act.slots, slot::FACTS_CONCERNED)
        .iter()
        .filter_map(Value::as_text);
    let mut parts: BTreeSet<String> = items.chain(concerned).map(str::to_owned).collect();
    if parts.is_empty() && line.behaviour == Behaviour::Alerts {
        parts.insert(ALERT_FACT.to_owned());
    }
    parts
}

/// The facts that an act gives, by their numbers; an alert without any gives one (25.1).
pub fn facts_of(memorandum: &Memorandum, act: &Act) -> BTreeSet<String> {
    let facts = Fact::all(memorandum, act).into_iter();
    let mut ids: BTreeSet<String> = facts.map(|fact| fact.id().to_owned()).collect();
    let line = memorandum.acts.get(&act.kind);
    if ids.is_empty() && line.is_some_and(|line| line.behaviour == Behaviour::Alerts) {
        ids.insert(ALERT_FACT.to_owned());
    }
    ids
}

/// The identifier of the one fact of an alert: the person and the journey (25.1).
pub(super) const ALERT_FACT: &str = "f1";
