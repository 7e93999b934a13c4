//! Which version of a memorandum is in force at an instant, and where the whole stands: active, suspended, ended.
//!
//! New files that all Parties sign are a new version, with the digest of its listing. An act that amends the list of offences
//! needs no new files: it is folded from the ledger like any act, and the list in force follows from it.

use jiff::{SignedDuration, Timestamp};

use super::{Behaviour, Memorandum, Offence, OffenceSide, OnExpiry, Table};
use crate::{
    case::{State, VersionChange},
    clock::{Period, day_starts_utc},
    digest::Digest,
};

/// A version that a node holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Its digest: what records and receipts name.
    pub digest: Digest,
    /// Its number.
    pub id: String,
    /// In force from this instant.
    pub from: Timestamp,
}

/// The versions of one memorandum that a node holds, in the order in which they took effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Versions {
    held: Vec<Held>,
    /// How long after its release an act is judged by the version of its release, as the latest version says.
    grace: SignedDuration,
}

impl Versions {
    /// The versions that these signed memoranda are, each with the digest of its files.
    pub fn new<'m>(signed: impl IntoIterator<Item = (Digest, &'m Memorandum)>) -> Self {
        let (mut held, mut latest) = (Vec::new(), (Timestamp::MIN, SignedDuration::ZERO));
        for (digest, memorandum) in signed {
            let from = memorandum.takes_effect_at();
            held.push(Held {
                digest,
                id: memorandum.head.version.clone(),
                from,
            });
            latest = latest.max((from, memorandum.version_grace()));
        }
        held.sort_by_key(|held| held.from);
        Self {
            held,
            grace: latest.1,
        }
    }

    /// The version in force at an instant; `None` before the first.
    pub fn in_force(&self, at: Timestamp) -> Option<&Held> {
        self.held.iter().rev().find(|held| held.from <= at)
    }

    /// The version by which an act is judged: that of its release if it is received soon enough, else that of its receipt.
    ///
    /// Source: article 6.3.
    pub fn judging(&self, released_at: Timestamp, received_at: Timestamp) -> Option<&Held> {
        let soon = received_at.duration_since(released_at) <= self.grace;
        self.in_force(if soon { released_at } else { received_at })
    }
}

/// What an amendment of the list changes: `offence.party.field = value` (Annex 2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The offence.
    pub offence: String,
    /// The Party whose law it is.
    pub party: String,
    /// What it becomes.
    pub becomes: Becomes,
}

/// The member of an offence's side that changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Becomes {
    /// `max_years`.
    MaxYears(i64),
    /// `death`.
    Death(bool),
}

/// A change that is none of `offence.party.max_years = <years>`, `offence.party.death = <true or false>`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no change: write `offence.party.max_years = 12` or `offence.party.death = true`")]
pub struct BadChange(String);

impl std::str::FromStr for Change {
    type Err = BadChange;

    fn from_str(text: &str) -> Result<Self, BadChange> {
        let read = || {
            let (path, value) = text.split_once(" = ")?;
            let [offence, party, field] = path.split('.').collect::<Vec<_>>()[..] else {
                return None;
            };
            let becomes = match field {
                "max_years" => Becomes::MaxYears(value.parse().ok()?),
                "death" => Becomes::Death(value.parse().ok()?),
                _ => return None,
            };
            Some(Self {
                offence: offence.to_owned(),
                party: party.to_owned(),
                becomes,
            })
        };
        read().ok_or_else(|| BadChange(text.to_owned()))
    }
}

impl Memorandum {
    /// When these files take effect: 0:00 UTC of the first day of their version (6.3).
    pub fn takes_effect_at(&self) -> Timestamp {
        let row = self.versions.get(&self.head.version);
        day_starts_utc(row.map_or(self.head.in_force_from, |row| row.in_force_from))
    }

    /// How long after its release an act is judged by the version of its release; zero: never (6.3).
    pub fn version_grace(&self) -> SignedDuration {
        match self.version_rule.as_ref().map(|rule| rule.received_within) {
            Some(Period::Elapsed(grace)) => grace,
            _ => SignedDuration::ZERO,
        }
    }

    /// The list of offences in force at an instant: as signed, with the amendments that have taken effect since (6.3, 6.4).
    ///
    /// A change that names no offence of the list, or cannot be read, changes nothing.
    pub fn offences_at(&self, versions: &[VersionChange], at: Timestamp) -> Table<Offence> {
        let mut offences = self.offences.clone();
        for change in self.changes_at(versions, at) {
            if let Some(offence) = offences.get_mut(&change.offence) {
                change.apply(offence);
            }
        }
        offences
    }

    /// One offence of the list in force at an instant; `None` if the list lacks it.
    pub fn offence_at(
        &self,
        id: &str,
        versions: &[VersionChange],
        at: Timestamp,
    ) -> Option<Offence> {
        let mut offence = self.offences.get(id)?.clone();
        self.changes_at(versions, at)
            .filter(|change| change.offence == id)
            .for_each(|change| change.apply(&mut offence));
        Some(offence)
    }

