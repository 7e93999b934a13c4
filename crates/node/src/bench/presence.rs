//! Nothing lost, nothing twice: every message stands exactly once on both sides, and both ledgers agree.

use std::collections::BTreeSet;

use serde_json::Value;

use super::pair::Pair;
use crate::{command::answer::Failure, process::NodeProcess};

/// Rows of one page.
const PAGE: usize = 500;

/// What was found on both sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Presence {
    /// Messages in the sender's outbox and the receiver's inbox, each once, filed, the same on both sides.
    pub messages: usize,
    /// Entries of the sender's ledger, which the receiver mirrors.
    pub sender_entries: u64,
    /// Entries of the receiver's ledger, which the sender mirrors.
    pub receiver_entries: u64,
}

/// Counts every message that was sent, on both sides.
///
/// # Errors
/// When one is missing, stands twice, was not sent or not filed, or a ledger has a fault.
pub fn count(pair: &Pair, sent: &[String]) -> Result<Presence, Failure> {
    let all: BTreeSet<&str> = sent.iter().map(String::as_str).collect();
    let same = |place: &str, rows: &[Value], entry: &str| {
        let found: BTreeSet<&str> = rows
            .iter()
            .filter_map(|row| row["message"].as_str())
            .collect();
        let entries: BTreeSet<u64> = rows.iter().filter_map(|row| row[entry].as_u64()).collect();
        let once = rows.len() == sent.len() && entries.len() == sent.len();
        if found == all && once {
            return Ok(());
        }
        Err(Failure::broken(format!(
            "{} messages were sent, the {place} holds {} rows of {} messages with {} entries",
            sent.len(),
            rows.len(),
            found.len(),
            entries.len()
        )))
    };
    let outbox = rows(&pair.sender, "outbox", "entry")?;
    same("outbox", &outbox, "entry")?;
    let inbox = rows(&pair.receiver, "inbox", "receipt_entry")?;
    same("inbox", &inbox, "receipt_entry")?;
    if outbox
        .iter()
        .any(|row| row["receipt"]["outcome"] != "filed")
        || inbox.iter().any(|row| row["outcome"] != "filed")
    {
        return Err(Failure::broken("not every message was filed"));
    }
    let [own, mirror] = ledgers(&pair.sender)?;
    let [theirs, mirrored] = ledgers(&pair.receiver)?;
    if (own, mirror) != (mirrored, theirs) {
        return Err(Failure::broken(
            "the mirrors do not hold what the ledgers hold",
        ));
    }
    Ok(Presence {
        messages: sent.len(),
        sender_entries: own,
        receiver_entries: theirs,
    })
}

/// All rows of a list, page after page, newest first.
fn rows(node: &NodeProcess, list: &str, position: &str) -> Result<Vec<Value>, Failure> {
    let node = node.running()?;
    let (mut rows, mut before): (Vec<Value>, Option<u64>) = (Vec::new(), None);
    loop {
        let earlier = before.map_or(String::new(), |entry| format!("&before={entry}"));
        let said = node.get(&format!("/v1/{list}?limit={PAGE}{earlier}"))?.json;
        let page = said["items"].as_array().cloned().unwrap_or_default();
        before = page.iter().filter_map(|row| row[position].as_u64()).min();
        let last = page.len() < PAGE;
        rows.extend(page);
        if last || before.is_none() {
            return Ok(rows);
        }
    }
}

/// How many entries our ledger and our mirror have, both checked entry by entry.
fn ledgers(node: &NodeProcess) -> Result<[u64; 2], Failure> {
    let said = node.running()?.get("/v1/ledgers")?.json;
    if said["sound"] != true {
        return Err(Failure::broken(format!(
            "a ledger is not sound: {}",
            said["ledgers"]
        )));
    }
    let entries = |whose: &str| {
        let ledgers = said["ledgers"].as_array().into_iter().flatten();
        let mut of = ledgers.filter(|ledger| ledger["whose"] == whose);
        of.next()
            .and_then(|ledger| ledger["entries"].as_u64())
            .unwrap_or_default()
    };
    Ok([entries("own"), entries("mirror")])
}
