//! Words from lists that the machine itself knows: classes, counters, who knows a fact; and the form of identifiers.

use super::{Annexes, annexes::called};
use crate::clock::Period;
use crate::memorandum::{Fault, fault::did_you_mean, sheet::Node};

/// Table, key, and the words that may stand there.
const CLOSED: [(&str, &str, &[&str]); 6] = [
    (
        "data_category",
        "class",
        &["closed", "ordinary", "special", "strategic"],
    ),
    ("refusal_ground", "by", &["engine", "officer"]),
    ("quota", "per", &["case", "officer", "organ", "party"]),
    ("precondition", "applies_to", &["all", "minor"]),
    ("engine_fact", "known_to", &["recipient", "sender", "wire"]),
    (
        "engine_fact",
        "absent",
        &[
            "derive",
            "empty",
            "false",
            "refuse",
            "sender_party",
            "true",
            "unmet",
        ],
    ),
];

/// The faults of all words that the machine does not know.
pub(super) fn check(annexes: &Annexes) -> Vec<Fault> {
    let mut faults: Vec<Fault> = CLOSED
        .iter()
        .flat_map(|(table, key, words)| unknown(annexes, table, key, words))
        .collect();
    for (table, row) in annexes.all_rows() {
        faults.extend(malformed(table, row));
    }
    for (table, key) in [("quota", "window"), ("version_rule", "received_within")] {
        let rows = annexes.rows(table).into_iter();
        faults.extend(rows.filter_map(|row| not_elapsed(row.get(key)?, &called(table, row))));
    }
    faults
}

/// Words of one key that are not among `words`.
fn unknown(annexes: &Annexes, table: &str, key: &str, words: &[&str]) -> Vec<Fault> {
    let texts = annexes
        .rows(table)
        .into_iter()
        .filter_map(|row| Some((called(table, row), row.get(key)?.texts())));
    let mut faults = Vec::new();
    for (whose, texts) in texts {
        for (node, word) in texts.into_iter().filter(|(_, word)| !words.contains(word)) {
            let remedy = did_you_mean(word, words.iter().copied())
                .unwrap_or_else(|| format!("known are {}", words.join(", ")));
            faults.push(
                node.fault(format!("{whose}: unknown {key} “{word}”"))
                    .with_remedy(remedy),
            );
        }
    }
    faults
}

/// An identifier with signs that paths, scopes and references keep for themselves.
fn malformed(table: &str, row: Node) -> Option<Fault> {
    let node = row.get("id")?;
    let id = node.text()?;
    let sound = !id.is_empty()
        && id
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    (!sound).then(|| {
        node.fault(format!(
            "{table} “{id}”: an identifier has letters, digits, “_” and “-” only"
        ))
    })
}

/// A time that must be elapsed, whatever the calendar, and is not (6.3, 16.3).
fn not_elapsed(node: Node, whose: &str) -> Option<Fault> {
    let time = node.text()?;
    match time.parse() {
        Ok(Period::Elapsed(_)) => None,
        Ok(_) => Some(
            node.fault(format!("{whose}: “{time}” is calendar time"))
                .with_remedy("write elapsed time: PT24H"),
        ),
        Err(bad) => Some(node.fault(format!("{whose}: {bad}"))),
    }
}
