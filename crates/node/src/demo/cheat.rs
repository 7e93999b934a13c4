//! The other half: each way to cheat, done for real on the data of one side, and the line that catches it.

use std::{fs, path::Path};

use entente_ledger::{Entry, Head, Introduction, LogKeys, Opening, Salt, cosignature, tree};
use entente_store::{Intruder, KeptOpening, StoreError};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::{
    evidence::{exported, proof, with_introductions},
    play,
    script::Day,
    stage::{Stage, ask_entente},
};
use crate::{
    command::answer::{Answer, Failure},
    folder::Folder,
    keys::Keys,
    peer::{
        budget::Lane,
        client::Caller,
        parcel::{Parcel, VERSION},
        tls,
    },
};

/// Acts that have crossed before anybody cheats.
const SENT_BEFORE: usize = 4;

/// What was tried and what caught it.
struct Caught {
    tried: &'static str,
    line: Option<String>,
}

/// Plays every cheat, each on the honest ground that the one before left.
///
/// # Errors
/// When a cheat is not caught, or the stage breaks.
pub fn play(day: &Day, stage: &mut Stage) -> Result<Answer, Failure> {
    play::beginning(day, stage, SENT_BEFORE)?;
    let (cheat, honest) = (stage.sides[1].party.clone(), stage.sides[0].party.clone());
    stage
        .side(&honest)
        .entente(&["ledger", "export", &exported(stage.side(&honest))])?;
    let caught = [
        rewrites(stage, &cheat)?,
        back_dates(stage, &cheat)?,
        drops(stage, &cheat)?,
        claims(stage, &honest)?,
        forks(stage, &honest)?,
    ];
    let mut missed = Vec::new();
    for one in &caught {
        println!("\n{}", one.tried);
        match &one.line {
            Some(line) => println!("    caught: {line}"),
            None => missed.push(one.tried),
        }
    }
    if let Some(first) = missed.first() {
        return Err(Failure::broken(format!("not caught: {first}")));
    }
    let all: Vec<_> = caught
        .iter()
        .map(|one| json!({ "tried": one.tried, "caught": one.line }))
        .collect();
    Ok(Answer::new(
        format!("\n{} cheats, every one caught.", caught.len()),
        json!({ "caught": all }),
    ))
}

/// A receipt is rewritten in the database: `filed` becomes `refused`, the entry stays.
fn rewrites(stage: &mut Stage, party: &str) -> Result<Caught, Failure> {
    let line = with_database(stage, party, |intruder| {
        let Some(kept) = intruder.newest("receipt")? else {
            return Ok(());
        };
        let record = kept
            .record
            .replace("\"outcome\":\"filed\"", "\"outcome\":\"refused\"");
        intruder.rewrite(kept.position, &record, None)
    })?;
    Ok(Caught {
        tried: "Rabat rewrites a receipt in its own database: what it filed, it now says it refused.",
        line,
    })
}

/// A receipt is back-dated, and its entry computed anew so that the two fit each other again.
fn back_dates(stage: &mut Stage, party: &str) -> Result<Caught, Failure> {
    let line = with_database(stage, party, |intruder| {
        let Some(kept) = intruder.newest("receipt")? else {
            return Ok(());
        };
        let record = earlier(&kept);
        let entry = Opening::new(Salt::new(kept.salt), record.clone()).entry();
        intruder.rewrite(kept.position, &record, Some(entry.as_bytes()))
    })?;
    Ok(Caught {
        tried: "Rabat back-dates a receipt by three hours, and computes its entry anew so that both fit.",
        line,
    })
}

/// The newest receipt is dropped, with all that stands behind it.
fn drops(stage: &mut Stage, party: &str) -> Result<Caught, Failure> {
    let line = with_database(stage, party, |intruder| {
        match intruder.newest("receipt")? {
            Some(kept) => intruder.drop_from(kept.position),
            None => Ok(()),
        }
    })?;
    Ok(Caught {
        tried: "Rabat drops an act from its database, as if it had never come.",
        line,
    })
}

