//! Random traffic of a link: acts that belong together, from both sides, in an order that people could make.

use std::collections::BTreeMap;

use entente_cooperation::{
    act::Act,
    case::Outcome,
    judgement::Reason,
    memorandum::Memorandum,
    value::{Slots, Value},
};
use jiff::{SignedDuration, Span, Timestamp, tz::TimeZone};

/// A die that a seed throws (splitmix64).
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number from 0 to below `n`.
    pub(crate) fn below(&mut self, n: i64) -> i64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let z = (z ^ (z >> 31)) >> 1;
        i64::try_from(z).expect("63 bits") % n.max(1)
    }

    fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        let last = i64::try_from(items.len()).expect("a length");
        items[usize::try_from(self.below(last)).expect("an index")]
    }
}

/// An act that left.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) message: String,
    pub(crate) act: Act,
    pub(crate) released_at: Timestamp,
    pub(crate) from_node: usize,
    pub(crate) outcome: Outcome,
}

/// What the partner holds and can answer.
struct Open {
    sent: Sent,
    at: Timestamp,
}

/// The traffic so far.
pub(crate) struct Traffic {
    pub(crate) now: Timestamp,
    number: u32,
    open: Vec<Open>,
    /// The chapter or stop that stands, and the act that put it there.
    standing: BTreeMap<&'static str, Sent>,
}

/// Acts that open something, the organs that send and receive them on either side.
const OPENERS: [(&str, [&str; 2]); 11] = [
    ("information_request", ["be_federal_police", "ma_dgsn"]),
    ("information_request", ["be_state_security", "ma_dgst"]),
    ("spontaneous_information", ["be_federal_police", "ma_dgst"]),
    ("urgent_alert", ["be_contact_point", "ma_contact_point"]),
    ("consent_request", ["be_federal_police", "ma_dgst"]),
    ("recall", ["be_federal_police", "ma_dgsn"]),
    ("identity_request", ["be_immigration", "ma_dgsn"]),
    ("accuracy_query", ["be_federal_police", "ma_dgsn"]),
    ("restriction_notice", ["be_federal_police", "ma_dgsn"]),
    ("rights_consultation", ["be_federal_police", "ma_dgsn"]),
    ("act_registration", ["be_federal_police", "ma_dgsn"]),
];

/// What may follow an act: from whom it comes (0 the one who got it, 1 the one who sent it), and what it is.
fn follow_ups(kind: &str) -> &'static [(usize, &'static str)] {
    match kind {
        "information_request" => &[
            (0, "information_reply"),
            (0, "information_reply"),
            (0, "information_refusal"),
            (0, "clarification_request"),
            (0, "availability_declaration"),
            (0, "extension_notice"),
            (1, "act_registration"),
        ],
        "clarification_request" => &[(0, "clarification_reply")],
        "spontaneous_information" => &[
            (0, "usefulness_feedback"),
            (0, "admission_notice"),
            (0, "clarification_request"),
        ],
        "information_reply" => &[
            (0, "admission_notice"),
            (0, "usefulness_feedback"),
            (1, "correction"),
        ],
        "urgent_alert" => &[(0, "alert_acknowledgement"), (0, "alert_report")],
        "consent_request" => &[(0, "consent_decision")],
        "consent_decision" => &[(1, "consent_revocation")],
        "recall" | "correction" | "restriction_notice" | "identity_withdrawal" => {
            &[(0, "execution_proof")]
        }
        "identity_request" => &[
            (0, "identity_reply"),
            (0, "identity_extension"),
            (1, "identity_withdrawal"),
        ],
        "identity_reply" => &[(0, "flight_notice")],
        "flight_notice" => &[(0, "travel_document")],
        "accuracy_query" => &[(0, "accuracy_reply")],
        "rights_consultation" => &[(0, "rights_opinion")],
        "act_registration" => &[(0, "registration_confirmation")],
        _ => &[],
    }
}

impl Traffic {
    pub(crate) fn new(now: Timestamp) -> Self {
        Self {
            now,
            number: 0,
            open: Vec::new(),
            standing: BTreeMap::new(),
        }
    }

    /// An act reached the partner, who can follow it up from now on.
    pub(crate) fn arrived(&mut self, sent: &Sent, at: Timestamp) {
        let known = self
            .open
            .iter()
            .any(|open| open.sent.message == sent.message);
        if !known && sent.outcome == Outcome::Filed && !follow_ups(&sent.act.kind).is_empty() {
            self.open.push(Open {
                sent: sent.clone(),
                at,
            });
        }
        if self.open.len() > 60 {
            self.open.remove(0);
        }
    }

