//! How parties, memoranda, keys and logs are named on the wire.

use std::fmt;
use std::str::FromStr;

/// The identifier of a Party or a memorandum: 1 to 64 of `a`–`z`, `0`–`9`, `_`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id(String);

/// The text is no identifier.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is not 1 to 64 small letters, digits and underscores")]
pub struct BadId(String);

impl FromStr for Id {
    type Err = BadId;

    fn from_str(text: &str) -> Result<Self, BadId> {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        let right = (1..=64).contains(&text.len()) && text.bytes().all(allowed);
        right
            .then(|| Self(text.into()))
            .ok_or_else(|| BadId(text.chars().take(80).collect()))
    }
}

impl Id {
    /// The identifier as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The origin of a Party's log on a link: `entente/<memorandum>/<own party>/<partner>`.
///
/// At most 202 bytes, so that it fits a cosigned message (255).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin(String);

impl Origin {
    /// The origin of the log that `own` keeps for `partner` under `memorandum`.
    #[must_use]
    pub fn new(memorandum: &Id, own: &Id, partner: &Id) -> Self {
        Self(format!("entente/{memorandum}/{own}/{partner}"))
    }

    /// The origin as the first line of a checkpoint writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The key name of a Party's log key: `entente/<memorandum>/<party>`.
#[must_use]
pub fn log_key_name(memorandum: &Id, party: &Id) -> String {
    format!("entente/{memorandum}/{party}")
}

/// The key name of a Party's identity key: `entente/<party>`.
#[must_use]
pub fn identity_key_name(party: &Id) -> String {
    format!("entente/{party}")
}
