//! Typed values in a reader's language: what was written once, in one language, is read in every other.
//!
//! Words of the memorandum (fields, codes, lists) come from its labels; names, places and notes stay as they were written, and stand
//! in isolates, so that a line of two scripts keeps its order.

use jiff::Timestamp;

use crate::{
    act::Act,
    body::{kind::Kind, vocabulary::Vocabulary},
    clock::LegalTime,
    fact::Fact,
    judgement::Labels,
    memorandum::Memorandum,
    value::{Slots, Value},
    wording,
};

/// First strong isolate and its end (UAX 9): around what was written by a person, in plain text.
const ISOLATE: [char; 2] = ['\u{2068}', '\u{2069}'];

/// What a line is, so that a page can set it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// What the lines below it are about.
    Heading,
    /// A field or a slot.
    Field,
    /// A condition on the fact: it is shown wherever the fact is.
    Caveat,
    /// Free text that accompanies and never decides.
    Note,
}

/// One line: what it is, its words, its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What it is.
    pub role: Role,
    /// Its words in the reader's language.
    pub label: String,
    /// Its value, in the reader's language or as it was written.
    pub text: String,
}

impl Line {
    /// The line as plain text: `label: value`, the value in isolates.
    pub fn plain(&self) -> String {
        let text = isolated(&self.text);
        if self.label.is_empty() {
            text
        } else {
            format!("{}: {text}", self.label)
        }
    }
}

/// The text between isolates.
pub fn isolated(text: &str) -> String {
    format!("{}{text}{}", ISOLATE[0], ISOLATE[1])
}

/// Prints values under one memorandum in one language.
#[derive(Clone, Copy)]
pub struct Printer<'m> {
    /// The memorandum whose labels it uses.
    pub memorandum: &'m Memorandum,
    /// The language of the reader.
    pub language: &'m str,
}

