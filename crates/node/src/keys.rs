//! The private keys of one node: made once, kept in `keys/`, readable by their owner only.

use std::{fs, io, path::Path};

use entente_ledger::{
    Id,
    notice::{Introduction, introduction::PublicKeys, introduction::Who},
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
        let text = |name: &str| {
            let path = keys.join(name);
            fs::read_to_string(&path).map_err(|e| bad_file(&path, e))
        };
        let content = |name: &str, kind| bad_content(&keys.join(name), kind);
        Ok(Self {
            log: text("log.key")?
                .parse()
                .map_err(|_| content("log.key", "log"))?,
            seal: text("seal.key")?
                .parse()
                .map_err(|_| content("seal.key", "seal"))?,
            transport: Transport::of(&text("transport.key")?)
                .ok_or_else(|| content("transport.key", "transport"))?,
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
