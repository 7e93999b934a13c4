//! Annex 11: statistical tables and their cells.

use serde::Deserialize;

use crate::{judgement::Labels, memorandum::table::Row};

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
