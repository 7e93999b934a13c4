//! Both ledgers of a side, entry by entry.

use serde_json::Value;

use super::{Look, instant};
use crate::demo::watch::{escaped, text};
use crate::{
    command::answer::Failure,
    console::view::{EntryView, LedgerView},
    process::NodeProcess,
};

impl Look<'_> {
    /// Both ledgers, each as its own side holds it.
    ///
    /// # Errors
    /// When a node does not answer.
    pub fn ledgers(&self) -> Result<Vec<LedgerView>, Failure> {
        self.shows
            .stage
            .sides
            .iter()
            .map(|side| self.ledger(side))
            .collect()
    }

    fn ledger(&self, side: &NodeProcess) -> Result<LedgerView, Failure> {
        let other = self.shows.stage.other(&side.party);
        let head = side.get(&format!("/v1/ledgers/{}/own", other.party))?;
        let checked = side.get("/v1/ledgers")?;
        let own = checked["ledgers"]
            .as_array()
            .into_iter()
            .flatten()
            .find(|row| row["whose"] == "own")
            .cloned();
        let own = own.unwrap_or_default();
        let faults: Vec<&str> = own["faults"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let size = own["entries"].to_string();
        let verdict = match faults.first() {
            None => self.words.with("ledger-agrees", &[("size", &size)]),
            Some(fault) => self.words.with("ledger-differs", &[("fault", fault)]),
        };
        let cosigned = own["cosigned"].to_string();
        let other_city = self.city(&other.party);
        Ok(LedgerView {
            party: side.party.clone(),
            city: self.city(&side.party),
            root: text(&head, "checkpoint")
                .lines()
                .nth(2)
                .unwrap_or_default()
                .to_owned(),
            holds: faults.is_empty() && self.shows.verified.holds(),
            verdict,
            signatures: vec![
                (
                    self.words
                        .with("ledger-signed", &[("city", &self.city(&side.party))]),
                    "Ed25519, ML-DSA-44".to_owned(),
                ),
                (
                    self.words.with(
                        "ledger-cosigned",
                        &[("city", &other_city), ("size", &cosigned)],
                    ),
                    "ML-DSA-44".to_owned(),
                ),
            ],
            entries: self.entries(side, other)?,
            size,
        })
    }

    fn entries(&self, side: &NodeProcess, other: &NodeProcess) -> Result<Vec<EntryView>, Failure> {
        let sent = side.get("/v1/outbox?limit=500")?;
        let received = side.get("/v1/inbox?limit=500")?;
        let listed = side.get(&format!("/v1/ledgers/{}/own/entries", other.party))?;
        let bytes = base64(&text(&listed, "entries"));
        let named = |index: u64| {
            let find = |rows: &Value, member: &str| {
                rows["items"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .find(|row| row[member] == index)
                    .cloned()
            };
            find(&sent, "entry")
                .map(|row| ("kind-act", row, "released_at"))
                .or_else(|| {
                    find(&received, "receipt_entry").map(|row| ("kind-receipt", row, "received_at"))
                })
        };
        let all = bytes.chunks_exact(32).enumerate().map(|(index, entry)| {
            let fingerprint: String = entry
                .iter()
                .take(8)
                .map(|byte| format!("{byte:02x}"))
                .collect();
            let index = index as u64;
            match named(index) {
                Some((kind, row, member)) => EntryView {
                    index,
                    kind: self.words.say(kind),
                    path: escaped(&text(&row, "reference")),
                    reference: text(&row, "reference"),
                    when: instant(&row[member])
                        .map(|at| self.both(at))
                        .unwrap_or_default(),
                    fingerprint,
                },
                None => EntryView {
                    index,
                    kind: self.words.say("kind-journal"),
                    path: String::new(),
                    reference: String::new(),
                    when: String::new(),
                    fingerprint,
                },
            }
        });
        let mut all: Vec<EntryView> = all.collect();
        all.reverse();
        Ok(all)
    }
}

fn base64(text: &str) -> Vec<u8> {
    use ::base64::{Engine, prelude::BASE64_STANDARD};
    BASE64_STANDARD.decode(text).unwrap_or_default()
}
