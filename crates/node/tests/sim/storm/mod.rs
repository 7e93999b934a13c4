//! The storm: short lives of two nodes, a seed each, in which anything stops at any moment; after every step all must hold.
//!
//! One seed: `ENTENTE_SEED=7 cargo test -p entente --test sim storm -- --nocapture`. Many, from the first on:
//! `ENTENTE_SEEDS=10000 cargo test --release -p entente --test sim storm -- --nocapture`.

mod found;
mod holds;
mod steps;

use std::{
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{SystemTime, UNIX_EPOCH},
};

use entente_node::{agreement::Agreement, chance::Chance, chance::Draw};

use self::steps::Storm;
use crate::{
    traffic::{Weather, coverage::Coverage},
    world::shipped,
};

/// How many new seeds an ordinary run takes.
const NEW_SEEDS: u64 = if cfg!(debug_assertions) { 100 } else { 2000 };
/// So many seeds reach every row of the table, and stop there.
const SEEDS_THAT_COVER: u64 = 100;

/// The weather of a seed.
fn weather(seed: u64) -> Weather {
    let chance = Chance::seeded(seed ^ 0x77ea);
    let up_to = |most: u16| chance.per_mille(Draw::Wait) % (most + 1);
    // Clocks agree in most lives; else they lie apart by less than a minute, or by more than that.
    let skew_s = match up_to(9) {
        0 => i64::from(up_to(29)),
        1 => -i64::from(up_to(29)),
        2 => 3600 * i64::from(up_to(8)) - 4 * 3600,
        _ => 0,
    };
    Weather {
        lost: up_to(200),
        answer_lost: up_to(200),
        doubled: up_to(200),
        reordered: up_to(150),
        crash: 20 + up_to(60),
        cut: 30 + up_to(90),
        garbled: up_to(120),
        poll: up_to(500),
        skew_s,
    }
}

/// One life; what it reached.
fn life(agreement: &Arc<Agreement>, seed: u64) -> Coverage {
    let mut storm = Storm::new(agreement, seed, weather(seed));
    storm.run();
    storm.into_coverage()
}

/// So many lives, from a seed on, on all processors. The first that fails ends the run and says its seed.
fn lives(first: u64, count: u64) -> Coverage {
    let agreement = shipped();
    let (next, all) = (AtomicU64::new(first), Mutex::new(Coverage::default()));
    let work = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= first + count {
                return;
            }
            match catch_unwind(AssertUnwindSafe(|| life(&agreement, seed))) {
                Ok(reached) => all.lock().unwrap().add(&reached),
                Err(fault) => {
                    next.store(first + count, Ordering::Relaxed);
                    println!(
                        "storm: seed {seed} fails, number {} of this run; again with ENTENTE_SEED={seed}",
                        seed - first + 1
                    );
                    resume_unwind(fault);
                }
            }
        }
    };
    let workers = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        let begun: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        for worker in begun {
            worker.join().unwrap_or_else(|fault| resume_unwind(fault));
        }
    });
    all.into_inner().unwrap()
}

fn set(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

/// New seeds at every run, of which the first is printed; or the one, or as many from the first as the environment names.
#[test]
fn a_storm_loses_doubles_and_promises_nothing_that_does_not_stand() {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let (first, count) = match (set("ENTENTE_SEED"), set("ENTENTE_SEEDS")) {
        (Some(seed), count) => (seed, count.unwrap_or(1)),
        (None, Some(count)) => (1, count),
        (None, None) => (now.as_secs() * 1000, NEW_SEEDS),
    };
    println!("storm: seeds {first} to {}", first + count - 1);
    let coverage = lives(first, count);
    println!("{coverage}");
    let missing = coverage.missing();
    assert!(
        count < SEEDS_THAT_COVER || missing.is_empty(),
        "rows that were not reached, or where no node stopped: {missing:?}"
    );
}
