//! Complete minimal acts of the model memorandum, from which tests vary one thing at a time.

pub(crate) mod random;
pub(crate) mod variations;

use std::collections::BTreeMap;

use entente_cooperation::{
    act::{Act, Moment, Side},
    case::{Consent, State},
    memorandum::{ActLine, Memorandum, Organ},
    value::Value,
};
use jiff::{Timestamp, civil::date};

/// One thing to be judged, with what came before it.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) act: Act,
    pub(crate) state: State,
    pub(crate) moment: Moment,
    /// Whether it is a deed at home.
    pub(crate) at_home: bool,
}

/// The instant at which everything is judged unless a test says otherwise: a Tuesday.
pub(crate) const NOW: &str = "2026-06-16T10:00:00Z";

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

pub(crate) fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

pub(crate) fn texts(texts: &[&str]) -> Value {
    Value::List(texts.iter().map(|one| text(one)).collect())
}

pub(crate) fn record<const N: usize>(members: [(&str, Value); N]) -> Value {
    Value::Record(members.map(|(name, value)| (name.to_owned(), value)).into())
}

/// A complete minimal act, permitted on the side given: the first organ of Belgium that may send it, the first of Morocco that
/// may receive it.
pub(crate) fn complete(memorandum: &Memorandum, kind: &str, side: Side) -> Step {
    let line = memorandum.acts.get(kind).expect("an act");
    let area = area_of(line);
    let from = organ(memorandum, "be", line, area, false);
    let to = organ(memorandum, "ma", line, area, true);
    let mut slots = BTreeMap::new();
    let common = memorandum.common.iter().map(String::as_str);
    let answers = line.answers.as_ref().map(|_| "in_reply_to");
    for slot in line
        .needs
        .iter()
        .map(String::as_str)
        .chain(common)
        .chain(answers)
    {
        if !["sender", "recipient", "article"].contains(&slot) {
            slots.insert(slot.to_owned(), value(line, slot));
        }
    }
    let limits = memorandum
        .limits
        .iter()
        .filter(|limit| line.declares.contains(&limit.id));
    for test in limits.flat_map(|limit| &limit.tests) {
        slots.insert(test.clone(), Value::Bool(false));
    }
    if !line.declares.is_empty() && !line.personal || kind == "statistics_table" {
        slots.insert("personal_data".to_owned(), Value::Bool(false));
    }
    let shares = kind == "onward_sharing";
    if shares {
        slots.insert("consent".to_owned(), text("signed:ma_dgst"));
    }
    let mut step = Step {
        act: Act {
            kind: kind.to_owned(),
            from: from.id.clone(),
            to: (!shares).then(|| to.id.clone()),
            slots,
        },
        state: State::new(memorandum),
        moment: Moment {
            at: at(NOW),
            released_at: None,
            side,
        },
        at_home: false,
    };
    prepare(memorandum, &mut step);
    step
}

/// What must have come before, or lie at home, for the act to be permitted.
fn prepare(memorandum: &Memorandum, step: &mut Step) {
    match step.act.kind.as_str() {
        "onward_sharing" => {
            let consent = Consent {
                facts: ["f1".to_owned()].into(),
                to: Some("FR".to_owned()),
                purpose: "prevent_terrorism".to_owned(),
                case: "BE-2026-000001".to_owned(),
                until: at("2026-12-31T23:00:00Z"),
            };
            step.state.consents.insert("MA/consent".to_owned(), consent);
        }
        "oversight_release" => {
            step.state
                .stops
                .insert(("organ:be_federal_police".to_owned(), step.act.from.clone()));
        }
        "flight_notice" => {
            step.state.confirmed.insert("BE-2026-000001/0".to_owned());
        }
        _ => {}
    }
    if step.moment.side == Side::Sender && memorandum.gated.contains(&step.act.kind) {
        step.act
            .slots
            .insert("certificates".to_owned(), certificates());
    }
}

/// Five certificates, a few days old; the sixth concerns minors only.
pub(crate) fn certificates() -> Value {
    let paper = |by: &str| {
        record([
            ("signed_by", text(by)),
            ("on", Value::Date(date(2026, 6, 1))),
        ])
    };
    record([
        ("return_decision_enforceable", paper("be_immigration")),
        ("no_protection_claim", paper("be_protection")),
        ("no_suspensive_appeal", paper("be_litigation")),
        ("no_protection_status", paper("be_protection")),
        ("ill_treatment_excluded", paper("be_protection")),
    ])
}

/// A deed at home by the federal police.
pub(crate) fn deed(memorandum: &Memorandum, event: &str, slots: &[(&str, Value)]) -> Step {
    Step {
        act: Act {
            kind: event.to_owned(),
            from: "be_federal_police".to_owned(),
            to: None,
            slots: slots
                .iter()
                .map(|(slot, value)| ((*slot).to_owned(), value.clone()))
                .collect(),
        },
        state: State::new(memorandum),
        moment: Moment {
            at: at(NOW),
            released_at: None,
            side: Side::Recipient,
        },
        at_home: true,
    }
}

/// The area in which a complete act moves, where it has that slot.
fn area_of(line: &ActLine) -> &'static str {
    match line.group.as_str() {
        "readmission" | "statistics" => "migration_flows",
        _ => "terrorism",
    }
}

