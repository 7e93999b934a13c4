//! Signed notes and verifier keys (C2SP signed-note): text, then the lines of those who signed it.

use std::fmt;
use std::str::FromStr;

use aws_lc_rs::signature::{ED25519, ML_DSA_44, UnparsedPublicKey};
use base64::{Engine, prelude::BASE64_STANDARD};

use crate::entry::sha256_of;
use crate::hex::{hex, unhex};

/// The largest note that is read, in bytes.
pub const NOTE_MAX_BYTES: usize = 1 << 20;
/// The most signature lines that are read; the specification asks for at least 16.
pub const SIGNATURES_MAX: usize = 64;

const DASH: &str = "\u{2014} ";

/// What a key signs, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyKind {
    /// Type 0x01: Ed25519 (RFC 8032) over the text of a note.
    Ed25519,
    /// Type 0x06: ML-DSA-44 (FIPS 204) over the timestamped message of C2SP tlog-cosignature.
    MlDsa44Cosignature,
    /// Type 0xff `entente/ml-dsa-44`: ML-DSA-44, empty context, over the text of a note.
    ///
    /// For texts that are no checkpoints, which type 0x06 cannot sign. Source: decision 0055.
    MlDsa44,
}

impl KeyKind {
    /// The signature type as it stands before the key in a verifier key and in the key id.
    const fn prefix(self) -> &'static [u8] {
        match self {
            Self::Ed25519 => &[0x01],
            Self::MlDsa44Cosignature => &[0x06],
            Self::MlDsa44 => b"\xffentente/ml-dsa-44",
        }
    }

    /// How long a public key is, in bytes.
    #[must_use]
    pub const fn public_len(self) -> usize {
        match self {
            Self::Ed25519 => 32,
            Self::MlDsa44Cosignature | Self::MlDsa44 => 1312,
        }
    }

    /// Whether `signature` by `public` over `message` is right.
    fn is_right(self, public: &[u8], message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Ed25519 => UnparsedPublicKey::new(&ED25519, public)
                .verify(message, signature)
                .is_ok(),
            Self::MlDsa44Cosignature | Self::MlDsa44 => UnparsedPublicKey::new(&ML_DSA_44, public)
                .verify(message, signature)
                .is_ok(),
        }
    }
}

/// A public key with its name: `<name>+<key id>+<Base64 of type and key>`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct VerifierKey {
    name: String,
    kind: KeyKind,
    public: Vec<u8>,
    id: [u8; 4],
}

/// Why a text is not a verifier key.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum BadKey {
    /// It does not have the form `<name>+<8 hexadecimal digits>+<Base64>`.
    #[error("a verifier key has the form `name+key id+Base64`")]
    Form,
    /// The name is empty, or has a space, a plus or a control character.
    #[error("`{0}` is no key name")]
    Name(String),
    /// The signature type is none that this protocol uses.
    #[error("the signature type is not known")]
    Kind,
    /// The public key has a wrong length.
    #[error("the public key has {found} bytes, not {expected}")]
    Length {
        /// How many it has.
        found: usize,
        /// How many its type asks for.
        expected: usize,
    },
    /// The key id is not the one that name, type and key give.
    #[error("the key id is not that of the name and the key")]
    Id,
}

impl VerifierKey {
    /// The key of `name`, of `kind`, with the raw `public` key (RFC 8032 or FIPS 204 encoding).
    ///
    /// # Errors
    /// The name is not allowed in a note, or the key's length does not fit its kind.
    pub fn new(name: &str, kind: KeyKind, public: &[u8]) -> Result<Self, BadKey> {
        if !is_key_name(name) {
            return Err(BadKey::Name(name.chars().take(80).collect()));
        }
        if public.len() != kind.public_len() {
            return Err(BadKey::Length {
                found: public.len(),
                expected: kind.public_len(),
            });
        }
        let digest = sha256_of(&[name.as_bytes(), b"\n", kind.prefix(), public]);
        Ok(Self {
            name: name.into(),
            kind,
            public: public.into(),
            id: [digest[0], digest[1], digest[2], digest[3]],
        })
    }

