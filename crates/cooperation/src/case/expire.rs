//! What the machine does, alone and at once, when a clock runs out (Annex 4, `on_expiry`).
//!
//! Clocks run out in the order in which they are due, each once, so that both nodes do the same. A clock that is owed by an
//! event at home runs out only in the node of the Party that owes.

use jiff::{SignedDuration, Timestamp};

use super::{
    ClockEnd, Event, Expired, RunningClock, State,
    fold::Step,
    notice::{contact_points, notify, reach},
    start::Occasion,
    word::{effect, mark},
};
use crate::{
    clock::{Period, earlier, later},
    judgement::Effect,
    memorandum::{Behaviour, Clock, ClockKind, ClockStart, Memorandum, OnExpiry},
    value::Slots,
};

/// A clock on the duty desk: what is owed, by whom, until when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due<'s> {
    /// The clock.
    pub clock: &'s RunningClock,
    /// Whether its end has passed.
    pub overdue: bool,
}

impl State {
    /// Lets every clock run out that was due by `now`, in the order of their ends, with all that this starts and ends in turn.
    ///
    /// Of repetitions that were missed only the last is made: to have repeated while nobody was there is not possible.
    pub fn expire(&mut self, memorandum: &Memorandum, now: Timestamp) -> Vec<Step> {
        let mut steps = Vec::new();
        while let Some(mut next) = self.next(memorandum).filter(|next| next.due <= now) {
            self.catch_up(memorandum, &mut next, now);
            let effects = self.run_out(memorandum, &next);
            steps.push((Event::Expired(next), effects));
        }
        steps.sort_by_key(|(event, _)| event.at());
        steps
    }

    /// The same for what was due before an instant: an act received at the very end of a period is in time.
    pub(super) fn expire_before(&mut self, memorandum: &Memorandum, at: Timestamp) -> Vec<Step> {
        self.expire(memorandum, earlier(at, SignedDuration::from_nanos(1)))
    }

    /// Winds a repetition forward to the last one that was due by `now`.
    fn catch_up(&mut self, memorandum: &Memorandum, next: &mut Expired, now: Timestamp) {
        let row = memorandum.clocks.get(&next.clock);
        let repeats = row.filter(|row| row.on_expiry == OnExpiry::RepeatToAll);
        let Some(Period::Elapsed(period)) = repeats.map(|row| row.period) else {
            return;
        };
        let missed = now.duration_since(next.due).as_secs() / period.as_secs().max(1);
        let forward = SignedDuration::from_secs(missed * period.as_secs());
        if let Some(clock) = self.clocks.iter_mut().find(|clock| next.names(clock)) {
            clock.start = later(clock.start, forward);
            clock.due = later(clock.due, forward);
            next.due = clock.due;
        }
    }

    /// When the next clock runs out in this node, if nothing happens.
    pub fn next_due(&self, memorandum: &Memorandum) -> Option<Timestamp> {
        self.next(memorandum).map(|next| next.due)
    }

    fn next(&self, memorandum: &Memorandum) -> Option<Expired> {
        let ours = |clock: &&RunningClock| {
            let own = || self.own.as_ref().is_none_or(|own| *own == clock.debtor);
            let row = || memorandum.clocks.get(&clock.clock);
            clock.runs() && (own() || row().is_some_and(|row| !row.home))
        };
        let next = self
            .clocks
            .iter()
            .filter(ours)
            .min_by(|left, right| left.place().cmp(&right.place()))?;
        Some(Expired {
            due: next.due,
            clock: next.clock.clone(),
            of: next.of.clone(),
            debtor: next.debtor.clone(),
        })
    }

