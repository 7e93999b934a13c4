//! `entente backup`: two age files, of which one must not live long.

use std::path::PathBuf;

use clap::Args;
use entente_seal::{ArchiveKey, ArchiveLock, Recipient};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::{
    Caller,
    answer::{Answer, Failure},
    peer,
};
use crate::backup::{self, BackupFault, WRAPS_DAYS, WRAPS_DAYS_MAX, Wanted};

/// Back the node up, while it runs or stands still: an age file with everything but the keys of content, and one with these.
///
/// OUT.age holds settings, roster, memorandum, introductions, keys, ledgers, cases and, sealed once more, the content.
/// OUT.wraps.age holds what opens the content: keep it on another medium, and destroy it on the day that is printed. Then
/// content that was erased since stands in no backup that can be read. The identity key is in neither: it has its own place.
/// Drafts and acts held for a later hour are in neither.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente backup monday.age --recipient age1pq1… --dir north
  entente backup monday.age --passphrase-file words --dir north
  entente backup monday.age --recipient age1pq1… --without-keys --dir north     where keys are kept elsewhere
Any age tool that knows post-quantum recipients opens it: age -d -i identity.txt monday.age | tar -t")]
pub struct Backup {
    /// The file to write; that with the keys of the content gets the same name with `.wraps.age`.
    #[arg(value_name = "OUT.age")]
    out: PathBuf,
    /// Who can open it: an age recipient of the hybrid kind, `age1pq1…`.
    #[arg(
        long,
        value_name = "RECIPIENT",
        required_unless_present = "passphrase_file",
        conflicts_with = "passphrase_file"
    )]
    recipient: Option<String>,
    /// A file with the passphrase that opens it.
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// After how many days the file with the keys of the content must be destroyed, 1 to 90.
    #[arg(long, value_name = "DAYS", default_value_t = WRAPS_DAYS, value_parser = clap::value_parser!(u32).range(1..=i64::from(WRAPS_DAYS_MAX)))]
    wraps_days: u32,
    /// Leave out the keys for log, seal and transport, and the token.
    #[arg(long)]
    without_keys: bool,
}

impl Backup {
    /// Makes the backup.
    pub fn run(self, caller: &Caller) -> Result<Answer, Failure> {
        caller.config()?;
        let lock = match (&self.recipient, &self.passphrase_file) {
            (Some(recipient), _) => ArchiveLock::Recipient(read_recipient(recipient)?),
            (None, file) => ArchiveLock::Passphrase(passphrase(file.as_ref())?.into()),
        };
        let now = Timestamp::now();
        let destroy_after = now + SignedDuration::from_hours(24 * i64::from(self.wraps_days));
        let wanted = Wanted {
            out: &self.out,
            lock: &lock,
            keys: !self.without_keys,
            now,
            destroy_after,
        };
        let made = backup::make(&caller.folder(), &wanted).map_err(|fault| told(&fault))?;
        let (backup, wraps) = (made.backup.display(), made.wraps.display());
        let day = destroy_after.strftime("%Y-%m-%d").to_string();
        let text = format!(
            "{backup}\n{wraps}     destroy it after {day}\nthe content of {} acts is in it",
            made.contents
        );
        let json = json!({
            "backup": made.backup, "wraps": made.wraps, "destroy_wraps_after": destroy_after,
            "contents": made.contents, "held_left_out": made.held,
        });
        let answer = Answer::new(text, json)
            .note("the identity key is not in it, nor are drafts; keep the two files apart");
        Ok(match made.held {
            0 => answer,
            held => answer.note(format!(
                "{held} acts held for a later hour are not in it: after a restore they are sent again by hand"
            )),
        })
    }
}

fn read_recipient(text: &str) -> Result<Recipient, Failure> {
    text.trim().parse().map_err(|fault| {
        Failure::misused("the recipient cannot be used")
            .because(&fault)
            .hint("`age-keygen -pq` makes one; a backup lives long, so an older kind is not taken")
    })
}

fn passphrase(file: Option<&PathBuf>) -> Result<String, Failure> {
    let path = file.ok_or_else(|| Failure::misused("no passphrase was given"))?;
    match peer::passphrase(path)? {
        words if words.is_empty() => Err(Failure::misused("the passphrase is empty")),
        words => Ok(words),
    }
}

/// What a fault means to who keeps the node.
pub(super) fn told(fault: &BackupFault) -> Failure {
    let (failure, hint) = match fault {
        BackupFault::Exists(_) => (
            Failure::misused("no backup is made"),
            "a backup is never overwritten: choose another name",
        ),
        BackupFault::NotEmpty(_) => (
            Failure::misused("nothing is restored"),
            "restore into a folder that does not exist or is empty; nothing was changed",
        ),
        BackupFault::Running => (
            Failure::misused("no backup is made"),
            "wait until the other is done",
        ),
        BackupFault::Outlived(..) => (
            Failure::misused("the content stays closed"),
            "destroy that file now; leave --wraps out: the ledgers come back, and from the partner what it still holds",
        ),
        BackupFault::OtherBackup(_) => (
            Failure::misused("nothing is restored"),
            "take the file with the keys of the content that was made together with the backup",
        ),
        BackupFault::Unreadable(..) | BackupFault::NotOurs(..) => (
            Failure::misused("nothing is restored"),
            "name the identity or the passphrase for which it was made; if that is right, the file is damaged: take another backup",
        ),
        BackupFault::File(..) | BackupFault::Store(_) => (
            Failure::broken("it was not done"),
            "look at the room on the disk and at the rights; nothing half written is left",
        ),
    };
    failure.because(fault).hint(hint)
}

/// What opens a backup.
pub(super) fn key(
    identity: Option<&PathBuf>,
    passphrase_file: Option<&PathBuf>,
) -> Result<ArchiveKey, Failure> {
    let Some(path) = identity else {
        return Ok(ArchiveKey::Passphrase(passphrase(passphrase_file)?.into()));
    };
    let text = std::fs::read_to_string(path)
        .map_err(|e| Failure::misused("the identity cannot be read").because(&e))?;
    // The file of `age-keygen` has comments above the key.
    let line = text
        .lines()
        .find(|line| line.starts_with("AGE-SECRET-KEY-PQ-1"));
    let identity = line.and_then(|line| line.trim().parse().ok());
    identity
        .map(|identity| ArchiveKey::Identity(Box::new(identity)))
        .ok_or_else(|| {
            Failure::misused("the identity cannot be used")
                .hint("the file must hold a line `AGE-SECRET-KEY-PQ-1…`")
        })
}
