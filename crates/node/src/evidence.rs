//! Evidence in a folder: what a court or a stranger checks offline, without our node.
//!
//! For one act: `sent.*` from its sender's log, `receipt.*` from its receiver's. Each side is a `.tlog-proof` (C2SP
//! tlog-proof), the `.entry` of 32 bytes, its `.opening`, and the two keys of the log. A revealed act adds the sealed bytes
//! and the key that opens them. A whole log is a folder of tiles (C2SP tlog-tiles).

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use entente_cooperation::body::strict;
use entente_ledger::{
    Entry, Head, LogKeys, Note, Opening, Origin, Salt, VerifierKey,
    check::{self, Findings, Log},
    export,
    notice::Introduction,
    proof::{Proof, Proven},
};
use entente_seal::{FileKey, MessageId, open_with};
use serde_json::{Value, json};
use thiserror::Error;

/// The side of the sender: the act stands in its log.
pub const SENT: &str = "sent";
/// The side of the receiver: the receipt stands in its log.
pub const RECEIPT: &str = "receipt";
/// The sealed bytes of a revealed act.
pub const SEALED: &str = "act.age";
/// The key that opens them.
pub const FILE_KEY: &str = "act.file-key";

/// One side of an act, ready to be written.
#[derive(Clone, Debug)]
pub struct Side {
    /// The proof file.
    pub proof: String,
    /// Salt and record.
    pub opening: Opening,
    /// The keys of the log.
    pub keys: (VerifierKey, VerifierKey),
}

/// Why evidence cannot be read, or proves nothing.
#[derive(Debug, Error)]
pub enum BadEvidence {
    /// A file is missing or cannot be read.
    #[error("`{0}` cannot be read")]
    File(PathBuf, #[source] io::Error),
    /// A file is not what its name says.
    #[error("`{0}` is not what its name says: {1}")]
    Form(PathBuf, String),
    /// What the files say does not hold.
    #[error("{0}")]
    Wrong(String),
}

/// What the evidence for one act shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// The record of the act.
    pub sent: Value,
    /// The log in which it stands, and where.
    pub sent_in: Place,
    /// The record of the receipt, if it is among the files.
    pub receipt: Option<(Value, Place)>,
    /// The plaintext, if the act was revealed.
    pub body: Option<Value>,
}

/// Where an entry stands, and who vouches for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The origin of the log.
    pub log: String,
    /// The index of the entry.
    pub index: u64,
    /// Who cosigned the head, and when.
    pub cosigned: Vec<(String, String)>,
    /// Whether the keys are those of an introduction that the reader holds.
    pub keys_known: bool,
}

impl Side {
    /// Writes the files of this side into `dir` under `name`.
    pub fn write(&self, dir: &Path, name: &str) -> io::Result<()> {
        fs::create_dir_all(dir)?;
        let file = |end: &str| dir.join(format!("{name}.{end}"));
        let opening = json!({
            "salt": self.opening.salt().to_base64(), "record": self.opening.record(),
        });
        fs::write(file("tlog-proof"), &self.proof)?;
        fs::write(file("entry"), self.opening.entry().as_bytes())?;
        fs::write(file("opening"), format!("{opening}\n"))?;
        fs::write(file("vkey"), format!("{}\n", self.keys.0))?;
        fs::write(file("vkey-mldsa44"), format!("{}\n", self.keys.1))
    }

    fn read(dir: &Path, name: &str) -> Result<Self, BadEvidence> {
        let file = |end: &str| dir.join(format!("{name}.{end}"));
        let opening = read_opening(&file("opening"))?;
        let entry = bytes(&file("entry"))?;
        if entry != opening.entry().as_bytes() {
            return Err(BadEvidence::Wrong(format!(
                "`{name}.opening` does not open `{name}.entry`"
            )));
        }
        Ok(Self {
            proof: text(&file("tlog-proof"))?,
            opening,
            keys: (key(&file("vkey"))?, key(&file("vkey-mldsa44"))?),
        })
    }

    fn verify(
        &self,
        other: Option<&VerifierKey>,
        known: &[Introduction],
    ) -> Result<Place, BadEvidence> {
        let proof: Proof = self.proof.parse().map_err(|e| wrong(&e))?;
        let (keys, keys_known) = log_keys(proof.note(), &self.keys, known)?;
        let cosigners: Vec<VerifierKey> = other.cloned().into_iter().collect();
        let proven = proof
            .verify(&self.opening.entry(), &keys, &cosigners)
            .map_err(|e| wrong(&e))?;
        Ok(place(&proven, keys_known))
    }

