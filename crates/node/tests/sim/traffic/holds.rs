//! What must hold: after every step, whenever nothing is in flight, and at the end.

use std::collections::{BTreeMap, BTreeSet};

use entente_cooperation::receipt::ReceiptRecord;
use entente_ledger::{Entry, Frontier, Opening, Salt, SignedHead};
use entente_store::{Bytes32, ClockLine, InboxLine, OutboxLine};
use jiff::SignedDuration;

use super::Traffic;

/// What was seen of one side's log so far: a log only grows, so each step looks at what is new.
#[derive(Default)]
pub(super) struct Seen {
    log: Vec<Bytes32>,
    frontier: Frontier,
    mirrored: usize,
    /// Acts of this side before this position were found equal on both sides.
    equal_before: u64,
}

/// Clocks by the act that started them.
type Clocks = BTreeMap<String, Vec<ClockLine>>;

impl Traffic {
    /// After every step: each mirror is a beginning of the log, heads are the roots of logs, every mirrored head is signed.
    pub(crate) fn check(&mut self) {
        for side in 0..2 {
            let (own, other) = (&self.world.sides[side], &self.world.sides[1 - side]);
            let (store, partner) = (&own.node().store, &other.node().store);
            let (link, theirs, seen) = (own.link(), other.link(), &mut self.seen[side]);
            let known = seen.log.len() as u64;
            for entry in store.own_entries(link.id, known, 1 << 30).unwrap() {
                seen.log.push(entry);
                seen.frontier.push(&Entry::new(entry));
            }
            let mirrored = seen.mirrored as u64;
            let new = partner
                .mirror_entries(theirs.id, mirrored, 1 << 30)
                .unwrap();
            assert!(
                seen.log[seen.mirrored..].starts_with(&new),
                "seed {}: a mirror is no beginning of its log",
                self.seed
            );
            seen.mirrored += new.len();
            if let Some(head) = store.newest_head(link.id).unwrap() {
                assert_eq!(
                    (seen.frontier.size(), seen.frontier.root().as_bytes()),
                    (head.size, &head.root)
                );
            }
            if let Some(head) = partner.mirror_head(theirs.id).unwrap()
                && !new.is_empty()
            {
                let signed = SignedHead::verify(&head.note, theirs.their_keys()).unwrap();
                assert_eq!(signed.size() as usize, seen.mirrored);
            }
        }
    }

    /// The same from the first entry on: what was seen before has not changed since.
    pub(crate) fn check_anew(&mut self) {
        let before = std::mem::take(&mut self.seen);
        self.check();
        for (seen, before) in self.seen.iter_mut().zip(before) {
            assert!(seen.log.starts_with(&before.log));
            seen.equal_before = before.equal_before;
        }
    }

    /// After every step at which every act has its receipt, and what was due is done: both sides hold the same decisions and instants of the acts since the
    /// last time, and the same clocks of the cases that are being worked on.
    pub(crate) fn check_new(&mut self) {
        let done = (0..2).all(|side| self.all_settled(side) && !self.behind[side]);
        if self.weather.skew_s != 0 || !done {
            return;
        }
        for side in 0..2 {
            let link = self.world.sides[side].link();
            let since = self.seen[side].equal_before;
            let store = &self.world.node(side).store;
            let newest = store.outbox(link.id, None, 64).unwrap();
            let mut lines = newest.into_iter().peekable();
            let next = lines.peek().map_or(since, |line| line.position + 1);
            lines
                .take_while(|line| line.position >= since)
                .filter(|line| line.kept_back_at.is_none())
                .for_each(|line| self.check_act(&line, side));
            self.seen[side].equal_before = next;
        }
        let recent = self.stories.iter().rev().take(16);
        let cases: BTreeSet<&str> = recent.map(|story| story.case.as_str()).collect();
        for case in cases {
            let [first, second] = [0, 1].map(|side| {
                let (node, link) = (self.world.node(side), self.world.sides[side].link());
                self.counted_by_both(node.store.clocks_of_case(link.id, case).unwrap())
            });
            self.same_clocks(&first, &second);
        }
    }

    fn all_settled(&self, side: usize) -> bool {
        let (node, link) = (self.world.node(side), self.world.sides[side].link());
        node.store.waiting_until(link.id).unwrap().1 == 0
    }

    /// The partner holds this act of `side` with the same decision, ground and instants.
    fn check_act(&self, line: &OutboxLine, side: usize) {
        let (partner, theirs) = (self.world.node(1 - side), self.world.sides[1 - side].link());
        let there = partner.store.receipt_for(theirs.id, &line.message).unwrap();
        self.check_equal(line, &there.expect("it was delivered"), side);
    }

    fn check_equal(&self, line: &OutboxLine, there: &InboxLine, side: usize) {
        assert_eq!(line.outcome, Some(there.outcome), "{line:?}");
        assert_eq!(line.ground, there.ground);
        assert_eq!(line.received_at, Some(there.received_at));
        assert_eq!(line.receipt_position, Some(there.receipt_position));
        self.check_receipt(line, side);
    }

