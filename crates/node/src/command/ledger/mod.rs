//! `entente ledger`: what both sides can prove, checked, exported, shown to a stranger.

use std::path::Path;

use clap::{Args, Subcommand};

pub mod check;
pub mod export;
pub mod proof;
pub mod verify;

use super::{
    Caller,
    answer::{Answer, Failure},
    client::Running,
};
use crate::key_notices::{self, BESIDE};

/// Check the ledgers of this node, export them, prove one act, and verify what others show.
#[derive(Debug, Args)]
pub struct Ledger {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    Check(check::Check),
    Export(export::Export),
    Proof(proof::Proof),
    Reveal(proof::Reveal),
    Verify(verify::Verify),
}

impl Ledger {
    /// Does what was asked.
    pub fn run(self, caller: &Caller) -> Result<Answer, Failure> {
        match self.what {
            What::Check(check) => check.run(caller),
            What::Export(export) => export.run(caller),
            What::Proof(proof) => proof.run(caller),
            What::Reveal(reveal) => reveal.run(caller),
            What::Verify(verify) => verify.run(caller),
        }
    }
}

/// Writes the notices of keys of both Parties beside the evidence: with the introductions they say which key served when.
fn write_notices(node: &Running, folder: &Path) -> Result<(), Failure> {
    let said = node.get("/v1/keys")?.json;
    let held = said["notices"].as_array().into_iter().flatten();
    let notes = held.filter_map(|notice| notice["note"].as_str());
    key_notices::keep(&folder.join(BESIDE), notes)
        .map(drop)
        .map_err(|e| {
            Failure::broken("the notices of keys were not written beside the evidence").because(&e)
        })
}
