//! Slots on the wire: JSON → typed values, read through the types of the memorandum, and back.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::{
    form::{check_form, date, is_line, is_part},
    kind::{Kind, Shape},
    strict::{Defect, Json, Malformed, Members, array_at, below, instant, text_at},
};
use crate::{
    digest::Digest,
    memorandum::{ActLine, Behaviour, Memorandum},
    value::{Slots, Value},
};

/// Members that any fact may have beside its fields (Annex 3): the note, and caveats of its own.
pub const FACT_CAVEATS: [&str; 7] = [
    "handling_codes",
    "restriction",
    "restriction_values",
    "grade",
    "fact_kind",
    "erase_on",
    "originator",
];

/// Slots that may accompany any personal act (Annex 3: 21.2 to 21.4).
const WITH_PERSONAL: [&str; 4] = [
    "subject_age",
    "second_officer",
    "necessity",
    "best_interests",
];

/// The slots and facts that an act of this kind may carry on the wire, in order of the identifiers.
///
/// Those of its line, those common to all acts, the restriction that goes with codes, what accompanies personal acts, and the
/// `wire` engine facts. An act that supplies what was asked for carries the slots it names. A kind that the memorandum does not
/// know may carry any slot, so that it can be read and refused by 7.1.
pub fn of_act(memorandum: &Memorandum, act: &str, slots: &Slots) -> BTreeSet<String> {
    let mut own: BTreeSet<String> = on_wire(memorandum).map(str::to_owned).collect();
    match memorandum.acts.get(act) {
        None => own.extend(memorandum.slots.iter().map(|slot| slot.id.clone())),
        Some(line) => own.extend(of_line(memorandum, line, slots)),
    }
    own.retain(|id| memorandum.slots.has(id) || memorandum.engine_facts.has(id));
    own
}

/// The engine facts that travel.
fn on_wire(memorandum: &Memorandum) -> impl Iterator<Item = &str> {
    let wire = |known_to: &[String]| known_to.iter().any(|side| side == "wire");
    memorandum
        .engine_facts
        .iter()
        .filter(move |fact| wire(&fact.known_to))
        .map(|fact| fact.id.as_str())
}

fn of_line(memorandum: &Memorandum, line: &ActLine, slots: &Slots) -> BTreeSet<String> {
    let named = line.needs.iter().chain(&line.may).chain(&memorandum.common);
    let mut own: BTreeSet<String> = named.cloned().collect();
    if line.answers.is_some() {
        own.insert("in_reply_to".into());
    }
    if own.contains("handling_codes") {
        own.insert("restriction".into());
        own.insert("restriction_values".into());
    }
    if line.personal {
        own.extend(WITH_PERSONAL.map(str::to_owned));
    }
    if line.behaviour == Behaviour::Completes {
        own.extend(named_slots(memorandum, line, slots));
    }
    own
}

/// The slots that an act names in a slot of type `ids:slot`: the ones that it supplies.
fn named_slots<'s>(
    memorandum: &Memorandum,
    line: &ActLine,
    slots: &'s Slots,
) -> impl Iterator<Item = String> + 's {
    let naming = line.needs.iter().filter(|id| {
        memorandum
            .slots
            .get(id)
            .is_some_and(|slot| slot.kind == "ids:slot")
    });
    let values: Vec<&Value> = naming.filter_map(|id| slots.get(id)).collect();
    values.into_iter().flat_map(Value::texts).map(str::to_owned)
}

/// The slots as they travel: without what is known to one node only, and without what is empty at any depth.
///
/// What the act has no slot for stays, so that it is refused and not lost on the way.
pub fn travelling(memorandum: &Memorandum, slots: &Slots) -> Slots {
    let at_home = |id: &str| {
        memorandum
            .engine_facts
            .get(id)
            .is_some_and(|fact| !fact.known_to.iter().any(|side| side == "wire"))
    };
    let kept = slots.iter().filter(|(id, _)| !at_home(id));
    kept.filter_map(|(id, value)| Some((id.clone(), filled(value)?)))
        .collect()
}

