//! Verifier keys (C2SP signed-note): a public key with its name, and what it signs.

use std::fmt;
use std::str::FromStr;

use aws_lc_rs::signature::{ED25519, ML_DSA_44, UnparsedPublicKey};
use base64::{Engine, prelude::BASE64_STANDARD};

use crate::entry::sha256_of;
use crate::hex::{hex, unhex};

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

/// Whether a note may name a key so.
pub(crate) fn is_key_name(name: &str) -> bool {
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
