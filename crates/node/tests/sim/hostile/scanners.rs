//! What outside scanners find at the door of a node that runs: no version and no group that they know.
//!
//! testssl.sh and sslyze know classical groups alone. So each is first shown a door that differs from a node's in one thing, a
//! classical group: there it finds TLS 1.3 and nothing older, and the demand for a certificate does not blind it. At the node's
//! door it finds nothing at all. That the door speaks, in TLS 1.3 and in the hybrid group only, is shown by a client of our own.

use std::{
    env,
    io::Write,
    path::{Path, PathBuf},
    process::Stdio,
    sync::Arc,
};

use entente_cooperation::body::strict::{self, Json, Members};
use entente_node::{
    keys::{Keys, Transport},
    peer::{budget::Limits, tls},
};
use rustls::{
    ClientConfig, DigitallySignedStruct, Error, NamedGroup, ProtocolVersion, ServerConfig,
    SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, SupportedKxGroup, aws_lc_rs, aws_lc_rs::kx_group},
    pki_types::{CertificateDer, ServerName, UnixTime},
    server::danger::{ClientCertVerified, ClientCertVerifier},
    version::TLS13,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    process::Command,
};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use super::{
    connections::{faced, serves},
    partner::Partner,
};

/// Says so on stderr, past the capture of the test runner; with `ENTENTE_NO_SKIP=1` the test fails instead.
fn skip(what: &str, program: &str) {
    let line = format!("SKIPPED {what} for want of {program}\n");
    let _ = std::io::stderr().write_all(line.as_bytes());
    assert!(env::var("ENTENTE_NO_SKIP").as_deref() != Ok("1"), "{line}");
}

fn judges() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/judges")
}

/// The first of these programs that starts.
async fn installed(programs: &[PathBuf], asked: &str) -> Option<PathBuf> {
    for program in programs {
        let mut command = Command::new(program);
        command
            .arg(asked)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        if command.status().await.is_ok() {
            return Some(program.clone());
        }
    }
    None
}

/// Runs a scanner on a door, and yields what it wrote into a file.
async fn scanned(program: &Path, arguments: &[&str], file: &str, address: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let found = folder.path().join("found.json");
    let mut command = Command::new(program);
    command
        .args(arguments)
        .arg(file)
        .arg(&found)
        .arg(address)
        .current_dir(folder.path())
        .stdin(Stdio::null());
    let said = command.output().await.unwrap();
    std::fs::read_to_string(&found).unwrap_or_else(|error| panic!("{error}: {said:?}"))
}

/// A provider with this group alone.
fn provider(group: &'static dyn SupportedKxGroup) -> Arc<CryptoProvider> {
    Arc::new(CryptoProvider {
        kx_groups: vec![group],
        ..aws_lc_rs::default_provider()
    })
}

/// Believes everybody: what is asked is what the door offers, not who it is.
#[derive(Debug)]
struct Credulous;

impl ServerCertVerifier for Credulous {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        aws_lc_rs::default_provider()
            .signature_verification_algorithms
            .supported_schemes()
    }
}

/// Demands a certificate and takes none: as the door of a node does with strangers.
#[derive(Debug)]
struct Demanding;

impl ClientCertVerifier for Demanding {
    fn root_hint_subjects(&self) -> &[rustls::DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        Err(rustls::CertificateError::ApplicationVerificationFailure.into())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        Credulous.supported_verify_schemes()
    }
}

/// A door with a classical group: all else is as at a node.
async fn classical_door(transport: &Transport) -> String {
    let mut config = ServerConfig::builder_with_provider(provider(kx_group::X25519))
        .with_protocol_versions(&[&TLS13])
        .unwrap()
        .with_client_cert_verifier(Arc::new(Demanding))
        .with_single_cert(vec![transport.certificate()], transport.private().into())
        .unwrap();
    config.send_tls13_tickets = 0;
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(acceptor.clone().accept(stream));
        }
    });
    address
}

/// What testssl.sh found, by what it looked for.
fn findings(written: &str) -> Vec<(String, String)> {
    let found =
        strict::read(written.as_bytes()).unwrap_or_else(|fault| panic!("{fault}: {written}"));
    let Json::Array(found) = found else {
        panic!("{written}")
    };
    let finding = |one| {
        let mut members = Members::of(one, "").unwrap();
        (
            members.text("id").unwrap(),
            members.text("finding").unwrap(),
        )
    };
    found.into_iter().map(finding).collect()
}

#[test]
fn testssl_finds_tls_1_3_at_a_classical_door_and_nothing_at_the_door_of_a_node() {
    faced(420, Limits::default(), |mut partner, address| async move {
        let programs = ["testssl", "testssl.sh"].map(PathBuf::from);
        let Some(testssl) = installed(&programs, "--version").await else {
            return skip("the door of a node", "testssl.sh");
        };
        let scan = async |door: &str| {
            let quietly = [
                "--quiet",
                "--color",
                "0",
                "--warnings",
                "off",
                "--nodns",
                "none",
                "-p",
            ];
            findings(&scanned(&testssl, &quietly, "--jsonfile", door).await)
        };
        let says = |found: &[(String, String)], version: &str| {
            let of_version = found.iter().find(|(id, _)| id == version);
            let (_, finding) = of_version.unwrap_or_else(|| panic!("{version}: {found:?}"));
            finding.clone()
        };
        let older = ["SSLv2", "SSLv3", "TLS1", "TLS1_1", "TLS1_2"];
        let classical = scan(&classical_door(partner.keys.transport()).await).await;
        assert!(
            says(&classical, "TLS1_3").starts_with("offered"),
            "{classical:?}"
        );
        let found = scan(&address).await;
        for version in older {
            assert!(
                says(&classical, version).starts_with("not offered"),
                "{classical:?}"
            );
            assert!(
                says(&found, version).starts_with("not offered"),
                "{found:?}"
            );
        }
        assert_eq!(
            says(&found, "TLS1_3"),
            "not offered",
            "in no group that it knows"
        );
        serves(&mut partner, &address).await;
    });
}

