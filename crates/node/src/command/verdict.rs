//! A judgement as the officer at the terminal reads it, in the officer's language.

use serde_json::Value;

use super::{show::printable, words::Words};

/// The lines of a judgement: decision, articles, why, each fact, what was used, what is missing.
pub fn lines(verdict: &Value, words: &Words) -> String {
    let mut lines = vec![decision(verdict, words)];
    let articles: Vec<String> = items(&verdict["articles"]).map(printable).collect();
    if !articles.is_empty() {
        lines.push(format!("{}: {}", words.say("article"), articles.join(", ")));
    }
    if !verdict["refusal"].is_null() {
        let refusal = &verdict["refusal"];
        lines.push(format!(
            "{}: {} ({})",
            words.say("because"),
            printable(&refusal["label"]),
            printable(&refusal["id"])
        ));
    }
    lines.extend(items(&verdict["because"]).map(|sentence| format!("  {}", printable(sentence))));
    if verdict["refusal"]["kind"] == "limit" {
        lines.push(format!("  {}", words.say("no-way-out")));
    }
    named(&mut lines, words.say("missing"), items(&verdict["missing"]));
    named(
        &mut lines,
        words.say("look-at"),
        std::iter::once(&verdict["look_at"]).filter(|at| !at.is_null()),
    );
    let would_do = &verdict["would_do"];
    named(
        &mut lines,
        words.say("organs-would-do"),
        items(&would_do["organs"]),
    );
    named(
        &mut lines,
        words.say("areas-would-do"),
        items(&would_do["areas"]),
    );
    facts(&mut lines, verdict, words);
    let derived: Vec<&Value> = items(&verdict["derived"]).collect();
    if !derived.is_empty() {
        lines.push(format!("{}:", words.say("facts-used")));
        lines.extend(derived.iter().map(|fact| {
            format!(
                "  {} = {} ({})",
                printable(&fact["name"]),
                printable(&fact["value"]),
                printable(&fact["article"])
            )
        }));
    }
    lines.extend(
        items(&verdict["not_evaluated"])
            .map(|rule| format!("not evaluated, so refused: {}", printable(rule))),
    );
    lines.join("\n")
}

fn decision(verdict: &Value, words: &Words) -> String {
    match verdict["decision"].as_str() {
        Some("permit") => words.say("may-cross"),
        Some("clarify") => words.say("clarify"),
        _ => words.say("may-not-cross"),
    }
}

fn named<'v>(lines: &mut Vec<String>, title: String, found: impl Iterator<Item = &'v Value>) {
    let found: Vec<String> = found
        .map(|item| format!("{} ({})", printable(&item["label"]), printable(&item["id"])))
        .collect();
    if !found.is_empty() {
        lines.push(format!("{title}: {}", found.join(", ")));
    }
}

/// “1 of 3 facts may not cross”, then the facts: those with one verdict together, sentences that were said once not again.
fn facts(lines: &mut Vec<String>, verdict: &Value, words: &Words) {
    let facts: Vec<&Value> = items(&verdict["facts"]).collect();
    if facts.is_empty() {
        return;
    }
    let stopped = facts.iter().filter(|fact| fact["crosses"] == false).count();
    if stopped > 0 {
        let places = [
            ("stopped", &*stopped.to_string()),
            ("total", &*facts.len().to_string()),
        ];
        lines.push(words.with("facts-stopped", &places));
    }
    for alike in together(&facts) {
        lines.push(facts_line(&alike, words));
        let said: Vec<String> = items(&verdict["because"]).map(printable).collect();
        let new = items(&alike[0]["because"])
            .map(printable)
            .filter(|sentence| !said.contains(sentence));
        lines.extend(new.map(|sentence| format!("      {sentence}")));
    }
}

/// Facts in their order, those with the same verdict together.
fn together<'v>(facts: &[&'v Value]) -> Vec<Vec<&'v Value>> {
    let same = |one: &Value, other: &Value| {
        ["crosses", "articles", "refusal", "because"]
            .iter()
            .all(|member| one[member] == other[member])
    };
    let mut groups: Vec<Vec<&Value>> = Vec::new();
    for fact in facts {
        match groups.iter_mut().find(|group| same(group[0], fact)) {
            Some(group) => group.push(fact),
            None => groups.push(vec![fact]),
        }
    }
    groups
}

fn facts_line(alike: &[&Value], words: &Words) -> String {
    let name = |fact: &&Value| {
        format!(
            "{} {}",
            printable(&fact["id"]),
            printable(&fact["category_label"])
        )
        .trim_end()
        .to_owned()
    };
    let names: Vec<String> = alike.iter().map(name).collect();
    let names = format!("  {}", names.join(", "));
    if alike[0]["crosses"] == true {
        return format!("{names}: {}", words.say("fact-crosses"));
    }
    let articles: Vec<String> = items(&alike[0]["articles"]).map(printable).collect();
    format!(
        "{names}: {} ({})",
        printable(&alike[0]["refusal"]["label"]),
        articles.join(", ")
    )
}

fn items(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_fact_has_its_own_verdict_and_the_count_stands_first() {
        let verdict = json!({
            "decision": "refuse", "articles": ["21.1"],
            "refusal": { "kind": "ground", "id": "closed", "label": "Closed category" },
            "because": [], "missing": [], "look_at": null, "derived": [], "not_evaluated": [],
            "facts": [
                { "id": "f1", "category_label": "Vehicles", "crosses": true, "because": [] },
                { "id": "f2", "category_label": "Genetic data", "crosses": false, "articles": ["21.5"],
                  "refusal": { "label": "Closed category" }, "because": ["No act has a slot for it."] },
            ],
        });
        assert_eq!(
            lines(&verdict, &Words::of("en")),
            "May not cross.\nArticle: 21.1\nBecause: Closed category (closed)\n1 of 2 facts may not cross\n  \
             f1 Vehicles: may cross\n  f2 Genetic data: Closed category (21.5)\n      No act has a slot for it."
        );
    }
}
