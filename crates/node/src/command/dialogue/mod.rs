//! A dialogue: questions on standard error, one answer a line from standard input, so that it can be typed or piped.

use std::io::{self, BufRead, Write};

use entente_cooperation::{body::attachment::Attachment, memorandum::Memorandum};
use jiff::tz::TimeZone;

mod answer;

use super::{table::isolated, words::Words};

/// One side of a dialogue: where it is read, where it asks, and in which words.
pub struct Dialogue<'m, R, W> {
    memorandum: &'m Memorandum,
    words: Words,
    legal_time: TimeZone,
    input: R,
    output: W,
    attachments: Vec<Attachment>,
    slot: String,
}

/// What is asked: a slot, a declaration, a member of a record.
#[derive(Clone, Debug)]
pub struct Question<'q> {
    /// The words that people see.
    pub title: String,
    /// The paragraph it rests on, if it is a slot of its own.
    pub article: Option<&'q str>,
    /// What to write in it.
    pub help: Option<String>,
    /// Whether an empty line is no answer.
    pub needed: bool,
    /// What an empty line stands for, where it stands for something.
    pub default: Option<String>,
}

/// Why a dialogue ended early.
#[derive(Debug, thiserror::Error)]
pub enum Stopped {
    /// The input ended before everything was answered.
    #[error("the input ended before `{0}` was answered")]
    Ended(String),
    /// Input or output failed.
    #[error("the dialogue broke off")]
    Broken(#[from] io::Error),
}

impl<'m, R: BufRead, W: Write> Dialogue<'m, R, W> {
    /// A dialogue in these words; times are typed in `legal_time`.
    pub fn new(
        memorandum: &'m Memorandum,
        words: Words,
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
            attachments: Vec::new(),
            slot: String::new(),
        }
    }

    /// The files that were named in answers.
    pub fn attachments(&self) -> &[Attachment] {
        &self.attachments
    }

    /// Says a line.
    pub fn say(&mut self, line: &str) -> Result<(), Stopped> {
        writeln!(self.output, "{}", isolated(line))?;
        Ok(())
    }

    /// Asks until an answer is taken: `None` for an empty line where the question allows it.
    ///
    /// `take` yields the value, or what is wrong with the line. `?` shows the help and asks again.
    fn ask<T>(
        &mut self,
        question: &Question<'_>,
        hint: &str,
        choices: &[(String, String)],
        mut take: impl FnMut(&mut Self, &str) -> Result<T, String>,
    ) -> Result<Option<T>, Stopped> {
        self.pose(question, hint, choices)?;
        loop {
            let Some(line) = self.line()? else {
                return Err(Stopped::Ended(self.slot.clone()));
            };
            let typed = match (line.as_str(), &question.default) {
                ("", Some(default)) => default.clone(),
                ("", None) if !question.needed => return Ok(None),
                ("", None) => {
                    let told = self.words.say("not-empty");
                    self.say(&told)?;
                    continue;
                }
                ("?", _) => {
                    self.help(question)?;
                    continue;
                }
                _ => line,
            };
            match take(self, &typed) {
                Ok(value) => return Ok(Some(value)),
                Err(wrong) => self.say(&wrong)?,
            }
        }
    }

    fn pose(
        &mut self,
        question: &Question<'_>,
        hint: &str,
        choices: &[(String, String)],
    ) -> Result<(), Stopped> {
        let mut title = question.title.clone();
        if let Some(article) = question.article {
            title = format!("{title} ({article})");
        }
        let need = if question.needed {
            "needed"
        } else {
            "optional"
        };
        let need = self.words.say(need);
        self.say("")?;
        self.say(&format!("{title}, {need}"))?;
        let width = choices.len().to_string().len();
        for (number, (id, label)) in choices.iter().enumerate() {
            let shown = if label == id {
                String::new()
            } else {
                format!("  {}", isolated(label))
            };
            writeln!(self.output, "  {:>width$}  {id}{shown}", number + 1)?;
        }
        let default = question
            .default
            .as_ref()
            .map_or(String::new(), |d| format!(" [{d}]"));
        write!(self.output, "{}{default}\n> ", isolated(hint))?;
        self.output.flush()?;
        Ok(())
    }

    fn help(&mut self, question: &Question<'_>) -> Result<(), Stopped> {
        let none = self.words.say("no-help");
        let help = question.help.clone().unwrap_or(none);
        self.say(&help)
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