    fn record(&self) -> Result<Value, BadEvidence> {
        strictly(self.opening.record().as_bytes())
    }
}

fn place(proven: &Proven, keys_known: bool) -> Place {
    let cosigned = proven
        .cosignatures()
        .iter()
        .map(|(name, at)| (name.clone(), at.to_string()));
    Place {
        log: proven.head().head().origin().to_owned(),
        index: proven.index(),
        cosigned: cosigned.collect(),
        keys_known,
    }
}

/// Whether a folder holds the evidence for one act (and not a whole log).
pub fn is_act(dir: &Path) -> bool {
    dir.join(format!("{SENT}.tlog-proof")).is_file()
}

/// Verifies the evidence for one act. `known` are the introductions that the reader trusts; without one, the keys in the
/// folder are only compared with each other.
///
/// Fails with the first thing that does not hold.
pub fn verify_act(dir: &Path, known: &[Introduction]) -> Result<Shown, BadEvidence> {
    let sent = Side::read(dir, SENT)?;
    let receipt = dir
        .join(format!("{RECEIPT}.tlog-proof"))
        .is_file()
        .then(|| Side::read(dir, RECEIPT))
        .transpose()?;
    let sent_in = sent.verify(receipt.as_ref().map(|side| &side.keys.1), known)?;
    let record = sent.record()?;
    let receipt = receipt
        .map(|side| {
            let place = side.verify(Some(&sent.keys.1), known)?;
            let of = side.record()?;
            answers(&record, &sent.opening.entry(), &sent_in, &of)?;
            Ok::<_, BadEvidence>((of, place))
        })
        .transpose()?;
    let body = revealed(dir, &record)?;
    Ok(Shown {
        sent: record,
        sent_in,
        receipt,
        body,
    })
}

/// The receipt must name the act's message, its entry and where it stands.
fn answers(sent: &Value, entry: &Entry, place: &Place, receipt: &Value) -> Result<(), BadEvidence> {
    let holds = receipt["message"] == sent["message"]
        && receipt["entry"] == json!(entry.to_hex())
        && receipt["index"] == json!(place.index);
    if holds {
        return Ok(());
    }
    Err(BadEvidence::Wrong(
        "the receipt is of another act".to_owned(),
    ))
}

fn revealed(dir: &Path, sent: &Value) -> Result<Option<Value>, BadEvidence> {
    let path = dir.join(SEALED);
    if !path.is_file() {
        return Ok(None);
    }
    let sealed = bytes(&path)?;
    if json!(MessageId::of(&sealed).to_string()) != sent["message"] {
        return Err(BadEvidence::Wrong(format!(
            "`{SEALED}` is not the message of the act"
        )));
    }
    let file_key: FileKey = text(&dir.join(FILE_KEY))?
        .trim()
        .parse()
        .map_err(|_| BadEvidence::Form(dir.join(FILE_KEY), "no file key".to_owned()))?;
    let plain = open_with(&file_key, &sealed).map_err(|e| wrong(&e))?;
    strictly(&plain).map(Some)
}

/// What the check of an exported log found, with the log's name and size.
#[derive(Debug)]
pub struct CheckedLog {
    /// The origin of the log.
    pub log: String,
    /// How many entries it has.
    pub size: u64,
    /// Faults, and what may be believed.
    pub findings: Findings,
    /// Tiles that do not fit the entries, by path.
    pub wrong_tiles: Vec<String>,
    /// Whether the keys are those of an introduction that the reader holds.
    pub keys_known: bool,
    /// The entries, to compare with another copy.
    pub entries: Vec<Entry>,
}

