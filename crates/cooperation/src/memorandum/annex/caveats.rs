//! Annex 7: handling codes, restrictions, marks.

use serde::Deserialize;

use crate::{judgement::Labels, memorandum::table::Row};

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