/// The value without what is empty in it; nothing if nothing is left.
pub fn filled(value: &Value) -> Option<Value> {
    match value {
        Value::List(items) => {
            let items: Vec<Value> = items.iter().filter_map(filled).collect();
            (!items.is_empty()).then_some(Value::List(items))
        }
        Value::Record(members) => {
            let members: BTreeMap<String, Value> = members
                .iter()
                .filter_map(|(name, value)| Some((name.clone(), filled(value)?)))
                .collect();
            (!members.is_empty()).then_some(Value::Record(members))
        }
        value => value.is_filled().then(|| value.clone()),
    }
}

/// Slots as JSON, in the order of their identifiers.
pub fn write(slots: &Slots) -> Json {
    Json::Object(
        slots
            .iter()
            .map(|(id, value)| (id.clone(), write_value(value)))
            .collect(),
    )
}

/// One value as JSON.
pub fn write_value(value: &Value) -> Json {
    match value {
        Value::Empty => Json::Null,
        Value::Bool(flag) => Json::Bool(*flag),
        Value::Number(number) => Json::Integer(*number),
        Value::Text(text) => Json::text(text),
        Value::Date(day) => Json::object([("date", Json::text(day))]),
        Value::Instant(at) => Json::object([("at", Json::text(at))]),
        Value::List(items) => Json::Array(items.iter().map(write_value).collect()),
        Value::Record(members) => write(members),
    }
}

/// Reads slots of one act, and keeps which attachments they name.
pub struct SlotReader<'m> {
    memorandum: &'m Memorandum,
    slot: String,
    /// Attachments named, with the slot that names each.
    pub attachments: BTreeSet<(String, Digest)>,
}

impl<'m> SlotReader<'m> {
    /// A reader by the types of this memorandum.
    pub fn new(memorandum: &'m Memorandum) -> Self {
        Self {
            memorandum,
            slot: String::new(),
            attachments: BTreeSet::new(),
        }
    }

    /// The slots of an act of this kind, which stand at `pointer`.
    ///
    /// Fails at the first value that is not of its type, and at a slot that the act does not have.
    pub fn slots(&mut self, act: &str, json: Json, pointer: &str) -> Result<Slots, Malformed> {
        let Json::Object(members) = json else {
            return Err(Defect::Expected("an object".into()).at(pointer));
        };
        let mut slots = Slots::new();
        for (id, json) in members {
            let at = below(pointer, &id);
            let value = self.slot(&id, json, &at)?;
            slots.insert(id, value);
        }
        let own = of_act(self.memorandum, act, &slots);
        match slots.keys().find(|id| !own.contains(*id)) {
            None => Ok(slots),
            Some(id) => Err(Defect::NoSlot(act.to_owned()).at(below(pointer, id))),
        }
    }

    /// The value of one slot or engine fact, which stands at `pointer`.
    pub fn slot(&mut self, id: &str, json: Json, pointer: &str) -> Result<Value, Malformed> {
        let kind = Kind::of(self.memorandum, id).ok_or_else(|| Defect::Unknown.at(pointer))?;
        self.slot = id.to_owned();
        self.value(&kind, json, pointer)
    }

    /// The value of this type that stands at `pointer`. An empty value is refused: it is left out.
    pub fn value(&mut self, kind: &Kind, json: Json, pointer: &str) -> Result<Value, Malformed> {
        let wrong = || Defect::Expected(kind.expected()).at(pointer);
        let value = match kind {
            Kind::Bool => match json {
                Json::Bool(flag) => Value::Bool(flag),
                _ => return Err(wrong()),
            },
            Kind::Number => match json {
                Json::Integer(number) => Value::Number(number),
                _ => return Err(wrong()),
            },
            Kind::Date => Value::Date(date_of(json, pointer)?),
            Kind::Instant => Value::Instant(instant_of(json, pointer)?),
            Kind::SeveralOf(list) => self.list(&Kind::OneOf(list.clone()), json, pointer)?,
            Kind::Signatures => self.list(&Kind::Signature, json, pointer)?,
            Kind::Each(item) => self.list(item, json, pointer)?,
            Kind::Parts => self.items(json, pointer, |reader, json, at| {
                reader.part(json, at, &['q', 'f'])
            })?,
            Kind::Facts => self.items(json, pointer, Self::fact)?,
            Kind::Questions => self.items(json, pointer, Self::question)?,
            Kind::Cells => self.items(json, pointer, Self::cell)?,
            Kind::Record(shape) => self.record(shape, json, pointer)?,
            Kind::Measure => measure(json, pointer)?,
            kind => Value::Text(self.text(kind, json, pointer)?),
        };
        if value.is_filled() {
            Ok(value)
        } else {
            Err(wrong())
        }
    }

