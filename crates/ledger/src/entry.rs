//! One entry: 32 bytes that commit to a record without showing it, and the opening that shows it.

use std::fmt;

use aws_lc_rs::digest;
use base64::{Engine, prelude::BASE64_STANDARD};

use crate::hex::{hex, unhex};

/// The SHA-256 of `bytes` (FIPS 180-4). Never fails.
#[must_use]
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    sha256_of(&[bytes])
}

/// The SHA-256 of `parts`, one after the other with nothing between.
pub(crate) fn sha256_of(parts: &[&[u8]]) -> [u8; 32] {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in parts {
        context.update(part);
    }
    let mut bytes = [0; 32];
    bytes.copy_from_slice(context.finish().as_ref());
    bytes
}

/// 32 random bytes that hide a record behind its entry; never used twice.
///
/// Who knows it can test guesses of the record, so `Debug` does not print it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Salt([u8; 32]);

impl Salt {
    /// A salt of these bytes, which the caller draws at random.
    #[must_use]
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The salt that `text` writes in Base64 with padding (RFC 4648), or `None`.
    #[must_use]
    pub fn from_base64(text: &str) -> Option<Self> {
        BASE64_STANDARD.decode(text).ok()?.try_into().ok().map(Self)
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The salt in Base64 with padding, as it travels in a parcel.
    #[must_use]
    pub fn to_base64(&self) -> String {
        BASE64_STANDARD.encode(self.0)
    }
}

impl fmt::Debug for Salt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Salt(hidden)")
    }
}

/// What shows an entry's record: the salt and the exact text of the record.
///
/// It travels with its act or its receipt and never otherwise. Source: PROTOCOL section 2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    salt: Salt,
    record: String,
}

impl Opening {
    /// The opening of `record`, whose bytes are kept as they are.
    #[must_use]
    pub fn new(salt: Salt, record: impl Into<String>) -> Self {
        Self {
            salt,
            record: record.into(),
        }
    }

    /// The salt.
    #[must_use]
    pub const fn salt(&self) -> &Salt {
        &self.salt
    }

    /// The record's exact text.
    #[must_use]
    pub fn record(&self) -> &str {
        &self.record
    }

    /// The entry that this opens: `SHA-256(salt ‖ record)`.
    #[must_use]
    pub fn entry(&self) -> Entry {
        Entry(sha256_of(&[&self.salt.0, self.record.as_bytes()]))
    }

    /// Whether this opens `entry`.
    #[must_use]
    pub fn opens(&self, entry: &Entry) -> bool {
        self.entry() == *entry
    }
}

/// What stands in a log for one record: `SHA-256(salt ‖ record)`, 32 bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Entry([u8; 32]);

impl Entry {
    /// How many bytes an entry has.
    pub const LEN: usize = 32;

    /// The entry of these bytes.
    #[must_use]
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The entry that `text` writes in lower-case hexadecimal, or `None`.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        unhex(text).map(Self)
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The entry in lower-case hexadecimal, as records name it.
    #[must_use]
    pub fn to_hex(&self) -> String {
        hex(&self.0)
    }

    /// The entries in Base64, 32 bytes each with nothing between, as they travel in a parcel.
    #[must_use]
    pub fn many_to_base64(entries: &[Self]) -> String {
        let bytes: Vec<u8> = entries.iter().flat_map(|entry| entry.0).collect();
        BASE64_STANDARD.encode(bytes)
    }

    /// The entries that `text` writes in Base64, or `None` if it is not Base64 of whole entries.
    #[must_use]
    pub fn many_from_base64(text: &str) -> Option<Vec<Self>> {
        let bytes = BASE64_STANDARD.decode(text).ok()?;
        let (entries, rest) = bytes.as_chunks::<{ Self::LEN }>();
        rest.is_empty()
            .then(|| entries.iter().copied().map(Self).collect())
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Entry({})", self.to_hex())
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_hex())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_the_digest_of_salt_and_record() {
        let opening = Opening::new(Salt::new([1; 32]), "{}");
        let mut bytes = vec![1; 32];
        bytes.extend_from_slice(b"{}");
        assert_eq!(opening.entry().as_bytes(), &sha256(&bytes));
        assert!(opening.opens(&opening.entry()));
        assert!(!Opening::new(Salt::new([2; 32]), "{}").opens(&opening.entry()));
    }

    #[test]
    fn sha256_gives_the_published_digest_of_abc() {
        assert_eq!(
            hex(&sha256(b"abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn entries_travel_whole_or_not_at_all() {
        let entries = [Entry::new([7; 32]), Entry::new([8; 32])];
        let text = Entry::many_to_base64(&entries);
        assert_eq!(Entry::many_from_base64(&text).unwrap(), entries);
        assert_eq!(Entry::many_from_base64("").unwrap(), []);
        assert_eq!(Entry::many_from_base64("AAAA"), None);
    }

    #[test]
    fn a_salt_is_not_printed() {
        assert_eq!(format!("{:?}", Salt::new([9; 32])), "Salt(hidden)");
    }
}
