//! Annex 12: bodies of consultation, agendas, the dispute ladder.

use serde::Deserialize;

use crate::{judgement::Labels, memorandum::table::Row};

/// A body of consultation (Annex 12).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// Identifier.
    pub id: String,
    /// The paragraph it rests on.
    pub article: String,
    /// Its rhythm.
    #[serde(default)]
    pub clock: Option<String>,
    /// Its members.
    #[serde(default)]
    pub members: Vec<String>,
    /// The words people see.
    pub label: Labels,
}

impl Row for Body {
    fn id(&self) -> &str {
        &self.id
    }

    fn label(&self) -> &Labels {
        &self.label
    }
}

/// An item of every agenda (Annex 12).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgendaItem {
    /// Identifier.
    pub id: String,
    /// The paragraph it rests on.
    pub article: String,
    /// The table it shows.
    #[serde(default)]
    pub table: Option<String>,
    /// The words people see.
    pub label: Labels,
}

impl Row for AgendaItem {
    fn id(&self) -> &str {
        &self.id
    }

    fn label(&self) -> &Labels {
        &self.label
    }
}

/// A level of the dispute ladder (Annex 12).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DisputeLevel {
    /// Identifier.
    pub id: String,
    /// The paragraph it rests on.
    pub article: String,
    /// From 1.
    pub order: u32,
    /// Its clock.
    pub clock: String,
    /// The words people see.
    pub label: Labels,
}

impl Row for DisputeLevel {
    fn id(&self) -> &str {
        &self.id
    }

    fn label(&self) -> &Labels {
        &self.label
    }
}
