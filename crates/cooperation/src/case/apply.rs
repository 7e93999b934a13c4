//! One event applied: what an act sets going, by what its line says it does.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{
    Event, Hold, KnownAct, Outcome, Received, Request, State,
    event::quota_key,
    notice::{copy, notify, overseers, reach},
    start::{Occasion, parts_of},
    word::{effect, outcome, slot},
};
use crate::{
    act::Act,
    judgement::{Effect, Reason},
    memorandum::{ActLine, Behaviour, ClockStart, Memorandum, OnExpiry},
};

/// An act as it is applied: its line, its reference, the instant at which it counts.
pub(super) struct Applied<'a> {
    pub(super) line: &'a ActLine,
    pub(super) act: &'a Act,
    pub(super) reference: &'a str,
    pub(super) at: Timestamp,
    pub(super) released_at: Timestamp,
    /// Whether it was received, so that what runs from receipt runs.
    pub(super) received: bool,
    pub(super) outcome: &'a Outcome,
}

impl State {
    /// Applies one event, and says what it sets going. An act that the memorandum does not know leaves nothing.
    pub fn apply(&mut self, memorandum: &Memorandum, event: &Event) -> Vec<Effect> {
        match event {
            Event::Act(received) => self.apply_act(memorandum, received),
            Event::Home(home) => self.apply_home(memorandum, home),
            Event::Expired(expired) => self.run_out(memorandum, expired),
        }
    }

    fn apply_act(&mut self, memorandum: &Memorandum, received: &Received) -> Vec<Effect> {
        let Some(line) = memorandum.acts.get(&received.act.kind) else {
            return Vec::new();
        };
        let act = &received.act;
        if let Outcome::Refused(reason) = &received.outcome {
            return told_of_refusal(memorandum, act, reason);
        }
        let applied = Applied {
            line,
            act,
            reference: act.text(slot::REFERENCE).unwrap_or(&received.message),
            at: received.received_at.unwrap_or(received.released_at),
            released_at: received.released_at,
            received: received.received_at.is_some(),
            outcome: &received.outcome,
        };
        let mut effects = self.flags(memorandum, &applied);
        self.remember(memorandum, &applied);
        effects.extend(told(memorandum, &applied));
        effects.extend(self.end_clocks(memorandum, &applied));
        effects.extend(self.move_clocks(memorandum, &applied));
        effects.extend(self.start_clocks(memorandum, &applied));
        effects.extend(self.stand(memorandum, &applied));
        effects.extend(self.keep(memorandum, &applied));
        effects
    }

    /// What every act leaves: that it is known, its thread, who took part in its case, what quotas count.
    fn remember(&mut self, memorandum: &Memorandum, applied: &Applied<'_>) {
        let Applied { act, reference, .. } = *applied;
        let reference = reference.to_owned();
        let opener = match act.text(slot::IN_REPLY_TO) {
            Some(answered) => self.thread_of(answered),
            None => reference.clone(),
        };
        self.thread.insert(reference.clone(), opener);
        let case = act.text(slot::CASE).map(str::to_owned);
        if let Some(case) = &case {
            let organs = self.case_organs.entry(case.clone()).or_default();
            organs.insert(act.from.clone());
            organs.extend(act.to.clone());
        }
        for quota in memorandum.quotas.iter().filter(|q| q.act == act.kind) {
            let key = (quota.id.clone(), quota_key(memorandum, quota, act));
            let counted = self.counted.entry(key).or_default();
            counted.push(applied.released_at);
            counted.sort_unstable();
        }
        let known = KnownAct {
            kind: act.kind.clone(),
            from: act.from.clone(),
            to: act.to.clone(),
            case,
            parts: parts_of(memorandum, act),
        };
        self.known.insert(reference.clone(), known);
        self.sent
            .entry(reference.clone())
            .or_insert(applied.released_at);
        if applied.received {
            self.seen.entry(reference).or_insert_with(|| act.clone());
        }
    }

