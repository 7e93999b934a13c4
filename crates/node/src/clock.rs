//! The clock of a node: the system's, or one that is driven by hand (demonstrations and tests).

use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

/// Where a node reads the time.
#[derive(Debug)]
pub enum Clock {
    /// The clock of the system.
    System,
    /// A clock that stands until it is driven. A node on it is a demonstration and says so.
    Driven(Driven),
}

/// A clock that stands until it is driven.
#[derive(Debug)]
pub struct Driven(Mutex<Timestamp>);

/// A clock that cannot be driven, or not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotDriven {
    /// The node runs on the system's clock.
    #[error("this node runs on the clock of the system")]
    System,
    /// A driven clock goes forward only.
    #[error("the clock stands at {0} already")]
    Backward(Timestamp),
}

impl Clock {
    /// A clock that stands at `at`.
    pub fn driven(at: Timestamp) -> Self {
        Clock::Driven(Driven(Mutex::new(at)))
    }

    /// The instant it shows.
    pub fn now(&self) -> Timestamp {
        match self {
            Clock::System => Timestamp::now(),
            Clock::Driven(driven) => *driven.0.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }

    /// Drives it to `to`.
    ///
    /// Fails for the system's clock, and if it would go back.
    pub fn drive(&self, to: Timestamp) -> Result<(), NotDriven> {
        let Clock::Driven(driven) = self else {
            return Err(NotDriven::System);
        };
        let mut at = driven.0.lock().unwrap_or_else(PoisonError::into_inner);
        if to < *at {
            return Err(NotDriven::Backward(*at));
        }
        *at = to;
        Ok(())
    }

    /// Whether it is driven: the node is then a demonstration.
    pub fn is_driven(&self) -> bool {
        matches!(self, Clock::Driven(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_driven_clock_stands_and_goes_forward_only() {
        let start: Timestamp = "2026-03-01T10:00:00Z".parse().unwrap();
        let later: Timestamp = "2026-03-01T18:00:00Z".parse().unwrap();
        let clock = Clock::driven(start);
        assert_eq!(clock.now(), start);
        clock.drive(later).unwrap();
        assert_eq!(clock.now(), later);
        assert_eq!(clock.drive(start), Err(NotDriven::Backward(later)));
        assert_eq!(Clock::System.drive(later), Err(NotDriven::System));
    }
}
