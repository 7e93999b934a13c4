//! A private key at rest under a passphrase: an age v1 file with one scrypt stanza, which any age implementation opens.

use std::{
    io::{Read, Write},
    iter::once,
};

use age::secrecy::SecretString;
use zeroize::Zeroizing;

/// scrypt N = 2¹⁷: 128 MiB and about half a second, the price of one guess.
pub(crate) const WORK_FACTOR: u8 = 17;
/// The most work that a key file of ours may ask for: 1 GiB.
pub(crate) const WORK_FACTOR_MAX: u8 = 20;

/// Locks the text of a key file with a passphrase.
///
/// # Panics
/// Only if the system gives no randomness.
pub fn lock(text: &str, passphrase: &str) -> Vec<u8> {
    lock_at(WORK_FACTOR, text, passphrase)
}

fn lock_at(work_factor: u8, text: &str, passphrase: &str) -> Vec<u8> {
    let mut recipient = age::scrypt::Recipient::new(SecretString::from(passphrase));
    recipient.set_work_factor(work_factor);
    let encryptor = age::Encryptor::with_recipients(once(&recipient as _))
        .expect("one passphrase is one recipient");
    let mut locked = Vec::new();
    let mut writer = encryptor
        .wrap_output(&mut locked)
        .expect("memory takes what is written");
    writer
        .write_all(text.as_bytes())
        .expect("memory takes what is written");
    writer.finish().expect("memory takes what is written");
    locked
}

/// Whether a key file is locked, and a passphrase must be asked for.
pub fn is_locked(file: &[u8]) -> bool {
    file.starts_with(b"age-encryption.org/v1\n")
}

/// The text of a locked key file.
///
/// # Errors
/// If the passphrase is another, or the file was damaged.
pub fn unlock(file: &[u8], passphrase: &str) -> Result<Zeroizing<String>, BadPassphrase> {
    let mut identity = age::scrypt::Identity::new(SecretString::from(passphrase));
    identity.set_max_work_factor(WORK_FACTOR_MAX);
    let decryptor = age::Decryptor::new_buffered(file).map_err(|_| BadPassphrase)?;
    let mut reader = decryptor
        .decrypt(once(&identity as _))
        .map_err(|_| BadPassphrase)?;
    // Reserved at once: a string that grows leaves copies behind.
    let mut text = Zeroizing::new(String::with_capacity(file.len()));
    reader
        .read_to_string(&mut text)
        .map_err(|_| BadPassphrase)?;
    Ok(text)
}

/// The passphrase does not open the file, or the file was damaged: the two cannot be told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the passphrase does not open the key file, or the file is damaged")]
pub struct BadPassphrase;

#[cfg(test)]
mod tests {
    use super::*;

    const PASSPHRASE: &str = "four plain words here";

    #[test]
    fn a_locked_key_opens_with_its_passphrase_only() {
        let key = crate::Identity::from_seed(&[5; 32]).to_text();
        let locked = lock_at(10, &key, PASSPHRASE);
        assert!(is_locked(&locked) && !is_locked(key.as_bytes()));
        assert!(unlock(&locked, PASSPHRASE).unwrap() == key);
        assert_eq!(
            unlock(&locked, "four plain words").err(),
            Some(BadPassphrase)
        );
        assert_eq!(
            unlock(&locked[..locked.len() - 1], PASSPHRASE).err(),
            Some(BadPassphrase)
        );
    }

    #[test]
    fn a_key_file_costs_each_guess_its_full_price() {
        let locked = lock("text", PASSPHRASE);
        let stanza = String::from_utf8_lossy(&locked)
            .lines()
            .nth(1)
            .map(str::to_owned)
            .unwrap();
        assert!(
            stanza.starts_with("-> scrypt ") && stanza.ends_with(" 17"),
            "{stanza}"
        );
    }

    #[test]
    fn a_key_file_that_asks_for_too_much_work_is_refused() {
        let locked = lock_at(10, "text", PASSPHRASE);
        let text = String::from_utf8_lossy(&locked[..60]).replacen(" 10\n", " 40\n", 1);
        let greedy = [text.as_bytes(), &locked[60..]].concat();
        assert_eq!(unlock(&greedy, PASSPHRASE).err(), Some(BadPassphrase));
    }
}
