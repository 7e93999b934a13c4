//! Random histories of acts and deeds: valid, nearly valid, absurd; the same seed gives the same histories.

use std::fmt::Write;

use entente_cooperation::{
    act::{Act, Side},
    memorandum::{ActLine, Memorandum, Organ},
    value::Value,
};
use jiff::{SignedDuration, Timestamp};

use super::{certificates, complete, record, text, texts};

mod chance;
mod values;

pub(crate) use chance::Chance;
use values::toml;

/// One history under way.
struct History<'m> {
    memorandum: &'m Memorandum,
    chance: Chance,
    at: Timestamp,
    /// Acts so far: reference, kind, and the act itself.
    acts: Vec<(String, Act)>,
    /// Whether half a year has passed.
    later: bool,
    text: String,
}

/// A history of this many steps, as a file of worked cases.
pub(crate) fn history(memorandum: &Memorandum, seed: u64, steps: usize) -> String {
    let mut chance = Chance::new(seed);
    let start: Timestamp = "2026-01-05T06:00:00Z".parse().expect("an instant");
    let start = start + SignedDuration::from_hours(chance.below(24 * 300) as i64);
    let mut history = History {
        memorandum,
        chance,
        at: start,
        acts: Vec::new(),
        later: false,
        text: format!("id = \"random_{seed}\"\n"),
    };
    for n in 1..=steps {
        history.step(n);
    }
    history.text
}

/// Acts about which there is most to say, so that rare rules are reached.
const RICH: [&str; 31] = [
    "information_request",
    "information_request",
    "information_reply",
    "information_reply",
    "information_refusal",
    "spontaneous_information",
    "spontaneous_information",
    "urgent_alert",
    "urgent_alert",
    "blind_check",
    "blind_check",
    "core_data",
    "onward_sharing",
    "onward_sharing",
    "consent_decision",
    "correction",
    "execution_proof",
    "extension_notice",
    "extension_notice",
    "availability_declaration",
    "clarification_request",
    "clarification_reply",
    "identity_request",
    "flight_notice",
    "statistics_table",
    "statistics_table",
    "annex_amendment",
    "joint_amendment",
    "suspension_notice",
    "dispute_settled",
    "termination_notice",
];

const CASES: [&str; 3] = ["BE-2026-000001", "BE-2026-000002", "MA-2026-000003"];

