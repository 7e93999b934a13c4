//! Traffic of a thousand days between two nodes, with everything that can go wrong on the way.

use std::collections::{BTreeMap, BTreeSet};

use entente_cooperation::receipt::ReceiptRecord;
use entente_ledger::{Entry, Frontier, Opening, Salt, SignedHead};
use entente_node::{
    chance::{Chance, Draw},
    fault::{ReceiveFault, SendFault},
    peer::{parcel::Parcel, problem::Problem},
    post::Dispatch,
};
use entente_store::{ClockLine, OutboxLine, Outcome};
use jiff::{SignedDuration, Timestamp};

use crate::{
    acts::{self, Ends},
    world::{World, shipped, start},
};

/// What goes wrong, and how often, per mille.
#[derive(Clone, Copy, Debug)]
struct Weather {
    lost: u16,
    answer_lost: u16,
    doubled: u16,
    reordered: u16,
    crash: u16,
    /// How far each clock is from the true time, seconds.
    skew_s: i64,
}

/// One thread of acts in a case, as the officers see it.
#[derive(Clone, Debug, Default)]
struct Story {
    case: String,
    asker: usize,
    /// References by what they were.
    made: BTreeMap<&'static str, String>,
}

struct Traffic {
    world: World,
    seed: u64,
    chance: Chance,
    now: Timestamp,
    weather: Weather,
    stories: Vec<Story>,
    /// Parcels that the network kept, with the Party that made them.
    kept: Vec<(usize, Parcel)>,
    released: BTreeMap<&'static str, u32>,
    refused: BTreeMap<String, u32>,
    next_case: u32,
}

impl Traffic {
    fn new(seed: u64, weather: Weather) -> Self {
        println!("seed {seed}, {weather:?}");
        Self {
            world: World::new(&shipped(), seed),
            seed,
            chance: Chance::seeded(seed ^ 0x5eed),
            now: start(),
            weather,
            stories: Vec::new(),
            kept: Vec::new(),
            released: BTreeMap::new(),
            refused: BTreeMap::new(),
            next_case: 0,
        }
    }

    fn roll(&self, below: u16) -> u16 {
        self.chance.per_mille(Draw::Wait) % below.max(1)
    }

    fn happens(&self, per_mille: u16) -> bool {
        self.chance.per_mille(Draw::Wait) < per_mille
    }

    // ── Time ──

    fn pass(&mut self, most: SignedDuration) {
        let part = i32::from(self.chance.per_mille(Draw::Wait));
        self.now = self.now.checked_add(most / 1000 * part).unwrap();
        for side in 0..2 {
            let skew = self.weather.skew_s * if side == 0 { 1 } else { -1 };
            let shown = self
                .now
                .checked_add(SignedDuration::from_secs(skew))
                .unwrap();
            // A clock that stands ahead already stays; it never goes back.
            let _ = self.world.node(side).clock.drive(shown);
            let link = self.world.sides[side].link();
            self.world.node(side).due(&link).unwrap();
        }
    }

    // ── Officers ──

    fn officer(&mut self) {
        if let Some(story) = self.unanswered_alert()
            && self.happens(600)
        {
            return self.acknowledge(story);
        }
        let side = usize::from(self.happens(500));
        let (kind, text, story) = if self.stories.is_empty() || self.happens(350) {
            self.opening(side)
        } else {
            self.going_on(side)
        };
        if let Some(text) = text {
            self.release(side, kind, &text, story);
        }
    }

    /// An alert that climbs every quarter of an hour is seldom left alone for long.
    fn unanswered_alert(&self) -> Option<usize> {
        let open = |story: &Story| {
            story.made.contains_key("alert") && !story.made.contains_key("acknowledged")
        };
        self.stories.iter().position(open)
    }

    fn acknowledge(&mut self, at: usize) {
        let story = self.stories[at].clone();
        let (side, more) = (1 - story.asker, "officer = \"signed:officer_1\"");
        let to = &story.made["alert"];
        let text = acts::answer(
            "alert_acknowledgement",
            Ends::of(side),
            &story.case,
            to,
            more,
        );
        self.release(side, "acknowledged", &text, Some(at));
    }