    /// The next act: something new, something that follows, or something that stands. Time goes on.
    pub(crate) fn next(&mut self, dice: &mut Dice, memorandum: &Memorandum) -> Sent {
        self.now += SignedDuration::from_secs(60 + dice.below(80_000));
        self.number += 1;
        if dice.below(50) == 0 {
            return self.stand(dice);
        }
        let ripe: Vec<usize> = (0..self.open.len())
            .filter(|i| self.open[*i].at <= self.now)
            .collect();
        if !ripe.is_empty() && dice.below(10) < 7 {
            let open = dice.pick(&ripe);
            return self.follow(dice, memorandum, open);
        }
        self.opener(dice)
    }

    fn opener(&mut self, dice: &mut Dice) -> Sent {
        let (kind, organs) = dice.pick(&OPENERS);
        let from_node = usize::try_from(dice.below(2)).expect("a node");
        let case = format!("C-{}", self.number);
        let mut slots = Slots::from([("case".to_owned(), Value::Text(case))]);
        let urgent = dice.below(2) == 0;
        match kind {
            "information_request" => {
                slots.insert("questions".to_owned(), parts("q", 1 + dice.below(3)));
                if urgent {
                    slots.insert("urgent".to_owned(), Value::Bool(true));
                    slots.insert("urgency_ground".to_owned(), text("life_or_limb"));
                }
            }
            "spontaneous_information" => {
                slots.insert("facts".to_owned(), parts("f", 1 + dice.below(3)));
            }
            "act_registration" => {
                slots.insert("act_reference".to_owned(), text("R-none"));
                slots.insert(
                    "made_at".to_owned(),
                    Value::Instant(self.now - SignedDuration::from_hours(3)),
                );
            }
            "identity_request" => {}
            _ => {
                slots.insert(
                    "facts_concerned".to_owned(),
                    Value::List(vec![text("f1"), text("f2")]),
                );
            }
        }
        self.sent(
            dice,
            kind,
            organs[from_node],
            organs[1 - from_node],
            from_node,
            slots,
        )
    }

    fn follow(&mut self, dice: &mut Dice, memorandum: &Memorandum, open: usize) -> Sent {
        let before = self.open[open].sent.clone();
        let (who, kind) = dice.pick(follow_ups(&before.act.kind));
        let from_node = if who == 0 {
            1 - before.from_node
        } else {
            before.from_node
        };
        let own = before.act.from.clone();
        let other = before.act.to.clone().expect("an addressee");
        let (from, to) = if who == 0 { (other, own) } else { (own, other) };
        let mut slots = Slots::new();
        slots.insert("case".to_owned(), before.act.slots["case"].clone());
        let answers = memorandum
            .acts
            .get(kind)
            .is_some_and(|line| line.answers.is_some());
        if answers {
            slots.insert(
                "in_reply_to".to_owned(),
                text(before.act.text("reference").expect("a reference")),
            );
        }
        self.fill(dice, kind, &before, &mut slots);
        self.sent(dice, kind, &from, &to, from_node, slots)
    }

    fn fill(&self, dice: &mut Dice, kind: &str, before: &Sent, slots: &mut Slots) {
        let today = TimeZone::UTC.to_datetime(self.now).date();
        match kind {
            "information_reply" | "information_refusal" => {
                if dice.below(2) == 0 {
                    slots.insert(
                        "scope".to_owned(),
                        Value::List(vec![text(&format!("q{}", 1 + dice.below(3)))]),
                    );
                }
                if kind == "information_reply" {
                    slots.insert("facts".to_owned(), parts("f", 1 + dice.below(2)));
                }
            }
            "extension_notice" => {
                let promised = today.saturating_add(Span::new().days(dice.below(20)));
                slots.insert("expected_on".to_owned(), Value::Date(promised));
            }
            "admission_notice" => {
                let outcome = dice.pick(&["admitted", "erased"]);
                slots.insert("admission_outcome".to_owned(), text(outcome));
                slots.insert("facts_concerned".to_owned(), Value::List(vec![text("f1")]));
            }
            "correction" => {
                slots.insert("corrected_facts".to_owned(), parts("f", 1));
                slots.insert("facts_concerned".to_owned(), Value::List(vec![text("f1")]));
            }
            "execution_proof" | "consent_revocation" => {
                slots.insert(
                    "facts_concerned".to_owned(),
                    Value::List(vec![text("f1"), text("f2")]),
                );
            }
            "consent_decision" => {
                slots.insert(
                    "consent_outcome".to_owned(),
                    text(dice.pick(&["granted", "denied"])),
                );
                slots.insert("facts_concerned".to_owned(), Value::List(vec![text("f1")]));
                let until = today.saturating_add(Span::new().days(dice.below(900)));
                slots.insert("until".to_owned(), Value::Date(until));
                slots.insert("purpose".to_owned(), text("protect_life"));
            }
            "identity_reply" => {
                let outcome = dice.pick(&[
                    "identity_confirmed",
                    "identity_not_confirmed",
                    "elements_needed",
                ]);
                slots.insert("identity_outcome".to_owned(), text(outcome));
            }
            "act_registration" => {
                slots.insert(
                    "act_reference".to_owned(),
                    text(before.act.text("reference").expect("a reference")),
                );
                let made_at = before.released_at - SignedDuration::from_secs(dice.below(40_000));
                slots.insert("made_at".to_owned(), Value::Instant(made_at));
            }
            "registration_confirmation" => {
                slots.insert(
                    "act_reference".to_owned(),
                    before.act.slots["act_reference"].clone(),
                );
                slots.insert(
                    "outcome".to_owned(),
                    text(dice.pick(&["confirmed", "registration_contested"])),
                );
            }
            _ => {}
        }
    }

