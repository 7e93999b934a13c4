//! A worked case as it is written: one TOML file, one history, every key taken (`cases/README.md`).

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date};

use crate::{
    act::Side,
    memorandum::{
        Fault, Memorandum,
        sheet::{Node, Sheet},
    },
    value::{Slots, Value},
};

/// One step: an act or an event, and what it must give.
#[derive(Clone, Debug)]
pub(super) struct Told {
    /// Its number.
    pub(super) n: i64,
    /// Where it stands.
    pub(super) line: usize,
    /// The instant of judgement.
    pub(super) at: Timestamp,
    /// Whose node.
    pub(super) side: Side,
    /// The act, if it is one.
    pub(super) act: Option<String>,
    /// The event, if it is one.
    pub(super) event: Option<String>,
    /// The clock that ran out.
    pub(super) clock: Option<String>,
    /// From which organ.
    pub(super) from: Option<String>,
    /// To which organ.
    pub(super) to: Option<String>,
    /// What is stated: the given facts, with what this step adds or changes.
    pub(super) facts: Slots,
    /// What it must give.
    pub(super) expected: Expected,
}

/// What a step must give.
#[derive(Clone, Debug, Default)]
pub(super) struct Expected {
    /// Where it stands.
    pub(super) line: usize,
    /// Permit, refuse, clarify; none for what is not judged.
    pub(super) decision: Option<String>,
    /// The deciding paragraphs.
    pub(super) articles: Vec<String>,
    /// The reason: the key under which it stands, and the identifier.
    pub(super) reason: Option<(String, String)>,
    /// The slot to look at.
    pub(super) hint: Option<String>,
    /// What was missing.
    pub(super) missing: Vec<String>,
    /// What it sets going.
    pub(super) effects: Vec<ExpectedEffect>,
}

/// An effect with the members that a case states, and the line of each.
#[derive(Clone, Debug, Default)]
pub(super) struct ExpectedEffect {
    /// Where it stands.
    pub(super) line: usize,
    /// Its members by key.
    pub(super) members: BTreeMap<String, Member>,
}

/// A member of an effect.
#[derive(Clone, Debug)]
pub(super) struct Member {
    /// Where it stands.
    pub(super) line: usize,
    /// Its value.
    pub(super) value: Value,
    /// The offset written, in seconds, if it is an instant.
    pub(super) offset_seconds: Option<i32>,
    /// As it is written.
    pub(super) written: String,
}

const CASE_KEYS: [&str; 5] = ["id", "title", "story", "given", "step"];
const STEP_KEYS: [&str; 11] = [
    "n", "at", "node", "act", "event", "clock", "from", "to", "uses", "facts", "expect",
];
const EXPECT_KEYS: [&str; 8] = [
    "decision",
    "articles",
    "ground",
    "impediment",
    "limit",
    "hint",
    "missing",
    "effect",
];
const EFFECT_KEYS: [&str; 13] = [
    "id",
    "clock",
    "debtor",
    "start",
    "due",
    "part",
    "mark",
    "to",
    "step",
    "leaves_at",
    "from",
    "paused_from",
    "paused_to",
];

/// Reads a case. Fails with every place that is no TOML, an unknown key, or not of its type.
pub(super) fn read(
    memorandum: &Memorandum,
    file: &str,
    text: &str,
) -> Result<Vec<Told>, Vec<Fault>> {
    let sheet = Sheet::parse(file, text.as_bytes())?;
    let mut reader = Reader {
        memorandum,
        faults: Vec::new(),
    };
    for (key, line) in sheet.keys() {
        if !CASE_KEYS.contains(&key) {
            reader
                .faults
                .push(Fault::new(file, line, format!("unknown key “{key}”")));
        }
    }
    let given = reader.given(&sheet);
    let steps = sheet.get("step").into_iter().flat_map(Node::items);
    let told: Vec<Told> = steps.filter_map(|step| reader.step(step, &given)).collect();
    if told.is_empty() && reader.faults.is_empty() {
        reader
            .faults
            .push(Fault::new(file, 0, "a case without a step"));
    }
    if reader.faults.is_empty() {
        Ok(told)
    } else {
        Err(reader.faults)
    }
}

struct Reader<'m> {
    memorandum: &'m Memorandum,
    faults: Vec<Fault>,
}

