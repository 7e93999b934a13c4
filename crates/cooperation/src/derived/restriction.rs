//! What the restrictions of a fact bind: who reads it, from when it is used, and until when (Annex 7, 18.1, 18.2).
//!
//! A restriction whose value is not known binds as if it never ended: nobody can say that it does not.

use super::{Finding, View, home::held};
use crate::{
    case::HeldFact,
    memorandum::{Behaviour, Binding, Restriction},
    value::{Slots, Value},
};

const RESTRICTION: &str = "restriction";
const VALUES: &str = "restriction_values";

/// Every restriction stated for the whole act has the value it needs, and no value stands alone.
pub(super) fn valued<'a>(view: &View<'a>) -> Finding<'a> {
    let (chosen, values) = (view.act.filled(RESTRICTION), view.act.filled(VALUES));
    Finding::Truth(are_valued(view, chosen, values) && none_alone(chosen, values))
}

/// The same of one fact: its own restriction and values, else those of the act.
pub(super) fn item_valued<'a>(view: &View<'a>) -> Finding<'a> {
    let own = |name: &str| view.item.and_then(|item| item.own(name));
    let chosen = own(RESTRICTION).or_else(|| view.act.filled(RESTRICTION));
    let values = own(VALUES).or_else(|| view.act.filled(VALUES));
    Finding::Truth(are_valued(view, chosen, values) && none_alone(chosen, own(VALUES)))
}

/// A fact that is used is not to be used yet.
pub(super) fn embargoed<'a>(view: &View<'a>) -> Finding<'a> {
    Finding::Truth(held(view).is_some_and(|(_, fact)| is_embargoed(view, fact)))
}

/// A fact that is used was to be erased.
pub(super) fn expired<'a>(view: &View<'a>) -> Finding<'a> {
    Finding::Truth(held(view).is_some_and(|(_, fact)| is_expired(view, fact)))
}

/// One of the facts that are passed on is not to be used yet, or was to be erased.
pub(super) fn sharing_closed<'a>(view: &View<'a>) -> Finding<'a> {
    Finding::Truth(
        view.does(Behaviour::Shares) && concerned(view).any(|fact| is_closed(view, fact)),
    )
}

/// One of the facts that are read is not to be used yet, or was to be erased.
pub(super) fn reading_closed<'a>(view: &View<'a>) -> Finding<'a> {
    Finding::Truth(concerned(view).any(|fact| is_closed(view, fact)))
}

/// The restrictions of all facts that are read name the reader, or the organ of the reader.
pub(super) fn reader_named<'a>(view: &View<'a>) -> Finding<'a> {
    let reader = view.text("reader").map(signer);
    let named = |value: Option<&Value>| {
        let mut names = value.into_iter().flat_map(Value::texts).map(signer);
        names.any(|name| name == view.act.from || Some(name) == reader)
    };
    Finding::Truth(concerned(view).all(|fact| bound(view, fact, Binding::Readers).all(named)))
}

/// Who signs, without the word that says so.
fn signer(signature: &str) -> &str {
    signature.strip_prefix("signed:").unwrap_or(signature)
}

/// Whether every one of these restrictions that needs a value has it.
fn are_valued(view: &View<'_>, chosen: Option<&Value>, values: Option<&Value>) -> bool {
    let has =
        |id: &str| values.is_some_and(|values| values.member(id).is_some_and(Value::is_filled));
    let needs = |id: &&str| {
        let row = view.memorandum.restrictions.get(id);
        row.is_some_and(|row| row.value.is_some())
    };
    let mut chosen = chosen.into_iter().flat_map(Value::texts);
    chosen.all(|id| !needs(&id) || has(id))
}

/// Whether each of these values belongs to a restriction that was chosen.
fn none_alone(chosen: Option<&Value>, values: Option<&Value>) -> bool {
    let is_chosen = |id: &str| chosen.is_some_and(|chosen| chosen.texts().any(|own| own == id));
    match values {
        Some(Value::Record(members)) => members.keys().all(|id| is_chosen(id)),
        _ => true,
    }
}

/// The facts of the case that an act or a deed names or carries.
fn concerned<'a>(view: &View<'a>) -> impl Iterator<Item = &'a HeldFact> + use<'a> {
    let carried = view.act.items("facts").iter();
    let carried = carried.filter_map(|fact| fact.member("id").and_then(Value::as_text));
    let mut named: Vec<&str> = view.texts("facts_concerned").collect();
    if named.is_empty() {
        named = carried.collect();
    }
    let case = view.text("case").unwrap_or_default();
    let facts = view.state.facts.iter();
    facts.filter_map(move |((of, id), fact)| {
        let meant = of == case && named.contains(&id.as_str());
        meant.then_some(fact)
    })
}

fn is_closed(view: &View<'_>, fact: &HeldFact) -> bool {
    is_embargoed(view, fact) || is_expired(view, fact)
}

fn is_embargoed(view: &View<'_>, fact: &HeldFact) -> bool {
    let mut begins = bound(view, fact, Binding::NotBefore);
    begins.any(|value| !matches!(value, Some(Value::Instant(at)) if *at <= view.moment.at))
}

/// Days count in the legal time of the holder (11.3).
fn is_expired(view: &View<'_>, fact: &HeldFact) -> bool {
    let today = view.sending_party().and_then(|party| view.today(party));
    let mut ends = bound(view, fact, Binding::NotFrom);
    ends.any(|value| match (value, today) {
        (Some(Value::Date(day)), Some(today)) => *day <= today,
        _ => true,
    })
}

/// The values of the restrictions of a fact that bind in this way; nothing where one is not known.
fn bound<'a>(
    view: &View<'a>,
    fact: &'a HeldFact,
    binding: Binding,
) -> impl Iterator<Item = Option<&'a Value>> + use<'a> {
    let rows = view.memorandum.restrictions.iter();
    let values: &Slots = &fact.values;
    rows.filter(move |row: &&Restriction| {
        row.binds == Some(binding) && fact.restriction.contains(&row.id)
    })
    .map(move |row| values.get(&row.id))
}
