//! Sabotages of the program, each of which the storm must notice: so that what it holds is not held by chance.
//!
//! A sabotage is a file beside this one: what it does, what must notice it, and what it puts in the place of which lines. The
//! sources are copied, changed, built and run apart; the program itself knows nothing of all this (decision 0160).
//!
//! All of them: `ENTENTE_SABOTAGES=all cargo test -p entente --test sabotage -- --nocapture`. One: `ENTENTE_SABOTAGES=NAME`.

mod copy;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    time::{SystemTime, UNIX_EPOCH},
};

use serde::Deserialize;

use crate::copy::Copy;

/// The storm has so many seeds to notice a sabotage.
const SEEDS: u64 = 500;

/// What is put in the place of what, in one file.
#[derive(Clone, Debug, Deserialize)]
struct Change {
    file: String,
    old: String,
    new: String,
}

/// One sabotage.
#[derive(Clone, Debug, Deserialize)]
struct Sabotage {
    /// What it does, for people.
    what: String,
    /// Words of the invariant that must notice it, or of any of several.
    noticed: Vec<String>,
    change: Vec<Change>,
}

impl Sabotage {
    /// The changed files, by their path from the root. Fails if a passage does not stand exactly once.
    fn applied(&self, root: &Path) -> Result<BTreeMap<String, String>, String> {
        let mut files = BTreeMap::new();
        for change in &self.change {
            let file = &change.file;
            let held = match files.get(file) {
                Some(text) => text,
                None => &fs::read_to_string(root.join(file)).map_err(|e| format!("{file}: {e}"))?,
            };
            let found = held.matches(&change.old).count();
            if found != 1 || change.old == change.new {
                return Err(format!(
                    "{file}: the passage stands {found} times:\n{}",
                    change.old
                ));
            }
            let text = held.replacen(&change.old, &change.new, 1);
            files.insert(file.clone(), text);
        }
        Ok(files)
    }
}

fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.join("../..").canonicalize().unwrap()
}

/// All sabotages, by name.
fn sabotages() -> BTreeMap<String, Sabotage> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sabotage");
    let paths = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let files = paths.filter(|path| path.extension().is_some_and(|end| end == "toml"));
    files
        .map(|path| {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            let read = toml::from_str(&fs::read_to_string(&path).unwrap());
            (
                name.clone(),
                read.unwrap_or_else(|fault| panic!("{name}: {fault}")),
            )
        })
        .collect()
}

#[test]
fn every_sabotage_fits_the_sources_as_they_are() {
    let all = sabotages();
    assert!(all.len() >= 10, "{}", all.len());
    for (name, sabotage) in &all {
        assert!(
            !sabotage.noticed.is_empty() && !sabotage.change.is_empty(),
            "{name}"
        );
        if let Err(fault) = sabotage.applied(&root()) {
            panic!(
                "{name} does not fit the sources any more; mend it, since it shows that the storm sees: {fault}"
            );
        }
    }
}

/// Which sabotages this run tries: those that the environment names, else one, another at every run.
fn chosen() -> BTreeMap<String, Sabotage> {
    let all = sabotages();
    match std::env::var("ENTENTE_SABOTAGES").as_deref() {
        Ok("all") => all,
        Ok(name) => {
            let one = all
                .get(name)
                .unwrap_or_else(|| panic!("no sabotage is called {name}"));
            [(name.to_owned(), one.clone())].into()
        }
        Err(_) => {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
            let which = usize::try_from(now.as_secs()).unwrap() % all.len();
            all.into_iter().skip(which).take(1).collect()
        }
    }
}

#[test]
fn the_storm_notices_every_sabotage_within_five_hundred_seeds() {
    let copy = Copy::of(&root());
    let mut missed = Vec::new();
    for (name, sabotage) in chosen() {
        let changed = sabotage.applied(copy.folder()).unwrap();
        let before = copy.put(&changed);
        let built = storm(&copy, &["--no-run"]);
        assert!(
            built.status.success(),
            "{name} does not build:\n{}",
            said(&built)
        );
        let run = storm(&copy, &["storm", "--", "--nocapture"]);
        copy.put(&before);
        let text = said(&run);
        let seed = text
            .lines()
            .find(|line| line.starts_with("storm: seed ") && line.contains(" fails"));
        let known = sabotage
            .noticed
            .iter()
            .find(|words| text.contains(words.as_str()));
        match (run.status.success(), seed, known) {
            (false, Some(seed), Some(words)) => {
                println!("{name} ({}): {seed}: {words}", sabotage.what)
            }
            _ => missed.push(format!("{name}: {}", last_of(&text))),
        }
    }
    assert!(
        missed.is_empty(),
        "not noticed, or by something else:\n{}",
        missed.join("\n")
    );
}

/// Builds or runs the storm of the copy, with what is built here already.
fn storm(copy: &Copy, arguments: &[&str]) -> Output {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut cargo = Command::new(cargo);
    cargo.args(["test", "--offline", "-p", "entente", "--test", "sim"]);
    if !cfg!(debug_assertions) {
        cargo.arg("--release");
    }
    cargo.args(arguments).current_dir(copy.folder());
    cargo.env("CARGO_TARGET_DIR", copy.built_in());
    cargo
        .env("ENTENTE_SEED", "1")
        .env("ENTENTE_SEEDS", SEEDS.to_string());
    cargo.output().unwrap()
}

fn said(output: &Output) -> String {
    let [out, err] = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
    format!("{out}\n{err}")
}

/// The end of a long text.
fn last_of(text: &str) -> String {
    let lines: Vec<&str> = text.lines().filter(|line| !line.is_empty()).collect();
    lines[lines.len().saturating_sub(30)..].join("\n")
}
