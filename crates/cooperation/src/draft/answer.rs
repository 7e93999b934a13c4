//! Answers that are typed one after the other, gathered into a draft.

use super::{
    Draft, DraftFault,
    read::{Section, fault_of, read_slot},
};
use crate::{
    body::{
        kind::Kind,
        slots::{category_kind, fact_member, write_value},
        strict::Json,
        vocabulary::Vocabulary,
    },
    memorandum::{Memorandum, fault::did_you_mean},
    value::Value,
};

impl Draft {
    /// Takes the answer to one question: `slot` is its slot, or `slot.member` for a member of a record.
    ///
    /// An identifier may be given as its words in any language; several are separated by `;`; yes and no are understood in the
    /// languages of the memorandum; an empty answer takes the slot out. Fails, and changes nothing, if the answer does not fit.
    pub fn answer(
        &mut self,
        memorandum: &Memorandum,
        slot: &str,
        answer: &str,
    ) -> Result<(), DraftFault> {
        let (id, path) = slot
            .split_once('.')
            .map_or((slot, None), |(id, path)| (id, Some(path)));
        let section = section_of(memorandum, id)?;
        let kind = Kind::of(memorandum, id).ok_or_else(|| no_such_slot(memorandum, id))?;
        let Some(path) = path else {
            let json =
                typed(memorandum, &kind, answer.trim()).map_err(|fault| fault.of_slot(slot))?;
            return self.put(memorandum, section, id, json);
        };
        let member = match &kind {
            Kind::Record(shape) => shape.members.get(path).cloned().unwrap_or(Kind::Text),
            _ => return Err(DraftFault::new(0, "it has no members").of_slot(id)),
        };
        let member = if section == Section::Home && path.ends_with(".on") {
            Kind::Date
        } else {
            member
        };
        let json =
            typed(memorandum, &member, answer.trim()).map_err(|fault| fault.of_slot(slot))?;
        let mut record = self
            .act
            .slots
            .get(id)
            .map_or(Json::Object(Vec::new()), write_value);
        insert(&mut record, path, json);
        self.put(memorandum, section, id, record)
    }

    /// Adds an item to facts, questions, cells or a list of records: its members as they were typed. It gets the next id (`f3`, `q2`)
    /// where items have one and none is given.
    pub fn add_item(
        &mut self,
        memorandum: &Memorandum,
        slot: &str,
        members: &[(&str, &str)],
    ) -> Result<(), DraftFault> {
        let section = section_of(memorandum, slot)?;
        let kind = Kind::of(memorandum, slot).ok_or_else(|| no_such_slot(memorandum, slot))?;
        let there = self.act.slots.get(slot).map_or(&[][..], Value::items);
        let category = members
            .iter()
            .find(|(name, _)| *name == "category")
            .map(|(_, answer)| *answer);
        let category = match category {
            Some(answer) => chosen(memorandum, "data_category", answer.trim())
                .map_err(|fault| fault.of_slot(slot))?,
            None => String::new(),
        };
        let mut item = Vec::new();
        if let (Some(letter), None) = (
            id_letter(&kind),
            members.iter().find(|(name, _)| *name == "id"),
        ) {
            item.push(("id".to_owned(), Json::Text(next_id(letter, there))));
        }
        for (name, answer) in members {
            let member = member_kind(memorandum, &kind, &category, name).ok_or_else(|| {
                DraftFault::new(0, format!("`{name}` is no member here")).of_slot(slot)
            })?;
            let json = typed(memorandum, &member, answer.trim())
                .map_err(|fault| fault.of_slot(&format!("{slot}/{name}")))?;
            item.push(((*name).to_owned(), json));
        }
        let items = there
            .iter()
            .map(write_value)
            .chain([Json::Object(item)])
            .collect();
        self.put(memorandum, section, slot, Json::Array(items))
    }

    fn put(
        &mut self,
        memorandum: &Memorandum,
        section: Section,
        id: &str,
        json: Json,
    ) -> Result<(), DraftFault> {
        let read = read_slot(memorandum, section, id, json);
        let (value, wanted) =
            read.map_err(|malformed| fault_of(memorandum, 0, id, "", &malformed))?;
        if value == Value::Empty {
            self.act.slots.remove(id);
        } else {
            self.act.slots.insert(id.to_owned(), value);
        }
        self.wanted.extend(wanted);
        Ok(())
    }
}

fn section_of(memorandum: &Memorandum, id: &str) -> Result<Section, DraftFault> {
    Section::of(memorandum, id).ok_or_else(|| no_such_slot(memorandum, id))
}

fn no_such_slot(memorandum: &Memorandum, id: &str) -> DraftFault {
    let fault = DraftFault::new(0, "the memorandum has no such slot").of_slot(id);
    match did_you_mean(id, memorandum.slots.iter().map(|slot| slot.id.as_str())) {
        Some(remedy) => fault.with_remedy(remedy),
        None => fault,
    }
}

/// The letter that the ids of items begin with.
fn id_letter(kind: &Kind) -> Option<char> {
    match kind {
        Kind::Facts => Some('f'),
        Kind::Questions => Some('q'),
        _ => None,
    }
}

fn next_id(letter: char, there: &[Value]) -> String {
    let numbers = there.iter().filter_map(|item| {
        item.member("id")?
            .as_text()?
            .strip_prefix(letter)?
            .parse::<u32>()
            .ok()
    });
    format!("{letter}{}", numbers.max().unwrap_or(0) + 1)
}

