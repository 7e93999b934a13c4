//! The fold: events in their order, and between them what the machine does when a clock runs out.

use jiff::Timestamp;

use super::{Event, State, VersionChange};
use crate::{judgement::Effect, memorandum::Memorandum};

/// An event and what it set going.
pub type Step = (Event, Vec<Effect>);

impl State {
    /// The state before any act: the versions of the memorandum and nothing else. It looks at both nodes together, as a worked
    /// case does; a node says whose it is with [`State::of_party`].
    pub fn new(memorandum: &Memorandum) -> Self {
        let versions = memorandum.versions.iter().map(|version| VersionChange {
            id: version.id.clone(),
            from: version.in_force_from,
            changes: Vec::new(),
        });
        Self {
            versions: versions.collect(),
            ..Self::default()
        }
    }

    /// The same for the node of one Party: clocks that no act ends are counted to their end by this Party only.
    #[must_use]
    pub fn of_party(mut self, party: &str) -> Self {
        self.own = Some(party.to_owned());
        self
    }

    /// Folds these events up to `now`, in the order of [`Event::order`], with all that ran out on the way.
    ///
    /// The same events in any order give the same state, and so does a list that holds the expiries of an earlier fold: they
    /// are found again, and those that an act which came to light later has prevented are not.
    #[must_use]
    pub fn fold(self, memorandum: &Memorandum, events: &[Event], now: Timestamp) -> Self {
        self.trace(memorandum, events, now).0
    }

    /// The same, with what each event set going, in order.
    pub fn trace(
        mut self,
        memorandum: &Memorandum,
        events: &[Event],
        now: Timestamp,
    ) -> (Self, Vec<Step>) {
        let mut steps = self.through(memorandum, events);
        steps.extend(self.expire(memorandum, now));
        (self, steps)
    }

    /// The state against which an act at `at` is judged: what was due before `at` has run out, what is due at `at` has not,
    /// since the last instant of a period belongs to it (11.3).
    #[must_use]
    pub fn before(mut self, memorandum: &Memorandum, events: &[Event], at: Timestamp) -> Self {
        self.through(memorandum, events);
        self.expire_before(memorandum, at);
        self
    }

    fn through(&mut self, memorandum: &Memorandum, events: &[Event]) -> Vec<Step> {
        let mut ordered: Vec<&Event> = events
            .iter()
            .filter(|event| !matches!(event, Event::Expired(_)))
            .collect();
        ordered.sort_by(|left, right| left.order(right));
        let mut steps = Vec::new();
        for event in ordered {
            steps.extend(self.expire_before(memorandum, event.at()));
            steps.push((event.clone(), self.apply(memorandum, event)));
        }
        steps
    }
}
