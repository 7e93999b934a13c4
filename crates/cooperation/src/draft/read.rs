//! A draft file → [`Draft`], with every fault of it at its line.
//!
//! ```toml
//! act = "request"
//! from = "north_police"
//! to = "south_police"
//!
//! [slots]
//! case = "N-2030-000001"
//!
//! [[slots.facts]]
//! id = "f1"
//! category = "vehicles"
//! plate = "11-A-40417"
//!
//! [declared]
//! bulk = false
//!
//! [home]
//! certificates = { no_claim = { signed_by = "north_protection", on = 2030-01-28 } }
//! ```

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{
    Draft, DraftFault, NO_TOML, Wanted,
    wire::{Wiring, free},
};
use crate::{
    body::{
        kind::Kind,
        slots::{SlotReader, of_act},
        strict::{Defect, Json, Malformed},
        vocabulary::Vocabulary,
    },
    memorandum::{EngineFact, Memorandum, fault::did_you_mean},
    value::{Slots, Value},
};

/// The parts of a draft file.
const PARTS: [&str; 6] = ["act", "from", "to", "slots", "declared", "home"];

/// Where in a draft file a slot or a fact stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Section {
    /// `[slots]`: it travels.
    Slots,
    /// `[declared]`: answered yes or no and signed; it travels.
    Declared,
    /// `[home]`: known to the sender's node only; it never travels.
    Home,
}

impl Section {
    /// The section of a slot or an engine fact; `None` if a sender neither writes nor knows it.
    pub fn of(memorandum: &Memorandum, id: &str) -> Option<Self> {
        if memorandum.slots.has(id) {
            return Some(Section::Slots);
        }
        let fact = memorandum.engine_facts.get(id)?;
        match (knows(fact, "wire"), fact.declared) {
            (true, true) => Some(Section::Declared),
            (true, false) => Some(Section::Slots),
            (false, _) => knows(fact, "sender").then_some(Section::Home),
        }
    }

    /// `slots`, `declared`, `home`.
    pub fn as_str(self) -> &'static str {
        match self {
            Section::Slots => "slots",
            Section::Declared => "declared",
            Section::Home => "home",
        }
    }
}

fn knows(fact: &EngineFact, side: &str) -> bool {
    fact.known_to.iter().any(|known| known == side)
}

impl Draft {
    /// Reads a draft file.
    ///
    /// Fails with every fault: what is no TOML, an act, organ or slot that the memorandum does not know, a slot that the act does not
    /// have, a value that is not of its type. What is missing is no fault of a draft.
    pub fn parse(text: &str, memorandum: &Memorandum) -> Result<Self, Vec<DraftFault>> {
        let (root, errors) = DeTable::parse_recoverable(text);
        if !errors.is_empty() {
            let fault = |error: &toml::de::Error| {
                DraftFault::new(
                    line_of(text, error.span().unwrap_or_default().start),
                    format!("{NO_TOML}{}", error.message()),
                )
            };
            return Err(errors.iter().map(fault).collect());
        }
        let mut reader = Reader {
            text,
            memorandum,
            faults: Vec::new(),
            draft: Draft::new("", "", None),
        };
        reader.draft(root.get_ref());
        if reader.faults.is_empty() {
            return Ok(reader.draft);
        }
        reader.faults.sort();
        Err(reader.faults)
    }
}

struct Reader<'t> {
    text: &'t str,
    memorandum: &'t Memorandum,
    faults: Vec<DraftFault>,
    draft: Draft,
}

