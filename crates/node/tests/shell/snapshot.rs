//! Texts that are committed and compared; what differs from run to run is put under a name first.

use std::{fs, path::Path};

/// Compares `text` with the committed snapshot of that name.
pub(crate) fn assert_same(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/shell/snapshots")
        .join(name);
    if std::env::var_os("ENTENTE_WRITE_SNAPSHOTS").is_some() {
        fs::write(&path, text).unwrap();
        return;
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == text,
        "{name} differs.\n--- committed\n{committed}\n--- now\n{text}"
    );
}

/// The text with what chance and the machine put into it replaced by its name: folders, digests, phrases, free room, time zone data.
pub(crate) fn settled(text: &str, folder: &Path) -> String {
    let text = text.replace(&folder.display().to_string(), "DIR");
    let lines: Vec<String> = text
        .lines()
        .filter(|line| !line.contains("`tzdata`"))
        .map(settled_line)
        .collect();
    let mut settled = lines.join("\n");
    if text.ends_with('\n') {
        settled.push('\n');
    }
    settled
}

fn settled_line(line: &str) -> String {
    if let Some(at) = line.find(" GiB are free") {
        let start = line[..at].rfind(' ').map_or(0, |space| space + 1);
        return format!("{}N{}", &line[..start], &line[at..]);
    }
    if let Some(start) = line.find("introduced on ") {
        return format!("{}introduced on INSTANT", &line[..start]);
    }
    if line.contains(" time zones: ") {
        return "LOOK  time zones: DATA".to_owned();
    }
    if let Some((name, _)) = line.split_once("\"time_zone_data\": ") {
        return format!("{name}\"time_zone_data\": DATA");
    }
    let mut out = String::new();
    let mut word = String::new();
    for sign in line.chars() {
        if sign.is_ascii_alphanumeric() {
            word.push(sign);
        } else {
            out.push_str(named(&word));
            word.clear();
            out.push(sign);
        }
    }
    out.push_str(named(&word));
    out
}

/// A digest or an identifier drawn by chance, under its name.
fn named(word: &str) -> &str {
    let hexadecimal = word
        .bytes()
        .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    match (word.len(), hexadecimal) {
        (64, true) => "HEX64",
        (32, true) => "HEX32",
        _ => word,
    }
}

#[test]
fn digests_are_named_and_references_stay() {
    let line = format!("message {} of BE-2026-000417/1", "ab".repeat(32));
    assert_eq!(settled_line(&line), "message HEX64 of BE-2026-000417/1");
}
