//! Annex 6: statuses of persons, categories of data and their fields.

use serde::Deserialize;

use crate::{judgement::Labels, memorandum::table::Row};

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
