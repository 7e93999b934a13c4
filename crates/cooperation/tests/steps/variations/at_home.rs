//! What is done at home.

use entente_cooperation::case::Consent;

use super::super::{at, text, texts};
use super::restriction::{mark_words, restricted_deeds};
use super::{List, using};

/// Articles 5.3, 17, 18, 24 to 26: what is done at home.
pub(super) fn at_home(list: &mut List<'_>) {
    let reading = |reader: &str| {
        [
            ("reader", text(reader)),
            ("responsible_officer", text("signed:a")),
            ("deputy", text("signed:b")),
        ]
    };
    list.home(
        "read",
        "by the responsible officer",
        &reading("signed:a"),
        |_| {},
    );
    list.home("read", "by another officer", &reading("signed:c"), |_| {});
    restricted_deeds(list);
    list.home(
        "handover",
        "signed by one",
        &[("handover_signatures", texts(&["signed:a"]))],
        |_| {},
    );
    list.home(
        "handover",
        "signed by both",
        &[("handover_signatures", texts(&["signed:a", "signed:b"]))],
        |_| {},
    );
    list.home(
        "use",
        "of an admitted fact, in its case",
        &using("use"),
        |step| {
            step.held("BE-2026-000001", &["H0"]);
        },
    );
    list.home("use", "of a fact of another case", &using("use"), |step| {
        step.held("BE-2026-000002", &["H0"]);
    });
    list.home(
        "use",
        "for a purpose that is not compatible",
        &using("use"),
        |step| {
            step.held("BE-2026-000001", &["H0"]);
            step.word("purpose", "locate_wanted_person");
        },
    );
    list.home(
        "use",
        "for a purpose that is not compatible, with consent",
        &using("use"),
        |step| {
            step.held("BE-2026-000001", &["H0"]);
            step.word("purpose", "locate_wanted_person");
            let consent = Consent {
                facts: ["f1".to_owned()].into(),
                to: None,
                purpose: "locate_wanted_person".to_owned(),
                case: "BE-2026-000001".to_owned(),
                until: at("2026-12-31T23:00:00Z"),
            };
            step.state.consents.insert("MA/consent".to_owned(), consent);
        },
    );
    list.home("use", "for a compatible purpose", &using("use"), |step| {
        step.held("BE-2026-000001", &["H0"]);
        step.word("purpose", "protect_life");
    });
    list.home(
        "use",
        "as evidence, under code H0",
        &using("evidence"),
        |step| {
            step.held("BE-2026-000001", &["H0"]);
        },
    );
    list.home(
        "use",
        "in proceedings, under code H1",
        &using("proceedings"),
        |step| {
            step.held("BE-2026-000001", &["H1"]);
        },
    );
    list.home("export", "that loses code H1", &using("export"), |step| {
        step.held("BE-2026-000001", &["H1"]);
    });
    list.home("export", "that keeps code H1", &using("export"), |step| {
        step.held("BE-2026-000001", &["H1"]);
        step.set("handling_codes", texts(&["H1"]));
    });
    for (mark, word) in [
        ("quarantined", "search"),
        ("quarantined", "requested_action"),
        ("use_ceased", "search"),
        ("locked", "use"),
        ("not_usable_in_proceedings", "deprivation_of_liberty"),
        ("possible_match", "use"),
        ("frozen", "use"),
    ] {
        list.home(
            "use",
            mark_words(mark, word),
            &[("use", text(word)), ("marks", texts(&[mark]))],
            |_| {},
        );
    }
}
