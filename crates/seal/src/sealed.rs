//! Bytes → sealed bytes → bytes: one age v1 file for one recipient.

use std::{
    collections::HashSet,
    io::{self, BufRead, Read, Write},
    iter::once,
    sync::Mutex,
};

use age::{DecryptError, EncryptError};
use age_core::{format::Stanza, secrecy::ExposeSecret};
use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD};

use crate::{
    header::{Header, STANZA_KIND},
    message::{FileKey, MessageId},
    recipient::{Identity, Recipient},
};

/// The payload comes in chunks of 64 KiB, each with its tag, after a nonce (C2SP age, "Payload").
const CHUNK_BYTES: u64 = 64 * 1024;
const TAG_BYTES: u64 = 16;
const NONCE_BYTES: u64 = 16;

/// A file sealed for one recipient, and the key that the sender keeps of it.
pub struct Sealed {
    /// The age file.
    pub bytes: Vec<u8>,
    /// Its key.
    pub file_key: FileKey,
}

impl Sealed {
    /// The digest of the sealed bytes.
    pub fn message_id(&self) -> MessageId {
        MessageId::of(&self.bytes)
    }
}

/// A file opened: complete and authenticated.
pub struct Opened {
    /// What was sealed.
    pub plaintext: Vec<u8>,
    /// The key of the file.
    pub file_key: FileKey,
}

/// Why a file could not be opened. Except for [`Unreadable::NotForUs`] the fault lies with whoever sealed or carried it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// The first line is not that of age version 1.
    #[error("not an age v1 file")]
    NotAge,
    /// No end of the header within [`crate::HEADER_MAX_BYTES`].
    #[error("a header of more than 16 KiB")]
    HeaderTooLong,
    /// The file ends inside its header.
    #[error("the file ends in its header")]
    HeaderCutShort,
    /// A line of the header breaks the grammar.
    #[error("a malformed header")]
    MalformedHeader,
    /// A stanza without the short line that ends it.
    #[error("a stanza without its final line")]
    NoFinalLine,
    /// No `mlkem768x25519` stanza.
    #[error("no `mlkem768x25519` stanza")]
    NoRecipient,
    /// More than one `mlkem768x25519` stanza: a message has one recipient.
    #[error("more than one `mlkem768x25519` stanza")]
    SecondRecipient,
    /// A stanza of another kind, which is neither ours nor grease.
    #[error("a stanza for another kind of recipient")]
    ForeignRecipient,
    /// Our stanza with wrong arguments, lengths or Base64.
    #[error("a malformed `mlkem768x25519` stanza")]
    MalformedStanza,
    /// The encapsulation holds an X25519 share of low order.
    #[error("an encapsulation with a share of low order")]
    LowOrderShare,
    /// Sealed for another key: the sender used a wrong or an old recipient, or we hold the wrong identity.
    #[error("sealed for another key")]
    NotForUs,
    /// The header's code does not match: altered, or another file's key.
    #[error("the header does not match the file key")]
    HeaderAltered,
    /// The plaintext would be longer than allowed.
    #[error("longer than allowed")]
    TooLarge,
    /// The payload was cut, lengthened or altered.
    #[error("the payload is cut, lengthened or altered")]
    PayloadDamaged,
}

/// Seals `plaintext` for one recipient, under a new file key.
///
/// The sealed bytes are longer by about 1.8 KiB and never twice the same length: age adds random grease.
///
/// # Panics
/// Only if the system gives no randomness: a [`Recipient`] was proven usable when it was read.
pub fn seal(to: &Recipient, plaintext: &[u8]) -> Sealed {
    let mut bytes = Vec::with_capacity(plaintext.len() + plaintext.len() / 2048 + 4096);
    let file_key = seal_stream(to, plaintext, &mut bytes)
        .expect("memory takes what is written, and the recipient is usable");
    Sealed { bytes, file_key }
}

/// Opens a stranger's file with our identity, if its plaintext has at most `max_bytes`.
///
/// # Errors
/// What is wrong with the file; nothing of the plaintext is given out then. `TooLarge` is answered before anything is decrypted.
pub fn open(identity: &Identity, sealed: &[u8], max_bytes: u64) -> Result<Opened, Unreadable> {
    let header = Header::read(sealed)?;
    let payload_bytes = (sealed.len() - header.length) as u64;
    if plaintext_bytes(payload_bytes) > max_bytes {
        return Err(Unreadable::TooLarge);
    }
    let file_key = unwrap(identity, &header)?;
    let plaintext = decrypt(&file_key, sealed)?;
    Ok(Opened {
        plaintext,
        file_key,
    })
}

