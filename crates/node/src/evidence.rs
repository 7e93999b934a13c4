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
    Cosignature, Entry, Head, Id, KeyNotice, KeyRing, LogKeys, Note, Opening, Origin, Salt,
    SignedHead, VerifierKey,
    check::{self, Findings, Log},
    export,
    notice::{Introduction, Span, Use},
    proof::{Proof, Proven},
};
use entente_seal::{FileKey, MessageId, open_with};
use jiff::Timestamp;
use serde_json::{Value, json};
use thiserror::Error;

use crate::key_notices::{BESIDE, notices_in};

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

/// The introductions that a reader trusts.
#[derive(Clone, Debug, Default)]
pub struct Trusted {
    /// Their keys count; no key in a folder counts without one.
    pub introductions: Vec<Introduction>,
    /// Notices of their keys, signed by the identities of the introductions.
    pub notices: Vec<String>,
    /// Whether the reader named them: each must then be of a Party of the log.
    pub named: bool,
}

impl Trusted {
    /// The same with the notices that lie beside the evidence. They prove themselves: who gave the evidence can leave some out,
    /// so whoever knows of later ones names them.
    fn with_those_of(&self, dir: &Path) -> Self {
        let mut trusted = self.clone();
        let beside = notices_in(&dir.join(BESIDE)).into_iter();
        trusted.notices.extend(beside.map(|(_, note)| note));
        trusted
    }

