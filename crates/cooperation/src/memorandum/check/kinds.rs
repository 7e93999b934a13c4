//! Types of slots, facts, fields and members of records: each is known, and the list behind it exists.

use super::{Annexes, annexes::called};
use crate::{
    case::CONDITIONS,
    memorandum::{Fault, fault::did_you_mean, sheet::Node},
};

/// Types that may stand in one place.
struct Grammar {
    /// Types without a list behind them.
    plain: &'static [&'static str],
    /// Words before the colon and a table or a list of words.
    listed: &'static [&'static str],
}

/// Slots and engine facts (Annex 3).
const SLOT: Grammar = Grammar {
    plain: &[
        "act_ref",
        "article",
        "attachment",
        "bool",
        "cells",
        "date",
        "facts",
        "identifier",
        "instant",
        "number",
        "parts",
        "period",
        "questions",
        "record",
        "signature",
        "signatures",
        "text",
        "version",
    ],
    listed: &["country_or", "id", "ids", "scope"],
};

/// Fields of a fact (Annex 6).
const FIELD: Grammar = Grammar {
    plain: &[
        "attachment",
        "country",
        "date",
        "identifier",
        "instant",
        "measure",
        "name",
        "partial_date",
        "place",
    ],
    listed: &["code"],
};

/// Members and items of a record: those of slots and of fields.
const MEMBER: Grammar = Grammar {
    plain: &[
        "attachment",
        "bool",
        "country",
        "date",
        "identifier",
        "instant",
        "measure",
        "name",
        "number",
        "partial_date",
        "place",
        "record",
        "signature",
        "signatures",
        "text",
    ],
    listed: &["code", "country_or", "id", "ids"],
};

/// The faults of all types that do not exist, and of conditions of clocks that nothing states.
pub(super) fn check(annexes: &Annexes) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (table, grammar) in [("slot", &SLOT), ("engine_fact", &SLOT), ("field", &FIELD)] {
        for row in annexes.rows(table) {
            let whose = called(table, row);
            faults.extend(
                row.get("type")
                    .and_then(|node| mistyped(annexes, &whose, node, grammar)),
            );
            faults.extend(
                row.get("each")
                    .and_then(|node| mistyped(annexes, &whose, node, &MEMBER)),
            );
            let members = row.get("holds").map(|holds| {
                holds
                    .keys()
                    .into_iter()
                    .filter_map(move |(key, _)| holds.get(key))
            });
            faults.extend(
                members
                    .into_iter()
                    .flatten()
                    .filter_map(|node| mistyped(annexes, &whose, node, &MEMBER)),
            );
        }
    }
    faults.extend(
        annexes
            .rows("clock")
            .into_iter()
            .flat_map(|row| unstated(annexes, row)),
    );
    faults
}

/// A type that does not exist, or whose list does not.
fn mistyped(annexes: &Annexes, whose: &str, node: Node, grammar: &Grammar) -> Option<Fault> {
    let kind = node.text()?;
    match kind.split_once(':') {
        Some((word, list)) if grammar.listed.contains(&word) => annexes
            .ids(list)
            .is_none()
            .then(|| node.fault(format!("{whose}: no table or list of words “{list}”"))),
        None if grammar.plain.contains(&kind) => None,
        _ => {
            let near = did_you_mean(kind, grammar.plain.iter().copied());
            let remedy = near.unwrap_or_else(|| format!("known are {}", grammar.plain.join(", ")));
            Some(
                node.fault(format!("{whose}: unknown type “{kind}”"))
                    .with_remedy(remedy),
            )
        }
    }
}

/// Keys of `when` that are neither a slot nor an engine fact nor a condition of the engine, and words that fill no such slot.
fn unstated(annexes: &Annexes, clock: Node) -> Vec<Fault> {
    let Some(when) = clock.get("when") else {
        return Vec::new();
    };
    let whose = called("clock", clock);
    let mut faults = Vec::new();
    for (key, node) in when
        .keys()
        .into_iter()
        .filter_map(|(key, _)| Some((key, when.get(key)?)))
    {
        if CONDITIONS.contains(&key) {
            continue;
        }
        let Some(kind) = kind_of(annexes, key) else {
            let known = annexes
                .ids("slot")
                .unwrap_or_default()
                .iter()
                .copied()
                .chain(CONDITIONS);
            let mut fault = node.fault(format!("{whose}: “{key}” is no slot, fact or condition"));
            fault.remedy = did_you_mean(key, known);
            faults.push(fault);
            continue;
        };
        let list = kind.split_once(':').map_or("", |(_, list)| list);
        faults.extend(
            node.texts()
                .into_iter()
                .filter_map(|(node, word)| annexes.dangling(&whose, node, list, word)),
        );
    }
    faults
}

/// The type of a slot or an engine fact.
fn kind_of<'s>(annexes: &Annexes<'s, '_>, id: &str) -> Option<&'s str> {
    let rows = ["slot", "engine_fact"]
        .into_iter()
        .flat_map(|table| annexes.rows(table));
    let mut rows = rows.filter(|row| row.get("id").and_then(Node::text) == Some(id));
    rows.next()?.get("type")?.text()
}
