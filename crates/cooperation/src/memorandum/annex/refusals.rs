//! Annex 8: grounds for refusal and absolute limits.

use serde::Deserialize;

use crate::{judgement::Labels, memorandum::table::Row};

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
