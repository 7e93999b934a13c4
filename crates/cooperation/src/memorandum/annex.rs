//! The rows of the annexes, one type per table.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Deserializer, de::Error};

use super::table::Row;
use crate::{clock::Period, judgement::Labels};

/// A TOML local date as a calendar day.
fn day<'de, D: Deserializer<'de>>(from: D) -> Result<Date, D::Error> {
    let stamp = toml::value::Datetime::deserialize(from)?;
    let (Some(date), None, None) = (stamp.date, stamp.time, stamp.offset) else {
        return Err(D::Error::custom(format!("{stamp} is no calendar day")));
    };
    let (Ok(year), Ok(month), Ok(day)) = (
        date.year.try_into(),
        date.month.try_into(),
        date.day.try_into(),
    ) else {
        return Err(D::Error::custom(format!("{date} is no calendar day")));
    };
    Date::new(year, month, day).map_err(D::Error::custom)
}

/// One or several identifiers: `answers = "x"` and `answers = ["x", "y"]` mean alike.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum OneOrMany {
    /// One.
    One(String),
    /// Several.
    Many(Vec<String>),
}

impl OneOrMany {
    /// The identifiers.
    pub fn iter(&self) -> std::slice::Iter<'_, String> {
        match self {
            OneOrMany::One(id) => std::slice::from_ref(id).iter(),
            OneOrMany::Many(ids) => ids.iter(),
        }
    }

    /// Whether this identifier is among them.
    pub fn has(&self, id: &str) -> bool {
        self.iter().any(|other| other == id)
    }
}

/// Annex 0, `[memorandum]`: who the memorandum is.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// Identifier.
    pub id: String,
    /// Drafted for demonstration; every page says so.
    #[serde(default)]
    pub model: bool,
    /// The version of text and annexes (6.3).
    pub version: String,
    /// The Parties.
    pub parties: Vec<String>,
    /// Day of signature.
    #[serde(deserialize_with = "day")]
    pub signed_on: Date,
    /// Place of signature.
    pub signed_at: String,
    /// First day in force.
    #[serde(deserialize_with = "day")]
    pub in_force_from: Date,
    /// Authentic languages.
    pub authentic: Vec<String>,
    /// Courtesy languages.
    #[serde(default)]
    pub courtesy: Vec<String>,
    /// State of the whole.
    pub state: String,
    /// The text of the articles by language.
    pub texts: BTreeMap<String, String>,
    /// The words people see.
    pub label: Labels,
}

impl Row for Head {
    fn id(&self) -> &str {
        &self.id
    }

    fn label(&self) -> &Labels {
        &self.label
    }
}

/// A version of the memorandum (6.3).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Version {
    /// Identifier.
    pub id: String,
    /// The paragraph it rests on.
    pub article: String,
    /// In force from 0:00 UTC of this day.
    #[serde(deserialize_with = "day")]
    pub in_force_from: Date,
    /// The words people see.
    pub label: Labels,
}

impl Row for Version {
    fn id(&self) -> &str {
        &self.id
    }

    fn label(&self) -> &Labels {
        &self.label
    }
}

/// Which version judges an act (6.3).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VersionRule {
    /// The paragraph it rests on.
    pub article: String,
    /// Received within this elapsed time, an act is judged by the version of its release.
    pub received_within: Period,
}

/// A row with words only: states, areas, decisions, effects, grades, expiries, groups.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Word {
    /// Identifier.
    pub id: String,
    /// The paragraph it rests on.
    pub article: String,
    /// The words people see.
    pub label: Labels,
}

impl Row for Word {
    fn id(&self) -> &str {
        &self.id
    }

    fn label(&self) -> &Labels {
        &self.label
    }
}

/// A chapter.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chapter {
    /// Its number.
    pub number: u32,
    /// Identifier.
    pub id: String,
    /// First and last article.
    pub articles: [u32; 2],
    /// Whether 35.3 may suspend it.
    pub suspendable: bool,
    /// The words people see.
    pub label: Labels,
}

impl Row for Chapter {
    fn id(&self) -> &str {
        &self.id
    }

    fn label(&self) -> &Labels {
        &self.label
    }
}

/// An article.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Article {
    /// Its number.
    pub number: u32,
    /// Identifier.
    pub id: String,
    /// The words people see.
    pub label: Labels,
}

impl Row for Article {
    fn id(&self) -> &str {
        &self.id
    }

    fn label(&self) -> &Labels {
        &self.label
    }
}

