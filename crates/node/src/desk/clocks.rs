//! Clocks as rows, and as a receipt states them.

use std::collections::BTreeMap;

use entente_cooperation::{
    case::{self, ClockEnd, Received, RunningClock, State},
    judgement::Effect,
    memorandum::Memorandum,
    receipt::ClockTerm,
};
use entente_store::{self as store, ClockLine, Unfolding};

/// The clocks of acts, by the reference of each: all that it started, as they now stand.
pub type Clocks = Vec<(String, Vec<ClockLine>)>;

/// The clocks that a receipt states: those that the act starts, and those of its thread that it moves.
///
/// Clocks of other threads, which a stop or the end of a suspension moves by the hundred, are not in it: both sides count them
/// from the same act. Neither is what only an event at home ends, unless the receipt itself starts it.
pub(super) fn terms(
    memorandum: &Memorandum,
    state: &State,
    received: &Received,
    effects: &[Effect],
) -> Vec<ClockTerm> {
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
        Some(term)
    });
    dated.collect()
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
