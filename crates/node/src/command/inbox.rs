//! `entente inbox`: what arrived, who has it in hand, and what runs out first.

use clap::Args;
use serde_json::Value;

use super::{
    Caller,
    answer::{Answer, Failure},
    show::{Show, printable, told},
    table::Table,
};

/// What arrived: what runs out first, who has it in hand, what was refused and why.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente inbox --dir south
  entente inbox --dir south --untaken     what no officer has taken over
  entente inbox --dir south --json | jq '.items[].reference'")]
pub struct Inbox {
    /// Only what no officer has taken over.
    #[arg(long)]
    untaken: bool,
    /// At most so many.
    #[arg(long, value_name = "N", default_value_t = 50)]
    limit: u32,
}

impl Inbox {
    /// Lists the acts.
    pub fn run(self, caller: &Caller) -> Result<Answer, Failure> {
        let path = format!("/v1/inbox?limit={}&untaken={}", self.limit, self.untaken);
        let said = caller.node()?.get(&path)?;
        let show = Show::of(&said.json);
        let items = said.json["items"].as_array().cloned().unwrap_or_default();
        Ok(show.answer(lines(&items, &show), said.json.clone()))
    }
}

fn lines(items: &[Value], show: &Show) -> String {
    if items.is_empty() {
        return "nothing arrived".to_owned();
    }
    let mut table = Table::new([
        "left",
        "reference",
        "act",
        "from",
        "outcome",
        "owner",
        "received",
    ]);
    for item in items {
        table.row([
            show.left(&item["due"]),
            printable(&item["reference"]),
            printable(&item["act_label"]),
            printable(&item["from_label"]),
            outcome(item),
            owner(item),
            show.instant(&item["received_at"]),
        ]);
    }
    table.lines()
}

fn outcome(item: &Value) -> String {
    let outcome = match item["ground_label"].as_str() {
        Some(ground) => format!("{}: {ground}", printable(&item["outcome"])),
        None => printable(&item["outcome"]),
    };
    [Some(outcome), told(item)]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join("; ")
}

fn owner(item: &Value) -> String {
    let deputy = item["deputy"]
        .as_str()
        .map_or(String::new(), |d| format!(", deputy {d}"));
    item["owner"]
        .as_str()
        .map_or_else(|| "nobody".to_owned(), |owner| format!("{owner}{deputy}"))
}
