//! Who a file is sealed for: the age recipient `age1pq1…` and its identity `AGE-SECRET-KEY-PQ-1…`.
//!
//! Source: C2SP age, "The MLKEM768-X25519 hybrid post-quantum recipient type".

use std::{fmt, str::FromStr};

use aws_lc_rs::rand;
use bech32::{Bech32, Checksum, Hrp, primitives::decode::CheckedHrpstring};
use zeroize::Zeroizing;

use crate::hybrid::{PUBLIC_BYTES, PublicKey, SEED_BYTES, SecretKey};

const RECIPIENT_PREFIX: &str = "age1pq";
const IDENTITY_PREFIX: &str = "AGE-SECRET-KEY-PQ-";

/// Bech32 (BIP 173) without its limit on length: the library's own stops at 1023 characters, a recipient has 1959.
enum LongBech32 {}

impl Checksum for LongBech32 {
    type MidstateRepr = u32;
    const CODE_LENGTH: usize = usize::MAX;
    const CHECKSUM_LENGTH: usize = Bech32::CHECKSUM_LENGTH;
    const GENERATOR_SH: [u32; 5] = Bech32::GENERATOR_SH;
    const TARGET_RESIDUE: u32 = Bech32::TARGET_RESIDUE;
}

/// A public key to seal for, proven usable: `age1pq1` and 1952 more characters.
///
/// Reading one costs a trial encapsulation (about 50 µs), because neither an ML-KEM key out of range nor an X25519 point of low
/// order is seen before it is used. Read it once, when the partner's key is registered, and keep it.
pub struct Recipient {
    key: PublicKey,
    bytes: Box<[u8; PUBLIC_BYTES]>,
}

impl Recipient {
    pub(crate) fn key(&self) -> &PublicKey {
        &self.key
    }
}

impl FromStr for Recipient {
    type Err = BadRecipient;

    fn from_str(text: &str) -> Result<Self, BadRecipient> {
        let bytes = decode(text, RECIPIENT_PREFIX).ok_or(BadRecipient::NotARecipient)?;
        let bytes: Box<[u8; PUBLIC_BYTES]> = bytes
            .into_boxed_slice()
            .try_into()
            .map_err(|_| BadRecipient::NotARecipient)?;
        let key = PublicKey::read(&bytes).map_err(|_| BadRecipient::Unusable)?;
        Ok(Self { key, bytes })
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        bech32::encode_lower_to_fmt::<LongBech32, _>(
            f,
            Hrp::parse_unchecked(RECIPIENT_PREFIX),
            &self.bytes[..],
        )
        .map_err(|_| fmt::Error)
    }
}

impl fmt::Debug for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl PartialEq for Recipient {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl Eq for Recipient {}

/// Why a text is no recipient. Whoever supplied the key must act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadRecipient {
    /// Not `age1pq1…` in lower case with a right checksum and 1216 bytes.
    #[error("not an `age1pq1…` recipient, or mistyped")]
    NotARecipient,
    /// Well written, but no file could be sealed for it: ML-KEM out of range, or an X25519 point of low order.
    #[error("a recipient that no file can be sealed for")]
    Unusable,
}

/// The private key that opens what is sealed for [`Identity::recipient`].
pub struct Identity {
    seed: Zeroizing<[u8; SEED_BYTES]>,
    key: SecretKey,
}

impl Identity {
    /// A new identity, with the system's randomness.
    pub fn generate() -> Self {
        let mut seed = Zeroizing::new([0; SEED_BYTES]);
        // INVARIANT: aws-lc-rs ends the process itself rather than give weak randomness.
        rand::fill(&mut *seed).expect("the system gives randomness");
        Self::from_seed(&seed)
    }

    /// The identity of a seed: 32 bytes of a good source of chance, used for nothing else.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self {
            seed: Zeroizing::new(*seed),
            key: SecretKey::from_seed(seed),
        }
    }

    /// The public half, to be given to partners.
    ///
    /// # Panics
    /// Only if aws-lc-rs cannot use a public key that it has just computed.
    pub fn recipient(&self) -> Recipient {
        let bytes = Box::new(*self.key.public());
        let key = PublicKey::read(&bytes).expect("our own public key is usable");
        Recipient { key, bytes }
    }

    /// `AGE-SECRET-KEY-PQ-1…`, for the key file; any age implementation reads it.
    ///
    /// # Panics
    /// Never: 32 bytes always have a Bech32 form.
    pub fn to_text(&self) -> Zeroizing<String> {
        let prefix = Hrp::parse_unchecked(IDENTITY_PREFIX);
        Zeroizing::new(
            bech32::encode_upper::<LongBech32>(prefix, &self.seed[..]).expect("no limit on length"),
        )
    }

    pub(crate) fn key(&self) -> &SecretKey {
        &self.key
    }
}

impl FromStr for Identity {
    type Err = crate::BadKey;

    fn from_str(text: &str) -> Result<Self, crate::BadKey> {
        let bytes = Zeroizing::new(decode(text.trim_end(), IDENTITY_PREFIX).ok_or(crate::BadKey)?);
        let seed =
            Zeroizing::new(<[u8; SEED_BYTES]>::try_from(&bytes[..]).map_err(|_| crate::BadKey)?);
        Ok(Self::from_seed(&seed))
    }
}

/// The bytes behind a Bech32 text whose prefix stands exactly as given: like age itself, one case only.
fn decode(text: &str, prefix: &str) -> Option<Vec<u8>> {
    let checked = CheckedHrpstring::new::<LongBech32>(text).ok()?;
    text.strip_prefix(prefix)?
        .starts_with('1')
        .then(|| checked.byte_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_halves_are_read_as_they_are_written() {
        let identity = Identity::from_seed(&[3; 32]);
        let again: Identity = identity.to_text().parse().unwrap();
        assert!(*again.seed == *identity.seed);
        let text = identity.recipient().to_string();
        assert_eq!(text.len(), 1959);
        assert_eq!(text.parse::<Recipient>().unwrap(), identity.recipient());
    }

    #[test]
    fn another_case_a_cut_and_a_typing_error_are_refused() {
        let identity = Identity::from_seed(&[3; 32]);
        let text = identity.recipient().to_string();
        let mistyped = text.replacen('q', "p", 3);
        for bad in [
            &text.to_uppercase(),
            &text[..1958],
            &mistyped,
            "",
            "age1pq1",
            &identity.to_text(),
        ] {
            assert_eq!(
                bad.parse::<Recipient>(),
                Err(BadRecipient::NotARecipient),
                "{bad}"
            );
        }
        let secret = identity.to_text();
        for bad in [&secret.to_lowercase(), &secret[1..], &text] {
            assert!(bad.parse::<Identity>().is_err());
        }
    }

    #[test]
    fn a_well_written_recipient_that_cannot_be_used_is_refused() {
        let mut bytes = *Identity::from_seed(&[3; 32]).key.public();
        bytes[1184..].fill(0);
        let prefix = Hrp::parse_unchecked(RECIPIENT_PREFIX);
        let text = bech32::encode_lower::<LongBech32>(prefix, &bytes).unwrap();
        assert_eq!(text.parse::<Recipient>(), Err(BadRecipient::Unusable));
    }
}
