//! `entente peer introduce`: the one file by which the partner learns our keys and our address.

use std::path::{Path, PathBuf};

use clap::Args;
use entente_cooperation::memorandum::Memorandum;
use entente_ledger::notice::introduction::Who;
use jiff::Timestamp;
use serde_json::json;

use super::super::{
    Caller,
    answer::{Answer, Failure},
    memorandum as agreement,
};
use crate::{
    config::Config,
    folder::{self, Folder},
    keys::{self, BadKeys, Keys},
};

/// Write our introduction again, after the address has changed. `entente init` writes the first one.
///
/// The identity key signs it. If that key was carried away, name it with --identity.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente peer introduce --dir north
  entente peer introduce --dir north --identity /media/safe/identity.key")]
pub struct Introduce {
    /// The identity key, if it does not lie in the data folder.
    #[arg(long, value_name = "FILE")]
    identity: Option<PathBuf>,
    /// A file with the passphrase of the identity key.
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

impl Introduce {
    /// Writes the introduction.
    pub fn run(self, caller: &Caller) -> Result<Answer, Failure> {
        let folder = caller.folder();
        let config = caller.config()?;
        let memorandum = agreement::of_folder(&folder)?;
        let passphrase = self
            .passphrase_file
            .as_deref()
            .map(super::passphrase)
            .transpose()?;
        let path = write(
            &folder,
            &config,
            &memorandum,
            self.identity.as_deref(),
            passphrase.as_deref(),
        )?;
        let members = json!({ "introduction": path });
        Ok(Answer::new(path.display().to_string(), members)
            .note("carry this file to the partner; both sides then run `entente peer accept`")
            .demonstration(agreement::notice(&memorandum, config.demo).as_deref()))
    }
}

/// Writes our introduction into the data folder and yields its path.
pub fn write(
    folder: &Folder,
    config: &Config,
    memorandum: &Memorandum,
    identity: Option<&Path>,
    passphrase: Option<&str>,
) -> Result<PathBuf, Failure> {
    let at = identity.map_or_else(|| keys::identity_path(folder), Path::to_owned);
    let note = note(folder, config, memorandum, &at, passphrase).map_err(|e| bad_keys(&e))?;
    let path = folder.introduction();
    folder::replace(&path, note.as_bytes()).map_err(|e| {
        Failure::broken(format!("`{}` cannot be written", path.display())).because(&e)
    })?;
    Ok(path)
}

fn note(
    folder: &Folder,
    config: &Config,
    memorandum: &Memorandum,
    identity: &Path,
    passphrase: Option<&str>,
) -> Result<String, BadKeys> {
    let identity = keys::read_identity(identity, passphrase)?;
    let who = Who {
        party: keys::id(&config.party)?,
        memorandum: keys::id(&memorandum.head.id)?,
        demo: config.demo,
        address: config
            .peer
            .address
            .as_deref()
            .map(|text| {
                text.parse()
                    .map_err(|e| BadKeys::Introduction(format!("{e}")))
            })
            .transpose()?,
    };
    let now = Timestamp::now();
    let issued = Timestamp::from_second(now.as_second()).unwrap_or(now);
    Keys::read(folder)?.introduce(&identity, who, issued)
}

/// What to do about a key that cannot be used.
pub fn bad_keys(error: &BadKeys) -> Failure {
    match error {
        BadKeys::Locked(_) => Failure::misused("the identity key is locked")
            .because(error)
            .hint("name a file with its passphrase: --passphrase-file FILE"),
        BadKeys::Passphrase(_) => Failure::misused("the identity key stays shut")
            .because(error)
            .hint("check the first line of the passphrase file"),
        BadKeys::File(..) => Failure::misused("a key is not where it should be")
            .because(error)
            .hint("name the identity key with --identity FILE if it was carried away"),
        _ => Failure::broken("the keys cannot be used").because(error).hint(
            "restore the folder `keys` from the copy made at set-up; a key that is lost is replaced by a new introduction",
        ),
    }
}
