//! `entente doctor`: what is out of order, as a text to paste into a support message. No secret, no person, no case.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use clap::Args;
use entente_cooperation::{
    clock::{built_in_time_zone_data_version, time_zone_data_version},
    memorandum::signature::FILE,
};
use entente_ledger::{KeyNotice, notice::Introduction};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    Caller,
    answer::{Answer, Failure},
    memorandum::{self as agreement, verify},
    terminal::block,
};
use crate::{
    config::Config,
    finding::{Finding, Health},
    folder::Folder,
    key_notices::notices_in,
    keys,
    roster::Roster,
    rotation::{LIFE, WARNING},
};

/// Under so much free room a node is in danger, GiB.
const DISK_MIN_GIB: f64 = 1.0;

/// Say what is out of order and what to do: folder, keys, memorandum, disk, clock, partners, mirrors.
///
/// The text holds no secret, no person and no case: it can be pasted into a support message. Exit code 1 if anything is bad.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente doctor --dir north
  entente doctor --dir north --json | jq '.findings[] | select(.health != \"ok\")'")]
pub struct Doctor {}

impl Doctor {
    /// Looks at the folder, then asks the node if it runs.
    pub fn run(self, caller: &Caller) -> Result<Answer, Failure> {
        let folder = caller.folder();
        let config = caller.config()?;
        let mut findings = at_rest(&folder, &config);
        match caller.node().and_then(|node| node.get("/v1/doctor")) {
            Ok(said) => {
                let found = said.json["findings"].as_array().into_iter().flatten();
                findings.extend(found.map(Finding::of));
            }
            Err(failure) => findings.push(Finding::warn(
                "node",
                failure.what(),
                format!(
                    "start it with `entente serve --dir {}`",
                    folder.path().display()
                ),
            )),
        }
        let notice = agreement::of_folder(&folder)
            .ok()
            .and_then(|m| agreement::notice(&m, config.demo));
        Ok(report(&config, &findings).demonstration(notice.as_deref()))
    }
}

fn report(config: &Config, findings: &[Finding]) -> Answer {
    let mut lines = vec![format!(
        "entente {} · party {}",
        env!("CARGO_PKG_VERSION"),
        config.party
    )];
    for finding in findings {
        lines.push(format!(
            "{:<5} {}: {}",
            finding.word(),
            finding.about,
            block(&finding.says)
        ));
        lines.extend(
            finding
                .what_to_do
                .iter()
                .map(|hint| format!("      what to do: {hint}")),
        );
    }
    let members: Vec<Value> = findings.iter().map(Finding::members).collect();
    let json =
        json!({ "version": env!("CARGO_PKG_VERSION"), "party": config.party, "findings": members });
    let answer = Answer::new(lines.join("\n"), json);
    let bad = findings.iter().any(|finding| finding.health == Health::Bad);
    if bad { answer.refused() } else { answer }
}

/// What can be seen without a running node.
fn at_rest(folder: &Folder, config: &Config) -> Vec<Finding> {
    let mut findings = vec![secrets(folder), key_age(folder), identity(folder)];
    findings.push(roster(folder));
    findings.push(memorandum(folder));
    findings.push(disk(folder.path()));
    findings.push(time_zones());
    if config.peer.listen.is_some() && config.peer.address.is_none() {
        findings.push(Finding::warn(
            "address",
            "we listen, but our introduction names no address, so the partner waits for us to dial",
            "set `address` under [peer] in entente.toml, then `entente peer introduce`",
        ));
    }
    findings
}

fn secrets(folder: &Folder) -> Finding {
    let keys = fs::read_dir(folder.keys())
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path());
    let open: Vec<String> = keys
        .chain([folder.token(), folder.database()])
        .filter(|path| fs::metadata(path).is_ok_and(|file| file.permissions().mode() & 0o077 != 0))
        .map(|path| path.display().to_string())
        .collect();
    if open.is_empty() {
        return Finding::ok("secrets", "readable by their owner only");
    }
    Finding::bad(
        "secrets",
        format!("others can read {}", open.join(", ")),
        "chmod 600 each of them; if others could read a key, renew it",
    )
}

