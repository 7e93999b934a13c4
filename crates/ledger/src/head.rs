//! Heads: what a Party says of its own log, size and root, signed (C2SP tlog-checkpoint).

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;

use crate::cosignature::{self, Cosignature, CosignatureFault};
use crate::hash::Hash;
use crate::key::{KeyKind, VerifierKey};
use crate::name::{Origin, log_key_name};
use crate::note::{Note, NoteFault, SignatureLine};
use crate::tree::Frontier;

/// A checkpoint, unsigned: origin, size and root of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    origin: String,
    size: u64,
    root: Hash,
}

/// The text is no checkpoint without extension lines.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[error("a checkpoint has three lines: an origin, a size, a root in Base64")]
pub struct BadHead;

impl Head {
    /// The head of the log `origin` as `frontier` has it.
    #[must_use]
    pub fn of(origin: &Origin, frontier: &Frontier) -> Self {
        Self::new(origin, frontier.size(), frontier.root())
    }

    /// The head of the log `origin` with that size and root.
    #[must_use]
    pub fn new(origin: &Origin, size: u64, root: Hash) -> Self {
        Self {
            origin: origin.as_str().into(),
            size,
            root,
        }
    }

    /// The origin line.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// How many entries the log has.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The root over them.
    #[must_use]
    pub const fn root(&self) -> &Hash {
        &self.root
    }

    /// The checkpoint's text: its bytes are what the Ed25519 key signs.
    #[must_use]
    pub fn text(&self) -> String {
        self.to_string()
    }

    /// This head signed by its own log: two signatures made by the keys of `keys`, the ML-DSA-44
    /// one over [`cosignature::message`] at `signed_at`.
    ///
    /// The signatures are not verified here: who signs with its own keys need not doubt them.
    #[must_use]
    pub fn signed(
        self,
        keys: &LogKeys,
        signed_at: Timestamp,
        ed25519: &[u8],
        ml_dsa_44: &[u8],
    ) -> SignedHead {
        let text = self.text();
        let lines = [
            SignatureLine::new(&keys.ed25519, ed25519),
            cosignature::line(&keys.ml_dsa_44, signed_at, ml_dsa_44),
        ];
        SignedHead {
            head: self,
            signed_at: cosignature::whole_second(signed_at),
            note: format!("{text}\n{}\n{}\n", lines[0], lines[1]),
        }
    }
}

impl FromStr for Head {
    type Err = BadHead;

    fn from_str(text: &str) -> Result<Self, BadHead> {
        let mut lines = text.strip_suffix('\n').ok_or(BadHead)?.split('\n');
        let (Some(origin), Some(size), Some(root), None) =
            (lines.next(), lines.next(), lines.next(), lines.next())
        else {
            return Err(BadHead);
        };
        if origin.is_empty() || origin.len() > 255 {
            return Err(BadHead);
        }
        Ok(Self {
            origin: origin.into(),
            size: decimal(size).ok_or(BadHead)?,
            root: Hash::from_base64(root).ok_or(BadHead)?,
        })
    }
}

/// The number that `text` writes in ASCII decimal without leading zeroes, or `None`.
pub(crate) fn decimal(text: &str) -> Option<u64> {
    let number: u64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{}\n{}", self.origin, self.size, self.root)
    }
}

/// The keys by which a Party signs the heads of one log; both signatures are required.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogKeys {
    origin: Origin,
    ed25519: VerifierKey,
    ml_dsa_44: VerifierKey,
}

/// The two keys are not an Ed25519 and an ML-DSA-44 cosignature key of the Party that keeps the log.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "log keys are one ed25519 and one ml-dsa-44 cosignature key of the party that keeps the log"
)]
pub struct BadLogKeys;

impl LogKeys {
    /// The keys of the log `origin`.
    ///
    /// # Errors
    /// The kinds are not 0x01 and 0x06, or a name is not that of the log key of the origin's Party.
    pub fn new(
        origin: Origin,
        ed25519: VerifierKey,
        ml_dsa_44: VerifierKey,
    ) -> Result<Self, BadLogKeys> {
        let kinds = (ed25519.kind(), ml_dsa_44.kind());
        let name = log_key_name(origin.memorandum(), origin.own());
        let right = kinds == (KeyKind::Ed25519, KeyKind::MlDsa44Cosignature)
            && [ed25519.name(), ml_dsa_44.name()] == [&name, &name];
        right
            .then_some(Self {
                origin,
                ed25519,
                ml_dsa_44,
            })
            .ok_or(BadLogKeys)
    }

    /// The keys of a Party whose key names and kinds have been checked.
    pub(crate) const fn of_one_party(
        origin: Origin,
        ed25519: VerifierKey,
        ml_dsa_44: VerifierKey,
    ) -> Self {
        Self {
            origin,
            ed25519,
            ml_dsa_44,
        }
    }

    /// The origin of the log that these keys sign.
    #[must_use]
    pub const fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The Ed25519 key.
    #[must_use]
    pub const fn ed25519(&self) -> &VerifierKey {
        &self.ed25519
    }

    /// The ML-DSA-44 key, by which this Party also cosigns its partner's log.
    #[must_use]
    pub const fn ml_dsa_44(&self) -> &VerifierKey {
        &self.ml_dsa_44
    }
}

/// Why a signed head is not believed. The log's owner must mend it.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum HeadFault {
    /// The note is malformed, or the Ed25519 line is missing or wrong.
    #[error(transparent)]
    Note(#[from] NoteFault),
    /// The text is no checkpoint.
    #[error(transparent)]
    Head(#[from] BadHead),
    /// The checkpoint is of another log.
    #[error("the head is of the log `{0}`")]
    Origin(String),
    /// The ML-DSA-44 line is missing or wrong.
    #[error(transparent)]
    Cosignature(#[from] CosignatureFault),
}

/// A head with both signatures of its log, verified or made here.
///
/// Lines of others, such as the partner's cosignature, stay in the note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedHead {
    head: Head,
    signed_at: Timestamp,
    note: String,
}

impl SignedHead {
    /// The signed head that `note` writes, once both lines of `keys` are right.
    ///
    /// # Errors
    /// The note is malformed, of another log, or lacks a right line of either key.
    pub fn verify(note: &str, keys: &LogKeys) -> Result<Self, HeadFault> {
        let parsed = Note::parse(note)?;
        let head: Head = parsed.text().parse()?;
        if head.origin != keys.origin.as_str() {
            return Err(HeadFault::Origin(head.origin));
        }
        parsed.require(&keys.ed25519)?;
        let own = Cosignature::find(&parsed, &head, &keys.ml_dsa_44)?;
        Ok(Self {
            head,
            signed_at: own.at(),
            note: note.into(),
        })
    }

    /// The head.
    #[must_use]
    pub const fn head(&self) -> &Head {
        &self.head
    }

    /// How many entries the log has.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.head.size
    }

    /// When the log's own ML-DSA-44 key says that it signed, in whole seconds.
    #[must_use]
    pub const fn signed_at(&self) -> Timestamp {
        self.signed_at
    }

    /// The note, byte for byte.
    #[must_use]
    pub fn note(&self) -> &str {
        &self.note
    }

    /// The note with one more line, such as the partner's cosignature, at its end.
    #[must_use]
    pub fn note_with(&self, line: &SignatureLine) -> String {
        format!("{}{line}\n", self.note)
    }
}
