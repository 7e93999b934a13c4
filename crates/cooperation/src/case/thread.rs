//! What an act does to clocks that already run: ends, replaces, extends, suspends, resumes (10.2, 10.3, 11.5, 12.2, 13.2).

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{
    ClockEnd, Hold, Request, State,
    apply::Applied,
    word::{effect, outcome, slot},
};
use crate::{
    judgement::Effect,
    memorandum::{Behaviour, Clock, ClockStart, Memorandum, OnExpiry},
    value::Value,
};

impl State {
    /// Ends the clocks that wait for this act: those of the act it answers, else of its thread; without either, those that its
    /// own Party owes in the case.
    pub(super) fn end_clocks(
        &mut self,
        memorandum: &Memorandum,
        applied: &Applied<'_>,
    ) -> Vec<Effect> {
        let act = applied.act;
        let waiting: Vec<usize> = (0..self.clocks.len())
            .filter(|index| {
                self.open_row(memorandum, *index)
                    .is_some_and(|row| row.ends_with.contains(&act.kind))
            })
            .collect();
        let parts = covered(applied);
        let ended = self.chosen(memorandum, applied, waiting, &parts);
        let mut effects: Vec<Effect> = ended
            .into_iter()
            .map(|index| self.clocks[index].meet(&parts, applied.at))
            .collect();
        effects.extend(self.answered(memorandum, applied, &parts));
        effects
    }

    /// Whether an act may free its own Party or the other of what is owed in its thread: a request is withdrawn by the Party that
    /// asked (28.3), and has lapsed once the clarification did not come in time (12.4). Whoever owes frees itself of nothing; such an
    /// act is filed, and moves no clock.
    pub(super) fn may_free(&self, memorandum: &Memorandum, applied: &Applied<'_>) -> bool {
        let thread = self.thread_of(applied.reference);
        match applied.line.behaviour {
            Behaviour::Withdraws => {
                let party = |organ: &str| memorandum.party_of(organ).map(|party| &party.id);
                let request = self.requests.get(&thread);
                request.is_some_and(|request| party(&request.from) == party(&applied.act.from))
            }
            Behaviour::Lapses => self.clocks.iter().any(|clock| {
                let row = memorandum.clocks.get(&clock.clock);
                let over = matches!(clock.ended, Some((_, ClockEnd::Expired | ClockEnd::Lapsed)));
                over && clock.thread == thread
                    && row.is_some_and(|row| row.on_expiry == OnExpiry::Lapse)
            }),
            _ => true,
        }
    }

    /// Of the clocks that wait for an act, those that it ends: those of its own Party, unless it frees the other. An answer to
    /// one's own request fulfils nothing.
    fn chosen(
        &self,
        memorandum: &Memorandum,
        applied: &Applied<'_>,
        waiting: Vec<usize>,
        parts: &BTreeSet<String>,
    ) -> Vec<usize> {
        let act = applied.act;
        let party = memorandum.party_of(&act.from).map(|party| &party.id);
        let frees = frees_the_other(applied.line.behaviour);
        let waiting: Vec<usize> = waiting
            .into_iter()
            .filter(|i| frees || Some(&self.clocks[*i].debtor) == party)
            .collect();
        let among = |wanted: &dyn Fn(usize) -> bool| -> Vec<usize> {
            waiting.iter().copied().filter(|i| wanted(*i)).collect()
        };
        if let Some(answered) = act.text(slot::IN_REPLY_TO) {
            let exact = among(&|i| self.clocks[i].of == answered);
            let thread = self.thread_of(answered);
            let threaded = among(&|i| self.clocks[i].thread == thread);
            let at_home = among(&|i| {
                self.clocks[i].of.is_empty()
                    && self.clocks[i].case.as_deref() == act.text(slot::CASE)
            });
            return [exact, threaded, at_home]
                .into_iter()
                .find(|found| !found.is_empty())
                .unwrap_or_default();
        }
        among(&|i| {
            let clock = &self.clocks[i];
            let same_case = clock.case.is_none() || clock.case.as_deref() == act.text(slot::CASE);
            let named = parts.is_empty()
                || clock.parts.is_empty()
                || parts.iter().any(|part| clock.parts.contains(part));
            Some(&clock.debtor) == party && same_case && named
        })
    }

