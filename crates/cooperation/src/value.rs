//! A value that fills a slot or a field, after it was read through its type of Annex 3 or 6.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date};

/// What a slot, a declaration or a field holds. An empty slot is [`Value::Empty`]: present in the form, without content.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// Shown in the form, left empty.
    Empty,
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Number(i64),
    /// Text, an identifier, a signature, a reference, a partial date: as its slot's type says.
    Text(String),
    /// A calendar day.
    Date(Date),
    /// An instant, UTC.
    Instant(Timestamp),
    /// Several values in order.
    List(Vec<Value>),
    /// Named values.
    Record(BTreeMap<String, Value>),
}

/// The slots and wire facts of one act, by identifier.
pub type Slots = BTreeMap<String, Value>;

impl Value {
    /// Whether a slot holding this value counts as filled (article 7.1): not empty, not an empty text, not an empty list.
    pub fn is_filled(&self) -> bool {
        match self {
            Value::Empty => false,
            Value::Text(text) => !text.is_empty(),
            Value::List(items) => !items.is_empty(),
            _ => true,
        }
    }

    /// The text, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        if let Value::Text(text) = self {
            Some(text)
        } else {
            None
        }
    }

    /// The boolean, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        if let Value::Bool(flag) = self {
            Some(*flag)
        } else {
            None
        }
    }

    /// The number, if it is one.
    pub fn as_number(&self) -> Option<i64> {
        if let Value::Number(number) = self {
            Some(*number)
        } else {
            None
        }
    }

    /// The day, if it is one.
    pub fn as_date(&self) -> Option<Date> {
        if let Value::Date(date) = self {
            Some(*date)
        } else {
            None
        }
    }

    /// The instant, if it is one.
    pub fn as_instant(&self) -> Option<Timestamp> {
        if let Value::Instant(at) = self {
            Some(*at)
        } else {
            None
        }
    }

    /// The items of a list; nothing otherwise.
    pub fn items(&self) -> &[Value] {
        if let Value::List(items) = self {
            items
        } else {
            &[]
        }
    }

    /// The texts of a list of texts; other items are passed over.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.items().iter().filter_map(Value::as_text)
    }

    /// A named member of a record.
    pub fn member(&self, name: &str) -> Option<&Value> {
        if let Value::Record(members) = self {
            members.get(name)
        } else {
            None
        }
    }
}
