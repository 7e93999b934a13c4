//! What stands still: stops and suspended chapters hold the clocks of what they cover, save those that protect (31.2, 35.4).

use jiff::Timestamp;

use super::{Hold, RunningClock, State};
use crate::{
    judgement::Effect,
    memorandum::{Behaviour, Clock, ClockKind, Memorandum},
};

impl State {
    /// The stops and suspensions that cover a clock. Nothing covers a clock that protects, or one that is no time limit.
    pub(super) fn holds_on(
        &self,
        memorandum: &Memorandum,
        row: &Clock,
        clock: &RunningClock,
    ) -> Vec<Hold> {
        let protects = memorandum.protective.clocks.contains(&row.id);
        let behaviour = self.behaviour_of(memorandum, &clock.of);
        let order = matches!(behaviour, Some(Behaviour::Stops | Behaviour::Releases));
        if protects || order || row.kind != ClockKind::Deadline {
            return Vec::new();
        }
        let chapter = memorandum.chapter_of(&row.article).map(|c| c.id.as_str());
        let spared = behaviour == Some(Behaviour::Alerts) && !self.alerts_suspended;
        let suspended = chapter.filter(|chapter| !spared && self.suspended.contains(*chapter));
        let stops = self.stops.iter().filter(|(scope, _)| {
            scope
                .split_once(':')
                .is_some_and(|(kind, what)| match kind {
                    "case" => clock.case.as_deref() == Some(what),
                    "organ" => clock.from == what || clock.to.as_deref() == Some(what),
                    "chapter" => chapter == Some(what),
                    _ => clock.of == what || clock.thread == what,
                })
        });
        let stops = stops.map(|(scope, by)| Hold::Stop(scope.clone(), by.clone()));
        stops
            .chain(suspended.map(|chapter| Hold::Suspension(chapter.to_owned())))
            .collect()
    }

    /// Holds and releases every clock after stops or suspensions changed.
    pub(super) fn hold_anew(&mut self, memorandum: &Memorandum, at: Timestamp) -> Vec<Effect> {
        let mut effects = Vec::new();
        for index in 0..self.clocks.len() {
            let Some(row) = self.open_row(memorandum, index) else {
                continue;
            };
            let wanted = self.holds_on(memorandum, row, &self.clocks[index]);
            let clock = &mut self.clocks[index];
            let stale: Vec<Hold> = clock
                .holds
                .iter()
                .filter(|hold| !matches!(hold, Hold::Clarification(_)) && !wanted.contains(hold))
                .cloned()
                .collect();
            for hold in wanted {
                effects.extend(clock.hold(hold, at));
            }
            for hold in stale {
                effects.extend(clock.release(memorandum, row, &hold, at));
            }
        }
        effects
    }

    /// The line of Annex 4 of a clock that has not ended.
    pub(super) fn open_row<'m>(
        &self,
        memorandum: &'m Memorandum,
        index: usize,
    ) -> Option<&'m Clock> {
        let clock = self.clocks.get(index).filter(|clock| clock.is_open())?;
        memorandum.clocks.get(&clock.clock)
    }

    /// What the act of a reference does.
    pub(super) fn behaviour_of(
        &self,
        memorandum: &Memorandum,
        reference: &str,
    ) -> Option<Behaviour> {
        let act = self.known.get(reference)?;
        memorandum.acts.get(&act.kind).map(|line| line.behaviour)
    }
}
