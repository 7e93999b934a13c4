//! `entente draft ACT`: a form that asks slot by slot and writes a draft file. Needs no running node.

use std::{
    fs,
    io::{self, BufRead, Write},
    path::{Path, PathBuf},
};

use clap::Args;
use entente_cooperation::{
    draft::{Draft as Form, Question, fitting::fits, questions, read::Section},
    memorandum::{ActLine, Behaviour, Memorandum},
    print::Printer,
};
use jiff::tz::TimeZone;
use serde_json::{Value, json};

mod address;

use super::{
    Caller,
    answer::{Answer, Failure},
    dialogue::{Dialogue, Part, Stopped},
    memorandum as agreement,
    table::Table,
    words::Words,
};
use crate::{config::Config, folder::Folder, roster::Roster};

/// Draft an act: asks slot by slot, with the choices in your language, and writes a draft file. Nothing is sent.
///
/// Without an act, lists the acts that the officer may send. Questions stand on standard error, the path of the draft on
/// standard output; answers are read one a line, so that they can also be piped.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente draft --dir north --language en          lists the acts
  entente draft ACT --dir north --language fr      asks in French
  entente draft ACT --dir north --answers N-2030-000001/1
  entente draft ACT --dir north < answers.txt      one answer a line, an empty line for none")]
pub struct Draft {
    /// The act, as Annex 3 names it.
    #[arg(value_name = "ACT")]
    act: Option<String>,
    /// The reference of the act that it answers.
    #[arg(long, value_name = "REFERENCE")]
    answers: Option<String>,
    /// Go on with a draft that was begun: only what is open is asked.
    #[arg(long = "continue", value_name = "FILE", conflicts_with = "answers")]
    begun: Option<PathBuf>,
    /// Where to write the draft; without it a new file in `drafts` of the data folder.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Who drafts, and what stands already.
#[derive(Clone, Debug)]
pub struct Desk {
    /// Our Party.
    pub party: String,
    /// The organs in whose name the officer acts, the usual one first.
    pub organs: Vec<String>,
    /// Slots that are filled already, each as it would be typed: they are not asked.
    pub filled: Vec<(String, String)>,
    /// A draft that was begun.
    pub begun: Option<Form>,
    /// The organ it comes from, if that is known already.
    pub from: Option<String>,
    /// The organ it goes to, if that is known already.
    pub to: Option<String>,
    /// The parts of the act answered, its facts and questions, each with its words.
    pub parts: Vec<Part>,
}

/// Where a draft is written, and whether it is sent from there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// It stays a draft.
    Keep,
    /// It is shown, and sent if the officer says yes.
    Ask,
    /// It is sent.
    Send,
}

/// A draft that was written.
pub struct Written {
    /// What the command answers if it stays a draft.
    pub answer: Answer,
    /// Whether it is to be sent now.
    pub send: bool,
}

impl Draft {
    /// Lists the acts, or asks and writes the draft.
    pub fn run(self, caller: &Caller) -> Result<Answer, Failure> {
        let config = caller.config()?;
        let memorandum = agreement::of_folder(&caller.folder())?;
        let words = Words::of(&caller.language());
        let notice = agreement::notice(&memorandum, config.demo);
        let mut desk = Desk::of(caller, &config)?;
        desk.begun = self
            .begun
            .as_deref()
            .map(|path| read(path, &memorandum))
            .transpose()?;
        let begun = desk.begun.as_ref().map(|form| form.act().kind.clone());
        let Some(act) = self.act.clone().or(begun) else {
            return Ok(list(&memorandum, &words, &desk).demonstration(notice.as_deref()));
        };
        let line = act_of(&memorandum, &act)?;
        if let Some(answers) = &self.answers {
            desk.filled
                .push(("in_reply_to".to_owned(), answers.clone()));
        }
        let named = self.out.clone().or_else(|| self.begun.clone());
        let path = named.map_or_else(|| new_path(&caller.folder(), &act), Ok)?;
        let written = write(&memorandum, &words, line, &desk, &path, Then::Keep)?;
        Ok(written.answer.demonstration(notice.as_deref()))
    }
}

impl Desk {
    /// The desk of the officer who calls.
    pub fn of(caller: &Caller, config: &Config) -> Result<Self, Failure> {
        let roster = Roster::read(&caller.folder().roster()).map_err(|e| {
            Failure::misused("the roster cannot be used")
                .because(&e)
                .hint("correct roster.toml in the data folder")
        })?;
        let id = caller.officer.as_ref().unwrap_or(&config.desk.officer);
        let officer = roster.officer(id).ok_or_else(|| {
            let known: Vec<&str> = roster.iter().map(|officer| officer.id.as_str()).collect();
            Failure::misused(format!("no officer `{id}` stands in the roster"))
                .hint(format!("name one with --as: {}", known.join(", ")))
        })?;
        let mut organs = officer.organs.clone();
        organs.sort_by_key(|organ| *organ != config.desk.organ);
        Ok(Self {
            party: config.party.clone(),
            organs,
            filled: Vec::new(),
            begun: None,
            from: None,
            to: None,
            parts: Vec::new(),
        })
    }
}

