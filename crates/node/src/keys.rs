//! The private keys of one node: made once, kept in `keys/`, readable by their owner only.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use entente_ledger::{
    Id, KeyKind, VerifierKey,
    name::log_key_name,
    notice::{Introduction, KeyUse, Use, introduction::PublicKeys, introduction::Who},
};
use entente_seal::{Identity, SigningKey, is_locked, lock, unlock};
use jiff::Timestamp;
use rcgen::{CertificateParams, KeyPair, PublicKeyData};
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use thiserror::Error;

use crate::folder::{self, Folder};

/// The keys that a running node needs: log, seal, transport. The identity key is not among them; it stays offline.
pub struct Keys {
    log: SigningKey,
    seal: Identity,
    transport: Transport,
}

/// The key of TLS: self-signed, pinned by its SubjectPublicKeyInfo, without an end of its own.
pub struct Transport {
    pair: KeyPair,
    certificate: CertificateDer<'static>,
}

/// Why keys cannot be used. Our own operator must act.
#[derive(Debug, Error)]
pub enum BadKeys {
    /// A key file cannot be read or written.
    #[error("the key file `{0}` cannot be used")]
    File(String, #[source] io::Error),
    /// A key file does not hold a key of its kind.
    #[error("`{0}` holds no {1} key, or a damaged one")]
    Content(String, &'static str),
    /// The identity key lies under a passphrase.
    #[error("the identity key `{0}` lies under a passphrase")]
    Locked(String),
    /// The passphrase does not open it.
    #[error("the passphrase does not open `{0}`")]
    Passphrase(String),
    /// An introduction could not be made of the keys.
    #[error("the keys cannot be introduced: {0}")]
    Introduction(String),
}

impl Keys {
    /// Makes all keys of a new node, the identity key among them. With a passphrase, the identity key lies under it.
    ///
    /// Fails if a key exists already: keys are never overwritten.
    pub fn create(folder: &Folder, passphrase: Option<&str>) -> Result<(), BadKeys> {
        let keys = folder.keys();
        folder::create_private(&keys).map_err(|e| bad_file(&keys, e))?;
        let identity = SigningKey::generate().to_text();
        let identity = match passphrase {
            Some(passphrase) => lock(&identity, passphrase),
            None => identity.as_bytes().to_vec(),
        };
        let transport = KeyPair::generate().map_err(|e| BadKeys::Introduction(e.to_string()))?;
        for (name, content) in [
            ("identity.key", &identity[..]),
            ("log.key", SigningKey::generate().to_text().as_bytes()),
            ("seal.key", Identity::generate().to_text().as_bytes()),
            ("transport.key", transport.serialize_pem().as_bytes()),
        ] {
            let path = keys.join(name);
            folder::write_private(&path, content).map_err(|e| bad_file(&path, e))?;
        }
        Ok(())
    }

    /// Reads the keys of a node.
    pub fn read(folder: &Folder) -> Result<Self, BadKeys> {
        let keys = folder.keys();
        let first = |what: Use| first_of(&keys, what);
        let text = |path: &Path| fs::read_to_string(path).map_err(|e| bad_file(path, e));
        let (log, seal, transport) = (first(Use::Log), first(Use::Seal), first(Use::Transport));
        Ok(Self {
            log: text(&log)?.parse().map_err(|_| bad_content(&log, "log"))?,
            seal: text(&seal)?
                .parse()
                .map_err(|_| bad_content(&seal, "seal"))?,
            transport: Transport::of(&text(&transport)?)
                .ok_or_else(|| bad_content(&transport, "transport"))?,
        })
    }

    /// The key that signs heads and cosignatures.
    pub fn log(&self) -> &SigningKey {
        &self.log
    }

    /// The key that opens what is sealed for us.
    pub fn seal(&self) -> &Identity {
        &self.seal
    }

    /// The key of TLS.
    pub fn transport(&self) -> &Transport {
        &self.transport
    }

    /// The keys apart, for whoever keeps them: log, seal, transport.
    pub fn apart(self) -> (SigningKey, Identity, Transport) {
        (self.log, self.seal, self.transport)
    }

    /// Our introduction, signed by the identity key.
    pub fn introduce(
        &self,
        identity: &SigningKey,
        who: Who,
        issued: Timestamp,
    ) -> Result<String, BadKeys> {
        let bad = |e: &dyn std::fmt::Display| BadKeys::Introduction(e.to_string());
        let public = PublicKeys {
            identity: (identity.ed25519_public(), identity.mldsa44_public()),
            log: (self.log.ed25519_public(), self.log.mldsa44_public()),
            seal: &self.seal.recipient().to_string(),
            transport: self.transport.pin(),
        };
        let introduction = Introduction::new(who, &public, issued).map_err(|e| bad(&e))?;
        let text = introduction.text();
        let note = introduction
            .signed(
                &identity.sign_ed25519(text.as_bytes()),
                &identity.sign_mldsa44(text.as_bytes())[..],
            )
            .map_err(|e| bad(&e))?;
        Ok(note.to_string())
    }
}

impl Transport {
    fn of(pem: &str) -> Option<Self> {
        let pair = KeyPair::from_pem(pem).ok()?;
        let params = CertificateParams::new(vec!["entente.invalid".to_owned()]).ok()?;
        let certificate = params.self_signed(&pair).ok()?.der().clone();
        Some(Self { pair, certificate })
    }

    /// The certificate that both sides pin by its key.
    pub fn certificate(&self) -> CertificateDer<'static> {
        self.certificate.clone()
    }

    /// The private key, PKCS 8.
    pub fn private(&self) -> PrivatePkcs8KeyDer<'static> {
        PrivatePkcs8KeyDer::from(self.pair.serialize_der())
    }