/// A proof is shown of an act that was never sent.
fn claims(stage: &Stage, party: &str) -> Result<Caught, Failure> {
    let side = stage.side(party);
    let listed = side.get("/v1/outbox?limit=1")?;
    let reference = super::watch::text(&listed["items"][0], "reference");
    let folder = stage.dir.join("claimed");
    proof(side, &reference, &folder.display().to_string())?;
    invent(&folder)?;
    let words = vec![
        "ledger".into(),
        "verify".into(),
        folder.display().to_string(),
    ];
    let words = with_introductions(stage, words);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let (said, held) = ask_entente(&words)?;
    Ok(Caught {
        tried: "Brussels claims to have sent what it did not: another record in the place of the one that stands in its ledger.",
        line: (!held).then(|| first_line(&said)),
    })
}

/// Another message in the opening that is shown for a sent act.
fn invent(folder: &Path) -> Result<(), Failure> {
    let broken =
        |error: std::io::Error| Failure::broken("the claim cannot be written").because(&error);
    let path = folder.join("sent.opening");
    let shown = fs::read_to_string(&path).map_err(broken)?;
    let real = shown
        .split("\\\"message\\\":\\\"")
        .nth(1)
        .or_else(|| shown.split("\"message\":\"").nth(1));
    let real: String = real.unwrap_or_default().chars().take(64).collect();
    let invented: String = real.chars().rev().collect();
    fs::write(&path, shown.replace(&real, &invented)).map_err(broken)
}

