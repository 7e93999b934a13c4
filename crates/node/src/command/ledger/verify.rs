//! `entente ledger verify FOLDER`: evidence checked offline, from the files alone.

use std::{
    fs,
    path::{Path, PathBuf},
};

use clap::Args;
use entente_ledger::{KeyNotice, check::compare, cosignature::whole_second, notice::Introduction};
use serde_json::{Value, json};

use super::super::{
    Caller,
    answer::{Answer, Failure},
};
use crate::{
    evidence::{self, BadEvidence, CheckedLog, Place, Shown, Trusted},
    folder::Folder,
    key_notices::notices_in,
};

/// Verify evidence offline: the proof of one act, or an exported ledger. Needs no node.
///
/// Keys are compared with the introductions named, or with those of the data folder. Nothing is proven without those of both
/// Parties, nor what the partner has not cosigned; the answer says what is missing.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente ledger verify proof-of-act --introduction north.note --introduction south.note
  entente ledger verify export-north --introduction north.note --introduction south.note
  entente ledger verify export-north --against export-south/mirror")]
pub struct Verify {
    /// The folder that `ledger proof`, `ledger reveal` or `ledger export` wrote.
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    /// An introduction whose keys are trusted, a notice of a key, or a folder of both; may be given several times.
    #[arg(long, value_name = "FILE")]
    introduction: Vec<PathBuf>,
    /// Another copy of the same ledger, to be compared entry by entry.
    #[arg(long, value_name = "FOLDER")]
    against: Option<PathBuf>,
}

impl Verify {
    /// Verifies what lies in the folder.
    pub fn run(self, caller: &Caller) -> Result<Answer, Failure> {
        let known = self.known(&caller.folder())?;
        if evidence::is_act(&self.folder) {
            return Ok(evidence::verify_act(&self.folder, &known)
                .map_or_else(|error| not_proven(&error), |shown| act_shown(&shown)));
        }
        if !self
            .folder
            .join(entente_ledger::export::CHECKPOINT)
            .is_file()
        {
            return Err(Failure::misused(format!(
                "`{}` holds neither the proof of an act nor an exported ledger",
                self.folder.display()
            ))
            .hint("name a folder that `entente ledger proof` or `entente ledger export` wrote"));
        }
        let log = match evidence::verify_log(&self.folder, &known) {
            Ok(log) => log,
            Err(error) => return Ok(not_proven(&error)),
        };
        let difference = match &self.against {
            Some(other) => difference(&log, other, &known),
            None => None,
        };
        Ok(log_shown(&log, difference))
    }

    fn known(&self, folder: &Folder) -> Result<Trusted, Failure> {
        let (mut known, mut notices) = (Vec::new(), Vec::new());
        for path in &self.introduction {
            let found = notices_in(path).into_iter().map(|(_, note)| note);
            notices.extend(found);
            match path.is_dir() {
                true => known.extend(introductions_in(path)),
                false => match notice(path) {
                    Some(note) => notices.push(note),
                    None => known.push(introduction(path)?),
                },
            }
        }
        if self.introduction.is_empty() && folder.is_set_up() {
            let partners = fs::read_dir(folder.partners()).into_iter().flatten();
            let paths = partners.flatten().map(|entry| entry.path());
            for path in paths.chain([folder.introduction()]) {
                known.push(introduction(&path)?);
            }
            let kept = notices_in(&folder.notices()).into_iter();
            notices.extend(kept.map(|(_, note)| note));
        }
        Ok(Trusted {
            introductions: known,
            notices,
            named: !self.introduction.is_empty(),
        })
    }
}

/// The notice of a key in a file, if that is what it holds.
fn notice(path: &Path) -> Option<String> {
    let note = fs::read_to_string(path).ok()?;
    KeyNotice::stated(&note).is_ok().then_some(note)
}

/// The sound introductions in a folder.
fn introductions_in(folder: &Path) -> Vec<Introduction> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    paths
        .iter()
        .filter_map(|path| introduction(path).ok())
        .collect()
}

fn introduction(path: &Path) -> Result<Introduction, Failure> {
    let shown = path.display();
    let note = fs::read_to_string(path)
        .map_err(|e| Failure::misused(format!("`{shown}` cannot be read")).because(&e))?;
    Introduction::verify(&note)
        .map_err(|e| Failure::misused(format!("`{shown}` is no sound introduction")).because(&e))
}

fn not_proven(error: &BadEvidence) -> Answer {
    let mut text = format!("not proven: {error}");
    if let Some(cause) = std::error::Error::source(error) {
        text = format!("{text}: {cause}");
    }
    Answer::new(text.clone(), json!({ "proven": false, "why": text })).refused()
}

