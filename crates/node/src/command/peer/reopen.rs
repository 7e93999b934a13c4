//! `entente peer reopen PARTNER`: people have spoken, and a link that stood still goes on.

use clap::Args;
use serde_json::json;

use super::super::{
    Caller,
    answer::{Answer, Failure},
    client::encoded,
    show::Show,
};

/// Reopen a link that stands still, once people have spoken with the partner.
///
/// A link stands still when two histories were signed, or when the partner states less of our ledger than it has cosigned.
/// `entente doctor` says which. The evidence is kept; who reopened the link, and why, stands in the journal.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente peer reopen south --reason \"south restored its data of 3 March; both operators compared the heads\" --dir north")]
pub struct Reopen {
    /// The partner's Party.
    #[arg(value_name = "PARTNER")]
    partner: String,
    /// What people found out and agreed, for whoever reads the journal.
    #[arg(long, value_name = "WHY")]
    reason: String,
}

impl Reopen {
    /// Reopens the link.
    pub fn run(self, caller: &Caller) -> Result<Answer, Failure> {
        let path = format!("/v1/partners/{}/reopening", encoded(&self.partner));
        let said = caller
            .node()?
            .post(&path, &json!({ "reason": self.reason }))?;
        let line = format!("the link with {} is reopened", self.partner);
        Ok(Show::of(&said.json).answer(line, said.json))
    }
}