    fn release(&mut self, side: usize, kind: &'static str, text: &str, story: Option<usize>) {
        let (node, link) = (self.world.node(side), self.world.sides[side].link());
        let draft = self.world.draft(text);
        match node.release(&link, "officer_1", draft, None) {
            Ok(sent) => {
                *self.released.entry(kind).or_default() += 1;
                let reference = sent.reference.unwrap_or_default();
                match story {
                    Some(story) => drop(self.stories[story].made.insert(kind, reference)),
                    None => {
                        let case = reference.rsplit_once('/').unwrap().0.to_owned();
                        let made = BTreeMap::from([(kind, reference)]);
                        self.stories.push(Story {
                            case,
                            asker: side,
                            made,
                        });
                    }
                }
            }
            Err(SendFault::Refused(judgement)) => {
                let reason = judgement
                    .reason
                    .map_or_else(String::new, |reason| reason.id().to_owned());
                *self.refused.entry(format!("{kind}: {reason}")).or_default() += 1;
            }
            Err(SendFault::Starting) => {}
            Err(fault) => panic!("seed {}: {kind}: {fault:?}\n{text}", self.seed),
        }
    }

    fn opening(&mut self, side: usize) -> (&'static str, Option<String>, Option<usize>) {
        self.next_case += 1;
        let ends = Ends::of(side);
        let case = format!("{}-2026-{:06}", ends.party.to_uppercase(), self.next_case);
        match self.roll(10) {
            0..=4 => ("request", Some(acts::request(ends, &case)), None),
            5 => ("fishing", Some(acts::fishing(ends, &case)), None),
            6 | 7 => ("spontaneous", Some(acts::spontaneous(ends, &case)), None),
            8 => {
                let arrival = self.now.checked_add(SignedDuration::from_hours(5)).unwrap();
                (
                    "alert",
                    Some(acts::alert(ends, &case, &arrival.to_string())),
                    None,
                )
            }
            _ => {
                let more = "chapters = [\"exchange\"]\nreason = \"Désaccord.\"";
                (
                    "suspension",
                    Some(acts::governance("suspension_notice", side, more)),
                    None,
                )
            }
        }
    }

