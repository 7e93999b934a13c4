//! Two nodes fold the same acts: equal clocks whatever was lost, doubled, late, or learnt in another order.

#[path = "fold/traffic.rs"]
mod traffic;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use entente_cooperation::{
    act::{Act, Side},
    case::{self, Event, Received, State, Touched},
    memorandum::{Memorandum, OnExpiry},
    value::Value,
};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use traffic::{Dice, Sent, Traffic};

fn memorandum() -> Memorandum {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../memorandum");
    Memorandum::read(Path::new(folder)).unwrap_or_else(|faults| panic!("{faults:#?}"))
}

/// A node: its Party, and the acts it knows of, as a store would find them.
struct Node {
    party: &'static str,
    known: BTreeMap<String, Received>,
    of_case: BTreeMap<String, Vec<String>>,
    standing: Vec<String>,
}

impl Node {
    fn new(party: &'static str) -> Self {
        Self {
            party,
            known: BTreeMap::new(),
            of_case: BTreeMap::new(),
            standing: Vec::new(),
        }
    }

    /// Learns of an act, unless it knows it.
    fn learn(&mut self, memorandum: &Memorandum, received: Received) {
        let (message, touched) = (
            received.message.clone(),
            case::touches(memorandum, &received.act),
        );
        if self.known.contains_key(&message) {
            return;
        }
        if touched.standing {
            self.standing.push(message.clone());
        }
        for case in touched.cases {
            self.of_case.entry(case).or_default().push(message.clone());
        }
        self.known.insert(message, received);
    }

    /// The acts that a store would fetch for what an act touches.
    fn fetched(&self, touched: &Touched) -> Vec<&Received> {
        let cases = touched
            .cases
            .iter()
            .filter_map(|case| self.of_case.get(case));
        let messages: BTreeSet<&String> = cases.flatten().chain(&self.standing).collect();
        messages
            .into_iter()
            .map(|message| &self.known[message])
            .collect()
    }

    /// The state of what an act touches, folded up to now.
    fn state(&self, memorandum: &Memorandum, touched: &Touched, now: Timestamp) -> State {
        let events: Vec<Event> = self
            .fetched(touched)
            .into_iter()
            .cloned()
            .map(Event::Act)
            .collect();
        State::new(memorandum)
            .of_party(self.party)
            .fold(memorandum, &events, now)
    }

    /// Whether everything that this touches has its receipt here.
    fn settled(&self, touched: &Touched) -> bool {
        self.fetched(touched)
            .iter()
            .all(|received| received.received_at.is_some())
    }
}

fn event(sent: &Sent, side: Side, received_at: Option<Timestamp>) -> Received {
    Received {
        message: sent.message.clone(),
        act: sent.act.clone(),
        released_at: sent.released_at,
        received_at,
        side,
        outcome: sent.outcome.clone(),
    }
}

/// The same event after its content was erased.
fn without_content(memorandum: &Memorandum, event: &Event) -> Event {
    match event {
        Event::Act(received) => Event::Act(Received {
            act: case::skeleton(memorandum, &received.act),
            ..received.clone()
        }),
        other => other.clone(),
    }
}

/// What judgements rest on and both nodes know, apart from clocks.
fn rested_on(state: &State) -> State {
    let mut rest = state.clone();
    // Places in the list of clocks differ where a node also counts what happens at home; facts are held by one.
    rest.requests
        .values_mut()
        .for_each(|request| request.clock = None);
    State {
        own: None,
        clocks: Vec::new(),
        facts: BTreeMap::new(),
        ..rest
    }
}

/// What is still on its way, in the order of its arrival.
enum OnTheWay {
    Act(Sent),
    Receipt {
        message: String,
        to: usize,
        received_at: Timestamp,
    },
}

/// A bad network: acts are lost and sent again, doubled, overtaken; receipts are lost on the way back.
fn deliver(dice: &mut Dice, sent: &Sent, queue: &mut Vec<(Timestamp, OnTheWay)>) {
    let mut at = sent.released_at;
    for _ in 0..dice.below(4) {
        at += SignedDuration::from_secs(1 + dice.below(5_000));
        if dice.below(3) == 0 {
            queue.push((at, OnTheWay::Act(sent.clone())));
        }
    }
    at += SignedDuration::from_secs(1 + dice.below(20_000));
    queue.push((at, OnTheWay::Act(sent.clone())));
}

