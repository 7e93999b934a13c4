//! How a partner is known: TLS 1.3 both ways, each side pinned by its key (RFC 8446; PROTOCOL section 3).
//!
//! A certificate is only the wrapping of a key: no authority signs it, it has no name that counts and no end. What counts is
//! the SHA-256 of its SubjectPublicKeyInfo, and that the other side proves in the handshake that it holds the key.

use std::{
    fmt,
    sync::{Arc, Weak},
};

use entente_ledger::sha256;
use rustls::{
    CertificateError, ClientConfig, ConfigBuilder, DigitallySignedStruct, DistinguishedName, Error,
    ServerConfig, SignatureScheme,
    client::{
        ResolvesClientCert, Resumption, WantsClientCert,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, WebPkiSupportedAlgorithms, aws_lc_rs, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime},
    server::{
        ClientHello, ParsedCertificate, ResolvesServerCert,
        danger::{ClientCertVerified, ClientCertVerifier},
    },
    sign::CertifiedKey,
    version::TLS13,
};

use crate::{keys::Transport, link::Link, node::Node};

/// The SHA-256 of a SubjectPublicKeyInfo.
pub type Pin = [u8; 32];

/// The pin of a certificate.
///
/// Fails if it is no X.509 certificate.
pub fn pin_of(certificate: &CertificateDer<'_>) -> Result<Pin, Error> {
    let parsed = ParsedCertificate::try_from(certificate)?;
    Ok(sha256(&parsed.subject_public_key_info()))
}

/// How a node answers partners: only those whose key serves get through the handshake. Its own key is the one of the instant.
pub fn server(node: &Arc<Node>) -> Result<ServerConfig, Error> {
    let provider = provider();
    let ours = Ours::of(node);
    let node = Arc::downgrade(node);
    let known = Arc::new(KnownClients {
        knows: Knows(Box::new(move |pin| {
            node.upgrade()
                .is_some_and(|node| node.party_of(pin).is_some())
        })),
        algorithms: provider.signature_verification_algorithms,
    });
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&TLS13])?
        .with_client_cert_verifier(known)
        .with_cert_resolver(Arc::new(ours));
    // No resumption: a key that is no longer pinned must not come in on an old ticket.
    config.send_tls13_tickets = 0;
    Ok(config)
}

/// How a node calls a partner: with its own key of the instant, and any key of the partner that serves then.
pub fn calling(node: &Arc<Node>, link: &Arc<Link>) -> Result<ClientConfig, Error> {
    let ours = Ours::of(node);
    let (node, link) = (Arc::downgrade(node), Arc::downgrade(link));
    let knows = Knows(Box::new(move |pin| {
        let (Some(node), Some(link)) = (node.upgrade(), link.upgrade()) else {
            return false;
        };
        link.theirs
            .read(|ring| ring.knows_transport(pin, node.clock.now()))
    }));
    let mut config = known_server(knows)?.with_client_cert_resolver(Arc::new(ours));
    config.resumption = Resumption::disabled();
    config.enable_sni = false;
    Ok(config)
}

/// How whoever holds `transport` calls the partner whose key is `pin`.
pub fn client(transport: &Transport, pin: Pin) -> Result<ClientConfig, Error> {
    let knows = Knows(Box::new(move |other| *other == pin));
    let mut config = known_server(knows)?
        .with_client_auth_cert(vec![transport.certificate()], transport.private().into())?;
    config.resumption = Resumption::disabled();
    config.enable_sni = false;
    Ok(config)
}

fn known_server(knows: Knows) -> Result<ConfigBuilder<ClientConfig, WantsClientCert>, Error> {
    let provider = provider();
    let known = Arc::new(KnownServer {
        knows,
        algorithms: provider.signature_verification_algorithms,
    });
    Ok(ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&TLS13])?
        .dangerous()
        .with_custom_certificate_verifier(known))
}

/// Whether a key is let in now.
struct Knows(Box<dyn Fn(&Pin) -> bool + Send + Sync>);

impl fmt::Debug for Knows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Knows")
    }
}

/// Our own key, chosen anew for each handshake.
struct Ours(Weak<Node>);

impl Ours {
    fn of(node: &Arc<Node>) -> Self {
        Self(Arc::downgrade(node))
    }

    fn key(&self) -> Option<Arc<CertifiedKey>> {
        let transport = self.0.upgrade()?.transport();
        let signing = provider()
            .key_provider
            .load_private_key(transport.private().into());
        let certified = CertifiedKey::new(vec![transport.certificate()], signing.ok()?);
        Some(Arc::new(certified))
    }
}

impl fmt::Debug for Ours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ours")
    }
}

impl ResolvesServerCert for Ours {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.key()
    }
}

impl ResolvesClientCert for Ours {
    fn resolve(&self, _hints: &[&[u8]], _schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.key()
    }

    fn has_certs(&self) -> bool {
        true
    }
}

/// Only the hybrid group: what is recorded today stays closed to a quantum computer tomorrow.
fn provider() -> Arc<CryptoProvider> {
    Arc::new(CryptoProvider {
        kx_groups: vec![aws_lc_rs::kx_group::X25519MLKEM768],
        ..aws_lc_rs::default_provider()
    })
}

/// Partners that call us: any key that serves.
#[derive(Debug)]
struct KnownClients {
    knows: Knows,
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
        let known = intermediates.is_empty() && (self.knows.0)(&pin_of(end_entity)?);
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

/// The partner that we call: its keys that serve.
#[derive(Debug)]
struct KnownServer {
    knows: Knows,
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
        let known = intermediates.is_empty() && (self.knows.0)(&pin_of(end_entity)?);
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
