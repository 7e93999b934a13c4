//! Chapters II and III: the form of an act, the offence, the exchange.

use entente_cooperation::value::Value;
use jiff::civil::date;

use super::super::{Step, at, record, text, texts};
use super::List;

/// Articles 1 to 4, 6.3, 7 and 17.4: the form of an act.
pub(super) fn form(list: &mut List<'_>) {
    list.sent(
        "information_request",
        "addressed to an organ of the same Party",
        |step| step.act.to = Some("be_state_security".to_owned()),
    );
    list.sent(
        "information_request",
        "from an organ that may not send it",
        |step| step.act.from = "be_immigration".to_owned(),
    );
    list.sent(
        "information_request",
        "from an organ without this area",
        |step| {
            step.act.from = "be_state_security".to_owned();
            step.word("area", "organised_crime");
        },
    );
    list.sent(
        "information_request",
        "to an organ that may not be addressed it",
        |step| step.act.to = Some("ma_migration".to_owned()),
    );
    list.sent(
        "information_request",
        "from an organ that nobody knows",
        |step| step.act.from = "nobody".to_owned(),
    );
    list.sent(
        "urgent_alert",
        "about a kidnapping, to a door without that area",
        |step| {
            step.act.from = "ma_dgsn".to_owned();
            step.act.to = Some("be_state_security".to_owned());
            step.word("area", "organised_crime");
            step.word("purpose", "protect_life");
            step.word("offence", "kidnapping");
        },
    );
    list.sent(
        "information_request",
        "about a kidnapping, to an organ without that area",
        |step| {
            step.act.from = "ma_dgsn".to_owned();
            step.act.to = Some("be_state_security".to_owned());
            step.word("area", "organised_crime");
            step.word("purpose", "protect_life");
            step.word("offence", "kidnapping");
        },
    );
    list.sent(
        "information_request",
        "under a version that never was",
        |step| step.word("memorandum_version", "2015-9"),
    );
    list.sent(
        "information_request",
        "under a version that begins next month",
        |step| {
            step.version(date(2026, 7, 1), "corruption.be.max_years = 6");
            step.word("memorandum_version", "2016-2");
        },
    );
    list.sent("annex_amendment", "the organs are changed", |step| {
        step.set("annex", Value::Number(1));
    });
    list.received(
        "information_request",
        "the same act was received before",
        |step| {
            step.state
                .seen
                .insert("BE-2026-000001/1".to_owned(), step.act.clone());
        },
    );
    list.received(
        "information_request",
        "the same act was received before, and the offence has left the list since",
        |step| {
            step.word("offence", "press_offence");
            step.state
                .seen
                .insert("BE-2026-000001/1".to_owned(), step.act.clone());
        },
    );
    list.received(
        "information_request",
        "its reference served another content",
        |step| {
            step.state
                .seen
                .insert("BE-2026-000001/1".to_owned(), step.act.clone());
            step.word("person_status", "wanted");
        },
    );
    list.sent("information_request", "a mandatory slot is empty", |step| {
        step.set("link", Value::Empty)
    });
    list.sent(
        "information_reply",
        "the act it answers is not named",
        |step| step.clear("in_reply_to"),
    );
    list.sent("urgent_alert", "the requested action is empty", |step| {
        step.clear("requested_action")
    });
    list.sent("information_refusal", "no ground is stated", |step| {
        step.clear("refusal_ground")
    });
    list.sent(
        "information_request",
        "the memorandum alone as legal basis",
        |step| step.word("legal_basis", "memorandum_only"),
    );
    list.sent("recall", "the memorandum alone as legal basis", |step| {
        step.word("legal_basis", "memorandum_only")
    });
    list.sent(
        "statistics_table",
        "an officer says that it holds personal data",
        |step| step.yes("personal_data"),
    );
    list.sent(
        "statistics_table",
        "nobody says whether it holds personal data",
        |step| step.clear("personal_data"),
    );
    list.sent("core_data", "vital interests as legal basis", |step| {
        step.word("legal_basis", "vital_interests")
    });
    list.sent(
        "information_request",
        "vital interests as legal basis",
        |step| step.word("legal_basis", "vital_interests"),
    );
    list.sent("information_request", "a purpose of another area", |step| {
        step.word("purpose", "identify_for_return")
    });
    list.sent(
        "information_request",
        "a purpose that its legal basis does not carry",
        |step| {
            step.word("purpose", "investigate_terrorism");
            step.word("legal_basis", "vital_interests");
        },
    );
    list.sent("information_request", "no human author", |step| {
        step.set("human_author", Value::Bool(false))
    });
    list.received("information_request", "first made by telephone", |step| {
        step.word("other_channel", "telephone")
    });
}

