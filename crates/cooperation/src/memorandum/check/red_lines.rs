//! Facts of the engine and categories of data: every red line is a declaration that travels, every open category has fields.

use std::collections::BTreeSet;

use super::Annexes;
use crate::memorandum::{Fault, Memorandum};

/// The faults of engine facts and categories.
pub(super) fn check(memorandum: &Memorandum, annexes: &Annexes) -> Vec<Fault> {
    let mut faults = declarations(memorandum, annexes);
    faults.extend(known_to(memorandum, annexes));
    faults.extend(categories(memorandum, annexes));
    faults
}

/// Red-line facts, and only they, are declared on the wire and refuse when absent (23.4).
fn declarations(memorandum: &Memorandum, annexes: &Annexes) -> Vec<Fault> {
    let red: BTreeSet<&String> = memorandum
        .limits
        .iter()
        .flat_map(|limit| &limit.tests)
        .collect();
    let mut faults = Vec::new();
    for fact in memorandum.engine_facts.iter() {
        let fault = |key: &str, what: &str| annexes.fault("engine_fact", &fact.id, key, what);
        let refuses = fact.absent == "refuse";
        if !red.contains(&fact.id) {
            faults.extend(refuses.then(|| {
                fault(
                    "absent",
                    "refuses when absent, but no absolute limit tests it",
                )
            }));
            continue;
        }
        faults.extend((!refuses).then(|| {
            fault(
                "absent",
                "tests an absolute limit, so its absence must refuse",
            )
        }));
        faults.extend((!fact.declared).then(|| {
            fault(
                "declared",
                "tests an absolute limit, so it must be declared",
            )
        }));
        faults.extend((fact.known_to != ["wire"]).then(|| {
            fault(
                "known_to",
                "tests an absolute limit, so it must travel on the wire",
            )
        }));
    }
    faults
}

/// A fact travels, or is held by nodes; never both.
fn known_to(memorandum: &Memorandum, annexes: &Annexes) -> Vec<Fault> {
    let wire = |known_to: &[String]| known_to.iter().any(|who| who == "wire");
    memorandum
        .engine_facts
        .iter()
        .filter(|fact| fact.known_to.is_empty() || wire(&fact.known_to) && fact.known_to.len() > 1)
        .map(|fact| {
            annexes.fault(
                "engine_fact",
                &fact.id,
                "known_to",
                "known_to is the wire alone, or the nodes that hold it",
            )
        })
        .collect()
}

/// Open categories have fields, closed ones have none (21.1).
fn categories(memorandum: &Memorandum, annexes: &Annexes) -> Vec<Fault> {
    let mut faults = Vec::new();
    for category in memorandum.categories.iter() {
        let fields = memorandum.fields.contains_key(&category.id);
        match (category.class.as_str(), fields) {
            ("closed", true) => faults.push(annexes.fault(
                "data_category",
                &category.id,
                "class",
                "a closed category has no field",
            )),
            ("closed", false) | (_, true) => {}
            _ => faults.push(annexes.fault(
                "data_category",
                &category.id,
                "class",
                "an open category has fields",
            )),
        }
    }
    faults
}