    fn going_on(&mut self, side: usize) -> (&'static str, Option<String>, Option<usize>) {
        let recent = self.stories.len().min(12) as u16;
        let at = self.stories.len() - 1 - usize::from(self.roll(recent));
        let story = self.stories[at].clone();
        let (ends, asks) = (Ends::of(side), side == story.asker);
        let made = |kind: &str| story.made.get(kind).map(String::as_str);
        let case = story.case.as_str();
        let day = |days: i64| {
            let at = self
                .now
                .checked_add(SignedDuration::from_hours(24 * days))
                .unwrap();
            at.to_string()[..10].to_owned()
        };
        let made = (
            made("request"),
            made("alert"),
            made("spontaneous"),
            made("suspension"),
        );
        let more = self.roll(9);
        let (kind, text) = match (made, asks, more) {
            ((Some(request), ..), false, 0..=1) => ("reply", acts::reply(ends, case, request)),
            ((Some(request), ..), false, 2) => {
                let more = "refusal_ground = [\"not_held\"]\nscope = [\"q2\"]";
                (
                    "refusal",
                    acts::answer("information_refusal", ends, case, request, more),
                )
            }
            ((Some(request), ..), false, 3) => {
                let more = "slots_concerned = [\"subject\"]";
                (
                    "clarification",
                    acts::answer("clarification_request", ends, case, request, more),
                )
            }
            ((Some(request), ..), false, 4) => {
                let more = format!(
                    "reason = \"Autorisation judiciaire.\"\nexpected_on = {}",
                    day(9)
                );
                (
                    "extension",
                    acts::answer("extension_notice", ends, case, request, &more),
                )
            }
            ((Some(request), ..), false, 5) => {
                let more = "reason = \"Donnée détenue par une juridiction.\"";
                (
                    "availability",
                    acts::answer("availability_declaration", ends, case, request, more),
                )
            }
            ((Some(_), ..), true, 0..=2) if story.made.contains_key("clarification") => {
                let more = "slots_supplied = [\"subject\"]\nsubject = { kind = \"person\", given_names = \"Rachid\", family_name = \"Lamkaddem\", note = \"fils d'Ahmed\" }";
                let to = &story.made["clarification"];
                (
                    "clarified",
                    acts::declared("clarification_reply", ends, case, to, more),
                )
            }
            ((Some(_), ..), true, 3) => (
                "admission",
                acts::about_facts(
                    "admission_notice",
                    ends,
                    case,
                    "admission_outcome = \"admitted\"",
                ),
            ),
            ((Some(_), ..), true, 4) => (
                "erasure",
                acts::about_facts(
                    "admission_notice",
                    ends,
                    case,
                    "admission_outcome = \"erased\"",
                ),
            ),
            ((Some(_), ..), false, 6) | ((_, _, Some(_), _), true, 0..=1) => {
                ("recall", acts::about_facts("recall", ends, case, ""))
            }
            ((Some(_), ..), true, 5) => {
                let more = format!(
                    "purpose = \"investigate_organised_crime\"\nuntil = {}",
                    day(60)
                );
                (
                    "consent_asked",
                    acts::about_facts("consent_request", ends, case, &more),
                )
            }
            ((Some(_), ..), false, 7) if story.made.contains_key("consent_asked") => {
                let to = &story.made["consent_asked"];
                let more = format!(
                    "facts_concerned = [\"f1\"]\nconsent_outcome = \"partly_granted\"\n\
                     purpose = \"investigate_organised_crime\"\nuntil = {}",
                    day(50)
                );
                (
                    "consented",
                    acts::answer("consent_decision", ends, case, to, &more),
                )
            }
            ((Some(_), ..), false, 8) if story.made.contains_key("consented") => {
                let to = &story.made["consented"];
                (
                    "revoked",
                    acts::answer(
                        "consent_revocation",
                        ends,
                        case,
                        to,
                        "facts_concerned = [\"f1\"]",
                    ),
                )
            }
            ((_, Some(alert), ..), false, 0..=4) => {
                let more = "officer = \"signed:officer_1\"";
                (
                    "acknowledged",
                    acts::answer("alert_acknowledgement", ends, case, alert, more),
                )
            }
            ((_, Some(alert), ..), false, _) => {
                let more = "action_taken = \"Identifié à l'arrivée.\"";
                (
                    "reported",
                    acts::declared("alert_report", ends, case, alert, more),
                )
            }
            ((_, _, Some(information), _), false, _) => {
                let more = "usefulness = \"useful\"";
                (
                    "feedback",
                    acts::answer("usefulness_feedback", ends, case, information, more),
                )
            }
            ((.., Some(suspension)), true, _) => {
                let more = format!("in_reply_to = \"{suspension}\"\nchapters = [\"exchange\"]");
                (
                    "resumed",
                    acts::governance("suspension_lifted", side, &more),
                )
            }
            (_, _, 8) => {
                let (scope, more) = (format!("case:{case}"), "reason = \"Examen d'une plainte.\"");
                match story.made.get("stop") {
                    None => (
                        "stop",
                        acts::oversight("oversight_stop", side, &scope, more),
                    ),
                    Some(stop) => {
                        let more = format!("in_reply_to = \"{stop}\"");
                        (
                            "released",
                            acts::oversight("oversight_release", side, &scope, &more),
                        )
                    }
                }
            }
            _ => return ("nothing", None, None),
        };
        (kind, Some(text), Some(at))
    }

    // ── The network ──

