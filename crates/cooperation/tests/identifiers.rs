//! No source names an organ, an offence, an article, a country or an act: those are data of a memorandum.
//!
//! String literals of `crates/*/src` are compared with the identifiers of every memorandum that is shipped. Comments and
//! test code may name them.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use entente_cooperation::memorandum::{Memorandum, read::files_of};

/// Identifiers that are also words of the engine's own, in other lists; as acts they may not be meant.
///
/// `recall` is what the machine does when a clock runs out.
const WORDS_OF_THE_ENGINE: [&str; 1] = ["recall"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// What no literal may be, and what it is called.
fn forbidden() -> BTreeMap<String, String> {
    let mut forbidden = BTreeMap::new();
    for folder in ["memorandum", "tests/second/memorandum"] {
        let memorandum = Memorandum::read_files(&files_of(&root().join(folder)).unwrap()).unwrap();
        let mut forbid =
            |word: &str, what: &str| drop(forbidden.insert(word.to_owned(), what.to_owned()));
        memorandum
            .organs
            .iter()
            .for_each(|row| forbid(&row.id, "organ"));
        memorandum
            .offences
            .iter()
            .chain(memorandum.excluded.iter())
            .for_each(|row| forbid(&row.id, "offence"));
        memorandum
            .acts
            .iter()
            .filter(|row| !WORDS_OF_THE_ENGINE.contains(&row.id.as_str()))
            .for_each(|row| forbid(&row.id, "act"));
        for party in memorandum.parties.iter() {
            forbid(&party.id, "Party");
            party
                .label
                .values()
                .for_each(|name| forbid(name, "country"));
        }
        for text in memorandum.texts.values() {
            for (number, article) in &text.articles {
                for paragraph in 1..=article.paragraphs.len() {
                    forbid(&format!("{number}.{paragraph}"), "article");
                }
            }
        }
    }
    forbidden
}

/// The name of what a literal names, if it is one: the whole of it, or a part between signs that no identifier has.
fn names<'f>(literal: &str, forbidden: &'f BTreeMap<String, String>) -> Option<(&'f str, &'f str)> {
    // `TLS 1.3` and `HTTP/1.1` are versions of protocols.
    let literal = literal
        .replace("TLS 1.", "TLS ")
        .replace("HTTP/1.", "HTTP/");
    let whole = forbidden.get_key_value(literal.trim());
    let part = |c: char| !(c.is_alphanumeric() || c == '_' || c == '.');
    let parts = literal
        .split(part)
        .map(|part| part.trim_matches('.'))
        .filter(|part| part.contains(['_', '.']));
    let mut parts = parts.filter_map(|part| forbidden.get_key_value(part));
    whole
        .or_else(|| parts.next())
        .map(|(word, what)| (word.as_str(), what.as_str()))
}

/// The Rust files of all crates.
fn sources() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = fs::read_dir(root().join("crates"))
        .unwrap()
        .map(|entry| entry.unwrap().path().join("src"))
        .collect();
    let mut sources = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            match path.is_dir() {
                true => folders.push(path),
                false if name.ends_with(".rs") && name != "tests.rs" => sources.push(path),
                false => {}
            }
        }
    }
    sources.sort();
    sources
}

/// The string literals of a source with their lines, without those of comments and of items under `#[cfg(test)]`.
fn literals(source: &str) -> Vec<(usize, String)> {
    let mut reader = Reader {
        source: source.as_bytes(),
        at: 0,
        found: Vec::new(),
    };
    while reader.at < reader.source.len() {
        reader.step(true);
    }
    let line = |offset: usize| {
        source.as_bytes()[..offset]
            .iter()
            .filter(|byte| **byte == b'\n')
            .count()
            + 1
    };
    reader
        .found
        .into_iter()
        .map(|(start, end)| (line(start), source[start..end].to_owned()))
        .collect()
}

/// Reads Rust just well enough to tell strings from comments, characters and code.
struct Reader<'s> {
    source: &'s [u8],
    at: usize,
    /// Start and end of each literal's content.
    found: Vec<(usize, usize)>,
}

