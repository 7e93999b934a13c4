//! Chapters V to VII: migration, what stands still, how the memorandum changes.

use entente_cooperation::value::Value;
use jiff::civil::date;

use super::super::{Step, at, record, text, texts};
use super::List;

/// Articles 31, 35 and 36: what stands still, and what passes all the same.
pub(super) fn standing(list: &mut List<'_>) {
    let end = |step: &mut Step| step.state.ends_at = Some(at("2026-06-01T00:00:00Z"));
    list.sent("information_request", "the memorandum has ended", end);
    list.sent("recall", "the memorandum has ended", end);
    list.sent("rights_consultation", "the memorandum has ended", end);
    list.sent(
        "information_request",
        "the memorandum ends tomorrow",
        |step| step.state.ends_at = Some(at("2026-06-17T00:00:00Z")),
    );
    let suspend = |chapter: &'static str| {
        move |step: &mut Step| {
            step.state.suspended.insert(chapter.to_owned());
        }
    };
    list.sent(
        "information_request",
        "the chapter of exchange is suspended",
        suspend("exchange"),
    );
    list.sent(
        "information_request",
        "the chapter of migration is suspended",
        suspend("migration"),
    );
    list.sent(
        "urgent_alert",
        "the chapter of exchange is suspended",
        suspend("exchange"),
    );
    list.sent(
        "urgent_alert",
        "the chapter of exchange is suspended, alerts included",
        |step| {
            step.state.suspended.insert("exchange".to_owned());
            step.state.alerts_suspended = true;
        },
    );
    list.sent(
        "identity_withdrawal",
        "the chapter of migration is suspended",
        suspend("migration"),
    );
    list.sent(
        "information_request",
        "its case is stopped",
        Step::protective_state,
    );
    list.sent("recall", "its case is stopped", Step::protective_state);
    list.sent("oversight_stop", "its own organ is stopped", |step| {
        step.state
            .stops
            .insert((format!("organ:{}", step.act.from), "be_cop".to_owned()));
    });
    list.sent(
        "admission_notice",
        "its case is stopped, and facts are admitted",
        Step::protective_state,
    );
    list.sent(
        "admission_notice",
        "its case is stopped, and facts are erased",
        |step| {
            step.protective_state();
            step.word("admission_outcome", "erased");
        },
    );
    list.sent(
        "information_reply",
        "the request it answers is contested",
        |step| step.dispute(Some("BE-2026-000001/0"), None, "20.3"),
    );
    list.sent(
        "information_reply",
        "its article is contested in its case",
        |step| step.dispute(None, Some("BE-2026-000001"), "10.1"),
    );
    list.sent(
        "information_reply",
        "another article is contested in its case",
        |step| step.dispute(None, Some("BE-2026-000001"), "20.3"),
    );
    list.sent(
        "consent_revocation",
        "the consent it revokes is contested",
        |step| step.dispute(Some("BE-2026-000001/0"), None, "20.3"),
    );
    list.sent(
        "dispute_settled",
        "the act it answers is contested",
        |step| step.dispute(Some("BE-2026-000001/0"), None, "35.1"),
    );
}

/// Articles 27 to 29.
pub(super) fn migration(list: &mut List<'_>) {
    list.sent("identity_request", "one certificate is missing", |step| {
        let mut papers = step.act.slots["certificates"].clone();
        if let Value::Record(papers) = &mut papers {
            papers.remove("no_suspensive_appeal");
        }
        step.set("certificates", papers);
    });
    list.sent(
        "identity_request",
        "a certificate is thirty-one days old",
        |step| step.moment.at = at("2026-07-02T10:00:00Z"),
    );
    list.sent(
        "identity_request",
        "a certificate is thirty days old",
        |step| step.moment.at = at("2026-07-01T10:00:00Z"),
    );
    list.received(
        "identity_request",
        "no certificate: they stay with the sender",
        |_| {},
    );
    list.sent("flight_notice", "the identity is not confirmed", |step| {
        step.state.confirmed.clear()
    });
    let table = |cells: Vec<Value>| move |step: &mut Step| step.set("cells", Value::List(cells));
    let cell =
        |sex: &str, count: i64| record([("sex", text(sex)), ("count", Value::Number(count))]);
    let hidden = |sex: &str| record([("sex", text(sex)), ("suppressed", Value::Bool(true))]);
    let total = |count: i64| {
        record([
            ("total", Value::Bool(true)),
            ("count", Value::Number(count)),
        ])
    };
    list.sent(
        "statistics_table",
        "a cell of four persons",
        table(vec![cell("m", 57), cell("f", 4)]),
    );
    list.sent(
        "statistics_table",
        "a cell of seven of the partner’s nationals",
        |step| {
            step.word("nationals", "partner");
            step.set("cells", Value::List(vec![cell("m", 57), cell("f", 7)]));
        },
    );
    list.sent(
        "statistics_table",
        "one hidden cell under a total",
        table(vec![cell("m", 57), hidden("f"), total(64)]),
    );
    list.sent(
        "statistics_table",
        "two hidden cells under a total",
        table(vec![hidden("m"), hidden("f"), total(64)]),
    );
    list.sent(
        "statistics_table",
        "a total beside yesterday’s table with one hidden cell",
        |step| {
            let key = (
                "found_irregular".to_owned(),
                "2026-Q1".to_owned(),
                "own".to_owned(),
            );
            step.state
                .releases
                .insert(key, vec![vec![cell("m", 57), hidden("f")]]);
            step.set("cells", Value::List(vec![total(64)]));
        },
    );
    list.sent("statistics_table", "protection by nationality", |step| {
        step.word("table", "protection_by_nationality");
        step.set(
            "cells",
            Value::List(vec![record([("count", Value::Number(40))])]),
        );
    });
}

