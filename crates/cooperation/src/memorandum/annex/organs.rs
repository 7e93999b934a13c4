//! Annex 1: Parties, organs, functions of persons.

use serde::Deserialize;

use crate::{judgement::Labels, memorandum::table::Row};

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

/// What an oversight authority may be told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToldOf {
    /// An absolute limit reached on receipt (24.3).
    Limit,
    /// A quota raised (16.3).
    Quota,
    /// The reason of a withdrawal (28.6).
    Withdrawal,
    /// A wrongful return (28.7).
    Error,
    /// A security breach (33.1).
    Breach,
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
    /// The only things of which an oversight authority is told; none stated = everything within its oversight.
    #[serde(default)]
    pub told_of: Vec<ToldOf>,
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
