//! Annex 0: who the memorandum is, its versions, parts and articles.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Deserialize;

use super::day;
use crate::{clock::Period, judgement::Labels, memorandum::table::Row};

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
