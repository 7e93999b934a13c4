//! At the end of the day: both ledgers exported as files, and verified against each other from the files alone.

use jiff::{SignedDuration, Timestamp};

use super::{
    stage::{Side, Stage, ask_entente, until},
    watch::text,
};
use crate::command::answer::Failure;

/// What the files show.
#[derive(Clone, Debug, Default)]
pub struct Verified {
    /// Whether everything agrees.
    pub holds: bool,
    /// One line a ledger.
    pub lines: Vec<String>,
    /// The command that anyone can repeat.
    pub command: String,
}

/// Exports both sides and compares each ledger with its mirror on the other side.
///
/// # Errors
/// When an export cannot be written.
pub fn verify(stage: &Stage) -> Result<Verified, Failure> {
    cosigned(stage)?;
    for side in &stage.sides {
        side.entente(&["ledger", "export", &exported(side)])?;
    }
    let mut verified = Verified {
        holds: true,
        ..Verified::default()
    };
    for side in &stage.sides {
        let (own, mirror) = (
            exported(side),
            format!("{}/mirror", exported(stage.other(&side.party))),
        );
        let words = with_introductions(
            stage,
            vec![
                "ledger".into(),
                "verify".into(),
                own,
                "--against".into(),
                mirror,
            ],
        );
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let (said, held) = ask_entente(&words)?;
        verified.holds &= held;
        verified
            .lines
            .extend(said.trim().split("\n\n").map(in_one_line));
        verified.command = format!("entente {}", words.join(" "));
    }
    Ok(verified)
}

/// `ledger … · entries 26 · cosigned up to 26`.
fn in_one_line(said: &str) -> String {
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    said.lines().map(words).collect::<Vec<_>>().join(" · ")
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
        let whole = |side: &Side| -> Result<bool, Failure> {
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
pub fn exported(side: &Side) -> String {
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

/// Writes the proof of one act into a folder and returns the names of its files.
///
/// # Errors
/// When the node does not give it.
pub fn proof(side: &Side, act: &str, folder: &str) -> Result<(), Failure> {
    side.entente(&["ledger", "proof", act, "--out", folder])
        .map(drop)
}
