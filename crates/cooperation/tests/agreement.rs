//! The engine and the oracle in Python agree on every decision and reason of ten thousand random steps.
//!
//! `ENTENTE_SEED` chooses other histories, `ENTENTE_STEPS` how many steps, `ENTENTE_KEEP` a folder in which the cases are kept.

#[allow(
    dead_code,
    reason = "shared by several tests, none of which uses all of it"
)]
mod steps;

use std::{
    cell::RefCell,
    collections::BTreeMap,
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::Command,
};

use entente_cooperation::{
    case::worked::{Hearing, run},
    judgement::{Decision, Judgement, Reason},
    memorandum::{Memorandum, read::files_of},
    policy::Policy,
};

use steps::random::history;

/// Steps in one history.
const LENGTH: usize = 20;

/// What was decided, by file and step: decision and reason in words.
type Decisions = BTreeMap<(String, i64), String>;

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../memorandum"))
}

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name)
        .ok()
        .and_then(|value| value.parse().ok())
        .unwrap_or(otherwise)
}

/// The first Python that has what the oracle needs.
fn python() -> Option<&'static str> {
    ["python3.11", "python3"].into_iter().find(|python| {
        let asked = Command::new(python)
            .args(["-c", "import tomllib, zoneinfo"])
            .output();
        asked.is_ok_and(|output| output.status.success())
    })
}

fn in_words(judgement: &Judgement, at_home: bool) -> String {
    let reason = judgement.reason.as_ref().map_or("", Reason::id);
    let broken = &judgement.broken;
    assert!(broken.is_empty(), "{broken:?}");
    match judgement.decision {
        Decision::Permit if at_home => "none ".to_owned(),
        Decision::Permit => "permit ".to_owned(),
        Decision::Clarify => "clarify ".to_owned(),
        Decision::Refuse => format!("refuse {reason}"),
        Decision::Broken => "broken ".to_owned(),
    }
}

/// What the engine decides of a history.
fn engine(policy: &Policy, memorandum: &Memorandum, file: &str, text: &str) -> Decisions {
    let decisions = RefCell::new(Decisions::new());
    let judge = |hearing: Hearing<'_>| {
        let Hearing {
            state,
            act,
            moment,
            at_home,
            step,
        } = hearing;
        let judgement = if at_home {
            policy.judge_event(memorandum, state, act, moment)
        } else {
            Some(policy.judge(memorandum, state, act, moment))
        };
        let words = judgement
            .as_ref()
            .map_or("none ".to_owned(), |judgement| in_words(judgement, at_home));
        decisions
            .borrow_mut()
            .insert((file.to_owned(), step), words);
        judgement
    };
    let unreadable = run(memorandum, &judge, file, text)
        .into_iter()
        .find(|difference| difference.step.is_none());
    assert!(
        unreadable.is_none(),
        "{}",
        unreadable.expect("a difference")
    );
    decisions.into_inner()
}

/// What the oracle decides of every history in a folder.
fn oracle(python: &str, cases: &Path) -> Decisions {
    let script = folder().join("derive.py");
    let output = Command::new(python)
        .arg(script)
        .arg("--json")
        .arg(cases)
        .output()
        .expect("the oracle");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let lines = String::from_utf8(output.stdout).expect("text");
    let decision = |line: &str| {
        let said: serde_json::Value = serde_json::from_str(line).expect("JSON");
        let word = |key: &str| said[key].as_str().unwrap_or_default().to_owned();
        let decision = if said["decision"].is_null() {
            "none".to_owned()
        } else {
            word("decision")
        };
        let step = said["step"].as_i64().expect("a step");
        (
            (word("file"), step),
            format!("{decision} {}", word("reason")),
        )
    };
    lines.lines().map(decision).collect()
}

#[test]
fn engine_and_oracle_agree() {
    let Some(python) = python() else {
        // Past the capture of the test runner; with `ENTENTE_NO_SKIP=1` the test fails instead.
        let line = "SKIPPED agreement with the oracle for want of Python 3.11";
        assert!(
            std::env::var("ENTENTE_NO_SKIP").as_deref() != Ok("1"),
            "{line}"
        );
        let _ = writeln!(std::io::stderr(), "{line}");
        return;
    };
    let (seed, count) = (
        number("ENTENTE_SEED", 20_160_422),
        number("ENTENTE_STEPS", 10_000),
    );
    let files = files_of(&folder()).expect("the folder");
    let memorandum = Memorandum::read_files(&files).expect("a memorandum");
    let policy =
        Policy::compile(&memorandum, &files).unwrap_or_else(|faults| panic!("{faults:#?}"));
    let own = tempfile::tempdir().expect("a folder");
    let cases =
        std::env::var_os("ENTENTE_KEEP").map_or_else(|| own.path().to_owned(), PathBuf::from);
    fs::create_dir_all(&cases).expect("a folder");
    let mut decided = Decisions::new();
    for number in 0..count.div_ceil(LENGTH as u64) {
        let file = format!("{number:04}.toml");
        let text = history(&memorandum, seed.wrapping_add(number), LENGTH);
        fs::write(cases.join(&file), &text).expect("a writable folder");
        decided.extend(engine(&policy, &memorandum, &file, &text));
    }
    let derived = oracle(python, &cases);
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    decided
        .values()
        .for_each(|words| *reasons.entry(words).or_default() += 1);
    println!("seed {seed}: {} steps", decided.len());
    for (words, count) in reasons {
        println!("{count:6} {words}");
    }
    let different: Vec<String> = derived
        .iter()
        .filter(|(step, words)| decided.get(*step) != Some(words))
        .map(|((file, step), words)| {
            let found = decided
                .get(&(file.clone(), *step))
                .map_or("nothing", String::as_str);
            format!("{file} step {step}: the oracle says {words}, the engine {found}")
        })
        .collect();
    assert_eq!(derived.len(), decided.len());
    assert!(
        different.is_empty(),
        "seed {seed}, {} different:\n{}",
        different.len(),
        different.join("\n")
    );
}
