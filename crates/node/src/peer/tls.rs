//! How a partner is known: TLS 1.3 both ways, each side pinned by its key (RFC 8446; PROTOCOL section 3).
//!
//! A certificate is only the wrapping of a key: no authority signs it, it has no name that counts and no end. What counts is
//! the SHA-256 of its SubjectPublicKeyInfo, and that the other side proves in the handshake that it holds the key.

use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
};

use entente_ledger::sha256;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, DistinguishedName, Error, ServerConfig,
    SignatureScheme,
    client::{
        Resumption,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, WebPkiSupportedAlgorithms, aws_lc_rs, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime},
    server::{
        ParsedCertificate,
        danger::{ClientCertVerified, ClientCertVerifier},
    },
    version::TLS13,
};

use crate::keys::Transport;

/// The SHA-256 of a SubjectPublicKeyInfo.
pub type Pin = [u8; 32];

/// Whose key is whose: the pins of all partners. Grows while the node runs.
#[derive(Debug, Default)]
pub struct Pins(RwLock<BTreeMap<Pin, String>>);

impl Pins {
    /// Pins the key of a Party.
    pub fn pin(&self, pin: Pin, party: &str) {
        let mut pins = self.0.write().unwrap_or_else(PoisonError::into_inner);
        pins.insert(pin, party.to_owned());
    }

    /// The Party of a key.
    pub fn party(&self, pin: &Pin) -> Option<String> {
        let pins = self.0.read().unwrap_or_else(PoisonError::into_inner);
        pins.get(pin).cloned()
    }
}

/// The pin of a certificate.
///
/// Fails if it is no X.509 certificate.
pub fn pin_of(certificate: &CertificateDer<'_>) -> Result<Pin, Error> {
    let parsed = ParsedCertificate::try_from(certificate)?;
    Ok(sha256(&parsed.subject_public_key_info()))
}

/// How this node answers partners: only those whose key is pinned get through the handshake.
pub fn server(transport: &Transport, pins: Arc<Pins>) -> Result<ServerConfig, Error> {
    let provider = provider();
    let known = Arc::new(KnownClients {
        pins,
        algorithms: provider.signature_verification_algorithms,
    });
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&TLS13])?
        .with_client_cert_verifier(known)
        .with_single_cert(vec![transport.certificate()], transport.private().into())?;
    // No resumption: a key that is no longer pinned must not come in on an old ticket.
    config.send_tls13_tickets = 0;
    Ok(config)
}

/// How this node calls the partner whose key is `pin`.
pub fn client(transport: &Transport, pin: Pin) -> Result<ClientConfig, Error> {
    let provider = provider();
    let known = Arc::new(KnownServer {
        pin,
        algorithms: provider.signature_verification_algorithms,
    });
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&TLS13])?
        .dangerous()
        .with_custom_certificate_verifier(known)
        .with_client_auth_cert(vec![transport.certificate()], transport.private().into())?;
    config.resumption = Resumption::disabled();
    config.enable_sni = false;
    Ok(config)
}

/// Only the hybrid group: what is recorded today stays closed to a quantum computer tomorrow.
fn provider() -> Arc<CryptoProvider> {
    Arc::new(CryptoProvider {
        kx_groups: vec![aws_lc_rs::kx_group::X25519MLKEM768],
        ..aws_lc_rs::default_provider()
    })
}

/// Partners that call us: any pinned key.
#[derive(Debug)]
struct KnownClients {
    pins: Arc<Pins>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl ClientCertVerifier for KnownClients {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let known = intermediates.is_empty() && self.pins.party(&pin_of(end_entity)?).is_some();
        known
            .then(ClientCertVerified::assertion)
            .ok_or_else(stranger)
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Error::General("TLS 1.2 is not spoken".to_owned()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// The partner that we call: one key.
#[derive(Debug)]
struct KnownServer {
    pin: Pin,
    algorithms: WebPkiSupportedAlgorithms,
}

impl ServerCertVerifier for KnownServer {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let known = intermediates.is_empty() && pin_of(end_entity)? == self.pin;
        known
            .then(ServerCertVerified::assertion)
            .ok_or_else(stranger)
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Error::General("TLS 1.2 is not spoken".to_owned()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// The alert that a stranger gets.
fn stranger() -> Error {
    Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure)
}