/// The line of an act, or what else there is.
pub fn act_of<'m>(memorandum: &'m Memorandum, id: &str) -> Result<&'m ActLine, Failure> {
    memorandum.acts.get(id).ok_or_else(|| {
        let known = memorandum.acts.iter().map(|act| act.id.as_str());
        let near = entente_cooperation::memorandum::fault::did_you_mean(id, known);
        let near = near.map_or(String::new(), |near| format!("{near} "));
        Failure::misused(format!("the memorandum has no act `{id}`")).hint(format!(
            "{near}`entente draft` without an act lists them all"
        ))
    })
}

/// Asks for everything that the act needs and may carry, and writes the draft with the files that it names beside it.
///
/// What was answered is written even if the input ends early. With `then`, the whole is shown and sent after a yes.
pub fn write(
    memorandum: &Memorandum,
    words: &Words,
    line: &ActLine,
    desk: &Desk,
    path: &Path,
    then: Then,
) -> Result<Written, Failure> {
    let zone = memorandum
        .parties
        .get(&desk.party)
        .map_or("UTC", |party| &party.time_zone);
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    let mut dialogue = Dialogue::new(memorandum, words, zone, io::stdin().lock(), io::stderr())
        .with_parts(&desk.parts);
    let mut form = match &desk.begun {
        Some(form) => form.clone(),
        None => {
            begin(&mut dialogue, memorandum, words, line, desk).map_err(|e| stopped(&e, None))?
        }
    };
    let ended = fill(&mut dialogue, memorandum, words, &mut form);
    save(memorandum, words, &form, path)?;
    for (name, from) in dialogue.files() {
        copy(from, &path.with_file_name(name))?;
    }
    ended.map_err(|e| stopped(&e, Some(path)))?;
    let shown = path.display().to_string();
    let act = form.act();
    let members = json!({ "draft": path, "act": line.id, "from": act.from, "to": act.to });
    let answer = Answer::new(shown.clone(), members);
    let places = [("file", &*shown)];
    Ok(match then {
        Then::Keep => Written {
            answer: answer.note(words.with("draft-written", &places)),
            send: false,
        },
        Then::Send => Written { answer, send: true },
        Then::Ask => Written {
            send: shown_and_confirmed(&mut dialogue, memorandum, words, &form)
                .map_err(|e| stopped(&e, Some(path)))?,
            answer: answer.note(words.with("not-sent", &places)).refused(),
        },
    })
}

/// Shows an act as the partner would read it, and asks whether it shall be sent.
fn shown_and_confirmed<R: BufRead, W: Write>(
    dialogue: &mut Dialogue<'_, R, W>,
    memorandum: &Memorandum,
    words: &Words,
    form: &Form,
) -> Result<bool, Stopped> {
    let printer = Printer {
        memorandum,
        language: words.language(),
    };
    dialogue.say("")?;
    for line in printer.act(form.act()) {
        let said = [line.label.as_str(), line.text.as_str()];
        let said: Vec<&str> = said.into_iter().filter(|part| !part.is_empty()).collect();
        dialogue.say(&said.join(": "))?;
    }
    let (yes, no) = (words.say("yes"), words.say("no"));
    dialogue.confirmed(&words.with("send-this", &[("yes", &yes), ("no", &no)]))
}

fn begin<R: BufRead, W: Write>(
    dialogue: &mut Dialogue<'_, R, W>,
    memorandum: &Memorandum,
    words: &Words,
    line: &ActLine,
    desk: &Desk,
) -> Result<Form, Stopped> {
    let label = words.label(&line.label);
    dialogue.say(&words.with("intro", &[("act", label), ("article", &line.article)]))?;
    let (from, to) = address::ask(dialogue, memorandum, words, line, desk)?;
    let mut form = Form::new(&line.id, &from, to.as_deref());
    for (slot, typed) in &desk.filled {
        if let Err(fault) = form.answer(memorandum, slot, typed) {
            dialogue.say(&fault.to_string())?;
        }
    }
    Ok(form)
}

/// Asks what is open.
fn fill<R: BufRead, W: Write>(
    dialogue: &mut Dialogue<'_, R, W>,
    memorandum: &Memorandum,
    words: &Words,
    form: &mut Form,
) -> Result<(), Stopped> {
    let mut asked = questions(memorandum, &form.act().kind, words.language());
    // What is declared comes before what is optional, so that nobody passes over it with the rest.
    asked.sort_by_key(|question| match question.section {
        _ if question.mandatory => 0,
        Section::Declared => 1,
        _ => 2,
    });
    let open: Vec<_> = asked
        .iter()
        .filter(|question| form.act().filled(&question.slot).is_none())
        .collect();
    for (place, question) in open.iter().enumerate() {
        let question = &fitting(memorandum, form, question);
        let title = format!("[{}/{}] ", place + 1, open.len());
        let default = default(memorandum, words, form, &question.slot);
        dialogue.question(form, question, &title, default)?;
    }
    Ok(())
}

