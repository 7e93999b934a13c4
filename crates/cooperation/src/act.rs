//! One act in hand: what is drafted, travels, and is judged on both sides.

use jiff::Timestamp;

use crate::value::{Slots, Value};

/// Whose node judges: the facts known to it differ (Annex 3, `known_to`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// The node of the Party that sends the act.
    Sender,
    /// The node of the Party that receives it.
    Recipient,
}

/// An act with its slots and the facts that the judging node knows of it.
///
/// `slots` holds slots and engine facts of Annex 3 side by side, by identifier. What is `known_to` another node only is
/// not in it. `kind` may name an act that the memorandum does not know: such an act is refused (article 7.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// Identifier of the act in Annex 3.
    pub kind: String,
    /// The organ it comes from.
    pub from: String,
    /// The organ it is addressed to; absent for an act that leaves the system (onward sharing).
    pub to: Option<String>,
    /// Slots, declarations, engine facts.
    pub slots: Slots,
}

/// When and where an act is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The instant of judgement: release at the sender, receipt at the recipient.
    pub at: Timestamp,
    /// The instant of release, where the judging node knows it apart from `at` (article 6.3).
    pub released_at: Option<Timestamp>,
    /// Whose node judges.
    pub side: Side,
}

impl Act {
    /// The value of a slot; `None` also for a slot that is shown but empty (article 7.1).
    pub fn filled(&self, slot: &str) -> Option<&Value> {
        self.slots.get(slot).filter(|value| value.is_filled())
    }

    /// The text of a filled slot.
    pub fn text(&self, slot: &str) -> Option<&str> {
        self.filled(slot).and_then(Value::as_text)
    }

    /// The items of a list slot, empty when it is not filled.
    pub fn items(&self, slot: &str) -> &[Value] {
        self.filled(slot).map_or(&[], Value::items)
    }
}
