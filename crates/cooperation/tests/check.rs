//! The shipped memoranda are whole, and every fault of `tests/faults/` is named at its file and line.

use std::{fs, path::Path};

use entente_cooperation::{
    memorandum::{Files, Memorandum, examine, read::files_of},
    policy::Policy,
};
use serde::Deserialize;

/// One fault put into the shipped memorandum, and the lines that must name it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vector {
    /// The file to change.
    file: String,
    /// Where to begin looking for `find`, if its first occurrence is not meant.
    #[serde(default)]
    after: String,
    /// What to take out; empty with `put` empty: the whole file.
    #[serde(default)]
    find: String,
    /// Change every occurrence, not the first alone.
    #[serde(default)]
    every: bool,
    /// What to put in.
    #[serde(default)]
    put: String,
    expect: Vec<Expected>,
}

/// A fault that must be found.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    /// The file it names, if not the changed one.
    file: Option<String>,
    /// The first text of the line it names; empty: no line.
    #[serde(default)]
    at: String,
    /// Where to begin looking for `at`.
    #[serde(default)]
    after: String,
    /// Its words.
    says: String,
}

fn shipped() -> Files {
    files_of(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../memorandum")).unwrap()
}

fn text(files: &Files, file: &str) -> String {
    String::from_utf8(
        files
            .get(file)
            .unwrap_or_else(|| panic!("no file {file}"))
            .clone(),
    )
    .unwrap()
}

/// The offset of `sought` in `text`, looked for after `after`.
fn offset(text: &str, after: &str, sought: &str) -> Option<usize> {
    let start = text.find(after)?;
    Some(start + text[start..].find(sought)?)
}

fn patched(vector: &Vector) -> Files {
    let mut files = shipped();
    if vector.find.is_empty() && vector.put.is_empty() {
        files.remove(&vector.file).unwrap();
        return files;
    }
    let mut text = text(&files, &vector.file);
    if vector.every {
        text = text.replace(&vector.find, &vector.put);
    } else {
        let start = offset(&text, &vector.after, &vector.find)
            .unwrap_or_else(|| panic!("no “{}”", vector.find));
        text.replace_range(start..start + vector.find.len(), &vector.put);
    }
    files.insert(vector.file.clone(), text.into_bytes());
    files
}

fn expected(vector: &Vector, expected: &Expected, files: &Files) -> String {
    let file = expected.file.as_ref().unwrap_or(&vector.file);
    if expected.at.is_empty() {
        return format!("{file}: {}", expected.says);
    }
    let text = text(files, file);
    let Some(offset) = offset(&text, &expected.after, &expected.at) else {
        return format!("no “{}” in {file}", expected.at);
    };
    let line = text[..offset].matches('\n').count() + 1;
    format!("{file}:{line}: {}", expected.says)
}

/// Whether the memorandum in this folder is whole, its cases included.
fn is_whole(folder: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(folder);
    let found = examine(&files_of(&folder).unwrap(), None);
    let faults = found.faults.iter().map(ToString::to_string);
    let lines: Vec<String> = faults
        .chain(found.differences.iter().map(ToString::to_string))
        .collect();
    assert!(lines.is_empty(), "{}", lines.join("\n"));
    assert!(found.cases > 5, "only {} cases", found.cases);
}

#[test]
fn the_shipped_memorandum_is_whole() {
    is_whole("memorandum");
}

#[test]
fn the_memorandum_of_two_other_states_is_whole() {
    is_whole("tests/second/memorandum");
}

#[test]
fn the_red_lines_of_two_other_states_are_proven() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/second/memorandum");
    let files = files_of(&folder).unwrap();
    let memorandum = Memorandum::read_files(&files).unwrap();
    let (proven, unproven) = Policy::compile(&memorandum, &files)
        .unwrap()
        .prove(&memorandum);
    assert_eq!(unproven, []);
    assert!(
        proven.len() >= 3 && proven.iter().all(|proof| proof.inside > 0),
        "{proven:?}"
    );
}

#[test]
fn every_fault_is_named_at_its_file_and_line() {
    let mut names: Vec<_> =
        fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults"))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
    names.sort();
    let mut wrong = String::new();
    for name in &names {
        let vector: Vector = toml::from_str(&fs::read_to_string(name).unwrap())
            .unwrap_or_else(|error| panic!("{}: {error}", name.display()));
        let files = patched(&vector);
        let found: Vec<String> = examine(&files, None)
            .faults
            .iter()
            .map(ToString::to_string)
            .collect();
        let mut wanted: Vec<String> = vector
            .expect
            .iter()
            .map(|fault| expected(&vector, fault, &files))
            .collect();
        let mut sorted = found.clone();
        sorted.sort();
        wanted.sort();
        if sorted != wanted {
            wrong += &format!(
                "\n{}\n expected {wanted:#?}\n found {found:#?}",
                name.file_name().unwrap().display()
            );
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(names.len() > 40, "only {} vectors", names.len());
}