    /// Time limits of the duty desk, by their ends: what runs and, first, what is overdue and still unanswered.
    pub fn due_list(&self, memorandum: &Memorandum, now: Timestamp) -> Vec<Due<'_>> {
        let owed = |clock: &&RunningClock| {
            let row = memorandum.clocks.get(&clock.clock);
            let deadline = row.is_some_and(|row| row.kind == ClockKind::Deadline);
            deadline && (clock.is_open() || self.is_silent(clock))
        };
        let mut list: Vec<Due<'_>> = self
            .clocks
            .iter()
            .filter(owed)
            .map(|clock| Due {
                clock,
                overdue: clock.paused_since.is_none() && clock.due <= now,
            })
            .collect();
        list.sort_by_key(|due| (due.clock.due, due.clock.clock.clone()));
        list
    }

    /// The time limits that have passed without what was owed.
    pub fn overdue(&self, memorandum: &Memorandum, now: Timestamp) -> Vec<&RunningClock> {
        let list = self.due_list(memorandum, now).into_iter();
        list.filter(|due| due.overdue)
            .map(|due| due.clock)
            .collect()
    }

    /// Whether a clock ran out and its request is still unanswered: a late answer is still owed (10.4).
    fn is_silent(&self, clock: &RunningClock) -> bool {
        let expired = matches!(clock.ended, Some((_, ClockEnd::Expired)));
        let open = self.requests.get(&clock.of).is_some_and(|request| {
            let its = request.clock.and_then(|index| self.clocks.get(index));
            its == Some(clock) && !request.open_parts.is_empty()
        });
        expired && open
    }

    /// One clock runs out. Nothing happens if it has ended, is held, or was moved since.
    pub(super) fn run_out(&mut self, memorandum: &Memorandum, expired: &Expired) -> Vec<Effect> {
        let found = self.clocks.iter().position(|clock| expired.names(clock));
        let Some(index) = found else {
            return Vec::new();
        };
        let Some(row) = memorandum.clocks.get(&expired.clock) else {
            return Vec::new();
        };
        self.clocks[index].ended = Some((expired.due, ClockEnd::Expired));
        let clock = self.clocks[index].clone();
        match row.on_expiry {
            OnExpiry::RecordSilence => self.silence(memorandum, &clock),
            OnExpiry::Escalate => self.escalate(memorandum, &clock),
            OnExpiry::RepeatToAll => self.repeat_to_all(memorandum, row, index),
            OnExpiry::Lapse => self.lapse(memorandum, &clock),
            OnExpiry::Erase => self.erase_on_time(&clock),
            OnExpiry::TakeEffect => self.take_effect(memorandum, &clock),
            OnExpiry::NextLevel => self.next_level(memorandum, row, &clock),
            OnExpiry::EndOfValidity => Vec::new(),
            OnExpiry::Recall => recall(&clock),
            OnExpiry::AssignDutyOfficer => duty_officer(memorandum, &clock),
            OnExpiry::Resend => notify(contact_points(memorandum, [clock.from.as_str()]))
                .into_iter()
                .collect(),
            OnExpiry::Deny => notify(vec![clock.from]).into_iter().collect(),
            OnExpiry::ReturnToAgenda => notify(both(memorandum, &clock)).into_iter().collect(),
        }
    }

    /// Silence is neither a reply nor a refusal: it is recorded and reported to both contact points (10.4).
    fn silence(&mut self, memorandum: &Memorandum, clock: &RunningClock) -> Vec<Effect> {
        let mut effects = vec![Effect {
            to: both(memorandum, clock),
            debtor: Some(clock.debtor.clone()),
            part: clock.parts.iter().cloned().collect(),
            ..clock.effect(effect::SILENCE)
        }];
        effects.extend(self.follow(memorandum, ClockStart::SilenceRecorded, clock, 0));
        effects
    }

    /// An alert goes one step up the roster of the Party alerted; at the last step it is repeated to all (15.4). Anything else
    /// goes to the heads of both organs (10.4).
    fn escalate(&mut self, memorandum: &Memorandum, clock: &RunningClock) -> Vec<Effect> {
        if self.behaviour_of(memorandum, &clock.of) != Some(Behaviour::Alerts) {
            let organs = std::iter::once(clock.from.clone()).chain(clock.to.clone());
            return reach(effect::ESCALATE, organs.collect())
                .into_iter()
                .map(|reached| Effect {
                    of: Some(clock.of.clone()),
                    ..reached
                })
                .collect();
        }
        let roster = memorandum.parties.get(&clock.debtor).map(|p| &p.escalation);
        let last = roster.map_or(0, |steps| steps.len().saturating_sub(1));
        let level = (clock.level + 1).min(last);
        let from = if level == last {
            ClockStart::LastStep
        } else {
            ClockStart::Escalated
        };
        let mut effects = vec![Effect {
            step: roster.and_then(|steps| steps.get(level)).cloned(),
            of: Some(clock.of.clone()),
            kind: effect::ESCALATE.to_owned(),
            ..Effect::default()
        }];
        effects.extend(self.follow(memorandum, from, clock, level));
        effects
    }

    /// Repeats an alert to every step, and again after the same time, until it is acknowledged (15.4). The clock is wound up
    /// anew in its place, so that a thousand repetitions leave one clock.
    fn repeat_to_all(&mut self, memorandum: &Memorandum, row: &Clock, index: usize) -> Vec<Effect> {
        let clock = &mut self.clocks[index];
        if clock.due == Timestamp::MAX {
            return Vec::new();
        }
        clock.ended = None;
        clock.start = clock.due;
        clock.paused = SignedDuration::ZERO;
        clock.count(memorandum, row);
        let roster = memorandum.parties.get(&clock.debtor);
        let steps = roster.map(|party| party.escalation.as_slice());
        let mut effects: Vec<Effect> = steps
            .unwrap_or_default()
            .iter()
            .map(|step| Effect {
                step: Some(step.clone()),
                of: Some(clock.of.clone()),
                kind: effect::ESCALATE.to_owned(),
                ..Effect::default()
            })
            .collect();
        effects.push(clock.dated(effect::START));
        effects
    }

    /// Failing clarification the request lapses: it is no refusal, and its sender is told (12.4).
    fn lapse(&mut self, memorandum: &Memorandum, clock: &RunningClock) -> Vec<Effect> {
        let thread = clock.thread.clone();
        let mut told: Vec<String> = clock.to.clone().into_iter().collect();
        let mut effects = Vec::new();
        if let Some(request) = self.requests.get_mut(&thread) {
            request.open_parts.clear();
            told = vec![request.from.clone()];
            effects = self.close_thread(memorandum, &thread, clock.due, |row| row.pausable);
        }
        effects.extend(notify(told));
        effects
    }

    /// Erases what the clock ran for, and tells the Party it came from (25.2, 26.5).
    fn erase_on_time(&mut self, clock: &RunningClock) -> Vec<Effect> {
        let kept = self.forget(clock.case.as_deref(), &clock.parts);
        let erased = clock.parts.iter().filter(|part| !kept.contains(*part));
        let mut effects = vec![Effect {
            part: erased.cloned().collect(),
            ..clock.effect(effect::ERASE)
        }];
        effects.extend(notify(vec![clock.from.clone()]));
        effects
    }

    /// What was announced takes effect: an end of the memorandum opens the last period for the data (36.2, 36.4).
    fn take_effect(&mut self, memorandum: &Memorandum, clock: &RunningClock) -> Vec<Effect> {
        let mut effects: Vec<Effect> = notify(both(memorandum, clock)).into_iter().collect();
        if self.behaviour_of(memorandum, &clock.of) == Some(Behaviour::Terminates) {
            self.ends_at = Some(clock.due);
            effects.extend(self.follow(memorandum, ClockStart::Ended, clock, 0));
        }
        effects
    }

    /// The dispute goes to the next level, whose clock runs from now (35.1).
    fn next_level(
        &mut self,
        memorandum: &Memorandum,
        row: &Clock,
        clock: &RunningClock,
    ) -> Vec<Effect> {
        let mut effects: Vec<Effect> = notify(both(memorandum, clock)).into_iter().collect();
        let levels = &memorandum.dispute_levels;
        let order = levels.iter().find(|level| level.clock == row.id);
        let next = order.and_then(|level| levels.iter().find(|l| l.order == level.order + 1));
        if let Some(next) = next.and_then(|level| memorandum.clocks.get(&level.clock)) {
            let (kind, slots) = (self.kind_of(&clock.of), Slots::new());
            let occasion = after(clock, &kind, &slots);
            effects.extend(self.start_row(memorandum, next, clock.due, &occasion));
        }
        effects
    }

    /// Starts what runs from the end of another clock. The same Party owes, save the fate of the data, which all owe (36.4).
    fn follow(
        &mut self,
        memorandum: &Memorandum,
        from: ClockStart,
        clock: &RunningClock,
        level: usize,
    ) -> Vec<Effect> {
        let (kind, slots) = (self.kind_of(&clock.of), Slots::new());
        let mut occasion = after(clock, &kind, &slots);
        occasion.level = level;
        if from == ClockStart::Ended {
            occasion.debtor = None;
        }
        self.start(memorandum, from, clock.due, &occasion)
    }

    fn kind_of(&self, reference: &str) -> String {
        let act = self.known.get(reference);
        act.map(|act| act.kind.clone()).unwrap_or_default()
    }
}

