//! The hashes of the tree (RFC 6962): leaves, nodes, roots.

use std::fmt;

use base64::{Engine, prelude::BASE64_STANDARD};

use crate::entry::{Entry, sha256_of};

/// The hash of a leaf, of an interior node, or of a whole tree: 32 bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Hash([u8; 32]);

impl Hash {
    /// The hash of these bytes.
    #[must_use]
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The leaf hash of `entry`: `SHA-256(0x00 ‖ entry)`.
    #[must_use]
    pub fn leaf(entry: &Entry) -> Self {
        Self(sha256_of(&[&[0], entry.as_bytes()]))
    }

    /// The hash of the node above `left` and `right`: `SHA-256(0x01 ‖ left ‖ right)`.
    #[must_use]
    pub fn node(left: &Self, right: &Self) -> Self {
        Self(sha256_of(&[&[1], &left.0, &right.0]))
    }

    /// The root of the tree without entries: the SHA-256 of nothing.
    #[must_use]
    pub fn empty() -> Self {
        Self(sha256_of(&[]))
    }

    /// The hash that `text` writes in Base64 with padding, or `None`.
    #[must_use]
    pub fn from_base64(text: &str) -> Option<Self> {
        BASE64_STANDARD.decode(text).ok()?.try_into().ok().map(Self)
    }

    /// The hash in Base64 with padding, as checkpoints and proofs write it.
    #[must_use]
    pub fn to_base64(&self) -> String {
        BASE64_STANDARD.encode(self.0)
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hash({})", self.to_base64())
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_base64())
    }
}
