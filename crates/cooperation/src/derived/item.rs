//! One fact, question or described person or thing within an act, judged by itself.

use super::{Finding, View, protection::is_complete};
use crate::{memorandum::Slot, value::Value};

/// The members of a fact that are not fields of its category (Annex 3).
pub const FACT_MEMBERS: [&str; 10] = [
    "id",
    "category",
    "note",
    "handling_codes",
    "restriction",
    "restriction_values",
    "grade",
    "fact_kind",
    "erase_on",
    "originator",
];

/// One thing in an act that has a category of data.
#[derive(Clone, Copy, Debug)]
pub struct Item<'a> {
    /// `f1`, `q2`, or the slot itself where it holds one thing.
    pub id: &'a str,
    /// The slot it stands in.
    pub slot: &'a str,
    /// What it holds.
    pub value: &'a Value,
}

impl<'a> Item<'a> {
    /// Everything in the act that is judged by itself, in the order of its slots.
    pub fn all(view: &View<'a>) -> Vec<Self> {
        let Some(line) = view.line else {
            return Vec::new();
        };
        let slots = line.needs.iter().chain(&line.may);
        slots
            .filter_map(|slot| view.memorandum.slots.get(slot))
            .flat_map(|slot| Self::of_slot(view, slot))
            .collect()
    }

    /// The items of one slot.
    fn of_slot(view: &View<'a>, slot: &'a Slot) -> Vec<Self> {
        let Some(value) = view.act.filled(&slot.id) else {
            return Vec::new();
        };
        match slot.kind.as_str() {
            "facts" | "questions" => value
                .items()
                .iter()
                .map(|value| Self {
                    id: value.member("id").and_then(Value::as_text).unwrap_or("?"),
                    slot: &slot.id,
                    value,
                })
                .collect(),
            _ if slot.data_category().is_some() => vec![Self {
                id: &slot.id,
                slot: &slot.id,
                value,
            }],
            _ => Vec::new(),
        }
    }

    /// Whether it is a fact, and not a question or a described thing.
    pub fn is_fact(&self, view: &View<'_>) -> bool {
        view.memorandum
            .slots
            .get(self.slot)
            .is_some_and(|slot| slot.kind == "facts")
    }

    /// Its category: the one its fields come from, or that of its slot where the slot holds any field of it.
    pub fn category(&self, view: &View<'a>) -> Option<&'a str> {
        let slot = view.memorandum.slots.get(self.slot)?;
        let Some(category) = slot.data_category() else {
            return self.value.member("category")?.as_text();
        };
        let Value::Record(members) = self.value else {
            return Some(category);
        };
        let fields = view.memorandum.fields.get(category)?;
        fields
            .iter()
            .any(|field| members.get(&field.id).is_some_and(Value::is_filled))
            .then_some(category)
    }

    /// What it says of itself under this name.
    pub(super) fn own(&self, name: &str) -> Option<&'a Value> {
        self.value.member(name).filter(|value| value.is_filled())
    }
}

/// The slot it stands in.
pub(super) fn slot<'a>(view: &View<'a>) -> Finding<'a> {
    Finding::Word(view.item.map(|item| item.slot))
}

/// Its category of data.
pub(super) fn category<'a>(view: &View<'a>) -> Finding<'a> {
    Finding::Word(view.item.and_then(|item| item.category(view)))
}

/// It has fields of its category and of no other; only a fact must.
pub(super) fn well_formed<'a>(view: &View<'a>) -> Finding<'a> {
    Finding::Truth(
        view.item
            .is_none_or(|item| !item.is_fact(view) || has_fields(view, &item)),
    )
}

/// Whether a fact has at least one field, all of its category. A closed category has none and is refused as such.
fn has_fields(view: &View<'_>, item: &Item<'_>) -> bool {
    let Some(category) = item.category(view) else {
        return false;
    };
    let Some(row) = view.memorandum.categories.get(category) else {
        return false;
    };
    let Value::Record(members) = item.value else {
        return false;
    };
    let known = |name: &str| {
        view.memorandum
            .fields
            .get(category)
            .is_some_and(|fields| fields.iter().any(|field| field.id == name))
    };
    let mut own = members
        .keys()
        .map(String::as_str)
        .filter(|name| !FACT_MEMBERS.contains(name))
        .peekable();
    row.class == "closed" || own.peek().is_some() && own.all(known)
}

/// Its category is one of those that may follow a confirmed match.
pub(super) fn in_core<'a>(view: &View<'a>) -> Finding<'a> {
    let category = view.item.and_then(|item| item.category(view));
    let core = view.memorandum.core_data.as_ref();
    Finding::Truth(core.is_some_and(|core| {
        core.categories
            .iter()
            .any(|own| Some(own.as_str()) == category)
    }))
}

/// Its handling codes: its own, else those of the act.
pub(super) fn codes<'a>(view: &View<'a>) -> Finding<'a> {
    let own = view.item.and_then(|item| item.own("handling_codes"));
    let codes = own.or_else(|| view.act.filled("handling_codes"));
    Finding::Words(
        codes
            .map(|codes| codes.items().iter().filter_map(Value::as_text).collect())
            .unwrap_or_default(),
    )
}

/// A restriction stands beside its codes: its own, else that of the act.
pub(super) fn restricted<'a>(view: &View<'a>) -> Finding<'a> {
    let own = view
        .item
        .is_some_and(|item| item.own("restriction").is_some());
    Finding::Truth(own || view.has("restriction"))
}

/// It is graded in full: its own grade, else that of the act, has source and information.
pub(super) fn graded<'a>(view: &View<'a>) -> Finding<'a> {
    let own = view.item.and_then(|item| item.own("grade"));
    let grade = own.or_else(|| view.act.filled("grade"));
    Finding::Truth(grade.is_some_and(is_complete))
}

/// It was first provided by the Party that acts: its own originator, else that of the act.
pub(super) fn own<'a>(view: &View<'a>) -> Finding<'a> {
    let stated = view
        .item
        .and_then(|item| item.own("originator"))
        .and_then(Value::as_text)
        .or_else(|| view.text("originator"));
    let sender = view.sender().map(|organ| organ.party.as_str());
    Finding::Truth(stated.is_none_or(|party| Some(party) == sender))
}
