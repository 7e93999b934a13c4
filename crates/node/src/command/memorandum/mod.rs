//! `entente memorandum`: the agreement as an object, checked, proven, signed. Needs no running node.

use clap::{Args, Subcommand};
use entente_cooperation::memorandum::Memorandum as Read;

pub mod check;

use super::{
    Caller,
    answer::{Answer, Failure},
};

/// Check, prove, sign and verify a memorandum. None of this needs a running node.
#[derive(Debug, Args)]
pub struct Memorandum {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    Check(check::Check),
}

impl Memorandum {
    /// Does what was asked.
    pub fn run(self, caller: &Caller) -> Result<Answer, Failure> {
        match self.what {
            What::Check(check) => check.run(caller),
        }
    }
}

/// What every output says while the memorandum is marked as a model.
pub fn notice(memorandum: &Read) -> Option<String> {
    memorandum.head.model.then(|| {
        format!(
            "demonstration: `{}` is a model memorandum; it binds nobody",
            memorandum.head.id
        )
    })
}
