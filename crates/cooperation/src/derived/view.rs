//! Everything a derivation may look at, and nothing else: memorandum, state, act, moment.

use jiff::{Timestamp, civil::Date};

use super::item::Item;
use crate::{
    act::{Act, Moment, Side},
    case::{Request, RunningClock, State},
    memorandum::{ActLine, Behaviour, Memorandum, Organ, Party},
    value::Value,
};

/// What a derivation sees.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// The agreement.
    pub memorandum: &'a Memorandum,
    /// What earlier acts left behind.
    pub state: &'a State,
    /// The act or the deed at home.
    pub act: &'a Act,
    /// Its line in Annex 3, if it is an act that the memorandum knows.
    pub line: Option<&'a ActLine>,
    /// When and where it is judged.
    pub moment: &'a Moment,
    /// The fact, question or described thing that is judged by itself.
    pub item: Option<Item<'a>>,
}

impl<'a> View<'a> {
    /// The text of a filled slot.
    pub(super) fn text(&self, slot: &str) -> Option<&'a str> {
        self.act.text(slot)
    }

    /// The texts of a filled list slot.
    pub(super) fn texts(&self, slot: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        self.act.items(slot).iter().filter_map(Value::as_text)
    }

    /// Whether a slot is filled (article 7.1).
    pub(super) fn has(&self, slot: &str) -> bool {
        self.act.filled(slot).is_some()
    }

    /// Whether the act does this.
    pub(super) fn does(&self, behaviour: Behaviour) -> bool {
        self.line.is_some_and(|line| line.behaviour == behaviour)
    }

    /// The organ it comes from.
    pub(super) fn sender(&self) -> Option<&'a Organ> {
        self.memorandum.organs.get(&self.act.from)
    }

    /// The organ it is addressed to.
    pub(super) fn recipient(&self) -> Option<&'a Organ> {
        self.memorandum.organs.get(self.act.to.as_deref()?)
    }

    /// The Party it comes from.
    pub(super) fn sending_party(&self) -> Option<&'a Party> {
        self.memorandum.parties.get(&self.sender()?.party)
    }

    /// The Party it is addressed to.
    pub(super) fn receiving_party(&self) -> Option<&'a Party> {
        self.memorandum.parties.get(&self.recipient()?.party)
    }

    /// The calendar day of the moment in the legal time of a Party (article 11.3).
    pub(super) fn today(&self, party: &Party) -> Option<Date> {
        let zoned = self.moment.at.in_tz(&party.time_zone).ok()?;
        Some(zoned.date())
    }

    /// Whether the recipient's node judges.
    pub(super) fn at_recipient(&self) -> bool {
        self.moment.side == Side::Recipient
    }

    /// When the act was sent, as far as this node knows; otherwise the moment of judgement.
    pub(super) fn sent_at(&self) -> Timestamp {
        if !self.at_recipient() {
            return self.moment.at;
        }
        let known = || {
            self.state
                .sent
                .get(self.text("reference").unwrap_or_default())
                .copied()
        };
        self.moment
            .released_at
            .or_else(known)
            .unwrap_or(self.moment.at)
    }

    /// The instant whose version judges the act (article 6.3).
    pub(super) fn version_at(&self) -> Timestamp {
        let sent = self.sent_at();
        if self.moment.at.duration_since(sent) <= self.memorandum.version_grace() {
            sent
        } else {
            self.moment.at
        }
    }

    /// The reference of the act that opened the thread this act answers in.
    pub(super) fn opener(&self) -> Option<&'a str> {
        let answered = self.text("in_reply_to")?;
        Some(
            self.state
                .thread
                .get(answered)
                .map_or(answered, String::as_str),
        )
    }

    /// The request this act belongs to.
    pub(super) fn request(&self) -> Option<&'a Request> {
        self.state.requests.get(self.opener()?)
    }

    /// The clock that runs for the answer to the request.
    pub(super) fn request_clock(&self) -> Option<&'a RunningClock> {
        self.state.clocks.get(self.request()?.clock?)
    }
}
