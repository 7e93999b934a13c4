//! What a command hands back, and how it reaches the terminal: results on standard output, all else on standard error.

use std::{
    error::Error,
    io::{self, Write},
    path::Path,
    process::ExitCode,
};

use serde_json::{Map, Value, json};

use super::terminal::whole;

/// What a command found or did.
///
/// `text` is for people, `json` for machines; both say the same. Notes stand on standard error.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    text: String,
    json: Map<String, Value>,
    notes: Vec<String>,
    refused: bool,
    told: bool,
}

/// Why a command could not answer. Who reads it can mend it: each says what to do.
#[derive(Debug)]
pub struct Failure {
    who: Fault,
    what: String,
    hint: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    Refused,
    Misused,
    Broken,
}

impl Answer {
    /// A result in words for people and as members for machines. `json` is an object; anything else stands under `result`.
    pub fn new(text: impl Into<String>, json: Value) -> Self {
        let json = match json {
            Value::Object(members) => members,
            other => Map::from_iter([("result".to_owned(), other)]),
        };
        Self {
            text: text.into(),
            json,
            ..Self::default()
        }
    }

    /// Everything was said while it happened: nothing is left to print.
    pub fn told() -> Self {
        Self {
            told: true,
            ..Self::default()
        }
    }

    /// The answer was "no": exit code 1.
    pub fn refused(mut self) -> Self {
        self.refused = true;
        self
    }

    /// Something to say beside the result, on standard error.
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Says that this is a demonstration, once, on both channels.
    pub fn demonstration(mut self, notice: Option<&str>) -> Self {
        if let Some(notice) = notice {
            self.notes.insert(0, notice.to_owned());
            self.json.insert("notice".to_owned(), json!(notice));
        }
        self
    }

    /// The text for people.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The members for machines.
    pub fn json(&self) -> &Map<String, Value> {
        &self.json
    }

    fn exit(&self) -> ExitCode {
        ExitCode::from(u8::from(self.refused))
    }
}

impl Failure {
    /// The person at the keyboard can mend it: exit code 2.
    pub fn misused(what: impl Into<String>) -> Self {
        Self::of(Fault::Misused, what)
    }

    /// Something of ours is out of order: exit code 3.
    pub fn broken(what: impl Into<String>) -> Self {
        Self::of(Fault::Broken, what)
    }

    /// The node answered no before it had anything to judge: exit code 1.
    pub fn refused(what: impl Into<String>) -> Self {
        Self::of(Fault::Refused, what)
    }

    fn of(who: Fault, what: impl Into<String>) -> Self {
        Self {
            who,
            what: what.into(),
            hint: None,
        }
    }

    /// What to do about it.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds what caused it: the whole chain, each link once.
    pub fn because(mut self, cause: &dyn Error) -> Self {
        for part in chain(cause) {
            if !self.what.contains(&part) {
                self.what = format!("{}: {part}", self.what);
            }
        }
        self
    }

    /// What happened, in words.
    pub fn what(&self) -> &str {
        &self.what
    }

    fn code(&self) -> u8 {
        match self.who {
            Fault::Refused => 1,
            Fault::Misused => 2,
            Fault::Broken => 3,
        }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.what)
    }
}

fn chain(error: &dyn Error) -> Vec<String> {
    let mut parts = vec![error.to_string().trim_end().to_owned()];
    let mut next = error.source();
    while let Some(cause) = next {
        parts.push(cause.to_string().trim_end().to_owned());
        next = cause.source();
    }
    parts
}

/// Prints what a command gave and yields the exit code: 0 done, 1 refused, 2 misused, 3 broken.
///
/// Where `dir` names the data folder, every command that is proposed names it too, so that it works as printed.
pub fn print(outcome: Result<Answer, Failure>, json: bool, dir: Option<&Path>) -> ExitCode {
    let runs = |text: String| match dir {
        Some(dir) => with_dir(&text, dir),
        None => text,
    };
    match outcome {
        Ok(mut answer) => {
            answer.notes = answer.notes.into_iter().map(runs).collect();
            let printed = print_answer(&answer, json);
            // A reader that closed the pipe (`| head`) has what it wanted.
            printed.map_or(ExitCode::SUCCESS, |()| answer.exit())
        }
        Err(mut failure) => {
            failure.hint = failure.hint.map(runs);
            print_failure(&failure, json);
            ExitCode::from(failure.code())
        }
    }
}

/// Commands that ask for no data folder.
const WITHOUT_DIR: [&str; 5] = [
    "entente init",
    "entente demo",
    "entente ledger verify",
    "entente memorandum prove",
    "entente bench",
];

/// The text with `--dir` added to every command in it that lacks one.
fn with_dir(text: &str, dir: &Path) -> String {
    let shown = dir.display().to_string();
    let plain = |c: char| c.is_alphanumeric() || "/._-+".contains(c);
    let shown = if shown.chars().all(plain) {
        shown
    } else {
        format!("'{}'", shown.replace('\'', "'\\''"))
    };
    let parts = text.split('`').enumerate().map(|(place, part)| {
        let command = place % 2 == 1 && part.starts_with("entente ");
        let needs = command
            && !part.contains("--dir")
            && !WITHOUT_DIR.iter().any(|without| part.starts_with(without));
        if needs {
            format!("{part} --dir {shown}")
        } else {
            part.to_owned()
        }
    });
    parts.collect::<Vec<_>>().join("`")
}

fn print_answer(answer: &Answer, json: bool) -> io::Result<()> {
    for note in &answer.notes {
        eprintln!("{}", whole(note));
    }
    if answer.told {
        return Ok(());
    }
    let mut out = io::stdout().lock();
    if json {
        serde_json::to_writer_pretty(&mut out, &answer.json)?;
        writeln!(out)?;
    } else if !answer.text.is_empty() {
        writeln!(out, "{}", whole(answer.text.trim_end()))?;
    }
    out.flush()
}

fn print_failure(failure: &Failure, json: bool) {
    if json {
        let problem = json!({
            "title": failure.what, "what_to_do": failure.hint, "exit": failure.code(),
        });
        eprintln!("{problem:#}");
        return;
    }
    eprintln!("{}", whole(&failure.what));
    if let Some(hint) = &failure.hint {
        eprintln!("What to do: {}", whole(hint));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_an_answer_and_says_so_by_its_exit_code() {
        let answer = Answer::new("no", json!({"decision": "refuse"})).refused();
        assert_eq!(answer.exit(), ExitCode::from(1));
    }

    #[test]
    fn a_command_that_is_proposed_names_the_folder_and_works_as_printed() {
        let said = "judge it with `entente why a.toml`, or set up `entente init x`; `go on`";
        assert_eq!(
            with_dir(said, Path::new("my be")),
            "judge it with `entente why a.toml --dir 'my be'`, or set up `entente init x`; `go on`"
        );
        let named = "`entente serve --dir be`";
        assert_eq!(with_dir(named, Path::new("be")), named);
    }

    #[test]
    fn a_demonstration_says_so_on_both_channels() {
        let answer = Answer::new("x", json!({})).demonstration(Some("a model"));
        assert_eq!(answer.notes, ["a model"]);
        assert_eq!(answer.json["notice"], "a model");
    }

    #[test]
    fn the_chain_of_causes_is_told_once() {
        let inner = io::Error::other("disk full");
        let failure = Failure::broken("not written").because(&inner);
        assert_eq!(failure.what, "not written: disk full");
        assert_eq!(failure.because(&inner).what, "not written: disk full");
    }
}
