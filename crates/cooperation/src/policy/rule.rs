//! One rule as it was read: what it says of which acts, and the Cedar policy it stands for.

use std::collections::BTreeSet;

use cedar_policy::Policy as CedarPolicy;

use super::{reads::Reads, schema::Action};
use crate::{
    act::Side,
    judgement::{Labels, Paragraph, Reason},
    memorandum::{Fault, Memorandum, fault::did_you_mean},
};

/// Where a rule stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file, within the folder of the memorandum.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
}

/// What a rule does when it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Force {
    /// Permits.
    Permit,
    /// Is one condition of a permit.
    Condition,
    /// Forbids.
    Forbid,
    /// Speaks beside a permit.
    Mention,
    /// Admits, but a request for clarification is owed.
    Clarify,
}

/// One rule.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its identifier: paragraph, and what it lacks or does.
    pub id: String,
    /// Where it stands.
    pub place: Place,
    /// What it does.
    pub force: Force,
    /// The permit it is a condition of.
    pub(crate) of: Option<String>,
    /// Its paragraphs, the deciding one first.
    pub paragraphs: Vec<Paragraph>,
    /// Its place in the order: the first that holds decides, or is shown first.
    pub order: i64,
    /// The only side on which it runs.
    pub side: Option<Side>,
    /// Why an act is refused by it.
    pub reason: Option<Reason>,
    /// The slot to look at.
    pub hint: Option<String>,
    /// The fact that lists what is missing.
    pub missing: Option<String>,
    /// What an officer reads.
    pub sentence: Labels,
    /// The actions it is about.
    pub(crate) scope: BTreeSet<Action>,
    /// The policy; of a condition, one that permits exactly where the condition holds.
    pub(crate) policy: CedarPolicy,
    /// What it reads.
    pub(crate) reads: Reads,
}

impl Rule {
    /// Whether it runs on this side.
    pub(crate) fn runs_at(&self, side: Side) -> bool {
        self.side.is_none() || self.side == Some(side)
    }

    /// A fault where the rule stands.
    pub(crate) fn fault(&self, what: impl Into<String>) -> Fault {
        Fault::new(
            &self.place.file,
            self.place.line,
            format!("{}: {}", self.id, what.into()),
        )
    }

    /// The policy as Cedar writes it.
    pub fn cedar(&self) -> String {
        self.policy.to_cedar().unwrap_or_default()
    }
}

/// The reason of this identifier, by the table of Annex 8 that holds it.
pub(crate) fn reason(memorandum: &Memorandum, id: &str) -> Option<Reason> {
    if memorandum.grounds.has(id) {
        Some(Reason::Ground(id.to_owned()))
    } else if memorandum.limits.has(id) {
        Some(Reason::Limit(id.to_owned()))
    } else {
        memorandum
            .impediments
            .has(id)
            .then(|| Reason::Impediment(id.to_owned()))
    }
}

/// A reason that resembles a misspelt one, as a question.
pub(crate) fn near_reason(memorandum: &Memorandum, misspelt: &str) -> Option<String> {
    let grounds = memorandum.grounds.iter().map(|row| row.id.as_str());
    let limits = memorandum.limits.iter().map(|row| row.id.as_str());
    let impediments = memorandum.impediments.iter().map(|row| row.id.as_str());
    did_you_mean(misspelt, grounds.chain(limits).chain(impediments))
}
