//! What a Party states of its keys, signed by its identity: introductions and key notices.
//!
//! Both are signed notes whose text is strict: each line once, in order, in one way of writing.

pub mod introduction;
pub mod key;
pub mod phrase;
pub mod ring;

pub use introduction::{Introduction, PublicKeys, Who};
pub use key::{KeyNotice, KeyUse};
pub use phrase::phrase;
pub use ring::{KeyRing, Span, Use};

use jiff::Timestamp;

use crate::key::{BadKey, KeyKind, VerifierKey};
use crate::name::{Id, identity_key_name};
use crate::note::{Note, NoteFault, SignatureLine};

/// The identity of a Party: an Ed25519 and an ML-DSA-44 key, both named `entente/<party>`.
///
/// It signs introductions, key notices and the memorandum; both signatures are always required.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    ed25519: VerifierKey,
    ml_dsa_44: VerifierKey,
}

impl Identity {
    /// The identity of `party`, of two raw public keys (32 and 1312 bytes).
    ///
    /// # Errors
    /// A key has a wrong length.
    pub fn new(party: &Id, ed25519: &[u8], ml_dsa_44: &[u8]) -> Result<Self, BadKey> {
        let name = identity_key_name(party);
        Ok(Self {
            ed25519: VerifierKey::new(&name, KeyKind::Ed25519, ed25519)?,
            ml_dsa_44: VerifierKey::new(&name, KeyKind::MlDsa44, ml_dsa_44)?,
        })
    }

    /// The Ed25519 key.
    #[must_use]
    pub const fn ed25519(&self) -> &VerifierKey {
        &self.ed25519
    }

    /// The ML-DSA-44 key.
    #[must_use]
    pub const fn ml_dsa_44(&self) -> &VerifierKey {
        &self.ml_dsa_44
    }

    /// Adds the two lines of this identity to `note`; both signatures are over its text.
    #[must_use]
    pub fn sign(&self, note: Note, ed25519: &[u8], ml_dsa_44: &[u8]) -> Note {
        note.with(SignatureLine::new(&self.ed25519, ed25519))
            .with(SignatureLine::new(&self.ml_dsa_44, ml_dsa_44))
    }

    /// Checks that this identity signed `note`, with both keys.
    ///
    /// # Errors
    /// A line is missing or wrong.
    pub fn require(&self, note: &Note) -> Result<(), NoteFault> {
        note.require(&self.ed25519)?;
        note.require(&self.ml_dsa_44)
    }
}

/// Why a signed statement of keys is not believed. Its author must mend it.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum NoticeFault {
    /// The note is malformed, or a signature is missing or wrong.
    #[error(transparent)]
    Note(#[from] NoteFault),
    /// The text has another first line.
    #[error("the text does not begin with `{0}`")]
    FirstLine(&'static str),
    /// A line is missing, out of place, or written otherwise than it must be.
    #[error("the line `{0}` is missing, out of place or wrong")]
    Line(&'static str),
    /// There are lines after the last one.
    #[error("there is more than the text says there should be")]
    More,
    /// The statement is of another Party or memorandum, or its key is not valid for what it does.
    #[error("the notice is of {0}, not of this link")]
    Foreign(String),
    /// The validity ends before it begins.
    #[error("the validity ends before it begins")]
    Validity,
    /// Another number than the next, and not the notice that is held under it.
    #[error("the notice has number {stated}, the next is {next}")]
    Number {
        /// The number that the notice states.
        stated: u64,
        /// The number that the next notice has.
        next: u64,
    },
}

/// The lines of a statement, taken one by one in their order.
struct Lines<'t>(std::str::Split<'t, char>);

impl<'t> Lines<'t> {
    fn of(text: &'t str, first: &'static str) -> Result<Self, NoticeFault> {
        let mut lines = text.strip_suffix('\n').ok_or(NoteFault::Form)?.split('\n');
        if lines.next() == Some(first) {
            Ok(Self(lines))
        } else {
            Err(NoticeFault::FirstLine(first))
        }
    }

    /// What the next line says after `word` and a space, as `read` reads it.
    fn take<T>(
        &mut self,
        word: &'static str,
        read: impl FnOnce(&'t str) -> Option<T>,
    ) -> Result<T, NoticeFault> {
        self.0
            .next()
            .and_then(|line| line.strip_prefix(word)?.strip_prefix(' '))
            .and_then(read)
            .ok_or(NoticeFault::Line(word))
    }

    fn end(mut self) -> Result<(), NoticeFault> {
        self.0.next().map_or(Ok(()), |_| Err(NoticeFault::More))
    }
}

/// An instant in its one way of writing: RFC 3339, UTC with `Z`, no needless digits.
fn instant(text: &str) -> Option<Timestamp> {
    let instant: Timestamp = text.parse().ok()?;
    (instant.to_string() == text).then_some(instant)
}

fn parsed<T: std::str::FromStr>(text: &str) -> Option<T> {
    text.parse().ok()
}

/// A key of `kind`, named `name`.
fn key(text: &str, kind: KeyKind, name: &str) -> Option<VerifierKey> {
    let key: VerifierKey = text.parse().ok()?;
    (key.kind() == kind && key.name() == name && key.to_string() == text).then_some(key)
}

/// A sealing recipient by its looks: `age1pq1` and lower-case letters and digits. The sealing code
/// says whether it is one.
fn recipient(text: &str) -> Option<String> {
    let body = text.strip_prefix("age1pq1")?;
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    (!body.is_empty() && text.len() <= 2500 && body.bytes().all(allowed)).then(|| text.into())
}
