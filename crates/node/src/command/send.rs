//! `entente send FILE`: judged, and if it may cross, released.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::Value;

use super::{
    Caller,
    answer::{Answer, Failure},
    hand_in,
    show::{Show, printable},
    verdict,
    words::Words,
};

/// Judge a draft and, if it may cross, release it into our ledger and to the partner.
///
/// Prints the reference that the act got; for an act that is held at home, whose reference is drawn when it leaves, the draft.
/// Whether it arrived, `entente outbox` says. If it may not cross, nothing leaves: exit code 1, with the article and what would make
/// it permitted. A draft that was sent before is not sent a second time (exit code 1), unless --again says that it is meant.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente send north/drafts/ACT-1.toml --dir north
  entente send north/drafts/ACT-1.toml --dir north --as officer_2
  entente send north/drafts/ACT-1.toml --dir north --again     a second act of the same content")]
pub struct Send {
    /// The draft.
    #[arg(value_name = "DRAFT")]
    file: PathBuf,
    /// Send it although the same draft was sent before: a second act.
    #[arg(long)]
    again: bool,
}

impl Send {
    /// Hands the draft to the node.
    pub fn run(self, caller: &Caller) -> Result<Answer, Failure> {
        release(caller, &self.file, self.again)
    }
}

/// Hands the draft in `path` to the node, and says what became of it.
///
/// `again` sends a draft that was sent before.
pub fn release(caller: &Caller, path: &Path, again: bool) -> Result<Answer, Failure> {
    let to = if again {
        "/v1/acts?again=true"
    } else {
        "/v1/acts"
    };
    let said = caller.node()?.post(to, &hand_in::of_file(caller, path)?)?;
    let show = Show::of(&said.json);
    if said.refused {
        let text = verdict::lines(&said.json, &Words::of(&caller.language()));
        return Ok(show
            .answer(text, said.json)
            .refused()
            .note("refused at our own desk; nothing left, and only our journal knows"));
    }
    Ok(released(&said.json, &show, path))
}

fn released(json: &Value, show: &Show, path: &Path) -> Answer {
    if json["state"] == "held" {
        let until = json["leaves_at"].as_str().map_or(String::new(), |_| {
            format!(" until {}", show.instant(&json["leaves_at"]))
        });
        return show
            .answer(path.display().to_string(), json.clone())
            .note(format!("held{until}: {}", printable(&json["reason"])))
            .note("What to do: nothing; do not send it again. `entente outbox` shows it, first as held, then with its reference");
    }
    let reference = json["reference"]
        .as_str()
        .map_or_else(|| printable(&json["message"]), str::to_owned);
    let articles: Vec<String> = json["articles"]
        .as_array()
        .into_iter()
        .flatten()
        .map(printable)
        .collect();
    let note = format!(
        "{} released {} under {}, entry {} of our ledger; `entente outbox` says what becomes of it",
        printable(&json["act_label"]),
        show.instant(&json["released_at"]),
        articles.join(", "),
        json["entry"]
    );
    show.answer(reference, json.clone()).note(note)
}
