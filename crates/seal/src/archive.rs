//! Files that people keep: age v1 as a stream, under a passphrase or for one hybrid recipient, so that any age tool opens them.

use std::{
    io::{self, Read, Write},
    iter::once,
    sync::Mutex,
};

use age::secrecy::SecretString;
use zeroize::Zeroizing;

use crate::{
    header::{HEADER_MAX_BYTES, Header},
    passphrase::{WORK_FACTOR, WORK_FACTOR_MAX},
    recipient::{Identity, Recipient},
    sealed::{ByFileKey, Keeping, unwrap},
};

/// For whom an archive is written.
pub enum ArchiveLock {
    /// Whoever knows the passphrase.
    Passphrase(Zeroizing<String>),
    /// Whoever holds the identity of this recipient.
    Recipient(Recipient),
}

/// What opens an archive.
pub enum ArchiveKey {
    /// The passphrase.
    Passphrase(Zeroizing<String>),
    /// The identity of its recipient.
    Identity(Box<Identity>),
}

/// An archive that is being written. It is whole only once [`ArchiveWriter::finish`] was called.
pub struct ArchiveWriter<W: Write>(age::stream::StreamWriter<W>);

/// Begins an archive; what is written into it goes to `out`, sealed in chunks of 64 KiB.
///
/// # Errors
/// If `out` takes no more.
pub fn lock_archive<W: Write>(lock: &ArchiveLock, out: W) -> io::Result<ArchiveWriter<W>> {
    let encryptor = match lock {
        ArchiveLock::Passphrase(passphrase) => {
            let mut recipient =
                age::scrypt::Recipient::new(SecretString::from(passphrase.as_str()));
            recipient.set_work_factor(WORK_FACTOR);
            age::Encryptor::with_recipients(once(&recipient as _))
        }
        ArchiveLock::Recipient(recipient) => {
            let stanza = Keeping {
                to: recipient,
                file_key: Mutex::new(None),
            };
            age::Encryptor::with_recipients(once(&stanza as _))
        }
    };
    let encryptor = encryptor.map_err(io::Error::other)?;
    Ok(ArchiveWriter(encryptor.wrap_output(out)?))
}

/// Opens an archive. What the reader gives was authenticated chunk by chunk; that it is whole is known at its end only, where one
/// that was cut fails.
///
/// # Errors
/// If the key is another, or the file is no archive of this kind.
pub fn unlock_archive<'a>(
    key: &ArchiveKey,
    mut from: impl Read + 'a,
) -> io::Result<Box<dyn Read + 'a>> {
    let unreadable = |error: age::DecryptError| io::Error::new(io::ErrorKind::InvalidData, error);
    match key {
        ArchiveKey::Passphrase(passphrase) => {
            let mut identity = age::scrypt::Identity::new(SecretString::from(passphrase.as_str()));
            identity.set_max_work_factor(WORK_FACTOR_MAX);
            let decryptor = age::Decryptor::new(from).map_err(unreadable)?;
            let reader = decryptor.decrypt(once(&identity as _));
            Ok(Box::new(reader.map_err(unreadable)?))
        }
        ArchiveKey::Identity(identity) => {
            let mut start = Vec::with_capacity(HEADER_MAX_BYTES + 1);
            from.by_ref()
                .take(HEADER_MAX_BYTES as u64 + 1)
                .read_to_end(&mut start)?;
            let invalid = |error| io::Error::new(io::ErrorKind::InvalidData, error);
            let header = Header::read(&start).map_err(invalid)?;
            let file_key = unwrap(identity, &header).map_err(invalid)?;
            let decryptor =
                age::Decryptor::new(io::Cursor::new(start).chain(from)).map_err(unreadable)?;
            let reader = decryptor.decrypt(once(&ByFileKey(&file_key) as _));
            Ok(Box::new(reader.map_err(unreadable)?))
        }
    }
}

impl<W: Write> ArchiveWriter<W> {
    /// Ends the archive: without this it is a cut one. Gives back what it was written into.
    ///
    /// # Errors
    /// If the last chunk cannot be written.
    pub fn finish(self) -> io::Result<W> {
        self.0.finish()
    }
}

impl<W: Write> Write for ArchiveWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(lock: &ArchiveLock, content: &[u8]) -> Vec<u8> {
        let mut writer = lock_archive(lock, Vec::new()).unwrap();
        writer.write_all(content).unwrap();
        writer.finish().unwrap()
    }

    fn read(key: &ArchiveKey, archive: &[u8]) -> io::Result<Vec<u8>> {
        let mut content = Vec::new();
        unlock_archive(key, archive)?.read_to_end(&mut content)?;
        Ok(content)
    }

    fn identity() -> Identity {
        Identity::from_seed(&[6; 32])
    }

    #[test]
    fn an_archive_opens_for_whom_it_was_written_and_a_cut_one_is_told() {
        let content: Vec<u8> = (0..200_000_u32).map(|at| (at % 251) as u8).collect();
        let archive = written(&ArchiveLock::Recipient(identity().recipient()), &content);
        let key = ArchiveKey::Identity(Box::new(identity()));
        assert!(read(&key, &archive).unwrap() == content);
        assert!(read(&key, &archive[..archive.len() - 40]).is_err());
        let other = ArchiveKey::Identity(Box::new(Identity::from_seed(&[7; 32])));
        assert!(read(&other, &archive).is_err());
    }

    #[test]
    fn an_archive_under_a_passphrase_opens_with_it_only() {
        let words = |text: &str| Zeroizing::new(text.to_owned());
        let archive = written(
            &ArchiveLock::Passphrase(words("four plain words here")),
            b"x",
        );
        assert!(crate::is_locked(&archive));
        let opened = read(
            &ArchiveKey::Passphrase(words("four plain words here")),
            &archive,
        );
        assert_eq!(opened.unwrap(), b"x");
        assert!(read(&ArchiveKey::Passphrase(words("other")), &archive).is_err());
        assert!(read(&ArchiveKey::Identity(Box::new(identity())), &archive).is_err());
    }
}