/// Article 6.
pub(super) fn offence(list: &mut List<'_>) {
    for (offence, words) in [
        ("irregular_stay", "the offence is irregular stay"),
        ("prison_escape", "the offence is escape from prison"),
        ("waste_trafficking", "the offence is waste trafficking"),
        ("no_such_offence", "the offence is in no list"),
        ("corruption", "the offence belongs to another area"),
    ] {
        list.sent("information_request", words, |step| {
            step.word("offence", offence)
        });
    }
    let smuggling = |step: &mut Step| {
        step.word("area", "organised_crime");
        step.word("purpose", "investigate_organised_crime");
        step.word("offence", "migrant_smuggling");
    };
    list.sent(
        "information_request",
        "smuggling, and nobody declares a structured group",
        smuggling,
    );
    list.sent(
        "information_request",
        "smuggling, by a structured group",
        |step| {
            smuggling(step);
            step.yes("structured_group");
        },
    );
    list.received(
        "information_request",
        "an amendment has taken the offence out of one law",
        |step| {
            step.version(date(2026, 6, 1), "terrorist_travel.be.max_years = 0");
        },
    );
    list.received(
        "information_request",
        "an amendment has lowered the penalty below the threshold",
        |step| {
            step.word("area", "organised_crime");
            step.word("purpose", "protect_life");
            step.word("offence", "kidnapping");
            step.version(date(2026, 6, 1), "kidnapping.be.max_years = 3");
        },
    );
    list.received(
        "information_request",
        "an amendment has raised the penalty",
        |step| {
            step.version(date(2026, 6, 1), "terrorist_travel.be.max_years = 15");
        },
    );
    list.received(
        "information_request",
        "the penalty was lowered while the act travelled",
        |step| {
            step.version(date(2026, 6, 16), "terrorist_travel.be.max_years = 0");
            step.moment.released_at = Some(at("2026-06-15T23:00:00Z"));
        },
    );
    list.received(
        "information_request",
        "the penalty was lowered while the act travelled for two days",
        |step| {
            step.version(date(2026, 6, 15), "terrorist_travel.be.max_years = 0");
            step.moment.released_at = Some(at("2026-06-14T09:00:00Z"));
        },
    );
}

/// Articles 9 to 16.
pub(super) fn exchange(list: &mut List<'_>) {
    list.received("information_request", "urgent, with a ground", |step| {
        step.yes("urgent");
        step.word("urgency_ground", "life_or_limb");
    });
    list.received("information_request", "urgent, without a ground", |step| {
        step.yes("urgent")
    });
    list.sent(
        "availability_declaration",
        "three hours after the request",
        |step| {
            step.request("2026-06-16T07:00:00Z", "2026-06-23T22:00:00Z");
        },
    );
    list.sent(
        "availability_declaration",
        "one hour after the request",
        |step| {
            step.request("2026-06-16T09:00:00Z", "2026-06-23T22:00:00Z");
        },
    );
    for kind in ["extension_notice", "identity_extension"] {
        list.sent(kind, "the one extension was used", |step| {
            step.request("2026-06-10T07:00:00Z", "2026-06-17T22:00:00Z");
            step.asked().extended = true;
        });
        list.sent(kind, "the time limit has expired", |step| {
            step.request("2026-06-01T07:00:00Z", "2026-06-08T22:00:00Z");
        });
        list.sent(
            kind,
            "the time limit was suspended before it would have expired",
            |step| {
                step.request("2026-06-01T07:00:00Z", "2026-06-08T22:00:00Z")
                    .paused_since = Some(at("2026-06-05T08:00:00Z"));
            },
        );
    }
    list.received("information_reply", "after the time limit", |step| {
        step.request("2026-06-01T07:00:00Z", "2026-06-08T22:00:00Z");
    });
    list.sent("information_reply", "for one question only", |step| {
        step.set("scope", texts(&["q1"]))
    });
    list.sent(
        "clarification_request",
        "clarification was asked for twice",
        |step| {
            step.request("2026-06-10T07:00:00Z", "2026-06-17T22:00:00Z");
            step.asked().clarifications = 2;
        },
    );
    list.sent(
        "information_refusal",
        "the formula beside another ground",
        |step| step.set("refusal_ground", texts(&["not_communicable", "not_held"])),
    );
    list.sent("information_refusal", "the formula alone", |step| {
        step.set("refusal_ground", texts(&["not_communicable"]))
    });
    list.sent(
        "information_refusal",
        "a ground that must be reasoned, without reasons",
        |step| step.set("refusal_ground", texts(&["restriction_forbids"])),
    );
    list.sent("information_refusal", "the same, with reasons", |step| {
        step.set("refusal_ground", texts(&["restriction_forbids"]));
        step.word("reason", "…");
    });
    list.sent("spontaneous_information", "an imminent act", |step| {
        step.word("imminent_act", "yes")
    });
    let used = |step: &mut Step| {
        step.set(
            "quota_used",
            record([("checks_per_officer", Value::Number(20))]),
        )
    };
    list.sent(
        "blind_check",
        "the officer has made twenty checks today",
        used,
    );
    list.received(
        "blind_check",
        "the officer has made twenty checks today",
        used,
    );
    list.sent(
        "blind_check",
        "the officer has made twenty checks, and the quota is raised",
        |step| {
            used(step);
            step.state.raised.insert(
                "checks_per_officer".to_owned(),
                (40, at("2026-06-18T00:00:00Z")),
            );
        },
    );
    list.sent("quota_raise", "of the quota of the Party", |step| {
        step.word("quota", "checks_per_party")
    });
    list.sent("quota_raise", "signed by one contact point", |step| {
        step.set("signatures", texts(&["signed:be_contact_point"]))
    });
    list.sent("core_data", "on a score alone", |step| {
        step.set("marks", texts(&["possible_match"]))
    });
    list.sent("core_data", "without a human author", |step| {
        step.set("human_author", Value::Bool(false))
    });
    list.sent("statistics_table", "exchanges by act", |step| {
        step.word("table", "exchange_by_act");
        step.set(
            "cells",
            Value::List(vec![record([
                ("act", text("recall")),
                ("count", Value::Number(2)),
            ])]),
        );
    });
}
