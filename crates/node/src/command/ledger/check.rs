//! `entente ledger check`: both ledgers of every link, entry by entry, by the running node.

use clap::Args;
use serde_json::Value;

use super::super::{
    Caller,
    answer::{Answer, Failure},
    show::{Show, printable},
    table::Table,
};

/// Check our ledger and our mirror of the partner's: every entry, every opening, every root, every signature.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente ledger check --dir north")]
pub struct Check {}

impl Check {
    pub(super) fn run(self, caller: &Caller) -> Result<Answer, Failure> {
        let said = caller.node()?.get("/v1/ledgers")?;
        let sound = said.json["sound"] == true;
        let answer = Show::of(&said.json).answer(lines(&said.json), said.json);
        Ok(if sound { answer } else { answer.refused() })
    }
}

fn lines(json: &Value) -> String {
    let mut table = Table::new([
        "ledger",
        "",
        "entries",
        "opened",
        "signed to",
        "cosigned to",
        "faults",
    ]);
    let mut faults = Vec::new();
    for ledger in json["ledgers"].as_array().into_iter().flatten() {
        let found: Vec<String> = ledger["faults"]
            .as_array()
            .into_iter()
            .flatten()
            .map(printable)
            .collect();
        table.row([
            printable(&ledger["ledger"]),
            printable(&ledger["whose"]),
            printable(&ledger["entries"]),
            printable(&ledger["opened"]),
            printable(&ledger["signed"]),
            printable(&ledger["cosigned"]),
            found.len().to_string(),
        ]);
        faults.extend(
            found
                .into_iter()
                .map(|fault| format!("{}: {fault}", printable(&ledger["ledger"]))),
        );
    }
    format!("{}{}", table.lines(), faults.join("\n"))
}