    /// The key's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the key signs.
    #[must_use]
    pub const fn kind(&self) -> KeyKind {
        self.kind
    }

    /// The raw public key.
    #[must_use]
    pub fn public(&self) -> &[u8] {
        &self.public
    }

    /// The key id: the first four bytes of `SHA-256(name ‖ 0x0A ‖ type ‖ public key)`.
    #[must_use]
    pub const fn id(&self) -> [u8; 4] {
        self.id
    }

    /// Whether `signature` over `message` is this key's.
    #[must_use]
    pub fn is_right(&self, message: &[u8], signature: &[u8]) -> bool {
        self.kind.is_right(&self.public, message, signature)
    }
}

fn is_key_name(name: &str) -> bool {
    let forbidden = |c: char| c.is_whitespace() || c.is_control() || c == '+';
    !name.is_empty() && name.len() <= 255 && !name.contains(forbidden)
}

impl FromStr for VerifierKey {
    type Err = BadKey;

    fn from_str(text: &str) -> Result<Self, BadKey> {
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(BadKey::Form);
        };
        let id = unhex::<4>(id).ok_or(BadKey::Form)?;
        let bytes = BASE64_STANDARD.decode(key).map_err(|_| BadKey::Form)?;
        let kinds = [
            KeyKind::Ed25519,
            KeyKind::MlDsa44Cosignature,
            KeyKind::MlDsa44,
        ];
        let (kind, public) = kinds
            .into_iter()
            .find_map(|kind| Some((kind, bytes.strip_prefix(kind.prefix())?)))
            .ok_or(BadKey::Kind)?;
        let key = Self::new(name, kind, public)?;
        if key.id == id {
            Ok(key)
        } else {
            Err(BadKey::Id)
        }
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = BASE64_STANDARD.encode([self.kind.prefix(), &self.public].concat());
        write!(f, "{}+{}+{key}", self.name, hex(&self.id))
    }
}

impl fmt::Debug for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifierKey({}+{}+…)", self.name, hex(&self.id))
    }
}

/// One signature line: `— <key name> <Base64 of key id and signature>`, without its line feed.
#[derive(Clone, PartialEq, Eq)]
pub struct SignatureLine {
    name: String,
    id: [u8; 4],
    signature: Vec<u8>,
}

impl SignatureLine {
    /// The line by which `key` signs, with the bytes of its signature (a cosignature: see there).
    #[must_use]
    pub fn new(key: &VerifierKey, signature: &[u8]) -> Self {
        Self {
            name: key.name.clone(),
            id: key.id,
            signature: signature.into(),
        }
    }

    /// The name of the key that signed, as the line claims it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The bytes after the key id.
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// Whether name and key id are those of `key`.
    #[must_use]
    pub fn is_of(&self, key: &VerifierKey) -> bool {
        self.name == key.name && self.id == key.id
    }
}

impl FromStr for SignatureLine {
    type Err = NoteFault;

    fn from_str(line: &str) -> Result<Self, NoteFault> {
        let (name, signature) = line
            .strip_prefix(DASH)
            .and_then(|rest| rest.split_once(' '))
            .filter(|(name, _)| is_key_name(name))
            .ok_or(NoteFault::Line)?;
        let bytes = BASE64_STANDARD
            .decode(signature)
            .map_err(|_| NoteFault::Line)?;
        let (id, signature) = bytes
            .split_first_chunk::<4>()
            .filter(|(_, signature)| !signature.is_empty())
            .ok_or(NoteFault::Line)?;
        Ok(Self {
            name: name.into(),
            id: *id,
            signature: signature.into(),
        })
    }
}

impl fmt::Display for SignatureLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [self.id.as_slice(), &self.signature].concat();
        write!(f, "{DASH}{} {}", self.name, BASE64_STANDARD.encode(bytes))
    }
}

impl fmt::Debug for SignatureLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignatureLine({} {}…)", self.name, hex(&self.id))
    }
}