/// A Party (Annex 1).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Party {
    /// Identifier.
    pub id: String,
    /// Legal time of its capital, an IANA name (11.3).
    pub time_zone: String,
    /// Its central contact point (5.1).
    pub contact_point: String,
    /// Whom an alert reaches at once (15.3).
    pub alert_to: Vec<String>,
    /// Steps of the roster, lowest first (15.4).
    pub escalation: Vec<String>,
    /// The words people see.
    pub label: Labels,
}

impl Row for Party {
    fn id(&self) -> &str {
        &self.id
    }

    fn label(&self) -> &Labels {
        &self.label
    }
}

/// A function of persons (Annex 1).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Function {
    /// Identifier.
    pub id: String,
    /// The paragraph it rests on.
    pub article: String,
    /// What only this function does.
    #[serde(default)]
    pub may: Vec<String>,
    /// What ends it.
    #[serde(default)]
    pub until: Option<String>,
    /// The words people see.
    pub label: Labels,
}

impl Row for Function {
    fn id(&self) -> &str {
        &self.id
    }

    fn label(&self) -> &Labels {
        &self.label
    }
}

/// A competent organ (Annex 1).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Organ {
    /// Identifier.
    pub id: String,
    /// Its Party.
    pub party: String,
    /// Its role.
    pub role: String,
    /// Its areas (4.1).
    #[serde(default)]
    pub areas: Vec<String>,
    /// Groups of acts it may send and be addressed (4.2).
    #[serde(default)]
    pub groups: Vec<String>,
    /// Groups it may be addressed only.
    #[serde(default)]
    pub receives: Vec<String>,
    /// Roles an oversight authority oversees (31.2).
    #[serde(default)]
    pub oversees: Vec<String>,
    /// The words people see.
    pub label: Labels,
}

impl Row for Organ {
    fn id(&self) -> &str {
        &self.id
    }

    fn label(&self) -> &Labels {
        &self.label
    }
}

/// What an offence is in one Party's law (Annex 2).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OffenceSide {
    /// Maximum custodial penalty, years; 99 = life.
    pub max_years: i64,
    /// The law provides the death penalty (23.3).
    #[serde(default)]
    pub death: bool,
}

/// An offence of the list (Annex 2). The sides are keyed by Party.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Offence {
    /// Identifier.
    pub id: String,
    /// Its area; absent for an offence that is named only to be refused.
    pub area: Option<String>,
    /// Punishable in both Parties (6.2).
    #[serde(default)]
    pub dual: bool,
    /// Only as the activity of a structured group.
    #[serde(default)]
    pub group_needed: bool,
    /// Why an excluded offence is refused (Annex 8).
    pub reason: Option<String>,
    /// The words people see.
    pub label: Labels,
    /// What it is in each law, by Party; a missing side is no offence there.
    #[serde(skip)]
    pub sides: BTreeMap<String, OffenceSide>,
}

impl Row for Offence {
    fn id(&self) -> &str {
        &self.id
    }

    fn label(&self) -> &Labels {
        &self.label
    }
}

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

/// A period in words (Annex 4).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeriodWords {
    /// ISO 8601: `PT8H`, `P7D`.
    pub id: String,
    /// The paragraph it rests on.
    pub article: String,
    /// The words people see.
    pub label: Labels,
    /// The ways in which the text says it, by language.
    pub said: BTreeMap<String, Vec<String>>,
}

impl Row for PeriodWords {
    fn id(&self) -> &str {
        &self.id
    }

    fn label(&self) -> &Labels {
        &self.label
    }
}

/// A legal basis (Annex 5).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LegalBasis {
    /// Identifier.
    pub id: String,
    /// The paragraph it rests on.
    pub article: String,
    /// Parties it binds.
    pub parties: Vec<String>,
    /// Its areas.
    pub areas: Vec<String>,
    /// Whether personal data may move (2.2).
    pub personal_data: bool,
    /// The only acts it carries.
    #[serde(default)]
    pub only_acts: Option<Vec<String>>,
    /// The words people see.
    pub label: Labels,
}

impl Row for LegalBasis {
    fn id(&self) -> &str {
        &self.id
    }

    fn label(&self) -> &Labels {
        &self.label
    }
}

