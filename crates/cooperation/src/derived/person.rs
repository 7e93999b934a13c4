//! Who the person is, and what the data are.

use super::{Finding, Item, View};
use crate::value::Value;

/// The person is a minor, or is presumed to be one.
pub(super) fn minor<'a>(view: &View<'a>) -> Finding<'a> {
    Finding::Truth(is_minor(view))
}

/// Whether the stated age is below that of majority.
pub(super) fn is_minor(view: &View<'_>) -> bool {
    view.act
        .filled("subject_age")
        .and_then(Value::as_number)
        .is_some_and(|age| age < view.memorandum.minor_below_age)
}

/// The purpose protects a minor.
pub(super) fn minor_purpose<'a>(view: &View<'a>) -> Finding<'a> {
    let purposes = &view.memorandum.minor_purposes;
    Finding::Truth(listed(purposes, view.text("purpose")))
}

/// The area is one in which the data of a suspected minor may move.
pub(super) fn minor_area<'a>(view: &View<'a>) -> Finding<'a> {
    let areas = &view.memorandum.minor_areas_if_suspect;
    Finding::Truth(listed(areas, view.text("area")))
}

/// Another article alone governs what concerns a minor in this act.
pub(super) fn minor_elsewhere<'a>(view: &View<'a>) -> Finding<'a> {
    Finding::Truth(view.memorandum.minor_other_rule.contains(&view.act.kind))
}

/// A fact, a question or a described person is of a special category.
pub(super) fn special_data<'a>(view: &View<'a>) -> Finding<'a> {
    let special = |category: &str| {
        view.memorandum
            .categories
            .get(category)
            .is_some_and(|row| row.class == "special")
    };
    Finding::Truth(held(view).into_iter().any(special))
}

/// The categories of everything in the act, each once, in the order of Annex 6.
pub(super) fn categories<'a>(view: &View<'a>) -> Finding<'a> {
    Finding::Words(held(view))
}

/// The categories of everything in the act.
fn held<'a>(view: &View<'a>) -> Vec<&'a str> {
    let items = Item::all(view);
    let held: Vec<&str> = items
        .iter()
        .filter_map(|item| item.category(view))
        .collect();
    view.memorandum
        .categories
        .iter()
        .map(|row| row.id.as_str())
        .filter(|id| held.contains(id))
        .collect()
}

/// The second officer is the author.
pub(super) fn second_is_author<'a>(view: &View<'a>) -> Finding<'a> {
    Finding::Truth(view.has("second_officer") && view.text("second_officer") == view.text("author"))
}

/// The circumstances of a statement that are not stated.
pub(super) fn circumstances_missing<'a>(view: &View<'a>) -> Finding<'a> {
    let list = view.memorandum.words.get("custody_circumstance");
    let stated: Vec<&str> = view.texts("custody_circumstances").collect();
    let missing = list
        .into_iter()
        .flatten()
        .map(|word| word.id.as_str())
        .filter(|word| !stated.contains(word));
    Finding::Words(missing.collect())
}

/// Whether a list holds a stated word.
fn listed(list: &[String], word: Option<&str>) -> bool {
    word.is_some_and(|word| list.iter().any(|own| own == word))
}