/// What is wrong with a note. Its sender must mend it.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum NoteFault {
    /// Larger than [`NOTE_MAX_BYTES`], or more lines than [`SIGNATURES_MAX`].
    #[error("the note is too large")]
    TooLarge,
    /// A control character other than the line feed.
    #[error("the note has a control character")]
    Control,
    /// No blank line between text and signatures, no text, or no final line feed.
    #[error("the note is not text, a blank line and signature lines")]
    Form,
    /// A signature line that is none.
    #[error("a signature line is malformed")]
    Line,
    /// The key that must have signed has no line.
    #[error("not signed by `{0}`")]
    Unsigned(String),
    /// The line of a known key does not fit the text.
    #[error("the signature of `{0}` is wrong")]
    Wrong(String),
    /// The key is of a kind that does not sign texts.
    #[error("the key `{0}` does not sign texts")]
    Kind(String),
}

/// A text with its signature lines. Nothing in it is to be believed before a key has been required.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    text: String,
    lines: Vec<SignatureLine>,
}

impl Note {
    /// The note over `text`, unsigned.
    ///
    /// # Errors
    /// The text is empty, does not end in a line feed, or has a control character.
    pub fn new(text: impl Into<String>) -> Result<Self, NoteFault> {
        let text = text.into();
        if !text.ends_with('\n') {
            return Err(NoteFault::Form);
        }
        no_controls(&text)?;
        Ok(Self {
            text,
            lines: Vec::new(),
        })
    }

    /// The note that `source` writes, byte for byte.
    ///
    /// # Errors
    /// `source` is not of the form of the specification, or too large.
    pub fn parse(source: &str) -> Result<Self, NoteFault> {
        if source.len() > NOTE_MAX_BYTES {
            return Err(NoteFault::TooLarge);
        }
        no_controls(source)?;
        // The last blank line is the one that separates: a text may have blank lines of its own.
        let end = source.rfind("\n\n").ok_or(NoteFault::Form)? + 1;
        let (text, rest) = source.split_at(end);
        let lines = rest[1..].strip_suffix('\n').ok_or(NoteFault::Form)?;
        if lines.split('\n').count() > SIGNATURES_MAX {
            return Err(NoteFault::TooLarge);
        }
        Ok(Self {
            text: text.into(),
            lines: lines
                .split('\n')
                .map(str::parse)
                .collect::<Result<_, _>>()?,
        })
    }

    /// The text, with its final line feed: the bytes that text keys sign.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signature lines in order, known and unknown.
    #[must_use]
    pub fn lines(&self) -> &[SignatureLine] {
        &self.lines
    }

    /// Adds a line at the end, unless it stands there already.
    pub fn add(&mut self, line: SignatureLine) {
        if !self.lines.contains(&line) {
            self.lines.push(line);
        }
    }

    /// The note with `line` added.
    #[must_use]
    pub fn with(mut self, line: SignatureLine) -> Self {
        self.add(line);
        self
    }

    /// The lines that claim to be of `key`; lines of others are ignored.
    pub fn lines_of<'n>(&'n self, key: &'n VerifierKey) -> impl Iterator<Item = &'n SignatureLine> {
        self.lines.iter().filter(|line| line.is_of(key))
    }

    /// Checks that `key`, which signs texts, has signed this text.
    ///
    /// # Errors
    /// It has no line, one of its lines is wrong, or it is a key for cosignatures.
    pub fn require(&self, key: &VerifierKey) -> Result<(), NoteFault> {
        if key.kind == KeyKind::MlDsa44Cosignature {
            return Err(NoteFault::Kind(key.name.clone()));
        }
        let mut lines = self.lines_of(key).peekable();
        if lines.peek().is_none() {
            return Err(NoteFault::Unsigned(key.name.clone()));
        }
        let right = lines.all(|line| key.is_right(self.text.as_bytes(), &line.signature));
        right
            .then_some(())
            .ok_or_else(|| NoteFault::Wrong(key.name.clone()))
    }
}

fn no_controls(text: &str) -> Result<(), NoteFault> {
    let control = |byte: u8| byte < 0x20 && byte != b'\n';
    if text.bytes().any(control) {
        return Err(NoteFault::Control);
    }
    Ok(())
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        for line in &self.lines {
            writeln!(f, "{line}")?;
        }
        Ok(())
    }
}
