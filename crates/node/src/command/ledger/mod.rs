//! `entente ledger`: what both sides can prove, checked, exported, shown to a stranger.

use clap::{Args, Subcommand};

pub mod verify;

use super::{
    Caller,
    answer::{Answer, Failure},
};

/// Check the ledgers of this node, export them, prove one act, and verify what others show.
#[derive(Debug, Args)]
pub struct Ledger {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    Verify(verify::Verify),
}

impl Ledger {
    /// Does what was asked.
    pub fn run(self, caller: &Caller) -> Result<Answer, Failure> {
        match self.what {
            What::Verify(verify) => verify.run(caller),
        }
    }
}
