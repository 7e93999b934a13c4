//! `entente.toml`: the settings of one node, in one commented file, parsed once.

use std::{fmt, fs, net::SocketAddr, path::Path, str::FromStr};

use serde::Deserialize;
use thiserror::Error;

/// The settings of one node.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The Party that this node serves, an identifier of Annex 1.
    pub party: String,
    /// A demonstration: driven clock, peers only with demonstrations, says so on every output.
    #[serde(default)]
    pub demo: bool,
    /// Where partners and our own tools reach the node.
    pub peer: Peer,
    /// The local API.
    pub api: Api,
    /// What people who give no choice of their own get.
    pub desk: Desk,
    /// The log.
    #[serde(default)]
    pub log: Log,
}

/// `[peer]`: the door to the partner.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Peer {
    /// The address on which partners are heard; absent for a node that only dials out.
    pub listen: Option<SocketAddr>,
    /// `host:port` under which the partner reaches us, as our introduction tells it.
    pub address: Option<String>,
    /// From how many seconds on a difference between the partner's clock and ours is shown as something to look at.
    #[serde(default = "clock_warning_s")]
    pub clock_warning_s: u32,
}

/// `[api]`: the door to our own tools.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Api {
    /// `socket`, or a loopback address.
    pub listen: Door,
}

/// Where the API is heard: the socket in the data folder, or a loopback address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Door {
    /// `api.sock` in the data folder.
    Socket,
    /// A loopback address; port 0 takes a free one.
    Loopback(SocketAddr),
}

/// `[desk]`: language and officer when a command names none.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Desk {
    /// A language of the memorandum.
    pub language: String,
    /// Who acts, an identifier of `roster.toml`.
    pub officer: String,
    /// In whose name that officer acts, an organ of Annex 1.
    pub organ: String,
}

/// `[log]`: what the node says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// One JSON object a line instead of text.
    #[serde(default)]
    pub json: bool,
    /// `error`, `warn`, `info`, `debug`.
    #[serde(default = "info_level")]
    pub level: String,
}

/// Why the settings cannot be used.
#[derive(Debug, Error)]
pub enum BadConfig {
    /// There is none.
    #[error("no node is set up in `{0}`")]
    Absent(String),
    /// It cannot be read.
    #[error("`{0}` cannot be read")]
    Unreadable(String, #[source] std::io::Error),
    /// It says something that is not a setting.
    #[error("`{0}` is not understood")]
    Malformed(String, #[source] Box<toml::de::Error>),
}

/// What is no door of the API.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("`{0}` is neither `socket` nor a loopback address like `127.0.0.1:8700`")]
pub struct BadDoor(String);

impl Config {
    /// Reads the settings of a data folder.
    ///
    /// Fails if the file is absent, unreadable, or holds anything that is not a setting.
    pub fn read(path: &Path) -> Result<Self, BadConfig> {
        let shown = || path.display().to_string();
        if !path.is_file() {
            let folder = path.parent().unwrap_or(path);
            return Err(BadConfig::Absent(folder.display().to_string()));
        }
        let text = fs::read_to_string(path).map_err(|e| BadConfig::Unreadable(shown(), e))?;
        toml::from_str(&text).map_err(|e| BadConfig::Malformed(shown(), Box::new(e)))
    }
}

impl Default for Log {
    fn default() -> Self {
        Self {
            json: false,
            level: info_level(),
        }
    }
}

/// A quarter of the minute beyond which what receipts state is contested.
pub const fn clock_warning_s() -> u32 {
    15
}

fn info_level() -> String {
    "info".to_owned()
}

impl FromStr for Door {
    type Err = BadDoor;

    fn from_str(text: &str) -> Result<Self, BadDoor> {
        if text == "socket" {
            return Ok(Door::Socket);
        }
        match text.parse::<SocketAddr>() {
            Ok(address) if address.ip().is_loopback() => Ok(Door::Loopback(address)),
            _ => Err(BadDoor(text.to_owned())),
        }
    }
}

impl TryFrom<String> for Door {
    type Error = BadDoor;

    fn try_from(text: String) -> Result<Self, BadDoor> {
        text.parse()
    }
}

/// Writes the settings with a comment on each, as `entente init` leaves them.
impl fmt::Display for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let listen = match self.peer.listen {
            Some(address) => format!("listen = \"{address}\""),
            None => "# listen = \"0.0.0.0:7400\"".to_owned(),
        };
        let clock_warning_s = self.peer.clock_warning_s;
        let address = match &self.peer.address {
            Some(address) => format!("address = \"{address}\""),
            None => "# address = \"entente.example.org:7400\"".to_owned(),
        };
        let api = match self.api.listen {
            Door::Socket => "socket".to_owned(),
            Door::Loopback(address) => address.to_string(),
        };
        write!(
            f,
            r#"# The settings of one Entente node. Read once, when the node starts.

# The Party that this node serves, as the memorandum names it. Changing it means another node: start with `entente init`.
party = "{party}"

# A demonstration runs on a driven clock, says so on every output, and exchanges only with demonstrations.
demo = {demo}

# ── The door to the partner ──
[peer]
# The address on which the partner is heard (TLS 1.3, mutual). Left out: this node only dials out, and polls.
{listen}
# Under which name the partner reaches us. It stands in our introduction; after a change, run `entente peer introduce` again.
{address}
# From how many seconds on a difference between the partner's clock and ours is something that `entente doctor` points at.
clock_warning_s = {clock_warning_s}

# ── The door to our own tools: the command line, the console, national systems ──
[api]
# "socket" is the file api.sock in this folder. Or a loopback address, for example "127.0.0.1:8700". Never another address:
# whoever reaches the API and holds the token acts in our name.
listen = "{api}"

# ── What a command gets that does not say otherwise ──
[desk]
# A language of the memorandum: the words of drafts, refusals and lists.
language = "{language}"
# Who acts, from roster.toml. A command names another with --as.
officer = "{officer}"
# The organ in whose name that officer acts.
organ = "{organ}"

# ── What the node says of itself, on standard error; never personal data ──
[log]
# One JSON object a line, for a collector.
json = {json}
# error, warn, info or debug.
level = "{level}"
"#,
            party = self.party,
            demo = self.demo,
            language = self.desk.language,
            officer = self.desk.officer,
            organ = self.desk.organ,
            json = self.log.json,
            level = self.log.level,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written() -> Config {
        Config {
            party: "aa".to_owned(),
            demo: true,
            peer: Peer {
                listen: Some("127.0.0.1:7400".parse().unwrap()),
                address: None,
                clock_warning_s: clock_warning_s(),
            },
            api: Api {
                listen: Door::Socket,
            },
            desk: Desk {
                language: "fr".to_owned(),
                officer: "officer_1".to_owned(),
                organ: "aa_police".to_owned(),
            },
            log: Log::default(),
        }
    }

    #[test]
    fn what_init_writes_is_read_back() {
        let config = written();
        assert_eq!(
            toml::from_str::<Config>(&config.to_string()).unwrap(),
            config
        );
    }

    #[test]
    fn a_misspelt_setting_is_refused() {
        let text = written().to_string().replace("demo =", "deno =");
        assert!(toml::from_str::<Config>(&text).is_err());
    }

    #[test]
    fn the_api_is_never_heard_beyond_this_machine() {
        assert_eq!(
            "0.0.0.0:8700".parse::<Door>(),
            Err(BadDoor("0.0.0.0:8700".to_owned()))
        );
        assert!("127.0.0.1:0".parse::<Door>().is_ok());
        assert_eq!("socket".parse::<Door>(), Ok(Door::Socket));
    }
}
