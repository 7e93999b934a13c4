//! Annex 5: legal bases and purposes.

use serde::Deserialize;

use crate::{judgement::Labels, memorandum::table::Row};

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
