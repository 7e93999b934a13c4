//! File keys at rest: wrapped under the key of a period, bound to their message. Destroying the wrap destroys the content.
//!
//! A wrap key lives for one period and outside the long-lived backup. When the period ends, what is still to be kept is wrapped
//! anew and the old key is destroyed: an old backup of the rows then opens nothing that was erased since.

use std::{fmt, str::FromStr};

use aws_lc_rs::{
    aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey},
    rand,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use zeroize::Zeroizing;

use crate::{
    key::BadKey,
    message::{FileKey, MessageId},
};

/// The length of a [`WrappedKey`]: epoch 4, nonce 12, key 16, tag 16.
pub const WRAPPED_KEY_BYTES: usize = 48;

const PREFIX: &str = "entente-key/v1 wrap ";
const DOMAIN: &[u8] = b"entente/wrap/v1\0";
const NONCE_FROM: usize = 4;
const KEY_FROM: usize = 16;

/// The number of a period; what a period is, the node decides. A later period has a higher number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Epoch(pub u32);

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The wrapping key of one period. Good for 2³² wraps (nonces are random): end the period before.
pub struct WrapKey {
    epoch: Epoch,
    key: Zeroizing<[u8; 32]>,
}

impl WrapKey {
    /// A new key for a period, with the system's randomness; no key is derived from another, so that each can be destroyed.
    ///
    /// # Panics
    /// Only if the system gives no randomness.
    pub fn generate(epoch: Epoch) -> Self {
        let mut key = Zeroizing::new([0; 32]);
        rand::fill(&mut *key).expect("the system gives randomness");
        Self { epoch, key }
    }

    /// The key of a period from 32 bytes of a good source of chance, used for nothing else.
    pub fn from_seed(epoch: Epoch, seed: &[u8; 32]) -> Self {
        Self {
            epoch,
            key: Zeroizing::new(*seed),
        }
    }

    /// The period that this key serves.
    pub fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// Wraps the key of a file, bound to its message.
    ///
    /// # Panics
    /// Only if the system gives no randomness.
    pub fn wrap(&self, file_key: &FileKey, message: &MessageId) -> WrappedKey {
        let mut bytes = [0; WRAPPED_KEY_BYTES];
        let (head, sealed) = bytes.split_at_mut(KEY_FROM);
        head[..NONCE_FROM].copy_from_slice(&self.epoch.0.to_be_bytes());
        rand::fill(&mut head[NONCE_FROM..]).expect("the system gives randomness");
        let (key, tag) = sealed.split_at_mut(16);
        key.copy_from_slice(file_key.bytes());
        let made = self
            .cipher()
            .seal_in_place_separate_tag(nonce(head), self.bound_to(message), key)
            .expect("16 bytes are not too many");
        tag.copy_from_slice(made.as_ref());
        WrappedKey(bytes)
    }

    /// The file key again.
    ///
    /// # Errors
    /// If it was wrapped in another period or for another message, or was altered.
    pub fn unwrap(&self, wrapped: &WrappedKey, message: &MessageId) -> Result<FileKey, BadWrap> {
        if wrapped.epoch() != self.epoch {
            return Err(BadWrap::OtherEpoch {
                wrapped: wrapped.epoch(),
                held: self.epoch,
            });
        }
        let (head, sealed) = wrapped.0.split_at(KEY_FROM);
        let mut buffer = Zeroizing::new([0; WRAPPED_KEY_BYTES - KEY_FROM]);
        buffer.copy_from_slice(sealed);
        let opened = self
            .cipher()
            .open_in_place(nonce(head), self.bound_to(message), &mut *buffer);
        let key = opened.map_err(|_| BadWrap::Altered)?;
        Ok(FileKey::from_bytes(
            (&*key).try_into().map_err(|_| BadWrap::Altered)?,
        ))
    }

    /// Wraps under this key what lay under an older one. The old wrap is then to be overwritten.
    ///
    /// # Errors
    /// As [`WrapKey::unwrap`] with the older key.
    pub fn rewrap(
        &self,
        older: &WrapKey,
        wrapped: &WrappedKey,
        message: &MessageId,
    ) -> Result<WrappedKey, BadWrap> {
        Ok(self.wrap(&older.unwrap(wrapped, message)?, message))
    }

    /// The line of the key file: `entente-key/v1 wrap `, the epoch, a space and the key in Base64.
    pub fn to_text(&self) -> Zeroizing<String> {
        let encoded = Zeroizing::new(BASE64_STANDARD.encode(&self.key[..]));
        Zeroizing::new(format!("{PREFIX}{} {}\n", self.epoch, *encoded))
    }

    fn cipher(&self) -> LessSafeKey {
        LessSafeKey::new(
            UnboundKey::new(&CHACHA20_POLY1305, &self.key[..]).expect("the key has 32 bytes"),
        )
    }

    /// The associated data: what this is, the period, the message.
    fn bound_to(&self, message: &MessageId) -> Aad<Vec<u8>> {
        Aad::from([DOMAIN, &self.epoch.0.to_be_bytes(), message.as_bytes()].concat())
    }
}

impl FromStr for WrapKey {
    type Err = BadKey;