    /// What an answer leaves open of its request. A request that is answered whole waits for no clarification.
    fn answered(
        &mut self,
        memorandum: &Memorandum,
        applied: &Applied<'_>,
        parts: &BTreeSet<String>,
    ) -> Vec<Effect> {
        use Behaviour::{Answers, ConfirmsIdentity, Lapses, Refuses, Withdraws};
        let answers = matches!(
            applied.line.behaviour,
            Answers | Refuses | ConfirmsIdentity | Withdraws | Lapses
        );
        let thread = self.thread_of(applied.reference);
        let party = |organ: &str| memorandum.party_of(organ).map(|party| &party.id);
        let frees = frees_the_other(applied.line.behaviour);
        let asked = |request: &Request| frees || party(&request.to) == party(&applied.act.from);
        let request = self.requests.get_mut(&thread).filter(|_| answers);
        let Some(request) = request.filter(|request| asked(request)) else {
            return Vec::new();
        };
        request
            .open_parts
            .retain(|part| !parts.is_empty() && !parts.contains(part));
        if !request.open_parts.is_empty() {
            return Vec::new();
        }
        let lapse = applied.line.behaviour == Lapses;
        self.close_thread(memorandum, &thread, applied.at, |row| {
            row.on_expiry == OnExpiry::Lapse || lapse && row.pausable
        })
    }

    /// Replaces, extends, suspends and resumes the clocks of the request in whose thread the act stands.
    pub(super) fn move_clocks(
        &mut self,
        memorandum: &Memorandum,
        applied: &Applied<'_>,
    ) -> Vec<Effect> {
        let thread = self.thread_of(applied.reference);
        match applied.line.behaviour {
            Behaviour::Defers => self.replace(memorandum, applied, &thread),
            Behaviour::Extends => self.extend(memorandum, applied, &thread),
            Behaviour::Clarifies => self.clarify(memorandum, applied, &thread),
            Behaviour::Completes if applied.received => self.complete(memorandum, applied, &thread),
            Behaviour::ConfirmsRegistration => self.count_from_call(memorandum, applied),
            _ => Vec::new(),
        }
    }

    /// The clock that another takes the place of, counted from the same start with the same pauses (10.2).
    fn replace(
        &mut self,
        memorandum: &Memorandum,
        applied: &Applied<'_>,
        thread: &str,
    ) -> Vec<Effect> {
        let mut effects = Vec::new();
        for row in memorandum.clocks.iter() {
            let Some(replaced) = &row.replaces else {
                continue;
            };
            for index in self.in_thread(thread) {
                if self.clocks[index].clock != *replaced {
                    continue;
                }
                let mut clock = self.clocks[index].clone();
                self.clocks[index].ended = Some((applied.at, ClockEnd::Replaced));
                clock.clock.clone_from(&row.id);
                clock.count(memorandum, row);
                effects.push(clock.dated(effect::REPLACE));
                self.clocks.push(clock);
                let next = self.clocks.len() - 1;
                if let Some(request) = self.requests.get_mut(thread) {
                    request.clock = Some(next);
                }
            }
        }
        effects
    }

    fn extend(
        &mut self,
        memorandum: &Memorandum,
        applied: &Applied<'_>,
        thread: &str,
    ) -> Vec<Effect> {
        let promised = applied
            .act
            .filled(slot::EXPECTED_ON)
            .and_then(Value::as_date);
        let Some(request) = self.requests.get_mut(thread) else {
            return Vec::new();
        };
        request.extended = true;
        let index = request.clock.unwrap_or(usize::MAX);
        let Some(row) = self.open_row(memorandum, index) else {
            return Vec::new();
        };
        let extended = self.clocks[index].extend(memorandum, row, promised);
        extended.into_iter().collect()
    }

