//! The worked cases of the model memorandum: effects and instants, apart from who decides.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
};

use entente_cooperation::{
    case::worked::{Difference, Hearing, run},
    judgement::{Decision, Judgement, Paragraph, Reason},
    memorandum::Memorandum,
};

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../memorandum"))
}

fn memorandum() -> Memorandum {
    Memorandum::read(&folder()).unwrap_or_else(|faults| panic!("{faults:#?}"))
}

fn cases() -> BTreeMap<String, String> {
    let entries = fs::read_dir(folder().join("cases")).expect("the folder of cases");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let tomls = paths.filter(|path| path.extension().is_some_and(|ext| ext == "toml"));
    tomls
        .map(|path| {
            let name = path
                .file_name()
                .expect("a name")
                .to_string_lossy()
                .into_owned();
            (name, fs::read_to_string(&path).expect("a readable case"))
        })
        .collect()
}

/// A judge who says what the case says, so that a run compares effects alone.
fn as_stated(text: &str) -> impl Fn(Hearing<'_>) -> Option<Judgement> + use<> {
    let case: toml::Table = text.parse().expect("a case");
    let mut stated = BTreeMap::new();
    for step in case["step"].as_array().expect("steps") {
        let expect = step["expect"].as_table().expect("expectations");
        let text = |key: &str| expect.get(key).and_then(|v| v.as_str()).map(str::to_owned);
        let texts = |key: &str| -> Vec<String> {
            let items = expect
                .get(key)
                .and_then(|v| v.as_array())
                .into_iter()
                .flatten();
            items
                .map(|v| v.as_str().expect("a text").to_owned())
                .collect()
        };
        let decision = match text("decision").as_deref() {
            Some("permit") => Decision::Permit,
            Some("refuse") => Decision::Refuse,
            Some("clarify") => Decision::Clarify,
            _ => continue,
        };
        let reason = text("ground")
            .map(Reason::Ground)
            .or(text("impediment").map(Reason::Impediment))
            .or(text("limit").map(Reason::Limit));
        let judgement = Judgement {
            decision,
            paragraphs: texts("articles").into_iter().map(Paragraph).collect(),
            reason: reason.filter(|_| decision != Decision::Permit),
            hint: text("hint"),
            missing: texts("missing"),
            facts: Vec::new(),
            because: Vec::new(),
            derived: Vec::new(),
            broken: Vec::new(),
        };
        stated.insert(step["n"].as_integer().expect("a number"), judgement);
    }
    move |hearing| stated.get(&hearing.step).cloned()
}

/// Every identifier that a column of the expectations or of their effects holds in any case.
fn stated(column: &str, refused_only: bool) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for text in cases().into_values() {
        let case: toml::Table = text.parse().expect("a case");
        for step in case["step"].as_array().expect("steps") {
            let expect = &step["expect"];
            let permitted = expect.get("decision").and_then(|d| d.as_str()) == Some("permit");
            let effects = expect.get("effect").and_then(|effects| effects.as_array());
            let places = effects.into_iter().flatten().chain([expect]);
            let words = places.filter_map(|place| place.get(column)?.as_str());
            found.extend(
                words
                    .filter(|_| !refused_only || !permitted)
                    .map(str::to_owned),
            );
        }
    }
    found
}

fn missing<'i>(ids: impl Iterator<Item = &'i String>, stated: &BTreeSet<String>) -> Vec<&'i str> {
    ids.filter(|id| !stated.contains(*id))
        .map(String::as_str)
        .collect()
}

#[test]
fn every_clock_effect_mark_ground_limit_and_impediment_has_a_case() {
    let memorandum = memorandum();
    let none: Vec<&str> = Vec::new();
    let clocks = memorandum.clocks.iter().map(|clock| &clock.id);
    assert_eq!(missing(clocks, &stated("clock", false)), none, "clocks");
    let effects = memorandum.effects.iter().map(|effect| &effect.id);
    assert_eq!(missing(effects, &stated("id", false)), none, "effects");
    let marks = memorandum.marks.iter().map(|mark| &mark.id);
    assert_eq!(missing(marks, &stated("mark", false)), none, "marks");
    let grounds = memorandum.grounds.iter().map(|ground| &ground.id);
    assert_eq!(missing(grounds, &stated("ground", false)), none, "grounds");
    let limits = memorandum.limits.iter().map(|limit| &limit.id);
    assert_eq!(missing(limits, &stated("limit", true)), none, "limits");
    let impediments = memorandum
        .impediments
        .iter()
        .map(|impediment| &impediment.id);
    assert_eq!(
        missing(impediments, &stated("impediment", true)),
        none,
        "impediments"
    );
}

#[test]
fn everything_that_a_clock_can_do_when_it_runs_out_has_a_case() {
    let memorandum = memorandum();
    let mut done = BTreeSet::new();
    for text in cases().into_values() {
        let case: toml::Table = text.parse().expect("a case");
        for step in case["step"].as_array().expect("steps") {
            let clock = step.get("clock").and_then(|clock| clock.as_str());
            done.extend(
                clock
                    .and_then(|clock| memorandum.clocks.get(clock))
                    .map(|row| row.on_expiry),
            );
        }
    }
    for row in memorandum.clocks.iter() {
        assert!(
            done.contains(&row.on_expiry),
            "{:?} of {} runs out in no case",
            row.on_expiry,
            row.id
        );
    }
}

fn print(differences: &[Difference]) -> String {
    let lines: Vec<String> = differences.iter().map(Difference::to_string).collect();
    lines.join("\n")
}

#[test]
fn every_case_sets_going_what_it_states() {
    let memorandum = memorandum();
    let mut differences = Vec::new();
    for (name, text) in cases() {
        differences.extend(run(&memorandum, &as_stated(&text), &name, &text));
    }
    assert!(differences.is_empty(), "{}", print(&differences));
}

#[test]
fn a_case_with_an_unknown_key_says_where() {
    let text = "[[step]]\nn = 1\nat = 2026-03-18T10:00:00Z\nnode = \"sender\"\nevent = \"use\"\nnodde = 1\n[step.expect]\narticles = []\n";
    let differences = run(&memorandum(), &|_| None, "99.toml", text);
    assert_eq!(
        print(&differences).lines().count(),
        1,
        "{}",
        print(&differences)
    );
    assert!(
        print(&differences).starts_with("99.toml:6: the file:"),
        "{}",
        print(&differences)
    );
    assert!(print(&differences).ends_with("found unknown key “nodde”"));
}

#[test]
fn a_step_that_differs_is_printed_with_expected_and_found() {
    let (name, text) = cases().pop_first().expect("a first case");
    let late = text.replace(
        "due = 2026-03-26T00:00:00+01:00",
        "due = 2026-03-27T00:00:00+01:00",
    );
    assert_ne!(late, text);
    let differences = run(&memorandum(), &as_stated(&late), &name, &late);
    assert_eq!(differences.len(), 1, "{}", print(&differences));
    assert_eq!(differences[0].step, Some(1));
    assert!(
        differences[0]
            .expected
            .contains("due = 2026-03-27T00:00:00+01:00")
    );
    assert!(
        differences[0].found.contains("due = 2026-03-25T23:00:00Z"),
        "{}",
        differences[0].found
    );
}
