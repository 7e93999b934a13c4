//! `entente memorandum`: the agreement as an object, checked, proven, signed. Needs no running node.

use clap::{Args, Subcommand};
use entente_cooperation::memorandum::Memorandum as Read;

pub mod check;

use super::{
    Caller,
    answer::{Answer, Failure},
};
use crate::folder::Folder;

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

/// What every output says while the memorandum is marked as a model, or the node is a demonstration.
pub fn notice(memorandum: &Read, demo: bool) -> Option<String> {
    let id = &memorandum.head.id;
    match (memorandum.head.model, demo) {
        (false, false) => None,
        (true, false) => Some(format!(
            "demonstration: `{id}` is a model memorandum; it binds nobody"
        )),
        (false, true) => Some("demonstration: this node runs on a driven clock".to_owned()),
        (true, true) => Some(format!(
            "demonstration: `{id}` is a model memorandum, it binds nobody; this node runs on a driven clock"
        )),
    }
}

/// The memorandum that a node serves.
pub fn of_folder(folder: &Folder) -> Result<Read, Failure> {
    let path = folder.memorandum();
    Read::read(&path).map_err(|faults| {
        let first = faults.first().map(ToString::to_string).unwrap_or_default();
        Failure::broken(format!(
            "the memorandum of this node has {} faults, first {first}",
            faults.len()
        ))
        .hint(format!(
            "`entente memorandum check {}` prints them all",
            path.display()
        ))
    })
}
