//! What happens on a link, in the order in which both nodes fold it.
//!
//! An [`Event`] is an act (released, then received), something that a person or an authority does at home, or a clock that
//! ran out. Acts are the same on both nodes, with the same instants; what happens at home is known to one node only and never
//! moves a clock that the other node counts as well.

use std::{cmp::Ordering, collections::BTreeSet};

use jiff::Timestamp;

use super::word::slot;
use crate::{
    act::{Act, Side},
    judgement::Reason,
    memorandum::{Behaviour, Memorandum, Quota},
    value::Slots,
};

/// Something that changes a [`super::State`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// An act.
    Act(Received),
    /// Something that happened at home.
    Home(Home),
    /// A clock ran out.
    Expired(Expired),
}

/// An act that left, and its receipt once there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// The message id; it orders acts received at the same instant, alike on both nodes.
    pub message: String,
    /// The act.
    pub act: Act,
    /// When it was released.
    pub released_at: Timestamp,
    /// When it was received; none while its receipt is awaited. Until then its effects are provisional and known to the
    /// sender only: it starts no clock of the recipient, and suspends none (11.1, 12.2).
    pub received_at: Option<Timestamp>,
    /// Whose node this is.
    pub side: Side,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of an act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Permitted, and filed.
    Filed,
    /// Filed, and a clarification is owed (24.2).
    Clarify,
    /// Refused on receipt: it leaves nothing behind, save who must be told.
    Refused(Reason),
}

/// Something that happened at home.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home {
    /// Identifier of the event, unique in this node.
    pub id: String,
    /// What happened.
    pub happening: Happening,
    /// When.
    pub at: Timestamp,
    /// Who did it, or the sender of the act it concerns.
    pub from: Option<String>,
    /// The recipient of the act it concerns.
    pub to: Option<String>,
    /// Its particulars, by slot: `case`, `reference`, `facts_concerned`, `body`, `reference_period` …
    pub slots: Slots,
}

/// What can happen at home, and change a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Happening {
    /// An officer and a deputy were named for an act (5.3).
    Assigned,
    /// A case was handed over, signed by both officers (5.3).
    HandedOver,
    /// A case was closed with its outcome.
    CaseClosed,
    /// The need to retain was reviewed (25.3).
    Reviewed,
    /// A precondition was certified (28.1).
    Certified,
    /// A precondition ceased to be met (28.3).
    PreconditionChanged,
    /// A request is withdrawn for another cause (28.3).
    WithdrawalDecided,
    /// A statistical period ended (29.5).
    PeriodEnded,
    /// A line was written to the log (30.3).
    Logged,
    /// A person exercised a right (32.1).
    PersonAsked,
    /// The person was answered (32.2).
    PersonAnswered,
    /// A breach was found (33.1).
    BreachFound,
    /// A body met (34.1).
    MeetingHeld,
    /// A blind check matched (16.4).
    MatchFound,
    /// Both officers confirmed a match (16.4).
    MatchConfirmed,
    /// A mark was lifted by who may lift it (24.4).
    MarkLifted,
    /// A fact was locked for a defence or for oversight (26.3).
    Locked,
    /// The second officer agreed after the sending (21.2).
    SecondAgreed,
    /// The copy to the contact points was withheld, with reasons (5.2).
    CopyWithheld,
    /// A fact was read, searched, used or exported: judged, without effect on the state.
    Used,
}

/// The words of [`Happening`] in worked cases.
const HAPPENINGS: [(&str, Happening); 23] = [
    ("assigned", Happening::Assigned),
    ("handover", Happening::HandedOver),
    ("case_closed", Happening::CaseClosed),
    ("reviewed", Happening::Reviewed),
    ("certified", Happening::Certified),
    ("precondition_changed", Happening::PreconditionChanged),
    ("withdrawal_decided", Happening::WithdrawalDecided),
    ("period_end", Happening::PeriodEnded),
    ("logged", Happening::Logged),
    ("person_asked", Happening::PersonAsked),
    ("person_answered", Happening::PersonAnswered),
    ("breach_found", Happening::BreachFound),
    ("meeting_held", Happening::MeetingHeld),
    ("match_found", Happening::MatchFound),
    ("match_confirmed", Happening::MatchConfirmed),
    ("mark_lifted", Happening::MarkLifted),
    ("locked", Happening::Locked),
    ("second_agreed", Happening::SecondAgreed),
    ("copy_withheld", Happening::CopyWithheld),
    ("read", Happening::Used),
    ("use", Happening::Used),
    ("export", Happening::Used),
    ("search_in_quarantine", Happening::Used),
];

impl Happening {
    /// The happening that a worked case names so.
    pub fn named(word: &str) -> Option<Self> {
        let found = HAPPENINGS.iter().find(|(name, _)| *name == word);
        found.map(|(_, happening)| *happening)
    }
}

