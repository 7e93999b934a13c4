//! `entente keys`: which keys serve until when; a new key in place of an old one; a stolen key shut out.

use std::{fs, path::PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use entente_ledger::{Introduction, KeyRing, notice::Use};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{
    Caller,
    answer::{Answer, Failure},
    client::Running,
    peer,
    show::{Show, printable},
    table::Table,
};
use crate::{
    folder::Folder,
    key_notices::{self, NotKept, notices_in},
    keys,
    rotation::{Change, OVERLAP},
};

/// Show the keys of both Parties with their times; change a key of ours; shut out one that was stolen.
///
/// A change is a notice signed by the identity key. It stands in our ledger, and the partner learns of it with the next contact; a
/// file of each lies in `notices` for whoever carries it by hand.
#[derive(Debug, Args)]
pub struct Keys {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    Show(Showing),
    Rotate(Rotate),
    Revoke(Revoke),
}

/// What a key serves for.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Which {
    /// Signs our ledger and cosigns the partner's.
    Log,
    /// Opens what is sealed for us.
    Seal,
    /// Connections.
    Transport,
}

/// Show which keys serve until when, and which notices the partners hold.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente keys show --dir north")]
pub struct Showing {}

/// Make a new key; those before it serve on for a while beside it, so that a partner that is away loses nothing.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente keys rotate seal --dir north
  entente keys rotate log --from 2030-04-01T00:00:00Z --overlap-days 60 --identity /media/safe/identity.key --dir north")]
pub struct Rotate {
    /// What the key serves for.
    which: Which,
    /// From when on it serves; now, unless said otherwise.
    #[arg(long, value_name = "INSTANT")]
    from: Option<Timestamp>,
    /// For how many days the keys before it serve on.
    #[arg(long, value_name = "DAYS", default_value_t = OVERLAP.as_hours() / 24)]
    overlap_days: i64,
    #[command(flatten)]
    identity: Signed,
}

/// End every key that there has been at the instant of the theft, and make a new one: what they sign after that is refused.
///
/// What the partner had cosigned before stays proven. If the transport key was stolen, or nothing reaches the partner, carry the
/// files printed to it: `entente peer accept-notice`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente keys revoke transport --since 2030-03-31T22:00:00Z --dir north
  entente peer accept-notice north/notices/north-1.note north/notices/north-2.note --dir south     on the other side")]
pub struct Revoke {
    /// What the key serves for.
    which: Which,
    /// The instant from which on it may have been in other hands.
    #[arg(long, value_name = "INSTANT")]
    since: Timestamp,
    #[command(flatten)]
    identity: Signed,
}

