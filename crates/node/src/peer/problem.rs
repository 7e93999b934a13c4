//! What can be wrong between two nodes, as it is said on the wire (RFC 9457, PROTOCOL section 6).

use entente_cooperation::body::strict::{self, Defect, Malformed, Members};
use serde::Serialize;

use super::parcel::words;

/// Why a node did not take a parcel. Nothing of the parcel is kept, save the evidence of a fork.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Problem {
    /// The entries begin after what the callee holds, or the head is an older one: go on from `have`.
    #[error("the partner mirrors {have} entries of ours; we go on from there")]
    Stale {
        /// How many entries the callee mirrors.
        have: u64,
    },
    /// The callee mirrors more of the caller's log than the caller has: the caller's data are old.
    #[error("the partner mirrors {have} entries of ours, more than we have: our data are old")]
    Behind {
        /// How many entries the callee mirrors.
        have: u64,
        /// The newest head of the caller that the callee holds.
        head: Option<String>,
    },
    /// The caller signed two histories. The link stands still until people have spoken.
    #[error("two histories were signed; they differ from entry {index} on")]
    Fork {
        /// The first entry that differs.
        index: u64,
    },
    /// The memorandum named is not one that the callee holds.
    #[error("the partner acts under version {theirs} of the memorandum; here {ours} is in force")]
    UnknownMemorandum {
        /// The digest that the caller named.
        theirs: String,
        /// The digest in force at the callee.
        ours: String,
    },
    /// The parcel is not what the protocol says. The fault is the caller's.
    #[error("malformed: {detail}")]
    Malformed {
        /// What is wrong, for the caller's operator.
        detail: String,
    },
    /// The transport key is not pinned for this link.
    #[error("the partner does not know our transport key on this link")]
    Stranger,
    /// One side is a demonstration and the other is not.
    #[error("one side is a demonstration and the other is not")]
    DemoMismatch,
    /// Not now.
    #[error("the partner is busy; again in {retry_after_s} s")]
    Busy {
        /// When to try again, seconds.
        retry_after_s: u64,
    },
    /// The callee has started and may not sign before it has learnt what the caller mirrors; it asks, or is asked again.
    #[error("the partner has just started and does not sign yet")]
    Starting,
}

impl Problem {
    /// The status of the answer.
    pub const fn status(&self) -> u16 {
        match self {
            Problem::Stale { .. }
            | Problem::Behind { .. }
            | Problem::Fork { .. }
            | Problem::UnknownMemorandum { .. } => 409,
            Problem::Malformed { .. } => 400,
            Problem::Stranger | Problem::DemoMismatch => 403,
            Problem::Busy { .. } => 429,
            Problem::Starting => 503,
        }
    }

    /// The problem of a parcel that is not what the protocol says.
    pub fn malformed(detail: impl Into<String>) -> Self {
        Problem::Malformed {
            detail: detail.into(),
        }
    }

    /// Reads a problem by the strict rules of section 7.
    pub fn read(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut members = Members::of(strict::read(bytes)?, "")?;
        let problem = match members.text("type")?.as_str() {
            "stale" => Problem::Stale {
                have: members.count("have")?,
            },
            "behind" => Problem::Behind {
                have: members.count("have")?,
                head: members.text_or_null("head")?,
            },
            "fork" => Problem::Fork {
                index: members.count("index")?,
            },
            "unknown_memorandum" => Problem::UnknownMemorandum {
                theirs: words(&mut members, "theirs")?,
                ours: words(&mut members, "ours")?,
            },
            "malformed" => Problem::Malformed {
                detail: words(&mut members, "detail")?,
            },
            "stranger" => Problem::Stranger,
            "demo_mismatch" => Problem::DemoMismatch,
            "busy" => Problem::Busy {
                retry_after_s: members.count("retry_after_s")?,
            },
            "starting" => Problem::Starting,
            _ => return Err(Defect::Expected("a problem of section 6".into()).at("/type")),
        };
        members.close()?;
        Ok(problem)
    }

    /// The problem as it travels.
    pub fn write(&self) -> Vec<u8> {
        // Only numbers and text: it cannot fail.
        serde_json::to_vec(self).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_is_read_as_it_was_written() {
        for problem in [
            Problem::Stale { have: 3 },
            Problem::Stranger,
            Problem::Behind {
                have: 9,
                head: None,
            },
            Problem::malformed("no"),
        ] {
            assert_eq!(Problem::read(&problem.write()), Ok(problem));
        }
        let read = crate::peer::vectors::check("problem", |bytes| Problem::read(bytes).map(drop));
        assert!(read > 5, "only {read} vectors");
        let text = String::from_utf8(Problem::Stale { have: 3 }.write()).unwrap();
        assert_eq!(text, r#"{"type":"stale","have":3}"#);
    }
}
