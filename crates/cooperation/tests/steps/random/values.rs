//! Values of slots: such as the type of the slot has, and such as it has not; and how a file writes them.

use entente_cooperation::{memorandum::ActLine, value::Value};
use jiff::{SignedDuration, civil::date};

use super::super::{record, text};
use super::{Chance, History};

impl History<'_> {
    pub(super) fn words(&mut self, list: &[&str]) -> Value {
        Value::List(self.chance.some(list))
    }

    pub(super) fn word(&mut self, list: &[&str]) -> Value {
        text(self.chance.one::<&str>(list))
    }

    pub(super) fn rows<'r>(&mut self, ids: impl Iterator<Item = &'r String>) -> Value {
        let ids: Vec<&String> = ids.collect();
        text(self.chance.one(&ids).as_str())
    }

    /// Another value for a slot.
    pub(super) fn value(&mut self, slot: &str, line: &ActLine) -> Value {
        let m = self.memorandum;
        let day = |chance: &mut Chance| {
            Value::Date(date(
                2026,
                1 + chance.below(12) as i8,
                1 + chance.below(28) as i8,
            ))
        };
        match slot {
            "area" => self.rows(m.areas.iter().map(|row| &row.id)),
            "purpose" => self.rows(m.purposes.iter().map(|row| &row.id)),
            "legal_basis" => self.rows(m.legal_bases.iter().map(|row| &row.id)),
            "offence" => self.rows(
                m.offences
                    .iter()
                    .chain(m.excluded.iter())
                    .map(|row| &row.id),
            ),
            "person_status" => self.rows(m.statuses.iter().map(|row| &row.id)),
            "table" => self.rows(
                m.tables
                    .iter()
                    .map(|row| &row.id)
                    .chain(m.closed_tables.iter().map(|row| &row.id)),
            ),
            "quota" => self.rows(m.quotas.iter().map(|row| &row.id)),
            "handling_codes" => self.words(&["H0", "H1", "H2", "H3"]),
            "restriction" | "restriction_values" => {
                let restriction = self.restriction().into_iter();
                let own = restriction.filter(|(name, _)| name == slot);
                own.map(|(_, value)| value).next().unwrap_or(Value::Empty)
            }
            "refusal_ground" => self.words(&[
                "not_held",
                "not_communicable",
                "restriction_forbids",
                "still_incomplete",
            ]),
            "facts" | "corrected_facts" => self.facts(),
            "questions" => {
                let category = self.rows(m.categories.iter().map(|row| &row.id));
                Value::List(vec![record([("id", text("q1")), ("category", category)])])
            }
            "facts_concerned" => self.words(&["f1", "f2"]),
            "scope" => self.words(&["q1", "q2"]),
            "grade" if self.chance.percent(50) => record([("source", text("A"))]),
            "grade" => record([("source", text("A")), ("information", text("1"))]),
            "custody_circumstances" => self.words(&["place_date_duration", "lawyer", "complaint"]),
            "slots_supplied" => self.words(&["custody_circumstances", "subject"]),
            "chapters" => self.words(&["exchange", "migration", "consultation", "protection"]),
            "signatures" => self.words(&[
                "signed:be_contact_point",
                "signed:ma_contact_point",
                "signed:be_interior",
            ]),
            "holders" => self.words(&["be_federal_police", "NL", "FR"]),
            "changes" => Value::List(vec![self.word(&[
                "terrorist_travel.be.max_years = 0",
                "murder.ma.death = false",
                "terrorist_travel.ma.death = true",
                "corruption.be.max_years = 3",
                "minimum.own = 3",
            ])]),
            "annex" => Value::Number(*self.chance.one(&[1, 2, 2, 8, 10, 11])),
            "new_version" => self.word(&["2016-2", "2016-3"]),
            "memorandum_version" => self.word(&["2016-1", "2016-2", "2016-3", "2015-9"]),
            "stop_scope" => self.word(&[
                "organ:be_federal_police",
                "organ:ma_dgsn",
                "case:BE-2026-000001",
                "chapter:exchange",
                "chapter:migration",
            ]),
            "article_concerned" => self.word(&["10.1", "20.3", "27.1"]),
            "outcome" => self.word(&[
                "settled",
                "dispute_withdrawn",
                "confirmed",
                "upheld",
                "return_arranged",
            ]),
            "consent_outcome" => self.word(&["granted", "partly_granted", "denied"]),
            "admission_outcome" => self.word(&["admitted", "erased"]),
            "identity_outcome" => self.word(&[
                "identity_confirmed",
                "identity_not_confirmed",
                "elements_needed",
            ]),
            "nationals" => self.word(&["own", "partner", "third"]),
            "imminent_act" | "alerts_included" => self.word(&["yes", "no"]),
            "urgency_ground" => self.word(&["life_or_limb", "public_security"]),
            "third_recipient" => self.word(&["FR", "NL"]),
            "other_channel" => text("telephone"),
            "cells" => self.cells(),
            "subject_age" => Value::Number(5 + self.chance.below(40) as i64),
            "new_limit" => Value::Number(self.chance.below(60) as i64),
            "expected_on" | "until" | "in_force_on" | "meeting_on" | "erase_on" => {
                day(&mut self.chance)
            }
            "subject" if self.chance.percent(50) => {
                record([("kind", text("person")), ("note", text("…"))])
            }
            "identity_documents" => record([("number", text("AB 1"))]),
            "assurance" | "risk_assessment" | "best_interests" | "second_officer" | "consent" => {
                text("signed:officer_7")
            }
            _ => super::super::value(line, slot),
        }
    }

    /// One or two facts of any category, some of them malformed, some with their own codes, grade, originator.
    pub(super) fn facts(&mut self) -> Value {
        let count = 1 + self.chance.below(2);
        let facts = (1..=count).map(|n| {
            let categories: Vec<&String> = self
                .memorandum
                .categories
                .iter()
                .map(|row| &row.id)
                .collect();
            let category = (*self.chance.one(&categories)).clone();
            let mut members = vec![("id".to_owned(), text(&format!("f{n}")))];
            let field = self.memorandum.fields.get(&category).and_then(|fields| {
                fields.iter().find(|field| {
                    field.kind == "name" || field.kind == "place" || field.kind == "identifier"
                })
            });
            let (name, value) = match field {
                Some(field) if self.chance.percent(90) => (field.id.clone(), text("…")),
                _ => ("note".to_owned(), text("…")),
            };
            members.push(("category".to_owned(), text(&category)));
            members.push((name, value));
            if self.chance.percent(15) {
                members.push(("handling_codes".to_owned(), self.words(&["H1", "H3"])));
            }
            if self.chance.percent(10) {
                members.extend(self.restriction());
            }
            if self.chance.percent(10) {
                members.push(("grade".to_owned(), record([("source", text("C"))])));
            }
            if self.chance.percent(10) {
                members.push(("originator".to_owned(), self.word(&["be", "ma"])));
            }
            Value::Record(members.into_iter().collect())
        });
        Value::List(facts.collect())
    }

    /// Restrictions, mostly with the values that they need.
    pub(super) fn restriction(&mut self) -> Vec<(String, Value)> {
        let names = ["named_officers_only", "embargo_until", "expires_on"];
        let chosen = self
            .chance
            .some(&["not_to_be_filed", names[0], names[1], names[2]]);
        let mut values = std::collections::BTreeMap::new();
        for name in names {
            let is_chosen = chosen.contains(&text(name));
            if is_chosen != self.chance.percent(7) {
                values.insert(name.to_owned(), self.restriction_value(name));
            }
        }
        let mut slots = vec![("restriction".to_owned(), Value::List(chosen))];
        if !values.is_empty() {
            slots.push(("restriction_values".to_owned(), Value::Record(values)));
        }
        slots
    }

    /// A value about the time of the histories.
    pub(super) fn restriction_value(&mut self, name: &str) -> Value {
        let hours = SignedDuration::from_hours(self.chance.below(60 * 24) as i64 - 20 * 24);
        let near = self.at.saturating_add(hours).unwrap_or(self.at);
        match name {
            "embargo_until" => Value::Instant(near),
            "expires_on" => Value::Date(jiff::tz::TimeZone::UTC.to_datetime(near).date()),
            _ => Value::List(vec![self.word(&[
                "signed:a",
                "signed:b",
                "signed:be_federal_police",
            ])]),
        }
    }

    pub(super) fn cells(&mut self) -> Value {
        let mut cells = Vec::new();
        for sex in ["m", "f", "x"] {
            if self.chance.percent(70) {
                let shown = ("count", Value::Number(self.chance.below(30) as i64));
                let cell = if self.chance.percent(30) {
                    ("suppressed", Value::Bool(true))
                } else {
                    shown
                };
                cells.push(record([("sex", text(sex)), cell]));
            }
        }
        if self.chance.percent(40) || cells.is_empty() {
            cells.push(record([
                ("total", Value::Bool(true)),
                ("count", Value::Number(64)),
            ]));
        }
        Value::List(cells)
    }
}

/// A value as TOML writes it.
pub(super) fn toml(value: &Value) -> String {
    match value {
        Value::Empty => "\"\"".to_owned(),
        Value::Bool(truth) => truth.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Text(text) => format!("{text:?}"),
        Value::Date(date) => date.to_string(),
        Value::Instant(at) => at.to_string(),
        Value::List(items) => format!(
            "[{}]",
            items.iter().map(toml).collect::<Vec<_>>().join(", ")
        ),
        Value::Record(members) => {
            let members: Vec<String> = members
                .iter()
                .map(|(name, value)| format!("{name} = {}", toml(value)))
                .collect();
            format!("{{ {} }}", members.join(", "))
        }
    }
}
