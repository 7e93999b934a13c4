//! Every identifier that names a row of another table names one.

use super::{Annexes, annexes::called};
use crate::memorandum::{Fault, sheet::Node};

/// Table, key, and the table or list of words that the key's texts point into.
const POINTS: [(&str, &str, &str); 64] = [
    ("memorandum", "parties", "party"),
    ("memorandum", "state", "state"),
    ("memorandum", "version", "version"),
    ("party", "contact_point", "organ"),
    ("party", "alert_to", "organ"),
    ("party", "escalation", "step"),
    ("organ", "party", "party"),
    ("organ", "role", "role"),
    ("organ", "areas", "area"),
    ("organ", "groups", "group"),
    ("organ", "receives", "group"),
    ("organ", "oversees", "role"),
    ("offence", "area", "area"),
    ("excluded", "reason", "refusal_ground"),
    ("act", "group", "group"),
    ("act", "needs", "slot"),
    ("act", "may", "slot"),
    ("act", "answers", "act"),
    ("act", "declares", "absolute_limit"),
    ("protective", "acts", "act"),
    ("protective", "clocks", "clock"),
    ("winding_up", "acts", "act"),
    ("clock", "of", "act"),
    ("clock", "ends_with", "act"),
    ("clock", "on_expiry", "on_expiry"),
    ("clock", "replaces", "clock"),
    ("clock", "ends_on", "slot"),
    ("slot", "fields_of", "data_category"),
    ("legal_basis", "parties", "party"),
    ("legal_basis", "areas", "area"),
    ("legal_basis", "only_acts", "act"),
    ("purpose", "areas", "area"),
    ("purpose", "legal_bases", "legal_basis"),
    ("purpose", "compatible_with", "purpose"),
    ("data_category", "roles", "role"),
    ("data_category", "statuses", "person_status"),
    ("field", "category", "data_category"),
    ("core_categories", "categories", "data_category"),
    ("identity_file", "categories", "data_category"),
    ("handling_code", "forbids", "use"),
    ("mark", "forbids", "use"),
    ("mark", "allows", "use"),
    ("absolute_limit", "tests", "engine_fact"),
    ("quota", "act", "act"),
    ("retention", "clock", "clock"),
    ("precondition", "valid", "clock"),
    ("table", "dimensions", "dimension"),
    ("table", "every", "dimension"),
    ("closed_table", "impediment", "impediment"),
    ("body", "clock", "clock"),
    ("body", "members", "organ"),
    ("agenda_item", "table", "table"),
    ("dispute_level", "clock", "clock"),
    // What stands alone at the top of an annex.
    ("", "common", "slot"),
    ("", "minor_purposes", "purpose"),
    ("", "minor_areas_if_suspect", "area"),
    ("", "minor_other_rule", "act"),
    ("", "gated", "act"),
    ("", "after_confirmation", "act"),
    // Keys that are identifiers themselves.
    ("threshold", "*", "area"),
    ("minimum", "*", "nationals"),
    ("certifier", "*", "party"),
    ("certifier", "=", "organ"),
    ("when", "*", "act"),
];

/// The faults of all identifiers that name nothing.
pub(super) fn check(annexes: &Annexes) -> Vec<Fault> {
    POINTS
        .iter()
        .flat_map(|(table, key, target)| pointing(annexes, table, key, target))
        .collect()
}

fn pointing(annexes: &Annexes, table: &str, key: &str, target: &str) -> Vec<Fault> {
    let tables: Vec<(String, Node)> = match table {
        "" => annexes
            .get(key)
            .map(|node| (key.to_owned(), node))
            .into_iter()
            .collect(),
        "certifier" => members(annexes, "precondition", table),
        "when" => members(annexes, "protective", table),
        _ => annexes
            .rows(table)
            .into_iter()
            .map(|row| (called(table, row), row))
            .collect(),
    };
    let named = |(whose, node): &(String, Node)| -> Vec<Fault> {
        let texts: Vec<(Node, &str)> = match (table, key) {
            ("", _) => node.texts(),
            (_, "*") => node
                .keys()
                .into_iter()
                .filter_map(|(key, _)| Some((node.get(key)?, key)))
                .collect(),
            (_, "=") => node
                .keys()
                .into_iter()
                .filter_map(|(key, _)| node.get(key))
                .flat_map(Node::texts)
                .collect(),
            _ => node.get(key).map(Node::texts).unwrap_or_default(),
        };
        texts
            .into_iter()
            .filter_map(|(node, id)| annexes.dangling(whose, node, target, id))
            .collect()
    };
    tables.iter().flat_map(named).collect()
}

/// The tables that stand under `key` in the rows of `table`.
fn members<'s, 't>(
    annexes: &Annexes<'s, 't>,
    table: &str,
    key: &str,
) -> Vec<(String, Node<'s, 't>)> {
    let rows = annexes.rows(table).into_iter();
    rows.filter_map(|row| Some((format!("{} {key}", called(table, row)), row.get(key)?)))
        .collect()
}