    /// Suspends and resumes, stops and lifts, disputes and settles, raises a quota.
    fn stand(&mut self, dice: &mut Dice) -> Sent {
        let choices = [
            (
                "suspension",
                "suspension_notice",
                "suspension_lifted",
                ["be_interior", "ma_interior"],
            ),
            (
                "stop",
                "oversight_stop",
                "oversight_release",
                ["be_cop", "ma_contact_point"],
            ),
            (
                "dispute",
                "dispute_notice",
                "dispute_settled",
                ["be_contact_point", "ma_contact_point"],
            ),
            (
                "quota",
                "quota_raise",
                "quota_raise",
                ["be_contact_point", "ma_contact_point"],
            ),
        ];
        let (name, begin, end, organs) = dice.pick(&choices);
        let mut slots = Slots::new();
        let (kind, from_node) = match self.standing.remove(name) {
            Some(begun) => {
                for slot in ["chapters", "stop_scope"] {
                    slots.extend(
                        begun
                            .act
                            .slots
                            .get(slot)
                            .map(|value| (slot.to_owned(), value.clone())),
                    );
                }
                slots.insert(
                    "in_reply_to".to_owned(),
                    text(begun.act.text("reference").expect("a reference")),
                );
                (end, begun.from_node)
            }
            None => (
                begin,
                if name == "stop" {
                    0
                } else {
                    usize::try_from(dice.below(2)).expect("a node")
                },
            ),
        };
        if kind == "suspension_notice" {
            let chapter = dice.pick(&["exchange", "migration"]);
            slots.insert("chapters".to_owned(), Value::List(vec![text(chapter)]));
            slots.insert(
                "alerts_included".to_owned(),
                text(dice.pick(&["yes", "no"])),
            );
        }
        if kind == "oversight_stop" {
            let scopes = [
                "organ:be_federal_police",
                "chapter:exchange",
                "chapter:protection",
            ];
            slots.insert("stop_scope".to_owned(), text(dice.pick(&scopes)));
        }
        if kind == "quota_raise" {
            slots.insert("quota".to_owned(), text("checks_per_case"));
            slots.insert("new_limit".to_owned(), Value::Number(50));
        }
        let sent = self.sent(
            dice,
            kind,
            organs[from_node],
            organs[1 - from_node],
            from_node,
            slots,
        );
        if kind == begin && name != "quota" {
            self.standing.insert(name, sent.clone());
        }
        sent
    }

    fn sent(
        &self,
        dice: &mut Dice,
        kind: &str,
        from: &str,
        to: &str,
        from_node: usize,
        mut slots: Slots,
    ) -> Sent {
        slots.insert("reference".to_owned(), text(&format!("R-{}", self.number)));
        let refused = dice.below(20) == 0;
        Sent {
            message: format!("{:016x}-{}", dice.below(i64::MAX), self.number),
            act: Act {
                kind: kind.to_owned(),
                from: from.to_owned(),
                to: Some(to.to_owned()),
                slots,
            },
            released_at: self.now,
            from_node,
            outcome: if refused {
                Outcome::Refused(Reason::Impediment("too_late".to_owned()))
            } else {
                Outcome::Filed
            },
        }
    }
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn parts(letter: &str, count: i64) -> Value {
    let items = (1..=count).map(|n| {
        let id = Value::Text(format!("{letter}{n}"));
        let note = Value::Text("what nobody else may read".to_owned());
        Value::Record(BTreeMap::from([
            ("id".to_owned(), id),
            ("note".to_owned(), note),
        ]))
    });
    Value::List(items.collect())
}