impl Reader<'_> {
    fn given(&mut self, sheet: &Sheet<'_>) -> BTreeMap<String, Slots> {
        let Some(given) = sheet.get("given") else {
            return BTreeMap::new();
        };
        let mut sets = BTreeMap::new();
        for (name, _) in given.keys() {
            if let Some(set) = given.get(name) {
                sets.insert(name.to_owned(), self.facts(set));
            }
        }
        sets
    }

    /// Slots and engine facts by identifier; another key is a fault.
    fn facts(&mut self, node: Node<'_, '_>) -> Slots {
        let mut slots = Slots::new();
        for (key, line) in node.keys() {
            if !self.memorandum.slots.has(key) && !self.memorandum.engine_facts.has(key) {
                let fault = Fault::new(node.sheet.file, line, format!("unknown fact “{key}”"));
                self.faults.push(fault);
                continue;
            }
            if let Some(value) = node.get(key).and_then(|node| self.value(node)) {
                slots.insert(key.to_owned(), value);
            }
        }
        slots
    }

    fn step(&mut self, node: Node<'_, '_>, given: &BTreeMap<String, Slots>) -> Option<Told> {
        self.keys(node, &STEP_KEYS);
        let text = |key: &str| node.get(key).and_then(Node::text).map(str::to_owned);
        let n = node.get("n").and_then(|n| self.value(n)?.as_number());
        let at = node.get("at").and_then(|at| self.value(at)?.as_instant());
        let side = match text("node").as_deref() {
            Some("sender") => Some(Side::Sender),
            Some("recipient") => Some(Side::Recipient),
            _ => None,
        };
        let (Some(n), Some(at), Some(side)) = (n, at, side) else {
            let what = "a step has a number “n”, an instant “at” and a “node”, sender or recipient";
            self.faults.push(node.fault(what));
            return None;
        };
        if text("act").is_some() == text("event").is_some() {
            self.faults.push(node.fault("a step is an act or an event"));
        }
        let mut facts = Slots::new();
        if let Some(uses) = node.get("uses") {
            match uses.text().and_then(|name| given.get(name)) {
                Some(set) => facts.clone_from(set),
                None => self
                    .faults
                    .push(uses.fault("no such set of facts under [given]")),
            }
        }
        if let Some(own) = node.get("facts") {
            facts.extend(self.facts(own));
        }
        let expected = node.get("expect").map(|node| self.expected(node));
        Some(Told {
            n,
            line: node.line(),
            at,
            side,
            act: text("act"),
            event: text("event"),
            clock: text("clock"),
            from: text("from"),
            to: text("to"),
            facts,
            expected: expected.unwrap_or_default(),
        })
    }

    fn expected(&mut self, node: Node<'_, '_>) -> Expected {
        self.keys(node, &EXPECT_KEYS);
        let text = |key: &str| node.get(key).and_then(Node::text).map(str::to_owned);
        let texts = |key: &str| -> Vec<String> {
            let items = node.get(key).into_iter().flat_map(Node::texts);
            items.map(|(_, text)| text.to_owned()).collect()
        };
        let reason = ["ground", "impediment", "limit"]
            .into_iter()
            .find_map(|key| Some((key.to_owned(), text(key)?)));
        let effects = node.get("effect").into_iter().flat_map(Node::items);
        Expected {
            line: node.line(),
            decision: text("decision"),
            articles: texts("articles"),
            reason,
            hint: text("hint"),
            missing: texts("missing"),
            effects: effects.map(|node| self.effect(node)).collect(),
        }
    }

    fn effect(&mut self, node: Node<'_, '_>) -> ExpectedEffect {
        self.keys(node, &EFFECT_KEYS);
        let mut members = BTreeMap::new();
        for (key, line) in node.keys() {
            let Some(member) = node.get(key) else {
                continue;
            };
            if let Some(value) = self.value(member) {
                let (offset_seconds, written) = as_written(member);
                members.insert(
                    key.to_owned(),
                    Member {
                        line,
                        value,
                        offset_seconds,
                        written,
                    },
                );
            }
        }
        ExpectedEffect {
            line: node.line(),
            members,
        }
    }

    fn keys(&mut self, node: Node<'_, '_>, known: &[&str]) {
        for (key, line) in node.keys() {
            if !known.contains(&key) {
                let fault = Fault::new(node.sheet.file, line, format!("unknown key “{key}”"));
                let remedy = format!("known are {}", known.join(", "));
                self.faults.push(fault.with_remedy(remedy));
            }
        }
    }

    fn value(&mut self, node: Node<'_, '_>) -> Option<Value> {
        match node.read::<toml::Value>().map(value_of) {
            Ok(Ok(value)) => Some(value),
            Ok(Err(what)) => {
                self.faults.push(node.fault(what));
                None
            }
            Err(fault) => {
                self.faults.push(fault);
                None
            }
        }
    }
}

/// The offset of an instant in seconds, and any value as it is written.
fn as_written(node: Node<'_, '_>) -> (Option<i32>, String) {
    let Ok(value) = node.read::<toml::Value>() else {
        return (None, String::new());
    };
    let offset = match &value {
        toml::Value::Datetime(stamp) => stamp.offset.map(|offset| match offset {
            toml::value::Offset::Z => 0,
            toml::value::Offset::Custom { minutes } => i32::from(minutes) * 60,
        }),
        _ => None,
    };
    (offset, value.to_string())
}

/// A TOML value as a slot holds it: an empty text is an empty slot.
fn value_of(value: toml::Value) -> Result<Value, String> {
    Ok(match value {
        toml::Value::String(text) if text.is_empty() => Value::Empty,
        toml::Value::String(text) => Value::Text(text),
        toml::Value::Integer(number) => Value::Number(number),
        toml::Value::Boolean(flag) => Value::Bool(flag),
        toml::Value::Float(number) => return Err(format!("{number} is no whole number")),
        toml::Value::Datetime(stamp) => {
            let text = stamp.to_string();
            let date = text.parse::<Date>().map(Value::Date);
            let instant = || text.parse::<Timestamp>().map(Value::Instant);
            match (stamp.time, stamp.offset) {
                (None, None) => date,
                (Some(_), Some(_)) => instant(),
                _ => return Err(format!("{text} has no offset")),
            }
            .map_err(|error| error.to_string())?
        }
        toml::Value::Array(items) => {
            let items: Result<_, String> = items.into_iter().map(value_of).collect();
            Value::List(items?)
        }
        toml::Value::Table(members) => {
            let members: Result<_, String> = members
                .into_iter()
                .map(|(key, value)| Ok((key, value_of(value)?)))
                .collect();
            Value::Record(members?)
        }
    })
}
