//! Annex 9: quotas, and how long things live.

use serde::Deserialize;

use crate::{judgement::Labels, memorandum::table::Row};

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
