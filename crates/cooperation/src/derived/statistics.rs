//! Disclosure control: small cells, cells that a total gives away, cells that an earlier table gives away.

use super::{Finding, View};
use crate::value::Value;

/// The table is named in the annex only to be refused.
pub(super) fn table_closed<'a>(view: &View<'a>) -> Finding<'a> {
    Finding::Truth(
        view.text("table")
            .is_some_and(|table| view.memorandum.closed_tables.has(table)),
    )
}

/// A cell that counts persons is shown although it is below the threshold.
pub(super) fn cell_below_minimum<'a>(view: &View<'a>) -> Finding<'a> {
    let people = view
        .text("table")
        .and_then(|table| view.memorandum.tables.get(table))
        .is_some_and(|table| table.people);
    let minimum = view
        .text("nationals")
        .and_then(|nationals| view.memorandum.minimum.get(nationals));
    // A threshold that nobody set hides nothing and shows nothing: the cell is unsafe.
    let small = |cell: &Value| match (count(cell), minimum) {
        (Some(count), Some(minimum)) => count < *minimum,
        _ => true,
    };
    Finding::Truth(
        people
            && view
                .act
                .items("cells")
                .iter()
                .filter(|cell| !hidden(cell))
                .any(small),
    )
}

/// A total stands beside so few hidden cells that they follow from it.
pub(super) fn hidden_cell_deducible<'a>(view: &View<'a>) -> Finding<'a> {
    let cells = view.act.items("cells");
    let hidden_cells = cells.iter().filter(|cell| hidden(cell)).count();
    let least = view
        .memorandum
        .cell
        .as_ref()
        .map_or(usize::MAX, |cell| cell.hidden_with_total as usize);
    Finding::Truth(cells.iter().any(total) && 0 < hidden_cells && hidden_cells < least)
}

/// A shown cell, set beside an earlier release of the table, gives away its one hidden cell.
pub(super) fn releases_unsafe<'a>(view: &View<'a>) -> Finding<'a> {
    let slot = |slot| view.text(slot).unwrap_or_default().to_owned();
    let key = (slot("table"), slot("reference_period"), slot("nationals"));
    let earlier = view.state.releases.get(&key).map_or(&[][..], Vec::as_slice);
    let gives_away = |cell: &Value| {
        earlier
            .iter()
            .any(|release| only_one_hidden(view, release, cell))
    };
    let mut shown = view.act.items("cells").iter().filter(|cell| !hidden(cell));
    Finding::Truth(shown.any(gives_away))
}

/// Whether exactly one of the earlier cells that this cell sums up was hidden.
fn only_one_hidden(view: &View<'_>, release: &[Value], cell: &Value) -> bool {
    let inside = |earlier: &&Value| !total(earlier) && agrees(view, cell, earlier);
    release
        .iter()
        .filter(inside)
        .filter(|cell| hidden(cell))
        .count()
        == 1
}

/// Whether an earlier cell has every dimension of this one.
fn agrees(view: &View<'_>, cell: &Value, earlier: &Value) -> bool {
    let Value::Record(members) = cell else {
        return false;
    };
    let keys = view
        .memorandum
        .cell
        .as_ref()
        .map_or(&[][..], |shape| shape.keys.as_slice());
    members
        .iter()
        .filter(|(name, _)| !keys.contains(name))
        .all(|(name, value)| earlier.member(name) == Some(value))
}

/// Whether a cell is suppressed.
fn hidden(cell: &Value) -> bool {
    flag(cell, "suppressed")
}

/// Whether a cell is a total.
fn total(cell: &Value) -> bool {
    flag(cell, "total")
}

/// A yes among the keys of a cell.
fn flag(cell: &Value, key: &str) -> bool {
    cell.member(key).and_then(Value::as_bool) == Some(true)
}

/// The count of a shown cell.
fn count(cell: &Value) -> Option<i64> {
    cell.member("count")?.as_number()
}
