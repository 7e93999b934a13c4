//! Annex 2: offences, and what they are in each law.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::{judgement::Labels, memorandum::table::Row};

/// What an offence is in one Party's law (Annex 2).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OffenceSide {
    /// Maximum custodial penalty, years; 99 = life.
    pub max_years: i64,
    /// The law provides the death penalty (23.3).
    #[serde(default)]
    pub death: bool,
}

/// An offence of the list (Annex 2). The sides are keyed by Party.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Offence {
    /// Identifier.
    pub id: String,
    /// Its area; absent for an offence that is named only to be refused.
    pub area: Option<String>,
    /// Punishable in both Parties (6.2).
    #[serde(default)]
    pub dual: bool,
    /// Only as the activity of a structured group.
    #[serde(default)]
    pub group_needed: bool,
    /// Why an excluded offence is refused (Annex 8).
    pub reason: Option<String>,
    /// The words people see.
    pub label: Labels,
    /// What it is in each law, by Party; a missing side is no offence there.
    #[serde(skip)]
    pub sides: BTreeMap<String, OffenceSide>,
}

impl Row for Offence {
    fn id(&self) -> &str {
        &self.id
    }

    fn label(&self) -> &Labels {
        &self.label
    }
}
