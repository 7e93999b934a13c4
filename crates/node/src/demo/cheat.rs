//! The other half: each way to cheat, done for real on the data of one side, and the line that catches it.

use std::{fs, path::Path};

use entente_ledger::{Entry, Head, Introduction, LogKeys, Opening, Salt, cosignature, tree};
use entente_store::{Intruder, KeptOpening, StoreError};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::{
    evidence::{exported, proof, with_introductions},
    play,
    script::Day,
    stage::Stage,
    story::{Closing, Line, Tried},
    tell::{Form, city, other_city},
    watch::text,
};
use crate::{
    command::answer::Failure,
    folder::Folder,
    keys::Keys,
    peer::{
        budget::Lane,
        client::Caller,
        parcel::{Parcel, VERSION},
        tls,
    },
    process::{ask, until},
};

/// Acts that have crossed before anybody cheats.
const SENT_BEFORE: usize = 4;

/// What was tried, and what caught it.
struct Caught {
    tried: String,
    /// Who caught it, by what.
    by: String,
    /// The line that says so; none when nothing did.
    line: Option<String>,
}

/// One way to cheat, played by a Party.
type Cheat = fn(&Day, &mut Stage, &str) -> Result<Caught, Failure>;

/// Plays every cheat, each on the honest ground that the one before left.
///
/// # Errors
/// When the stage breaks. A cheat that is not caught is a fault of the closing.
pub fn play(day: &Day, stage: &mut Stage, form: Form) -> Result<Closing, Failure> {
    play::beginning(day, stage, SENT_BEFORE, form)?;
    let (cheat, honest) = (stage.sides[1].party.clone(), stage.sides[0].party.clone());
    stage
        .side(&honest)
        .call(&["ledger", "export", &exported(stage.side(&honest))])?;
    let all: [(Cheat, &str); 5] = [
        (rewrites, &cheat),
        (back_dates, &cheat),
        (drops, &cheat),
        (claims, &honest),
        (forks, &honest),
    ];
    let mut missed = Vec::new();
    for (place, (try_it, side)) in all.iter().enumerate() {
        let Caught { tried, by, line } = try_it(day, stage, side)?;
        if line.is_none() {
            missed.push(format!("not caught: {tried}"));
        }
        let told = Tried {
            cheat: place + 1,
            side: (*side).to_owned(),
            tried,
            by,
            held: line.is_some(),
            caught: line,
        };
        form.tell(day, &Line::Cheat(told));
    }
    Ok(Closing {
        cheats: Some(all.len()),
        ..Closing::of(SENT_BEFORE, missed)
    })
}

/// A receipt is rewritten in the database: `filed` becomes `refused`, the entry stays.
fn rewrites(day: &Day, stage: &mut Stage, party: &str) -> Result<Caught, Failure> {
    let line = with_database(stage, party, first_fault, |intruder| {
        let Some(kept) = intruder.newest("receipt")? else {
            return Ok(());
        };
        let record = kept
            .record
            .replace("\"outcome\":\"filed\"", "\"outcome\":\"refused\"");
        intruder.rewrite(kept.position, &record, None)
    })?;
    let city = city(day, party);
    Ok(Caught {
        tried: format!(
            "{city} rewrites a receipt in its own database: what it filed, it now says it refused."
        ),
        by: format!("`entente ledger check` in {city}"),
        line,
    })
}

/// A receipt is back-dated, and its entry computed anew so that the two fit each other again.
fn back_dates(day: &Day, stage: &mut Stage, party: &str) -> Result<Caught, Failure> {
    let line = with_database(stage, party, refused_start, |intruder| {
        let Some(kept) = intruder.newest("receipt")? else {
            return Ok(());
        };
        let record = earlier(&kept);
        let entry = Opening::new(Salt::new(kept.salt), record.clone()).entry();
        intruder.rewrite(kept.position, &record, Some(entry.as_bytes()))
    })?;
    let city = city(day, party);
    Ok(Caught {
        tried: format!(
            "{city} back-dates a receipt by three hours, and computes its entry anew so that both fit."
        ),
        by: format!("the node of {city}, as it starts"),
        line,
    })
}

/// The newest receipt is dropped, with all that stands behind it.
fn drops(day: &Day, stage: &mut Stage, party: &str) -> Result<Caught, Failure> {
    let line = with_database(stage, party, first_alarm, |intruder| {
        match intruder.newest("receipt")? {
            Some(kept) => intruder.drop_from(kept.position),
            None => Ok(()),
        }
    })?;
    let (city, other) = (city(day, party), other_city(day, party));
    Ok(Caught {
        tried: format!("{city} drops an act from its database, as if it had never come."),
        by: format!("the mirror that {other} keeps, asked before anything is signed"),
        line,
    })
}