    /// The changes that have taken effect since these files were signed, in order.
    fn changes_at<'v>(
        &self,
        versions: &'v [VersionChange],
        at: Timestamp,
    ) -> impl Iterator<Item = Change> + use<'v> {
        let signed = self
            .versions
            .get(&self.head.version)
            .map(|row| row.in_force_from);
        let since = versions
            .iter()
            .filter(move |version| signed.is_none_or(|signed| version.from > signed));
        let begun = since.filter(move |version| day_starts_utc(version.from) <= at);
        begun
            .flat_map(|version| &version.changes)
            .filter_map(|change| change.parse().ok())
    }
}

impl Change {
    fn apply(&self, offence: &mut Offence) {
        let side = offence
            .sides
            .entry(self.party.clone())
            .or_insert(OffenceSide {
                max_years: 0,
                death: false,
            });
        match self.becomes {
            Becomes::MaxYears(years) => side.max_years = years,
            Becomes::Death(death) => side.death = death,
        }
    }
}

/// Where the whole stands (Annex 0, `state`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Everything applies.
    Active,
    /// Some chapters are suspended.
    PartlySuspended,
    /// Every chapter that can be suspended is.
    Suspended,
    /// Notice runs until the instant given; everything applies.
    Terminating(Timestamp),
    /// Only what winds up is admitted.
    Terminated,
}

impl Standing {
    /// Where the memorandum stands at an instant. An end comes before a suspension.
    pub fn at(memorandum: &Memorandum, state: &State, at: Timestamp) -> Self {
        if state.ends_at.is_some_and(|ends_at| ends_at <= at) {
            return Self::Terminated;
        }
        if let Some(ends_at) = notice_until(memorandum, state) {
            return Self::Terminating(ends_at);
        }
        let mut suspendable = memorandum
            .chapters
            .iter()
            .filter(|chapter| chapter.suspendable);
        match state.suspended.is_empty() {
            true => Self::Active,
            false if suspendable.all(|chapter| state.suspended.contains(&chapter.id)) => {
                Self::Suspended
            }
            false => Self::PartlySuspended,
        }
    }

    /// Every identifier that [`Standing::id`] gives.
    pub const IDS: [&str; 5] = [
        "active",
        "partly_suspended",
        "suspended",
        "terminating",
        "terminated",
    ];

    /// Its identifier in Annex 0.
    pub fn id(self) -> &'static str {
        let [active, partly, suspended, terminating, terminated] = Self::IDS;
        match self {
            Self::Active => active,
            Self::PartlySuspended => partly,
            Self::Suspended => suspended,
            Self::Terminating(_) => terminating,
            Self::Terminated => terminated,
        }
    }
}

/// When the notice of termination that runs will end.
fn notice_until(memorandum: &Memorandum, state: &State) -> Option<Timestamp> {
    let terminates = |act: &str| {
        let kind = &state.known.get(act)?.kind;
        memorandum
            .acts
            .get(kind)
            .filter(|line| line.behaviour == Behaviour::Terminates)
    };
    let takes_effect = |clock: &str| {
        memorandum
            .clocks
            .get(clock)
            .is_some_and(|clock| clock.on_expiry == OnExpiry::TakeEffect)
    };
    let mut running = state
        .clocks
        .iter()
        .filter(|clock| clock.ended.is_none() && takes_effect(&clock.clock));
    running
        .find(|clock| terminates(&clock.of).is_some())
        .map(|clock| clock.due)
}

#[cfg(test)]
mod tests {
    use jiff::civil::{Date, date};

    use super::*;
    use crate::{
        case::{KnownAct, RunningClock},
        memorandum::{shipped, shipped_files, signature::Listing},
    };

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn amendment(id: &str, from: Date, changes: &[&str]) -> VersionChange {
        VersionChange {
            id: id.to_owned(),
            from,
            changes: changes.iter().map(|change| (*change).to_owned()).collect(),
        }
    }

    /// The shipped memorandum, and the same with a later version.
    fn two_versions() -> Versions {
        let first = shipped();
        let mut second = first.clone();
        let mut row = first.versions.get("2016-1").unwrap().clone();
        (row.id, row.in_force_from) = ("2016-2".to_owned(), date(2016, 6, 8));
        second.head.version = row.id.clone();
        second.versions.push(row).unwrap();
        Versions::new([
            (Digest::of(b"second"), &second),
            (Listing::of(&shipped_files()).digest(), &first),
        ])
    }

    fn offence() -> String {
        shipped().offences.iter().next().unwrap().id.clone()
    }