#[test]
fn a_thousand_days_of_bad_network_leave_both_nodes_with_equal_clocks() {
    let memorandum = memorandum();
    let seed = std::env::var("ENTENTE_SEED")
        .ok()
        .and_then(|s| s.parse().ok())
        .unwrap_or(22_042_016);
    println!("seed {seed}");
    let mut dice = Dice::new(seed);
    let mut traffic = Traffic::new("2023-01-02T08:00:00Z".parse().unwrap());
    let mut nodes = [Node::new("be"), Node::new("ma")];
    let mut queue: Vec<(Timestamp, OnTheWay)> = Vec::new();
    let last = traffic.now + SignedDuration::from_hours(24 * 1000);
    let (mut compared, mut running) = (0_u32, 0_usize);
    while traffic.now < last {
        let sent = traffic.next(&mut dice, &memorandum);
        nodes[sent.from_node].learn(&memorandum, event(&sent, Side::Sender, None));
        deliver(&mut dice, &sent, &mut queue);
        queue.sort_by_key(|(at, _)| *at);
        while queue.first().is_some_and(|(at, _)| *at <= traffic.now) {
            let (at, arrived) = queue.remove(0);
            let message = match arrived {
                OnTheWay::Act(sent) => {
                    let receiver = 1 - sent.from_node;
                    nodes[receiver].learn(&memorandum, event(&sent, Side::Recipient, Some(at)));
                    let received_at = nodes[receiver].known[&sent.message]
                        .received_at
                        .expect("received");
                    traffic.arrived(&sent, received_at);
                    let back = at + SignedDuration::from_secs(1 + dice.below(9_000));
                    let receipt = OnTheWay::Receipt {
                        message: sent.message,
                        to: sent.from_node,
                        received_at,
                    };
                    queue.push((back, receipt));
                    queue.sort_by_key(|(at, _)| *at);
                    continue;
                }
                OnTheWay::Receipt {
                    message,
                    to,
                    received_at,
                } => {
                    let own = nodes[to].known.get_mut(&message).expect("its own act");
                    own.received_at = Some(received_at);
                    message
                }
            };
            let act = nodes[0].known[&message].act.clone();
            let touched = case::touches(&memorandum, &act);
            if !nodes.iter().all(|node| node.settled(&touched)) {
                continue;
            }
            let states = [0, 1].map(|node| nodes[node].state(&memorandum, &touched, at));
            let [ours, theirs] = [0, 1].map(|node| states[node].shared(&memorandum));
            assert_eq!(ours, theirs, "seed {seed}, after {message} of {touched:?}");
            let [here, there] = [0, 1].map(|node| rested_on(&states[node]));
            assert_eq!(here, there, "seed {seed}, after {message} of {touched:?}");
            compared += 1;
            running += ours.len();
        }
    }
    println!(
        "{} acts, {compared} comparisons, {running} clocks",
        nodes[0].known.len()
    );
    assert!(compared > 1000, "only {compared} comparisons");
}

#[test]
fn what_is_left_of_an_erased_act_says_nothing_about_a_person() {
    let memorandum = memorandum();
    let text = |text: &str| Value::Text(text.to_owned());
    let named = |name: &str, value: Value| (name.to_owned(), value);
    let subject = Value::Record([named("family_name", text("Lamkaddem"))].into());
    let question = [named("id", text("q1")), named("note", text("his address"))];
    let day = Value::Date(jiff::civil::date(2026, 12, 31));
    let officers = Value::List(vec![text("signed:officer_4")]);
    let values = [
        named("expires_on", day),
        named("named_officers_only", officers),
    ];
    let values = Value::Record(values.into());
    let act = Act {
        kind: "information_request".to_owned(),
        from: "be_federal_police".to_owned(),
        to: Some("ma_dgsn".to_owned()),
        slots: [
            named("reference", text("BE-2026-000417/1")),
            named("urgent", Value::Bool(true)),
            named("urgency_ground", text("life_or_limb")),
            named("subject", subject),
            named("facts_summary", text("Three transports.")),
            named("link", text("He rents the warehouse.")),
            named("author", text("signed:officer_1")),
            named("restriction_values", values),
            named(
                "questions",
                Value::List(vec![Value::Record(question.into())]),
            ),
        ]
        .into(),
    };
    let bare = case::skeleton(&memorandum, &act);
    let kept: Vec<&str> = bare.slots.keys().map(String::as_str).collect();
    let expected = [
        "questions",
        "reference",
        "restriction_values",
        "urgency_ground",
        "urgent",
    ];
    assert_eq!(kept, expected);
    assert!(!format!("{bare:?}").contains("address"));
    assert!(!format!("{bare:?}").contains("officer"));
    assert_eq!(bare, case::skeleton(&memorandum, &bare));
    let kept = case::write_skeleton(&memorandum, &act);
    assert_eq!(case::read_skeleton(&memorandum, &kept), Ok(bare.slots));
}