/// Opens a file by its key alone: our own, whose key was kept, or one whose key was revealed.
///
/// # Errors
/// As [`open`]; `HeaderAltered` where the key is that of another file.
pub fn open_with(file_key: &FileKey, sealed: &[u8]) -> Result<Vec<u8>, Unreadable> {
    Header::read(sealed)?;
    decrypt(file_key, sealed)
}

pub(crate) fn unwrap(identity: &Identity, header: &Header) -> Result<FileKey, Unreadable> {
    let opened = identity
        .key()
        .open(&header.encapsulation, &header.wrapped)
        .map_err(|_| Unreadable::LowOrderShare)?;
    opened
        .map(|key| FileKey::from_bytes(&key))
        .ok_or(Unreadable::NotForUs)
}

fn decrypt(file_key: &FileKey, sealed: &[u8]) -> Result<Vec<u8>, Unreadable> {
    let mut plaintext = Vec::with_capacity(sealed.len());
    open_stream(file_key, sealed, &mut plaintext)?;
    Ok(plaintext)
}

/// How long the plaintext of so many payload bytes is, if they are whole.
fn plaintext_bytes(payload_bytes: u64) -> u64 {
    let chunked = payload_bytes.saturating_sub(NONCE_BYTES);
    chunked.saturating_sub(chunked.div_ceil(CHUNK_BYTES + TAG_BYTES) * TAG_BYTES)
}

/// Seals what `from` gives into `out`, in chunks.
fn seal_stream(to: &Recipient, mut from: impl Read, out: impl Write) -> io::Result<FileKey> {
    let stanza = Keeping {
        to,
        file_key: Mutex::new(None),
    };
    let encryptor =
        age::Encryptor::with_recipients(once(&stanza as _)).map_err(io::Error::other)?;
    let mut writer = encryptor.wrap_output(out)?;
    io::copy(&mut from, &mut writer)?;
    writer.finish()?.flush()?;
    let kept = stanza.file_key.into_inner().ok().flatten();
    kept.ok_or_else(|| io::Error::other("no file key was made"))
}

/// Opens a file whose header was read, chunk by chunk. What `out` got counts only when this returns `Ok`.
fn open_stream(
    file_key: &FileKey,
    from: impl BufRead,
    mut out: impl Write,
) -> Result<(), Unreadable> {
    let decryptor = age::Decryptor::new_buffered(from).map_err(|error| fault(&error))?;
    let mut reader = decryptor
        .decrypt(once(&ByFileKey(file_key) as _))
        .map_err(|error| fault(&error))?;
    io::copy(&mut reader, &mut out).map_err(|_| Unreadable::PayloadDamaged)?;
    Ok(())
}

/// What `age` can still find after the header's shape was checked.
fn fault(error: &DecryptError) -> Unreadable {
    match error {
        DecryptError::InvalidMac => Unreadable::HeaderAltered,
        DecryptError::Io(_) => Unreadable::PayloadDamaged,
        _ => Unreadable::MalformedHeader,
    }
}

/// Writes our stanza, and keeps a copy of the file key that `age` made.
pub(crate) struct Keeping<'a> {
    pub(crate) to: &'a Recipient,
    pub(crate) file_key: Mutex<Option<FileKey>>,
}

impl age::Recipient for Keeping<'_> {
    fn wrap_file_key(
        &self,
        key: &age_core::format::FileKey,
    ) -> Result<(Vec<Stanza>, HashSet<String>), EncryptError> {
        let refused = || EncryptError::Io(io::Error::other("the recipient's key was refused"));
        let (encapsulation, body) = self
            .to
            .key()
            .seal(key.expose_secret())
            .map_err(|_| refused())?;
        *self.file_key.lock().map_err(|_| refused())? =
            Some(FileKey::from_bytes(key.expose_secret()));
        let arguments = vec![BASE64_STANDARD_NO_PAD.encode(encapsulation)];
        let stanza = Stanza {
            tag: STANZA_KIND.into(),
            args: arguments,
            body,
        };
        Ok((vec![stanza], HashSet::from(["postquantum".into()])))
    }
}

