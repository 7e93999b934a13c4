//! The end of a case: it has an outcome, and nothing is owed in it any more.

use std::str::FromStr;

use super::{RunningClock, State};
use crate::memorandum::{ClockKind, Memorandum};

/// How a case ended. There is no “closed” without one of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CaseOutcome {
    /// Everything asked was answered.
    Answered,
    /// A part was answered, the rest refused.
    AnsweredInPart,
    /// Refused, with its grounds.
    Refused,
    /// It lapsed for want of clarification (12.4).
    Lapsed,
    /// It was withdrawn or recalled.
    Withdrawn,
    /// What was received was used, or needed no answer.
    Completed,
    /// Nothing came of it.
    WithoutResult,
}

/// The outcomes by the words of files and of the API.
const WORDS: [(&str, CaseOutcome); 7] = [
    ("answered", CaseOutcome::Answered),
    ("answered_in_part", CaseOutcome::AnsweredInPart),
    ("refused", CaseOutcome::Refused),
    ("lapsed", CaseOutcome::Lapsed),
    ("withdrawn", CaseOutcome::Withdrawn),
    ("completed", CaseOutcome::Completed),
    ("without_result", CaseOutcome::WithoutResult),
];

/// A word that is no outcome of a case.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no outcome of a case")]
pub struct NoSuchOutcome(String);

impl FromStr for CaseOutcome {
    type Err = NoSuchOutcome;

    fn from_str(word: &str) -> Result<Self, NoSuchOutcome> {
        let found = WORDS.iter().find(|(name, _)| *name == word);
        found
            .map(|(_, outcome)| *outcome)
            .ok_or_else(|| NoSuchOutcome(word.to_owned()))
    }
}

impl CaseOutcome {
    /// Its word.
    pub fn word(self) -> &'static str {
        let found = WORDS.iter().find(|(_, outcome)| *outcome == self);
        found.map_or("", |(name, _)| name)
    }
}

/// What keeps a case open: time limits that this Party still owes in it, facts neither admitted nor erased, requests
/// unanswered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StillOpen<'s> {
    /// The time limits, soonest first.
    pub owed: Vec<&'s RunningClock>,
    /// The references of requests that `party` has not answered in whole.
    pub unanswered: Vec<&'s str>,
}

impl State {
    /// Whether `party` may close a case: with an outcome, once nothing is owed by it there. Otherwise what is.
    ///
    /// A case that lapsed or was withdrawn leaves no request to answer. Source: 5.3, 25.2.
    pub fn may_close(
        &self,
        memorandum: &Memorandum,
        case: &str,
        party: &str,
        outcome: CaseOutcome,
    ) -> Result<CaseOutcome, StillOpen<'_>> {
        let mut owed: Vec<&RunningClock> = self
            .clocks
            .iter()
            .filter(|clock| clock.is_open() && clock.debtor == party)
            .filter(|clock| clock.case.as_deref() == Some(case))
            .filter(|clock| {
                let row = memorandum.clocks.get(&clock.clock);
                row.is_some_and(|row| row.kind == ClockKind::Deadline && !row.ends_with.is_empty())
            })
            .collect();
        owed.sort_by_key(|clock| clock.due);
        let over = matches!(outcome, CaseOutcome::Lapsed | CaseOutcome::Withdrawn);
        let asked = |organ: &str| memorandum.party_of(organ).is_some_and(|p| p.id == party);
        let requests = self.requests.iter().filter(|(_, request)| {
            !over && request.case == case && asked(&request.to) && !request.open_parts.is_empty()
        });
        let open = StillOpen {
            owed,
            unanswered: requests.map(|(reference, _)| reference.as_str()).collect(),
        };
        if open.owed.is_empty() && open.unanswered.is_empty() {
            Ok(outcome)
        } else {
            Err(open)
        }
    }
}
