//! `entente why FILE`: may this draft cross? Nothing is sent.

use std::path::PathBuf;

use clap::Args;

use super::{
    Caller,
    answer::{Answer, Failure},
    hand_in,
    show::Show,
    verdict,
    words::Words,
};

/// Judge a draft without sending it: the decision, the articles, each fact, the facts used, what would make it permitted.
///
/// Exit code 0 if it may cross, 1 if not. Only our own journal knows that it was asked.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente why north/drafts/ACT-1.toml --dir north
  entente why north/drafts/ACT-1.toml --dir north --language ar
  entente why north/drafts/ACT-1.toml --dir north --json | jq .articles")]
pub struct Why {
    /// The draft.
    #[arg(value_name = "DRAFT")]
    file: PathBuf,
}

impl Why {
    /// Asks the node.
    pub fn run(self, caller: &Caller) -> Result<Answer, Failure> {
        let node = caller.node()?;
        let said = node.post("/v1/judgements", &hand_in::of_file(caller, &self.file)?)?;
        let text = verdict::lines(&said.json, &Words::of(&caller.language()));
        let refused = said.json["decision"] == "refuse";
        let answer = Show::of(&said.json).answer(text, said.json);
        Ok(if refused { answer.refused() } else { answer })
    }
}