/// The identity key, which signs.
#[derive(Debug, Args)]
struct Signed {
    /// The identity key, if it does not lie in the data folder.
    #[arg(long, value_name = "FILE")]
    identity: Option<PathBuf>,
    /// A file with the passphrase of the identity key.
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

impl Which {
    const fn of(self) -> Use {
        match self {
            Which::Log => Use::Log,
            Which::Seal => Use::Seal,
            Which::Transport => Use::Transport,
        }
    }
}

impl Keys {
    /// Does what was asked.
    pub fn run(self, caller: &Caller) -> Result<Answer, Failure> {
        match self.what {
            What::Show(_) => shown(caller),
            What::Rotate(rotate) => {
                let overlap = SignedDuration::from_hours(24 * rotate.overlap_days.clamp(0, 3650));
                let which = rotate.which.of();
                rotate.identity.change(caller, which, |change| {
                    let from = rotate.from.unwrap_or(change.issued);
                    if from < change.issued {
                        return Err(Failure::misused("a key is not announced for the past")
                            .hint("leave --from out, or use `entente keys revoke` after a theft"));
                    }
                    change
                        .rotate(from, overlap)
                        .map_err(|e| peer::introduce::bad_keys(&e))
                })
            }
            What::Revoke(revoke) => {
                let which = revoke.which.of();
                revoke.identity.change(caller, which, |change| {
                    if revoke.since > change.issued {
                        return Err(Failure::misused("a theft lies in the past").hint(
                            "name the instant from which on the key may have been in other hands",
                        ));
                    }
                    change
                        .revoke(revoke.since)
                        .map_err(|e| peer::introduce::bad_keys(&e))
                })
            }
        }
    }
}

impl Signed {
    /// Makes a change, hands it to the node if it runs, and keeps the files.
    fn change(
        &self,
        caller: &Caller,
        what: Use,
        make: impl FnOnce(&Change<'_>) -> Result<Vec<String>, Failure>,
    ) -> Result<Answer, Failure> {
        let folder = caller.folder();
        caller.config()?;
        let passphrase = self.passphrase_file.as_deref().map(peer::passphrase);
        let at = self.identity.clone();
        let at = at.unwrap_or_else(|| keys::identity_path(&folder));
        let identity = keys::read_identity(&at, passphrase.transpose()?.as_deref())
            .map_err(|e| peer::introduce::bad_keys(&e))?;
        // Only a node that does not run reads the files later: one that cannot be asked would go on with the old key.
        let running = folder.api_address().exists();
        let node = running.then(|| caller.node()).transpose()?;
        let said = node.as_ref().map(|node| node.get("/v1/keys")).transpose()?;
        let said = said.map_or(Value::Null, |said| said.json);
        let ring = ours(&folder, &said)?;
        let notes = make(&Change {
            folder: &folder,
            ring: &ring,
            identity: &identity,
            what,
            issued: now(&said),
        })?;
        announce(node.as_ref(), &notes)?;
        let files = key_notices::keep(&folder.notices(), notes.iter().map(String::as_str))
            .map_err(|e| not_kept(&e))?;
        let lines: Vec<String> = files
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        let members = json!({ "use": what.word(), "notices": files });
        let answer = Answer::new(lines.join("\n"), members);
        Ok(answer.note(match node {
            Some(_) => "the new key is in use by its time; the partner hears of it with the next contact, or by these files. Make a backup now: the last one does not hold the new key",
            None => "the node does not run: it reads these files when it starts. Make a backup then: the last one does not hold the new key",
        }))
    }
}

/// The clock of the node, else that of the system, in whole seconds.
fn now(said: &Value) -> Timestamp {
    let node = said["now"].as_str().and_then(|now| now.parse().ok());
    let now: Timestamp = node.unwrap_or_else(Timestamp::now);
    Timestamp::from_second(now.as_second()).unwrap_or(now)
}

fn announce(node: Option<&Running>, notes: &[String]) -> Result<(), Failure> {
    let Some(node) = node else {
        return Ok(());
    };
    node.post("/v1/keys/notices", &json!({ "notes": notes }))
        .map(drop)
}

/// Our keys so far: our introduction, the notices in the folder and those that the node holds.
fn ours(folder: &Folder, said: &Value) -> Result<KeyRing, Failure> {
    let broken = |e: &dyn std::error::Error| {
        Failure::broken("our own introduction or a notice of ours is damaged").because(e)
    };
    let note = fs::read_to_string(folder.introduction()).map_err(|e| broken(&e))?;
    let introduction = Introduction::verify(&note).map_err(|e| broken(&e))?;
    let mut ring = KeyRing::of(&introduction);
    let kept = notices_in(&folder.notices()).into_iter();
    let kept = kept.filter(|(notice, _)| notice.party() == ring.party());
    let kept: Vec<String> = kept.map(|(_, note)| note).collect();
    let held = said["notices"].as_array().into_iter().flatten();
    let held = held.filter(|notice| notice["party"] == ring.party().as_str());
    let held: Vec<String> = held
        .filter_map(|notice| notice["note"].as_str())
        .map(str::to_owned)
        .collect();
    for note in held.iter().chain(&kept) {
        ring.learn(note).map_err(|e| broken(&e))?;
    }
    Ok(ring)
}

/// The files could not be written.
pub fn not_kept(error: &NotKept) -> Failure {
    Failure::broken("the notices were not kept as files")
        .because(error)
        .hint("see to the folder `notices` of the data folder, then run the command again")
}

fn shown(caller: &Caller) -> Result<Answer, Failure> {
    let said = caller.node()?.get("/v1/keys")?;
    let show = Show::of(&said.json);
    let instant = |value: &Value, none: &str| match value {
        Value::Null => none.to_owned(),
        value => show.instant(value),
    };
    let mut table = Table::new(["party", "use", "key", "serves", "from", "until"]);
    for key in said.json["keys"].as_array().into_iter().flatten() {
        let serves = if key["serves"] == true { "yes" } else { "no" };
        table.row([
            printable(&key["party"]),
            printable(&key["use"]),
            printable(&key["key"]),
            serves.to_owned(),
            instant(&key["from"], "the introduction"),
            instant(&key["until"], "no end"),
        ]);
    }
    let mut lines = table.lines();
    for link in said.json["announced"].as_array().into_iter().flatten() {
        if link["entered"] != 0 {
            lines.push_str(&format!(
                "{} holds {} of our {} notices\n",
                printable(&link["partner"]),
                link["held"],
                link["entered"]
            ));
        }
    }
    Ok(show.answer(lines.trim_end().to_owned(), said.json))
}
