//! Annex 7: handling codes, restrictions, marks.

use serde::Deserialize;

use crate::{judgement::Labels, memorandum::table::Row, value::Value};

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
    /// The type of the value that it needs, as Annex 3 writes types; the value stands under its identifier.
    #[serde(default)]
    pub value: Option<String>,
    /// What the machine does with the value.
    #[serde(default)]
    pub binds: Option<Binding>,
    /// The words people see.
    pub label: Labels,
}

/// What the machine does with the value of a restriction (Annex 7, 18.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Binding {
    /// These officers or organs alone read the fact.
    Readers,
    /// The fact is not used, shared or read before this instant.
    NotBefore,
    /// It is none of these from the beginning of this day, in the legal time of the holder.
    NotFrom,
}

impl Binding {
    /// The type of value that it reads.
    pub fn reads(self) -> &'static str {
        match self {
            Binding::Readers => "signatures",
            Binding::NotBefore => "instant",
            Binding::NotFrom => "date",
        }
    }

    /// The stricter of two values of one restriction (18.2): fewer readers, a later beginning, an earlier end.
    pub fn stricter(self, one: &Value, other: &Value) -> Value {
        match (self, one, other) {
            (Binding::Readers, Value::List(one), Value::List(other)) => {
                let both = one.iter().filter(|name| other.contains(name));
                Value::List(both.cloned().collect())
            }
            (Binding::NotBefore, Value::Instant(one), Value::Instant(other)) => {
                Value::Instant(*one.max(other))
            }
            (Binding::NotFrom, Value::Date(one), Value::Date(other)) => {
                Value::Date(*one.min(other))
            }
            // A value that is not of its type binds as one that is missing: always.
            _ => Value::Empty,
        }
    }
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
