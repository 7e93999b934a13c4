//! `entente outbox`: what became of each act of ours. Never “sent”.

use clap::Args;
use serde_json::Value;

use super::{
    Caller,
    answer::{Answer, Failure},
    show::{Show, printable, told},
    table::Table,
};

/// What became of each act of ours, with the reason and the next attempt. Newest first.
///
/// held        stands at home: waits for its hour, or for the partner to be heard; it has no reference yet
/// queued      waits for the next contact
/// unknown     was tried; whether it arrived is not known until its receipt is here
/// received    the partner's node has receipted it
/// taken_over  a named officer of the partner has it in hand
/// answered    the partner has answered
/// answered_in_part  some parts are answered, others refused
/// refused     the partner's node or the partner has refused, on the ground shown
/// unreadable  the partner's node could not open or read it
/// kept_back   never left: what happened since its release bars it, as the reason says
/// contested   what the receipt states is contested on both sides
#[derive(Debug, Args)]
#[command(
    verbatim_doc_comment,
    after_help = "\
Examples:
  entente outbox --dir north
  entente outbox --dir north --state unknown
  entente outbox --dir north --json | jq '.items[].state'"
)]
pub struct Outbox {
    /// Only acts in this state.
    #[arg(long, value_name = "STATE")]
    state: Option<String>,
    /// At most so many.
    #[arg(long, value_name = "N", default_value_t = 50)]
    limit: u32,
}

impl Outbox {
    /// Lists the acts.
    pub fn run(self, caller: &Caller) -> Result<Answer, Failure> {
        let mut path = format!("/v1/outbox?limit={}", self.limit);
        if let Some(state) = &self.state {
            path = format!("{path}&state={state}");
        }
        let said = caller.node()?.get(&path)?;
        let show = Show::of(&said.json);
        let items = said.json["items"].as_array().cloned().unwrap_or_default();
        let held = said.json["held"].as_array().cloned().unwrap_or_default();
        Ok(show.answer(lines(&held, &items, &show), said.json.clone()))
    }
}

fn lines(held: &[Value], items: &[Value], show: &Show) -> String {
    if items.is_empty() && held.is_empty() {
        return "nothing was released yet; `entente draft` begins an act".to_owned();
    }
    let mut table = Table::new(["reference", "act", "to", "state", "since", "because"]);
    for item in held {
        let until = match item["leaves_at"].as_str() {
            Some(_) => format!("next attempt {}; ", show.instant(&item["leaves_at"])),
            None => String::new(),
        };
        table.row([
            item["case"]
                .as_str()
                .map_or_else(String::new, |case| format!("{case}/…")),
            printable(&item["act_label"]),
            printable(&item["to_label"]),
            printable(&item["state"]),
            String::new(),
            format!("{until}{}", printable(&item["reason"])),
        ]);
    }
    for item in items {
        let receipt = &item["receipt"];
        let since = [&receipt["received_at"], &item["released_at"]];
        let since = since
            .into_iter()
            .find(|at| !at.is_null())
            .map(|at| show.instant(at));
        table.row([
            printable(&item["reference"]),
            printable(&item["act_label"]),
            printable(&item["to_label"]),
            printable(&item["state"]),
            since.unwrap_or_default(),
            because(item, show),
        ]);
    }
    table.lines()
}

fn because(item: &Value, show: &Show) -> String {
    let mut parts = Vec::new();
    for member in [
        &item["receipt"]["ground_label"],
        &item["answered_by"],
        &item["reason"],
    ] {
        if parts.is_empty() && !member.is_null() {
            parts.push(printable(member));
        }
    }
    if !item["next_attempt_at"].is_null() {
        parts.push(format!(
            "next attempt {}",
            show.instant(&item["next_attempt_at"])
        ));
    }
    parts.extend(told(item));
    parts.join("; ")
}
