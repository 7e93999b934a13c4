//! Signed notes (C2SP signed-note): text, then the lines of those who signed it.

use std::fmt;
use std::str::FromStr;

use base64::{Engine, prelude::BASE64_STANDARD};

use crate::hex::hex;
use crate::key::{KeyKind, VerifierKey, is_key_name};

/// The largest note that is read, in bytes.
pub const NOTE_MAX_BYTES: usize = 1 << 20;
/// The most signature lines that are read; the specification asks for at least 16.
pub const SIGNATURES_MAX: usize = 64;

const DASH: &str = "\u{2014} ";

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
            name: key.name().into(),
            id: key.id(),
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
        self.name == key.name() && self.id == key.id()
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
        if key.kind() == KeyKind::MlDsa44Cosignature {
            return Err(NoteFault::Kind(key.name().into()));
        }
        let mut lines = self.lines_of(key).peekable();
        if lines.peek().is_none() {
            return Err(NoteFault::Unsigned(key.name().into()));
        }
        let right = lines.all(|line| key.is_right(self.text.as_bytes(), &line.signature));
        right
            .then_some(())
            .ok_or_else(|| NoteFault::Wrong(key.name().into()))
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