impl Reader<'_> {
    fn begins(&self, with: &str) -> bool {
        self.source[self.at..].starts_with(with.as_bytes())
    }

    fn skip_past(&mut self, end: &str) {
        while self.at < self.source.len() && !self.begins(end) {
            self.at += 1;
        }
        self.at = (self.at + end.len()).min(self.source.len());
    }

    /// Takes one token, or one character of what is none.
    fn step(&mut self, keep: bool) {
        if self.begins("//") {
            self.skip_past("\n");
        } else if self.begins("/*") {
            self.skip_past("*/");
        } else if self.begins("#[cfg(test)]") {
            self.skip_item();
        } else if self.begins("r\"") || self.begins("r#") && self.raw_hashes().is_some() {
            self.raw_string(keep);
        } else if self.begins("\"") {
            self.string(keep);
        } else if self.begins("'") {
            self.character();
        } else {
            self.at += 1;
        }
    }

    /// How many hashes open the raw string that begins here.
    fn raw_hashes(&self) -> Option<usize> {
        let rest = &self.source[self.at + 1..];
        let hashes = rest.iter().take_while(|byte| **byte == b'#').count();
        (rest.get(hashes) == Some(&b'"')).then_some(hashes)
    }

    fn raw_string(&mut self, keep: bool) {
        let hashes = self.raw_hashes().unwrap_or(0);
        let start = self.at + 2 + hashes;
        let end = format!("\"{}", "#".repeat(hashes));
        self.at = start;
        self.skip_past(&end);
        self.found
            .extend(keep.then_some((start, self.at - end.len())));
    }

    fn string(&mut self, keep: bool) {
        let start = self.at + 1;
        self.at = start;
        while self.at < self.source.len() && self.source[self.at] != b'"' {
            self.at += 1 + usize::from(self.source[self.at] == b'\\');
        }
        self.found
            .extend(keep.then_some((start, self.at.min(self.source.len()))));
        self.at += 1;
    }

    /// A character, or a lifetime.
    fn character(&mut self) {
        let rest = &self.source[self.at + 1..];
        let escaped = rest.first() == Some(&b'\\');
        let width = if escaped {
            2
        } else {
            rest.iter()
                .skip(1)
                .take_while(|byte| **byte & 0xc0 == 0x80)
                .count()
                + 1
        };
        let closed = if escaped {
            rest.iter()
                .skip(2)
                .position(|byte| *byte == b'\'')
                .map(|more| more + 2)
        } else {
            Some(width)
        };
        match closed.filter(|end| rest.get(*end) == Some(&b'\'')) {
            Some(end) => self.at += end + 2,
            None => self.at += 1,
        }
    }

    /// An item under `#[cfg(test)]`: up to its closing brace, or its semicolon.
    fn skip_item(&mut self) {
        self.at += "#[cfg(test)]".len();
        let mut depth = 0;
        while self.at < self.source.len() {
            match self.source[self.at] {
                b'{' => depth += 1,
                b'}' if depth == 1 => break,
                b'}' => depth -= 1,
                b';' if depth == 0 => break,
                _ => {}
            }
            match self.source[self.at] {
                b'{' | b'}' | b';' => self.at += 1,
                _ => self.step(false),
            }
        }
        self.at += 1;
    }
}

#[test]
fn no_source_names_what_is_data_of_a_memorandum() {
    let forbidden = forbidden();
    let mut named = Vec::new();
    for path in sources() {
        let source = fs::read_to_string(&path).unwrap();
        for (line, literal) in literals(&source) {
            if let Some((word, what)) = names(&literal, &forbidden) {
                let file = path
                    .strip_prefix(root())
                    .unwrap_or(&path)
                    .display()
                    .to_string();
                named.push(format!("{file}:{line}: names the {what} “{word}”"));
            }
        }
    }
    assert!(
        named.is_empty(),
        "{} literals:\n{}",
        named.len(),
        named.join("\n")
    );
}

#[test]
fn literals_are_told_from_comments_characters_and_test_code() {
    let source = concat!(
        "// \"comment\"\nlet a = \"one\"; /* \"two\" */ let q = '\"'; let e = '\\''; fn f<'a>() {}\n",
        "let r = r#\"raw \"quoted\"\"#; let s = \"es\\\"caped\";\n",
        "#[cfg(test)]\nmod tests { fn x() { \"hidden } \"; } }\nlet z = \"last\";\n#[cfg(test)] use x;\nlet n = \"é\";"
    );
    let found: Vec<(usize, String)> = literals(source);
    let found: Vec<(usize, &str)> = found
        .iter()
        .map(|(line, text)| (*line, text.as_str()))
        .collect();
    assert_eq!(
        found,
        [
            (2, "one"),
            (3, "raw \"quoted\""),
            (3, "es\\\"caped"),
            (6, "last"),
            (8, "é")
        ]
    );
}
