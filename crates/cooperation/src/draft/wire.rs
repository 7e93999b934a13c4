//! What an officer may write in several ways, turned into the one way in which it travels.

use super::Wanted;
use crate::{
    body::{
        kind::Kind,
        slots::{FACT_CAVEATS, fact_member},
        strict::{Json, instant},
    },
    digest::Digest,
    memorandum::Memorandum,
    value::Value,
};

/// Turns what stands in a draft into what stands in a body, by the types of the memorandum; keeps the files that it names.
///
/// A day may be a date or a text, a month or a year a text or a date, an instant may have an offset, a file is
/// `{ file = "scan.pdf" }`, and what is empty is left out. Everything else stays as it is, for the reader of bodies to judge.
pub(super) struct Wiring<'m> {
    memorandum: &'m Memorandum,
    slot: String,
    /// Files named: what stands for each, the slot, the name.
    pub(super) wanted: Wanted,
}

impl<'m> Wiring<'m> {
    /// For the values of one slot.
    pub(super) fn new(memorandum: &'m Memorandum, slot: &str) -> Self {
        Self {
            memorandum,
            slot: slot.to_owned(),
            wanted: Wanted::new(),
        }
    }

    /// The value as it travels; nothing if it is empty.
    pub(super) fn wire(&mut self, kind: &Kind, json: Json) -> Option<Json> {
        match (kind, json) {
            (_, Json::Null) => None,
            (_, Json::Text(text)) if text.is_empty() => None,
            (Kind::Date, Json::Text(day)) => Some(Json::object([("date", Json::Text(day))])),
            (Kind::PartialDate, json) => Some(member_alone(&json, "date").unwrap_or(json)),
            (Kind::Instant, Json::Text(text)) => Some(Json::object([("at", universal(text))])),
            (Kind::Attachment, json) => Some(match member_alone(&json, "file") {
                Some(Json::Text(name)) => self.file(name),
                _ => json,
            }),
            (kind, Json::Array(items)) => {
                let item = item_kind(kind);
                let items: Vec<Json> = items
                    .into_iter()
                    .filter_map(|json| self.wire(&item, json))
                    .collect();
                (!items.is_empty()).then_some(Json::Array(items))
            }
            (kind, Json::Object(members)) => self.members(kind, members),
            (_, json) => Some(json),
        }
    }

    fn members(&mut self, kind: &Kind, members: Vec<(String, Json)>) -> Option<Json> {
        let category = members.iter().find_map(|(name, json)| match json {
            Json::Text(text) if name == "category" => Some(text.clone()),
            _ => None,
        });
        let wired = members.into_iter().filter_map(|(name, json)| {
            let kind = member_kind(self.memorandum, kind, category.as_deref(), &name);
            Some((name, self.wire(&kind, json)?))
        });
        let wired: Vec<(String, Json)> = wired.collect();
        (!wired.is_empty()).then_some(Json::Object(wired))
    }

    fn file(&mut self, name: String) -> Json {
        let stand_in = Digest::of_all(&[b"file ", self.slot.as_bytes(), b" ", name.as_bytes()]);
        self.wanted.insert(stand_in, (self.slot.clone(), name));
        Json::text(stand_in)
    }
}

/// The type of each item of an array of this type.
fn item_kind(kind: &Kind) -> Kind {
    match kind {
        Kind::Each(item) => (**item).clone(),
        kind => kind.clone(),
    }
}

/// The type of a member of an object of this type; text, which nothing changes, if it has none.
fn member_kind(memorandum: &Memorandum, kind: &Kind, category: Option<&str>, name: &str) -> Kind {
    let found = match kind {
        Kind::Record(shape) => shape.members.get(name).cloned(),
        Kind::Facts if FACT_CAVEATS.contains(&name) => Kind::of(memorandum, name),
        Kind::Facts => fact_member(memorandum, category.unwrap_or_default(), name),
        _ => None,
    };
    found.unwrap_or(Kind::Text)
}

/// The value of an object's only member, if it has this name.
fn member_alone(json: &Json, name: &str) -> Option<Json> {
    match json {
        Json::Object(members) => match members.as_slice() {
            [(only, value)] if only == name => Some(value.clone()),
            _ => None,
        },
        _ => None,
    }
}

/// An instant written with an offset, in universal time; any other text as it is.
fn universal(text: String) -> Json {
    match text.parse::<jiff::Timestamp>() {
        Ok(at) if instant(&at.to_string()).is_some() => Json::text(at),
        _ => Json::Text(text),
    }
}

/// A value that has no type of its own, since it never travels: what was written is what it is.
pub(super) fn free(json: Json) -> Value {
    if let Some(Json::Text(day)) = member_alone(&json, "date")
        && let Ok(day) = day.parse()
    {
        return Value::Date(day);
    }
    if let Some(Json::Text(at)) = member_alone(&json, "at")
        && let Ok(at) = at.parse()
    {
        return Value::Instant(at);
    }
    match json {
        Json::Null => Value::Empty,
        Json::Bool(flag) => Value::Bool(flag),
        Json::Integer(number) => Value::Number(number),
        Json::Text(text) => Value::Text(text),
        Json::Array(items) => Value::List(items.into_iter().map(free).collect()),
        Json::Object(members) => Value::Record(
            members
                .into_iter()
                .map(|(name, json)| (name, free(json)))
                .collect(),
        ),
    }
}
