//! `entente peer`: two nodes get to know each other by one file each way and one phrase compared by voice; and go on after people
//! have spoken.

use std::{fs, path::Path};

use clap::{Args, Subcommand};

pub mod accept;
pub mod introduce;
pub mod notice;
pub mod reopen;

use super::{
    Caller,
    answer::{Answer, Failure},
};

/// Introduce this node to the partner, accept the partner's introduction, reopen a link that stands still.
///
/// One file goes each way, by any channel. What makes it safe is the phrase that both sides compare by voice.
#[derive(Debug, Args)]
pub struct Peer {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    Introduce(introduce::Introduce),
    Accept(accept::Accept),
    AcceptNotice(notice::AcceptNotice),
    Reopen(reopen::Reopen),
}

impl Peer {
    /// Does what was asked.
    pub fn run(self, caller: &Caller) -> Result<Answer, Failure> {
        match self.what {
            What::Introduce(introduce) => introduce.run(caller),
            What::Accept(accept) => accept.run(caller),
            What::AcceptNotice(notice) => notice.run(caller),
            What::Reopen(reopen) => reopen.run(caller),
        }
    }
}

/// The passphrase in a file: its first line.
pub fn passphrase(path: &Path) -> Result<String, Failure> {
    let text = fs::read_to_string(path).map_err(|e| {
        Failure::misused(format!(
            "the passphrase file `{}` cannot be read",
            path.display()
        ))
        .because(&e)
    })?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}
