//! `entente memorandum add`: a later version, held from the day that it states.

use std::path::{Path, PathBuf};

use clap::Args;
use entente_cooperation::memorandum::{Memorandum, examine, read::files_of};
use serde_json::json;

use super::{
    super::{
        Caller,
        answer::{Answer, Failure},
    },
    notice, of_folder, read_checked,
};
use crate::folder::copy_memorandum;

/// Add a later version of the memorandum to a data folder. It is checked as a whole, and copied.
///
/// It serves from 0:00 UTC of the day that it states, once every Party has signed it and the node has been started again; acts
/// keep the version that judged them.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente memorandum add memorandum-2027 --dir north
  entente memorandum sign --dir north --later 2027-1")]
pub struct Add {
    /// The folder of the later version.
    #[arg(value_name = "MEMORANDUM")]
    later: PathBuf,
}

impl Add {
    pub(super) fn run(self, caller: &Caller) -> Result<Answer, Failure> {
        let folder = caller.folder();
        let (held, later) = (of_folder(&folder)?, read_checked(&self.later)?);
        follows(&held, &later)?;
        whole(&self.later)?;
        let version = &later.head.version;
        let path = folder.version(Some(version));
        if path.exists() {
            return Err(Failure::misused(format!(
                "version {version} lies in `{}` already",
                path.display()
            ))
            .hint("a version number is never used twice: give the new one another"));
        }
        copy_memorandum(&self.later, &path).map_err(|e| {
            Failure::broken(format!("`{}` cannot be written", path.display())).because(&e)
        })?;
        let from = later.takes_effect_at();
        let members =
            json!({ "version": version, "in_force_from": from.to_string(), "folder": path });
        Ok(Answer::new(path.display().to_string(), members)
            .note(format!("version {version} serves from {from}, once all Parties have signed it: `entente memorandum sign --later {version}`"))
            .demonstration(notice(&later, false).as_deref()))
    }
}

/// Whether one memorandum can follow another: the same agreement, the same Parties, from a later day.
fn follows(held: &Memorandum, later: &Memorandum) -> Result<(), Failure> {
    let (old, new) = (&held.head, &later.head);
    let what = if old.id != new.id {
        format!("`{}` is another memorandum than `{}`", new.id, old.id)
    } else if old.parties != new.parties {
        "it has other Parties".to_owned()
    } else if later.takes_effect_at() <= held.takes_effect_at() {
        format!(
            "version {} does not take effect after version {}",
            new.version, old.version
        )
    } else {
        return Ok(());
    };
    Err(Failure::misused(what).hint("a later version adds a row [[version]] with its first day, and states its number in [memorandum]"))
}

fn whole(folder: &Path) -> Result<(), Failure> {
    let files = files_of(folder)
        .map_err(|e| Failure::broken("the memorandum cannot be read").because(&e))?;
    if examine(&files, None).is_whole() {
        return Ok(());
    }
    let shown = folder.display();
    Err(
        Failure::refused(format!("the memorandum in `{shown}` is not whole")).hint(format!(
            "`entente memorandum check {shown}` prints every fault"
        )),
    )
}
