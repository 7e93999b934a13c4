//! One clock that was started: held and released, extended, counted anew, ended (Articles 10 to 12).

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp, civil::Date};

use super::{State, word::effect};
use crate::{
    clock::{LegalTime, extended, later},
    judgement::Effect,
    memorandum::{Clock, ClockStart, Memorandum},
};

/// A clock that was started.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunningClock {
    /// Annex 4.
    pub clock: String,
    /// The reference of the act that started it; empty for what happened at home.
    pub of: String,
    /// The reference of the act that opened its thread.
    pub thread: String,
    /// Its case, if the act has one.
    pub case: Option<String>,
    /// The organ that sent the act whose roles count.
    pub from: String,
    /// The organ that received it.
    pub to: Option<String>,
    /// The Party that owes.
    pub debtor: String,
    /// Counted from.
    pub start: Timestamp,
    /// Ends at, pauses that ended included.
    pub due: Timestamp,
    /// The questions or facts for which it still runs; empty when it runs for the act as a whole (13.2).
    pub parts: BTreeSet<String>,
    /// What holds it now. It runs when nothing does.
    pub holds: BTreeSet<Hold>,
    /// Since when it is suspended.
    pub paused_since: Option<Timestamp>,
    /// The length of all pauses that ended.
    pub paused: SignedDuration,
    /// Its one extension (10.3).
    pub extension: Option<Extension>,
    /// The instant that the act itself fixed as its end (6.4).
    pub fixed: Option<Timestamp>,
    /// The step of the roster that an alert has reached, from 0.
    pub level: usize,
    /// How it ended.
    pub ended: Option<(Timestamp, ClockEnd)>,
}

/// The one extension of a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extension {
    /// The promised day; none asks for the most.
    pub promised: Option<Date>,
    /// The length of the pauses that had ended before it; later ones are added after it.
    pub paused_before: SignedDuration,
}

/// What holds a clock.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hold {
    /// A request for clarification, by its reference (12.2).
    Clarification(String),
    /// A stop, by its scope and the authority that ordered it (31.2).
    Stop(String, String),
    /// The suspension of a chapter (35.4).
    Suspension(String),
}

/// How a clock ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ClockEnd {
    /// By the act owed.
    Met,
    /// Replaced by another clock (10.2).
    Replaced,
    /// It ran out: silence, escalation, erasure.
    Expired,
    /// What it waited for lapsed (12.4).
    Lapsed,
}

/// The legal time of a Party's capital. The check of a memorandum refuses a zone that the data do not hold; universal time
/// stands here only for a Party that the memorandum does not know.
pub(super) fn legal_time(memorandum: &Memorandum, party: &str) -> LegalTime {
    let zone = memorandum
        .parties
        .get(party)
        .map(|party| party.time_zone.parse());
    zone.and_then(Result::ok).unwrap_or(LegalTime::UTC)
}

impl State {
    /// The clocks that both nodes count, in one order: those of acts that were received. They are equal on both nodes once
    /// both know the same acts and receipts.
    pub fn shared(&self, memorandum: &Memorandum) -> Vec<&RunningClock> {
        let shared = |clock: &&RunningClock| {
            let row = memorandum.clocks.get(&clock.clock);
            let received = self.seen.contains_key(&clock.of);
            received && row.is_some_and(|row| row.from.is_shared() && !row.home)
        };
        let mut clocks: Vec<&RunningClock> = self.clocks.iter().filter(shared).collect();
        clocks.sort_by_key(|clock| {
            let RunningClock {
                start,
                clock,
                of,
                debtor,
                ..
            } = *clock;
            (*start, clock.clone(), of.clone(), debtor.clone())
        });
        clocks
    }
}

impl RunningClock {
    /// Whether it still runs or is held.
    pub fn is_open(&self) -> bool {
        self.ended.is_none()
    }

    /// Whether it runs now.
    pub fn runs(&self) -> bool {
        self.is_open() && self.paused_since.is_none()
    }

    /// Counts the end again: from the start, with every pause that ended, and the one extension.
    pub(super) fn count(&mut self, memorandum: &Memorandum, row: &Clock) {
        let legal = legal_time(memorandum, &self.debtor);
        let follows = matches!(
            row.from,
            ClockStart::Ended | ClockStart::PeriodEnd | ClockStart::Raised
        );
        let base = match self.fixed {
            Some(fixed) => fixed,
            None if follows => row.period.end_after(self.start, &legal),
            None => row.period.end(self.start, &legal),
        };
        self.due = match (self.extension, row.extension) {
            (Some(one), Some(most)) => {
                let expiry = later(base, one.paused_before);
                let end = extended(most, expiry, &legal, one.promised);
                later(end, self.paused - one.paused_before)
            }
            _ => later(base, self.paused),
        };
    }

    /// An effect on this clock.
    pub(super) fn effect(&self, kind: &str) -> Effect {
        Effect {
            kind: kind.to_owned(),
            clock: Some(self.clock.clone()),
            of: Some(self.of.clone()),
            ..Effect::default()
        }
    }

    /// The same with debtor, start and end.
    pub(super) fn dated(&self, kind: &str) -> Effect {
        Effect {
            debtor: Some(self.debtor.clone()),
            start: Some(self.start),
            due: Some(self.due),
            ..self.effect(kind)
        }
    }

    /// Holds it. Says so only if it ran until now: a clock that is held twice is suspended once.
    pub(super) fn hold(&mut self, hold: Hold, at: Timestamp) -> Option<Effect> {
        self.holds.insert(hold);
        if self.paused_since.is_some() {
            return None;
        }
        self.paused_since = Some(at);
        Some(Effect {
            from: Some(at),
            ..self.effect(effect::SUSPEND)
        })
    }

    /// Lets go of one hold. It runs again, later by the exact length of the pause, when nothing else holds it (11.5).
    pub(super) fn release(
        &mut self,
        memorandum: &Memorandum,
        row: &Clock,
        hold: &Hold,
        at: Timestamp,
    ) -> Option<Effect> {
        if !self.holds.remove(hold) || !self.holds.is_empty() {
            return None;
        }
        let since = self.paused_since.take()?;
        self.paused += at.duration_since(since);
        self.count(memorandum, row);
        Some(Effect {
            paused: Some((since, at)),
            ..self.dated(effect::RESUME)
        })
    }

    /// Extends it, once; nothing if it was extended before or cannot be.
    pub(super) fn extend(
        &mut self,
        memorandum: &Memorandum,
        row: &Clock,
        promised: Option<Date>,
    ) -> Option<Effect> {
        if self.extension.is_some() || row.extension.is_none() {
            return None;
        }
        self.extension = Some(Extension {
            promised,
            paused_before: self.paused,
        });
        self.count(memorandum, row);
        Some(self.dated(effect::EXTEND))
    }

    /// Counts it from another instant (7.5).
    pub(super) fn count_from(
        &mut self,
        memorandum: &Memorandum,
        row: &Clock,
        start: Timestamp,
    ) -> Effect {
        self.start = start;
        self.count(memorandum, row);
        self.dated(effect::REPLACE)
    }

    /// Ends it by what was owed: for these parts only, or wholly when none are named or none remain (13.2).
    pub(super) fn meet(&mut self, parts: &BTreeSet<String>, at: Timestamp) -> Effect {
        let whole = parts.is_empty() || self.parts.is_empty();
        self.parts.retain(|part| !whole && !parts.contains(part));
        if self.parts.is_empty() {
            self.ended = Some((at, ClockEnd::Met));
        }
        Effect {
            part: parts.iter().cloned().collect(),
            ..self.effect(effect::STOP)
        }
    }
}
