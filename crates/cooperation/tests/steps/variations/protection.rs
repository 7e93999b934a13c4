//! Chapter IV: absolute limits, persons, facts, protection.

use entente_cooperation::value::Value;
use jiff::civil::date;

use super::super::{Step, at, record, text, texts};
use super::List;
use super::restriction::restriction_values;

/// Article 23, and what says the same elsewhere.
pub(super) fn limits(list: &mut List<'_>) {
    for (test, words) in [
        (
            "mentions_international_protection",
            "it would reveal an application for protection",
        ),
        ("source_is_asylum_file", "it comes from an asylum file"),
        ("aims_at_death_penalty", "it aims at the death penalty"),
        (
            "real_risk_of_ill_treatment",
            "a person would be exposed to ill-treatment",
        ),
        (
            "obtained_by_ill_treatment",
            "it was obtained by ill-treatment",
        ),
        ("no_individual_link", "the search has no individual link"),
        ("subject_defined_by_group", "the subject is a group"),
        ("bulk", "the search is in bulk"),
        (
            "aims_at_opinion_or_activity",
            "it aims at an opinion or a protected activity",
        ),
    ] {
        list.sent("information_request", words, |step| step.yes(test));
    }
    list.sent(
        "information_reply",
        "a fact concerns international protection",
        |step| {
            step.fact(record([
                ("id", text("f1")),
                ("category", text("international_protection")),
            ]));
        },
    );
    list.sent(
        "information_request",
        "the offence is a press offence",
        |step| step.word("offence", "press_offence"),
    );
    list.received(
        "spontaneous_information",
        "a statement in custody whose circumstances reveal ill-treatment",
        |step| {
            step.yes("custody_statement");
            step.yes("real_risk_of_ill_treatment");
        },
    );
    list.sent("wrongful_return_notice", "it states the cause", |step| {
        step.yes("mentions_international_protection")
    });
    list.sent(
        "information_request",
        "the act is not one of Annex 3",
        |step| {
            step.act.kind = "no_such_act".to_owned();
        },
    );
    list.sent(
        "information_request",
        "one declaration is missing",
        |step| step.clear("bulk"),
    );
    list.sent(
        "information_request",
        "a murder, and the recipient’s law provides death: neither paper",
        death,
    );
    list.sent(
        "information_request",
        "the same with the undertaking alone",
        |step| {
            death(step);
            step.word("assurance", "signed:ma_justice");
        },
    );
    list.received(
        "information_request",
        "the same with undertaking and risk assessment",
        |step| {
            death(step);
            step.word("assurance", "signed:ma_justice");
            step.word("risk_assessment", "signed:be_federal_police");
        },
    );
    list.sent(
        "information_request",
        "the same after the mention of death was deleted",
        |step| {
            death(step);
            step.version(date(2026, 6, 1), "terrorist_murder.ma.death = false");
        },
    );
    list.received(
        "information_request",
        "the same, sent before the deletion and received after it",
        |step| {
            death(step);
            step.version(date(2026, 6, 16), "terrorist_murder.ma.death = false");
            step.moment.released_at = Some(at("2026-06-15T12:00:00Z"));
        },
    );
    list.sent(
        "information_request",
        "addressed to the authority that protects",
        |step| step.act.to = Some("ma_protection".to_owned()),
    );
    list.sent(
        "information_request",
        "from the authority that protects",
        |step| step.act.from = "be_protection".to_owned(),
    );
}

fn death(step: &mut Step) {
    step.word("offence", "terrorist_murder");
}