impl History<'_> {
    fn step(&mut self, n: usize) {
        let minutes = *self.chance.one(&[1, 20, 90, 300, 700, 1500, 4000]);
        self.at += SignedDuration::from_mins(minutes + self.chance.below(60) as i64);
        if self.chance.percent(1) {
            self.at += SignedDuration::from_hours(24 * 40);
        }
        if !self.later && self.chance.percent(1) {
            self.at += SignedDuration::from_hours(24 * 200);
            self.later = true; // what was not admitted is erased by now, and nothing is left to use
        }
        if !self.later && self.chance.percent(10) {
            return self.deed(n);
        }
        let side = if self.chance.percent(50) {
            Side::Sender
        } else {
            Side::Recipient
        };
        if self.chance.percent(6) && !self.acts.is_empty() {
            return self.again(n, side);
        }
        let lines: Vec<&ActLine> = self.memorandum.acts.iter().collect();
        let rich = self.chance.one(&RICH);
        let rich = self.memorandum.acts.get(rich).expect("an act");
        let line = if self.chance.percent(70) {
            rich
        } else {
            *self.chance.one(&lines)
        };
        let mut act = complete(self.memorandum, &line.id, side).act;
        self.address(line, &mut act);
        self.thread(line, &mut act, n);
        let absurd = self.chance.percent(12);
        let changes = if absurd {
            4 + self.chance.below(8)
        } else if self.chance.percent(55) {
            1 + self.chance.below(2)
        } else {
            0
        };
        for _ in 0..changes {
            self.change(line, &mut act);
        }
        if absurd && self.chance.percent(20) {
            act.kind = "no_such_act".to_owned();
        }
        self.write(n, side, &act, None);
        self.acts
            .push((act.text("reference").unwrap_or("?/0").to_owned(), act));
    }

    /// An earlier act judged again: as it was, or with something changed.
    fn again(&mut self, n: usize, side: Side) {
        let index = self.chance.below(self.acts.len());
        let mut act = self.acts[index].1.clone();
        if self.chance.percent(40) {
            let known = self.memorandum.acts.get(&act.kind).cloned();
            if let Some(line) = known {
                self.change(&line, &mut act);
            }
        }
        self.write(n, side, &act, None);
    }

    /// Who sends it to whom: mostly organs that may.
    fn address(&mut self, line: &ActLine, act: &mut Act) {
        let area = act.text("area").map(str::to_owned);
        let (from, to) = if self.chance.percent(50) {
            ("be", "ma")
        } else {
            ("ma", "be")
        };
        let fits = |organ: &&Organ, party: &str, addressed: bool| {
            let group = organ.groups.contains(&line.group)
                || addressed && organ.receives.contains(&line.group);
            organ.party == party
                && group
                && area.as_ref().is_none_or(|area| organ.areas.contains(area))
        };
        let organs: Vec<&Organ> = self.memorandum.organs.iter().collect();
        let senders: Vec<&Organ> = organs
            .iter()
            .copied()
            .filter(|organ| fits(organ, from, false))
            .collect();
        let addressed: Vec<&Organ> = organs
            .iter()
            .copied()
            .filter(|organ| fits(organ, to, true))
            .collect();
        let sender = if senders.is_empty() || self.chance.percent(4) {
            self.chance.one(&organs)
        } else {
            self.chance.one(&senders)
        };
        act.from.clone_from(&sender.id);
        let party = sender.party.clone();
        if act.to.is_some() {
            let organ = if addressed.is_empty() || self.chance.percent(4) {
                self.chance.one(&organs)
            } else {
                self.chance.one(&addressed)
            };
            act.to = Some(organ.id.clone());
        }
        if act.slots.contains_key("certificates") && party == "ma" {
            act.slots.remove("certificates");
        }
    }

    /// Its reference, case, and what it answers: mostly an act of the history that it may answer.
    fn thread(&mut self, line: &ActLine, act: &mut Act, n: usize) {
        let case = *self.chance.one(&CASES);
        if act.slots.contains_key("case") {
            act.slots.insert("case".to_owned(), text(case));
        }
        act.slots
            .insert("reference".to_owned(), text(&format!("{case}/{n}")));
        let answerable: Vec<(String, Act)> = self
            .acts
            .iter()
            .filter(|(_, earlier)| {
                line.answers
                    .as_ref()
                    .is_some_and(|kinds| kinds.has(&earlier.kind))
            })
            .cloned()
            .collect();
        if !answerable.is_empty() && self.chance.percent(85) {
            let (reference, earlier) = self.chance.one(&answerable).clone();
            act.slots.insert("in_reply_to".to_owned(), text(&reference));
            for slot in ["case", "third_recipient", "stop_scope", "purpose", "area"] {
                if let (true, Some(value)) = (act.slots.contains_key(slot), earlier.slots.get(slot))
                {
                    act.slots.insert(slot.to_owned(), value.clone());
                }
            }
            if let (Some(to), true) = (&earlier.to, act.to.is_some()) {
                (act.from, act.to) = (to.clone(), Some(earlier.from.clone()));
            }
            if line.group == "oversight" {
                act.from = earlier.from.clone();
                act.to = earlier.to.clone();
            }
        }
        if act.slots.contains_key("act_reference") && !self.acts.is_empty() {
            let (reference, _) = self.chance.one(&self.acts).clone();
            act.slots
                .insert("act_reference".to_owned(), text(&reference));
        }
    }

    /// One thing changed.
    fn change(&mut self, line: &ActLine, act: &mut Act) {
        let slots: Vec<String> = act.slots.keys().cloned().collect();
        if act.slots.contains_key("handling_codes") && self.chance.percent(20) {
            act.slots
                .insert("handling_codes".to_owned(), texts(&["H3"]));
            let restriction = self.restriction();
            act.slots.extend(restriction);
        }
        match self.chance.below(24) {
            0 => drop(act.slots.remove(self.chance.one(&slots))),
            1 => drop(act.slots.insert(self.chance.one(&slots).clone(), text(""))),
            2 => {
                let limits = self.memorandum.limits.iter();
                let limits: Vec<&String> = limits.flat_map(|limit| &limit.tests).collect();
                let test = (*self.chance.one(&limits)).clone();
                let answer = self.chance.percent(60);
                act.slots.insert(test, Value::Bool(answer));
            }
            3..=7 => self.engine_fact(act),
            8..=12 if !line.may.is_empty() => {
                let slot = self.chance.one(&line.may).clone();
                let value = self.value(&slot, line);
                act.slots.insert(slot, value);
            }
            13 => {
                let organs: Vec<&Organ> = self.memorandum.organs.iter().collect();
                act.from.clone_from(&self.chance.one(&organs).id);
            }
            14 | 15 if act.slots.contains_key("purpose") => self.crime(act),
            16 | 17 if line.personal => self.guarded(act),
            _ => {
                let slot = self.chance.one(&slots).clone();
                let plain = [
                    "memorandum_version",
                    "area",
                    "legal_basis",
                    "purpose",
                    "language",
                ];
                if slot != "reference"
                    && self.memorandum.slots.has(&slot)
                    && (!plain.contains(&slot.as_str()) || self.chance.percent(20))
                {
                    let value = self.value(&slot, line);
                    act.slots.insert(slot, value);
                }
            }
        }
    }

    /// A protected person or a minor, with some of what they need.
    fn guarded(&mut self, act: &mut Act) {
        let age = 14 + self.chance.below(8) as i64;
        act.slots
            .insert("subject_age".to_owned(), Value::Number(age));
        if act.slots.contains_key("person_status") {
            let status = self.word(&["suspect", "witness", "victim", "missing"]);
            act.slots.insert("person_status".to_owned(), status);
        }
        for slot in ["second_officer", "necessity", "best_interests"] {
            if self.chance.percent(65) {
                act.slots.insert(slot.to_owned(), text("signed:officer_7"));
            }
        }
    }

    /// Area, purpose and offence that belong together, so that later rules are reached.
    fn crime(&mut self, act: &mut Act) {
        let (area, purpose, offence) = *self.chance.one(&[
            (
                "organised_crime",
                "investigate_organised_crime",
                "corruption",
            ),
            ("organised_crime", "protect_life", "kidnapping"),
            ("organised_crime", "investigate_organised_crime", "murder"),
            (
                "organised_crime",
                "investigate_organised_crime",
                "drug_trafficking",
            ),
            ("terrorism", "investigate_terrorism", "terrorist_murder"),
            ("terrorism", "protect_life", "terrorist_travel"),
        ]);
        for (slot, word) in [("area", area), ("purpose", purpose), ("offence", offence)] {
            if act.slots.contains_key(slot) {
                act.slots.insert(slot.to_owned(), text(word));
            }
        }
    }

    /// A fact that is no slot.
    fn engine_fact(&mut self, act: &mut Act) {
        let yes = Value::Bool(self.chance.percent(50));
        let (name, value) = match self.chance.below(14) {
            0 => ("urgent", yes),
            1 => ("structured_group", yes),
            2 => ("personal_data", yes),
            3 => ("custody_statement", yes),
            4 => ("human_author", yes),
            5 => ("originator", self.word(&["be", "ma"])),
            6 => (
                "marks",
                self.words(&[
                    "quarantined",
                    "possible_match",
                    "use_ceased",
                    "locked",
                    "frozen",
                ]),
            ),
            7 => (
                "quota_used",
                record([(
                    "checks_per_case",
                    Value::Number(self.chance.below(12) as i64),
                )]),
            ),
            8 => (
                "previous_clarifications",
                Value::Number(self.chance.below(4) as i64),
            ),
            9 => ("known_holders", texts(&["be_federal_police", "NL"])),
            10 => ("certificates", certificates()),
            11 => (
                "subject_age",
                Value::Number(5 + self.chance.below(40) as i64),
            ),
            12 => (
                "second_officer",
                self.word(&["signed:officer_1", "signed:officer_2"]),
            ),
            _ => ("necessity", text("…")),
        };
        act.slots.insert(name.to_owned(), value);
    }

    /// Something done at home.
    fn deed(&mut self, n: usize) {
        let event = *self
            .chance
            .one(&["read", "handover", "use", "use", "export"]);
        let mut slots = entente_cooperation::value::Slots::new();
        let mut set = |slot: &str, value: Value| drop(slots.insert(slot.to_owned(), value));
        match event {
            "read" => {
                set("reader", self.word(&["signed:a", "signed:b", "signed:c"]));
                set("responsible_officer", text("signed:a"));
                set("deputy", text("signed:b"));
                set("case", self.word(&CASES));
                set("facts_concerned", self.words(&["f1", "f2"]));
            }
            "handover" => set("handover_signatures", self.words(&["signed:a", "signed:b"])),
            _ => {
                let word = if event == "export" {
                    "export"
                } else {
                    *self.chance.one(&[
                        "use",
                        "search",
                        "sharing",
                        "evidence",
                        "proceedings",
                        "requested_action",
                    ])
                };
                set("use", text(word));
                set("case", self.word(&CASES));
                set(
                    "purpose",
                    self.word(&["prevent_terrorism", "investigate_terrorism", "protect_life"]),
                );
                set("facts_concerned", self.words(&["f1", "f2"]));
                if self.chance.percent(40) {
                    set(
                        "marks",
                        self.words(&["quarantined", "use_ceased", "not_usable_in_proceedings"]),
                    );
                }
                if self.chance.percent(60) {
                    set("handling_codes", self.words(&["H0", "H1", "H2", "H3"]));
                }
            }
        }
        if self.chance.percent(3) {
            set("bulk", Value::Bool(true));
        }
        let act = Act {
            kind: event.to_owned(),
            from: "be_federal_police".to_owned(),
            to: None,
            slots,
        };
        let side = if self.chance.percent(50) {
            Side::Sender
        } else {
            Side::Recipient
        };
        self.write(n, side, &act, Some(event));
    }

    /// Writes a step as worked cases write it.
    fn write(&mut self, n: usize, side: Side, act: &Act, event: Option<&str>) {
        let node = if side == Side::Sender {
            "sender"
        } else {
            "recipient"
        };
        let what = event.map_or_else(
            || format!("act = {:?}", act.kind),
            |event| format!("event = {event:?}"),
        );
        let to = act
            .to
            .as_ref()
            .map(|to| format!("to = {to:?}\n"))
            .unwrap_or_default();
        let _ = write!(
            self.text,
            "\n[[step]]\nn = {n}\nat = {}\nnode = {node:?}\n{what}\nfrom = {:?}\n{to}[step.facts]\n",
            self.at, act.from
        );
        for (slot, value) in &act.slots {
            let _ = writeln!(self.text, "{slot} = {}", toml(value));
        }
        self.text.push_str("[step.expect]\narticles = []\n");
    }
}
