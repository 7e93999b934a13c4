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
pub struct Origin {
    text: String,
    memorandum: Id,
    own: Id,
    partner: Id,
}

/// The text is no origin of a link's log.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is not `entente/memorandum/party/partner`")]
pub struct BadOrigin(String);

impl Origin {
    /// The origin of the log that `own` keeps for `partner` under `memorandum`.
    #[must_use]
    pub fn new(memorandum: &Id, own: &Id, partner: &Id) -> Self {
        Self {
            text: format!("entente/{memorandum}/{own}/{partner}"),
            memorandum: memorandum.clone(),
            own: own.clone(),
            partner: partner.clone(),
        }
    }

    /// The origin as the first line of a checkpoint writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The memorandum of the link.
    #[must_use]
    pub const fn memorandum(&self) -> &Id {
        &self.memorandum
    }

    /// The Party that keeps the log.
    #[must_use]
    pub const fn own(&self) -> &Id {
        &self.own
    }

    /// The Party that mirrors it.
    #[must_use]
    pub const fn partner(&self) -> &Id {
        &self.partner
    }
}

impl FromStr for Origin {
    type Err = BadOrigin;

    fn from_str(text: &str) -> Result<Self, BadOrigin> {
        let parts: Vec<&str> = text.splitn(5, '/').collect();
        let read = || {
            let ["entente", memorandum, own, partner] = parts[..] else {
                return None;
            };
            let id = |part: &str| part.parse::<Id>().ok();
            Some(Self::new(&id(memorandum)?, &id(own)?, &id(partner)?))
        };
        read().ok_or_else(|| BadOrigin(text.chars().take(80).collect()))
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
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