    /// A request for clarification suspends from its receipt (12.2); it counts from its release (12.3).
    fn clarify(
        &mut self,
        memorandum: &Memorandum,
        applied: &Applied<'_>,
        thread: &str,
    ) -> Vec<Effect> {
        if let Some(request) = self.requests.get_mut(thread) {
            request.clarifications += 1;
        }
        if !applied.received {
            return Vec::new();
        }
        let hold = Hold::Clarification(applied.reference.to_owned());
        let mut effects = Vec::new();
        for index in self.in_thread(thread) {
            let row = self.open_row(memorandum, index);
            if row.is_some_and(|row| row.pausable) {
                effects.extend(self.clocks[index].hold(hold.clone(), applied.at));
            }
        }
        effects
    }

    fn complete(
        &mut self,
        memorandum: &Memorandum,
        applied: &Applied<'_>,
        thread: &str,
    ) -> Vec<Effect> {
        let asked = applied.act.text(slot::IN_REPLY_TO).unwrap_or_default();
        let mut effects = Vec::new();
        for index in self.in_thread(thread) {
            let Some(row) = self.open_row(memorandum, index) else {
                continue;
            };
            let clock = &mut self.clocks[index];
            let hold = Hold::Clarification(asked.to_owned());
            effects.extend(clock.release(memorandum, row, &hold, applied.at));
        }
        effects
    }

    /// A confirmed registration: what ran from the receipt of the proper form runs from the call (7.5).
    fn count_from_call(&mut self, memorandum: &Memorandum, applied: &Applied<'_>) -> Vec<Effect> {
        let act = applied.act;
        let confirmed = act.text(slot::OUTCOME) == Some(outcome::CONFIRMED);
        let reference = act.text(slot::ACT_REFERENCE).unwrap_or_default().to_owned();
        let Some(called) = self
            .registered
            .get(&reference)
            .copied()
            .filter(|_| confirmed)
        else {
            return Vec::new();
        };
        if let Some(request) = self.requests.get_mut(&reference) {
            request.received_at = called;
        }
        let mut effects = Vec::new();
        for index in 0..self.clocks.len() {
            let Some(row) = self.open_row(memorandum, index) else {
                continue;
            };
            let from_receipt = row.from == ClockStart::Receipt && !row.home;
            if self.clocks[index].of == reference && from_receipt {
                effects.push(self.clocks[index].count_from(memorandum, row, called));
            }
        }
        effects
    }

    /// The open clocks of a thread.
    pub(super) fn in_thread(&self, thread: &str) -> Vec<usize> {
        let clocks = self.clocks.iter().enumerate();
        clocks
            .filter(|(_, clock)| clock.is_open() && clock.thread == thread)
            .map(|(index, _)| index)
            .collect()
    }

    /// Ends the open clocks of a thread for which nothing is left to wait.
    pub(super) fn close_thread(
        &mut self,
        memorandum: &Memorandum,
        thread: &str,
        at: Timestamp,
        which: impl Fn(&Clock) -> bool,
    ) -> Vec<Effect> {
        let mut effects = Vec::new();
        for index in self.in_thread(thread) {
            if self.open_row(memorandum, index).is_some_and(&which) {
                let clock = &mut self.clocks[index];
                clock.ended = Some((at, ClockEnd::Lapsed));
                effects.push(clock.effect(effect::STOP));
            }
        }
        effects
    }
}

/// Whether an act ends what the other Party owes as well: what is withdrawn, settled or lapsed is owed by nobody.
fn frees_the_other(behaviour: Behaviour) -> bool {
    matches!(
        behaviour,
        Behaviour::Withdraws | Behaviour::Settles | Behaviour::Lapses
    )
}

/// The parts that an act ends a clock for; none when it ends the whole (13.2, 25.2, 26.2).
fn covered(applied: &Applied<'_>) -> BTreeSet<String> {
    let slot = match applied.line.behaviour {
        Behaviour::Answers | Behaviour::Refuses => slot::SCOPE,
        Behaviour::Admits | Behaviour::Certifies => slot::FACTS_CONCERNED,
        Behaviour::Tabulates => {
            let period = applied.act.text(slot::REFERENCE_PERIOD);
            return period.map(str::to_owned).into_iter().collect();
        }
        _ => return BTreeSet::new(),
    };
    let parts = applied.act.items(slot).iter();
    parts
        .filter_map(|part| part.as_text().map(str::to_owned))
        .collect()
}
