//! Stages as rows, and rows as what the stages ask for. Nothing is decided here.

use entente_cooperation::{
    judgement::Judgement,
    receipt::{self},
};
use entente_store::{self as store};
use jiff::Timestamp;

mod arriving;
mod leaving;
mod settling;

pub use arriving::{
    Admitted, First, filed, filed_first, receipt_given, received, refused, repeated, turned_away,
    unreadable,
};
pub use leaving::{awaiting, lane, noted_release, reference, released, sent};
pub use settling::{
    contested, noted_other, noted_settlement, objections, receipted, sent_as, settled, taken,
};

/// An act that was released: what the officer is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The message id, hexadecimal.
    pub message: String,
    /// Its reference.
    pub reference: Option<String>,
    /// When it was released.
    pub released_at: Timestamp,
    /// Its entry in our log.
    pub index: u64,
    /// The deciding paragraphs, in order.
    pub articles: Vec<String>,
}

/// How an officer signs: `signed:` and the identifier.
pub fn signature(officer: &str) -> String {
    format!("signed:{officer}")
}

/// The deciding paragraphs, in order.
pub fn articles(judgement: &Judgement) -> Vec<String> {
    judgement
        .paragraphs
        .iter()
        .map(ToString::to_string)
        .collect()
}

const fn outcome(outcome: receipt::Outcome) -> store::Outcome {
    match outcome {
        receipt::Outcome::Filed => store::Outcome::Filed,
        receipt::Outcome::Clarify => store::Outcome::Clarify,
        receipt::Outcome::Refused => store::Outcome::Refused,
        receipt::Outcome::Unreadable => store::Outcome::Unreadable,
    }
}
