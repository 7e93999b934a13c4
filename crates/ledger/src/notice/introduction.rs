//! An introduction: one file by which a Party tells a partner its keys and its address.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;

use super::{Identity, Lines, NoticeFault, instant, key, parsed, recipient};
use crate::head::LogKeys;
use crate::hex::{hex, unhex};
use crate::key::{BadKey, KeyKind, VerifierKey};
use crate::name::{Id, Origin, identity_key_name, log_key_name};
use crate::note::Note;

const FIRST_LINE: &str = "entente/introduction/v1";

/// Where a node can be reached: `host:port`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address(String);

/// The text is no `host:port`.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is not host:port")]
pub struct BadAddress(String);

impl Address {
    /// The address as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Address {
    type Err = BadAddress;

    fn from_str(text: &str) -> Result<Self, BadAddress> {
        let right = text.rsplit_once(':').is_some_and(|(host, port)| {
            let port_is_right = port
                .parse::<u16>()
                .is_ok_and(|number| number.to_string() == port);
            port_is_right && is_host(host)
        });
        right
            .then(|| Self(text.into()))
            .ok_or_else(|| BadAddress(text.chars().take(80).collect()))
    }
}

/// A name or an IPv4 address, or an IPv6 address in brackets.
fn is_host(host: &str) -> bool {
    if let Some(inner) = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
    {
        return inner.parse::<std::net::Ipv6Addr>().is_ok();
    }
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.';
    (1..=253).contains(&host.len()) && host.bytes().all(allowed)
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Who introduces itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Who {
    /// The Party.
    pub party: Id,
    /// The memorandum under which it will exchange.
    pub memorandum: Id,
    /// Whether the node is a demonstration; demonstrations meet only each other.
    pub demo: bool,
    /// Where it listens; `None` if it only dials out.
    pub address: Option<Address>,
}

/// The raw public keys of a Party.
#[derive(Clone, Debug)]
pub struct PublicKeys<'k> {
    /// Identity: Ed25519 (32 bytes) and ML-DSA-44 (1312 bytes).
    pub identity: (&'k [u8], &'k [u8]),
    /// Log: Ed25519 and ML-DSA-44.
    pub log: (&'k [u8], &'k [u8]),
    /// The sealing recipient, `age1pq1…`.
    pub seal: &'k str,
    /// The SHA-256 of the transport key's SubjectPublicKeyInfo.
    pub transport: [u8; 32],
}

/// What a Party says of itself, its text strict and its key names its own.
///
/// Source: PROTOCOL section 3.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Introduction {
    who: Who,
    identity: Identity,
    log_ed25519: VerifierKey,
    log_ml_dsa_44: VerifierKey,
    seal: String,
    transport: [u8; 32],
    issued: Timestamp,
}

impl Introduction {
    /// The introduction of `who` with its `keys`, issued at that instant; still unsigned.
    ///
    /// # Errors
    /// A key has a wrong length.
    pub fn new(who: Who, keys: &PublicKeys<'_>, issued: Timestamp) -> Result<Self, BadKey> {
        let log = log_key_name(&who.memorandum, &who.party);
        Ok(Self {
            identity: Identity::new(&who.party, keys.identity.0, keys.identity.1)?,
            log_ed25519: VerifierKey::new(&log, KeyKind::Ed25519, keys.log.0)?,
            log_ml_dsa_44: VerifierKey::new(&log, KeyKind::MlDsa44Cosignature, keys.log.1)?,
            seal: recipient(keys.seal).ok_or(BadKey::Form)?,
            transport: keys.transport,
            issued,
            who,
        })
    }

    /// The introduction in the file `note`, once both keys of the identity it states have signed it.
    ///
    /// That the identity is the partner's, only the phrase compared by voice can tell.
    ///
    /// # Errors
    /// The note or its text is malformed, or a signature is missing or wrong.
    pub fn verify(note: &str) -> Result<Self, NoticeFault> {
        let note = Note::parse(note)?;
        let introduction: Self = note.text().parse()?;
        introduction.identity.require(&note)?;
        Ok(introduction)
    }

