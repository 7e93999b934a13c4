//! The house holds: who may import whom, how files are named, what no source may hold.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// Who may import whom, as the architecture page says.
const MAY_IMPORT: [(&str, &[&str]); 5] = [
    ("seal", &[]),
    ("ledger", &[]),
    ("cooperation", &["seal", "ledger"]),
    ("store", &["cooperation", "ledger"]),
    ("node", &["seal", "ledger", "cooperation", "store"]),
];

/// What `cooperation` must never be able to reach: async, SQL, HTTP, chance.
const IMPURE: [&str; 8] = [
    "tokio",
    "rusqlite",
    "hyper",
    "axum",
    "rustls",
    "rand",
    "getrandom",
    "reqwest",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn dependencies(crate_name: &str) -> BTreeSet<String> {
    let path = root().join("crates").join(crate_name).join("Cargo.toml");
    let manifest: toml::Table = toml::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    manifest["dependencies"]
        .as_table()
        .unwrap()
        .keys()
        .cloned()
        .collect()
}

fn sources() -> Vec<PathBuf> {
    let mut found = Vec::new();
    for (crate_name, _) in MAY_IMPORT {
        walk(
            &root().join("crates").join(crate_name).join("src"),
            &mut found,
        );
    }
    found.retain(|path| path.extension().is_some_and(|ending| ending == "rs"));
    found
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, found)
        } else {
            found.push(path)
        }
    }
}

#[test]
fn every_crate_imports_only_what_stands_below_it() {
    for (crate_name, allowed) in MAY_IMPORT {
        let allowed: BTreeSet<String> = allowed
            .iter()
            .map(|name| format!("entente-{name}"))
            .collect();
        let ours: BTreeSet<String> = dependencies(crate_name)
            .into_iter()
            .filter(|name| name.starts_with("entente"))
            .collect();
        assert!(
            ours.is_subset(&allowed),
            "{crate_name} imports {ours:?}, may import {allowed:?}"
        );
    }
}

#[test]
fn the_rules_cannot_reach_the_world() {
    let reached: Vec<String> = dependencies("cooperation")
        .into_iter()
        .filter(|name| IMPURE.contains(&name.as_str()))
        .collect();
    assert!(reached.is_empty(), "cooperation depends on {reached:?}");
}

#[test]
fn one_manifest_holds_the_database_driver() {
    let holders: Vec<&str> = MAY_IMPORT
        .iter()
        .map(|(name, _)| *name)
        .filter(|name| dependencies(name).contains("rusqlite"))
        .collect();
    assert_eq!(holders, ["store"]);
}

#[test]
fn every_dependency_is_pinned_under_the_need_it_serves() {
    let text = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let table = text
        .split("[workspace.dependencies]")
        .nth(1)
        .unwrap()
        .split("\n[")
        .next()
        .unwrap();
    for paragraph in table
        .split("\n\n")
        .skip(1)
        .filter(|paragraph| !paragraph.trim().is_empty())
    {
        assert!(
            paragraph.trim_start().starts_with('#'),
            "no need is named for:\n{paragraph}"
        );
    }
    let whole: toml::Table = toml::from_str(&text).unwrap();
    let lines = whole["workspace"]["dependencies"].as_table().unwrap();
    for (name, line) in lines
        .iter()
        .filter(|(name, _)| !name.starts_with("entente-"))
    {
        let version = line
            .as_str()
            .or_else(|| line.get("version").and_then(toml::Value::as_str));
        assert!(
            version.is_some_and(|version| version.starts_with('=')),
            "{name} is not pinned"
        );
    }
}

#[test]
fn every_module_says_its_one_idea_first() {
    for path in sources() {
        let text = fs::read_to_string(&path).unwrap();
        assert!(
            text.starts_with("//! "),
            "{}: the first line says no idea",
            path.display()
        );
    }
}

