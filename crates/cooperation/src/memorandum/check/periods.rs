//! The text and the machine agree on time: every period of a clock is said in words in its paragraph, in every language.

use super::{Annexes, annexes::called};
use crate::memorandum::{Fault, Memorandum, PeriodWords, sheet::Node};

/// The faults of clocks whose period the text does not say.
pub(super) fn check(memorandum: &Memorandum, annexes: &Annexes) -> Vec<Fault> {
    let clocks = annexes.rows("clock").into_iter();
    clocks
        .flat_map(|clock| {
            let article = clock
                .get("article")
                .and_then(Node::text)
                .unwrap_or_default();
            let mut faults = unsaid(memorandum, clock, "period", article);
            // An extension may be said in another paragraph of the same article.
            faults.extend(unsaid(memorandum, clock, "extension", article_of(article)));
            faults
        })
        .collect()
}

fn unsaid(memorandum: &Memorandum, clock: Node, key: &str, within: &str) -> Vec<Fault> {
    let Some((node, id)) = clock.get(key).and_then(|node| Some((node, node.text()?))) else {
        return Vec::new();
    };
    let whose = called("clock", clock);
    let Some(period) = memorandum.periods.get(id) else {
        let fault = node.fault(format!("{whose}: no words known for {id}"));
        return vec![fault.with_remedy("add a row [[period]]")];
    };
    let silent = memorandum.texts.iter().filter(|(language, text)| {
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
