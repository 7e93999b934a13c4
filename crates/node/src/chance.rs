//! Chance: the system's, or drawn from a seed so that a test can be run again.
//!
//! Each use draws from a stream of its own. What a node draws at home therefore never moves what it draws for its partner,
//! not even in a test that compares two runs bit by bit.

use std::sync::atomic::{AtomicU64, Ordering};

use aws_lc_rs::rand;
use entente_ledger::{Salt, sha256};

/// What a draw is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Draw {
    /// The salt of an entry that both sides see.
    Ledger,
    /// The salt of a line of the journal.
    Journal,
    /// The id of an act.
    Act,
    /// How long to wait before the next attempt.
    Wait,
}

/// Where a node draws.
#[derive(Debug)]
pub enum Chance {
    /// The system's source of randomness.
    System,
    /// A seed. Never in service.
    Seeded(Seeded),
}

/// A seed, and how often each stream was drawn from.
#[derive(Debug)]
pub struct Seeded {
    seed: u64,
    drawn: [AtomicU64; 4],
}

impl Chance {
    /// Chance from a seed.
    pub fn seeded(seed: u64) -> Self {
        Chance::Seeded(Seeded {
            seed,
            drawn: Default::default(),
        })
    }

    /// 32 bytes.
    ///
    /// # Panics
    /// Only if the system gives no randomness.
    pub fn bytes(&self, draw: Draw) -> [u8; 32] {
        match self {
            Chance::System => {
                let mut bytes = [0; 32];
                rand::fill(&mut bytes).expect("the system gives randomness");
                bytes
            }
            Chance::Seeded(seeded) => seeded.bytes(draw),
        }
    }

    /// A salt.
    pub fn salt(&self, draw: Draw) -> Salt {
        Salt::new(self.bytes(draw))
    }

    /// 16 bytes: the id of an act.
    pub fn act_id(&self) -> [u8; 16] {
        let mut id = [0; 16];
        id.copy_from_slice(&self.bytes(Draw::Act)[..16]);
        id
    }

    /// A number from 0 up to and without 1000.
    pub fn per_mille(&self, draw: Draw) -> u16 {
        let bytes = self.bytes(draw);
        let number = u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]) % 1000;
        u16::try_from(number).unwrap_or(0)
    }
}

impl Seeded {
    fn bytes(&self, draw: Draw) -> [u8; 32] {
        let count = self.drawn[draw as usize].fetch_add(1, Ordering::Relaxed);
        let mut text = self.seed.to_be_bytes().to_vec();
        text.push(draw as u8);
        text.extend_from_slice(&count.to_be_bytes());
        sha256(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_at_home_do_not_move_the_draws_of_the_ledger() {
        let (quiet, busy) = (Chance::seeded(7), Chance::seeded(7));
        for _ in 0..500 {
            busy.bytes(Draw::Journal);
        }
        assert_eq!(quiet.bytes(Draw::Ledger), busy.bytes(Draw::Ledger));
        assert_ne!(quiet.bytes(Draw::Ledger), quiet.bytes(Draw::Ledger));
        assert_ne!(
            Chance::seeded(8).bytes(Draw::Act),
            Chance::seeded(9).bytes(Draw::Act)
        );
    }
}