    fn from_str(text: &str) -> Result<Self, BadKey> {
        let fields = text
            .strip_suffix('\n')
            .unwrap_or(text)
            .strip_prefix(PREFIX)
            .ok_or(BadKey)?;
        let (epoch, encoded) = fields.split_once(' ').ok_or(BadKey)?;
        let number: u32 = epoch.parse().map_err(|_| BadKey)?;
        if number.to_string() != epoch {
            return Err(BadKey);
        }
        let bytes = Zeroizing::new(BASE64_STANDARD.decode(encoded).map_err(|_| BadKey)?);
        let key = Zeroizing::new(<[u8; 32]>::try_from(&bytes[..]).map_err(|_| BadKey)?);
        Ok(Self {
            epoch: Epoch(number),
            key,
        })
    }
}

/// A file key under the key of a period: epoch (4 bytes, big endian), nonce (12), key (16), tag (16). No secret by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrappedKey([u8; WRAPPED_KEY_BYTES]);

impl WrappedKey {
    /// The bytes of a row.
    pub fn as_bytes(&self) -> &[u8; WRAPPED_KEY_BYTES] {
        &self.0
    }

    /// The period whose key unwraps it.
    pub fn epoch(&self) -> Epoch {
        let [first, second, third, fourth, ..] = self.0;
        Epoch(u32::from_be_bytes([first, second, third, fourth]))
    }
}

impl TryFrom<&[u8]> for WrappedKey {
    type Error = BadWrap;

    fn try_from(bytes: &[u8]) -> Result<Self, BadWrap> {
        bytes.try_into().map(Self).map_err(|_| BadWrap::WrongLength)
    }
}

/// Why a wrapped key gave no file key. Our own operator must act: a row was altered, or a key is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadWrap {
    /// Not 48 bytes.
    #[error("a wrapped key has 48 bytes")]
    WrongLength,
    /// Wrapped under the key of another period.
    #[error("wrapped in epoch {wrapped}, the key at hand is of epoch {held}")]
    OtherEpoch {
        /// The epoch in the wrapped key.
        wrapped: Epoch,
        /// The epoch of the key that was tried.
        held: Epoch,
    },
    /// Altered, of another message, or under another key of the same number.
    #[error("a wrapped key that was altered or belongs to another message")]
    Altered,
}

fn nonce(head: &[u8]) -> Nonce {
    Nonce::try_assume_unique_for_key(&head[NONCE_FROM..]).expect("12 bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Epoch = Epoch(1);

    fn parts() -> (WrapKey, FileKey, MessageId) {
        (
            WrapKey::from_seed(FIRST, &[1; 32]),
            FileKey::from_bytes(&[2; 16]),
            MessageId::of(b"sealed"),
        )
    }

    #[test]
    fn a_wrap_opens_with_its_key_and_its_message_only() {
        let (key, file_key, message) = parts();
        let wrapped = key.wrap(&file_key, &message);
        assert!(key.unwrap(&wrapped, &message).expect("ours") == file_key);
        assert_eq!(
            key.unwrap(&wrapped, &MessageId::of(b"other")).err(),
            Some(BadWrap::Altered)
        );
        let impostor = WrapKey::from_seed(FIRST, &[9; 32]);
        assert_eq!(
            impostor.unwrap(&wrapped, &message).err(),
            Some(BadWrap::Altered)
        );
    }

    #[test]
    fn a_new_period_takes_over_what_is_kept_and_the_old_key_opens_none_of_it() {
        let (older, file_key, message) = parts();
        let newer = WrapKey::generate(Epoch(2));
        let wrapped = newer
            .rewrap(&older, &older.wrap(&file_key, &message), &message)
            .unwrap();
        assert!(newer.unwrap(&wrapped, &message).expect("ours") == file_key);
        let refusal = BadWrap::OtherEpoch {
            wrapped: Epoch(2),
            held: FIRST,
        };
        assert_eq!(older.unwrap(&wrapped, &message).err(), Some(refusal));
    }

    #[test]
    fn one_bit_changed_anywhere_is_refused() {
        let (key, file_key, message) = parts();
        let wrapped = key.wrap(&file_key, &message);
        for bit in 0..8 * WRAPPED_KEY_BYTES {
            let mut bytes = *wrapped.as_bytes();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let altered = WrappedKey::try_from(&bytes[..]).unwrap();
            assert!(key.unwrap(&altered, &message).is_err(), "{bit}");
        }
    }

    #[test]
    fn the_same_key_is_never_wrapped_to_the_same_bytes() {
        let (key, file_key, message) = parts();
        assert_ne!(key.wrap(&file_key, &message), key.wrap(&file_key, &message));
    }

    #[test]
    fn a_wrap_key_is_read_as_it_is_written() {
        let (key, file_key, message) = parts();
        let again: WrapKey = key.to_text().parse().expect("ours");
        assert!(
            again
                .unwrap(&key.wrap(&file_key, &message), &message)
                .is_ok()
        );
        assert_eq!(again.epoch(), FIRST);
        assert!("entente-key/v1 wrap 1".parse::<WrapKey>().is_err());
    }
}