    fn list(&mut self, item: &Kind, json: Json, pointer: &str) -> Result<Value, Malformed> {
        self.items(json, pointer, |reader, json, at| {
            reader.value(item, json, at)
        })
    }

    fn items(
        &mut self,
        json: Json,
        pointer: &str,
        mut read: impl FnMut(&mut Self, Json, &str) -> Result<Value, Malformed>,
    ) -> Result<Value, Malformed> {
        let items = array_at(json, pointer)?.into_iter().enumerate();
        items
            .map(|(index, json)| read(self, json, &below(pointer, index)))
            .collect::<Result<_, _>>()
            .map(Value::List)
    }

    fn text(&mut self, kind: &Kind, json: Json, pointer: &str) -> Result<String, Malformed> {
        let text =
            text_at(json, pointer).map_err(|_| Defect::Expected(kind.expected()).at(pointer))?;
        check_form(self.memorandum, kind, &text).map_err(|defect| defect.at(pointer))?;
        if *kind == Kind::Attachment {
            let digest = text
                .parse()
                .map_err(|_| Defect::Expected(kind.expected()).at(pointer))?;
            self.attachments.insert((self.slot.clone(), digest));
        }
        Ok(text)
    }

    fn record(&mut self, shape: &Shape, json: Json, pointer: &str) -> Result<Value, Malformed> {
        let mut members = Members::of(json, pointer)?;
        let mut record = BTreeMap::new();
        for (name, kind) in &shape.members {
            if let Some(json) = members.take_if_there(name) {
                let value = self.value(kind, json, &members.at(name))?;
                record.insert(name.clone(), value);
            }
        }
        members.close()?;
        if record.is_empty() {
            Err(Defect::Expected("an object with members".into()).at(pointer))
        } else {
            Ok(Value::Record(record))
        }
    }

    /// A fact: `{id, category, fields, note}` and caveats of its own (Annex 3).
    fn fact(&mut self, json: Json, pointer: &str) -> Result<Value, Malformed> {
        let mut members = Members::of(json, pointer)?;
        let mut fact = BTreeMap::new();
        let id = members.take("id")?;
        fact.insert("id".to_owned(), self.part(id, &members.at("id"), &['f'])?);
        let category = members.take("category")?;
        let category = self.text(&category_kind(), category, &members.at("category"))?;
        let names: Vec<String> = members.names().map(str::to_owned).collect();
        for name in names {
            let at = members.at(&name);
            let kind = fact_member(self.memorandum, &category, &name)
                .ok_or_else(|| Defect::Unknown.at(&at))?;
            let value = self.value(&kind, members.take(&name)?, &at)?;
            fact.insert(name, value);
        }
        fact.insert("category".to_owned(), Value::Text(category));
        Ok(Value::Record(fact))
    }

    /// A question: `{id, category, note}` (Annex 3).
    fn question(&mut self, json: Json, pointer: &str) -> Result<Value, Malformed> {
        let mut members = Members::of(json, pointer)?;
        let mut question = BTreeMap::new();
        let id = members.take("id")?;
        question.insert("id".to_owned(), self.part(id, &members.at("id"), &['q'])?);
        for (name, kind) in [("category", category_kind()), ("note", Kind::Text)] {
            if let Some(json) = members.take_if_there(name) {
                question.insert(name.to_owned(), self.value(&kind, json, &members.at(name))?);
            }
        }
        members.close()?;
        Ok(Value::Record(question))
    }

