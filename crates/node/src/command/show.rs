//! What the node's answers have in common when people read them: capitals' time, what is left, who says it is a model.

use jiff::Timestamp;
use serde_json::Value;

use super::{
    answer::Answer,
    instant::{Capitals, left},
    terminal::cell,
};

/// How the answers of a node are shown: in the legal time of its Parties, seen from its own clock.
#[derive(Clone, Debug)]
pub struct Show {
    capitals: Capitals,
    now: Option<Timestamp>,
    notice: Option<String>,
}

impl Show {
    /// As the members `time_zones`, `now` and `notice` of an answer say.
    pub fn of(answer: &Value) -> Self {
        let zones = answer["time_zones"].as_array().into_iter().flatten();
        Self {
            capitals: Capitals::of(zones.filter_map(Value::as_str)),
            now: answer["now"].as_str().and_then(|text| text.parse().ok()),
            notice: answer["notice"].as_str().map(str::to_owned),
        }
    }

    /// An instant in the time of every capital; empty if there is none.
    pub fn instant(&self, at: &Value) -> String {
        let parsed = at.as_str().and_then(|text| text.parse().ok());
        parsed.map_or_else(|| printable(at), |at| self.capitals.show(at))
    }

    /// How long a clock has left: `1 h 12 min`, `paused`, or nothing if none runs.
    pub fn left(&self, clock: &Value) -> String {
        let due = clock["due"].as_str().and_then(|text| text.parse().ok());
        match (due, self.now) {
            (Some(_), _) if !clock["paused_since"].is_null() => "paused".to_owned(),
            (Some(due), Some(now)) => left(due, now),
            _ => "–".to_owned(),
        }
    }

    /// The answer of a command, with the notice of a demonstration.
    pub fn answer(&self, text: impl Into<String>, json: Value) -> Answer {
        Answer::new(text, json).demonstration(self.notice.as_deref())
    }
}

/// A member as a terminal may show it on one line: empty for none, bare for a text, JSON for the rest.
pub fn printable(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => cell(text),
        other => cell(&other.to_string()),
    }
}

/// The oversight authorities that were told of a refusal; none where nobody was.
pub fn told(act: &Value) -> Option<String> {
    let organs = act["told"].as_array()?.iter();
    let organs: Vec<String> = organs.map(|told| printable(&told["organ_label"])).collect();
    (!organs.is_empty()).then(|| format!("told: {}", organs.join(", ")))
}