    /// The keys of a Party over time; none if the reader holds no introduction of it.
    ///
    /// Fails if a notice of it is unsound, or one is missing among them.
    fn ring(&self, party: &Id, memorandum: &Id) -> Result<Option<KeyRing>, BadEvidence> {
        let introduction = self.introductions.iter().find(|introduction| {
            let who = introduction.who();
            who.memorandum == *memorandum && who.party == *party
        });
        let Some(mut ring) = introduction.map(KeyRing::of) else {
            return Ok(None);
        };
        let read = |note: &String| -> Option<(u64, String)> {
            let notice = KeyNotice::stated(note).ok()?;
            let of = notice.party() == party && notice.memorandum() == memorandum;
            of.then(|| (notice.number(), note.clone()))
        };
        let mut notices: Vec<(u64, String)> = self.notices.iter().filter_map(read).collect();
        notices.sort();
        for (_, note) in notices {
            ring.learn(&note)
                .map_err(|e| BadEvidence::Wrong(format!("a key notice of `{party}`: {e}")))?;
        }
        Ok(Some(ring))
    }
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

/// Why a log proves nothing to a third person yet: who keeps it, that nobody else saw it (`alone`), who cosigned it.
fn lacking(log: &str, keys_known: bool, alone: Option<String>, partner_known: bool) -> Vec<String> {
    let unknown = (!keys_known).then(|| format!("no introduction vouches for the keys of `{log}`"));
    let cosigner = (!partner_known)
        .then(|| format!("no introduction vouches for the key that cosigned `{log}`"));
    unknown.into_iter().chain(alone.or(cosigner)).collect()
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

    /// What this side shows; `other` is the ML-DSA-44 log key of the other Party, as the folder states it.
    fn verify(
        &self,
        other: Option<&VerifierKey>,
        known: &Trusted,
    ) -> Result<(Place, LogKeys), BadEvidence> {
        let proof: Proof = self.proof.parse().map_err(|e| wrong(&e))?;
        let log = log_keys(proof.note(), &self.keys, known)?;
        let cosigner = cosigner(&log, other)?;
        in_time(&log, proof.note(), cosigner.as_ref())?;
        let cosigners: Vec<VerifierKey> = cosigner.into_iter().collect();
        let proven = proof
            .verify(&self.opening.entry(), &log.keys, &cosigners)
            .map_err(|e| wrong(&e))?;
        Ok((place(&proven, &log), log.keys))
    }
}

/// The key that cosigns a log: the partner's, by its introduction if the reader holds it. Never a key of the log itself.
fn cosigner(log: &Keyed, stated: Option<&VerifierKey>) -> Result<Option<VerifierKey>, BadEvidence> {
    let key = log.partner.as_ref().or(stated);
    if let (Some(ring), Some(stated)) = (&log.partner_ring, stated) {
        let partner = log.keys.origin().own();
        let spans = ring.spans().iter();
        let mut keys = spans.filter_map(|span| ring.log_keys(partner, span));
        if !keys.any(|keys| keys.ml_dsa_44() == stated) {
            return Err(not_the_key(log.keys.origin().partner().as_str()));
        }
    }
    let own = [log.keys.ed25519(), log.keys.ml_dsa_44()];
    if key.is_some_and(|key| own.iter().any(|own| own.public() == key.public())) {
        return Err(BadEvidence::Wrong(format!(
            "`{}` is cosigned by a key of its own",
            log.keys.origin()
        )));
    }
    Ok(key.cloned())
}

fn place(proven: &Proven, log: &Keyed) -> Place {
    let cosigned = proven
        .cosignatures()
        .iter()
        .map(|(name, at)| (name.clone(), at.to_string()));
    Place {
        log: proven.head().head().origin().to_owned(),
        index: proven.index(),
        cosigned: cosigned.collect(),
        keys_known: log.known,
        partner_known: log.partner.is_some(),
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

/// Whether the keys served when they signed: the log's at the instant of the partner's cosignature, which its keeper cannot
/// choose, else at the one that the head states; the partner's at the instant of its cosignature.
fn in_time(log: &Keyed, note: &str, cosigner: Option<&VerifierKey>) -> Result<(), BadEvidence> {
    let Ok(head) = SignedHead::verify(note, &log.keys) else {
        return Ok(());
    };
    let note = Note::parse(note).map_err(|e| wrong(&e))?;
    let cosigned = cosigner.and_then(|key| Cosignature::find(&note, head.head(), key).ok());
    let cosigned = cosigned.map(|cosignature| cosignature.at());
    let at = cosigned.unwrap_or(head.signed_at());
    let served = |span: &Option<Span>, at: Timestamp| match span {
        Some(span) if !span.serves(at) => Err(BadEvidence::Wrong(format!(
            "a key of `{}` signed at {at}, and serves from {} until {} by notice {}",
            log.keys.origin(),
            span.from,
            span.until,
            span.number
        ))),
        _ => Ok(()),
    };
    served(&log.span, at)?;
    cosigned.map_or(Ok(()), |at| served(&log.partner_span, at))
}

/// The keys of a log, and what vouches for them.
struct Keyed {
    keys: LogKeys,
    /// When these keys served, if the reader knows.
    span: Option<Span>,
    /// The keys of the partner over time, if the reader holds its introduction.
    partner_ring: Option<KeyRing>,
    /// When the key served by which the partner cosigned.
    partner_span: Option<Span>,
    /// Whether the introduction of the Party that keeps it has the same keys.
    known: bool,
    /// The key by which the partner cosigns, from its introduction.
    partner: Option<VerifierKey>,
}

/// The keys of the log that `note` is of: those in the folder, which must be those of the introduction of that Party, if the
/// reader holds it. An introduction that the reader named must be of one of the two Parties.
fn log_keys(
    note: &str,
    keys: &(VerifierKey, VerifierKey),
    known: &Trusted,
) -> Result<Keyed, BadEvidence> {
    let head = head_of(note)?;
    let origin: Origin = head.origin().parse().map_err(|e| wrong(&e))?;
    if origin.own() == origin.partner() {
        return Err(BadEvidence::Wrong(format!(
            "`{origin}` is no log of a link"
        )));
    }
    let (own, partner) = (origin.own().clone(), origin.partner().clone());
    let of = |party: &Id| known.ring(party, origin.memorandum());
    let (owner, other) = (of(&own)?, of(&partner)?);
    let foreign = known.introductions.iter().find(|introduction| {
        let who = introduction.who();
        who.memorandum != *origin.memorandum() || (who.party != own && who.party != partner)
    });
    if let Some(foreign) = foreign.filter(|_| known.named) {
        return Err(not_the_key(foreign.who().party.as_str()));
    }
    let signed = Note::parse(note).map_err(|e| wrong(&e))?;
    let cosigner = other.as_ref().and_then(|ring| {
        let found = signed.lines().iter().find_map(|line| ring.cosigner(line));
        // Without its line any key of it will do: it then says that there is no cosignature.
        let (key, span) = match found {
            Some((key, span)) => (key.clone(), span),
            None => {
                let span = ring
                    .spans()
                    .iter()
                    .find(|span| span.key.kind() == Use::Log)?;
                (ring.log_keys(&own, span)?.ml_dsa_44().clone(), span)
            }
        };
        Some((key, span.clone()))
    });
    let introduced = owner.as_ref().map(|ring| ring.signer(note, &partner));
    let keys = LogKeys::new(origin, keys.0.clone(), keys.1.clone()).map_err(|e| wrong(&e))?;
    if introduced
        .as_ref()
        .is_some_and(|found| found.as_ref().is_none_or(|(found, _)| *found != keys))
    {
        return Err(not_the_key(own.as_str()));
    }
    let (cosigner, partner_span) = cosigner.unzip();
    Ok(Keyed {
        keys,
        known: introduced.is_some(),
        span: introduced.flatten().map(|(_, span)| span.clone()),
        partner: cosigner,
        partner_span,
        partner_ring: other,
    })
}

fn not_the_key(party: &str) -> BadEvidence {
    BadEvidence::Wrong(format!(
        "not the key of this ledger: the introduction of `{party}` does not fit it"
    ))
}

/// The keys of the log that `note` is of.
pub fn keys_of(note: &str, keys: (VerifierKey, VerifierKey)) -> Result<LogKeys, BadEvidence> {
    log_keys(note, &keys, &Trusted::default()).map(|log| log.keys)
}

fn head_of(note: &str) -> Result<Head, BadEvidence> {
    let note = Note::parse(note).map_err(|e| wrong(&e))?;
    note.text().parse().map_err(|e| wrong(&e))
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