fn key_age(folder: &Folder) -> Finding {
    let note = fs::read_to_string(folder.introduction()).ok();
    let Some(introduction) = note.and_then(|note| Introduction::verify(&note).ok()) else {
        return Finding::bad(
            "keys",
            "our introduction is missing or damaged",
            "write it again with `entente peer introduce`",
        );
    };
    let age = Timestamp::now().duration_since(introduction.issued());
    let text = format!(
        "introduced on {}, {} days ago",
        introduction.issued(),
        age.as_hours() / 24
    );
    let ours = |notice: &KeyNotice| *notice.party() == introduction.who().party;
    let changed = notices_in(&folder.notices())
        .iter()
        .any(|(notice, _)| ours(notice));
    if !changed && age > LIFE.saturating_sub(WARNING) {
        return Finding::warn(
            "keys",
            text,
            "near their end of two years: `entente keys rotate log`, `seal` and `transport` make a new one of each",
        );
    }
    Finding::ok("keys", text)
}

fn identity(folder: &Folder) -> Finding {
    if keys::identity_path(folder).exists() {
        return Finding::warn(
            "identity key",
            "lies on this machine",
            "once the memorandum is signed, carry keys/identity.key away and keep it offline; commands that need it take --identity",
        );
    }
    Finding::ok("identity key", "is kept elsewhere")
}

fn roster(folder: &Folder) -> Finding {
    match Roster::read(&folder.roster()) {
        Err(error) => Finding::bad("roster", error.to_string(), "correct roster.toml"),
        Ok(roster) if roster.iter().filter(|officer| officer.person).count() < 2 => Finding::warn(
            "roster",
            "fewer than two persons stand in it",
            "a case needs an officer and a deputy",
        ),
        Ok(roster) => Finding::ok("roster", format!("{} officers", roster.iter().count())),
    }
}

fn memorandum(folder: &Folder) -> Finding {
    let path = folder.memorandum();
    let memorandum = match agreement::read_checked(&path) {
        Ok(memorandum) => memorandum,
        Err(failure) => {
            return Finding::bad(
                "memorandum",
                failure.what(),
                "restore the folder that was signed",
            );
        }
    };
    let Ok(note) = fs::read_to_string(path.join(FILE)) else {
        return Finding::bad(
            "memorandum",
            "nobody has signed it",
            "`entente memorandum sign`, on both sides",
        );
    };
    let verified = verify::identities_of(folder)
        .and_then(|known| verify::verify(&path, &memorandum, &note, &known));
    match verified {
        Ok(found) if found.is_whole() => Finding::ok(
            "memorandum",
            format!(
                "{} version {}, signed by all",
                memorandum.head.id, memorandum.head.version
            ),
        ),
        Ok(found) => {
            let first = found
                .differences
                .first()
                .map(ToString::to_string)
                .unwrap_or_default();
            Finding::bad(
                "memorandum",
                first,
                "`entente memorandum verify` says all that differs",
            )
        }
        Err(failure) => Finding::bad(
            "memorandum",
            failure.what(),
            "`entente memorandum verify` says more",
        ),
    }
}

/// A State changes its legal time at a few weeks' notice: old data count another deadline than the partner's.
fn time_zones() -> Finding {
    let (used, built_in) = (time_zone_data_version(), built_in_time_zone_data_version());
    if used >= built_in {
        return Finding::ok("time zones", format!("data {used}"));
    }
    Finding::warn(
        "time zones",
        format!("the system's data are {used}, older than {built_in} that came with this program"),
        "update the package `tzdata`: the partner contests an instant that it counts otherwise",
    )
}

fn disk(path: &Path) -> Finding {
    let Ok(room) = rustix::fs::statvfs(path) else {
        return Finding::warn("disk", "its free room cannot be read", "look with `df`");
    };
    let free = room.f_bavail as f64 * room.f_frsize as f64 / f64::from(1_u32 << 30);
    let text = format!("{free:.1} GiB are free");
    if free < DISK_MIN_GIB {
        return Finding::bad(
            "disk",
            text,
            "make room: a full disk stops receipts; nothing that was receipted is lost",
        );
    }
    Finding::ok("disk", text)
}