/// A proof is shown of an act that was never sent.
fn claims(day: &Day, stage: &mut Stage, party: &str) -> Result<Caught, Failure> {
    let side = stage.side(party);
    let listed = side.get("/v1/outbox?limit=1")?;
    let reference = text(&listed["items"][0], "reference");
    let folder = stage.dir.join("claimed");
    let folder_name = folder.display().to_string();
    proof(side, &reference, &folder_name)?;
    invent(&folder)?;
    let words = ["ledger", "verify", &folder_name].map(str::to_owned);
    let words = with_introductions(stage, words.to_vec());
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let printed = ask(&words)?;
    let line = printed.out.lines().next().unwrap_or_default().to_owned();
    Ok(Caught {
        tried: format!(
            "{} claims to have sent what it did not: another record in the place of the one that stands in its ledger.",
            city(day, party)
        ),
        by: "`entente ledger verify`, offline, by anyone".to_owned(),
        line: (!printed.held && line.starts_with("not proven")).then_some(line),
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
fn forks(day: &Day, stage: &mut Stage, party: &str) -> Result<Caught, Failure> {
    let (side, other) = (stage.side(party), stage.other(party));
    let listed = side.get(&format!("/v1/ledgers/{}/own/entries", other.party))?;
    let memorandum = text(&side.get("/v1/status")?["memorandum"], "digest");
    let entries = Entry::many_from_base64(&text(&listed, "entries")).unwrap_or_default();
    let (own, theirs) = (side.folder(), other.folder());
    stage.side_mut(party).stop();
    let answer = second_history(&own, &theirs, entries, &memorandum);
    stage.side_mut(party).start()?;
    let (city, other) = (city(day, party), other_city(day, party));
    Ok(Caught {
        tried: format!(
            "{city}, on an old copy of its data, signs a second history with its own keys and shows it to {other}."
        ),
        by: format!("the node of {other}, which answers"),
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
        notices: vec![],
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
    Ok(answer.err().map(|fault| fault.to_string()))
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

/// Stops a node, lets somebody change its database, starts it again, and looks for what must catch the change. The data are
/// put back afterwards, so that the next cheat begins on honest ground.
fn with_database(
    stage: &mut Stage,
    party: &str,
    look: impl Fn(&Stage, &str) -> Result<Option<String>, Failure>,
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
    if stage.side_mut(party).start().is_ok() {
        heard(stage, party)?;
    }
    let line = look(stage, party);
    stage.side_mut(party).stop();
    for end in ["-wal", "-shm"] {
        let beside = format!("{}{end}", database.display());
        if Path::new(&beside).exists() {
            fs::remove_file(beside).map_err(|error| unchanged(&error))?;
        }
    }
    fs::copy(&kept, &database).map_err(|error| unchanged(&error))?;
    stage.side_mut(party).start()?;
    stage.open_links()?;
    line
}

/// Waits until a node has heard its partner, whatever came of it.
fn heard(stage: &Stage, party: &str) -> Result<(), Failure> {
    let side = stage.side(party);
    until("a changed node did not hear its partner", || {
        Ok(side.get("/v1/status")?["partners"][0]["state"] != "starting")
    })
}

/// What the node finds wrong with its own ledgers, entry by entry.
fn first_fault(stage: &Stage, party: &str) -> Result<Option<String>, Failure> {
    let checked = stage.side(party).get("/v1/ledgers")?;
    let ledgers = checked["ledgers"].as_array();
    let fault = |ledger: &Value| {
        let fault = ledger["faults"][0].as_str()?;
        Some(format!("{}: {fault}", text(ledger, "ledger")))
    };
    Ok(ledgers.into_iter().flatten().find_map(fault))
}

/// What a node said that did not start.
fn refused_start(stage: &Stage, party: &str) -> Result<Option<String>, Failure> {
    let line = log_line(stage, party, "the node does not start")?;
    Ok(line.filter(|_| stage.side(party).id().is_none()))
}

/// The first alarm in the log of a node: what stands between its level and its members.
fn first_alarm(stage: &Stage, party: &str) -> Result<Option<String>, Failure> {
    let line = log_line(stage, party, " ERROR ")?;
    let words = |line: String| {
        let said = line.split(" ERROR ").nth(1)?.split(" partner=").next()?;
        Some(said.to_owned())
    };
    Ok(line.and_then(words))
}

fn log_line(stage: &Stage, party: &str, holding: &str) -> Result<Option<String>, Failure> {
    let log = fs::read_to_string(stage.side(party).log())
        .map_err(|error| Failure::broken("the log of a node cannot be read").because(&error))?;
    let line = log.lines().find(|line| line.contains(holding));
    Ok(line.map(|line| line.trim().to_owned()))
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
