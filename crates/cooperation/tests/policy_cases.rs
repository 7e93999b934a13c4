//! The worked cases of the model memorandum, decided by its rules.

use std::path::Path;

use entente_cooperation::{
    case::worked::{Difference, run},
    memorandum::{Memorandum, read::files_of},
    policy::Policy,
};

#[test]
fn every_case_is_decided_as_it_states() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../memorandum");
    let files = files_of(&folder).expect("the folder");
    let memorandum = Memorandum::read_files(&files).expect("a memorandum");
    let policy = Policy::compile(&memorandum, &files).unwrap_or_else(|faults| {
        let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
        panic!("{}", lines.join("\n"));
    });
    let mut differences: Vec<Difference> = Vec::new();
    for (file, bytes) in files
        .iter()
        .filter(|(file, _)| file.starts_with("cases/") && file.ends_with(".toml"))
    {
        let text = String::from_utf8_lossy(bytes);
        let judge = |hearing: entente_cooperation::case::worked::Hearing<'_>| {
            if hearing.at_home {
                policy.judge_event(&memorandum, hearing.state, hearing.act, hearing.moment)
            } else {
                Some(policy.judge(&memorandum, hearing.state, hearing.act, hearing.moment))
            }
        };
        differences.extend(run(&memorandum, &judge, file, &text));
    }
    let lines: Vec<String> = differences.iter().map(Difference::to_string).collect();
    assert!(lines.is_empty(), "{}", lines.join("\n"));
}
