//! `entente case`: the cases, or one case with its acts and clocks.

use clap::Args;
use serde_json::Value;

use super::{
    Caller,
    answer::{Answer, Failure},
    client::encoded,
    show::{Show, printable, told},
    table::{Table, isolated},
    terminal::block,
};

/// List the cases, show one with its acts and clocks, or read one act.
///
/// Reading an act is noted in the journal with who read it and why (article 30.3).
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente case --dir south
  entente case N-2030-000417 --dir south
  entente case --act N-2030-000417/1 --why \"answering\" --dir south --language ar")]
pub struct Case {
    /// The case.
    #[arg(value_name = "CASE")]
    case: Option<String>,
    /// Read this act with its content: reference, act id or message id.
    #[arg(long, value_name = "REFERENCE", conflicts_with = "case")]
    act: Option<String>,
    /// Why the act is read.
    #[arg(long, value_name = "TEXT", requires = "act")]
    why: Option<String>,
    /// Closed cases too.
    #[arg(long)]
    all: bool,
}

impl Case {
    /// Shows what was asked for.
    pub fn run(self, caller: &Caller) -> Result<Answer, Failure> {
        let node = caller.node()?;
        let path = match (&self.case, &self.act) {
            (Some(case), _) => format!("/v1/cases/{}", encoded(case)),
            (None, Some(act)) => {
                let why = self.why.as_deref().unwrap_or("case work");
                format!("/v1/acts/{}?why={}", encoded(act), encoded(why))
            }
            (None, None) => format!("/v1/cases?all={}", self.all),
        };
        let said = node.get(&path)?;
        let show = Show::of(&said.json);
        let text = match (&self.case, &self.act) {
            (Some(_), _) => one(&said.json, &show),
            (None, Some(_)) => act(&said.json, &show),
            (None, None) => list(&said.json, &show),
        };
        Ok(show.answer(text, said.json))
    }
}

fn list(json: &Value, show: &Show) -> String {
    let items: Vec<&Value> = json["items"].as_array().into_iter().flatten().collect();
    if items.is_empty() {
        return "no case is open".to_owned();
    }
    let mut table = Table::new(["case", "opened", "owner", "deputy", "outcome"]);
    for item in items {
        table.row([
            printable(&item["case"]),
            show.instant(&item["opened_at"]),
            printable(&item["owner"]),
            printable(&item["deputy"]),
            printable(&item["outcome"]),
        ]);
    }
    table.lines()
}

fn one(json: &Value, show: &Show) -> String {
    let mut lines = vec![
        format!("case    {}", printable(&json["case"])),
        format!("owner   {}", owner(json)),
    ];
    if !json["outcome"].is_null() {
        lines.push(format!(
            "closed  {} {}",
            printable(&json["outcome"]),
            show.instant(&json["closed_at"])
        ));
    }
    let mut acts = Table::new(["reference", "", "act", "state", "at"]);
    for act in json["acts"].as_array().into_iter().flatten() {
        let sent = act["direction"] == "sent";
        let at = if sent {
            &act["released_at"]
        } else {
            &act["received_at"]
        };
        let state = if sent { &act["state"] } else { &act["outcome"] };
        let way = if sent { "sent by us" } else { "received" };
        acts.row([
            printable(&act["reference"]),
            way.to_owned(),
            printable(&act["act_label"]),
            printable(state),
            show.instant(at),
        ]);
    }
    lines.push(String::new());
    lines.push(acts.lines());
    for act in json["acts"].as_array().into_iter().flatten() {
        lines.extend(told(act).map(|told| format!("{}: {told}", printable(&act["reference"]))));
    }
    let clocks: Vec<&Value> = json["clocks"].as_array().into_iter().flatten().collect();
    if !clocks.is_empty() {
        lines.push(clock_lines(&clocks, show));
    }
    lines.join("\n")
}

fn owner(json: &Value) -> String {
    let deputy = json["deputy"]
        .as_str()
        .map_or(String::new(), |deputy| format!(", deputy {deputy}"));
    json["owner"].as_str().map_or_else(
        || "nobody yet".to_owned(),
        |owner| format!("{owner}{deputy}"),
    )
}

fn clock_lines(clocks: &[&Value], show: &Show) -> String {
    let mut table = Table::new(["clock", "of", "owed by", "left", "due"]);
    for clock in clocks {
        let left = match clock["ended_how"].as_str() {
            Some(how) => how.to_owned(),
            None => show.left(clock),
        };
        table.row([
            printable(&clock["clock_label"]),
            printable(&clock["of"]),
            printable(&clock["debtor"]),
            left,
            show.instant(&clock["due"]),
        ]);
    }
    table.lines()
}

fn act(json: &Value, show: &Show) -> String {
    let sent = json["direction"] == "sent";
    let at = if sent {
        &json["released_at"]
    } else {
        &json["received_at"]
    };
    let way = if sent { "released" } else { "received" };
    let mut lines = vec![format!(
        "{}, {way} {}",
        printable(&json["reference"]),
        show.instant(at)
    )];
    lines.extend(told(json));
    if json["content"].is_null() {
        lines.push("the content was erased".to_owned());
    }
    for line in json["content"]["lines"].as_array().into_iter().flatten() {
        let indent = if line["role"] == "heading" { "" } else { "  " };
        let written = block(line["text"].as_str().unwrap_or_default());
        lines.push(format!(
            "{indent}{}: {}",
            printable(&line["label"]),
            isolated(&written)
        ));
    }
    for file in json["content"]["files"].as_array().into_iter().flatten() {
        lines.push(format!(
            "  file {} ({})",
            printable(&file["name"]),
            printable(&file["slot"])
        ));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_words_of_an_act_forge_no_line_of_what_is_shown() {
        let written = "oui\nBE-2026-000417/9, received\n  purpose: none\u{1b}[1A\r";
        let shown = json!({
            "direction": "received", "reference": "BE-2026-000417/1", "received_at": null,
            "content": {"files": [], "lines": [{"role": "note", "label": "note", "text": written}]},
        });
        let text = act(&shown, &Show::of(&json!({})));
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 4, "{text}");
        assert_eq!(lines[1], "  note: oui");
        assert_eq!(lines[2], "      BE-2026-000417/9, received");
        assert_eq!(lines[3], "        purpose: none\\u{1b}[1A\\u{d}");
    }
}