/// The type of a member of an item.
fn member_kind(memorandum: &Memorandum, kind: &Kind, category: &str, name: &str) -> Option<Kind> {
    match (kind, name) {
        (Kind::Facts | Kind::Questions, "id") => Some(Kind::Identifier),
        (Kind::Facts | Kind::Questions, "category") => Some(category_kind()),
        (Kind::Questions, "note") => Some(Kind::Text),
        (Kind::Facts, name) => fact_member(memorandum, category, name),
        (Kind::Cells, "count") => Some(Kind::Number),
        (Kind::Cells, name) if memorandum.dimensions.has(name) => Some(Kind::Identifier),
        (Kind::Cells, _) => Some(Kind::Bool),
        (Kind::Each(item), name) => match &**item {
            Kind::Record(shape) => shape.members.get(name).cloned(),
            _ => None,
        },
        _ => None,
    }
}

/// A typed answer as the value that its type asks for; the reader of slots judges it.
fn typed(memorandum: &Memorandum, kind: &Kind, answer: &str) -> Result<Json, DraftFault> {
    if answer.is_empty() {
        return Ok(Json::Null);
    }
    Ok(match kind {
        Kind::Bool => Json::Bool(yes_or_no(memorandum, answer)?),
        Kind::Number => Json::Integer(whole(answer)?),
        Kind::Measure => measure(answer)?,
        Kind::OneOf(list) => Json::Text(chosen(memorandum, list, answer)?),
        Kind::SeveralOf(list) => {
            let items = answer
                .split([';', ','])
                .map(str::trim)
                .filter(|item| !item.is_empty());
            Json::Array(
                items
                    .map(|item| chosen(memorandum, list, item).map(Json::Text))
                    .collect::<Result<_, _>>()?,
            )
        }
        Kind::Parts | Kind::Signatures => split(answer, &[';', ',', ' ']),
        Kind::Each(_) => split(answer, &[';', '\n']),
        Kind::Attachment => Json::object([("file", Json::text(answer))]),
        Kind::Date => Json::object([("date", Json::text(answer))]),
        Kind::Country => Json::Text(answer.to_uppercase()),
        Kind::Record(_) | Kind::Facts | Kind::Questions | Kind::Cells => {
            return Err(DraftFault::new(0, "it is answered member by member"));
        }
        _ => Json::text(answer),
    })
}

fn split(answer: &str, at: &[char]) -> Json {
    let items = answer
        .split(at)
        .map(str::trim)
        .filter(|item| !item.is_empty());
    Json::Array(items.map(Json::text).collect())
}

fn whole(answer: &str) -> Result<i64, DraftFault> {
    let digits: String = answer
        .chars()
        .filter(|mark| !mark.is_whitespace())
        .collect();
    digits.parse().map_err(|_| {
        DraftFault::new(0, "it is not a whole number").with_remedy("write digits: 48000")
    })
}

fn measure(answer: &str) -> Result<Json, DraftFault> {
    let at = answer
        .find(|mark: char| !mark.is_ascii_digit() && mark != '-' && !mark.is_whitespace())
        .unwrap_or(answer.len());
    let (number, unit) = answer.split_at(at);
    if unit.is_empty() {
        return Err(DraftFault::new(0, "the unit is missing")
            .with_remedy("write number and unit: 48000 EUR"));
    }
    Ok(Json::object([
        ("number", Json::Integer(whole(number)?)),
        ("unit", Json::text(unit)),
    ]))
}

/// The identifier that an answer means: itself, or its words in any language.
fn chosen(memorandum: &Memorandum, list: &str, answer: &str) -> Result<String, DraftFault> {
    let vocabulary = Vocabulary::find(memorandum, list);
    let choices = vocabulary
        .map(|vocabulary| vocabulary.choices())
        .unwrap_or_default();
    let wanted = answer.to_lowercase();
    let by_id = choices.iter().find(|(id, _)| *id == answer);
    let by_words = || {
        choices
            .iter()
            .find(|(_, labels)| labels.values().any(|label| label.to_lowercase() == wanted))
    };
    if let Some((id, _)) = by_id.or_else(by_words) {
        return Ok((*id).to_owned());
    }
    let fault = DraftFault::new(0, format!("the list `{list}` does not hold “{answer}”"));
    Err(
        match did_you_mean(answer, choices.iter().map(|(id, _)| *id)) {
            Some(remedy) => fault.with_remedy(remedy),
            None => {
                let known: Vec<&str> = choices.iter().map(|(id, _)| *id).collect();
                fault.with_remedy(format!("it holds {}", known.join(", ")))
            }
        },
    )
}

/// Yes or no, in the words of the memorandum's own list in any language, or as `true` and `false`.
fn yes_or_no(memorandum: &Memorandum, answer: &str) -> Result<bool, DraftFault> {
    match answer.to_lowercase().as_str() {
        "true" | "yes" | "y" => return Ok(true),
        "false" | "no" | "n" => return Ok(false),
        _ => {}
    }
    match chosen(memorandum, "yes_no", answer).as_deref() {
        Ok("yes") => Ok(true),
        Ok("no") => Ok(false),
        _ => Err(DraftFault::new(0, "it is answered yes or no")
            .with_remedy("there is no default: a declaration is signed")),
    }
}

/// Puts a value into an object under a dotted path.
fn insert(object: &mut Json, path: &str, json: Json) {
    let Json::Object(members) = object else {
        return;
    };
    let (name, rest) = path
        .split_once('.')
        .map_or((path, None), |(name, rest)| (name, Some(rest)));
    let at = members.iter().position(|(member, _)| member == name);
    let at = at.unwrap_or_else(|| {
        members.push((name.to_owned(), Json::Object(Vec::new())));
        members.len() - 1
    });
    match rest {
        Some(rest) => insert(&mut members[at].1, rest, json),
        None => members[at].1 = json,
    }
}