    /// Ends the clocks that wait for this act: those of the act it answers, else of its thread; without either, those that its
    /// own Party owes in the case.
    fn end_clocks(&mut self, memorandum: &Memorandum, applied: &Applied<'_>) -> Vec<Effect> {
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

    /// Of the clocks that wait for an act, those that it ends.
    fn chosen(
        &self,
        memorandum: &Memorandum,
        applied: &Applied<'_>,
        waiting: Vec<usize>,
        parts: &BTreeSet<String>,
    ) -> Vec<usize> {
        let act = applied.act;
        let party = memorandum.party_of(&act.from).map(|party| &party.id);
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
        let Some(request) = self.requests.get_mut(&thread).filter(|_| answers) else {
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
    fn move_clocks(&mut self, memorandum: &Memorandum, applied: &Applied<'_>) -> Vec<Effect> {
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
                self.clocks[index].ended = Some((applied.at, super::ClockEnd::Replaced));
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
            .and_then(crate::value::Value::as_date);
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

    fn start_clocks(&mut self, memorandum: &Memorandum, applied: &Applied<'_>) -> Vec<Effect> {
        let act = applied.act;
        let occasion = Occasion {
            kind: &act.kind,
            of: applied.reference,
            from: &act.from,
            to: act.to.as_deref(),
            case: act.text(slot::CASE),
            slots: &act.slots,
            parts: parts_of(memorandum, act),
            level: 0,
            debtor: None,
            received: applied.received,
        };
        let before = self.clocks.len();
        let mut effects = Vec::new();
        if applied.received {
            effects.extend(self.start(memorandum, ClockStart::Receipt, applied.at, &occasion));
        }
        let event = started_by(applied.line.behaviour);
        for from in std::iter::once(ClockStart::Sending).chain(event) {
            effects.extend(self.start(memorandum, from, applied.released_at, &occasion));
        }
        if applied.received {
            self.open_request(memorandum, applied, before);
        }
        effects
    }

    /// What is asked is owed an answer, by the first of its clocks that an answer ends.
    fn open_request(&mut self, memorandum: &Memorandum, applied: &Applied<'_>, before: usize) {
        let asks = matches!(
            applied.line.behaviour,
            Behaviour::Asks | Behaviour::Identifies
        );
        if !asks {
            return;
        }
        let answer = |kind: &String| {
            let line = memorandum.acts.get(kind);
            line.is_some_and(|line| {
                matches!(
                    line.behaviour,
                    Behaviour::Answers | Behaviour::Refuses | Behaviour::ConfirmsIdentity
                )
            })
        };
        let clock = (before..self.clocks.len()).find(|index| {
            let row = self.open_row(memorandum, *index);
            row.is_some_and(|row| row.ends_with.iter().any(answer))
        });
        let act = applied.act;
        let request = Request {
            case: act.text(slot::CASE).unwrap_or_default().to_owned(),
            received_at: applied.at,
            from: act.from.clone(),
            to: act.to.clone().unwrap_or_default(),
            extended: false,
            clarifications: 0,
            open_parts: parts_of(memorandum, act),
            clock,
        };
        self.requests.insert(applied.reference.to_owned(), request);
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
        which: impl Fn(&crate::memorandum::Clock) -> bool,
    ) -> Vec<Effect> {
        let mut effects = Vec::new();
        for index in self.in_thread(thread) {
            if self.open_row(memorandum, index).is_some_and(&which) {
                let clock = &mut self.clocks[index];
                clock.ended = Some((at, super::ClockEnd::Lapsed));
                effects.push(clock.effect(effect::STOP));
            }
        }
        effects
    }

    /// Whether the recipient sees a quota exceeded: it reports it, and does not refuse (16.3).
    fn flags(&self, memorandum: &Memorandum, applied: &Applied<'_>) -> Vec<Effect> {
        let act = applied.act;
        let full = |quota: &crate::memorandum::Quota| {
            self.quota_used(memorandum, quota, act, applied.at)
                >= self.quota_limit(quota, applied.at)
        };
        let quotas = memorandum.quotas.iter();
        let exceeded = quotas.filter(|q| q.act == act.kind).any(full) && applied.received;
        let to = act.to.as_deref().unwrap_or(&act.from);
        let points = super::notice::contact_points(memorandum, [act.from.as_str(), to]);
        exceeded
            .then(|| reach(effect::FLAG, points))
            .flatten()
            .into_iter()
            .collect()
    }
}

/// The event, other than receipt and sending, that an act of this behaviour is.
fn started_by(behaviour: Behaviour) -> Option<ClockStart> {
    Some(match behaviour {
        Behaviour::RaisesQuota => ClockStart::QuotaRaised,
        Behaviour::Matches => ClockStart::MatchConfirmed,
        Behaviour::ConfirmsIdentity => ClockStart::Replied,
        Behaviour::IssuesDocument => ClockStart::DocumentIssued,
        Behaviour::Countersigns => ClockStart::Countersigned,
        Behaviour::Stops => ClockStart::StopOrdered,
        _ => return None,
    })
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

/// Who is told of an act that was admitted.
fn told(memorandum: &Memorandum, applied: &Applied<'_>) -> Vec<Effect> {
    let act = applied.act;
    let Some(to) = act.to.as_deref() else {
        return Vec::new();
    };
    let mut effects: Vec<Effect> = copy(memorandum, &act.from, to).into_iter().collect();
    let both = [act.from.as_str(), to];
    let notice = match applied.line.behaviour {
        Behaviour::Alerts => memorandum
            .party_of(to)
            .and_then(|party| notify(party.alert_to.clone())),
        Behaviour::Asks if urgent_without_ground(act) => notify(vec![act.from.clone()]),
        Behaviour::OwnsError => notify(overseers(memorandum, both, act.text(slot::AREA))),
        Behaviour::RaisesQuota => {
            let quota = act.text(slot::QUOTA).and_then(|q| memorandum.quotas.get(q));
            let counted = quota.and_then(|quota| memorandum.acts.get(&quota.act));
            let organs =
                counted.map(|line| super::notice::organs_of_group(memorandum, &line.group));
            let organs = organs.into_iter().flatten();
            notify(overseers(memorandum, organs, act.text(slot::AREA)))
        }
        _ => None,
    };
    effects.extend(notice);
    effects
}

/// A request presented as urgent without a ground is ordinary, and its sender is told so (9.2).
fn urgent_without_ground(act: &Act) -> bool {
    let urgent = act.filled(slot::URGENT).and_then(|value| value.as_bool());
    urgent == Some(true) && act.filled(slot::URGENCY_GROUND).is_none()
}

/// Who is told of a refusal on receipt: the oversight authorities, where the limit reached says so (24.3).
fn told_of_refusal(memorandum: &Memorandum, act: &Act, reason: &Reason) -> Vec<Effect> {
    let Reason::Limit(limit) = reason else {
        return Vec::new();
    };
    let informs = memorandum
        .limits
        .get(limit)
        .is_some_and(|limit| limit.oversight);
    let organs = [act.from.as_str(), act.to.as_deref().unwrap_or(&act.from)];
    let told = informs.then(|| overseers(memorandum, organs, act.text(slot::AREA)));
    told.and_then(notify).into_iter().collect()
}
