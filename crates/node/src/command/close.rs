//! `entente close CASE`: a case ends with an outcome, once nothing is owed in it.

use clap::Args;
use serde_json::json;

use super::{
    Caller,
    answer::{Answer, Failure},
    client::encoded,
    show::{Show, printable},
};

/// Close a case with its outcome. It stays open while we still owe something in it; the answer says what.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente close N-2030-000417 --outcome answered --dir south
Outcomes: answered, answered_in_part, refused, lapsed, withdrawn, completed, without_result")]
pub struct Close {
    /// The case.
    #[arg(value_name = "CASE")]
    case: String,
    /// How it ended.
    #[arg(long, value_name = "OUTCOME")]
    outcome: String,
}

impl Close {
    /// Closes the case.
    pub fn run(self, caller: &Caller) -> Result<Answer, Failure> {
        let body = json!({ "outcome": self.outcome });
        let said = caller
            .node()?
            .post(&format!("/v1/cases/{}/closing", encoded(&self.case)), &body)?;
        let line = format!("{} closed: {}", self.case, printable(&said.json["outcome"]));
        Ok(Show::of(&said.json).answer(line, said.json))
    }
}
