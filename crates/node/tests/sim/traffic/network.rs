//! The network: parcels and answers are lost, doubled, kept and brought late; nodes stop and start.

use entente_cooperation::{digest::MessageId, draft::Draft};
use entente_node::{
    fault::{ReceiveFault, SendFault},
    flow::Leaving,
    link::Link,
    node::Node,
    peer::{
        budget::Lane,
        client::CallFault,
        parcel::{CarriedAct, Parcel},
        problem::Problem,
    },
    post::Dispatch,
};
use jiff::SignedDuration;

use super::{Traffic, coverage::Row};

/// How often, per mille, a stop may fall within the work that is due.
const DUE_STOPS: u16 = 120;

impl Traffic {
    /// Side `from` sends; anything can happen to parcel and answer.
    pub(crate) fn contact(&mut self, from: usize) {
        if !self.hears(from) {
            return;
        }
        let poll = self.weather.poll > 0 && self.happens(self.weather.poll);
        let Some(dispatch) = self.made_up(from, poll) else {
            return;
        };
        if self.happens(self.weather.lost) {
            return;
        }
        if self.happens(self.weather.reordered) {
            // The network keeps the parcel, and brings it when nobody waits for it any more.
            self.kept.push((from, dispatch.parcel.clone()));
            return;
        }
        let mut crashed = self.stops(from, Row::Transport);
        if self.garbled(from, &dispatch.parcel) {
            return;
        }
        let answer = self.deliver(from, &dispatch.parcel);
        if self.happens(self.weather.doubled) {
            // Whatever the second says, the first answer counts.
            let _ = self.deliver(from, &dispatch.parcel);
        }
        self.stops(1 - from, Row::Receipt);
        if self.happens(self.weather.answer_lost) {
            return;
        }
        crashed |= self.stops(from, Row::Receipt);
        match answer {
            // Whoever asked is gone; its successor does not know the answer.
            _ if crashed => {}
            None => {}
            Some(Ok(answer)) => self.settle(from, &dispatch, &answer),
            Some(Err(problem)) => self.failed(from, &dispatch, &problem),
        }
    }

    /// After a start side `from` asks what its partner mirrors. Nothing that the partner was shown may be missing here.
    pub(crate) fn hears(&mut self, from: usize) -> bool {
        let link = self.world.sides[from].link();
        if link.turn(&self.world.node(from).store).unwrap().confirmed {
            return true;
        }
        let party = self.world.sides[from].party;
        let mirrored = self
            .world
            .node(1 - from)
            .mirrored_for(party, &link.memorandum);
        let mirrored = mirrored.unwrap();
        let rows = [Row::Start];
        let heard = self.call(from, &rows, Row::Start, |node, link| {
            node.confirm(link, &mirrored)
        });
        let Some(heard) = heard else { return false };
        let missing = heard.unwrap_or_else(|fault| panic!("seed {}: {fault}", self.seed));
        assert_eq!(
            missing, None,
            "seed {}: entries that were shown to the partner are lost",
            self.seed
        );
        true
    }

    /// The next parcel of a side, with the receipts that it owes.
    fn made_up(&mut self, from: usize, poll: bool) -> Option<Dispatch> {
        let owed = std::mem::take(&mut self.owed[from]);
        let rows = [Row::Transport];
        let dispatch = self.call(from, &rows, Row::Transport, |node, link| {
            node.dispatch(link, Lane::Ordinary, owed, poll).unwrap()
        })?;
        if !dispatch.messages.is_empty() {
            self.coverage.reached(&rows);
        }
        let noted = self.call(from, &rows, Row::Transport, |node, link| {
            node.handed(link, &dispatch.first)
        });
        noted?.unwrap();
        self.check_said(from, &dispatch.parcel);
        Some(dispatch)
    }

    /// A parcel of side `from` reaches the other side. No answer if the other side stopped.
    fn deliver(&mut self, from: usize, parcel: &Parcel) -> Option<Result<Parcel, Problem>> {
        let (party, to) = (self.world.sides[from].party, 1 - from);
        self.coverage.reached(&[Row::Arrival]);
        if self.stops(to, Row::Arrival) {
            return None;
        }
        let rows = self.rows_of_arrival(to, parcel);
        let answer = self.call(to, &rows, Row::Filing, |node, _| {
            node.receive(party, parcel)
        })?;
        let answer = answer.map_err(ReceiveFault::told);
        if let Ok(answer) = &answer {
            self.coverage.reached(&rows);
            if rows != [Row::Proof] {
                self.coverage.reached(&[Row::Proof]);
            }
            if rows.contains(&Row::Open) {
                self.coverage.reached(&[Row::Filing]);
            }
            self.check_said(to, answer);
        }
        Some(answer)
    }

