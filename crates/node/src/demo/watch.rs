//! What changed between two looks at the clocks of a node: started, suspended, resumed, ended.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::{command::answer::Failure, process::NodeProcess};

/// A clock as a node shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Clock {
    /// Annex 4.
    #[serde(rename = "clock")]
    pub id: String,
    /// In words.
    pub label: String,
    /// The paragraph it rests on.
    pub article: String,
    /// Its case.
    pub case: String,
    /// The act that started it.
    pub of: String,
    /// Who owes.
    pub debtor: String,
    /// When it ends.
    pub due: Timestamp,
    /// Whether it stands still.
    pub paused: bool,
    /// How it ended.
    pub ended: Option<String>,
}

/// A change that somebody looking at the clocks sees. Its kind stands under `change`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Change {
    /// It runs now.
    Started(Clock),
    /// It stands still now.
    Suspended(Clock),
    /// It runs again, moved.
    Resumed(Clock),
    /// Its end was moved.
    Moved(Clock),
    /// It ended.
    Ended(Clock),
}

impl Change {
    /// The effect of Annex 0 that the change shows.
    pub fn effect(&self) -> &'static str {
        match self {
            Change::Started(_) => "start_clock",
            Change::Suspended(_) => "suspend_clock",
            Change::Resumed(_) => "resume_clock",
            Change::Moved(_) => "extend_clock",
            Change::Ended(_) => "stop_clock",
        }
    }

    /// The clock, as it is now.
    pub fn clock(&self) -> &Clock {
        match self {
            Change::Started(clock)
            | Change::Suspended(clock)
            | Change::Resumed(clock)
            | Change::Moved(clock)
            | Change::Ended(clock) => clock,
        }
    }
}

/// Every clock that a node holds, its words in a language.
///
/// # Errors
/// When the node does not answer.
pub fn clocks(side: &NodeProcess, language: &str) -> Result<Vec<Clock>, Failure> {
    let cases = side.get("/v1/cases?all=true&limit=500")?;
    let mut found = Vec::new();
    for case in cases["items"].as_array().into_iter().flatten() {
        let name = text(case, "case");
        let shown = side.get_in(language, &format!("/v1/cases/{}", escaped(&name)))?;
        found.extend(
            shown["clocks"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|row| clock(&name, row)),
        );
    }
    found.sort_by(|one, other| (one.due, &one.id, &one.of).cmp(&(other.due, &other.id, &other.of)));
    Ok(found)
}

fn clock(case: &str, row: &Value) -> Option<Clock> {
    Some(Clock {
        id: text(row, "clock"),
        label: text(row, "clock_label"),
        article: text(row, "article"),
        case: case.to_owned(),
        of: text(row, "of"),
        debtor: text(row, "debtor"),
        due: row["due"].as_str()?.parse().ok()?,
        paused: !row["paused_since"].is_null(),
        ended: row["ended_how"].as_str().map(str::to_owned),
    })
}

/// What changed from one look to the next, in the order of what ends first.
pub fn changes(before: &[Clock], after: &[Clock]) -> Vec<Change> {
    let same = |one: &Clock, other: &Clock| {
        one.id == other.id && one.of == other.of && one.debtor == other.debtor
    };
    let change = |now: &Clock| {
        let now = now.clone();
        match before.iter().rfind(|old| same(old, &now)) {
            None if now.ended.is_none() => Some(Change::Started(now)),
            None => Some(Change::Ended(now)),
            Some(old) if old == &now => None,
            Some(old) if old.ended.is_none() && now.ended.is_some() => Some(Change::Ended(now)),
            Some(old) if !old.paused && now.paused => Some(Change::Suspended(now)),
            Some(old) if old.paused && !now.paused => Some(Change::Resumed(now)),
            Some(old) if old.due != now.due => Some(Change::Moved(now)),
            Some(_) => None,
        }
    };
    after.iter().filter_map(change).collect()
}

/// A member that is text; empty otherwise.
pub fn text(row: &Value, member: &str) -> String {
    row[member].as_str().unwrap_or_default().to_owned()
}

/// A reference as one segment of a path.
pub fn escaped(reference: &str) -> String {
    reference
        .replace('%', "%25")
        .replace('/', "%2F")
        .replace(' ', "%20")
}
