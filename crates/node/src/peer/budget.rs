//! What a partner may cost us: connections, parcels in flight, bytes; with a lane of its own for what protects people.
//!
//! A partner that floods the ordinary lane, by fault or on purpose, cannot keep its own alerts, recalls, stops and erasures
//! out, nor anybody else's acts: every budget belongs to one partner, and the reserved lane is counted apart.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::descriptors;

/// Which lane a parcel comes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// Everything.
    Ordinary,
    /// Parcels that carry only alerts, recalls, stops, erasures; at most [`RESERVED_MAX_BYTES`] long.
    Reserved,
}

/// A parcel on the reserved lane is at most so long.
pub const RESERVED_MAX_BYTES: usize = 2 * 1024 * 1024;

/// The limits of one partner, and of all that connect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connections at the same time.
    pub connections: usize,
    /// Connections of all partners and of whoever is not known yet, together.
    pub all_connections: usize,
    /// Bytes a minute on the ordinary lane.
    pub bytes_per_minute: u64,
    /// Bytes a minute on the reserved lane.
    pub reserved_bytes_per_minute: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 16,
            all_connections: descriptors::for_connections(),
            bytes_per_minute: 8 * 1024 * 1024 * 1024,
            reserved_bytes_per_minute: 64 * 1024 * 1024,
        }
    }
}

/// The budgets of all partners.
#[derive(Debug)]
pub struct Budgets {
    limits: Limits,
    partners: Mutex<BTreeMap<String, Arc<Budget>>>,
}

/// The budget of one partner.
#[derive(Debug)]
pub struct Budget {
    connections: Arc<Semaphore>,
    ordinary: LaneBudget,
    reserved: LaneBudget,
}

#[derive(Debug)]
struct LaneBudget {
    /// One parcel is in flight per direction and lane.
    flight: Arc<Semaphore>,
    bytes_per_minute: u64,
    minute: Mutex<(Option<Timestamp>, u64)>,
}

impl Budgets {
    /// Budgets within these limits.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            partners: Mutex::default(),
        }
    }

    /// The budget of a partner.
    pub fn of(&self, party: &str) -> Arc<Budget> {
        let mut partners = self.partners.lock().unwrap_or_else(PoisonError::into_inner);
        let made = || Arc::new(Budget::new(self.limits));
        Arc::clone(partners.entry(party.to_owned()).or_insert_with(made))
    }
}

impl Budget {
    fn new(limits: Limits) -> Self {
        Self {
            connections: Arc::new(Semaphore::new(limits.connections)),
            ordinary: LaneBudget::new(limits.bytes_per_minute),
            reserved: LaneBudget::new(limits.reserved_bytes_per_minute),
        }
    }

    /// A place for one more connection, if there is one; free again when it is dropped.
    pub fn connection(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.connections).try_acquire_owned().ok()
    }

    /// The flight of a parcel, if none is in flight on its lane; over when it is dropped.
    pub fn flight(&self, lane: Lane) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.lane(lane).flight).try_acquire_owned().ok()
    }

    /// Counts bytes that came at `now`; false once the lane has had its share of this minute.
    pub fn spend(&self, lane: Lane, bytes: usize, now: Timestamp) -> bool {
        self.lane(lane).spend(bytes as u64, now)
    }

    fn lane(&self, lane: Lane) -> &LaneBudget {
        match lane {
            Lane::Ordinary => &self.ordinary,
            Lane::Reserved => &self.reserved,
        }
    }
}

impl LaneBudget {
    fn new(bytes_per_minute: u64) -> Self {
        Self {
            flight: Arc::new(Semaphore::new(1)),
            bytes_per_minute,
            minute: Mutex::default(),
        }
    }

    fn spend(&self, bytes: u64, now: Timestamp) -> bool {
        let mut minute = self.minute.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, spent) = *minute;
        let fresh = since.is_none_or(|since| {
            now < since || now.duration_since(since) >= SignedDuration::from_mins(1)
        });
        let spent = bytes.saturating_add(if fresh { 0 } else { spent });
        *minute = (if fresh { Some(now) } else { since }, spent);
        spent <= self.bytes_per_minute
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_on_the_ordinary_lane_leaves_the_reserved_lane_open() {
        let limits = Limits {
            bytes_per_minute: 100,
            ..Limits::default()
        };
        let budgets = Budgets::new(limits);
        let budget = budgets.of("bb");
        let now: Timestamp = "2026-03-01T10:00:00Z".parse().unwrap();
        let flying = budget.flight(Lane::Ordinary);
        assert!(flying.is_some() && budget.flight(Lane::Ordinary).is_none());
        assert!(budget.spend(Lane::Ordinary, 100, now));
        assert!(!budget.spend(Lane::Ordinary, 1, now));
        assert!(budget.flight(Lane::Reserved).is_some());
        assert!(budget.spend(Lane::Reserved, 1_000, now));
        let later = now + SignedDuration::from_mins(1);
        assert!(budget.spend(Lane::Ordinary, 1, later));
        drop(flying);
        assert!(budget.flight(Lane::Ordinary).is_some());
        assert!(budgets.of("cc").flight(Lane::Ordinary).is_some());
    }
}
