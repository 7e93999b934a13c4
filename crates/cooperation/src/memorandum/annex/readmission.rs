//! Annex 10: preconditions of an identity request.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::{judgement::Labels, memorandum::table::Row};

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
