//! One thing changed at a time: for every rule and every derived fact a step on which it decides or speaks.

use std::collections::BTreeSet;

use entente_cooperation::{
    act::Side::{self, Recipient, Sender},
    case::{Dispute, HeldFact, Request, RunningClock, VersionChange},
    memorandum::Memorandum,
    value::Value,
};
use jiff::civil::Date;

use super::{Step, at, complete, deed, text, texts};

mod at_home;
mod exchange;
mod governance;
mod protection;
mod restriction;

use at_home::at_home;
use exchange::{exchange, form, offence};
use governance::{governance, migration, standing};
use protection::{facts, limits, person, protection};

/// A step that differs from a complete one in what its words say.
pub(crate) struct Variation {
    /// The act or deed, and the side.
    pub(crate) of: String,
    /// What was changed.
    pub(crate) words: &'static str,
    /// The step.
    pub(crate) step: Step,
}

/// Collects variations.
struct List<'m> {
    memorandum: &'m Memorandum,
    variations: Vec<Variation>,
}

impl List<'_> {
    /// An act on one side, changed.
    fn act(&mut self, kind: &str, side: Side, words: &'static str, change: impl FnOnce(&mut Step)) {
        let mut step = complete(self.memorandum, kind, side);
        change(&mut step);
        let side = if side == Sender {
            "sender"
        } else {
            "recipient"
        };
        self.variations.push(Variation {
            of: format!("{kind}, {side}"),
            words,
            step,
        });
    }

    /// An act at the sender, changed.
    fn sent(&mut self, kind: &str, words: &'static str, change: impl FnOnce(&mut Step)) {
        self.act(kind, Sender, words, change);
    }

    /// An act at the recipient, changed.
    fn received(&mut self, kind: &str, words: &'static str, change: impl FnOnce(&mut Step)) {
        self.act(kind, Recipient, words, change);
    }

    /// A deed at home.
    fn home(
        &mut self,
        event: &str,
        words: &'static str,
        slots: &[(&str, Value)],
        change: impl FnOnce(&mut Step),
    ) {
        let mut step = deed(self.memorandum, event, slots);
        change(&mut step);
        self.variations.push(Variation {
            of: format!("{event}, at home"),
            words,
            step,
        });
    }
}

impl Step {
    fn set(&mut self, slot: &str, value: Value) {
        self.act.slots.insert(slot.to_owned(), value);
    }

    fn clear(&mut self, slot: &str) {
        self.act.slots.remove(slot);
    }

    fn word(&mut self, slot: &str, word: &str) {
        self.set(slot, text(word));
    }

    fn yes(&mut self, test: &str) {
        self.set(test, Value::Bool(true));
    }

    /// A person of this age, with or without what protected persons need.
    fn aged(&mut self, age: i64) {
        self.set("subject_age", Value::Number(age));
    }

    fn guarded(&mut self) {
        self.word("second_officer", "signed:officer_2");
        self.word("necessity", "…");
    }

    /// The one fact of the act.
    fn fact(&mut self, members: Value) {
        let slot = if self.act.slots.contains_key("corrected_facts") {
            "corrected_facts"
        } else {
            "facts"
        };
        self.set(slot, Value::List(vec![members]));
    }

    fn protective_state(&mut self) {
        self.state
            .stops
            .insert(("case:BE-2026-000001".to_owned(), "be_cop".to_owned()));
    }

    /// The request that the act answers, received at an instant, due a week later.
    fn request(&mut self, received: &str, due: &str) -> &mut RunningClock {
        let clock = RunningClock {
            clock: "reply_ordinary".to_owned(),
            of: "BE-2026-000001/0".to_owned(),
            thread: "BE-2026-000001/0".to_owned(),
            debtor: "ma".to_owned(),
            start: at(received),
            due: at(due),
            ..RunningClock::default()
        };
        self.state.clocks.push(clock);
        let request = Request {
            case: "BE-2026-000001".to_owned(),
            received_at: at(received),
            from: "ma_dgsn".to_owned(),
            to: "be_federal_police".to_owned(),
            extended: false,
            clarifications: 0,
            open_parts: BTreeSet::new(),
            clock: Some(self.state.clocks.len() - 1),
        };
        self.state
            .requests
            .insert("BE-2026-000001/0".to_owned(), request);
        self.state.clocks.last_mut().expect("a clock")
    }

    fn asked(&mut self) -> &mut Request {
        self.state
            .requests
            .get_mut("BE-2026-000001/0")
            .expect("a request")
    }

    /// A fact held from the other Party, in a case.
    fn held(&mut self, case: &str, codes: &[&str]) -> &mut HeldFact {
        let fact = HeldFact {
            purpose: Some("prevent_terrorism".to_owned()),
            codes: codes.iter().map(|code| (*code).to_owned()).collect(),
            originator: "ma".to_owned(),
            ..HeldFact::default()
        };
        self.state
            .facts
            .entry((case.to_owned(), "f1".to_owned()))
            .insert_entry(fact)
            .into_mut()
    }

    /// A fact held from the other Party under one restriction, with this value of it.
    fn restricted(&mut self, restriction: &str, value: Option<Value>) {
        let fact = self.held("BE-2026-000001", &["H3"]);
        fact.restriction.insert(restriction.to_owned());
        let value = value.map(|value| (restriction.to_owned(), value));
        fact.values.extend(value);
    }

    fn dispute(&mut self, act: Option<&str>, case: Option<&str>, article: &str) {
        let dispute = Dispute {
            case: case.map(str::to_owned),
            article: article.to_owned(),
            act: act.map(str::to_owned),
        };
        self.state.disputes.insert("MA/1".to_owned(), dispute);
    }

    fn version(&mut self, from: Date, change: &str) {
        let changes = vec![change.to_owned()];
        self.state.versions.push(VersionChange {
            id: "2016-2".to_owned(),
            from,
            changes,
        });
    }
}

/// A deed at home with one fact of a case.
fn using(word: &str) -> Vec<(&'static str, Value)> {
    vec![
        ("use", text(word)),
        ("case", text("BE-2026-000001")),
        ("purpose", text("prevent_terrorism")),
        ("facts_concerned", texts(&["f1"])),
    ]
}

/// Every variation, by the paragraph it shows.
pub(crate) fn variations(memorandum: &Memorandum) -> Vec<Variation> {
    let mut list = List {
        memorandum,
        variations: Vec::new(),
    };
    standing(&mut list);
    limits(&mut list);
    form(&mut list);
    offence(&mut list);
    person(&mut list);
    facts(&mut list);
    exchange(&mut list);
    protection(&mut list);
    migration(&mut list);
    governance(&mut list);
    at_home(&mut list);
    list.variations
}