    /// The text, whose bytes both identity keys sign.
    #[must_use]
    pub fn text(&self) -> String {
        self.to_string()
    }

    /// The file: the text with the two signatures of the identity over it.
    ///
    /// # Errors
    /// Never for a text of this type; the note refuses control characters.
    pub fn signed(&self, ed25519: &[u8], ml_dsa_44: &[u8]) -> Result<Note, NoticeFault> {
        Ok(self
            .identity
            .sign(Note::new(self.text())?, ed25519, ml_dsa_44))
    }

    /// Who it is.
    #[must_use]
    pub const fn who(&self) -> &Who {
        &self.who
    }

    /// Its identity keys.
    #[must_use]
    pub const fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The keys of the log that this Party keeps for `partner`.
    #[must_use]
    pub fn log_keys(&self, partner: &Id) -> LogKeys {
        let origin = Origin::new(&self.who.memorandum, &self.who.party, partner);
        LogKeys::of_one_party(origin, self.log_ed25519.clone(), self.log_ml_dsa_44.clone())
    }

    /// The sealing recipient.
    #[must_use]
    pub fn seal(&self) -> &str {
        &self.seal
    }

    /// The SHA-256 of the transport key's SubjectPublicKeyInfo.
    #[must_use]
    pub const fn transport(&self) -> &[u8; 32] {
        &self.transport
    }

    /// When it was issued.
    #[must_use]
    pub const fn issued(&self) -> Timestamp {
        self.issued
    }
}

impl FromStr for Introduction {
    type Err = NoticeFault;

    fn from_str(text: &str) -> Result<Self, NoticeFault> {
        use KeyKind::{Ed25519, MlDsa44, MlDsa44Cosignature};
        let mut lines = Lines::of(text, FIRST_LINE)?;
        let who = Who {
            party: lines.take("party", parsed)?,
            memorandum: lines.take("memorandum", parsed)?,
            demo: lines.take("demo", yes_or_no)?,
            address: lines.take("address", address)?,
        };
        let identity = identity_key_name(&who.party);
        let log = log_key_name(&who.memorandum, &who.party);
        let introduction = Self {
            identity: Identity {
                ed25519: lines.take("identity-ed25519", |text| key(text, Ed25519, &identity))?,
                ml_dsa_44: lines.take("identity-mldsa44", |text| key(text, MlDsa44, &identity))?,
            },
            log_ed25519: lines.take("log-ed25519", |text| key(text, Ed25519, &log))?,
            log_ml_dsa_44: lines.take("log-mldsa44", |text| key(text, MlDsa44Cosignature, &log))?,
            seal: lines.take("seal", recipient)?,
            transport: lines.take("transport", unhex)?,
            issued: lines.take("issued", instant)?,
            who,
        };
        lines.end()?;
        Ok(introduction)
    }
}

fn yes_or_no(text: &str) -> Option<bool> {
    match text {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

fn address(text: &str) -> Option<Option<Address>> {
    match text {
        "-" => Some(None),
        _ => text.parse().ok().map(Some),
    }
}

impl fmt::Display for Introduction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = self.who.address.as_ref().map_or("-", Address::as_str);
        writeln!(f, "{FIRST_LINE}")?;
        writeln!(f, "party {}", self.who.party)?;
        writeln!(f, "memorandum {}", self.who.memorandum)?;
        writeln!(f, "demo {}", if self.who.demo { "yes" } else { "no" })?;
        writeln!(f, "address {address}")?;
        writeln!(f, "identity-ed25519 {}", self.identity.ed25519)?;
        writeln!(f, "identity-mldsa44 {}", self.identity.ml_dsa_44)?;
        writeln!(f, "log-ed25519 {}", self.log_ed25519)?;
        writeln!(f, "log-mldsa44 {}", self.log_ml_dsa_44)?;
        writeln!(f, "seal {}", self.seal)?;
        writeln!(f, "transport {}", hex(&self.transport))?;
        writeln!(f, "issued {}", self.issued)
    }
}
