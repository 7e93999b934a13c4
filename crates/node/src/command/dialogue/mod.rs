//! A dialogue: questions on standard error, one answer a line from standard input, so that it can be typed or piped.

use std::{
    collections::BTreeMap,
    io::{self, BufRead, Write},
    path::PathBuf,
};

use entente_cooperation::memorandum::Memorandum;
use jiff::tz::TimeZone;

mod ask;

use super::{table::isolated, words::Words};

/// One side of a dialogue: where it is read, where it asks, and in which words.
pub struct Dialogue<'m, R, W> {
    memorandum: &'m Memorandum,
    words: &'m Words,
    legal_time: TimeZone,
    input: R,
    output: W,
    files: BTreeMap<String, PathBuf>,
    parts: Vec<Part>,
    /// The help of the slot that is being asked: what `?` shows at a member that has none of its own.
    about: Option<String>,
    enough: bool,
}

/// What is put to the officer, apart from the slot that it fills.
#[derive(Clone, Debug, Default)]
pub struct Prompt {
    /// What is asked.
    pub title: String,
    /// What to type.
    pub hint: String,
    /// The choices, each an identifier with its words.
    pub choices: Vec<(String, String)>,
    /// What to write in it, when asked with `?`.
    pub help: Option<String>,
    /// Whether an empty line is no answer.
    pub needed: bool,
    /// Whether it is a declaration: it may be left empty where it is not needed, but is never passed over with others.
    pub declared: bool,
    /// What an empty line stands for, where it stands for something.
    pub default: Option<String>,
}

/// A part of the act answered: a fact that it gives or concerns, or a question that it asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its number in the act.
    pub id: String,
    /// Its words.
    pub label: String,
    /// Whether it is a question.
    pub asked: bool,
}

/// Why a dialogue ended early.
#[derive(Debug, thiserror::Error)]
pub enum Stopped {
    /// The input ended before everything was answered.
    #[error("the input ended before “{0}” was answered")]
    Ended(String),
    /// Input or output failed.
    #[error("the dialogue broke off")]
    Broken(#[from] io::Error),
}

impl<'m, R: BufRead, W: Write> Dialogue<'m, R, W> {
    /// A dialogue in these words; times are typed in `legal_time`.
    pub fn new(
        memorandum: &'m Memorandum,
        words: &'m Words,
        legal_time: TimeZone,
        input: R,
        output: W,
    ) -> Self {
        Self {
            memorandum,
            words,
            legal_time,
            input,
            output,
            files: BTreeMap::new(),
            parts: Vec::new(),
            about: None,
            enough: false,
        }
    }

    /// The parts of the act answered, its facts and questions, each with its words: what refers to parts chooses among them.
    pub fn with_parts(mut self, parts: &[Part]) -> Self {
        self.parts = parts.to_vec();
        self
    }

    /// The files that were named in answers: name, and where each lies.
    pub fn files(&self) -> &BTreeMap<String, PathBuf> {
        &self.files
    }

    /// Says a line.
    pub fn say(&mut self, line: &str) -> Result<(), Stopped> {
        writeln!(self.output, "{}", isolated(line))?;
        Ok(())
    }

    /// Asks until an answer is taken: `None` for an empty line where the prompt allows it.
    ///
    /// `take` yields the value, or what is wrong with the line. `?` shows the help and asks again; `.` leaves this and every
    /// later optional prompt empty, except declarations, which are each asked for themselves.
    pub fn ask<T>(
        &mut self,
        prompt: &Prompt,
        mut take: impl FnMut(&mut Self, &str) -> Result<T, String>,
    ) -> Result<Option<T>, Stopped> {
        if self.enough && !prompt.needed && !prompt.declared {
            return Ok(None);
        }
        self.pose(prompt)?;
        loop {
            let Some(line) = self.line()? else {
                return Err(Stopped::Ended(prompt.title.clone()));
            };
            let typed = match (line.as_str(), &prompt.default) {
                ("", Some(default)) => default.clone(),
                ("", None) if !prompt.needed => return Ok(None),
                ("", None) | (".", None) if prompt.needed => {
                    self.once_more(&self.words.say("not-empty"))?;
                    continue;
                }
                (".", _) if !prompt.needed => {
                    self.enough = true;
                    return Ok(None);
                }
                ("?", _) => {
                    let none = || self.words.say("no-help");
                    self.once_more(&prompt.help.clone().unwrap_or_else(none))?;
                    continue;
                }
                _ => line,
            };
            match take(self, &typed) {
                Ok(value) => return Ok(Some(value)),
                Err(wrong) => self.once_more(&wrong)?,
            }
        }
    }

    /// Says why a line was not taken, and that another is awaited.
    fn once_more(&mut self, why: &str) -> Result<(), Stopped> {
        self.say(why)?;
        write!(self.output, "> ")?;
        self.output.flush()?;
        Ok(())
    }

    /// Asks whether what was shown shall be done: yes or no, and nothing else is an answer.
    pub fn confirmed(&mut self, question: &str) -> Result<bool, Stopped> {
        self.say(question)?;
        write!(self.output, "> ")?;
        self.output.flush()?;
        loop {
            let Some(line) = self.line()? else {
                return Err(Stopped::Ended(question.to_owned()));
            };
            match self.yes_or_no(&line) {
                Ok(answer) => return Ok(answer == "yes"),
                Err(wrong) => self.once_more(&wrong)?,
            }
        }
    }

    /// Asks for one of the prompt's choices, by number or identifier.
    pub fn choose(&mut self, prompt: &Prompt) -> Result<Option<String>, Stopped> {
        self.ask(prompt, |dialogue, typed| {
            dialogue.chosen(&prompt.choices, typed)
        })
    }

    /// The identifier that a number or an identifier means.
    fn chosen(&self, choices: &[(String, String)], typed: &str) -> Result<String, String> {
        let number: Option<usize> = typed.parse().ok();
        let by_number = number.and_then(|n| choices.get(n.checked_sub(1)?));
        by_number
            .or_else(|| choices.iter().find(|(id, _)| id == typed))
            .map(|(id, _)| id.clone())
            .ok_or_else(|| self.words.with("no-such-choice", &[("typed", typed)]))
    }

    fn pose(&mut self, prompt: &Prompt) -> Result<(), Stopped> {
        let need = if prompt.needed { "needed" } else { "optional" };
        let title = format!("{}, {}", prompt.title, self.words.say(need));
        writeln!(self.output, "\n{}", isolated(&title))?;
        let width = prompt.choices.len().to_string().len();
        for (number, (id, label)) in prompt.choices.iter().enumerate() {
            writeln!(
                self.output,
                "  {:>width$}  {id}  {}",
                number + 1,
                isolated(label)
            )?;
        }
        let default = prompt
            .default
            .as_ref()
            .map_or(String::new(), |d| format!(" [{d}]"));
        write!(self.output, "{}{default}\n> ", isolated(&prompt.hint))?;
        self.output.flush()?;
        Ok(())
    }

    /// The next line without the spaces around it; `None` at the end of the input.
    fn line(&mut self) -> Result<Option<String>, Stopped> {
        let mut line = String::new();
        if self.input.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        Ok(Some(line.trim().to_owned()))
    }
}