/// Verifies an exported log in a folder of tiles.
pub fn verify_log(dir: &Path, known: &[Introduction]) -> Result<CheckedLog, BadEvidence> {
    let checkpoint = text(&dir.join(export::CHECKPOINT))?;
    let head = head_of(&checkpoint)?;
    let folder = export::Folder::read(dir).map_err(|e| wrong(&e))?;
    let (keys, keys_known) = log_keys(
        &folder.checkpoint,
        &(folder.ed25519.clone(), folder.ml_dsa_44.clone()),
        known,
    )?;
    let findings = check::check(&Log {
        keys: &keys,
        partner: folder.partner.as_ref(),
        entries: &folder.entries,
        openings: &[],
        heads: std::slice::from_ref(&folder.checkpoint),
    });
    Ok(CheckedLog {
        log: head.origin().to_owned(),
        size: head.size(),
        findings,
        wrong_tiles: folder.wrong_tiles.iter().map(|tile| tile.path()).collect(),
        keys_known,
        entries: folder.entries,
    })
}

/// The keys of the log that `note` is of: those in the folder, which must be those of the introduction of that Party, if the
/// reader holds it.
fn log_keys(
    note: &str,
    keys: &(VerifierKey, VerifierKey),
    known: &[Introduction],
) -> Result<(LogKeys, bool), BadEvidence> {
    let head = head_of(note)?;
    let (origin, partner) = origin_of(head.origin())?;
    let keys = LogKeys::new(origin, keys.0.clone(), keys.1.clone()).map_err(|e| wrong(&e))?;
    let owner = keys.ed25519().name().to_owned();
    let own = |introduction: &&Introduction| {
        let who = introduction.who();
        format!("entente/{}/{}", who.memorandum, who.party) == owner
    };
    let Some(introduction) = known.iter().find(own) else {
        return Ok((keys, false));
    };
    if introduction.log_keys(&partner) != keys {
        return Err(BadEvidence::Wrong(format!(
            "the keys of `{owner}` are not those of its introduction"
        )));
    }
    Ok((keys, true))
}

/// The keys of the log that `note` is of.
pub fn keys_of(note: &str, keys: (VerifierKey, VerifierKey)) -> Result<LogKeys, BadEvidence> {
    log_keys(note, &keys, &[]).map(|(keys, _)| keys)
}

fn head_of(note: &str) -> Result<Head, BadEvidence> {
    let note = Note::parse(note).map_err(|e| wrong(&e))?;
    note.text().parse().map_err(|e| wrong(&e))
}

fn origin_of(line: &str) -> Result<(Origin, entente_ledger::Id), BadEvidence> {
    let bad = || BadEvidence::Wrong(format!("`{line}` is no log of a link"));
    let parts: Vec<&str> = line.split('/').collect();
    let ["entente", memorandum, own, partner] = parts[..] else {
        return Err(bad());
    };
    let id = |text: &str| text.parse().map_err(|_| bad());
    let partner = id(partner)?;
    Ok((Origin::new(&id(memorandum)?, &id(own)?, &partner), partner))
}

fn read_opening(path: &Path) -> Result<Opening, BadEvidence> {
    let bad = |why: &str| BadEvidence::Form(path.to_owned(), why.to_owned());
    let members = strictly(text(path)?.as_bytes()).map_err(|e| bad(&e.to_string()))?;
    let salt = members["salt"].as_str().and_then(Salt::from_base64);
    let record = members["record"].as_str();
    match (salt, record) {
        (Some(salt), Some(record)) => Ok(Opening::new(salt, record)),
        _ => Err(bad("it lacks salt or record")),
    }
}

/// A text of the other side as a value, by the strict rules of PROTOCOL section 7: two readers never see two things in it.
fn strictly(bytes: &[u8]) -> Result<Value, BadEvidence> {
    strict::read(bytes).map_err(|e| wrong(&e))?;
    serde_json::from_slice(bytes).map_err(|e| wrong(&e))
}

fn bytes(path: &Path) -> Result<Vec<u8>, BadEvidence> {
    fs::read(path).map_err(|e| BadEvidence::File(path.to_owned(), e))
}

fn text(path: &Path) -> Result<String, BadEvidence> {
    fs::read_to_string(path).map_err(|e| BadEvidence::File(path.to_owned(), e))
}

fn key(path: &Path) -> Result<VerifierKey, BadEvidence> {
    let line = text(path)?;
    line.trim_end_matches('\n')
        .parse()
        .map_err(|e| BadEvidence::Form(path.to_owned(), format!("{e}")))
}

fn wrong(error: &dyn std::fmt::Display) -> BadEvidence {
    BadEvidence::Wrong(error.to_string())
}