    /// The SHA-256 of its SubjectPublicKeyInfo, as an introduction states it.
    pub fn pin(&self) -> [u8; 32] {
        entente_ledger::sha256(&self.pair.subject_public_key_info())
    }
}

/// Keys that were made after the first ones.
pub(crate) struct Later {
    pub(crate) logs: Vec<SigningKey>,
    pub(crate) seals: Vec<Identity>,
    pub(crate) transports: Vec<Transport>,
}

/// Makes a new key beside those that there are, and yields its public part. The file is named by it: no key is overwritten.
pub fn make(folder: &Folder, what: Use, party: &Id, memorandum: &Id) -> Result<KeyUse, BadKeys> {
    let bad = |e: &dyn std::fmt::Display| BadKeys::Introduction(e.to_string());
    let (key, private) = match what {
        Use::Log => {
            let log = SigningKey::generate();
            let name = log_key_name(memorandum, party);
            let public = |kind, bytes| VerifierKey::new(&name, kind, bytes).map_err(|e| bad(&e));
            let key = KeyUse::Log {
                ed25519: public(KeyKind::Ed25519, log.ed25519_public())?,
                ml_dsa_44: public(KeyKind::MlDsa44Cosignature, log.mldsa44_public())?,
            };
            (key, log.to_text().to_string())
        }
        Use::Seal => {
            let seal = Identity::generate();
            let key = KeyUse::Seal(seal.recipient().to_string());
            (key, seal.to_text().to_string())
        }
        Use::Transport => {
            let pair = KeyPair::generate().map_err(|e| bad(&e))?;
            let pin = entente_ledger::sha256(&pair.subject_public_key_info());
            (KeyUse::Transport(pin), pair.serialize_pem())
        }
    };
    let path = folder.keys().join(file_name(&key));
    folder::write_private(&path, private.as_bytes()).map_err(|e| bad_file(&path, e))?;
    Ok(key)
}

/// The first eight digits of the digest of a public key.
pub fn short(key: &KeyUse) -> String {
    let digest = match key {
        KeyUse::Log { ed25519, .. } => entente_ledger::sha256(ed25519.public()),
        KeyUse::Seal(recipient) => entente_ledger::sha256(recipient.as_bytes()),
        KeyUse::Transport(pin) => *pin,
    };
    entente_ledger::hex::hex(&digest[..4])
}

fn file_name(key: &KeyUse) -> String {
    format!("{}-{}.key", key.kind().word(), short(key))
}

/// The files of the later keys of a use.
fn files_of(keys: &Path, what: Use) -> Vec<PathBuf> {
    let begins = format!("{}-", what.word());
    let entries = fs::read_dir(keys).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries
        .filter(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            name.starts_with(&begins) && name.ends_with(".key")
        })
        .map(|entry| entry.path())
        .collect();
    paths.sort();
    paths
}

/// The key made at set-up; a later one if that was destroyed.
fn first_of(keys: &Path, what: Use) -> PathBuf {
    let first = keys.join(format!("{}.key", what.word()));
    if first.exists() {
        return first;
    }
    files_of(keys, what).into_iter().next().unwrap_or(first)
}

