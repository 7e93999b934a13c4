//! `entente restore`: a backup becomes the data folder of a node.

use std::path::PathBuf;

use clap::Args;
use jiff::Timestamp;
use serde_json::json;

use super::{
    Caller,
    answer::{Answer, Failure},
    backup::{key, told},
};
use crate::backup;

/// Restore a backup into an empty folder: the one that --dir names.
///
/// The node that starts there signs nothing before its partner has given back what the backup does not hold. Make sure first
/// that the node whose backup this is does not run any more: two nodes of one Party would sign two histories.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente restore monday.age --wraps monday.wraps.age --identity identity.txt --dir north
  entente restore monday.age --wraps monday.wraps.age --passphrase-file words --dir north
  entente restore monday.age --identity identity.txt --dir north     without content: its keys were destroyed")]
pub struct Restore {
    /// The backup.
    #[arg(value_name = "IN.age")]
    backup: PathBuf,
    /// The file with the keys of the content, made with the backup; without it no content comes back from here.
    #[arg(long, value_name = "IN.wraps.age")]
    wraps: Option<PathBuf>,
    /// A file with the age identity for whose recipient the backup was made.
    #[arg(
        long,
        value_name = "FILE",
        required_unless_present = "passphrase_file",
        conflicts_with = "passphrase_file"
    )]
    identity: Option<PathBuf>,
    /// A file with the passphrase of the backup.
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

impl Restore {
    /// Restores.
    pub fn run(self, caller: &Caller) -> Result<Answer, Failure> {
        let dir = caller.dir.clone().ok_or_else(|| {
            Failure::misused("no folder to restore into was named").hint("name it with --dir")
        })?;
        let key = key(self.identity.as_ref(), self.passphrase_file.as_ref())?;
        let now = Timestamp::now();
        let restored = backup::restore(&self.backup, self.wraps.as_deref(), &key, &dir, now)
            .map_err(|fault| told(&fault))?;
        let text = format!(
            "restored into {} as of {}\nthe content of {} acts came back",
            dir.display(),
            restored.made_at,
            restored.contents
        );
        let json = json!({
            "folder": dir, "made_at": restored.made_at, "contents": restored.contents,
            "closed": restored.closed, "keys_missing": restored.missing,
        });
        let mut answer = Answer::new(text, json);
        if restored.closed > 0 {
            answer = answer.note(format!(
                "the content of {} acts stays closed: the file with its keys was not given",
                restored.closed
            ));
        }
        if !restored.missing.is_empty() {
            answer = answer.note(format!(
                "not in the backup, bring them before you start: {}",
                restored.missing.join(", ")
            ));
        }
        Ok(answer.note(format!(
            "next: `entente serve --dir {0}`; it signs nothing before the partner has given back what is missing, and `entente doctor --dir {0}` says what came back",
            dir.display()
        )))
    }
}