/// The question with only those choices that may cross, given what is answered; with all if none may, so that the refusal names
/// the rule.
fn fitting(memorandum: &Memorandum, form: &Form, question: &Question) -> Question {
    let mut narrowed = question.clone();
    narrowed
        .choices
        .retain(|choice| fits(memorandum, form.act(), &question.slot, &choice.id));
    if narrowed.choices.is_empty() {
        return question.clone();
    }
    narrowed
}

/// What an empty line stands for: the language of the desk, the case of the act answered.
fn default(memorandum: &Memorandum, words: &Words, form: &Form, slot: &str) -> Option<String> {
    let kind = memorandum.slots.get(slot)?.kind.as_str();
    if let Some(list) = kind.strip_prefix("id:").filter(|list| *list == slot) {
        let spoken = words.language();
        let known = memorandum.words.get(list)?;
        return known
            .iter()
            .any(|word| word.id == spoken)
            .then(|| spoken.to_owned());
    }
    let answered = form.act().text("in_reply_to").filter(|_| slot == "case")?;
    Some(answered.rsplit_once('/')?.0.to_owned())
}

fn save(memorandum: &Memorandum, words: &Words, form: &Form, path: &Path) -> Result<(), Failure> {
    let text = form.write(memorandum, words.language());
    let written = path
        .parent()
        .map_or(Ok(()), fs::create_dir_all)
        .and_then(|()| fs::write(path, text));
    written
        .map_err(|e| Failure::broken(format!("`{}` cannot be written", path.display())).because(&e))
}

fn copy(from: &Path, to: &Path) -> Result<(), Failure> {
    if from == to {
        return Ok(());
    }
    fs::copy(from, to).map(drop).map_err(|e| {
        Failure::broken(format!(
            "`{}` was not copied beside the draft",
            from.display()
        ))
        .because(&e)
    })
}

fn stopped(error: &Stopped, kept: Option<&Path>) -> Failure {
    let hint = match kept {
        Some(path) => format!(
            "what was answered is kept: go on with `entente draft --continue {}`",
            path.display()
        ),
        None => "answer every question, one line each; an empty line leaves an optional slot empty"
            .to_owned(),
    };
    match error {
        Stopped::Ended(_) => Failure::misused("the draft is not finished")
            .because(error)
            .hint(hint),
        Stopped::Broken(_) => Failure::broken("the draft is not finished")
            .because(error)
            .hint(hint),
    }
}

/// Reads a draft file; its faults each with their line.
pub fn read(path: &Path, memorandum: &Memorandum) -> Result<Form, Failure> {
    let shown = path.display();
    let text = fs::read_to_string(path).map_err(|e| {
        Failure::misused(format!("the draft `{shown}` cannot be read"))
            .because(&e)
            .hint("name a file that `entente draft` wrote")
    })?;
    Form::parse(&text, memorandum).map_err(|faults| {
        if let Some(first) = faults.first().filter(|fault| fault.is_no_draft()) {
            return Failure::misused(format!("`{shown}` is no draft: {first}"))
                .hint("name a file that `entente draft` wrote");
        }
        let faults: Vec<String> = faults
            .iter()
            .map(|fault| format!("{shown}: {fault}"))
            .collect();
        Failure::misused(faults.join("\n")).hint("correct the lines named, or draft anew")
    })
}

/// A file that does not exist yet: `drafts/ACT-1.toml`, `drafts/ACT-2.toml` …
pub fn new_path(folder: &Folder, act: &str) -> Result<PathBuf, Failure> {
    let paths = (1..10_000).map(|number| folder.drafts().join(format!("{act}-{number}.toml")));
    paths
        .into_iter()
        .find(|path| !path.exists())
        .ok_or_else(|| {
            Failure::misused("there are ten thousand drafts already")
                .hint("name another file with --out")
        })
}

fn list(memorandum: &Memorandum, words: &Words, desk: &Desk) -> Answer {
    let may = |act: &&ActLine| {
        let sends = |id: &String| {
            memorandum
                .organs
                .get(id)
                .is_some_and(|organ| organ.groups.contains(&act.group))
        };
        desk.organs.iter().any(sends)
    };
    let mut table = Table::new(["act", "article", "words"]);
    let mut members = Vec::new();
    for act in memorandum.acts.iter().filter(may) {
        let label = words.label(&act.label);
        table.row([act.id.as_str(), &act.article, label]);
        members.push(json!({ "act": act.id, "article": act.article, "label": label }));
    }
    Answer::new(table.lines(), json!({ "acts": Value::Array(members) }))
}

/// Whether an act of this behaviour is addressed to an organ of the partner.
fn is_addressed(behaviour: Behaviour) -> bool {
    behaviour != Behaviour::Shares
}
