//! What must outlive the content of an act, so that its clocks can be counted again after it was erased (26.5).
//!
//! Erasing a body must not change the past: whether a request was urgent, which part a reply covered, until when a clock was
//! extended. The skeleton holds identifiers, words of closed lists and dates, and nothing about a person: no name, no text, no
//! content of a fact.

use std::collections::BTreeMap;

use super::word::slot;
use crate::{
    act::Act,
    body::{
        members::{Members, array_at, text_at},
        slots::{SlotReader, write},
        strict::{self, Json, Malformed},
    },
    memorandum::Memorandum,
    value::{Slots, Value},
};

/// Slots that the fold reads as they are.
const WORDS: [&str; 30] = [
    slot::REFERENCE,
    slot::IN_REPLY_TO,
    slot::ACT_REFERENCE,
    slot::CASE,
    slot::STOP_SCOPE,
    slot::FACTS_CONCERNED,
    slot::SCOPE,
    slot::URGENT,
    slot::URGENCY_GROUND,
    slot::PURPOSE,
    slot::AREA,
    slot::HANDLING_CODES,
    slot::RESTRICTION,
    slot::ORIGINATOR,
    slot::EXPECTED_ON,
    slot::OUTCOME,
    slot::IDENTITY_OUTCOME,
    slot::CONSENT_OUTCOME,
    slot::UNTIL,
    slot::THIRD_RECIPIENT,
    slot::CHAPTERS,
    slot::ALERTS_INCLUDED,
    slot::ARTICLE_CONCERNED,
    slot::CHANGES,
    slot::NEW_VERSION,
    slot::IN_FORCE_ON,
    slot::ANNEX,
    slot::QUOTA,
    slot::NEW_LIMIT,
    slot::MADE_AT,
];

/// Lists of which only the identifiers are kept.
const LISTS: [&str; 3] = [slot::QUESTIONS, slot::FACTS, slot::CORRECTED_FACTS];

/// The act with nothing left but what its clocks rest on.
///
/// Folded in the place of the act it gives the same shared clocks and the same open requests. Store it beside the body, and
/// put it in the act's place once the body is erased.
pub fn skeleton(memorandum: &Memorandum, act: &Act) -> Act {
    let clocks = memorandum.clocks.iter();
    let of_clocks: Vec<&str> = clocks
        .flat_map(|row| row.when.keys().chain(&row.ends_on))
        .chain(memorandum.protective.when.values().flat_map(BTreeMap::keys))
        .map(String::as_str)
        .collect();
    let bare = |name: &str, value: &Value| {
        if LISTS.contains(&name) {
            return Some(Value::List(
                value.items().iter().filter_map(id_of).collect(),
            ));
        }
        if name == slot::RESTRICTION_VALUES {
            return dates_of(value);
        }
        let kept = WORDS.contains(&name) || of_clocks.contains(&name);
        kept.then(|| value.clone())
    };
    let slots = act.slots.iter();
    Act {
        slots: slots
            .filter_map(|(name, value)| Some((name.clone(), bare(name, value)?)))
            .collect::<Slots>(),
        ..act.clone()
    }
}

/// The values of restrictions that are days or instants: who alone may read a fact is about persons.
fn dates_of(value: &Value) -> Option<Value> {
    let Value::Record(members) = value else {
        return None;
    };
    let dates = members
        .iter()
        .filter(|(_, value)| matches!(value, Value::Date(_) | Value::Instant(_)));
    let dates: Slots = dates
        .map(|(id, value)| (id.clone(), value.clone()))
        .collect();
    (!dates.is_empty()).then_some(Value::Record(dates))
}

/// The slots of an act's skeleton as strict JSON, to be kept in the place of its content.
pub fn write_skeleton(memorandum: &Memorandum, act: &Act) -> String {
    write(&skeleton(memorandum, act).slots).write()
}

/// The slots that [`write_skeleton`] wrote.
///
/// Fails with the first thing that no skeleton under this memorandum has.
pub fn read_skeleton(memorandum: &Memorandum, text: &str) -> Result<Slots, Malformed> {
    let mut members = Members::of(strict::read(text.as_bytes())?, "")?;
    let mut reader = SlotReader::new(memorandum);
    let names: Vec<String> = members.names().map(str::to_owned).collect();
    let slots = names.into_iter().map(|name| {
        let (at, json) = (members.at(&name), members.take(&name)?);
        let value = if LISTS.contains(&name.as_str()) {
            read_ids(json, &at)?
        } else {
            reader.slot(&name, json, &at)?
        };
        Ok((name, value))
    });
    slots.collect()
}

fn read_ids(json: Json, pointer: &str) -> Result<Value, Malformed> {
    let items = array_at(json, pointer)?.into_iter().map(|item| {
        let mut members = Members::of(item, pointer)?;
        let id = text_at(members.take(slot::ID)?, &members.at(slot::ID))?;
        members.close()?;
        Ok(bare_item(Value::Text(id)))
    });
    items.collect::<Result<_, _>>().map(Value::List)
}

/// A fact or a question of which only the identifier is left.
fn id_of(item: &Value) -> Option<Value> {
    item.member(slot::ID).cloned().map(bare_item)
}

fn bare_item(id: Value) -> Value {
    Value::Record([(slot::ID.to_owned(), id)].into())
}
