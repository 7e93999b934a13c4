//! The vectors: one file each, with the defect that stops the reader, or none.

use std::{collections::BTreeMap, fs, path::Path};

use entente_cooperation::{
    body::{
        Body, size_class,
        strict::{self, Malformed},
    },
    memorandum::Memorandum,
    record::{ActRecord, JournalRecord, ReceiptRecord, TakenRecord},
};

fn root(folder: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)
}

/// Runs every vector of a folder, and says all that differ.
fn run(folder: &str, read: impl Fn(&BTreeMap<String, String>, &[u8]) -> Result<(), Malformed>) {
    let mut differing = Vec::new();
    let files: Vec<_> = fs::read_dir(root("vectors").join(folder))
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    assert!(files.len() > 15, "{} vectors in {folder}", files.len());
    for file in files {
        let bytes = fs::read(&file).unwrap();
        let end = bytes.windows(2).position(|pair| pair == b"\n\n").unwrap();
        let head = std::str::from_utf8(&bytes[..end])
            .unwrap()
            .lines()
            .filter_map(|line| line.split_once(':'));
        let head: BTreeMap<String, String> = head
            .map(|(key, value)| (key.to_owned(), value.trim().to_owned()))
            .collect();
        let expected = (head["expect"].clone(), head.get("at").cloned());
        // Where a text ceases to be JSON is for each parser to say.
        let found = match read(&head, &bytes[end + 2..]) {
            Ok(()) => ("ok".to_owned(), None),
            Err(Malformed { pointer, defect }) => (
                defect.name().to_owned(),
                expected.1.as_ref().map(|_| pointer),
            ),
        };
        if found != expected {
            differing.push(format!(
                "{}: expected {expected:?}, found {found:?}",
                file.display()
            ));
        }
    }
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

#[test]
fn strict_json_is_read_and_all_else_is_refused_by_name() {
    run("strict", |_, bytes| strict::read(bytes).map(drop));
}

#[test]
fn bodies_are_read_and_faults_are_named_with_their_place() {
    let memorandum = Memorandum::read(&root("../../memorandum")).unwrap();
    run("body", |head, bytes| {
        let padded = match head.get("padded") {
            Some(_) => bytes.to_vec(),
            None => size_class::pad(String::from_utf8(bytes.to_vec()).unwrap())?,
        };
        Body::read(&memorandum, &padded).map(drop)
    });
}

#[test]
fn records_are_read_in_their_one_form() {
    run("record", |head, bytes| {
        let text = std::str::from_utf8(bytes).unwrap();
        match head["record"].as_str() {
            "act" => ActRecord::read(text).map(drop),
            "receipt" => ReceiptRecord::read(text).map(drop),
            "taken" => TakenRecord::read(text).map(drop),
            _ => JournalRecord::read(text).map(drop),
        }
    });
}
