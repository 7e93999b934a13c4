//! What earlier acts leave behind, and what later acts are judged against.
//!
//! A [`State`] is the fold of the acts of a link in the order of their receipt. Both nodes fold the same acts with the same
//! receipts, so both hold the same clocks, whatever the order in which they learnt of them: when an earlier act comes to
//! light, the state is folded again from the beginning ([`State::fold`]). What the machine does when a clock runs out is part
//! of the fold, and needs no message.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, civil::Date};

use crate::{
    act::Act,
    value::{Slots, Value},
};

mod apply;
pub mod closing;
mod compare;
pub mod event;
mod expire;
mod fold;
mod hold;
mod home;
mod keep;
mod notice;
pub mod owner;
mod running;
mod skeleton;
mod standing;
mod start;
mod story;
mod thread;
pub mod word;
pub mod worked;

pub use event::{
    Event, Expired, Happening, Home, Outcome, Received, Touched, outlasts_erasure, stands, touches,
};
pub use expire::Due;
pub use fold::Step;
pub use running::{ClockEnd, Hold, RunningClock};
pub use skeleton::{read_skeleton, skeleton, write_skeleton};
pub use start::{CONDITIONS, facts_of};

/// What an act is judged against. A node loads what concerns one act: all that stands, and the cases it touches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// The Party whose node holds it; none where both nodes are looked at together, as in a worked case.
    pub own: Option<String>,
    /// The instant from which only winding-up acts are admitted (36.3), once notice has run.
    pub ends_at: Option<Timestamp>,
    /// Chapters suspended (35.3), by identifier.
    pub suspended: BTreeSet<String>,
    /// Whether the suspension names the alerts (35.4).
    pub alerts_suspended: bool,
    /// Stops in force (31.2): scope (`case:…`, `organ:…`, `chapter:…`, `act:…`) and the authority that ordered it.
    pub stops: BTreeSet<(String, String)>,
    /// Disputes that stand, by the reference of their notice.
    pub disputes: BTreeMap<String, Dispute>,
    /// Versions, oldest first: identifier, first day in force (0:00 UTC), changes to the list of offences.
    pub versions: Vec<VersionChange>,
    /// Quotas raised (16.3): new limit, until.
    pub raised: BTreeMap<String, (i64, Timestamp)>,
    /// Tables released: (table, period, nationals) → the cells of each release.
    pub releases: BTreeMap<(String, String, String), Vec<Vec<Value>>>,
    /// Acts received, by reference, as first received (7.4).
    pub seen: BTreeMap<String, Act>,
    /// The instant each act was released, by reference.
    pub sent: BTreeMap<String, Timestamp>,
    /// The reference of the act that opened the thread a reference belongs to.
    pub thread: BTreeMap<String, String>,
    /// Open and closed requests, by reference.
    pub requests: BTreeMap<String, Request>,
    /// References of replies that confirm an identity.
    pub confirmed: BTreeSet<String>,
    /// Consents, by the reference of the decision.
    pub consents: BTreeMap<String, Consent>,
    /// Organs that took part in a case.
    pub case_organs: BTreeMap<String, BTreeSet<String>>,
    /// Facts held or given, by case and id.
    pub facts: BTreeMap<(String, String), HeldFact>,
    /// Acts first made through another channel: reference → when (7.5).
    pub registered: BTreeMap<String, Timestamp>,
    /// Every clock that was started, in order.
    pub clocks: Vec<RunningClock>,
    /// Acts of each kind counted by a quota: (quota, key) → instants, oldest first (16.3).
    pub counted: BTreeMap<(String, String), Vec<Timestamp>>,
    /// Who sent which act to whom, by reference, released ones included.
    pub known: BTreeMap<String, KnownAct>,
}

/// What every later act may need to know of an earlier one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownAct {
    /// Annex 3.
    pub kind: String,
    /// The organ it came from.
    pub from: String,
    /// The organ it was addressed to.
    pub to: Option<String>,
    /// Its case.
    pub case: Option<String>,
    /// The facts it names: those it gives, those it is about, the questions it puts.
    pub parts: BTreeSet<String>,
}

/// A dispute that stands (35.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispute {
    /// The case it concerns.
    pub case: Option<String>,
    /// The article it names.
    pub article: String,
    /// The contested act.
    pub act: Option<String>,
}

/// A version and what it changes in the list of offences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionChange {
    /// Its number.
    pub id: String,
    /// First day in force, 0:00 UTC.
    pub from: Date,
    /// `offence.party.field = value`.
    pub changes: Vec<String>,
}

/// A request that is owed an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Its case.
    pub case: String,
    /// The instant its clock counts from: the receipt, or the registered call (7.5).
    pub received_at: Timestamp,
    /// Who asked and who was asked.
    pub from: String,
    /// The organ asked.
    pub to: String,
    /// Whether its one extension was used (10.3).
    pub extended: bool,
    /// Requests for clarification so far (12.3).
    pub clarifications: u32,
    /// Identifiers of its questions not yet answered or refused; its own reference where it has no questions.
    pub open_parts: BTreeSet<String>,
    /// Index into [`State::clocks`] of the clock that runs for its answer.
    pub clock: Option<usize>,
}

/// A consent given (20.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    /// The facts it covers.
    pub facts: BTreeSet<String>,
    /// The third recipient; none = the requesting Party's own other use (17.2).
    pub to: Option<String>,
    /// The purpose.
    pub purpose: String,
    /// The case.
    pub case: String,
    /// The instant at which it ends.
    pub until: Timestamp,
}

/// A fact that a Party holds from the other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeldFact {
    /// The purpose it was given for.
    pub purpose: Option<String>,
    /// Its handling codes, added ones included.
    pub codes: BTreeSet<String>,
    /// Its restrictions.
    pub restriction: BTreeSet<String>,
    /// The values of its restrictions, the strictest of each (18.2).
    pub values: Slots,
    /// The Party that first provided it.
    pub originator: String,
    /// Marks on it.
    pub marks: BTreeSet<String>,
    /// The chapter under which it was given.
    pub chapter: String,
    /// Third recipients it was passed on to.
    pub holders: BTreeSet<String>,
}
