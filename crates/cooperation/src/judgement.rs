//! What a judgement says: decision, deciding paragraphs, one reason, and what it sets going.

use std::{collections::BTreeMap, fmt};

use jiff::Timestamp;

/// The decision about an act or an event (Annex 0, `decision`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Decision {
    /// Permitted.
    Permit,
    /// Refused.
    Refuse,
    /// Admitted, but a request for clarification is owed next (article 12.1).
    Clarify,
    /// Neither: a rule could not be evaluated and nothing that holds forbids it. A fault of ours: the act is held and shown.
    Broken,
}

/// A judgement as one total answer: what to do next, and nothing to forget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer<'j> {
    /// It may cross.
    Permitted,
    /// It may cross, and a request for clarification is owed next.
    Clarify,
    /// It may not, for this reason.
    Refused(&'j Reason),
    /// Nobody can say: these rules could not be evaluated. Never released, never receipted; our operator is told.
    Broken(&'j [String]),
}

/// Why an act is refused, by the table of Annex 8 that holds the identifier.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// A ground of 13.1: it answers the partner.
    Ground(String),
    /// An impediment: it stops our own act and is told only to our officer.
    Impediment(String),
    /// An absolute limit of 23.1; the partner is answered with the ground `absolute_limit`.
    Limit(String),
}

/// A paragraph of the memorandum: `10.3`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Paragraph(pub String);

/// The judgement of one act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// Permit, refuse or clarify.
    pub decision: Decision,
    /// The deciding paragraphs; the first is the one shown.
    pub paragraphs: Vec<Paragraph>,
    /// The reason of a refusal.
    pub reason: Option<Reason>,
    /// The slot to look at, where the reason has one.
    pub hint: Option<String>,
    /// What was missing (custody circumstances, slots, declarations), as identifiers.
    pub missing: Vec<String>,
    /// The judgement of each fact, question or corrected fact that has a fault of its own, by its id.
    pub facts: Vec<FactJudgement>,
    /// Every sentence that explains, most telling first, by language.
    pub because: Vec<Labels>,
    /// The facts that Rust derived and the rules read, for `why` (name, value in words, paragraph).
    pub derived: Vec<DerivedFact>,
    /// Rules that could not be evaluated, each with what went wrong: our operator's affair. With one of them nothing is permitted.
    pub broken: Vec<String>,
}

/// Why one fact may not cross.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactJudgement {
    /// `f3`.
    pub id: String,
    /// The paragraphs that refuse it.
    pub paragraphs: Vec<Paragraph>,
    /// The reason.
    pub reason: Reason,
    /// What would make it permitted, by language.
    pub because: Vec<Labels>,
}

/// One derived fact, as `why` shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DerivedFact {
    /// Its name in the rules.
    pub name: String,
    /// What it is, by language.
    pub label: Labels,
    /// Its value, in words.
    pub value: String,
    /// The paragraph it rests on.
    pub paragraph: Paragraph,
}

/// Words in each language of the memorandum, by language code.
pub type Labels = BTreeMap<String, String>;

/// Something that a judged act or an event sets going (Annex 0, `effect`).
///
/// `kind` is an identifier of Annex 0; the other members are filled as the kind needs them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effect {
    /// `start_clock`, `mark`, `notify` …
    pub kind: String,
    /// The clock of Annex 4.
    pub clock: Option<String>,
    /// The Party that owes.
    pub debtor: Option<String>,
    /// Where the clock counts from.
    pub start: Option<Timestamp>,
    /// When it ends, universal time (article 11.4).
    pub due: Option<Timestamp>,
    /// Since when it is suspended.
    pub from: Option<Timestamp>,
    /// The pause that ended.
    pub paused: Option<(Timestamp, Timestamp)>,
    /// Only these questions or facts.
    pub part: Vec<String>,
    /// The mark of Annex 7.
    pub mark: Option<String>,
    /// Who is told or copied: organs.
    pub to: Vec<String>,
    /// The step of the roster (escalation).
    pub step: Option<String>,
    /// When a withdrawal leaves (article 28.3).
    pub leaves_at: Option<Timestamp>,
    /// The reference of the act whose clock, case or fact is meant.
    pub of: Option<String>,
}

impl Judgement {
    /// What to do next. A refusal without a reason is a fault of ours like a rule that cannot be evaluated.
    pub fn answer(&self) -> Answer<'_> {
        match (self.decision, &self.reason) {
            (Decision::Permit, _) => Answer::Permitted,
            (Decision::Clarify, _) => Answer::Clarify,
            (Decision::Refuse, Some(reason)) => Answer::Refused(reason),
            (Decision::Refuse, None) | (Decision::Broken, _) => Answer::Broken(&self.broken),
        }
    }
}

impl fmt::Display for Paragraph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Reason {
    /// The identifier in Annex 8.
    pub fn id(&self) -> &str {
        match self {
            Reason::Ground(id) | Reason::Impediment(id) | Reason::Limit(id) => id,
        }
    }
}