    /// Side `from` sends; anything can happen to parcel and answer.
    fn contact(&mut self, from: usize) {
        let link = self.world.sides[from].link();
        if !link.turn(&self.world.node(from).store).unwrap().confirmed {
            self.world.ask(from);
        }
        let dispatch = self.world.dispatch(from);
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
        let fault = entente_node::peer::client::CallFault::Problem(problem.clone());
        self.world
            .node(from)
            .not_delivered(&link, dispatch, &fault)
            .unwrap();
    }

    /// An old parcel arrives when nobody waits for it.
    fn late_parcel(&mut self) {
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

    fn crash_maybe(&mut self, side: usize) -> bool {
        let crash = self.happens(self.weather.crash);
        if crash {
            let shown = self.world.node(side).clock.now();
            self.world.sides[side].crash();
            self.world.sides[side].start(shown);
        }
        crash
    }

    /// A good network until there is nothing more to say.
    fn quiet(&mut self) {
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

    // ── What must hold ──

    /// After every step: each mirror is a beginning of the log, heads are the roots of logs, no act is doubled, every receipt
    /// opens an entry of the mirror.
    fn check(&self) {
        for side in 0..2 {
            let (own, other) = (&self.world.sides[side], &self.world.sides[1 - side]);
            let (store, partner) = (&own.node().store, &other.node().store);
            let (link, theirs) = (own.link(), other.link());
            let log = store.own_entries(link.id, 0, 1 << 30).unwrap();
            let mirror = partner.mirror_entries(theirs.id, 0, 1 << 30).unwrap();
            assert!(
                log.starts_with(&mirror),
                "seed {}: a mirror is no beginning of its log",
                self.seed
            );

            if let Some(head) = store.newest_head(link.id).unwrap() {
                let mut frontier = Frontier::new();
                log.iter()
                    .for_each(|entry| frontier.push(&Entry::new(*entry)));
                assert_eq!(
                    (frontier.size(), frontier.root().as_bytes()),
                    (head.size, &head.root)
                );
            }
            if let Some(head) = partner.mirror_head(theirs.id).unwrap() {
                let signed = SignedHead::verify(&head.note, theirs.their_keys()).unwrap();
                assert_eq!(signed.size() as usize, mirror.len());
            }
        }
    }

    /// When nothing is in flight: everything was delivered once, and both sides hold the same outcomes, instants and clocks.
    fn check_rest(&self) {
        let mut clocks = Vec::new();
        for side in 0..2 {
            let (own, other) = (&self.world.sides[side], &self.world.sides[1 - side]);
            let (store, partner) = (&own.node().store, &other.node().store);
            let (link, theirs) = (own.link(), other.link());
            let sent = store.outbox(link.id, None, 1 << 30).unwrap();
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
                assert_eq!(line.outcome, Some(there.outcome), "{line:?}");
                assert_eq!(line.ground, there.ground);
                assert_eq!(line.received_at, Some(there.received_at));
                assert_eq!(line.receipt_position, Some(there.receipt_position));
                self.check_receipt(line, side);
            }
            clocks.push(self.clocks(side));
        }
        let (first, second) = (&clocks[0], &clocks[1]);
        for (of, lines) in first {
            assert_eq!(
                second.get(of),
                Some(lines),
                "seed {}: clocks of {of} at {}\n{}",
                self.seed,
                self.now,
                self.told_of_case(lines)
            );
        }
        assert_eq!(first.len(), second.len());
    }

    /// The acts of the case that these clocks belong to, as either side holds them.
    fn told_of_case(&self, lines: &[ClockLine]) -> String {
        let case = lines.first().and_then(|line| line.case_ref.clone());
        let case = case.unwrap_or_default();
        let of_case = |other: &Option<String>| other.as_ref() == Some(&case);
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
            "seed {}: {:?}",
            self.seed,
            line.contested
        );
    }

    /// The clocks that both Parties count, by the act that started them.
    fn clocks(&self, side: usize) -> BTreeMap<String, Vec<ClockLine>> {
        let (node, link) = (self.world.node(side), self.world.sides[side].link());
        let agreement = node.agreements.in_force(self.now);
        let mut clocks: BTreeMap<String, Vec<ClockLine>> = BTreeMap::new();
        for line in node.store.clocks(link.id).unwrap() {
            if !agreement.memorandum.clocks.get(&line.clock).unwrap().home {
                clocks
                    .entry(line.of_reference.clone())
                    .or_default()
                    .push(line);
            }
        }
        clocks
    }

