//! `entente ledger`: what both sides can prove, checked, exported, shown to a stranger.

use clap::{Args, Subcommand};

pub mod check;
pub mod export;
pub mod proof;
pub mod verify;

use super::{
    Caller,
    answer::{Answer, Failure},
    show::printable,
};

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
fn write_notices(said: &serde_json::Value, folder: &std::path::Path) -> Result<(), Failure> {
    let broken = |e: std::io::Error| {
        Failure::broken("the notices of keys were not written beside the evidence").because(&e)
    };
    for notice in said["notices"].as_array().into_iter().flatten() {
        let dir = folder.join(crate::evidence::NOTICES);
        std::fs::create_dir_all(&dir).map_err(broken)?;
        let name = format!("{}-{}.note", printable(&notice["party"]), notice["number"]);
        std::fs::write(dir.join(name), notice["note"].as_str().unwrap_or_default())
            .map_err(broken)?;
    }
    Ok(())
}
