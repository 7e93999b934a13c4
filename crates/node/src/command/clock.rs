//! `entente clock`: what time it is for the node, and the driven clock of a demonstration.

use clap::Args;
use serde_json::json;

use super::{
    Caller,
    answer::{Answer, Failure},
    show::Show,
};

/// Show the node's clock; drive the clock of a demonstration forward.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente clock --dir north
  entente clock --to 2030-03-01T10:00:00Z --dir north     demonstrations only
  entente clock --by PT8H --dir north")]
pub struct Clock {
    /// Drive it to this instant.
    #[arg(long, value_name = "INSTANT", conflicts_with = "by")]
    to: Option<String>,
    /// Drive it forward by so long, as PT8H.
    #[arg(long, value_name = "DURATION")]
    by: Option<String>,
}

impl Clock {
    /// Shows or drives the clock.
    pub fn run(self, caller: &Caller) -> Result<Answer, Failure> {
        let node = caller.node()?;
        let said = match (&self.to, &self.by) {
            (None, None) => node.get("/v1/clock")?,
            (Some(to), _) => node.post("/v1/clock", &json!({ "to": to }))?,
            (None, Some(by)) => node.post("/v1/clock", &json!({ "by": by }))?,
        };
        let show = Show::of(&said.json);
        let nature = if said.json["driven"] == true {
            "driven"
        } else {
            "the system's"
        };
        let text = format!("{}\n{nature}", show.instant(&said.json["now"]));
        Ok(show.answer(text, said.json))
    }
}
