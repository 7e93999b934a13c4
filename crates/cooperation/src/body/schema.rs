//! The JSON Schema of a body, generated from the memorandum, for whoever builds the other end or checks us.
//!
//! Draft 2020-12. It says what JSON Schema can say; normal form, controls, duplicate members and padding stay with the reader
//! ([`super::strict`]). Every body that we write satisfies it.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{
    attachment::{CONTENT_MAX_BYTES, MEDIA_TYPES},
    form::LINE_MAX_CHARS,
    kind::{Kind, Shape},
    slots::{CellMember, FACT_CAVEATS, cell_member, fact_member, of_act},
    vocabulary::Vocabulary,
};
use crate::memorandum::{Behaviour, Memorandum};

/// The JSON Schema of a body under this memorandum.
pub fn of(memorandum: &Memorandum) -> Value {
    let writer = Writer { memorandum };
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": format!("urn:entente:{}:{}:body", memorandum.head.id, memorandum.head.version),
        "title": format!("Body of an act under {} {}", memorandum.head.id, memorandum.head.version),
        "type": "object",
        "properties": writer.envelope(),
        "required": [
            "v", "act_id", "link", "from_party", "to_party", "act", "from", "to", "released_at", "memorandum", "supersedes",
            "slots", "attachments"
        ],
        "additionalProperties": false,
        "allOf": writer.acts(),
        "$defs": writer.definitions(),
    })
}

struct Writer<'m> {
    memorandum: &'m Memorandum,
}