/// Articles 6.4, 31, 34 to 36.
pub(super) fn governance(list: &mut List<'_>) {
    list.sent(
        "annex_amendment",
        "a mention of the death penalty is deleted",
        |step| {
            step.act.from = "ma_interior".to_owned();
            step.act.to = Some("be_interior".to_owned());
            step.set("changes", texts(&["murder.ma.death = false"]));
        },
    );
    list.sent(
        "annex_amendment",
        "the other Party’s law is changed",
        |step| step.set("changes", texts(&["murder.ma.max_years = 30"])),
    );
    list.received("annex_amendment", "in force after six days", |step| {
        step.set("in_force_on", Value::Date(date(2026, 6, 22)))
    });
    list.received("annex_amendment", "in force after seven days", |step| {
        step.set("in_force_on", Value::Date(date(2026, 6, 23)))
    });
    for (annex, words) in [
        (8, "grounds and limits are changed by notice"),
        (10, "preconditions are changed by notice"),
    ] {
        list.sent("annex_amendment", words, |step| {
            step.set("annex", Value::Number(annex));
            step.set("changes", texts(&["x.be.y = z"]));
        });
    }
    list.sent(
        "annex_amendment",
        "a statistical threshold is changed by notice",
        |step| {
            step.set("annex", Value::Number(11));
            step.set("changes", texts(&["minimum.own = 3"]));
        },
    );
    list.sent("joint_amendment", "signed by one Party", |step| {
        step.set(
            "signatures",
            texts(&["signed:be_interior", "signed:be_justice"]),
        )
    });
    list.sent("dispute_settled", "settled, signed by one Party", |step| {
        step.word("outcome", "settled");
        step.set("signatures", texts(&["signed:be_contact_point"]));
    });
    list.sent("dispute_settled", "settled, signed by both", |step| {
        step.word("outcome", "settled")
    });
    list.sent(
        "suspension_notice",
        "of a chapter that cannot be suspended",
        |step| step.set("chapters", texts(&["protection"])),
    );
    list.sent("oversight_stop", "of an organ of the other Party", |step| {
        step.word("stop_scope", "organ:ma_dgsn")
    });
    list.sent(
        "oversight_stop",
        "of a case in which no overseen organ took part",
        |step| {
            step.word("stop_scope", "case:BE-2026-000001");
            step.state.case_organs.insert(
                "BE-2026-000001".to_owned(),
                ["be_immigration".to_owned()].into(),
            );
        },
    );
    list.sent(
        "oversight_release",
        "of a stop that another authority ordered",
        |step| {
            step.state.stops.clear();
            step.state
                .stops
                .insert(("organ:be_federal_police".to_owned(), "be_dpa".to_owned()));
        },
    );
    list.sent("visit_convening", "twenty days ahead", |step| {
        step.set("meeting_on", Value::Date(date(2026, 7, 6)))
    });
    list.sent(
        "visit_convening",
        "on the twenty-first day, which still belongs to the period",
        |step| step.set("meeting_on", Value::Date(date(2026, 7, 7))),
    );
    list.sent(
        "visit_convening",
        "on the day after the twenty-first",
        |step| step.set("meeting_on", Value::Date(date(2026, 7, 8))),
    );
    list.sent("visit_convening", "ten days ahead, in urgency", |step| {
        step.set("meeting_on", Value::Date(date(2026, 6, 26)));
        step.word("urgency_ground", "public_security");
    });
}