/// The steps of an alert that nobody acknowledges, up to an instant: all, and those that repeat it to everyone.
fn unacknowledged(memorandum: &Memorandum, later: &[Event], now: Timestamp) -> (usize, usize) {
    let received_at: Timestamp = "2026-05-04T10:00:00Z".parse().expect("an instant");
    let text = |text: &str| Value::Text(text.to_owned());
    let alert = Received {
        message: "m1".to_owned(),
        act: Act {
            kind: "urgent_alert".to_owned(),
            from: "be_contact_point".to_owned(),
            to: Some("ma_contact_point".to_owned()),
            slots: [
                ("reference".to_owned(), text("BE-2026-000900/1")),
                ("case".to_owned(), text("BE-2026-000900")),
            ]
            .into(),
        },
        released_at: received_at,
        received_at: Some(received_at),
        side: Side::Recipient,
        outcome: case::Outcome::Filed,
    };
    let mut events = vec![Event::Act(alert)];
    events.extend(later.iter().cloned());
    let (_, steps) = State::new(memorandum).trace(memorandum, &events, now);
    let repeats = |event: &Event| {
        let Event::Expired(expired) = event else {
            return false;
        };
        let row = memorandum.clocks.get(&expired.clock);
        row.is_some_and(|row| row.on_expiry == OnExpiry::RepeatToAll)
    };
    let repeated = steps.iter().filter(|(event, _)| repeats(event)).count();
    (steps.len(), repeated)
}

#[test]
fn a_silence_of_years_costs_no_more_steps_than_one_of_a_week() {
    let memorandum = memorandum();
    let at = |text: &str| text.parse::<Timestamp>().expect("an instant");
    let (week, of_week) = unacknowledged(&memorandum, &[], at("2026-05-11T10:00:00Z"));
    assert_eq!(
        of_week, 1,
        "only the last of the missed repetitions is made"
    );
    let (years, of_years) = unacknowledged(&memorandum, &[], at("2029-05-04T10:00:00Z"));
    assert_eq!(of_years, 1);
    // What is new in three years is what else ran out in them: the admission of the facts, and nothing for each quarter of an hour.
    assert!(
        years <= week + 5,
        "{week} steps in a week, {years} in three years"
    );
}

#[test]
fn each_event_after_a_long_silence_costs_one_repetition() {
    let memorandum = memorandum();
    let closed = |day: i64| {
        let at: Timestamp = "2026-06-01T10:00:00Z".parse().expect("an instant");
        Event::Home(case::Home {
            id: format!("h{day}"),
            happening: case::Happening::Used,
            at: at + SignedDuration::from_hours(24 * day),
            from: None,
            to: None,
            slots: [("case".to_owned(), Value::Text("BE-2026-000900".to_owned()))].into(),
        })
    };
    let later: Vec<Event> = (0..10).map(closed).collect();
    let end = "2026-12-01T10:00:00Z".parse().expect("an instant");
    let (_, repeated) = unacknowledged(&memorandum, &later, end);
    assert_eq!(repeated, later.len() + 1);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_learning_does_not_matter(seed in any::<u64>(), turns in 5_usize..40) {
        let memorandum = memorandum();
        let mut dice = Dice::new(seed);
        let mut traffic = Traffic::new("2026-01-02T08:00:00Z".parse().unwrap());
        let mut events: Vec<Event> = Vec::new();
        for _ in 0..turns {
            let sent = traffic.next(&mut dice, &memorandum);
            let received_at = sent.released_at + SignedDuration::from_secs(dice.below(40_000));
            traffic.arrived(&sent, received_at);
            events.push(Event::Act(event(&sent, Side::Recipient, Some(received_at))));
        }
        let now = traffic.now + SignedDuration::from_hours(24 * 200);
        let (folded, steps) = State::new(&memorandum).trace(&memorandum, &events, now);
        for _ in 0..4 {
            for i in (1..events.len()).rev() {
                events.swap(i, usize::try_from(dice.below(i as i64 + 1)).unwrap());
            }
            prop_assert_eq!(&folded, &State::new(&memorandum).fold(&memorandum, &events, now));
        }
        // What is left of erased acts gives the same clocks.
        let bare: Vec<Event> = events.iter().map(|event| without_content(&memorandum, event)).collect();
        let erased = State::new(&memorandum).fold(&memorandum, &bare, now);
        prop_assert_eq!(folded.shared(&memorandum), erased.shared(&memorandum));
        prop_assert_eq!(&folded.requests, &erased.requests);
        // A store that kept what ran out folds the same.
        let kept: Vec<Event> = steps.into_iter().map(|(event, _)| event).rev().collect();
        prop_assert_eq!(&folded, &State::new(&memorandum).fold(&memorandum, &kept, now));
        // To let run out again what has run out does nothing.
        let mut again = folded.clone();
        prop_assert!(again.expire(&memorandum, now).is_empty());
        prop_assert_eq!(&folded, &again);
        prop_assert!(folded.next_due(&memorandum).is_none_or(|due| due > now));
    }
}
