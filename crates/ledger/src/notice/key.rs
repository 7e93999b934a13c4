//! A key notice: the identity says which key serves for what, from when until when.
//!
//! It stands in the log, so that both sides know the same keys at the same place of the history.
//! A new key overlaps the old one; a notice with a higher number for the same key, and an end
//! that has passed, revokes it.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;

use super::{Identity, Lines, NoticeFault, instant, key, parsed, recipient};
use crate::head::decimal;
use crate::hex::{hex, unhex};
use crate::key::{KeyKind, VerifierKey};
use crate::name::{Id, log_key_name};
use crate::note::Note;

const FIRST_LINE: &str = "entente/key-notice/v1";

/// What a key serves for, with the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyUse {
    /// The two keys that sign heads.
    Log {
        /// Type 0x01.
        ed25519: VerifierKey,
        /// Type 0x06.
        ml_dsa_44: VerifierKey,
    },
    /// The recipient for which bodies are sealed, `age1pq1…`.
    Seal(String),
    /// The SHA-256 of the transport key's SubjectPublicKeyInfo.
    Transport([u8; 32]),
}

/// One notice: a key of one Party under one memorandum, valid in `from..until`.
///
/// Source: PROTOCOL section 3.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyNotice {
    party: Id,
    memorandum: Id,
    number: u64,
    key: KeyUse,
    from: Timestamp,
    until: Timestamp,
    issued: Timestamp,
}

impl KeyNotice {
    /// The notice numbered `number` (from 1, rising for each Party and memorandum), still unsigned.
    ///
    /// # Errors
    /// The validity ends before it begins, or a log or seal key is not of this Party's form.
    pub fn new(
        (party, memorandum, number): (Id, Id, u64),
        key: KeyUse,
        (from, until): (Timestamp, Timestamp),
        issued: Timestamp,
    ) -> Result<Self, NoticeFault> {
        let notice = Self {
            party,
            memorandum,
            number,
            key,
            from,
            until,
            issued,
        };
        // The text is the only door: what would not be read again is not written either.
        notice.text().parse()
    }

    /// What a signed note states; its signatures are not looked at, so nothing of it is believed yet.
    ///
    /// # Errors
    /// The note or its text is malformed.
    pub fn stated(note: &str) -> Result<Self, NoticeFault> {
        Note::parse(note)?.text().parse()
    }

    /// The notice in `note`, once both keys of `identity` have signed it.
    ///
    /// # Errors
    /// The note or its text is malformed, or a signature is missing or wrong.
    pub fn verify(note: &str, identity: &Identity) -> Result<Self, NoticeFault> {
        let note = Note::parse(note)?;
        identity.require(&note)?;
        let notice: Self = note.text().parse()?;
        let name = crate::name::identity_key_name(&notice.party);
        if identity.ed25519.name() != name {
            return Err(NoticeFault::Foreign(notice.party.to_string()));
        }
        Ok(notice)
    }

    /// The text, whose bytes both identity keys sign.
    #[must_use]
    pub fn text(&self) -> String {
        self.to_string()
    }

    /// The file: the text with the two signatures of `identity` over it.
    ///
    /// # Errors
    /// Never for a text of this type; the note refuses control characters.
    pub fn signed(
        &self,
        identity: &Identity,
        ed25519: &[u8],
        ml_dsa_44: &[u8],
    ) -> Result<Note, NoticeFault> {
        Ok(identity.sign(Note::new(self.text())?, ed25519, ml_dsa_44))
    }

    /// The Party whose key it is.
    #[must_use]
    pub const fn party(&self) -> &Id {
        &self.party
    }

    /// The memorandum under which it serves.
    #[must_use]
    pub const fn memorandum(&self) -> &Id {
        &self.memorandum
    }

    /// The notice's number; of two notices for one key the higher counts.
    #[must_use]
    pub const fn number(&self) -> u64 {
        self.number
    }

    /// The key.
    #[must_use]
    pub const fn key(&self) -> &KeyUse {
        &self.key
    }

    /// Whether the key serves at `instant`: from its first instant up to, not including, its last.
    #[must_use]
    pub fn is_valid_at(&self, instant: Timestamp) -> bool {
        self.from <= instant && instant < self.until
    }

    /// From when on it serves.
    #[must_use]
    pub const fn from(&self) -> Timestamp {
        self.from
    }

    /// Until when, not included.
    #[must_use]
    pub const fn until(&self) -> Timestamp {
        self.until
    }

    /// When the notice was issued.
    #[must_use]
    pub const fn issued(&self) -> Timestamp {
        self.issued
    }
}

impl FromStr for KeyNotice {
    type Err = NoticeFault;

    fn from_str(text: &str) -> Result<Self, NoticeFault> {
        let mut lines = Lines::of(text, FIRST_LINE)?;
        let party: Id = lines.take("party", parsed)?;
        let memorandum: Id = lines.take("memorandum", parsed)?;
        let number = lines.take("number", |text| decimal(text).filter(|number| *number > 0))?;
        let key = key_use(&mut lines, &log_key_name(&memorandum, &party))?;
        let notice = Self {
            party,
            memorandum,
            number,
            key,
            from: lines.take("from", instant)?,
            until: lines.take("until", instant)?,
            issued: lines.take("issued", instant)?,
        };
        lines.end()?;
        if notice.until < notice.from {
            return Err(NoticeFault::Validity);
        }
        Ok(notice)
    }
}

fn key_use(lines: &mut Lines<'_>, log: &str) -> Result<KeyUse, NoticeFault> {
    match lines.take("use", Some)? {
        "log" => Ok(KeyUse::Log {
            ed25519: lines.take("key", |text| key(text, KeyKind::Ed25519, log))?,
            ml_dsa_44: lines.take("key", |text| key(text, KeyKind::MlDsa44Cosignature, log))?,
        }),
        "seal" => Ok(KeyUse::Seal(lines.take("key", recipient)?)),
        "transport" => Ok(KeyUse::Transport(lines.take("key", unhex)?)),
        _ => Err(NoticeFault::Line("use")),
    }
}

impl fmt::Display for KeyNotice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{FIRST_LINE}")?;
        writeln!(f, "party {}", self.party)?;
        writeln!(f, "memorandum {}", self.memorandum)?;
        writeln!(f, "number {}", self.number)?;
        match &self.key {
            KeyUse::Log { ed25519, ml_dsa_44 } => {
                writeln!(f, "use log\nkey {ed25519}\nkey {ml_dsa_44}")?;
            }
            KeyUse::Seal(recipient) => writeln!(f, "use seal\nkey {recipient}")?,
            KeyUse::Transport(digest) => writeln!(f, "use transport\nkey {}", hex(digest))?,
        }
        writeln!(f, "from {}", self.from)?;
        writeln!(f, "until {}", self.until)?;
        writeln!(f, "issued {}", self.issued)
    }
}