impl RunningClock {
    /// Its place among clocks that run out.
    fn place(&self) -> (Timestamp, &str, &str, &str) {
        (self.due, &self.clock, &self.of, &self.debtor)
    }
}

impl Expired {
    /// Whether this is the running clock that it names.
    fn names(&self, clock: &RunningClock) -> bool {
        clock.runs()
            && clock.clock == self.clock
            && clock.of == self.of
            && clock.debtor == self.debtor
            && clock.due == self.due
    }
}

/// The occasion that a clock gives by running out.
fn after<'o>(clock: &'o RunningClock, kind: &'o str, slots: &'o Slots) -> Occasion<'o> {
    Occasion {
        kind,
        of: &clock.of,
        from: &clock.from,
        to: clock.to.as_deref(),
        case: clock.case.as_deref(),
        slots,
        parts: clock.parts.clone(),
        level: 0,
        debtor: Some(&clock.debtor),
        received: true,
    }
}

/// The contact points of both Parties of a clock.
fn both(memorandum: &Memorandum, clock: &RunningClock) -> Vec<String> {
    let organs = std::iter::once(clock.from.as_str()).chain(clock.to.as_deref());
    contact_points(memorandum, organs)
}

/// The duty officer of the contact point becomes responsible (5.3).
fn duty_officer(memorandum: &Memorandum, clock: &RunningClock) -> Vec<Effect> {
    let Some(party) = memorandum.parties.get(&clock.debtor) else {
        return Vec::new();
    };
    vec![Effect {
        step: party.escalation.first().cloned(),
        to: vec![party.contact_point.clone()],
        ..clock.effect(effect::HAND_OVER)
    }]
}

/// Failing the second officer's agreement the facts are recalled: their use ceases, and their author is told to recall (21.2).
fn recall(clock: &RunningClock) -> Vec<Effect> {
    let ceased = Effect {
        mark: Some(mark::USE_CEASED.to_owned()),
        part: clock.parts.iter().cloned().collect(),
        ..clock.effect(effect::CEASE_USE)
    };
    let told = notify(vec![clock.from.clone()]);
    std::iter::once(ceased).chain(told).collect()
}
