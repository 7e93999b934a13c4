//! ML-DSA-44 cosignatures (C2SP tlog-cosignature): "at this instant, this was the whole log I saw".

use std::ops::RangeInclusive;

use jiff::Timestamp;

use crate::head::Head;
use crate::key::{KeyKind, VerifierKey};
use crate::note::{Note, SignatureLine};

/// How long an ML-DSA-44 signature is, in bytes (FIPS 204).
pub const SIGNATURE_LEN: usize = 2420;

/// The bytes that the key named `cosigner` signs to cosign `head` at the second of `at`.
///
/// ML-DSA-44 with an empty context. Names and origins of this crate always fit their 255 bytes;
/// a longer one is cut and thus never verifies.
#[must_use]
pub fn message(cosigner: &VerifierKey, at: Timestamp, head: &Head) -> Vec<u8> {
    let mut message = b"subtree/v1\n\0".to_vec();
    push_short(&mut message, cosigner.name());
    message.extend_from_slice(&posix_seconds(at).to_be_bytes());
    push_short(&mut message, head.origin());
    message.extend_from_slice(&0_u64.to_be_bytes());
    message.extend_from_slice(&head.size().to_be_bytes());
    message.extend_from_slice(head.root().as_bytes());
    message
}

fn push_short(message: &mut Vec<u8>, name: &str) {
    let length = name.len().min(255) as u8;
    message.push(length);
    message.extend_from_slice(&name.as_bytes()[..usize::from(length)]);
}

/// Seconds since 1970; an instant before it counts as 0, which verifies nowhere.
fn posix_seconds(at: Timestamp) -> u64 {
    u64::try_from(at.as_second()).unwrap_or(0)
}

/// `at` without its fraction of a second, as a cosignature states it.
#[must_use]
pub fn whole_second(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

/// The signature line of `key`: the second of `at`, then its `signature` over [`message`].
#[must_use]
pub fn line(key: &VerifierKey, at: Timestamp, signature: &[u8]) -> SignatureLine {
    let stamped = [posix_seconds(at).to_be_bytes().as_slice(), signature].concat();
    SignatureLine::new(key, &stamped)
}

/// Why a cosignature is not believed. The cosigner must mend it.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum CosignatureFault {
    /// The cosigner has no line in the note.
    #[error("not cosigned by `{0}`")]
    Missing(String),
    /// The line is of another key.
    #[error("the cosignature is of `{0}`")]
    Stranger(String),
    /// The key is no cosignature key.
    #[error("the key `{0}` does not cosign")]
    Kind(String),
    /// The line has a wrong length or no possible time.
    #[error("the cosignature of `{0}` is malformed")]
    Malformed(String),
    /// The signature does not fit the head.
    #[error("the cosignature of `{0}` is wrong")]
    Wrong(String),
    /// The time lies outside what the verifier accepts.
    #[error("the cosignature is of {0}, outside what can be believed")]
    Time(Timestamp),
}

/// A cosignature that has been verified: this key, at that second, had seen the whole log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cosignature {
    at: Timestamp,
    line: SignatureLine,
}

impl Cosignature {
    /// Verifies that `line` is the cosignature of `head` by `key`.
    ///
    /// # Errors
    /// The line is another key's, malformed or wrong.
    pub fn verify(
        line: &SignatureLine,
        head: &Head,
        key: &VerifierKey,
    ) -> Result<Self, CosignatureFault> {
        let name = || key.name().to_owned();
        if key.kind() != KeyKind::MlDsa44Cosignature {
            return Err(CosignatureFault::Kind(name()));
        }
        if !line.is_of(key) {
            return Err(CosignatureFault::Stranger(line.name().into()));
        }
        let (at, signature) =
            stamped(line.signature()).ok_or_else(|| CosignatureFault::Malformed(name()))?;
        if !key.is_right(&message(key, at, head), signature) {
            return Err(CosignatureFault::Wrong(name()));
        }
        Ok(Self {
            at,
            line: line.clone(),
        })
    }

    /// The cosignature of `head` by `key` that stands in `note`; every line of the key must be right.
    ///
    /// Of several the earliest counts, since it says most.
    ///
    /// # Errors
    /// There is none, or one is malformed or wrong.
    pub fn find(note: &Note, head: &Head, key: &VerifierKey) -> Result<Self, CosignatureFault> {
        let mut earliest: Option<Self> = None;
        for line in note.lines_of(key) {
            let found = Self::verify(line, head, key)?;
            if earliest.as_ref().is_none_or(|other| found.at < other.at) {
                earliest = Some(found);
            }
        }
        earliest.ok_or_else(|| CosignatureFault::Missing(key.name().into()))
    }

    /// This cosignature, if its time lies in `bounds`.
    ///
    /// # Errors
    /// The time lies outside.
    pub fn within(self, bounds: &RangeInclusive<Timestamp>) -> Result<Self, CosignatureFault> {
        if bounds.contains(&self.at) {
            Ok(self)
        } else {
            Err(CosignatureFault::Time(self.at))
        }
    }

    /// When the cosigner says that it cosigned, in whole seconds.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        self.at
    }

    /// The line, for a note or a parcel.
    #[must_use]
    pub const fn line(&self) -> &SignatureLine {
        &self.line
    }
}

/// Time and signature of a timestamped signature; a time of 0 states nothing and is refused.
fn stamped(bytes: &[u8]) -> Option<(Timestamp, &[u8])> {
    let (seconds, signature) = bytes.split_first_chunk::<8>()?;
    let seconds = i64::try_from(u64::from_be_bytes(*seconds)).ok()?;
    let at = Timestamp::from_second(seconds).ok()?;
    (seconds > 0 && signature.len() == SIGNATURE_LEN).then_some((at, signature))
}
