//! The words people see: there in every language of the memorandum, in its script, and never twice for two things.

use std::collections::BTreeMap;

use super::{Annexes, annexes::called};
use crate::memorandum::{Fault, sheet::Node};

/// The faults of all labels and helps.
pub(super) fn check(annexes: &Annexes) -> Vec<Fault> {
    let languages = languages(annexes);
    let mut faults = Vec::new();
    let mut seen = BTreeMap::new();
    for (table, row) in annexes.all_rows() {
        let whose = called(table, row);
        for words in ["label", "help"].iter().filter_map(|key| row.get(key)) {
            faults.extend(
                languages
                    .iter()
                    .filter_map(|language| missing(words, &whose, language)),
            );
            faults.extend(
                words
                    .keys()
                    .into_iter()
                    .filter_map(|(key, _)| foreign(words, &whose, key, &languages)),
            );
        }
        if table == "slot" && row.get("help").is_none() {
            let what = format!("{whose}: no help: nobody learns what to write in it");
            faults.push(row.fault(what));
        }
        faults.extend(twins(table, row, &whose, &languages, &mut seen));
    }
    faults
}

/// The languages of the memorandum, authentic ones first.
fn languages<'s>(annexes: &Annexes<'s, '_>) -> Vec<&'s str> {
    let head = annexes.get("memorandum");
    let of = |key| {
        head.and_then(|head| head.get(key))
            .map(Node::texts)
            .unwrap_or_default()
    };
    of("authentic")
        .into_iter()
        .chain(of("courtesy"))
        .map(|(_, language)| language)
        .collect()
}

fn missing(words: Node, whose: &str, language: &str) -> Option<Fault> {
    let there = words
        .get(language)
        .and_then(Node::text)
        .is_some_and(|text| !text.trim().is_empty());
    (!there).then(|| words.fault(format!("{whose}: no words in “{language}”")))
}

fn foreign(words: Node, whose: &str, language: &str, languages: &[&str]) -> Option<Fault> {
    let node = words.get(language)?;
    (!languages.contains(&language)).then(|| {
        node.fault(format!(
            "{whose}: “{language}” is no language of the memorandum"
        ))
    })
}

/// Two rows of one table or list that share the words of a language: nobody could tell them apart.
fn twins<'s>(
    table: &'s str,
    row: Node<'s, '_>,
    whose: &str,
    languages: &[&'s str],
    seen: &mut BTreeMap<(&'s str, &'s str, &'s str, &'s str), &'s str>,
) -> Vec<Fault> {
    let list = row
        .get("list")
        .or_else(|| row.get("category"))
        .and_then(Node::text)
        .unwrap_or_default();
    let Some(id) = row.get("id").and_then(Node::text) else {
        return Vec::new();
    };
    let mut faults = Vec::new();
    for language in languages {
        let Some(node) = row.get("label").and_then(|label| label.get(language)) else {
            continue;
        };
        let Some(text) = node.text() else { continue };
        let twin = *seen.entry((table, list, language, text)).or_insert(id);
        if twin != id {
            faults.push(node.fault(format!(
                "{whose}: shares the {language} label “{text}” with {twin}"
            )));
        }
    }
    faults
}
