//! `entente peer accept FILE`: the partner's keys, believed once the phrase was compared by voice.

use std::{
    fs,
    io::{self, BufRead, IsTerminal, Write},
    path::PathBuf,
};

use clap::Args;
use entente_cooperation::memorandum::Memorandum;
use entente_ledger::notice::{Introduction, phrase};
use serde_json::json;

use super::super::{
    Caller,
    answer::{Answer, Failure},
    memorandum as agreement,
};
use crate::{
    config::Config,
    folder::{self, Folder},
};

/// Accept the partner's introduction, after the phrase was compared by voice.
///
/// The phrase is made of both introductions. Read it to each other over the telephone: if it differs, someone stands
/// between you, and nothing is accepted.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente peer accept south/introduction.note --dir north
  entente peer accept south/introduction.note --dir north --phrase-confirmed   after both have read it aloud")]
pub struct Accept {
    /// The partner's introduction.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Both sides have read the phrase to each other and it was the same.
    #[arg(long)]
    phrase_confirmed: bool,
    /// Accept other keys than those accepted before.
    #[arg(long)]
    replace: bool,
}

impl Accept {
    /// Shows the phrase and, once it is confirmed, keeps the introduction.
    pub fn run(self, caller: &Caller) -> Result<Answer, Failure> {
        let folder = caller.folder();
        let config = caller.config()?;
        let memorandum = agreement::of_folder(&folder)?;
        let theirs = self.theirs()?;
        let note = self.read(&self.file)?;
        let ours = self.ours(&folder)?;
        fits(&theirs, &config, &memorandum)?;
        self.unchanged(&folder, &theirs)?;
        let words = phrase(&ours.text(), &theirs.text());
        let party = theirs.who().party.as_str();
        let members = json!({ "partner": party, "phrase": words, "accepted": true });
        let notice = agreement::notice(&memorandum, config.demo);
        let compared = match self.phrase_confirmed {
            true => Compared::Same,
            false => compared(&words)?,
        };
        if let Some(why) = compared.not_accepted() {
            let members = json!({ "partner": party, "phrase": words, "accepted": false });
            return Ok(Answer::new(words, members)
                .refused()
                .note(why)
                .demonstration(notice.as_deref()));
        }
        folder::replace(&folder.partner(party), note.as_bytes())
            .map_err(|e| Failure::broken("the introduction was not kept").because(&e))?;
        Ok(Answer::new(words, members)
            .note(format!(
                "`{party}` is accepted as partner; a running node must be started again to know it"
            ))
            .demonstration(notice.as_deref()))
    }

    fn read(&self, path: &std::path::Path) -> Result<String, Failure> {
        fs::read_to_string(path).map_err(|e| {
            Failure::misused(format!(
                "the introduction `{}` cannot be read",
                path.display()
            ))
            .because(&e)
            .hint("name the file `introduction.note` that the partner sent")
        })
    }

    fn theirs(&self) -> Result<Introduction, Failure> {
        let note = self.read(&self.file)?;
        Introduction::verify(&note).map_err(|e| {
            Failure::misused(format!(
                "`{}` is no sound introduction",
                self.file.display()
            ))
            .because(&e)
            .hint("ask the partner to send the file again; it must arrive unchanged, byte for byte")
        })
    }

    fn ours(&self, folder: &Folder) -> Result<Introduction, Failure> {
        let note = self.read(&folder.introduction())?;
        Introduction::verify(&note).map_err(|e| {
            Failure::broken("our own introduction is damaged")
                .because(&e)
                .hint("write it again with `entente peer introduce`")
        })
    }

    fn unchanged(&self, folder: &Folder, theirs: &Introduction) -> Result<(), Failure> {
        let path = folder.partner(theirs.who().party.as_str());
        let Some(before) = fs::read_to_string(path)
            .ok()
            .and_then(|n| Introduction::verify(&n).ok())
        else {
            return Ok(());
        };
        let partner = &theirs.who().party;
        if before.log_keys(partner) != theirs.log_keys(partner) && folder.database().exists() {
            return Err(Failure::misused(
                "this introduction has another log key than the one accepted before, whose ledger is mirrored here",
            )
            .hint("ask the partner to put the log key back in place and to introduce itself again: under another key this node would not open its mirror"));
        }
        if before.identity() == theirs.identity() || self.replace {
            return Ok(());
        }
        Err(Failure::misused(
            "this introduction has another identity key than the one accepted before",
        )
        .hint("ask the partner by voice whether it changed its identity; if so, use --replace"))
    }
}

fn fits(theirs: &Introduction, config: &Config, memorandum: &Memorandum) -> Result<(), Failure> {
    let who = theirs.who();
    if who.memorandum.as_str() != memorandum.head.id {
        return Err(Failure::misused(format!(
            "the introduction is for the memorandum `{}`, this node serves `{}`",
            who.memorandum, memorandum.head.id
        ))
        .hint("ask the partner for an introduction under this memorandum"));
    }
    if who.party.as_str() == config.party {
        return Err(Failure::misused("this is an introduction of our own Party")
            .hint("name the file that the partner sent, not our own"));
    }
    if !memorandum
        .head
        .parties
        .iter()
        .any(|party| party == who.party.as_str())
    {
        return Err(
            Failure::misused(format!("`{}` is no Party of the memorandum", who.party)).hint(
                format!("its Parties are: {}", memorandum.head.parties.join(", ")),
            ),
        );
    }
    if who.demo != config.demo {
        return Err(
            Failure::refused("a demonstration and a node in service never exchange")
                .hint("set both nodes up with --demo, or both without"),
        );
    }
    Ok(())
}

/// What people found when they read the phrase to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Compared {
    Same,
    Different,
    NotYet,
}

impl Compared {
    /// Why the introduction is not accepted, and what to do; none if the phrase was the same.
    const fn not_accepted(self) -> Option<&'static str> {
        match self {
            Self::Same => None,
            Self::Different => Some(
                "not accepted: the words differ, so one of the two files is not the one that was sent, and someone may stand between you. Get the partner's file again by another channel, and compare again",
            ),
            Self::NotYet => Some(
                "not accepted: the phrase was not confirmed. Compare it by voice, then run the command again with --phrase-confirmed",
            ),
        }
    }
}

fn compared(words: &str) -> Result<Compared, Failure> {
    if !io::stdin().is_terminal() {
        return Ok(Compared::NotYet);
    }
    eprintln!("Read these words to the partner by voice, and hear theirs:\n\n  {words}\n");
    let broken = |e: io::Error| Failure::broken("the answer cannot be read").because(&e);
    loop {
        eprint!("Are they the same, word for word? Type yes or no: ");
        io::stderr().flush().map_err(broken)?;
        let mut answer = String::new();
        let read = io::stdin().lock().read_line(&mut answer).map_err(broken)?;
        match answer.trim() {
            "yes" => return Ok(Compared::Same),
            "no" => return Ok(Compared::Different),
            _ if read == 0 => return Ok(Compared::NotYet),
            other => eprintln!("`{other}` is neither yes nor no; nothing is accepted so far."),
        }
    }
}
