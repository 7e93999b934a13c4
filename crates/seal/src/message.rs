//! What names a sealed message and what opens it: [`MessageId`] and [`FileKey`].

use std::{fmt, str::FromStr};

use aws_lc_rs::{constant_time, digest};
use zeroize::Zeroizing;

/// The key of one sealed file, 16 bytes. Who has it can open that file, and no other.
pub struct FileKey(Zeroizing<[u8; 16]>);

impl FileKey {
    pub(crate) fn from_bytes(bytes: &[u8; 16]) -> Self {
        Self(Zeroizing::new(*bytes))
    }

    pub(crate) fn bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// The key in hexadecimal, to be shown on purpose: to a court, with the sealed file.
    pub fn reveal(&self) -> Zeroizing<String> {
        Zeroizing::new(hexadecimal(&*self.0))
    }
}

impl FromStr for FileKey {
    type Err = crate::BadKey;

    /// Reads what [`FileKey::reveal`] shows.
    fn from_str(text: &str) -> Result<Self, crate::BadKey> {
        bytes_of_hexadecimal(text.trim_end())
            .map(|bytes| Self(Zeroizing::new(bytes)))
            .ok_or(crate::BadKey)
    }
}

/// Compares in constant time.
impl PartialEq for FileKey {
    fn eq(&self, other: &Self) -> bool {
        constant_time::verify_slices_are_equal(&*self.0, &*other.0).is_ok()
    }
}

impl Eq for FileKey {}

/// The name of a message: the SHA-256 of its sealed bytes. Written as 64 hexadecimal digits in lower case.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MessageId([u8; 32]);

impl MessageId {
    /// The name of these sealed bytes.
    pub fn of(sealed: &[u8]) -> Self {
        Self(
            digest::digest(&digest::SHA256, sealed)
                .as_ref()
                .try_into()
                .expect("SHA-256 gives 32 bytes"),
        )
    }

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl From<[u8; 32]> for MessageId {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hexadecimal(&self.0))
    }
}

impl fmt::Debug for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for MessageId {
    type Err = BadMessageId;

    fn from_str(text: &str) -> Result<Self, BadMessageId> {
        bytes_of_hexadecimal(text).map(Self).ok_or(BadMessageId)
    }
}

/// A text that is not 64 hexadecimal digits in lower case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a message id is 64 hexadecimal digits in lower case")]
pub struct BadMessageId;

fn hexadecimal(bytes: &[u8]) -> String {
    let digits = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|digit| char::from(digits[usize::from(digit)]))
        .collect()
}

fn bytes_of_hexadecimal<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let mut bytes = [0; N];
    if text.len() != 2 * N {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_key_and_a_message_id_are_read_as_they_are_shown() {
        let sealed = crate::seal(&crate::Identity::from_seed(&[7; 32]).recipient(), b"body");
        assert!(sealed.file_key.reveal().parse::<FileKey>().expect("ours") == sealed.file_key);
        assert_eq!(
            sealed.message_id().to_string().parse(),
            Ok(sealed.message_id())
        );
        assert!(
            "0G".repeat(16).parse::<FileKey>().is_err()
                && "AA".repeat(32).parse::<MessageId>().is_err()
        );
    }
}