/// A purpose (Annex 5).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Purpose {
    /// Identifier.
    pub id: String,
    /// The paragraph it rests on.
    pub article: String,
    /// Its areas.
    pub areas: Vec<String>,
    /// The bases that carry it.
    pub legal_bases: Vec<String>,
    /// Compatible purposes (17.4).
    #[serde(default)]
    pub compatible_with: Vec<String>,
    /// The words people see.
    pub label: Labels,
}

impl Row for Purpose {
    fn id(&self) -> &str {
        &self.id
    }

    fn label(&self) -> &Labels {
        &self.label
    }
}

/// A status of a person (Annex 6).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonStatus {
    /// Identifier.
    pub id: String,
    /// The paragraph it rests on.
    pub article: String,
    /// Needs a second officer (21.3).
    pub protected: bool,
    /// May be the subject of a blind check (16.2).
    pub checkable: bool,
    /// The words people see.
    pub label: Labels,
}

impl Row for PersonStatus {
    fn id(&self) -> &str {
        &self.id
    }

    fn label(&self) -> &Labels {
        &self.label
    }
}

/// A category of data (Annex 6).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataCategory {
    /// Identifier.
    pub id: String,
    /// The paragraph it rests on.
    pub article: String,
    /// `ordinary`, `special`, `strategic` or `closed`.
    pub class: String,
    /// Roles that may send it.
    pub roles: Vec<String>,
    /// Persons it may concern; absent = any.
    #[serde(default)]
    pub statuses: Option<Vec<String>>,
    /// The words people see.
    pub label: Labels,
}

impl Row for DataCategory {
    fn id(&self) -> &str {
        &self.id
    }

    fn label(&self) -> &Labels {
        &self.label
    }
}

/// A field of a category (Annex 6).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Its category.
    pub category: String,
    /// Identifier.
    pub id: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// The paragraph it rests on.
    #[serde(default)]
    pub article: Option<String>,
    /// The words people see.
    pub label: Labels,
}

/// A fixed set of categories (Annex 6).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FixedSet {
    /// The paragraph it rests on.
    pub article: String,
    /// The categories.
    pub categories: Vec<String>,
}

/// A handling code (Annex 7).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HandlingCode {
    /// Identifier.
    pub id: String,
    /// The paragraph it rests on.
    pub article: String,
    /// Uses it forbids.
    #[serde(default)]
    pub forbids: Vec<String>,
    /// The words people see.
    pub label: Labels,
}

impl Row for HandlingCode {
    fn id(&self) -> &str {
        &self.id
    }

    fn label(&self) -> &Labels {
        &self.label
    }
}

/// A restriction under H3 (Annex 7).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Restriction {
    /// Identifier.
    pub id: String,
    /// The paragraph it rests on.
    pub article: String,
    /// The type of the value it carries.
    #[serde(default)]
    pub value: Option<String>,
    /// The words people see.
    pub label: Labels,
}

impl Row for Restriction {
    fn id(&self) -> &str {
        &self.id
    }

    fn label(&self) -> &Labels {
        &self.label
    }
}

/// A mark that the machine puts on (Annex 7).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mark {
    /// Identifier.
    pub id: String,
    /// The paragraph it rests on.
    pub article: String,
    /// Uses it forbids.
    #[serde(default)]
    pub forbids: Vec<String>,
    /// Uses it allows all the same.
    #[serde(default)]
    pub allows: Vec<String>,
    /// What lifts it.
    pub lifted_by: String,
    /// The words people see.
    pub label: Labels,
}

impl Row for Mark {
    fn id(&self) -> &str {
        &self.id
    }

    fn label(&self) -> &Labels {
        &self.label
    }
}

/// A ground for refusal (Annex 8).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefusalGround {
    /// Identifier.
    pub id: String,
    /// The paragraph it rests on.
    pub article: String,
    /// The point of 13.1.
    #[serde(default)]
    pub letter: Option<String>,
    /// `officer` or `engine`.
    pub by: String,
    /// Reasons are owed (13.3).
    pub detail: bool,
    /// The words people see.
    pub label: Labels,
}

impl Row for RefusalGround {
    fn id(&self) -> &str {
        &self.id
    }

    fn label(&self) -> &Labels {
        &self.label
    }
}

/// An absolute limit (Annex 8).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AbsoluteLimit {
    /// Identifier.
    pub id: String,
    /// The paragraph it rests on.
    pub article: String,
    /// The point of 23.1.
    pub letter: String,
    /// Engine facts that test it.
    pub tests: Vec<String>,
    /// Whether the oversight authorities are told when it is reached on receipt (24.3).
    #[serde(default)]
    pub oversight: bool,
    /// The words people see.
    pub label: Labels,
}

