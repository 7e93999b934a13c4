//! The texts and the annexes say the same: same articles in every language, and every paragraph that a row rests on exists.

use std::collections::{BTreeMap, BTreeSet};

use super::{Annexes, annexes::called};
use crate::memorandum::{ArticleText, Fault, Memorandum, Text, sheet::Node};

/// From this many lettered points on, the texts must agree on their number; fewer may be references such as `1.1.a)`.
const LISTS_FROM: usize = 3;

/// The faults between texts, and between texts and annexes.
pub(super) fn check(memorandum: &Memorandum, annexes: &Annexes) -> Vec<Fault> {
    let Some((first, text)) = memorandum.authentic_text() else {
        return vec![annexes.fault_at(
            "memorandum",
            "authentic",
            "no text in an authentic language",
        )];
    };
    let mut faults = resting(text, annexes);
    for (language, other) in &memorandum.texts {
        let file = memorandum.text_file(language);
        faults.extend(differing(first, text, &file, other));
        if memorandum.languages().any(|known| known == language) {
            faults.extend(titles(memorandum, annexes, language, other));
        }
    }
    faults.extend(chapters(memorandum, annexes));
    faults.extend(letters(text, annexes));
    faults
}

/// Rows that rest on an article or a paragraph that does not exist.
fn resting(text: &Text, annexes: &Annexes) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (table, row) in annexes.all_rows() {
        let Some(node) = row.get("article") else {
            continue;
        };
        match node.text() {
            Some(number) if text.has(number) => {}
            Some(number) => {
                faults.push(node.fault(format!("{}: no article {number}", called(table, row))))
            }
            None => faults.push(node.fault(format!(
                "{}: write the article as text, between quotes",
                called(table, row)
            ))),
        }
    }
    faults
}

/// What a text has otherwise than the first authentic one.
fn differing(first: &str, text: &Text, file: &str, other: &Text) -> Vec<Fault> {
    let mut faults = Vec::new();
    if text.chapters.len() != other.chapters.len() || text.articles.len() != other.articles.len() {
        let count = |text: &Text| {
            format!(
                "{} chapters and {} articles",
                text.chapters.len(),
                text.articles.len()
            )
        };
        faults.push(Fault::new(
            file,
            0,
            format!("{}, but {} in “{first}”", count(other), count(text)),
        ));
    }
    for (number, article) in &text.articles {
        let Some(same) = other.articles.get(number) else {
            continue;
        };
        faults.extend(differing_article(first, *number, article, file, same));
    }
    faults
}

fn differing_article(
    first: &str,
    number: u32,
    article: &ArticleText,
    file: &str,
    other: &ArticleText,
) -> Vec<Fault> {
    let (count, same) = (article.paragraphs.len(), other.paragraphs.len());
    if count != same {
        return vec![Fault::new(
            file,
            other.line,
            format!("article {number}: {same} paragraphs, but {count} in “{first}”"),
        )];
    }
    let pairs = (1..).zip(article.paragraphs.iter().zip(&other.paragraphs));
    pairs
        .filter_map(|(paragraph, (one, two))| {
            let (points, same) = (one.points(), two.points());
            let differ = points != same && points.max(same) >= LISTS_FROM;
            let what = || {
                format!("article {number}.{paragraph}: {same} points, but {points} in “{first}”")
            };
            differ.then(|| Fault::new(file, two.line, what()))
        })
        .collect()
}

/// Titles in the annex that are not those of the text.
fn titles(memorandum: &Memorandum, annexes: &Annexes, language: &str, text: &Text) -> Vec<Fault> {
    let mut faults = Vec::new();
    for article in memorandum.articles.iter() {
        let what = match text.articles.get(&article.number) {
            Some(text) if Some(&text.title) == article.label.get(language) => continue,
            Some(text) => format!("the {language} text has the title “{}”", text.title),
            None => format!("the {language} text has no article {}", article.number),
        };
        faults.push(annexes.fault("article", &article.id, "label", what));
    }
    for (chapter, heading) in memorandum.chapters.iter().zip(&text.chapters) {
        if Some(&heading.title) != chapter.label.get(language) {
            faults.push(annexes.fault(
                "chapter",
                &chapter.id,
                "label",
                format!("the {language} text has the title “{}”", heading.title),
            ));
        }
        let range: Vec<u32> = (chapter.articles[0]..=chapter.articles[1]).collect();
        if heading.articles != range {
            faults.push(annexes.fault(
                "chapter",
                &chapter.id,
                "articles",
                format!(
                    "the {language} text has the articles {:?}",
                    heading.articles
                ),
            ));
        }
    }
    faults
}

/// Articles that stand in no chapter or in two, and articles of the text that no row names.
fn chapters(memorandum: &Memorandum, annexes: &Annexes) -> Vec<Fault> {
    let within = |number: u32| {
        let holds = |chapter: &&crate::memorandum::Chapter| {
            (chapter.articles[0]..=chapter.articles[1]).contains(&number)
        };
        memorandum.chapters.iter().filter(holds).count()
    };
    let mut faults: Vec<Fault> = memorandum
        .articles
        .iter()
        .filter(|article| within(article.number) != 1)
        .map(|article| {
            annexes.fault(
                "article",
                &article.id,
                "number",
                format!("stands in {} chapters", within(article.number)),
            )
        })
        .collect();
    let named: BTreeSet<u32> = memorandum
        .articles
        .iter()
        .map(|article| article.number)
        .collect();
    let text = memorandum
        .authentic_text()
        .map(|(_, text)| text.articles.keys().copied().collect::<Vec<_>>());
    for number in text
        .unwrap_or_default()
        .iter()
        .filter(|number| !named.contains(number))
    {
        faults.push(annexes.fault_at("article", "", format!("no row for article {number}")));
    }
    faults
}

/// Tables whose rows stand for the lettered points of a paragraph: all points are there, and no other.
fn letters(text: &Text, annexes: &Annexes) -> Vec<Fault> {
    let mut rows: BTreeMap<(&str, &str), Vec<(Node, &str)>> = BTreeMap::new();
    for (table, row) in annexes.all_rows() {
        let of = |key: &str| Some((row.get(key)?, row.get(key)?.text()?));
        if let (Some((node, letter)), Some((_, article))) = (of("letter"), of("article")) {
            rows.entry((table, article))
                .or_default()
                .push((node, letter));
        }
    }
    let mut faults = Vec::new();
    for ((table, article), letters) in rows {
        let points = text
            .paragraph(article)
            .map_or(0, |passage| passage.points());
        let all: Vec<String> = ('a'..='z').take(points).map(String::from).collect();
        let beyond = letters
            .iter()
            .filter(|(_, letter)| !all.iter().any(|point| point == letter));
        faults.extend(beyond.map(|(node, letter)| {
            node.fault(format!(
                "{table}: article {article} has no point ({letter})"
            ))
        }));
        let Some((first, _)) = letters.first() else {
            continue;
        };
        let lacking = all
            .iter()
            .filter(|point| !letters.iter().any(|(_, letter)| letter == point));
        faults.extend(lacking.map(|point| {
            first.fault(format!(
                "{table}: no row for point ({point}) of article {article}"
            ))
        }));
    }
    faults
}