    #[test]
    fn an_act_received_soon_is_judged_by_the_version_of_its_release() {
        let versions = two_versions();
        let judging = |released: &str, received: &str| {
            versions
                .judging(at(released), at(received))
                .unwrap()
                .id
                .clone()
        };
        assert_eq!(
            judging("2016-06-07T23:00:00Z", "2016-06-08T22:59:59Z"),
            "2016-1"
        );
        assert_eq!(
            judging("2016-06-07T23:00:00Z", "2016-06-08T23:00:00Z"),
            "2016-1"
        );
        assert_eq!(
            judging("2016-06-07T23:00:00Z", "2016-06-08T23:00:01Z"),
            "2016-2"
        );
        assert_eq!(
            judging("2016-06-08T00:00:00Z", "2016-06-08T00:00:01Z"),
            "2016-2"
        );
        assert!(versions.in_force(at("2016-04-21T23:59:59Z")).is_none());
    }

    #[test]
    fn an_amendment_takes_effect_at_midnight_and_not_before() {
        let (memorandum, id) = (shipped(), offence());
        let versions = [amendment(
            "2016-2",
            date(2016, 6, 8),
            &[
                &format!("{id}.be.max_years = 7"),
                &format!("{id}.be.death = true"),
            ],
        )];
        let side = |instant: &str| {
            memorandum
                .offence_at(&id, &versions, at(instant))
                .unwrap()
                .sides["be"]
                .clone()
        };
        assert_eq!(
            side("2016-06-07T23:59:59Z"),
            memorandum.offences.get(&id).unwrap().sides["be"]
        );
        assert_eq!(
            side("2016-06-08T00:00:00Z"),
            OffenceSide {
                max_years: 7,
                death: true
            }
        );
        let list = memorandum.offences_at(&versions, at("2016-06-08T00:00:00Z"));
        assert_eq!(list.get(&id).unwrap().sides["be"].max_years, 7);
        assert_eq!(list.len(), memorandum.offences.len());
    }

    #[test]
    fn what_the_signed_files_already_state_is_not_changed_by_an_older_amendment() {
        let (memorandum, id) = (shipped(), offence());
        let versions = [amendment(
            "2016-0",
            date(2016, 4, 22),
            &[&format!("{id}.be.max_years = 7")],
        )];
        let now = at("2016-06-08T00:00:00Z");
        assert_eq!(
            memorandum.offence_at(&id, &versions, now).unwrap().sides,
            memorandum.offences.get(&id).unwrap().sides
        );
    }

    #[test]
    fn a_change_is_read_or_named() {
        let change: Change = "x.be.death = true".parse().unwrap();
        assert_eq!(change.becomes, Becomes::Death(true));
        for bad in [
            "x.be.death = yes",
            "x.be.max_years = ten",
            "x.be.area = y",
            "x.be = 3",
            "x.be.death=true",
            "",
        ] {
            assert!(bad.parse::<Change>().is_err(), "{bad}");
        }
    }

    #[test]
    fn the_whole_stands_where_the_notices_have_brought_it() {
        let memorandum = shipped();
        let now = at("2016-06-08T00:00:00Z");
        let mut state = State::new(&memorandum);
        assert_eq!(Standing::at(&memorandum, &state, now), Standing::Active);
        let suspendable: Vec<&str> = memorandum
            .chapters
            .iter()
            .filter(|chapter| chapter.suspendable)
            .map(|chapter| chapter.id.as_str())
            .collect();
        state.suspended.insert(suspendable[0].to_owned());
        assert_eq!(
            Standing::at(&memorandum, &state, now),
            Standing::PartlySuspended
        );
        state
            .suspended
            .extend(suspendable.iter().map(|id| (*id).to_owned()));
        assert_eq!(Standing::at(&memorandum, &state, now), Standing::Suspended);
        let notice = memorandum
            .acts
            .iter()
            .find(|act| act.behaviour == Behaviour::Terminates)
            .unwrap();
        let clock = memorandum
            .clocks
            .iter()
            .find(|clock| clock.of.as_ref().is_some_and(|of| of.has(&notice.id)))
            .unwrap();
        let known = KnownAct {
            kind: notice.id.clone(),
            from: String::new(),
            to: None,
            case: None,
            parts: [].into(),
        };
        state.known.insert("R/1".to_owned(), known);
        let due = at("2016-12-08T00:00:00Z");
        state.clocks.push(RunningClock {
            clock: clock.id.clone(),
            of: "R/1".to_owned(),
            due,
            ..RunningClock::default()
        });
        assert_eq!(
            Standing::at(&memorandum, &state, now),
            Standing::Terminating(due)
        );
        state.ends_at = Some(due);
        assert_eq!(Standing::at(&memorandum, &state, due), Standing::Terminated);
        for standing in [
            Standing::Active,
            Standing::PartlySuspended,
            Standing::Suspended,
            Standing::Terminating(due),
            Standing::Terminated,
        ] {
            assert!(memorandum.states.has(standing.id()));
        }
    }
}