/// Every later key in the folder.
pub(crate) fn later(keys: &Path) -> Result<Later, BadKeys> {
    let texts = |what: Use| {
        files_of(keys, what).into_iter().map(|path| {
            let text = fs::read_to_string(&path).map_err(|e| bad_file(&path, e))?;
            Ok((path, text))
        })
    };
    let mut later = Later {
        logs: Vec::new(),
        seals: Vec::new(),
        transports: Vec::new(),
    };
    for found in texts(Use::Log) {
        let (path, text) = found?;
        later
            .logs
            .push(text.parse().map_err(|_| bad_content(&path, "log"))?);
    }
    for found in texts(Use::Seal) {
        let (path, text) = found?;
        later
            .seals
            .push(text.parse().map_err(|_| bad_content(&path, "seal"))?);
    }
    for found in texts(Use::Transport) {
        let (path, text) = found?;
        let key = Transport::of(&text).ok_or_else(|| bad_content(&path, "transport"))?;
        later.transports.push(key);
    }
    Ok(later)
}

/// The files in which the private keys of these recipients lie.
pub(crate) fn seal_files(keys: &Path, recipients: &[String]) -> Vec<PathBuf> {
    let first = [keys.join("seal.key")]
        .into_iter()
        .filter(|path| path.exists());
    let all = first.chain(files_of(keys, Use::Seal));
    all.filter(|path| {
        let key: Option<Identity> = fs::read_to_string(path)
            .ok()
            .and_then(|text| text.parse().ok());
        key.is_some_and(|key| recipients.contains(&key.recipient().to_string()))
    })
    .collect()
}

/// Where `entente init` puts the identity key, until someone carries it away.
pub fn identity_path(folder: &Folder) -> std::path::PathBuf {
    folder.keys().join("identity.key")
}

/// Reads an identity key, with its passphrase if it lies under one.
pub fn read_identity(path: &Path, passphrase: Option<&str>) -> Result<SigningKey, BadKeys> {
    let shown = path.display().to_string();
    let file = fs::read(path).map_err(|e| bad_file(path, e))?;
    let content = || bad_content(path, "identity");
    if !is_locked(&file) {
        let text = std::str::from_utf8(&file).map_err(|_| content())?;
        return text.parse().map_err(|_| content());
    }
    let passphrase = passphrase.ok_or_else(|| BadKeys::Locked(shown.clone()))?;
    let text = unlock(&file, passphrase).map_err(|_| BadKeys::Passphrase(shown))?;
    text.parse().map_err(|_| content())
}

/// The identifier of a Party or memorandum, as the ledger writes it.
pub fn id(text: &str) -> Result<Id, BadKeys> {
    text.parse()
        .map_err(|_| BadKeys::Introduction(format!("`{text}` is no identifier")))
}

fn bad_file(path: &Path, error: io::Error) -> BadKeys {
    BadKeys::File(path.display().to_string(), error)
}

fn bad_content(path: &Path, kind: &'static str) -> BadKeys {
    BadKeys::Content(path.display().to_string(), kind)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn made(passphrase: Option<&str>) -> (tempfile::TempDir, Folder) {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::at(dir.path());
        Keys::create(&folder, passphrase).unwrap();
        (dir, folder)
    }

    #[test]
    fn keys_are_made_once_for_their_owner_only() {
        let (_dir, folder) = made(None);
        for entry in fs::read_dir(folder.keys()).unwrap() {
            let mode = entry.unwrap().metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        assert!(matches!(
            Keys::create(&folder, None),
            Err(BadKeys::File(..))
        ));
    }

    #[test]
    fn an_introduction_tells_the_keys_that_were_made() {
        let (_dir, folder) = made(None);
        let keys = Keys::read(&folder).unwrap();
        let identity = read_identity(&identity_path(&folder), None).unwrap();
        let who = Who {
            party: id("aa").unwrap(),
            memorandum: id("aa_bb").unwrap(),
            demo: true,
            address: None,
        };
        let at = "2026-03-01T10:00:00Z".parse().unwrap();
        let note = keys.introduce(&identity, who, at).unwrap();
        let read = Introduction::verify(&note).unwrap();
        assert_eq!(read.transport(), &keys.transport().pin());
        assert_eq!(read.seal(), keys.seal().recipient().to_string());
    }

    #[test]
    fn an_identity_key_under_a_passphrase_opens_with_it_only() {
        let (_dir, folder) = made(Some("four plain words here"));
        let path = identity_path(&folder);
        assert!(matches!(
            read_identity(&path, None),
            Err(BadKeys::Locked(_))
        ));
        assert!(matches!(
            read_identity(&path, Some("other")),
            Err(BadKeys::Passphrase(_))
        ));
        assert!(read_identity(&path, Some("four plain words here")).is_ok());
    }
}
