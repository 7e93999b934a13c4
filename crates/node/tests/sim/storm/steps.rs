//! One life: some dozens of steps of two nodes, their officers and the network, then a calm in which all must come to rest.

use std::sync::Arc;

use entente_cooperation::draft::Draft;
use entente_node::{agreement::Agreement, fault::SendFault, flow::Leaving, rows::Sent};
use jiff::SignedDuration;

use crate::traffic::{Traffic, Weather, coverage::Coverage, officers::Wish};

/// An act that was judged and sealed, and waits for its entry.
struct Waiting {
    wish: Wish,
    draft: Draft,
    leaving: Leaving,
}

/// One life.
pub(super) struct Storm {
    pub(super) traffic: Traffic,
    /// What each side has sealed and not yet entered; lost if it stops.
    sealed: [Vec<Waiting>; 2],
    /// How often each side had started when that was sealed.
    starts: [u64; 2],
    /// So many steps the two do not reach each other.
    apart: u16,
}

impl Storm {
    pub(super) fn new(agreement: &Arc<Agreement>, seed: u64, weather: Weather) -> Self {
        Self {
            traffic: Traffic::under(agreement, seed, weather),
            sealed: Default::default(),
            starts: [1; 2],
            apart: 0,
        }
    }

    pub(super) fn into_coverage(self) -> Coverage {
        self.traffic.coverage
    }

    /// Some dozens of steps over some hours or days, then a calm.
    pub(super) fn run(&mut self) {
        let steps = 32 + self.traffic.roll(32);
        let most = match self.traffic.roll(3) {
            0 => SignedDuration::from_mins(4),
            1 => SignedDuration::from_mins(90),
            _ => SignedDuration::from_hours(12),
        };
        for _ in 0..steps {
            self.step();
            self.traffic.pass(most);
            self.check();
        }
        self.calm();
    }

    fn step(&mut self) {
        let side = usize::from(self.traffic.happens(500));
        match self.traffic.roll(18) {
            0..=3 => {
                if let Some(wish) = self.traffic.wish() {
                    self.traffic.send(&wish);
                }
            }
            4..=7 => self.together(),
            8..=15 if self.apart > 0 => self.apart -= 1,
            8..=14 => self.traffic.contact(side),
            15 => self.traffic.late_parcel(),
            16 => drop(self.traffic.crash_maybe(side)),
            _ => self.apart = self.traffic.roll(6),
        }
    }

    /// Officers send at the same time: their acts are judged and sealed, and before they have their entries much can happen.
    fn together(&mut self) {
        for _ in 0..=self.traffic.roll(3) {
            self.seal();
        }
        for _ in 0..self.traffic.roll(3) {
            let side = usize::from(self.traffic.happens(500));
            match self.traffic.roll(3) {
                0 => self.traffic.late_parcel(),
                _ if self.apart > 0 => {}
                _ => self.traffic.contact(side),
            }
        }
        self.enter(0);
        self.enter(1);
    }

    /// An officer's act is judged and sealed, and has no entry yet.
    fn seal(&mut self) {
        let Some(wish) = self.traffic.wish() else {
            return;
        };
        let draft = self.traffic.world.draft(&wish.text);
        let sealed = self.traffic.seals(wish.side, &draft);
        match sealed {
            Some(Ok(leaving)) => self.sealed[wish.side].push(Waiting {
                wish,
                draft,
                leaving,
            }),
            Some(Err(fault)) => self.traffic.told(&wish, Err(fault)),
            None => {}
        }
    }

    /// All that a side has sealed enters in one transaction.
    fn enter(&mut self, side: usize) {
        self.forget_what_was_lost();
        let all = std::mem::take(&mut self.sealed[side]);
        if all.is_empty() {
            return;
        }
        let stale = self.would_be_refused(side, &all[0]);
        let (mut told, mut leaving) = (Vec::new(), Vec::new());
        for one in all {
            told.push((one.wish, one.draft));
            leaving.push(one.leaving);
        }
        let entered = self.traffic.leaves(side, |node, link| {
            let mut turn = link.turn(&node.store)?;
            node.enter(link, &mut turn, leaving)
        });
        let Some(entered) = entered else {
            for (wish, draft) in &told {
                self.traffic.look_what_became(wish, draft);
            }
            return;
        };
        // Whatever stops all of them leaves nothing.
        let Ok(entered) = entered else { return };
        let first: &Result<Sent, SendFault> = &entered[0];
        assert!(
            !(stale && first.is_ok()),
            "seed {}: a stale judgement was released: {}",
            self.traffic.seed,
            told[0].0.text
        );
        for ((wish, _), sent) in told.iter().zip(entered) {
            self.traffic.told(wish, sent);
        }
    }

    /// Whether the desk would refuse an act now that it cleared before.
    fn would_be_refused(&self, side: usize, waiting: &Waiting) -> bool {
        let (node, link) = (
            self.traffic.world.node(side),
            self.traffic.world.sides[side].link(),
        );
        let judged = node.clear(&node.shelf(&link), "officer_1", &waiting.draft, &[]);
        matches!(judged, Err(SendFault::Refused(_)))
    }

    /// What a side had sealed before it stopped is gone.
    fn forget_what_was_lost(&mut self) {
        for side in 0..2 {
            let starts = self.traffic.world.sides[side].starts();
            if starts != self.starts[side] {
                self.starts[side] = starts;
                self.sealed[side].clear();
            }
        }
    }

    /// Nothing stops any more, nothing is lost: both come to rest and hold the same.
    fn calm(&mut self) {
        self.traffic.weather.cut = 0;
        self.traffic.weather.crash = 0;
        self.traffic.quiet();
        self.traffic.check_rest();
        self.check();
    }
}