impl Row for AbsoluteLimit {
    fn id(&self) -> &str {
        &self.id
    }

    fn label(&self) -> &Labels {
        &self.label
    }
}

/// A quota (Annex 9).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quota {
    /// Identifier.
    pub id: String,
    /// The paragraph it rests on.
    pub article: String,
    /// The act it counts.
    pub act: String,
    /// How many.
    pub limit: i64,
    /// `organ`, `case`, `officer` or `party`.
    pub per: String,
    /// Rolling, elapsed.
    pub window: String,
    /// 16.3 may raise it.
    pub may_be_raised: bool,
    /// The words people see.
    pub label: Labels,
}

impl Row for Quota {
    fn id(&self) -> &str {
        &self.id
    }

    fn label(&self) -> &Labels {
        &self.label
    }
}

/// How long something lives (Annex 9).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// Identifier.
    pub id: String,
    /// The paragraph it rests on.
    pub article: String,
    /// The clock that ends it.
    pub clock: String,
    /// The words people see.
    pub label: Labels,
}

impl Row for Retention {
    fn id(&self) -> &str {
        &self.id
    }

    fn label(&self) -> &Labels {
        &self.label
    }
}

/// A precondition of 28.1 (Annex 10).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Precondition {
    /// Identifier.
    pub id: String,
    /// The paragraph it rests on.
    pub article: String,
    /// The point of 28.1.
    pub letter: String,
    /// Who certifies, by Party.
    pub certifier: BTreeMap<String, String>,
    /// `all` or `minor`.
    pub applies_to: String,
    /// The clock of its life.
    pub valid: String,
    /// The words people see.
    pub label: Labels,
}

impl Row for Precondition {
    fn id(&self) -> &str {
        &self.id
    }

    fn label(&self) -> &Labels {
        &self.label
    }
}

/// A statistical table (Annex 11).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatTable {
    /// Identifier.
    pub id: String,
    /// The paragraph it rests on.
    pub article: String,
    /// Counts persons, so the minimum applies.
    pub people: bool,
    /// `quarter` or `year`.
    pub every: String,
    /// Its dimensions.
    pub dimensions: Vec<String>,
    /// The words people see.
    pub label: Labels,
}

impl Row for StatTable {
    fn id(&self) -> &str {
        &self.id
    }

    fn label(&self) -> &Labels {
        &self.label
    }
}

/// A table named so that it can be refused (29.4).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClosedTable {
    /// Identifier.
    pub id: String,
    /// The paragraph it rests on.
    pub article: String,
    /// The impediment.
    pub impediment: String,
    /// The words people see.
    pub label: Labels,
}

impl Row for ClosedTable {
    fn id(&self) -> &str {
        &self.id
    }

    fn label(&self) -> &Labels {
        &self.label
    }
}

/// The shape of a cell (Annex 11).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CellShape {
    /// The paragraph it rests on.
    pub article: String,
    /// Keys that are no dimension.
    pub keys: Vec<String>,
    /// Least number of hidden cells under a shown total.
    pub hidden_with_total: u32,
}

/// A body of consultation (Annex 12).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// Identifier.
    pub id: String,
    /// The paragraph it rests on.
    pub article: String,
    /// Its rhythm.
    #[serde(default)]
    pub clock: Option<String>,
    /// Its members.
    #[serde(default)]
    pub members: Vec<String>,
    /// The words people see.
    pub label: Labels,
}

impl Row for Body {
    fn id(&self) -> &str {
        &self.id
    }

    fn label(&self) -> &Labels {
        &self.label
    }
}

/// An item of every agenda (Annex 12).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgendaItem {
    /// Identifier.
    pub id: String,
    /// The paragraph it rests on.
    pub article: String,
    /// The table it shows.
    #[serde(default)]
    pub table: Option<String>,
    /// The words people see.
    pub label: Labels,
}

impl Row for AgendaItem {
    fn id(&self) -> &str {
        &self.id
    }

    fn label(&self) -> &Labels {
        &self.label
    }
}

/// A level of the dispute ladder (Annex 12).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DisputeLevel {
    /// Identifier.
    pub id: String,
    /// The paragraph it rests on.
    pub article: String,
    /// From 1.
    pub order: u32,
    /// Its clock.
    pub clock: String,
    /// The words people see.
    pub label: Labels,
}

impl Row for DisputeLevel {
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
