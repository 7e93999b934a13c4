//! Evidence in a folder: what a court or a stranger checks offline, without our node.
//!
//! For one act: `sent.*` from its sender's log, `receipt.*` from its receiver's. Each side is a `.tlog-proof` (C2SP
//! tlog-proof), the `.entry` of 32 bytes, its `.opening`, and the two keys of the log. A revealed act adds the sealed bytes
//! and the key that opens them. A whole log is a folder of tiles (C2SP tlog-tiles).

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use entente_cooperation::{
    body::strict,
    receipt::{ActRecord, ReceiptRecord},
};
use entente_ledger::{
    Entry, Head, LogKeys, Note, Origin, VerifierKey,
    check::{self, Findings, Log},
    export,
};
use entente_seal::{FileKey, MessageId, open_with};
use serde_json::Value;
use thiserror::Error;

mod side;
mod trust;

pub use side::Side;
pub use trust::Trusted;
use trust::{cosigner, in_time, lacking, log_keys};

/// The side of the sender: the act stands in its log.
pub const SENT: &str = "sent";
/// The side of the receiver: the receipt stands in its log.
pub const RECEIPT: &str = "receipt";
/// The sealed bytes of a revealed act.
pub const SEALED: &str = "act.age";
/// The key that opens them.
pub const FILE_KEY: &str = "act.file-key";

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
    pub sent: ActRecord,
    /// The log in which it stands, and where.
    pub sent_in: Place,
    /// The record of the receipt, if it is among the files.
    pub receipt: Option<(ReceiptRecord, Place)>,
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
    /// Whether the keys of the log are those of an introduction that the reader holds.
    pub keys_known: bool,
    /// Whether the partner's key, which cosigns, is that of an introduction that the reader holds.
    pub partner_known: bool,
}

impl Place {
    /// Why this place proves nothing to a third person yet; empty if it does.
    pub fn lacks(&self) -> Vec<String> {
        let log = &self.log;
        let alone = self.cosigned.is_empty().then(|| {
            format!("the partner has not cosigned `{log}`: whoever keeps it could have made the entry alone")
        });
        lacking(log, self.keys_known, alone, self.partner_known)
    }
}

/// Whether a folder holds the evidence for one act (and not a whole log).
pub fn is_act(dir: &Path) -> bool {
    dir.join(format!("{SENT}.tlog-proof")).is_file()
}

