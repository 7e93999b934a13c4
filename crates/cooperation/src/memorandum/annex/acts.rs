//! Annex 3: acts and what they do, slots, words that fill them, facts of the engine.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::OneOrMany;
use crate::{judgement::Labels, memorandum::table::Row};

/// What an act does, from the closed list that the engine knows. Behaviours are code, acts are data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Behaviour {
    /// Asks for information or for a confirmation; a reply is owed.
    Asks,
    /// Answers what was asked, whole or in part; may carry facts.
    Answers,
    /// Refuses what was asked, whole or in part, on a ground of the closed list.
    Refuses,
    /// Declares that what is asked is not directly available; the time limit is replaced.
    Defers,
    /// Extends the time limit of a request, once.
    Extends,
    /// Asks for clarification; the time limit is suspended.
    Clarifies,
    /// Supplies the clarification; the time limit resumes.
    Completes,
    /// Says that a request has lapsed.
    Lapses,
    /// Gives facts unasked.
    Informs,
    /// Alerts: reaches every door of the Party at once, is acknowledged or climbs.
    Alerts,
    /// Acknowledges reading an alert.
    Acknowledges,
    /// Reports on, appraises or comments on what was received or done; ends the clocks that wait for it, binds nobody.
    Reports,
    /// A blind check.
    Checks,
    /// Confirms a match.
    Matches,
    /// Gives the core data after a confirmed match.
    Discloses,
    /// Raises a quota for a time.
    RaisesQuota,
    /// Asks for consent.
    SeeksConsent,
    /// Decides on consent.
    Consents,
    /// Revokes a consent.
    Revokes,
    /// Shares facts onward, out of the system.
    Shares,
    /// Adds a restriction to facts.
    Restricts,
    /// Doubts a fact.
    Doubts,
    /// Admits or erases what was in quarantine.
    Admits,
    /// Corrects facts.
    Corrects,
    /// Recalls facts.
    Recalls,
    /// Certifies that a measure was carried out by every holder.
    Certifies,
    /// Demands the erasure of what was provided.
    DemandsErasure,
    /// Asks who a person is, behind the gate of preconditions.
    Identifies,
    /// Says who a person is.
    ConfirmsIdentity,
    /// Withdraws a request, neutrally.
    Withdraws,
    /// Gives notice of a journey, behind the gate and after confirmation.
    NotifiesJourney,
    /// Issues a document.
    IssuesDocument,
    /// Gives notice of a return that should not have been.
    OwnsError,
    /// Gives a statistical table.
    Tabulates,
    /// Countersigns the state of the ledger.
    Countersigns,
    /// Notifies or consults, with no further effect than the clocks it starts.
    Notifies,
    /// Orders a stop.
    Stops,
    /// Lifts a stop.
    Releases,
    /// Convenes a meeting.
    Convenes,
    /// Raises a dispute.
    Disputes,
    /// Ends a dispute.
    Settles,
    /// Suspends chapters.
    Suspends,
    /// Lifts a suspension.
    Resumes,
    /// Amends an annex by notice of one Party.
    Amends,
    /// Amends by the signature of all Parties.
    AmendsJointly,
    /// Terminates the memorandum.
    Terminates,
    /// Registers an act first made through another channel.
    Registers,
    /// Confirms or contests a registration.
    ConfirmsRegistration,
}

/// An act of Annex 3: one line, and what it does.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActLine {
    /// Identifier.
    pub id: String,
    /// What it does, from the closed list.
    pub behaviour: Behaviour,
    /// Its group: which organs may send it (4.2).
    pub group: String,
    /// The paragraph it rests on.
    pub article: String,
    /// May carry personal data (2.2).
    pub personal: bool,
    /// Mandatory slots (7.1).
    #[serde(default)]
    pub needs: Vec<String>,
    /// Optional slots.
    #[serde(default)]
    pub may: Vec<String>,
    /// The acts it may refer to by `in_reply_to`.
    #[serde(default)]
    pub answers: Option<OneOrMany>,
    /// Absolute limits whose tests it must declare (23.4).
    #[serde(default)]
    pub declares: Vec<String>,
    /// The words people see.
    pub label: Labels,
}

impl Row for ActLine {
    fn id(&self) -> &str {
        &self.id
    }

    fn label(&self) -> &Labels {
        &self.label
    }
}

/// A slot (Annex 3).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slot {
    /// Identifier.
    pub id: String,
    /// Its type, as Annex 3 writes types.
    #[serde(rename = "type")]
    pub kind: String,
    /// The category of data of what stands in it, where it is no record and no fact.
    #[serde(default)]
    pub category: Option<String>,
    /// The paragraph it rests on.
    pub article: String,
    /// Shape of a record: it has the fields of this category (Annex 6).
    #[serde(default)]
    pub fields_of: Option<String>,
    /// Shape of a record: it has these members, each with its type.
    #[serde(default)]
    pub holds: BTreeMap<String, String>,
    /// Shape of a record that is an array: the type of each item.
    #[serde(default)]
    pub each: Option<String>,
    /// What to write in it.
    #[serde(default)]
    pub help: Option<Labels>,
    /// The words people see.
    pub label: Labels,
}

impl Slot {
    /// The category of data of what stands in it, where the slot and not a fact in it decides that (21.1).
    pub fn data_category(&self) -> Option<&String> {
        self.fields_of.as_ref().or(self.category.as_ref())
    }
}

impl Row for Slot {
    fn id(&self) -> &str {
        &self.id
    }

    fn label(&self) -> &Labels {
        &self.label
    }
}

/// A word of a closed list (Annex 3).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListWord {
    /// The list.
    pub list: String,
    /// Identifier.
    pub id: String,
    /// The paragraph it rests on.
    pub article: String,
    /// The words people see.
    pub label: Labels,
}

/// A fact that is no slot but is needed to judge (Annex 3).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EngineFact {
    /// Identifier.
    pub id: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// The paragraph it rests on.
    pub article: String,
    /// `wire`, or the nodes that hold it.
    pub known_to: Vec<String>,
    /// Answered and signed by an officer.
    #[serde(default)]
    pub declared: bool,
    /// What its absence means.
    pub absent: String,
    /// What to answer.
    #[serde(default)]
    pub help: Option<Labels>,
    /// The words people see.
    pub label: Labels,
}

impl Row for EngineFact {
    fn id(&self) -> &str {
        &self.id
    }

    fn label(&self) -> &Labels {
        &self.label
    }
}

/// The protective acts (Annex 3, `[protective]`).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Protective {
    /// The paragraph it rests on.
    pub article: String,
    /// Acts that always pass.
    pub acts: Vec<String>,
    /// Acts that pass when these slots hold these values.
    #[serde(default)]
    pub when: BTreeMap<String, BTreeMap<String, String>>,
    /// Clocks that always run.
    #[serde(default)]
    pub clocks: Vec<String>,
}