/// Articles 16.2, 21 and 24.
pub(super) fn person(list: &mut List<'_>) {
    list.sent("blind_check", "the person is a minor", |step| step.aged(17));
    list.sent("blind_check", "the person is a witness", |step| {
        step.word("person_status", "witness")
    });
    list.sent(
        "spontaneous_information",
        "a minor suspected of smuggling",
        |step| {
            step.aged(16);
            step.guarded();
            step.word("best_interests", "signed:be_guardianship");
            step.word("area", "organised_crime");
            step.word("purpose", "investigate_organised_crime");
            step.word("offence", "kidnapping");
        },
    );
    list.sent(
        "spontaneous_information",
        "a minor suspected of terrorism, without a second officer",
        |step| {
            step.aged(16);
            step.word("best_interests", "signed:be_guardianship");
        },
    );
    list.sent(
        "spontaneous_information",
        "a minor suspected of terrorism, without an assessment of best interests",
        |step| {
            step.aged(16);
            step.guarded();
        },
    );
    list.sent(
        "spontaneous_information",
        "a minor suspected of terrorism, with all that is needed",
        |step| {
            step.aged(16);
            step.guarded();
            step.word("best_interests", "signed:be_guardianship");
        },
    );
    list.sent(
        "spontaneous_information",
        "a minor witness, to protect the minor",
        |step| {
            step.aged(15);
            step.guarded();
            step.word("person_status", "witness");
            step.word("purpose", "protect_life");
            step.word("best_interests", "signed:be_guardianship");
        },
    );
    list.sent(
        "spontaneous_information",
        "a witness, without a second officer",
        |step| step.word("person_status", "witness"),
    );
    list.sent(
        "spontaneous_information",
        "a witness, with a second officer and necessity",
        |step| {
            step.word("person_status", "witness");
            step.guarded();
        },
    );
    list.sent(
        "spontaneous_information",
        "a witness, the second officer being the author",
        |step| {
            step.word("person_status", "witness");
            step.guarded();
            step.word("second_officer", "signed:officer_1");
        },
    );
    list.sent(
        "spontaneous_information",
        "a witness of an imminent act, the second officer to follow",
        |step| {
            step.word("person_status", "witness");
            step.word("necessity", "…");
            step.word("imminent_act", "yes");
        },
    );
    list.sent(
        "urgent_alert",
        "a missing person, the second officer to follow",
        |step| {
            step.word("person_status", "missing");
            step.word("necessity", "…");
        },
    );
    list.sent(
        "urgent_alert",
        "a missing person, without necessity",
        |step| step.word("person_status", "missing"),
    );
    let belief = |step: &mut Step| {
        step.fact(record([
            ("id", text("f1")),
            ("category", text("religion")),
            ("value", text("…")),
        ]))
    };
    list.sent(
        "spontaneous_information",
        "a fact about religion, without a second officer",
        belief,
    );
    list.sent(
        "spontaneous_information",
        "a fact about religion, with a second officer and necessity",
        |step| {
            belief(step);
            step.guarded();
        },
    );
    list.sent(
        "spontaneous_information",
        "a fact about religion revealing an imminent act, the second officer to follow",
        |step| {
            belief(step);
            step.word("necessity", "…");
            step.word("imminent_act", "yes");
        },
    );
    list.sent(
        "identity_request",
        "a minor: 28.1 e) alone governs",
        |step| step.aged(16),
    );
    list.sent(
        "correction",
        "a minor: an act of protection waits for nothing",
        |step| step.aged(16),
    );
    list.received(
        "spontaneous_information",
        "a statement in custody, lawyer and medical examination not stated",
        |step| {
            step.yes("custody_statement");
            step.set(
                "custody_circumstances",
                texts(&[
                    "place_date_duration",
                    "title_of_detention",
                    "questioning_service",
                    "language_and_interpreter",
                    "complaint",
                ]),
            );
        },
    );
    let statement = |step: &mut Step| {
        step.fact(record([
            ("id", text("f1")),
            ("category", text("statement")),
            ("made_on", Value::Date(date(2026, 5, 1))),
        ]));
    };
    list.received(
        "spontaneous_information",
        "a statement, and nobody says whether it was made in custody",
        statement,
    );
    list.received(
        "spontaneous_information",
        "a statement that was not made in custody",
        |step| {
            statement(step);
            step.set("custody_statement", Value::Bool(false));
        },
    );
    list.received(
        "clarification_reply",
        "the circumstances of a statement are completed",
        |step| step.set("slots_supplied", texts(&["custody_circumstances"])),
    );
}

