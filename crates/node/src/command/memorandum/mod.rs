//! `entente memorandum`: the agreement as an object, checked, proven, signed. Needs no running node.

use std::path::Path;

use clap::{Args, Subcommand};
use entente_cooperation::memorandum::Memorandum as Read;

pub mod add;
pub mod check;
pub mod prove;
pub mod sign;
pub mod verify;

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
    Add(add::Add),
    Check(check::Check),
    Prove(prove::Prove),
    Sign(sign::Sign),
    Verify(verify::Verify),
}

impl Memorandum {
    /// Does what was asked.
    pub fn run(self, caller: &Caller) -> Result<Answer, Failure> {
        match self.what {
            What::Add(add) => add.run(caller),
            What::Check(check) => check.run(caller),
            What::Prove(prove) => prove.run(caller),
            What::Sign(sign) => sign.run(caller),
            What::Verify(verify) => verify.run(caller),
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
    if !folder.is_set_up() {
        let dir = folder.path().display();
        return Err(Failure::misused(format!("no node is set up in `{dir}`")).hint(format!(
            "name its data folder with --dir or ENTENTE_DIR, or set one up with `entente init {dir} --party ID`"
        )));
    }
    read_checked(&folder.memorandum())
}

/// The memorandum in a folder, whose annexes can be read.
pub fn read_checked(path: &Path) -> Result<Read, Failure> {
    let shown = path.display();
    if !path.join("annex").is_dir() {
        return Err(Failure::misused(format!("`{shown}` holds no memorandum"))
            .hint("name its folder; the model memorandum is `memorandum` in the source tree"));
    }
    Read::read(path).map_err(|faults| {
        let first = faults.first().map(ToString::to_string).unwrap_or_default();
        Failure::misused(format!(
            "the memorandum has {} faults, first {first}",
            faults.len()
        ))
        .hint(format!(
            "`entente memorandum check {shown}` prints them all"
        ))
    })
}
