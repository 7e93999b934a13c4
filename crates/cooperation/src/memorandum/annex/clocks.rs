//! Annex 4, beside the clocks: periods in words.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::{judgement::Labels, memorandum::table::Row};

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