/// Articles 16.5, 18, 19 and 21, fact by fact.
pub(super) fn facts(list: &mut List<'_>) {
    let category = |name: &'static str, field: &'static str| {
        move |step: &mut Step| {
            step.fact(record([
                ("id", text("f1")),
                ("category", text(name)),
                (field, text("…")),
            ]))
        }
    };
    list.sent("information_reply", "a fact that is a note alone", |step| {
        step.fact(record([
            ("id", text("f1")),
            ("category", text("addresses")),
            ("note", text("…")),
        ]));
    });
    list.sent(
        "information_reply",
        "a fact with a field of another category",
        category("addresses", "plate"),
    );
    list.sent(
        "information_reply",
        "a fact that the organ may not send",
        |step| {
            step.act.from = "be_state_security".to_owned();
            category("police_record", "number")(step);
        },
    );
    list.sent(
        "information_reply",
        "a bank account of an associate",
        |step| {
            step.word("person_status", "associate");
            category("finances", "account")(step);
        },
    );
    list.sent(
        "information_request",
        "a question about the bank account of an associate",
        |step| {
            step.word("person_status", "associate");
            step.set(
                "questions",
                Value::List(vec![record([
                    ("id", text("q1")),
                    ("category", text("finances")),
                ])]),
            );
        },
    );
    list.sent(
        "strategic_information",
        "a fact about a person",
        category("addresses", "address"),
    );
    list.sent(
        "information_reply",
        "a genetic fact",
        category("genetic", "value"),
    );
    list.sent(
        "information_reply",
        "a history of residence",
        category("residence_history", "value"),
    );
    list.sent("core_data", "an address", category("addresses", "address"));
    list.sent(
        "information_reply",
        "code H3 without a restriction",
        |step| step.set("handling_codes", texts(&["H0", "H3"])),
    );
    list.sent(
        "restriction_notice",
        "code H3 is added without a restriction",
        |step| step.set("handling_codes", texts(&["H3"])),
    );
    list.sent(
        "information_reply",
        "one fact bears code H3 without a restriction",
        |step| {
            step.fact(record([
                ("id", text("f1")),
                ("category", text("addresses")),
                ("address", text("…")),
                ("handling_codes", texts(&["H3"])),
            ]));
        },
    );
    list.sent(
        "information_reply",
        "one fact bears code H3 and its restriction",
        |step| {
            step.fact(record([
                ("id", text("f1")),
                ("category", text("addresses")),
                ("address", text("…")),
                ("handling_codes", texts(&["H3"])),
                ("restriction", texts(&["not_to_be_filed"])),
            ]));
        },
    );
    restriction_values(list);
    list.sent("information_reply", "the grade has no source", |step| {
        step.set("grade", record([("information", text("2"))]))
    });
    list.sent("urgent_alert", "the grade has no source", |step| {
        step.set("grade", record([("information", text("2"))]))
    });
    list.sent("information_reply", "one fact is half graded", |step| {
        step.fact(record([
            ("id", text("f1")),
            ("category", text("addresses")),
            ("address", text("…")),
            ("grade", record([("source", text("B"))])),
        ]));
    });
    list.sent("correction", "the fact is the other Party’s", |step| {
        step.word("originator", "ma")
    });
    list.sent(
        "correction",
        "one of the facts is the other Party’s",
        |step| {
            step.fact(record([
                ("id", text("f1")),
                ("category", text("names_and_birth")),
                ("family_name", text("…")),
                ("originator", text("ma")),
            ]));
        },
    );
}

/// Articles 18.4, 20 and 26.
pub(super) fn protection(list: &mut List<'_>) {
    list.sent("onward_sharing", "of a fact under embargo", |step| {
        let until = Value::Instant(at("2026-06-16T10:00:01Z"));
        step.restricted("embargo_until", Some(until));
    });
    list.sent(
        "onward_sharing",
        "of a fact on the day of its erasure",
        |step| {
            step.restricted("expires_on", Some(Value::Date(date(2026, 6, 16))));
        },
    );
    list.sent("onward_sharing", "without consent", |step| {
        step.clear("consent")
    });
    list.sent(
        "onward_sharing",
        "without consent, of a fact with code H2",
        |step| {
            step.clear("consent");
            step.set("handling_codes", texts(&["H2"]));
        },
    );
    list.sent(
        "onward_sharing",
        "of a fact that the consent does not name",
        |step| step.set("facts_concerned", texts(&["f1", "f2"])),
    );
    list.sent(
        "onward_sharing",
        "to another recipient than the consent names",
        |step| step.word("third_recipient", "NL"),
    );
    list.sent(
        "onward_sharing",
        "in another case than the consent names",
        |step| step.word("case", "BE-2026-000002"),
    );
    list.sent("onward_sharing", "after the consent has ended", |step| {
        step.moment.at = at("2027-01-01T00:00:00Z")
    });
    for (mark, words) in [
        ("quarantined", "of a fact in quarantine"),
        ("use_ceased", "of a recalled fact"),
        ("locked", "of a locked fact"),
        ("possible_match", "of a possible match"),
        ("frozen", "of a fact in a frozen case"),
    ] {
        list.sent("onward_sharing", words, |step| {
            step.set("marks", texts(&[mark]))
        });
    }
    list.sent("consent_decision", "until the end of 2028", |step| {
        step.set("until", Value::Date(date(2028, 12, 31)))
    });
    for kind in ["restriction_notice", "recall", "erasure_demand"] {
        list.sent(kind, "the information is the other Party’s", |step| {
            step.word("originator", "ma")
        });
    }
    list.sent(
        "execution_proof",
        "a holder that is known is not named",
        |step| {
            step.held("BE-2026-000001", &["H0"])
                .holders
                .insert("NL".to_owned());
        },
    );
    list.sent(
        "execution_proof",
        "every holder that is known is named",
        |step| {
            step.held("BE-2026-000001", &["H0"])
                .holders
                .insert("NL".to_owned());
            step.set("holders", texts(&["be_federal_police", "NL"]));
        },
    );
}