/// Verifies the evidence for one act.
///
/// Fails with the first thing that does not hold. What holds is not proven yet: [`Shown::lacks`] says what is missing.
pub fn verify_act(dir: &Path, known: &Trusted) -> Result<Shown, BadEvidence> {
    let known = &known.with_those_of(dir);
    let sent = Side::read(dir, SENT)?;
    let receipt = dir
        .join(format!("{RECEIPT}.tlog-proof"))
        .is_file()
        .then(|| Side::read(dir, RECEIPT))
        .transpose()?;
    let (sent_in, keys) = sent.verify(receipt.as_ref().map(|side| &side.keys.1), known)?;
    let record = ActRecord::read(sent.opening.record()).map_err(|e| wrong(&e))?;
    if record.link != keys.origin().memorandum().as_str() {
        return Err(BadEvidence::Wrong(format!(
            "the act is of another link than the log `{}`",
            keys.origin()
        )));
    }
    let receipt = receipt
        .map(|side| {
            let (place, other) = side.verify(Some(&sent.keys.1), known)?;
            mirrors(keys.origin(), other.origin())?;
            let of = ReceiptRecord::read(side.opening.record()).map_err(|e| wrong(&e))?;
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

/// The receipt stands in the other log of the same link: the same memorandum, the two Parties exchanged.
fn mirrors(act: &Origin, receipt: &Origin) -> Result<(), BadEvidence> {
    if *receipt == Origin::new(act.memorandum(), act.partner(), act.own()) {
        return Ok(());
    }
    Err(BadEvidence::Wrong(format!(
        "a receipt for an act of `{act}` does not stand in `{receipt}`"
    )))
}

/// The receipt must name the act's link, message, entry and where it stands.
fn answers(
    sent: &ActRecord,
    entry: &Entry,
    place: &Place,
    receipt: &ReceiptRecord,
) -> Result<(), BadEvidence> {
    let holds = receipt.link == sent.link
        && receipt.message == sent.message
        && receipt.entry == *entry
        && receipt.index == place.index
        && receipt.memorandum_released == sent.memorandum;
    if holds {
        return Ok(());
    }
    Err(BadEvidence::Wrong(
        "the receipt is of another act".to_owned(),
    ))
}

impl Shown {
    /// Why a third person need not believe it yet; empty if sending, and the receipt if there is one, are proven.
    pub fn lacks(&self) -> Vec<String> {
        let receipt = self.receipt.iter().flat_map(|(_, place)| place.lacks());
        let mut lacks = self.sent_in.lacks();
        lacks.extend(receipt);
        lacks.dedup();
        lacks
    }
}

fn revealed(dir: &Path, sent: &ActRecord) -> Result<Option<Value>, BadEvidence> {
    let path = dir.join(SEALED);
    if !path.is_file() {
        return Ok(None);
    }
    let sealed = bytes(&path)?;
    if MessageId::of(&sealed).to_string() != sent.message.to_string() {
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
    /// Whether the partner's key, which cosigns, is that of an introduction that the reader holds.
    pub partner_known: bool,
    /// The entries, to compare with another copy.
    pub entries: Vec<Entry>,
}

impl CheckedLog {
    /// Why a third person need not believe it yet; empty if what is cosigned is proven.
    pub fn lacks(&self) -> Vec<String> {
        let log = &self.log;
        let alone = (self.findings.cosigned == 0).then(|| {
            format!("the partner has cosigned nothing of `{log}`: whoever keeps it could have made it alone")
        });
        lacking(log, self.keys_known, alone, self.partner_known)
    }
}

/// Verifies an exported log in a folder of tiles.
pub fn verify_log(dir: &Path, known: &Trusted) -> Result<CheckedLog, BadEvidence> {
    let known = &known.with_those_of(dir);
    let checkpoint = text(&dir.join(export::CHECKPOINT))?;
    let head = head_of(&checkpoint)?;
    let folder = export::Folder::read(dir).map_err(|e| wrong(&e))?;
    let log = log_keys(
        &folder.checkpoint,
        &(folder.ed25519.clone(), folder.ml_dsa_44.clone()),
        known,
    )?;
    let cosigner = cosigner(&log, folder.partner.as_ref())?;
    in_time(&log, &folder.checkpoint, cosigner.as_ref())?;
    let findings = check::check(&Log {
        keys: &log.keys,
        partner: cosigner.as_ref(),
        entries: &folder.entries,
        openings: &[],
        heads: std::slice::from_ref(&folder.checkpoint),
    });
    Ok(CheckedLog {
        log: head.origin().to_owned(),
        size: head.size(),
        findings,
        wrong_tiles: folder.wrong_tiles.iter().map(|tile| tile.path()).collect(),
        keys_known: log.known,
        partner_known: log.partner.is_some(),
        entries: folder.entries,
    })
}

/// The keys of the log that `note` is of.
pub fn keys_of(note: &str, keys: (VerifierKey, VerifierKey)) -> Result<LogKeys, BadEvidence> {
    log_keys(note, &keys, &Trusted::default()).map(|log| log.keys)
}

fn head_of(note: &str) -> Result<Head, BadEvidence> {
    let note = Note::parse(note).map_err(|e| wrong(&e))?;
    note.text().parse().map_err(|e| wrong(&e))
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

fn wrong(error: &dyn std::fmt::Display) -> BadEvidence {
    BadEvidence::Wrong(error.to_string())
}
