//! One finding of the doctor: what was looked at, how it stands, what to do. It never holds a secret or a person.

use serde_json::{Value, json};

/// How something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Health {
    /// In order.
    Ok,
    /// Works, and someone should look.
    Warn,
    /// Out of order.
    Bad,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What was looked at.
    pub about: String,
    /// How it stands.
    pub health: Health,
    /// What was found.
    pub says: String,
    /// What to do, unless it is in order.
    pub what_to_do: Option<String>,
}

impl Finding {
    /// In order.
    pub fn ok(about: impl Into<String>, says: impl Into<String>) -> Self {
        Self {
            about: about.into(),
            health: Health::Ok,
            says: says.into(),
            what_to_do: None,
        }
    }

    /// Works, and someone should look.
    pub fn warn(
        about: impl Into<String>,
        says: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self {
            health: Health::Warn,
            what_to_do: Some(hint.into()),
            ..Self::ok(about, says)
        }
    }

    /// Out of order.
    pub fn bad(about: impl Into<String>, says: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            health: Health::Bad,
            what_to_do: Some(hint.into()),
            ..Self::ok(about, says)
        }
    }

    /// The word of its health.
    pub const fn word(&self) -> &'static str {
        match self.health {
            Health::Ok => "ok",
            Health::Warn => "look",
            Health::Bad => "bad",
        }
    }

    /// Its members for machines.
    pub fn members(&self) -> Value {
        json!({ "about": self.about, "health": self.word(), "says": self.says, "what_to_do": self.what_to_do })
    }

    /// The finding that these members state.
    pub fn of(members: &Value) -> Self {
        let text = |name: &str| members[name].as_str().unwrap_or_default().to_owned();
        let health = match members["health"].as_str() {
            Some("ok") => Health::Ok,
            Some("look") => Health::Warn,
            _ => Health::Bad,
        };
        Self {
            about: text("about"),
            health,
            says: text("says"),
            what_to_do: members["what_to_do"].as_str().map(str::to_owned),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_is_read_as_it_is_written() {
        let finding = Finding::warn("disk", "2 GiB are free", "make room");
        assert_eq!(Finding::of(&finding.members()), finding);
    }
}