/// A node with an old copy of its data signs a second history with its own keys, and shows it to its partner.
fn forks(stage: &mut Stage, party: &str) -> Result<Caught, Failure> {
    let (side, other) = (stage.side(party), stage.other(party));
    let listed = side.get(&format!("/v1/ledgers/{}/own/entries", other.party))?;
    let memorandum = side.get("/v1/status")?["memorandum"]["digest"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let entries =
        Entry::many_from_base64(&super::watch::text(&listed, "entries")).unwrap_or_default();
    let (own, theirs) = (side.folder(), other.folder());
    stage.side_mut(party).stop();
    let answer = second_history(&own, &theirs, entries, &memorandum);
    stage.side_mut(party).start()?;
    Ok(Caught {
        tried: "Brussels, on an old copy of its data, signs a second history with its own keys and shows it to Rabat.",
        line: answer?,
    })
}

/// The same log with another last entry, signed by the same keys; what the partner answers to it.
fn second_history(
    own: &Folder,
    other: &Folder,
    mut entries: Vec<Entry>,
    memorandum: &str,
) -> Result<Option<String>, Failure> {
    let keys = Keys::read(own).map_err(|error| unmade(&error))?;
    let (ours, theirs) = (introduction(own)?, introduction(other)?);
    entries.pop();
    entries.push(Opening::new(Salt::new([7; 32]), "{}").entry());
    let parcel = Parcel {
        v: VERSION,
        link: ours.who().memorandum.to_string(),
        from: ours.who().party.to_string(),
        demo: true,
        memorandum: memorandum.to_owned(),
        mirrored: 0,
        base: 0,
        head: Some(signed(&keys, &ours.log_keys(&theirs.who().party), &entries)),
        entries,
        cosignature: None,
        cosigned: 0,
        acts: Vec::new(),
        receipts: Vec::new(),
        takings: Vec::new(),
        objections: Vec::new(),
        poll: false,
    };
    let config =
        tls::client(keys.transport(), *theirs.transport()).map_err(|error| unmade(&error))?;
    let address = theirs
        .who()
        .address
        .as_ref()
        .map(|address| address.as_str().to_owned());
    let runtime = tokio::runtime::Runtime::new().map_err(|error| unmade(&error))?;
    let answer = runtime.block_on(Caller::new(address, config).parcel(&parcel, Lane::Ordinary));
    Ok(answer.err().map(|fault| format!("Rabat answers: {fault}")))
}

/// A head over any entries, signed as a node signs its own.
fn signed(keys: &Keys, log_keys: &LogKeys, entries: &[Entry]) -> String {
    let now = Timestamp::now();
    let head = Head::new(
        log_keys.origin(),
        entries.len() as u64,
        tree::root_of(entries),
    );
    let ed25519 = keys.log().sign_ed25519(head.text().as_bytes());
    let ml_dsa_44 =
        keys.log()
            .sign_mldsa44(&cosignature::message(log_keys.ml_dsa_44(), now, &head));
    head.signed(log_keys, now, &ed25519, &ml_dsa_44[..])
        .note()
        .to_owned()
}

fn introduction(folder: &Folder) -> Result<Introduction, Failure> {
    let text = fs::read_to_string(folder.introduction()).map_err(|error| unmade(&error))?;
    Introduction::verify(&text).map_err(|error| unmade(&error))
}

fn unmade(error: &dyn std::error::Error) -> Failure {
    Failure::broken("the second history cannot be made").because(error)
}

/// Stops a node, lets somebody change its database, starts it again: what the node, or who compares the files, then says. The
/// data are put back afterwards, so that the next cheat begins on honest ground.
fn with_database(
    stage: &mut Stage,
    party: &str,
    change: impl FnOnce(&Intruder) -> Result<(), StoreError>,
) -> Result<Option<String>, Failure> {
    let kept = stage.dir.join("kept");
    stage.side_mut(party).stop();
    let database = stage.side(party).folder().database();
    let unchanged = |error: &dyn std::error::Error| {
        Failure::broken("the database cannot be changed").because(error)
    };
    fs::copy(&database, &kept).map_err(|error| unchanged(&error))?;
    Intruder::open(&database)
        .and_then(|intruder| change(&intruder))
        .map_err(|error| unchanged(&error))?;
    let line = stage
        .side_mut(party)
        .start()
        .err()
        .map_or_else(|| said_of(stage, party), |_| Ok(log_line(stage, party)));
    stage.side_mut(party).stop();
    for end in ["", "-wal", "-shm"] {
        let path = database.with_file_name(format!("{}{end}", file_name(&database)));
        if end.is_empty() {
            fs::copy(&kept, path).map_err(|error| unchanged(&error))?;
        } else if path.exists() {
            fs::remove_file(path).map_err(|error| unchanged(&error))?;
        }
    }
    stage.side_mut(party).start()?;
    stage.open_links()?;
    line
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// What the changed node says of itself, else what its partner's mirror says of it.
fn said_of(stage: &Stage, party: &str) -> Result<Option<String>, Failure> {
    let side = stage.side(party);
    let (said, held) = side.ask(&["ledger", "check"])?;
    if !held {
        return Ok(Some(first_line(&said)));
    }
    let own = stage.dir.join("changed").display().to_string();
    side.entente(&["ledger", "export", &own])?;
    let mirror = format!("{}/mirror", exported(stage.other(party)));
    let (said, held) = ask_entente(&["ledger", "verify", &own, "--against", &mirror])?;
    Ok((!held)
        .then(|| first_line(&said))
        .or_else(|| log_line(stage, party)))
}

/// The line of a node's log that names what is wrong with its data: its first warning, else what it said last.
fn log_line(stage: &Stage, party: &str) -> Option<String> {
    let log = fs::read_to_string(stage.side(party).dir.join("node.log")).ok()?;
    let mut lines = log
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with("What to do"));
    let warning = lines
        .clone()
        .find(|line| line.contains("ERROR") || line.contains("WARN"));
    warning.or_else(|| lines.next_back()).map(str::to_owned)
}

/// A record with the instant of receipt three hours earlier.
fn earlier(kept: &KeptOpening) -> String {
    let at = kept
        .record
        .split("\"received_at\":\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .unwrap_or_default();
    let moved = at
        .parse::<Timestamp>()
        .ok()
        .and_then(|at| at.checked_sub(SignedDuration::from_hours(3)).ok());
    moved.map_or_else(
        || kept.record.clone(),
        |moved| kept.record.replace(at, &moved.to_string()),
    )
}

/// The line of what was said that names a fault; else its first.
fn first_line(said: &str) -> String {
    let lines = || said.lines().map(str::trim).filter(|line| !line.is_empty());
    let telling = lines().find(|line| {
        ["does not", "differ", "not proven", "no head"]
            .iter()
            .any(|word| line.contains(word))
    });
    telling
        .or_else(|| lines().next())
        .unwrap_or_default()
        .to_owned()
}