impl Reader<'_> {
    fn draft(&mut self, root: &DeTable<'_>) {
        for (key, value) in root.iter() {
            let key_text = key.get_ref().as_ref();
            let line = line_of(self.text, key.span().start);
            match (key_text, value.get_ref()) {
                ("act" | "from" | "to", DeValue::String(id)) => self.address(key_text, id, line),
                ("slots", DeValue::Table(table)) => self.section(Section::Slots, table),
                ("declared", DeValue::Table(table)) => self.section(Section::Declared, table),
                ("home", DeValue::Table(table)) => self.section(Section::Home, table),
                (known, _) if PARTS.contains(&known) => {
                    let what = if known.len() < 5 {
                        "an identifier in quotes"
                    } else {
                        "a table"
                    };
                    self.faults
                        .push(DraftFault::new(line, format!("`{known}` is {what}")));
                }
                (unknown, _) => self.unknown_part(unknown, line),
            }
        }
        for (part, there) in [
            ("act", &self.draft.act.kind),
            ("from", &self.draft.act.from),
        ] {
            if there.is_empty() && !root.iter().any(|(key, _)| key.get_ref() == part) {
                self.faults.push(
                    DraftFault::new(1, format!("no `{part}`"))
                        .with_remedy(format!("write {part} = \"…\"")),
                );
            }
        }
        self.foreign_slots(root);
    }

    fn address(&mut self, part: &str, id: &str, line: usize) {
        let list = if part == "act" { "act" } else { "organ" };
        if let Some(vocabulary) = Vocabulary::find(self.memorandum, list)
            && !vocabulary.has(id)
        {
            let known = vocabulary.choices().into_iter().map(|(id, _)| id);
            self.faults
                .push(unlisted(line, part, id, known).of_slot(part));
        }
        match part {
            "act" => self.draft.act.kind = id.to_owned(),
            "from" => self.draft.act.from = id.to_owned(),
            _ => self.draft.act.to = Some(id.to_owned()),
        }
    }

    fn unknown_part(&mut self, part: &str, line: usize) {
        let fault = DraftFault::new(line, format!("a draft has no `{part}`"));
        self.faults.push(match Section::of(self.memorandum, part) {
            Some(section) => fault.with_remedy(format!("put it under [{}]", section.as_str())),
            None => match did_you_mean(part, PARTS) {
                Some(remedy) => fault.with_remedy(remedy),
                None => fault.with_remedy(format!("its parts are {}", PARTS.join(", "))),
            },
        });
    }

    fn section(&mut self, section: Section, table: &DeTable<'_>) {
        for (key, value) in table.iter() {
            let (id, line) = (key.get_ref().as_ref(), line_of(self.text, key.span().start));
            match Section::of(self.memorandum, id) {
                Some(right) if right == section => self.slot(section, id, value),
                Some(right) => {
                    let fault = DraftFault::new(
                        line,
                        format!("it does not stand under [{}]", section.as_str()),
                    );
                    self.faults.push(
                        fault
                            .of_slot(id)
                            .with_remedy(format!("put it under [{}]", right.as_str())),
                    );
                }
                None => {
                    let slots = self.memorandum.slots.iter().map(|slot| slot.id.as_str());
                    let facts = self
                        .memorandum
                        .engine_facts
                        .iter()
                        .map(|fact| fact.id.as_str());
                    let fault =
                        DraftFault::new(line, "the memorandum has no such slot").of_slot(id);
                    self.faults
                        .push(match did_you_mean(id, slots.chain(facts)) {
                            Some(remedy) => fault.with_remedy(remedy),
                            None => fault,
                        });
                }
            }
        }
    }

    fn slot(&mut self, section: Section, id: &str, value: &Spanned<DeValue<'_>>) {
        let read = json_of(value)
            .map_err(|(span, what)| DraftFault::new(line_of(self.text, span), what))
            .and_then(|json| {
                read_slot(self.memorandum, section, id, json).map_err(|malformed| {
                    let place = place_of(value, &malformed.pointer);
                    let line = line_of(self.text, place.span().start);
                    let written = place.get_ref().as_str().unwrap_or_default();
                    fault_of(self.memorandum, line, id, written, &malformed)
                })
            });
        match read {
            Ok((value, wanted)) => {
                self.draft.act.slots.insert(id.to_owned(), value);
                self.draft.wanted.extend(wanted);
            }
            Err(fault) => self.faults.push(if fault.slot.is_some() {
                fault
            } else {
                fault.of_slot(id)
            }),
        }
    }

    /// Slots that the act does not have.
    fn foreign_slots(&mut self, root: &DeTable<'_>) {
        let act = &self.draft.act;
        let own = of_act(self.memorandum, &act.kind, &act.slots);
        let foreign = act
            .slots
            .keys()
            .filter(|id| self.memorandum.slots.has(id) && !own.contains(*id));
        for id in foreign.cloned().collect::<Vec<_>>() {
            let line = key_line(self.text, root, &id);
            let fault = DraftFault::new(
                line,
                format!("the act `{}` has no such slot", self.draft.act.kind),
            );
            self.faults
                .push(fault.of_slot(&id).with_remedy("take it out"));
        }
    }
}

/// The value of one slot as it was written, and the files that it names.
pub(super) fn read_slot(
    memorandum: &Memorandum,
    section: Section,
    id: &str,
    json: Json,
) -> Result<(Value, Wanted), Malformed> {
    let kind = Kind::of(memorandum, id).ok_or_else(|| Defect::Unknown.at(""))?;
    if section == Section::Home && matches!(kind, Kind::Record(_)) {
        return Ok((free(json), Wanted::new()));
    }
    let mut wiring = Wiring::new(memorandum, id);
    let Some(json) = wiring.wire(&kind, json) else {
        return Ok((Value::Empty, Wanted::new()));
    };
    let value = SlotReader::new(memorandum).slot(id, json, "")?;
    Ok((value, wiring.wanted))
}

/// A defect of a value, in words for an officer; `written` is the text that stands there.
pub(super) fn fault_of(
    memorandum: &Memorandum,
    line: usize,
    slot: &str,
    written: &str,
    malformed: &Malformed,
) -> DraftFault {
    let place = format!("{slot}{}", malformed.pointer);
    let fault = match &malformed.defect {
        Defect::Unlisted(list) => {
            let known = Vocabulary::find(memorandum, list)
                .map(|vocabulary| vocabulary.choices())
                .unwrap_or_default();
            unlisted(line, list, written, known.into_iter().map(|(id, _)| id))
        }
        Defect::Unknown => DraftFault::new(line, "there is no such member here")
            .with_remedy("take it out, or mend its name"),
        Defect::Missing => DraftFault::new(line, "it is missing").with_remedy("write it"),
        Defect::Bidirectional(_) | Defect::Control(_) => {
            DraftFault::new(line, malformed.defect.to_string())
                .with_remedy("type the text anew instead of pasting it")
        }
        defect => DraftFault::new(line, defect.to_string()),
    };
    fault.of_slot(&place)
}