/// The first organ of a Party that may send, or be addressed, the act.
fn organ<'m>(
    memorandum: &'m Memorandum,
    party: &str,
    line: &ActLine,
    area: &str,
    addressed: bool,
) -> &'m Organ {
    let open = |organ: &&Organ| {
        let groups =
            organ.groups.contains(&line.group) || addressed && organ.receives.contains(&line.group);
        let areas = organ.areas.iter().any(|own| own == area) || line.group == "oversight";
        organ.party == party && groups && areas && fits(line, organ)
    };
    memorandum.organs.iter().find(open).expect("an organ")
}

/// Whether the organ may also send what is in the act: names, or trends.
fn fits(line: &ActLine, organ: &Organ) -> bool {
    match line.group.as_str() {
        "oversight" => organ.role != "oversight" || organ.party == "be",
        _ => organ.role != "ministry" || !line.needs.iter().any(|slot| slot == "facts"),
    }
}

/// A value for a mandatory slot of an act.
pub(crate) fn value(line: &ActLine, slot: &str) -> Value {
    let migration = area_of(line) == "migration_flows";
    let one = match slot {
        "reference" => "BE-2026-000001/1",
        "in_reply_to" => "BE-2026-000001/0",
        "act_reference" => "BE-2026-000001/0",
        "case" => "BE-2026-000001",
        "author" => "signed:officer_1",
        "officer" => "signed:officer_9",
        "language" => "fr",
        "memorandum_version" => "2016-1",
        "legal_basis" if migration && line.personal => "readmission_of_nationals",
        "legal_basis" if line.personal || line.id == "blind_check" => "convention_2014",
        "legal_basis" => "memorandum_only",
        "purpose" if migration => "identify_for_return",
        "purpose" if line.id == "strategic_information" => "strategic_analysis",
        "purpose" => "prevent_terrorism",
        "area" => area_of(line),
        "offence" => "terrorist_travel",
        "person_status" if migration => "returnee",
        "person_status" => "suspect",
        "fact_kind" => "established",
        "usefulness" => "useful",
        "alert_ground" => "terrorist_movement",
        "requested_action" => "discreet_check",
        "quota" => "checks_per_officer",
        "third_recipient" => "FR",
        "consent_outcome" => "granted",
        "admission_outcome" => "admitted",
        "identity_outcome" => "identity_confirmed",
        "outcome" => match line.id.as_str() {
            "registration_confirmation" => "confirmed",
            "wrongful_return_reply" => "return_arranged",
            "dispute_settled" => "dispute_withdrawn",
            "commitment_update" => "fulfilled",
            _ => "upheld",
        },
        "table" => "found_irregular",
        "reference_period" => "2026-Q1",
        "nationals" => "own",
        "right" => "access",
        "breach_kind" => "loss",
        "stop_scope" => "organ:be_federal_police",
        "body" => "joint_committee",
        "article_concerned" => "20.3",
        "channel" => "telephone",
        "match_reference" => "R-17",
        "document_reference" => "LP-000001",
        "new_version" => "2016-2",
        _ => return compound(line, slot),
    };
    text(one)
}

/// A value for a mandatory slot that is no single word.
fn compound(line: &ActLine, slot: &str) -> Value {
    match slot {
        "subject" => record([
            ("kind", text("person")),
            ("family_name", text("Amrani")),
            ("given_names", text("Salma")),
        ]),
        "questions" => Value::List(vec![record([
            ("id", text("q1")),
            ("category", text("addresses")),
        ])]),
        "facts" if line.id == "strategic_information" => Value::List(vec![record([
            ("id", text("f1")),
            ("category", text("strategic_trend")),
            ("topic", text("Routes")),
        ])]),
        "facts" | "corrected_facts" => Value::List(vec![record([
            ("id", text("f1")),
            ("category", text("names_and_birth")),
            ("family_name", text("Amrani")),
        ])]),
        "grade" => record([("source", text("B")), ("information", text("2"))]),
        "handling_codes" => texts(&["H0"]),
        "slots_concerned" | "slots_supplied" => texts(&["subject"]),
        "refusal_ground" => texts(&["not_held"]),
        "scope" => texts(&["q1"]),
        "facts_concerned" => texts(&["f1"]),
        "chapters" => texts(&["migration"]),
        "holders" => texts(&["be_federal_police"]),
        "changes" => texts(&["terrorist_travel.be.max_years = 12"]),
        "signatures" => texts(&["signed:be_contact_point", "signed:ma_contact_point"]),
        "cells" => Value::List(vec![record([
            ("sex", text("m")),
            ("count", Value::Number(57)),
        ])]),
        "civil_status" => record([
            ("family_name", text("Tazarine")),
            ("given_names", text("Hamid")),
        ]),
        "parents" => record([("father_name", text("Ahmed Tazarine"))]),
        "subject_age" => Value::Number(34),
        "annex" => Value::Number(2),
        "new_limit" => Value::Number(40),
        "offset_minutes" => Value::Number(0),
        "expected_on" | "until" | "in_force_on" | "meeting_on" => Value::Date(date(2026, 8, 31)),
        "arrival_at" | "made_at" | "effective_at" => Value::Instant(at("2026-06-16T08:00:00Z")),
        "agenda" | "delegation" | "commitments" | "commitment" => text("…"),
        "photograph" | "fingerprints" | "scan" | "proof" | "ledger_state" => text("attached"),
        _ => text("…"),
    }
}
