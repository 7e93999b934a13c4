//! A clock of Annex 4: one line, whose words are closed lists that the engine knows.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{OneOrMany, table::Row};
use crate::{clock::Period, judgement::Labels};

/// A clock of Annex 4.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clock {
    /// Identifier.
    pub id: String,
    /// The paragraph it rests on.
    pub article: String,
    /// What it is for.
    pub kind: ClockKind,
    /// How long it runs.
    pub period: Period,
    /// The signed event that starts it.
    pub from: ClockStart,
    /// The acts that start it, or in whose thread the event of `from` happens; `sender` and `recipient` are theirs.
    #[serde(default)]
    pub of: Option<OneOrMany>,
    /// The slots and conditions without which it does not start.
    #[serde(default)]
    pub when: BTreeMap<String, Wanted>,
    /// Who owes.
    pub owed_by: OwedBy,
    /// The slot whose day ends it, at 0:00 UTC, in place of `period`.
    #[serde(default)]
    pub ends_on: Option<String>,
    /// Acts that stop it.
    #[serde(default)]
    pub ends_with: Vec<String>,
    /// 12.2 may suspend it.
    #[serde(default)]
    pub pausable: bool,
    /// The most that may be added, once (10.3).
    #[serde(default)]
    pub extension: Option<Period>,
    /// The clock in whose place it runs (10.2).
    #[serde(default)]
    pub replaces: Option<String>,
    /// Only the node of the Party that owes knows how it ended: no act says so.
    #[serde(default)]
    pub home: bool,
    /// What the machine does, alone and at once.
    pub on_expiry: OnExpiry,
    /// The words people see.
    pub label: Labels,
}

impl Row for Clock {
    fn id(&self) -> &str {
        &self.id
    }

    fn label(&self) -> &Labels {
        &self.label
    }
}

/// What a clock is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockKind {
    /// Something is owed before the period ends.
    Deadline,
    /// Something may not take effect before the period ends.
    Earliest,
    /// Something is good only until the period ends.
    Validity,
}

/// Who owes, or whose calendar counts (11.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OwedBy {
    /// The Party that received the act.
    Recipient,
    /// The Party that sent the act.
    Sender,
    /// The Party that holds what the event is about.
    Holder,
    /// Each Party, each by its own legal time: one clock for each.
    Both,
}

/// The signed event that starts a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockStart {
    /// Receipt of the act.
    Receipt,
    /// Release of the act.
    Sending,
    /// A silence was recorded on a clock of the act.
    SilenceRecorded,
    /// An alert moved up one step that is not the last.
    Escalated,
    /// An alert reached the last step.
    LastStep,
    /// A quota was raised.
    QuotaRaised,
    /// A match was confirmed.
    MatchConfirmed,
    /// A case was closed.
    CaseClosed,
    /// The need to retain was reviewed.
    Reviewed,
    /// An identity request was answered.
    Replied,
    /// A precondition was certified.
    Certified,
    /// A statistical period ended.
    PeriodEnd,
    /// The state of the ledger was countersigned.
    Countersigned,
    /// A line was written to the log.
    Logged,
    /// A stop was ordered.
    StopOrdered,
    /// A person exercised a right.
    PersonAsked,
    /// A breach was found.
    BreachFound,
    /// A body met.
    MeetingHeld,
    /// A dispute went up one level.
    Raised,
    /// The memorandum ended.
    Ended,
    /// A travel document was issued.
    DocumentIssued,
    /// A copy was withheld from the contact points.
    CopyWithheld,
}

impl ClockStart {
    /// Whether both nodes see the event: an act, or a clock of an act that ran out. What happens at home is seen by one.
    pub fn is_shared(self) -> bool {
        !matches!(
            self,
            ClockStart::CaseClosed
                | ClockStart::Reviewed
                | ClockStart::Certified
                | ClockStart::PeriodEnd
                | ClockStart::Logged
                | ClockStart::PersonAsked
                | ClockStart::BreachFound
                | ClockStart::MeetingHeld
                | ClockStart::CopyWithheld
        )
    }
}

/// What the machine does, alone and at once, when a clock runs out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnExpiry {
    /// Records the silence and reports it.
    RecordSilence,
    /// Sends the same act again and alerts the contact point.
    Resend,
    /// Makes the duty officer responsible.
    AssignDutyOfficer,
    /// Goes one step up.
    Escalate,
    /// Repeats to all steps.
    RepeatToAll,
    /// Deems it denied.
    Deny,
    /// Lets the request lapse.
    Lapse,
    /// Erases.
    Erase,
    /// Ends what was valid.
    EndOfValidity,
    /// Lets it take effect.
    TakeEffect,
    /// Puts it back on the agenda.
    ReturnToAgenda,
    /// Raises the dispute to the next level.
    NextLevel,
    /// Recalls the fact.
    Recall,
}

/// What a slot must hold, or a condition must be, for a clock to start.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Wanted {
    /// A slot or condition that is this; a slot that is not there is `false`.
    Is(bool),
    /// A slot that holds one of these words.
    OneOf(OneOrMany),
}