/// An identifier that its list does not hold, with the nearest, or with what there is.
fn unlisted<'k>(
    line: usize,
    list: &str,
    id: &str,
    known: impl Iterator<Item = &'k str>,
) -> DraftFault {
    let known: Vec<&str> = known.collect();
    let quoted = if id.is_empty() {
        "it".to_owned()
    } else {
        format!("“{id}”")
    };
    let fault = DraftFault::new(line, format!("the list `{list}` does not hold {quoted}"));
    match did_you_mean(id, known.iter().copied()).filter(|_| !id.is_empty()) {
        Some(remedy) => fault.with_remedy(remedy),
        None => fault.with_remedy(format!("it holds {}", known.join(", "))),
    }
}

/// A TOML value as JSON: a day as `{"date"}`, an instant as `{"at"}`. Fails with the place and the words of what has no form here.
fn json_of(value: &Spanned<DeValue<'_>>) -> Result<Json, (usize, String)> {
    let wrong = |what: &str| (value.span().start, what.to_owned());
    Ok(match value.get_ref() {
        DeValue::String(text) => Json::Text(text.to_string()),
        DeValue::Boolean(flag) => Json::Bool(*flag),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map(Json::Integer)
            .map_err(|_| wrong("the number is too large"))?,
        DeValue::Float(_) => {
            return Err(wrong(
                "only whole numbers are written; choose a smaller unit",
            ));
        }
        DeValue::Datetime(when) => datetime(when)
            .ok_or_else(|| wrong("an instant needs its offset: 2030-03-01T10:00:00+01:00"))?,
        DeValue::Array(items) => Json::Array(items.iter().map(json_of).collect::<Result<_, _>>()?),
        DeValue::Table(members) => {
            let member = |(name, value): (&Spanned<_>, _)| {
                Ok((
                    AsRef::<str>::as_ref(name.get_ref()).to_owned(),
                    json_of(value)?,
                ))
            };
            Json::Object(
                members
                    .iter()
                    .map(member)
                    .collect::<Result<_, (usize, String)>>()?,
            )
        }
    })
}

fn datetime(when: &toml::value::Datetime) -> Option<Json> {
    match (when.date, when.time, when.offset) {
        (Some(_), None, None) => Some(Json::object([("date", Json::text(when))])),
        (Some(_), Some(_), Some(_)) => {
            let at: jiff::Timestamp = when.to_string().parse().ok()?;
            Some(Json::object([("at", Json::text(at))]))
        }
        _ => None,
    }
}

/// What a pointer names within a value, or the nearest thing around it.
fn place_of<'v, 't>(value: &'v Spanned<DeValue<'t>>, pointer: &str) -> &'v Spanned<DeValue<'t>> {
    let mut here = value;
    for step in pointer.split('/').skip(1) {
        let next = match here.get_ref() {
            DeValue::Array(items) => step
                .parse::<usize>()
                .ok()
                .and_then(|index| items.get(index)),
            DeValue::Table(members) => members.get(step),
            _ => None,
        };
        match next {
            Some(next) => here = next,
            None => break,
        }
    }
    here
}

/// The line of a slot's key in whichever section it stands.
fn key_line(text: &str, root: &DeTable<'_>, id: &str) -> usize {
    let sections = root.values().filter_map(|value| value.get_ref().as_table());
    let place = sections
        .flat_map(|table| table.keys())
        .find(|key| key.get_ref() == id)
        .map(|key| key.span().start);
    place.map_or(0, |place| line_of(text, place))
}

fn line_of(text: &str, offset: usize) -> usize {
    text.bytes()
        .take(offset)
        .filter(|byte| *byte == b'\n')
        .count()
        + 1
}

/// Slots of an act from the TOML of a worked case or a script: as [`Draft::parse`] reads them, without any check of the act.
///
/// Fails with the first value that is not of its type.
pub fn slots_of(memorandum: &Memorandum, table: &toml::Table) -> Result<Slots, DraftFault> {
    let text = toml::to_string(table).map_err(|error| DraftFault::new(0, error.to_string()))?;
    let root = DeTable::parse(&text).map_err(|error| DraftFault::new(0, error.message()))?;
    let mut slots = Slots::new();
    for (key, value) in root.get_ref().iter() {
        let id = key.get_ref().as_ref();
        let section = Section::of(memorandum, id).unwrap_or(Section::Home);
        let json = json_of(value).map_err(|(_, what)| DraftFault::new(0, what).of_slot(id))?;
        let (value, _) = read_slot(memorandum, section, id, json)
            .map_err(|malformed| fault_of(memorandum, 0, id, "", &malformed))?;
        slots.insert(id.to_owned(), value);
    }
    Ok(slots)
}
