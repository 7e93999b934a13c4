//! Restrictions and the values they need (Annex 7), in acts and in deeds at home.

use entente_cooperation::value::Value;
use jiff::civil::date;

use super::super::{Step, at, record, text, texts};
use super::{List, using};

/// A restriction and the value it needs (Annex 7).
pub(super) fn restriction_values(list: &mut List<'_>) {
    let under = |step: &mut Step, restriction: &str| {
        step.set("handling_codes", texts(&["H3"]));
        step.set("restriction", texts(&[restriction]));
    };
    let day = || Value::Date(date(2026, 12, 31));
    list.sent("information_reply", "an embargo without its date", |step| {
        under(step, "embargo_until");
    });
    list.sent("information_reply", "an embargo and its date", |step| {
        under(step, "embargo_until");
        let until = Value::Instant(at("2026-07-01T06:00:00Z"));
        step.set("restriction_values", record([("embargo_until", until)]));
    });
    list.sent(
        "restriction_notice",
        "named officers only, and none is named",
        |step| under(step, "named_officers_only"),
    );
    list.sent(
        "information_reply",
        "a day of erasure, and its restriction is not chosen",
        |step| {
            under(step, "not_to_be_filed");
            step.set("restriction_values", record([("expires_on", day())]));
        },
    );
    let address = |members: &[(&str, Value)]| {
        let mut fact = vec![
            ("id", text("f1")),
            ("category", text("addresses")),
            ("address", text("…")),
            ("handling_codes", texts(&["H3"])),
        ];
        fact.extend(members.iter().cloned());
        let named = fact.into_iter();
        Value::Record(
            named
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
        )
    };
    let expires = ("restriction", texts(&["expires_on"]));
    list.sent(
        "information_reply",
        "one fact is to be erased on a day that is not said",
        |step| step.fact(address(std::slice::from_ref(&expires))),
    );
    list.sent(
        "information_reply",
        "one fact is to be erased on a day",
        |step| {
            let values = record([("expires_on", day())]);
            step.fact(address(&[expires, ("restriction_values", values)]));
        },
    );
}

/// Reading and using what restrictions bind (Annex 7).
pub(super) fn restricted_deeds(list: &mut List<'_>) {
    let reading_f1 = || {
        [
            ("reader", text("signed:a")),
            ("responsible_officer", text("signed:a")),
            ("case", text("BE-2026-000001")),
            ("facts_concerned", texts(&["f1"])),
        ]
    };
    let day = |day: i8| Some(Value::Date(date(2026, 6, day)));
    let instant = |text: &str| Some(Value::Instant(at(text)));
    list.home(
        "read",
        "of a fact for named officers, by one of them",
        &reading_f1(),
        |step| {
            step.restricted(
                "named_officers_only",
                Some(texts(&["signed:a", "signed:b"])),
            );
        },
    );
    list.home(
        "read",
        "of a fact for a named organ, by one of its officers",
        &reading_f1(),
        |step| {
            let organ = format!("signed:{}", step.act.from);
            step.restricted("named_officers_only", Some(texts(&[&organ])));
        },
    );
    list.home(
        "read",
        "of a fact for other officers",
        &reading_f1(),
        |step| {
            step.restricted("named_officers_only", Some(texts(&["signed:b"])));
        },
    );
    list.home(
        "read",
        "of a fact for officers whose names are lost",
        &reading_f1(),
        |step| {
            step.restricted("named_officers_only", None);
        },
    );
    list.home("read", "of a fact under embargo", &reading_f1(), |step| {
        step.restricted("embargo_until", instant("2026-06-16T10:00:01Z"));
    });
    list.home(
        "read",
        "of a fact at the instant its embargo ends",
        &reading_f1(),
        |step| {
            step.restricted("embargo_until", instant("2026-06-16T10:00:00Z"));
        },
    );
    list.home("use", "of a fact under embargo", &using("use"), |step| {
        step.restricted("embargo_until", instant("2026-06-16T10:00:01Z"));
    });
    list.home(
        "use",
        "of a fact under an embargo whose date is lost",
        &using("use"),
        |step| {
            step.restricted("embargo_until", None);
        },
    );
    list.home(
        "use",
        "of a fact on the eve of its erasure",
        &using("use"),
        |step| {
            step.restricted("expires_on", day(17));
        },
    );
    list.home(
        "use",
        "of a fact on the day of its erasure",
        &using("use"),
        |step| {
            step.restricted("expires_on", day(16));
        },
    );
}

/// What a mark meets, in words.
pub(super) fn mark_words(mark: &str, word: &str) -> &'static str {
    match (mark, word) {
        ("quarantined", "search") => "a search in quarantine",
        ("quarantined", _) => "the action an alert requests, in quarantine",
        ("use_ceased", _) => "a search of a recalled fact",
        ("locked", _) => "use of a locked fact",
        ("not_usable_in_proceedings", _) => "a deprivation of liberty on a marked statement",
        ("possible_match", _) => "use of a possible match",
        _ => "use in a frozen case",
    }
}