    /// A cell: dimensions, and `count`, `suppressed`, `total` (Annex 11).
    fn cell(&mut self, json: Json, pointer: &str) -> Result<Value, Malformed> {
        let mut members = Members::of(json, pointer)?;
        let mut cell = BTreeMap::new();
        for name in members.names().map(str::to_owned).collect::<Vec<_>>() {
            let (at, json) = (members.at(&name), members.take(&name)?);
            let value = match (cell_member(self.memorandum, &name), json) {
                (Some(CellMember::Count), Json::Integer(count)) if count >= 0 => {
                    Value::Number(count)
                }
                (Some(CellMember::Flag), Json::Bool(flag)) => Value::Bool(flag),
                (Some(CellMember::Dimension), Json::Text(text)) if is_line(&text) => {
                    Value::Text(text)
                }
                (Some(CellMember::Dimension), Json::Integer(number)) => Value::Number(number),
                (Some(member), _) => return Err(Defect::Expected(member.expected().into()).at(at)),
                (None, _) => return Err(Defect::Unknown.at(at)),
            };
            cell.insert(name, value);
        }
        if cell.is_empty() {
            Err(Defect::Expected("a cell".into()).at(pointer))
        } else {
            Ok(Value::Record(cell))
        }
    }

    fn part(&mut self, json: Json, pointer: &str, letters: &[char]) -> Result<Value, Malformed> {
        let text = text_at(json, pointer)?;
        if is_part(&text, letters) {
            return Ok(Value::Text(text));
        }
        Err(Defect::Expected("the id of a question (`q1`) or a fact (`f1`)".into()).at(pointer))
    }
}

/// The type of the category of a fact or a question.
pub fn category_kind() -> Kind {
    Kind::OneOf("data_category".to_owned())
}

/// The type of a member of a fact beside `id` and `category`; `None` if no fact has such a member.
pub fn fact_member(memorandum: &Memorandum, category: &str, name: &str) -> Option<Kind> {
    if name == "note" {
        return Some(Kind::Text);
    }
    if FACT_CAVEATS.contains(&name) {
        return Kind::of(memorandum, name);
    }
    Kind::of_fact_field(memorandum, category, name)
}

/// What a member of a cell is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CellMember {
    /// A number of things, not negative.
    Count,
    /// Yes or no.
    Flag,
    /// The value of a dimension: a line of text or an integer.
    Dimension,
}

impl CellMember {
    fn expected(self) -> &'static str {
        match self {
            CellMember::Count => "an integer that is not negative",
            CellMember::Flag => "`true` or `false`",
            CellMember::Dimension => "the value of a dimension: text or an integer",
        }
    }
}

/// What a member of a cell of this name is. Source: Annex 11, `[cell]`.
pub fn cell_member(memorandum: &Memorandum, name: &str) -> Option<CellMember> {
    if memorandum.dimensions.has(name) {
        return Some(CellMember::Dimension);
    }
    let keys = &memorandum.cell.as_ref()?.keys;
    match name {
        _ if !keys.iter().any(|key| key == name) => None,
        "count" => Some(CellMember::Count),
        _ => Some(CellMember::Flag),
    }
}

fn date_of(json: Json, pointer: &str) -> Result<Date, Malformed> {
    let mut members = Members::of(json, pointer)?;
    let text = members.text("date")?;
    let day = date(&text)
        .ok_or_else(|| Defect::Expected("a day: `2026-03-01`".into()).at(members.at("date")))?;
    members.close()?;
    Ok(day)
}

fn instant_of(json: Json, pointer: &str) -> Result<jiff::Timestamp, Malformed> {
    let mut members = Members::of(json, pointer)?;
    let text = members.text("at")?;
    let at = instant(&text).ok_or_else(|| {
        Defect::Expected("an instant: `2026-03-01T10:00:00Z`".into()).at(members.at("at"))
    })?;
    members.close()?;
    Ok(at)
}

fn measure(json: Json, pointer: &str) -> Result<Value, Malformed> {
    let mut members = Members::of(json, pointer)?;
    let at = |name: &str| members.at(name);
    let (number_at, unit_at) = (at("number"), at("unit"));
    let Json::Integer(number) = members.take("number")? else {
        return Err(Defect::Expected("an integer".into()).at(number_at));
    };
    let unit = members.text("unit")?;
    if !is_line(&unit) {
        return Err(Defect::Expected("one line of text".into()).at(unit_at));
    }
    members.close()?;
    Ok(Value::Record(BTreeMap::from([
        ("number".into(), Value::Number(number)),
        ("unit".into(), Value::Text(unit)),
    ])))
}
