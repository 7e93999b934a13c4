//! A draft as it is handed in: a draft file, or the same as JSON, with the files that it names.

use std::collections::BTreeMap;

use base64::{Engine, prelude::BASE64_STANDARD};
use entente_cooperation::{draft::Draft, memorandum::Memorandum};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::problem::Problem;

/// What is handed in: `draft` is the text of a draft file; without it, `act`, `from`, `to`, `slots`, `declared` and `home` are its
/// parts.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HandedIn {
    draft: Option<String>,
    act: Option<String>,
    from: Option<String>,
    to: Option<String>,
    slots: Option<Map<String, Value>>,
    declared: Option<Map<String, Value>>,
    home: Option<Map<String, Value>>,
    /// The content of each file that the draft names, Base64, by name.
    #[serde(default)]
    files: BTreeMap<String, String>,
}

impl HandedIn {
    /// The draft, read through the types of the memorandum, its files attached.
    pub fn draft(&self, memorandum: &Memorandum) -> Result<Draft, Problem> {
        let mut draft = Draft::parse(&self.text()?, memorandum).map_err(|faults| {
            let all: Vec<Value> = faults
                .iter()
                .map(|fault| json!({ "line": fault.line, "slot": fault.slot, "what": fault.what, "what_to_do": fault.remedy }))
                .collect();
            let first = faults.first().map(ToString::to_string).unwrap_or_default();
            Problem::malformed("the draft has faults")
                .detail(first)
                .member("faults", Value::Array(all))
                .what_to_do("correct what is named; `entente draft ACT` asks slot by slot")
        })?;
        for (name, content) in &self.files {
            self.attach(&mut draft, name, content)?;
        }
        let missing: Vec<String> = draft
            .wanted()
            .map(|(slot, name)| format!("{name} ({slot})"))
            .collect();
        if missing.is_empty() {
            return Ok(draft);
        }
        Err(Problem::malformed("a file that the draft names is missing")
            .detail(missing.join(", "))
            .at("files")
            .what_to_do(
                "hand its content in under `files`; the command line looks for it beside the draft",
            ))
    }

    fn attach(&self, draft: &mut Draft, name: &str, content: &str) -> Result<(), Problem> {
        let place = format!("files/{name}");
        let bytes = BASE64_STANDARD.decode(content).map_err(|_| {
            Problem::malformed("the content of a file is not Base64")
                .at(place.clone())
                .what_to_do("encode it (RFC 4648, with padding)")
        })?;
        draft.attach(name, &bytes).map_err(|e| {
            Problem::malformed("a file cannot travel")
                .detail(e.to_string())
                .at(place)
                .what_to_do("send another file")
        })
    }

    /// The text of the draft file.
    fn text(&self) -> Result<String, Problem> {
        if let Some(text) = &self.draft {
            return Ok(text.clone());
        }
        let parts = json!({
            "act": self.act, "from": self.from, "to": self.to,
            "slots": self.slots, "declared": self.declared, "home": self.home,
        });
        toml::to_string(&without_null(parts)).map_err(|e| {
            Problem::malformed("the draft cannot be read")
                .detail(e.to_string())
                .what_to_do("send whole numbers, texts, lists and objects only")
        })
    }
}

/// The value without members that are null: a slot that is left empty is left out.
fn without_null(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let kept = members.into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(
                kept.map(|(name, value)| (name, without_null(value)))
                    .collect(),
            )
        }
        Value::Array(items) => Value::Array(items.into_iter().map(without_null).collect()),
        other => other,
    }
}
