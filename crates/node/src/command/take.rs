//! `entente take CASE`: a named officer and a deputy answer for it.

use clap::Args;
use serde_json::json;

use super::{
    Caller,
    answer::{Answer, Failure},
    client::encoded,
    show::{Show, printable},
};

/// Take a case over: a named officer and a deputy answer for it (article 5.3). The partner is told by a second receipt.
///
/// An act that nobody takes over within the hour falls to the duty officer.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente take N-2030-000417 --officer officer_1 --deputy officer_2 --dir south
  entente take N-2030-000417 --deputy officer_2 --dir south     the acting officer takes it")]
pub struct Take {
    /// The case.
    #[arg(value_name = "CASE")]
    case: String,
    /// The responsible officer; without it, the officer who acts.
    #[arg(id = "responsible", long = "officer", value_name = "OFFICER")]
    responsible: Option<String>,
    /// The deputy, another person.
    #[arg(long, value_name = "OFFICER")]
    deputy: String,
    /// Why the duty officer hands over what another officer holds.
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

impl Take {
    /// Names the officers.
    pub fn run(self, caller: &Caller) -> Result<Answer, Failure> {
        let body =
            json!({ "officer": self.responsible, "deputy": self.deputy, "reason": self.reason });
        let said = caller
            .node()?
            .post(&format!("/v1/cases/{}/owner", encoded(&self.case)), &body)?;
        let line = format!(
            "{} taken over by {}, deputy {}",
            self.case,
            printable(&said.json["owner"]),
            printable(&said.json["deputy"])
        );
        Ok(Show::of(&said.json).answer(line, said.json))
    }
}
