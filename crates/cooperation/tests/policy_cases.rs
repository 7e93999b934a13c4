//! The worked cases of every shipped memorandum, decided by its own rules; its red lines, proven.

use std::path::Path;

use entente_cooperation::{
    case::worked::{Difference, Hearing, run},
    memorandum::{Files, Memorandum, read::files_of},
    policy::Policy,
};

/// The memorandum in a folder of the repository, with its rules.
fn compiled(folder: &str) -> (Files, Memorandum, Policy) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(folder);
    let files = files_of(&folder).expect("the folder");
    let memorandum = Memorandum::read_files(&files).expect("a memorandum");
    let policy = Policy::compile(&memorandum, &files).unwrap_or_else(|faults| {
        let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
        panic!("{}", lines.join("\n"));
    });
    (files, memorandum, policy)
}

/// Runs every case, and says what differs.
fn differences(folder: &str) -> String {
    let (files, memorandum, policy) = compiled(folder);
    let judge = |hearing: Hearing<'_>| {
        let Hearing {
            state, act, moment, ..
        } = hearing;
        if hearing.at_home {
            policy.judge_event(&memorandum, state, act, moment)
        } else {
            Some(policy.judge(&memorandum, state, act, moment))
        }
    };
    let cases = files
        .iter()
        .filter(|(file, _)| file.starts_with("cases/") && file.ends_with(".toml"));
    let differences = cases
        .flat_map(|(file, bytes)| run(&memorandum, &judge, file, &String::from_utf8_lossy(bytes)));
    let lines: Vec<String> = differences
        .map(|difference: Difference| difference.to_string())
        .collect();
    lines.join("\n")
}

#[test]
fn every_case_is_decided_as_it_states() {
    assert_eq!(differences("memorandum"), "");
}

#[test]
fn the_cases_of_two_invented_states_are_decided_by_their_own_rules() {
    assert_eq!(differences("tests/second/memorandum"), "");
}

#[test]
fn the_red_lines_of_two_invented_states_are_proven() {
    let (_, memorandum, policy) = compiled("tests/second/memorandum");
    let (proven, unproven) = policy.prove(&memorandum);
    assert_eq!(unproven, []);
    assert!(!proven.is_empty());
}
