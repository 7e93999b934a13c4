//! What the partner's answers tell of it: when it last answered, how far its clock is from ours, why the last call failed.
//!
//! Kept in memory only: it is for the doctor, and decides nothing.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use jiff::{SignedDuration, Timestamp};

/// What is known of one partner since this node started.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// When it last answered.
    pub answered_at: Option<Timestamp>,
    /// How far its clock is ahead of ours, negative if behind, as its last dated answer shows.
    pub ahead: Option<Ahead>,
    /// Why the last call failed, if it did.
    pub fault: Option<String>,
}

/// How far another clock is ahead of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ahead {
    /// By so much, negative if it is behind.
    pub by: SignedDuration,
    /// The true figure is at most so far from that.
    pub within: SignedDuration,
}

/// What is known of every partner.
#[derive(Debug, Default)]
pub struct Heard(Mutex<BTreeMap<String, Known>>);

impl Ahead {
    /// The figure that an answer shows: asked and answered by our clock, dated in whole seconds by theirs.
    ///
    /// The date was set at some instant between; half of the way and half of a second may be wrong.
    pub fn shown(asked_at: Timestamp, answered_at: Timestamp, dated: Timestamp) -> Self {
        let way = answered_at.duration_since(asked_at).abs();
        let half_second = SignedDuration::from_millis(500);
        let middle = asked_at.checked_add(way / 2).unwrap_or(asked_at);
        Self {
            by: dated.duration_since(middle) + half_second,
            within: way / 2 + half_second,
        }
    }

    /// Whether it is certain that the clocks differ by more than this.
    pub fn is_beyond(&self, limit: SignedDuration) -> bool {
        self.by.abs() - self.within > limit
    }
}

impl Heard {
    /// A partner answered. `dated` is what its answer says of its clock, if it says it.
    pub fn answered(
        &self,
        partner: &str,
        asked_at: Timestamp,
        answered_at: Timestamp,
        dated: Option<Timestamp>,
    ) {
        let mut all = self.lock();
        let known = all.entry(partner.to_owned()).or_default();
        known.answered_at = Some(answered_at);
        known.fault = None;
        if let Some(dated) = dated {
            known.ahead = Some(Ahead::shown(asked_at, answered_at, dated));
        }
    }

    /// A call brought no answer.
    pub fn failed(&self, partner: &str, fault: String) {
        self.lock().entry(partner.to_owned()).or_default().fault = Some(fault);
    }

    /// What is known of a partner.
    pub fn of(&self, partner: &str) -> Known {
        self.lock().get(partner).cloned().unwrap_or_default()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Known>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_clock_that_agrees_is_within_a_second_and_one_that_does_not_is_told() {
        let (asked, answered) = (at("2026-03-18T10:00:00.2Z"), at("2026-03-18T10:00:00.4Z"));
        let same = Ahead::shown(asked, answered, at("2026-03-18T10:00:00Z"));
        assert!(same.by.abs() <= same.within, "{same:?}");
        assert!(!same.is_beyond(SignedDuration::ZERO));
        let late = Ahead::shown(asked, answered, at("2026-03-18T09:58:00Z"));
        assert!(late.is_beyond(SignedDuration::from_secs(100)));
        assert!(!late.is_beyond(SignedDuration::from_secs(120)));
        assert!(late.by.is_negative());
    }

    #[test]
    fn an_answer_after_a_fault_mends_it_and_a_fault_keeps_what_was_measured() {
        let heard = Heard::default();
        let now = at("2026-03-18T10:00:00Z");
        heard.answered("bb", now, now, Some(now));
        heard.failed("bb", "nobody answers".to_owned());
        let known = heard.of("bb");
        assert_eq!(
            (known.answered_at, known.fault.is_some()),
            (Some(now), true)
        );
        assert!(known.ahead.is_some());
        heard.answered("bb", now, now, None);
        assert_eq!(heard.of("bb").fault, None);
        assert!(heard.of("bb").ahead.is_some());
    }
}