    /// When nothing is in flight: everything was delivered once, and both sides hold the same outcomes, instants and clocks.
    pub(crate) fn check_rest(&mut self) {
        self.check_delivered();
        self.same_clocks(&self.clocks(0), &self.clocks(1));
    }

    /// When nothing is in flight: everything was delivered once, and both sides hold the same outcomes and instants.
    pub(crate) fn check_delivered(&mut self) {
        self.check_anew();
        for side in 0..2 {
            let (own, other) = (&self.world.sides[side], &self.world.sides[1 - side]);
            let (store, partner) = (&own.node().store, &other.node().store);
            let (link, theirs) = (own.link(), other.link());
            let mut sent = store.outbox(link.id, None, 1 << 30).unwrap();
            // What was kept back never left; all else arrived.
            sent.retain(|line| line.kept_back_at.is_none());
            let received = partner.inbox(theirs.id, None, 1 << 30).unwrap();
            assert_eq!(
                sent.len(),
                received.len(),
                "seed {}: an act was lost or doubled",
                self.seed
            );
            let mut acts = BTreeSet::new();
            let by_message: BTreeMap<_, _> =
                received.iter().map(|line| (line.message, line)).collect();
            for line in &sent {
                let there = by_message[&line.message];
                assert!(acts.insert(line.act_id.clone()), "an act id twice");
                self.check_equal(line, there, side);
            }
        }
    }

    /// Clocks that differ by the skew of the nodes' own clocks have not all run out on both sides yet: a list of which one is due
    /// about now is compared the next time.
    fn same_clocks(&self, first: &Clocks, second: &Clocks) {
        let skew = self.weather.skew_s.abs();
        let near = SignedDuration::from_secs(skew) + SignedDuration::from_hours(1);
        let due_now = |lines: &[ClockLine]| {
            let apart = |line: &ClockLine| line.due.duration_since(self.now).abs();
            skew != 0 && lines.iter().any(|line| apart(line) < near)
        };
        for (of, lines) in first {
            if due_now(lines) || second.get(of).is_some_and(|lines| due_now(lines)) {
                continue;
            }
            assert_eq!(
                Some(lines),
                second.get(of),
                "seed {}: clocks of {of} at {}\n{}",
                self.seed,
                self.now,
                self.told_of_case(
                    lines
                        .first()
                        .and_then(|line| line.case_ref.as_deref())
                        .unwrap_or_default()
                )
            );
        }
        let of = |clocks: &Clocks| clocks.keys().cloned().collect::<Vec<_>>();
        assert_eq!(of(first), of(second), "seed {}", self.seed);
    }

    /// The acts of a case, as each side sent them.
    fn told_of_case(&self, case: &str) -> String {
        let of_case = |other: &Option<String>| other.as_deref() == Some(case);
        let mut told = String::new();
        for side in 0..2 {
            let (node, link) = (self.world.node(side), self.world.sides[side].link());
            let sent = node.store.outbox(link.id, None, 1 << 30).unwrap();
            for line in sent.iter().filter(|line| of_case(&line.case_ref)) {
                let (at, got) = (line.released_at, line.received_at);
                told += &format!(
                    "{} sent {} {:?} {at} {got:?} {:?} {:?}\n",
                    link.own, line.act, line.reference, line.outcome, line.settled_at
                );
            }
        }
        told
    }

    fn check_receipt(&self, line: &OutboxLine, side: usize) {
        let (node, link) = (self.world.node(side), self.world.sides[side].link());
        let at = line.receipt_position.unwrap();
        let entry = node.store.mirror_entry(link.id, at).unwrap().unwrap();
        let (salt, record) = entry.opening.unwrap();
        let opening = Opening::new(Salt::new(salt), record.clone());
        assert!(opening.opens(&Entry::new(entry.entry)));
        let record = ReceiptRecord::read(&record).unwrap();
        assert_eq!(record.message.as_bytes(), &line.message);
        let skewed = self.weather.skew_s.abs() * 2 > 60;
        assert!(
            skewed || line.contested.is_none(),
            "seed {}: {:?} of {} {:?}\n{record:?}\n{}",
            self.seed,
            line.contested,
            line.act,
            line.reference,
            self.told_of_case(line.case_ref.as_deref().unwrap_or_default())
        );
    }

    /// The clocks that both Parties count, by the act that started them.
    fn clocks(&self, side: usize) -> Clocks {
        let (node, link) = (self.world.node(side), self.world.sides[side].link());
        self.counted_by_both(node.store.clocks(link.id).unwrap())
    }

    fn counted_by_both(&self, lines: Vec<ClockLine>) -> Clocks {
        let agreement = self.world.node(0).agreements.in_force(self.now);
        let mut clocks = Clocks::new();
        for line in lines {
            if !agreement.memorandum.clocks.get(&line.clock).unwrap().home {
                let of = line.of_reference.clone();
                clocks.entry(of).or_default().push(line);
            }
        }
        clocks
    }
}