impl Printer<'_> {
    /// What labels say in the reader's language.
    fn words<'l>(&self, labels: &'l Labels) -> &'l str {
        self.memorandum
            .said(labels, self.language)
            .unwrap_or_default()
    }

    /// A value of this type in words.
    pub fn value(&self, kind: &Kind, value: &Value) -> String {
        match (kind, value) {
            (_, Value::Empty) => String::new(),
            (
                Kind::OneOf(list) | Kind::SeveralOf(list) | Kind::CountryOr(list),
                Value::Text(id),
            ) => self.word(list, id),
            (Kind::Signature | Kind::Signatures, Value::Text(text)) => {
                self.word("organ", text.strip_prefix("signed:").unwrap_or(text))
            }
            (Kind::PartialDate, Value::Text(text)) => wording::partial_day(text, self.language),
            (Kind::Scope(list), Value::Text(text)) => self.scope(list, text),
            (Kind::Measure, Value::Record(members)) => {
                let number = members
                    .get("number")
                    .and_then(Value::as_number)
                    .map_or(String::new(), wording::number);
                format!(
                    "{number} {}",
                    members
                        .get("unit")
                        .and_then(Value::as_text)
                        .unwrap_or_default()
                )
            }
            (Kind::Record(shape), Value::Record(members)) => {
                let member = |(name, value): (&String, &Value)| {
                    let kind = shape.members.get(name).unwrap_or(&Kind::Text);
                    format!("{}: {}", self.member(name), self.value(kind, value))
                };
                members.iter().map(member).collect::<Vec<_>>().join(" · ")
            }
            (kind, Value::List(items)) => {
                let item = if let Kind::Each(item) = kind {
                    item
                } else {
                    kind
                };
                items
                    .iter()
                    .map(|value| self.value(item, value))
                    .collect::<Vec<_>>()
                    .join(" · ")
            }
            (Kind::Questions | Kind::Facts | Kind::Cells, Value::Record(members)) => {
                self.item(kind, members)
            }
            (_, value) => self.plain(value),
        }
    }

    fn plain(&self, value: &Value) -> String {
        match value {
            Value::Empty => String::new(),
            Value::Bool(flag) => self.word("yes_no", if *flag { "yes" } else { "no" }),
            Value::Number(number) => wording::number(*number),
            Value::Text(text) => text.clone(),
            Value::Date(day) => wording::weekday_and_day(*day, self.language),
            Value::Instant(at) => self.instant(*at),
            Value::List(items) => items
                .iter()
                .map(|value| self.plain(value))
                .collect::<Vec<_>>()
                .join(" · "),
            Value::Record(members) => {
                let member = |(name, value): (&String, &Value)| {
                    format!("{}: {}", self.member(name), self.plain(value))
                };
                members.iter().map(member).collect::<Vec<_>>().join(" · ")
            }
        }
    }

    /// A question or a cell on one line; of a fact its id and its category only, since fields are not shown without caveats.
    fn item(&self, kind: &Kind, members: &Slots) -> String {
        let text = |name: &str| {
            members
                .get(name)
                .and_then(Value::as_text)
                .unwrap_or_default()
        };
        let first = [
            text("id").to_owned(),
            self.word("data_category", text("category")),
        ];
        let shown = |name: &str| *kind != Kind::Facts && !["id", "category"].contains(&name);
        let rest = members.iter().filter(|(name, _)| shown(name));
        let rest =
            rest.map(|(name, value)| format!("{}: {}", self.member(name), self.plain(value)));
        let parts = first
            .into_iter()
            .filter(|part| !part.is_empty())
            .chain(rest);
        parts.collect::<Vec<_>>().join(" · ")
    }

    /// The words of an identifier of a list; the identifier itself where the list does not hold it.
    pub fn word(&self, list: &str, id: &str) -> String {
        let label =
            Vocabulary::find(self.memorandum, list).and_then(|vocabulary| vocabulary.label(id));
        label.map_or(id, |label| self.words(label)).to_owned()
    }

    /// An instant in universal time, and in the legal time of each Party: a day and an hour are never shown without a place.
    pub fn instant(&self, at: Timestamp) -> String {
        let local = |offset: i32| {
            jiff::tz::Offset::from_seconds(offset)
                .unwrap_or(jiff::tz::Offset::UTC)
                .to_datetime(at)
        };
        let universal = local(0);
        let mut out = format!(
            "{} {} UTC",
            wording::weekday_and_day(universal.date(), self.language),
            wording::hour(universal.time(), self.language)
        );
        let parties = self.memorandum.parties.iter().filter_map(|party| {
            let there = local(
                party
                    .time_zone
                    .parse::<LegalTime>()
                    .ok()?
                    .offset_seconds(at),
            );
            let day = if there.date() == universal.date() {
                String::new()
            } else {
                wording::day(there.date(), self.language) + " "
            };
            Some(format!(
                "{} {day}{}",
                self.words(&party.label),
                wording::hour(there.time(), self.language)
            ))
        });
        let parties = parties.collect::<Vec<_>>().join(" · ");
        if !parties.is_empty() {
            out.push_str(&format!(" ({parties})"));
        }
        out
    }

    /// What a stop reaches: the word of its kind and what it names, in words where it is an identifier.
    fn scope(&self, list: &str, text: &str) -> String {
        let (kind, target) = text.split_once(':').unwrap_or((text, ""));
        format!("{}: {}", self.word(list, kind), self.word(kind, target))
    }

    /// The words of a slot, an engine fact, a field or a dimension of this name, or else of a member.
    pub fn name_of(&self, id: &str) -> String {
        let memorandum = self.memorandum;
        let slot = memorandum.slots.get(id).map(|slot| &slot.label);
        let fact = || memorandum.engine_facts.get(id).map(|fact| &fact.label);
        let dimension = || memorandum.dimensions.get(id).map(|row| &row.label);
        let label = slot.or_else(fact).or_else(dimension);
        label.map_or_else(|| self.member(id), |label| self.words(label).to_owned())
    }

    /// The words of a field in a fact of this category.
    pub fn field(&self, category: &str, id: &str) -> String {
        let fields = self.memorandum.fields.get(category).into_iter().flatten();
        let label = fields
            .into_iter()
            .find(|field| field.id == id)
            .map(|field| &field.label);
        label.map_or_else(|| self.name_of(id), |label| self.words(label).to_owned())
    }

    /// The words of a member of a record, a fact, a question or a cell.
    pub fn member(&self, id: &str) -> String {
        let memorandum = self.memorandum;
        let member = memorandum.members.get(id).map(|row| &row.label);
        let field = || {
            memorandum
                .fields
                .values()
                .flatten()
                .find(|field| field.id == id)
                .map(|field| &field.label)
        };
        let slot = || memorandum.slots.get(id).map(|slot| &slot.label);
        let dimension = || memorandum.dimensions.get(id).map(|row| &row.label);
        // The value of a restriction stands under the identifier of the restriction.
        let restriction = || memorandum.restrictions.get(id).map(|row| &row.label);
        let label = member.or_else(field).or_else(slot).or_else(dimension);
        let label = label.or_else(restriction);
        label.map_or(id, |label| self.words(label)).to_owned()
    }

    /// The whole act, line by line: its kind, its addresses, its slots in the order of its line, then its facts with
    /// their caveats.
    pub fn act(&self, act: &Act) -> Vec<Line> {
        let line = self.memorandum.acts.get(&act.kind);
        let label = line.map_or(act.kind.as_str(), |line| self.words(&line.label));
        let addresses = std::iter::once(&act.from)
            .chain(&act.to)
            .map(|organ| self.word("organ", organ));
        let mut lines = vec![Line {
            role: Role::Heading,
            label: label.to_owned(),
            text: addresses.collect::<Vec<_>>().join(" → "),
        }];
        let order = line
            .into_iter()
            .flat_map(|line| line.needs.iter().chain(&line.may))
            .map(String::as_str);
        let mut ids: Vec<&str> = order.filter(|id| act.filled(id).is_some()).collect();
        let rest = act
            .slots
            .keys()
            .map(String::as_str)
            .filter(|id| act.filled(id).is_some());
        ids.extend(rest.filter(|id| !ids.contains(id)).collect::<Vec<_>>());
        // A fact opens lines of its own: a slot of the act behind it would read as one more field of the fact.
        ids.sort_by_key(|id| Kind::of(self.memorandum, id) == Some(Kind::Facts));
        for id in ids {
            self.slot(act, id, &mut lines);
        }
        lines
    }

    fn slot(&self, act: &Act, id: &str, lines: &mut Vec<Line>) {
        let (Some(kind), Some(value)) = (Kind::of(self.memorandum, id), act.filled(id)) else {
            return;
        };
        if kind == Kind::Facts {
            let facts = Fact::all_of_slot(self.memorandum, act, id);
            lines.extend(facts.iter().flat_map(|fact| fact.lines(self)));
            return;
        }
        let role = if kind == Kind::Text {
            Role::Note
        } else {
            Role::Field
        };
        lines.push(Line {
            role,
            label: self.name_of(id),
            text: self.value(&kind, value),
        });
    }
}
