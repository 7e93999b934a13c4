//! The text and the machine agree on time: every period of a clock is said in words in its paragraph, in every language.

use super::{Annexes, annexes::called};
use crate::memorandum::{Fault, Memorandum, PeriodWords, sheet::Node};

/// Table, key that holds a period, and whether another paragraph of the same article may say it.
const PERIODS: [(&str, &str, bool); 3] = [
    ("version_rule", "received_within", false),
    ("clock", "period", false),
    ("clock", "extension", true),
];

/// The faults of periods that the text does not say.
pub(super) fn check(memorandum: &Memorandum, annexes: &Annexes) -> Vec<Fault> {
    let rows = PERIODS.iter().flat_map(|(table, key, widely)| {
        annexes
            .rows(table)
            .into_iter()
            .map(move |row| (*table, row, *key, *widely))
    });
    rows.flat_map(|(table, row, key, widely)| {
        let paragraph = row.get("article").and_then(Node::text).unwrap_or_default();
        let within = if widely {
            article_of(paragraph)
        } else {
            paragraph
        };
        row.get(key)
            .map(|node| unsaid(memorandum, &called(table, row), node, within))
    })
    .flatten()
    .collect()
}

fn unsaid(memorandum: &Memorandum, whose: &str, node: Node, within: &str) -> Vec<Fault> {
    let id = node.text().unwrap_or_default();
    let Some(period) = memorandum.periods.get(id) else {
        let fault = node.fault(format!("{whose}: no words known for {id}"));
        return vec![fault.with_remedy("add a row [[period]]")];
    };
    let texts = memorandum
        .languages()
        .filter_map(|language| Some((language, memorandum.texts.get(language)?)));
    let silent = texts.filter(|(language, text)| {
        let passages = text.passages(within);
        !passages
            .iter()
            .any(|passage| says(period, language, &passage.text))
    });
    silent
        .map(|(language, _)| {
            node.fault(format!(
                "{whose}: {id} is not said in {within} of the {language} text"
            ))
        })
        .collect()
}

/// The article of a paragraph: `10` of `10.3`.
fn article_of(paragraph: &str) -> &str {
    paragraph.split('.').next().unwrap_or_default()
}

/// Whether a passage says the period in one of its ways, whatever the case.
fn says(period: &PeriodWords, language: &str, passage: &str) -> bool {
    let passage = passage.to_lowercase();
    let ways = period.said.get(language).into_iter().flatten();
    ways.map(|way| way.to_lowercase())
        .any(|way| passage.contains(&way))
}