impl Writer<'_> {
    fn envelope(&self) -> Value {
        let parties: Vec<&str> = self
            .memorandum
            .parties
            .iter()
            .map(|party| party.id.as_str())
            .collect();
        json!({
            "v": { "const": 1 },
            "act_id": hex(32),
            "link": { "const": self.memorandum.head.id },
            "from_party": { "enum": parties },
            "to_party": { "enum": parties },
            "act": word(),
            "from": word(),
            "to": { "anyOf": [word(), { "type": "null" }] },
            "released_at": { "$ref": "#/$defs/instant_text" },
            "memorandum": hex(64),
            "supersedes": { "anyOf": [hex(64), { "type": "null" }] },
            "slots": { "type": "object", "properties": self.all_slots(), "additionalProperties": false },
            "attachments": { "type": "array", "items": { "$ref": "#/$defs/attachment_file" } },
        })
    }

    /// Every slot and engine fact that can stand in a body, by its type.
    fn all_slots(&self) -> Value {
        let every = of_act(self.memorandum, "", &Default::default());
        let slot = |id: String| Some((id.clone(), self.kind(&Kind::of(self.memorandum, &id)?)));
        Value::Object(every.into_iter().filter_map(slot).collect())
    }

    /// For each act, the slots that it has. An act that supplies what was asked for may carry any.
    fn acts(&self) -> Vec<Value> {
        let bounded = self
            .memorandum
            .acts
            .iter()
            .filter(|line| line.behaviour != Behaviour::Completes);
        let condition = |act: &str, own: BTreeSet<String>| {
            json!({
                "if": { "properties": { "act": { "const": act } }, "required": ["act"] },
                "then": { "properties": { "slots": { "propertyNames": { "enum": own } } } },
            })
        };
        bounded
            .map(|line| {
                condition(
                    &line.id,
                    of_act(self.memorandum, &line.id, &Default::default()),
                )
            })
            .collect()
    }

    fn definitions(&self) -> Value {
        json!({
            "instant_text": {
                "type": "string",
                "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-5][0-9](\.[0-9]{1,9})?Z$"
            },
            "date": object(json!({ "date": { "type": "string", "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$" } }), &["date"]),
            "instant": object(json!({ "at": { "$ref": "#/$defs/instant_text" } }), &["at"]),
            "line": line(),
            "measure": object(json!({ "number": integer(), "unit": line() }), &["number", "unit"]),
            "fact": self.fact(),
            "question": object(
                json!({ "id": { "type": "string", "pattern": "^q[0-9]{1,6}$" }, "category": self.list("data_category"), "note": text() }),
                &["id"]
            ),
            "cell": self.cell(),
            "attachment_file": object(
                json!({
                    "slot": word(),
                    "name": { "type": "string", "minLength": 1, "maxLength": 120 },
                    "media_type": { "enum": MEDIA_TYPES.map(super::attachment::MediaType::as_str) },
                    "sha256": hex(64),
                    "content": {
                        "type": "string", "contentEncoding": "base64",
                        "pattern": "^[A-Za-z0-9+/]+={0,2}$", "maxLength": CONTENT_MAX_BYTES.div_ceil(3) * 4
                    },
                }),
                &["slot", "name", "media_type", "sha256", "content"]
            ),
        })
    }

    /// A fact: any field of Annex 6 by its type, since a field of another category is for the rule to refuse.
    fn fact(&self) -> Value {
        let mut members = Map::new();
        let categories: Vec<&str> = self
            .memorandum
            .categories
            .iter()
            .map(|row| row.id.as_str())
            .collect();
        let fields = self
            .memorandum
            .fields
            .values()
            .flatten()
            .map(|field| field.id.as_str());
        for name in fields.chain(FACT_CAVEATS).chain(["note"]) {
            let kinds: Vec<Kind> = categories
                .iter()
                .filter_map(|category| fact_member(self.memorandum, category, name))
                .collect();
            let mut schemas: Vec<Value> = kinds.iter().map(|kind| self.kind(kind)).collect();
            schemas.dedup();
            let Some(first) = schemas.first().cloned() else {
                continue;
            };
            let alike = schemas.iter().all(|schema| *schema == first);
            members.insert(
                name.to_owned(),
                if alike {
                    first
                } else {
                    json!({ "anyOf": schemas })
                },
            );
        }
        members.insert(
            "id".into(),
            json!({ "type": "string", "pattern": "^f[0-9]{1,6}$" }),
        );
        members.insert("category".into(), self.list("data_category"));
        object(Value::Object(members), &["id", "category"])
    }

    fn cell(&self) -> Value {
        let keys = self
            .memorandum
            .cell
            .iter()
            .flat_map(|cell| &cell.keys)
            .map(String::as_str);
        let names = self
            .memorandum
            .dimensions
            .iter()
            .map(|row| row.id.as_str())
            .chain(keys);
        let member = |name: &str| {
            let schema = match cell_member(self.memorandum, name)? {
                CellMember::Count => {
                    json!({ "type": "integer", "minimum": 0, "maximum": super::strict::SAFE_INTEGER_MAX })
                }
                CellMember::Flag => json!({ "type": "boolean" }),
                CellMember::Dimension => json!({ "anyOf": [line(), integer()] }),
            };
            Some((name.to_owned(), schema))
        };
        let members: Map<String, Value> = names.filter_map(member).collect();
        let mut cell = object(Value::Object(members), &[]);
        cell["minProperties"] = json!(1);
        cell
    }

    /// The schema of a type.
    fn kind(&self, kind: &Kind) -> Value {
        let pattern = |pattern: &str| json!({ "type": "string", "pattern": pattern });
        match kind {
            Kind::OneOf(list) => self.list(list),
            Kind::SeveralOf(list) => array(self.list(list)),
            Kind::Version => word(),
            Kind::Identifier | Kind::Name | Kind::Place => json!({ "$ref": "#/$defs/line" }),
            Kind::Country => pattern("^[A-Z]{2}$"),
            Kind::CountryOr(list) => json!({ "anyOf": [pattern("^[A-Z]{2}$"), self.list(list)] }),
            Kind::Scope(list) => pattern(&format!("^({}):.", self.ids(list).join("|"))),
            Kind::ActReference => pattern("^[!-~]+/(0|[1-9][0-9]{0,19})$"),
            Kind::Article => pattern(r"^[0-9]{1,3}(\.[0-9]{1,3})?$"),
            Kind::Period => pattern("^[0-9]{4}(-Q[1-4])?$"),
            Kind::Parts => array(pattern("^[qf][0-9]{1,6}$")),
            Kind::Facts => array(json!({ "$ref": "#/$defs/fact" })),
            Kind::Questions => array(json!({ "$ref": "#/$defs/question" })),
            Kind::Cells => array(json!({ "$ref": "#/$defs/cell" })),
            Kind::Record(shape) => self.record(shape),
            Kind::Each(item) => array(self.kind(item)),
            Kind::Date => json!({ "$ref": "#/$defs/date" }),
            Kind::PartialDate => pattern("^[0-9]{4}(-[0-9]{2}){0,2}$"),
            Kind::Instant => json!({ "$ref": "#/$defs/instant" }),
            Kind::Number => integer(),
            Kind::Measure => json!({ "$ref": "#/$defs/measure" }),
            Kind::Signature => signature(),
            Kind::Signatures => array(signature()),
            Kind::Attachment => hex(64),
            Kind::Text => text(),
            Kind::Bool => json!({ "type": "boolean" }),
        }
    }

    fn record(&self, shape: &Shape) -> Value {
        let members: Map<String, Value> = shape
            .members
            .iter()
            .map(|(name, kind)| (name.clone(), self.kind(kind)))
            .collect();
        let mut record = object(Value::Object(members), &[]);
        record["minProperties"] = json!(1);
        record
    }

    fn list(&self, list: &str) -> Value {
        json!({ "enum": self.ids(list) })
    }

    fn ids(&self, list: &str) -> Vec<&str> {
        let choices =
            Vocabulary::find(self.memorandum, list).map(|vocabulary| vocabulary.choices());
        choices
            .unwrap_or_default()
            .into_iter()
            .map(|(id, _)| id)
            .collect()
    }
}

fn object(members: Value, required: &[&str]) -> Value {
    json!({ "type": "object", "properties": members, "required": required, "additionalProperties": false })
}

fn array(items: Value) -> Value {
    json!({ "type": "array", "items": items, "minItems": 1 })
}

fn line() -> Value {
    json!({ "type": "string", "minLength": 1, "maxLength": LINE_MAX_CHARS, "pattern": r"^[^\n\t]*$" })
}

fn text() -> Value {
    json!({ "type": "string", "minLength": 1 })
}

fn integer() -> Value {
    json!({ "type": "integer", "minimum": -super::strict::SAFE_INTEGER_MAX, "maximum": super::strict::SAFE_INTEGER_MAX })
}

fn hex(digits: usize) -> Value {
    json!({ "type": "string", "pattern": format!("^[0-9a-f]{{{digits}}}$") })
}

fn word() -> Value {
    json!({ "type": "string", "pattern": "^[A-Za-z0-9_.-]{1,64}$" })
}

fn signature() -> Value {
    json!({ "type": "string", "pattern": "^signed:[A-Za-z0-9_.-]{1,64}$" })
}
