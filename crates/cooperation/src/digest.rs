//! Names made of a digest or of chance: the digest of bytes, the id of a message, the id of an act.

use std::{fmt, str::FromStr};

use aws_lc_rs::digest::{SHA256, digest};
pub use entente_seal::MessageId;

/// A SHA-256 digest, written as 64 lower-case hexadecimal digits. Source: FIPS 180-4.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

/// The id of an act, 16 bytes of chance, bound to its link; it stays when the act is sealed again.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ActId([u8; 16]);

/// A text that is not the lower-case hexadecimal digits expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not {digits} lower-case hexadecimal digits")]
pub struct NotHexadecimal {
    /// How many digits were expected.
    pub digits: usize,
}

impl Digest {
    /// The digest of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self::of_all(&[bytes])
    }

    /// The digest of these bytes, one after the other.
    pub fn of_all(parts: &[&[u8]]) -> Self {
        let whole = parts.concat();
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest(&SHA256, &whole).as_ref());
        Self(bytes)
    }

    /// A digest that was computed elsewhere.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl ActId {
    /// An act id from 16 bytes of chance.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Its 16 bytes.
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

fn write_hexadecimal(f: &mut fmt::Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}

fn read_hexadecimal<const N: usize>(text: &str) -> Result<[u8; N], NotHexadecimal> {
    let refused = NotHexadecimal { digits: 2 * N };
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Ok(byte - b'0'),
        b'a'..=b'f' => Ok(byte - b'a' + 10),
        _ => Err(refused),
    };
    if text.len() != 2 * N {
        return Err(refused);
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Ok(bytes)
}

impl FromStr for Digest {
    type Err = NotHexadecimal;
    fn from_str(text: &str) -> Result<Self, NotHexadecimal> {
        read_hexadecimal(text).map(Self)
    }
}

impl FromStr for ActId {
    type Err = NotHexadecimal;
    fn from_str(text: &str) -> Result<Self, NotHexadecimal> {
        read_hexadecimal(text).map(Self)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hexadecimal(f, &self.0)
    }
}

impl fmt::Display for ActId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hexadecimal(f, &self.0)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Debug for ActId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_of_nothing_is_the_published_one() {
        let published = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(Digest::of(b"").to_string(), published);
        assert_eq!(published.parse(), Ok(Digest::of(b"")));
    }

    #[test]
    fn upper_case_and_short_digits_are_refused() {
        assert!("E3".repeat(32).parse::<Digest>().is_err());
        assert!("00".repeat(15).parse::<ActId>().is_err());
        assert!("é".repeat(16).parse::<ActId>().is_err());
    }
}