/// Gives the file key whatever the stanzas say; `age` still checks the header's code with it.
pub(crate) struct ByFileKey<'a>(pub(crate) &'a FileKey);

impl age::Identity for ByFileKey<'_> {
    fn unwrap_stanza(&self, _: &Stanza) -> Option<Result<age_core::format::FileKey, DecryptError>> {
        Some(Ok(age_core::format::FileKey::new(Box::new(
            *self.0.bytes(),
        ))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn identity() -> Identity {
        Identity::from_seed(&[7; 32])
    }

    #[test]
    fn the_recipient_and_the_file_key_both_open_it() {
        for size in [0, 1, 2048, 65_535, 65_536, 65_537, 200_000] {
            let plaintext = vec![5; size];
            let sealed = seal(&identity().recipient(), &plaintext);
            let opened = open(&identity(), &sealed.bytes, size as u64).expect("ours");
            assert!(opened.plaintext == plaintext && opened.file_key == sealed.file_key);
            assert!(open_with(&sealed.file_key, &sealed.bytes).unwrap() == plaintext);
        }
    }

    #[test]
    fn one_byte_over_the_limit_is_too_large() {
        for size in [1_u64, 2048, 65_536, 65_537, 131_073] {
            let sealed = seal(&identity().recipient(), &vec![5; size as usize]);
            assert_eq!(
                open(&identity(), &sealed.bytes, size - 1).err(),
                Some(Unreadable::TooLarge)
            );
        }
    }

    #[test]
    fn another_identity_and_another_file_key_are_told_apart() {
        let sealed = seal(&identity().recipient(), b"body");
        let other = Identity::from_seed(&[8; 32]);
        assert_eq!(
            open(&other, &sealed.bytes, 100).err(),
            Some(Unreadable::NotForUs)
        );
        let wrong = seal(&identity().recipient(), b"body").file_key;
        assert_eq!(
            open_with(&wrong, &sealed.bytes).err(),
            Some(Unreadable::HeaderAltered)
        );
    }

    #[test]
    fn a_file_cut_or_lengthened_anywhere_is_refused() {
        let sealed = seal(&identity().recipient(), b"a short body");
        for cut in 0..sealed.bytes.len() {
            assert!(
                open(&identity(), &sealed.bytes[..cut], 100).is_err(),
                "{cut}"
            );
        }
        let longer = [&sealed.bytes[..], b"x"].concat();
        assert_eq!(
            open(&identity(), &longer, 100).err(),
            Some(Unreadable::PayloadDamaged)
        );
    }

    #[test]
    fn chunks_dropped_doubled_or_exchanged_are_refused() {
        let sealed = seal(&identity().recipient(), &vec![5; 3 * 65_536 + 9]);
        let from = Header::read(&sealed.bytes).unwrap().length + NONCE_BYTES as usize;
        let (head, payload) = sealed.bytes.split_at(from);
        let chunks: Vec<&[u8]> = payload.chunks((CHUNK_BYTES + TAG_BYTES) as usize).collect();
        let [first, second, third, last] = chunks[..] else {
            panic!("{} chunks", chunks.len())
        };
        let whole = [head, first, second, third, last].concat();
        assert!(open(&identity(), &whole, 1 << 20).is_ok());
        for altered in [
            vec![head, first, second, third],
            vec![head, first, third, last],
            vec![head, second, first, third, last],
            vec![head, first, first, second, third, last],
            vec![head, first, second, third, last, last],
            vec![head, last],
        ] {
            let fault = open(&identity(), &altered.concat(), 1 << 20).err();
            assert_eq!(fault, Some(Unreadable::PayloadDamaged));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn one_bit_changed_anywhere_is_refused(place in any::<prop::sample::Index>(), bit in 0..8) {
            let mut bytes = seal(&identity().recipient(), b"a short body").bytes;
            let place = place.index(bytes.len());
            bytes[place] ^= 1_u8 << bit;
            prop_assert!(open(&identity(), &bytes, 100).is_err());
        }

        #[test]
        fn the_length_of_a_plaintext_is_known_before_it_is_decrypted(size in 0_usize..300_000) {
            let sealed = seal(&identity().recipient(), &vec![0; size]);
            let header = Header::read(&sealed.bytes).expect("ours");
            prop_assert_eq!(plaintext_bytes((sealed.bytes.len() - header.length) as u64), size as u64);
        }
    }
}