#[test]
fn no_file_is_named_for_nothing() {
    let empty = [
        "util", "utils", "common", "helpers", "helper", "types", "manager", "misc",
    ];
    for path in sources() {
        let name = path.file_stem().unwrap().to_str().unwrap();
        assert!(
            !empty.contains(&name),
            "{}: name it for a noun of the domain",
            path.display()
        );
    }
}

#[test]
fn nothing_is_left_undone_in_the_sources() {
    // Written in two halves, so that this file does not hold what it looks for.
    let words = [
        ["TO", "DO"],
        ["FIX", "ME"],
        ["todo", "!("],
        ["unimplemented", "!("],
        ["allow(dead", "_code)"],
    ];
    let words: Vec<String> = words.iter().map(|halves| halves.concat()).collect();
    let mut left: BTreeMap<PathBuf, Vec<usize>> = BTreeMap::new();
    for path in sources() {
        let text = fs::read_to_string(&path).unwrap();
        let lines = text
            .lines()
            .enumerate()
            .filter(|(_, line)| words.iter().any(|word| line.contains(word.as_str())));
        let lines: Vec<usize> = lines.map(|(number, _)| number + 1).collect();
        if !lines.is_empty() {
            left.insert(path, lines);
        }
    }
    assert!(left.is_empty(), "{left:#?}");
}

/// The functions under a test attribute in a source file.
fn tests_of(text: &str) -> BTreeSet<String> {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let attributed = |at: usize| {
        lines[..at]
            .iter()
            .rev()
            .take_while(|line| line.starts_with("#[") || line.starts_with("//"))
            .any(|line| line.starts_with("#[test]") || line.starts_with("#[tokio::test"))
    };
    (0..lines.len())
        .filter(|&at| attributed(at))
        .filter_map(|at| lines[at].split("fn ").nth(1))
        .map(|rest| rest.split(['(', '<']).next().unwrap().to_owned())
        .chain(tests_of_properties(&lines))
        .collect()
}

/// Property tests: their attribute stands within a macro, with settings between.
fn tests_of_properties(lines: &[&str]) -> Vec<String> {
    lines
        .iter()
        .filter_map(|line| line.strip_prefix("fn "))
        .map(|rest| rest.split(['(', '<']).next().unwrap().to_owned())
        .filter(|_| lines.iter().any(|line| line.starts_with("proptest!")))
        .collect()
}

#[test]
fn every_safeguard_names_what_shows_it() {
    let mut files = Vec::new();
    walk(&root().join("crates"), &mut files);
    let tests: BTreeSet<String> = files
        .iter()
        .filter(|path| path.extension().is_some_and(|ending| ending == "rs"))
        .flat_map(|path| tests_of(&fs::read_to_string(path).unwrap()))
        .collect();
    let cases: BTreeSet<String> = fs::read_dir(root().join("memorandum/cases"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .map(|name| name.chars().take(2).collect())
        .collect();
    let page = fs::read_to_string(root().join("docs/SAFEGUARDS.md")).unwrap();
    let rows: Vec<Vec<&str>> = page
        .lines()
        .filter(|line| line.starts_with("| ") && !line.ends_with("| shown by |"))
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
        .collect();
    assert!(rows.len() > 20, "the tables have moved");
    for row in rows {
        let shown = row[2];
        let named: Vec<&str> = shown.split('`').skip(1).step_by(2).collect();
        let numbers: Vec<&str> = shown
            .split(|letter: char| !letter.is_ascii_digit())
            .filter(|word| word.len() == 2)
            .collect();
        assert!(
            !named.is_empty() || !numbers.is_empty(),
            "{}: shown by nothing",
            row[0]
        );
        for name in named {
            assert!(tests.contains(name), "{}: no test is called {name}", row[0]);
        }
        for number in numbers.iter().filter(|_| shown.starts_with("case")) {
            assert!(cases.contains(*number), "{}: no case {number}", row[0]);
        }
    }
}