    /// The steps of a parcel on the receiver's side that write nothing: those of its acts, or the proof alone if it has none.
    fn rows_of_arrival(&self, to: usize, parcel: &Parcel) -> Vec<Row> {
        let (node, link) = (self.world.node(to), self.world.sides[to].link());
        let known = |act: &CarriedAct| {
            let message = MessageId::of(&act.sealed);
            let given = node.store.receipt_for(link.id, message.as_bytes());
            given.unwrap().is_some()
        };
        let (mut rows, repeated) = (
            Vec::new(),
            parcel.acts.iter().filter(|act| known(act)).count(),
        );
        if repeated > 0 {
            rows.push(Row::Repeat);
        }
        if repeated < parcel.acts.len() {
            rows.extend([Row::Open, Row::Judgement]);
        }
        if rows.is_empty() {
            rows.push(Row::Proof);
        }
        rows
    }

    fn settle(&mut self, from: usize, dispatch: &Dispatch, answer: &Parcel) {
        if self.garbled_answer(from, dispatch, answer) {
            return;
        }
        let settled = self.call(from, &[Row::Receipt], Row::Settlement, |node, link| {
            node.settle(link, dispatch, answer)
        });
        if !answer.receipts.is_empty() {
            self.coverage.reached(&[Row::Receipt, Row::Settlement]);
        }
        if let Some(settled) = settled {
            self.owed[from] = settled.unwrap_or_else(|fault| panic!("seed {}: {fault}", self.seed));
        }
    }

    fn failed(&mut self, from: usize, dispatch: &Dispatch, problem: &Problem) {
        let honest = matches!(
            problem,
            Problem::Stale { .. } | Problem::Starting | Problem::Behind { .. }
        );
        assert!(honest, "seed {}: a parcel is {problem}", self.seed);
        let fault = CallFault::Problem(problem.clone());
        let rows = [Row::Transport];
        let noted = self.call(from, &rows, Row::Transport, |node, link| {
            node.not_delivered(link, dispatch, &fault)
        });
        noted.transpose().unwrap();
    }

    /// An old parcel arrives when nobody waits for it.
    pub(crate) fn late_parcel(&mut self) {
        if self.kept.is_empty() {
            return;
        }
        let at = usize::from(self.roll(self.kept.len() as u16));
        let (from, parcel) = self.kept.swap_remove(at);
        if let Some(Err(problem)) = self.deliver(from, &parcel) {
            let honest = matches!(problem, Problem::Stale { .. } | Problem::Starting);
            assert!(honest, "seed {}: an old parcel is {problem}", self.seed);
        }
    }

    /// An act leaves its desk, by whatever call; none if the node stopped within it.
    pub(crate) fn leaves<T>(
        &mut self,
        side: usize,
        call: impl FnOnce(&Node, &Link) -> Result<T, SendFault>,
    ) -> Option<Result<T, SendFault>> {
        let rows = [Row::Entry, Row::Policy, Row::Seal];
        let sent = self.call(side, &rows, Row::Release, call)?;
        match &sent {
            Ok(_) => {
                self.coverage.reached(&rows);
                self.coverage.reached(&[Row::Release]);
            }
            Err(_) => self.coverage.reached(&rows[..2]),
        }
        Some(sent)
    }

    /// A draft is judged and sealed at its desk, and has no entry yet; none if the node stopped.
    pub(crate) fn seals(
        &mut self,
        side: usize,
        draft: &Draft,
    ) -> Option<Result<Leaving, SendFault>> {
        let rows = [Row::Entry, Row::Policy, Row::Seal];
        let draft = draft.clone();
        let sealed = self.call(side, &rows, Row::Seal, |node, link| {
            node.seal(link, "officer_1", draft, None, &[])
        })?;
        let reached = if sealed.is_ok() { 3 } else { 2 };
        self.coverage.reached(&rows[..reached]);
        Some(sealed)
    }

    /// What is due at home is done; a node that stops within it does the rest the next time.
    pub(super) fn work_that_is_due(&mut self, side: usize) {
        let rows = [Row::Due];
        self.coverage.reached(&rows);
        // It is done at every step: a node that stopped as often in it as elsewhere would do little else.
        if self.weather.cut > 0 && !self.happens(DUE_STOPS) {
            let link = self.world.sides[side].link();
            let done = self.world.node(side).due(&link);
            self.behind[side] = false;
            return done.unwrap_or_else(|fault| panic!("seed {}: {fault:?}", self.seed));
        }
        let done = self.call(side, &rows, Row::Due, |node, link| node.due(link));
        self.behind[side] = done.is_none();
        if let Some(done) = done {
            done.unwrap_or_else(|fault| panic!("seed {}: {fault:?}", self.seed));
        }
    }

    pub(crate) fn crash_maybe(&mut self, side: usize) -> bool {
        self.stops(side, Row::Due)
    }

    /// A good network until there is nothing more to say.
    pub(crate) fn quiet(&mut self) {
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
