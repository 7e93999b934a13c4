//! The network: parcels and answers are lost, doubled, kept and brought late; nodes stop and start.

use entente_node::{
    fault::ReceiveFault,
    peer::{client::CallFault, parcel::Parcel, problem::Problem},
    post::Dispatch,
};
use jiff::SignedDuration;

use super::Traffic;

impl Traffic {
    /// Side `from` sends; anything can happen to parcel and answer.
    pub(super) fn contact(&mut self, from: usize) {
        let link = self.world.sides[from].link();
        if !link.turn(&self.world.node(from).store).unwrap().confirmed {
            self.world.ask(from);
        }
        let dispatch = self.world.dispatch(from);
        let node = self.world.node(from);
        node.handed(&link, &dispatch.first).unwrap();
        if self.happens(self.weather.lost) {
            return;
        }
        if self.happens(self.weather.reordered) {
            // The network keeps the parcel, and brings it when nobody waits for it any more.
            self.kept.push((from, dispatch.parcel.clone()));
            return;
        }
        let mut crashed = self.crash_maybe(from);
        let answer = self.deliver(from, &dispatch.parcel);
        if self.happens(self.weather.doubled) {
            // Whatever the second says, the first answer counts.
            let _ = self.deliver(from, &dispatch.parcel);
        }
        self.crash_maybe(1 - from);
        if self.happens(self.weather.answer_lost) {
            return;
        }
        crashed |= self.crash_maybe(from);
        match answer {
            // Whoever asked is gone; its successor does not know the answer.
            _ if crashed => {}
            Ok(answer) => {
                let link = self.world.sides[from].link();
                self.world
                    .node(from)
                    .settle(&link, &dispatch, &answer)
                    .unwrap();
            }
            Err(problem) => self.failed(from, &dispatch, &problem),
        }
    }

    fn deliver(&self, from: usize, parcel: &Parcel) -> Result<Parcel, Problem> {
        let party = self.world.sides[from].party;
        let answer = self.world.node(1 - from).receive(party, parcel);
        answer.map_err(ReceiveFault::told)
    }

    fn failed(&self, from: usize, dispatch: &Dispatch, problem: &Problem) {
        let honest = matches!(
            problem,
            Problem::Stale { .. } | Problem::Starting | Problem::Behind { .. }
        );
        assert!(honest, "seed {}: {problem}", self.seed);
        let link = self.world.sides[from].link();
        let fault = CallFault::Problem(problem.clone());
        self.world
            .node(from)
            .not_delivered(&link, dispatch, &fault)
            .unwrap();
    }

    /// An old parcel arrives when nobody waits for it.
    pub(super) fn late_parcel(&mut self) {
        if self.kept.is_empty() {
            return;
        }
        let at = usize::from(self.roll(self.kept.len() as u16));
        let (from, parcel) = self.kept.swap_remove(at);
        if let Err(problem) = self.deliver(from, &parcel) {
            let honest = matches!(problem, Problem::Stale { .. } | Problem::Starting);
            assert!(honest, "seed {}: an old parcel is {problem}", self.seed);
        }
    }

    pub(super) fn crash_maybe(&mut self, side: usize) -> bool {
        let crash = self.happens(self.weather.crash);
        if crash {
            let shown = self.world.node(side).clock.now();
            self.world.sides[side].crash();
            self.world.sides[side].start(shown);
        }
        crash
    }

    /// A good network until there is nothing more to say.
    pub(super) fn quiet(&mut self) {
        for _ in 0..64 {
            self.now = self.now.checked_add(SignedDuration::from_mins(16)).unwrap();
            self.pass(SignedDuration::from_secs(1));
            self.world.contact(0);
            self.world.contact(1);
            if (0..2).all(|side| self.nothing_waits(side)) {
                return;
            }
        }
        panic!(
            "seed {}: two nodes with a good network do not come to rest",
            self.seed
        );
    }

    fn nothing_waits(&self, side: usize) -> bool {
        let (node, link) = (self.world.node(side), self.world.sides[side].link());
        let (_, waiting) = node.store.waiting_until(link.id).unwrap();
        let turn = link.turn(&node.store).unwrap();
        let cosigned = node
            .store
            .cosignature(link.id)
            .unwrap()
            .map_or(0, |line| line.size);
        waiting == 0 && turn.told == turn.own_size() && cosigned == turn.own_size()
    }
}