fn act_shown(shown: &Shown) -> Answer {
    let mut lines = vec![
        format!("message   {}", shown.sent.message),
        format!("released  {}", whole_second(shown.sent.released_at)),
        format!("sent      {}", standing(&shown.sent_in)),
    ];
    if let Some((receipt, place)) = &shown.receipt {
        lines.push(format!("receipt   {}", standing(place)));
        lines.push(format!("received  {}", whole_second(receipt.received_at)));
        lines.push(format!("outcome   {}", receipt.outcome.as_str()));
        for clock in &receipt.clocks {
            lines.push(format!(
                "clock     {} owed by {}, due {}",
                clock.clock,
                clock.debtor,
                whole_second(clock.due)
            ));
        }
    } else {
        lines.push("receipt   none among the files: that it was received is not proven".to_owned());
    }
    if let Some(body) = &shown.body {
        lines.push(format!("body      {body}"));
    }
    let lacks = shown.lacks();
    let members = json!({
        "proven": lacks.is_empty(), "lacks": lacks, "sent": record(&shown.sent.write()), "body": shown.body,
        "receipt": shown.receipt.as_ref().map(|(receipt, _)| record(&receipt.write())),
        "sent_in": place_members(&shown.sent_in),
        "receipt_in": shown.receipt.as_ref().map(|(_, place)| place_members(place)),
    });
    believed(lines, members, &lacks)
}

/// An answer that is a "no" as long as something is missing, and says what, first of all.
fn believed(mut lines: Vec<String>, members: Value, lacks: &[String]) -> Answer {
    if lacks.is_empty() {
        lines.insert(
            0,
            "proven    what stands below, by the signatures of both Parties".to_owned(),
        );
        return Answer::new(lines.join("\n"), members);
    }
    let missing = lacks.iter().map(|lack| format!("not proven: {lack}"));
    lines.splice(0..0, missing);
    Answer::new(lines.join("\n"), members).refused().note(
        "the introductions of both Parties are named with --introduction; a cosignature comes with the partner's next contact",
    )
}

fn record(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_default()
}

fn standing(place: &Place) -> String {
    let mut text = format!("entry {} of {}", place.index, place.log);
    for (who, at) in &place.cosigned {
        text = format!("{text}, cosigned by {who} at {at}");
    }
    text
}

fn place_members(place: &Place) -> Value {
    let cosigned: Vec<Value> = place
        .cosigned
        .iter()
        .map(|(who, at)| json!({ "by": who, "at": at }))
        .collect();
    json!({ "log": place.log, "index": place.index, "cosigned": cosigned })
}

fn difference(log: &CheckedLog, other: &Path, known: &Trusted) -> Option<String> {
    match evidence::verify_log(other, known) {
        Err(error) => Some(format!("the other copy is not proven: {error}")),
        Ok(copy) if copy.log != log.log => Some(format!(
            "the other copy is of another ledger, `{}`",
            copy.log
        )),
        Ok(copy) => compare(&log.entries, &copy.entries).map(|fault| fault.to_string()),
    }
}

fn log_shown(log: &CheckedLog, difference: Option<String>) -> Answer {
    let mut faults: Vec<String> = log
        .findings
        .faults
        .iter()
        .map(ToString::to_string)
        .collect();
    faults.extend(
        log.wrong_tiles
            .iter()
            .map(|tile| format!("the tile `{tile}` does not fit the entries")),
    );
    faults.extend(difference);
    let lacks = log.lacks();
    let sound = faults.is_empty() && lacks.is_empty();
    let mut lines = vec![
        format!("ledger    {}", log.log),
        format!("entries   {}", log.size),
        format!("signed    up to {}", log.findings.covered),
        format!("cosigned  up to {}", log.findings.cosigned),
    ];
    lines.extend(faults.iter().map(|fault| format!("fault     {fault}")));
    lines.push(format!("faults    {}", faults.len()));
    let members = json!({
        "proven": sound, "ledger": log.log, "entries": log.size, "signed": log.findings.covered,
        "cosigned": log.findings.cosigned, "faults": faults, "lacks": lacks,
    });
    let answer = believed(lines, members, &lacks);
    let answer = if log.findings.cosigned < log.size {
        answer.note(format!(
            "the last {} entries are not cosigned by the partner yet: of these the ledger itself alone says that they stand there",
            log.size - log.findings.cosigned
        ))
    } else {
        answer
    };
    if sound { answer } else { answer.refused() }
}
