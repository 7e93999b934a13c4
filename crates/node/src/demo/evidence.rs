//! At the end of the day: both ledgers exported as files, and verified against each other from the files alone.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::{stage::Stage, story::LedgerFiles, watch::text};
use crate::{
    command::answer::Failure,
    process::{NodeProcess, ask, until},
};

/// What the files show.
#[derive(Clone, Debug, Default)]
pub struct Verified {
    /// One a side, in the order of the script.
    pub ledgers: Vec<LedgerFiles>,
    /// The command that anyone can repeat.
    pub command: String,
}

impl Verified {
    /// Whether everything agrees.
    pub fn holds(&self) -> bool {
        self.ledgers.iter().all(LedgerFiles::holds)
    }
}

/// Exports both sides and compares each ledger with its mirror on the other side.
///
/// # Errors
/// When an export cannot be written.
pub fn verify(stage: &Stage) -> Result<Verified, Failure> {
    cosigned(stage)?;
    for side in &stage.sides {
        side.call(&["ledger", "export", &exported(side)])?;
    }
    let mut verified = Verified::default();
    for side in &stage.sides {
        let words = words_of(stage, side);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let printed = ask(&[&words[..], &["--json"]].concat())?;
        let said: Value = serde_json::from_str(&printed.out).unwrap_or_default();
        let fault = match said["faults"][0].as_str().or(said["why"].as_str()) {
            None if !printed.held => Some(printed.err.trim().to_owned()),
            fault => fault.map(str::to_owned),
        };
        let number = |member: &str| said[member].as_u64().unwrap_or_default();
        verified.ledgers.push(LedgerFiles {
            party: side.party.clone(),
            entries: number("entries"),
            signed: number("signed"),
            cosigned: number("cosigned"),
            fault,
        });
        verified.command = format!("entente {}", words.join(" "));
    }
    Ok(verified)
}

fn words_of(stage: &Stage, side: &NodeProcess) -> Vec<String> {
    let mirror = format!("{}/mirror", exported(stage.other(&side.party)));
    let words = ["ledger", "verify", &exported(side), "--against", &mirror];
    with_introductions(stage, words.map(str::to_owned).to_vec())
}

/// A day of quiet goes by: its contact brings each side's cosignature of the other's newest head.
fn cosigned(stage: &Stage) -> Result<(), Failure> {
    let now = text(&stage.sides[0].get("/v1/clock")?, "now");
    let Some(tomorrow) = now
        .parse()
        .ok()
        .and_then(|now: Timestamp| now.checked_add(SignedDuration::from_hours(26)).ok())
    else {
        return Ok(());
    };
    stage.drive(tomorrow)?;
    until("the newest heads were not cosigned", || {
        let whole = |side: &NodeProcess| -> Result<bool, Failure> {
            let ledgers = side.get("/v1/ledgers")?;
            let all = ledgers["ledgers"].as_array().cloned().unwrap_or_default();
            Ok(all
                .iter()
                .filter(|row| row["whose"] == "own")
                .all(|row| row["cosigned"] == row["entries"]))
        };
        let [first, second] = stage.two();
        Ok(whole(first)? && whole(second)?)
    })
}

/// Where a side's ledger is exported to.
pub fn exported(side: &NodeProcess) -> String {
    side.dir.join("export").display().to_string()
}

/// The words of a command, with the introductions of both sides: the keys that are trusted.
pub fn with_introductions(stage: &Stage, mut words: Vec<String>) -> Vec<String> {
    for side in &stage.sides {
        words.push("--introduction".to_owned());
        words.push(side.folder().introduction().display().to_string());
    }
    words
}

/// Writes the proof of one act into a folder.
///
/// # Errors
/// When the node does not give it.
pub fn proof(side: &NodeProcess, act: &str, folder: &str) -> Result<(), Failure> {
    side.call(&["ledger", "proof", act, "--out", folder])
        .map(drop)
}
