//! What a judgement rests on: the rows that concern an act, and their trail as one number.

use entente_cooperation::{
    case::{self, Event, Touched},
    outgoing::Basis,
};
use entente_ledger::sha256;
use entente_store::{self as store, Bytes32, Concern, StoreError, Wanted};
use jiff::{SignedDuration, Timestamp};

use super::Shelf;

/// Quotas look back at most so far (Annex 9 knows hours and days).
const QUOTA_REACH: SignedDuration = SignedDuration::from_hours(24 * 400);

/// The rows and pending events that concern an act.
pub(super) struct Ground {
    pub(super) concern: Concern,
    pub(super) uses: Vec<((String, String), Vec<Timestamp>)>,
    pub(super) pending: Vec<Event>,
}

impl Ground {
    pub(super) fn read(
        shelf: &Shelf<'_>,
        touched: &Touched,
        pending: &[Event],
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let since = now.checked_sub(QUOTA_REACH).unwrap_or(Timestamp::MIN);
        let mut uses = Vec::new();
        for (quota, counted_for) in &touched.counted {
            let found = shelf
                .store
                .quota_uses(shelf.link.id, quota, counted_for, since)?;
            uses.push(((quota.clone(), counted_for.clone()), found));
        }
        let related = |event: &&Event| match event {
            Event::Act(received) => concerns(
                touched,
                &case::touches(&shelf.agreement.memorandum, &received.act),
            ),
            Event::Home(_) | Event::Expired(_) => true,
        };
        Ok(Self {
            concern: shelf.store.concern(shelf.link.id, &wanted(touched))?,
            uses,
            pending: pending.iter().filter(related).cloned().collect(),
        })
    }

    pub(super) fn basis(&self, shelf: &Shelf<'_>) -> Basis {
        let mut trail = Trail::of(&self.concern);
        for (_, uses) in &self.uses {
            trail.count(uses.len());
        }
        for event in &self.pending {
            trail.event(event);
        }
        Basis {
            memorandum: shelf.agreement.digest,
            events: trail.number(),
        }
    }
}

/// Whether an act that touches this is judged against an act that touches the other.
fn concerns(touched: &Touched, other: &Touched) -> bool {
    other.standing
        || !touched.cases.is_disjoint(&other.cases)
        || !touched.references.is_disjoint(&other.references)
        || touched
            .counted
            .iter()
            .any(|counted| other.counted.contains(counted))
}

/// What a state was folded from, as one number: two equal trails have the same acts with the same receipts.
struct Trail(Vec<u8>);

impl Trail {
    fn of(concern: &Concern) -> Self {
        let mut trail = Self(Vec::new());
        for line in &concern.sent {
            trail.act(&line.message, line.received_at, line.outcome);
        }
        for line in &concern.received {
            trail.act(&line.message, Some(line.received_at), Some(line.outcome));
        }
        for line in &concern.home {
            trail.0.extend_from_slice(line.id.as_bytes());
            trail.0.push(0);
        }
        trail
    }

    fn act(
        &mut self,
        message: &Bytes32,
        received_at: Option<Timestamp>,
        outcome: Option<store::Outcome>,
    ) {
        self.0.extend_from_slice(message);
        let at = received_at.map_or(i128::MIN, Timestamp::as_nanosecond);
        self.0.extend_from_slice(&at.to_be_bytes());
        self.0
            .extend_from_slice(outcome.map_or("", store::Outcome::word).as_bytes());
        self.0.push(0);
    }

    fn event(&mut self, event: &Event) {
        self.0
            .extend_from_slice(format!("{:?}", event.at()).as_bytes());
        if let Event::Act(received) = event {
            self.0.extend_from_slice(received.message.as_bytes());
        }
        self.0.push(0);
    }

    fn count(&mut self, uses: usize) {
        self.0.extend_from_slice(&uses.to_be_bytes());
    }

    fn number(&self) -> u64 {
        let digest = sha256(&self.0);
        let (head, _) = digest.split_at(8);
        head.iter()
            .fold(0, |number, byte| number << 8 | u64::from(*byte))
    }
}

pub(super) fn wanted(touched: &Touched) -> Wanted {
    Wanted {
        cases: touched.cases.clone(),
        references: touched.references.clone(),
    }
}

/// What the desk wants for one case.
pub fn wanted_case(case_ref: &str) -> Wanted {
    Wanted {
        cases: [case_ref.to_owned()].into(),
        references: std::collections::BTreeSet::new(),
    }
}

/// What the desk wants for one reference.
pub fn wanted_reference(reference: &str) -> Wanted {
    Wanted {
        cases: std::collections::BTreeSet::new(),
        references: [reference.to_owned()].into(),
    }
}