    fn step(&mut self, most: SignedDuration) {
        match self.roll(10) {
            0..=3 => self.officer(),
            4 | 5 => self.contact(0),
            6 | 7 => self.contact(1),
            8 => self.late_parcel(),
            _ => {
                let side = usize::from(self.happens(500));
                self.crash_maybe(side);
            }
        }
        self.pass(most);
        self.check();
    }

    fn run(&mut self, days: i64, steps: u32) {
        let end = start()
            .checked_add(SignedDuration::from_hours(24 * days))
            .unwrap();
        let most = SignedDuration::from_hours(24 * days) / i32::try_from(steps).unwrap() * 2;
        let mut done = 0;
        while self.now < end {
            self.step(most);
            done += 1;
            if done % 40 == 0 {
                self.quiet();
                self.check();
                self.check_rest();
            }
        }
        self.quiet();
        self.check_rest();
        println!("{done} steps, released {:?}", self.released);
        println!("refused at the desk {:?}", self.refused);
        self.print_outcomes();
    }

    fn print_outcomes(&self) {
        for side in 0..2 {
            let (node, link) = (self.world.node(side), self.world.sides[side].link());
            let lines = node.store.inbox(link.id, None, 1 << 30).unwrap();
            let mut outcomes: BTreeMap<String, u32> = BTreeMap::new();
            for line in &lines {
                let reason = line.reason.clone().unwrap_or_default();
                let what = format!("{} {reason}", line.outcome.word());
                *outcomes.entry(what).or_default() += 1;
            }
            println!("received by {}: {outcomes:?}", link.own);
        }
    }
}

const FAIR: Weather = Weather {
    lost: 100,
    answer_lost: 100,
    doubled: 100,
    reordered: 60,
    crash: 30,
    skew_s: 0,
};

/// Deadlines and decisions are equal on both nodes through many days. Seed and length are taken from the environment:
/// `ENTENTE_SEED=7 ENTENTE_SIM_DAYS=1000 cargo test --release -p entente --test sim many_days`.
#[test]
fn many_days_in_bad_weather_end_equal_on_both_sides() {
    let set = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let days = set("ENTENTE_SIM_DAYS").unwrap_or(100);
    let mut traffic = Traffic::new(set("ENTENTE_SEED").unwrap_or(1000), FAIR);
    traffic.run(days.cast_signed(), u32::try_from(days * 2).unwrap());
    assert!(traffic.released.len() > 8, "{:?}", traffic.released);
}

#[test]
fn sixty_days_in_bad_weather_lose_and_double_nothing() {
    let mut traffic = Traffic::new(11, FAIR);
    traffic.run(60, 600);
    assert!(traffic.released.len() > 8, "{:?}", traffic.released);
}

#[test]
fn clocks_that_differ_are_contested_and_stop_nothing() {
    let weather = Weather {
        skew_s: 4 * 3600,
        ..FAIR
    };
    let mut traffic = Traffic::new(12, weather);
    traffic.run(20, 200);
    let link = traffic.world.sides[0].link();
    let sent = traffic
        .world
        .node(0)
        .store
        .outbox(link.id, None, 1 << 20)
        .unwrap();
    let contested = sent.iter().filter(|line| line.contested.is_some()).count();
    assert!(contested > 0);
    assert!(sent.iter().all(|line| line.outcome.is_some()));
    // The objection is recorded on both sides.
    let theirs = traffic.world.sides[1].link();
    let heard = traffic
        .world
        .node(1)
        .store
        .inbox(theirs.id, None, 1 << 20)
        .unwrap();
    assert_eq!(
        heard.iter().filter(|line| line.contested.is_some()).count(),
        contested
    );
    assert!(heard.iter().all(|line| line.outcome != Outcome::Unreadable));
}