/// A clock that ran out, named so that it can run out only once.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Expired {
    /// When it was due.
    pub due: Timestamp,
    /// The clock of Annex 4.
    pub clock: String,
    /// The reference of the act that started it; empty for an event at home.
    pub of: String,
    /// The Party that owed.
    pub debtor: String,
}

impl Event {
    /// The instant at which it counts: receipt, or release while the receipt is awaited.
    pub fn at(&self) -> Timestamp {
        match self {
            Event::Act(received) => received.received_at.unwrap_or(received.released_at),
            Event::Home(home) => home.at,
            Event::Expired(expired) => expired.due,
        }
    }

    /// The order in which events are folded: by instant; at one instant acts before what happens at home before clocks that
    /// run out, since 24:00 still belongs to the day that ends (11.3); then by message id.
    pub fn order(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }

    fn key(&self) -> (Timestamp, u8, &str, &str) {
        match self {
            Event::Act(received) => (self.at(), 0, &received.message, ""),
            Event::Home(home) => (self.at(), 1, &home.id, ""),
            Event::Expired(expired) => (self.at(), 2, &expired.of, &expired.clock),
        }
    }
}

/// What a store must load to fold the state that an act is judged against.
///
/// Fetch every *standing* act of the link, every act of these cases, and every act of these references; then the cases of
/// what was fetched, until nothing new is found. For each quota, the instants of the acts it counts within its window are
/// enough.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Touched {
    /// Cases.
    pub cases: BTreeSet<String>,
    /// References of acts.
    pub references: BTreeSet<String>,
    /// Quotas that count acts of this kind: (quota, key).
    pub counted: Vec<(String, String)>,
    /// Whether the act itself stands: later acts of every case are judged against it.
    pub standing: bool,
}

/// Whether acts of this behaviour stand, so that every later judgement needs them, whatever its case: suspensions, stops,
/// disputes, versions, raised quotas, the end, tables already released. All other acts belong to their case.
pub fn stands(behaviour: Behaviour) -> bool {
    use Behaviour::{
        Amends, AmendsJointly, Disputes, RaisesQuota, Releases, Resumes, Settles, Stops, Suspends,
        Tabulates, Terminates,
    };
    matches!(
        behaviour,
        Suspends
            | Resumes
            | Stops
            | Releases
            | Disputes
            | Settles
            | Amends
            | AmendsJointly
            | RaisesQuota
            | Terminates
            | Tabulates
    )
}

/// Whether an act of this behaviour is kept when its case is erased: what stands, and who was allowed what. To lose it would lift a
/// stop, or revive a consent that was revoked.
pub fn outlasts_erasure(behaviour: Behaviour) -> bool {
    stands(behaviour) || matches!(behaviour, Behaviour::Consents | Behaviour::Revokes)
}

/// What an act touches: the cases and references whose acts the judgement needs.
pub fn touches(memorandum: &Memorandum, act: &Act) -> Touched {
    let texts = |slots: &[&str]| -> BTreeSet<String> {
        let found = slots.iter().filter_map(|slot| act.text(slot));
        found.map(str::to_owned).collect()
    };
    let mut cases = texts(&[slot::CASE]);
    let mut references = texts(&[slot::REFERENCE, slot::IN_REPLY_TO, slot::ACT_REFERENCE]);
    match act.text(slot::STOP_SCOPE).and_then(|s| s.split_once(':')) {
        Some(("case", case)) => drop(cases.insert(case.to_owned())),
        Some(("act", reference)) => drop(references.insert(reference.to_owned())),
        _ => {}
    }
    let quotas = memorandum.quotas.iter();
    let counted = quotas.filter(|quota| quota.act == act.kind);
    Touched {
        cases,
        references,
        counted: counted
            .map(|quota| (quota.id.clone(), quota_key(memorandum, quota, act)))
            .collect(),
        standing: memorandum
            .acts
            .get(&act.kind)
            .is_some_and(|line| stands(line.behaviour)),
    }
}

/// For whom a quota counts an act: the officer, the case, the organ or the Party that checks (16.3).
pub fn quota_key(memorandum: &Memorandum, quota: &Quota, act: &Act) -> String {
    match quota.per.as_str() {
        "officer" => act
            .text(slot::OFFICER)
            .or(act.text(slot::AUTHOR))
            .unwrap_or_default()
            .to_owned(),
        "case" => act.text(slot::CASE).unwrap_or_default().to_owned(),
        "organ" => act.from.clone(),
        _ => memorandum
            .party_of(&act.from)
            .map(|party| party.id.clone())
            .unwrap_or_default(),
    }
}