#[test]
fn sslyze_speaks_with_a_classical_door_and_not_with_that_of_a_node() {
    faced(421, Limits::default(), |mut partner, address| async move {
        let own = judges().join(".venv/bin/sslyze");
        let Some(sslyze) = installed(&[own, PathBuf::from("sslyze")], "--help").await else {
            return skip(
                "the door of a node",
                "sslyze (tests/judges/requirements.txt)",
            );
        };
        let scan = async |door: &str| {
            let asked = [
                "--tlsv1",
                "--tlsv1_1",
                "--tlsv1_2",
                "--tlsv1_3",
                "--elliptic_curves",
            ];
            let written = scanned(&sslyze, &asked, "--json_out", door).await;
            let Ok(found) = serde_json::from_str::<serde_json::Value>(&written) else {
                panic!("{written}")
            };
            found["server_scan_results"][0].clone()
        };
        let classical = scan(&classical_door(partner.keys.transport()).await).await;
        let spoken = &classical["connectivity_result"];
        assert_eq!(
            spoken["highest_tls_version_supported"], "TLS_1_3",
            "{classical}"
        );
        assert_eq!(spoken["client_auth_requirement"], "REQUIRED", "{classical}");
        let accepted = |version: &str| {
            let suites = &classical["scan_result"][version]["result"]["accepted_cipher_suites"];
            suites
                .as_array()
                .unwrap_or_else(|| panic!("{classical}"))
                .len()
        };
        let older = [
            "tls_1_0_cipher_suites",
            "tls_1_1_cipher_suites",
            "tls_1_2_cipher_suites",
        ];
        assert_eq!(older.map(accepted), [0; 3]);
        assert_eq!(accepted("tls_1_3_cipher_suites"), 3);

        let found = scan(&address).await;
        assert_eq!(found["connectivity_status"], "ERROR", "{found}");
        let trace = found["connectivity_error_trace"].to_string();
        assert!(
            trace.contains("could not find a TLS version and cipher suite"),
            "{trace}"
        );
        serves(&mut partner, &address).await;
    });
}

/// A client of these groups, with a certificate or without.
fn client(group: &'static dyn SupportedKxGroup, transport: Option<&Transport>) -> ClientConfig {
    let builder = ClientConfig::builder_with_provider(provider(group))
        .with_protocol_versions(&[&TLS13])
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Credulous));
    match transport {
        None => builder.with_no_client_auth(),
        Some(transport) => {
            let certificate = vec![transport.certificate()];
            let configured = builder.with_client_auth_cert(certificate, transport.private().into());
            configured.unwrap()
        }
    }
}

/// What a client is answered to a question that a partner may ask; none if the handshake fails on its side.
async fn answered(config: ClientConfig, address: &str, partner: &Partner) -> Option<Vec<u8>> {
    let stream = TcpStream::connect(address).await.unwrap();
    let name = ServerName::try_from("entente.invalid").unwrap();
    let connector = TlsConnector::from(Arc::new(config));
    let mut stream = connector.connect(name, stream).await.ok()?;
    let link = partner.node().memorandum();
    let head = format!(
        "GET /entente/v1/mirror?link={link} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    );
    let _ = stream.write_all(head.as_bytes()).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    Some(answer)
}

#[test]
fn the_door_speaks_tls_1_3_in_the_hybrid_group_with_pinned_certificates_and_nothing_else() {
    faced(422, Limits::default(), |mut partner, address| async move {
        let stranger = tempfile::tempdir().unwrap();
        let folder = entente_node::folder::Folder::at(stranger.path());
        Keys::create(&folder, None).unwrap();
        let stranger = Keys::read(&folder).unwrap();
        let (own, hybrid) = (partner.keys.transport(), kx_group::X25519MLKEM768);
        // The node's own client, which is what a partner runs.
        let config = tls::client(own, partner.node().transport().pin()).unwrap();
        let stream = TcpStream::connect(&address).await.unwrap();
        let name = ServerName::try_from("entente.invalid").unwrap();
        let connector = TlsConnector::from(Arc::new(config));
        let stream = connector.connect(name, stream).await.unwrap();
        let spoken = stream.get_ref().1;
        assert_eq!(spoken.protocol_version(), Some(ProtocolVersion::TLSv1_3));
        let group = spoken
            .negotiated_key_exchange_group()
            .map(|group| group.name());
        assert_eq!(group, Some(NamedGroup::X25519MLKEM768));

        // With the partner's certificate, in any other group: no handshake.
        let others: [&'static dyn SupportedKxGroup; 4] = [
            kx_group::X25519,
            kx_group::SECP256R1,
            kx_group::SECP384R1,
            kx_group::SECP256R1MLKEM768,
        ];
        for group in others {
            let config = client(group, Some(own));
            assert_eq!(
                answered(config, &address, &partner).await,
                None,
                "{:?}",
                group.name()
            );
        }
        // In the hybrid group, without a certificate or with a stranger's: not a byte of content.
        for certificate in [None, Some(stranger.transport())] {
            let said = answered(client(hybrid, certificate), &address, &partner).await;
            assert!(said.is_none_or(|said| said.is_empty()));
        }
        let said = answered(client(hybrid, Some(own)), &address, &partner)
            .await
            .unwrap();
        assert!(
            said.starts_with(b"HTTP/1.1 200"),
            "{}",
            String::from_utf8_lossy(&said)
        );
        serves(&mut partner, &address).await;
    });
}
