//! One thing changed at a time: for every rule and every derived fact a step on which it decides or speaks.

use std::collections::BTreeSet;

use entente_cooperation::{
    act::Side::{self, Recipient, Sender},
    case::{Consent, Dispute, HeldFact, Request, RunningClock, VersionChange},
    memorandum::Memorandum,
    value::Value,
};
use jiff::civil::{Date, date};

use super::{Step, at, complete, deed, record, text, texts};

/// A step that differs from a complete one in what its words say.
pub(crate) struct Variation {
    /// The act or deed, and the side.
    pub(crate) of: String,
    /// What was changed.
    pub(crate) words: &'static str,
    /// The step.
    pub(crate) step: Step,
}

/// Collects variations.
struct List<'m> {
    memorandum: &'m Memorandum,
    variations: Vec<Variation>,
}

impl List<'_> {
    /// An act on one side, changed.
    fn act(&mut self, kind: &str, side: Side, words: &'static str, change: impl FnOnce(&mut Step)) {
        let mut step = complete(self.memorandum, kind, side);
        change(&mut step);
        let side = if side == Sender {
            "sender"
        } else {
            "recipient"
        };
        self.variations.push(Variation {
            of: format!("{kind}, {side}"),
            words,
            step,
        });
    }

    /// An act at the sender, changed.
    fn sent(&mut self, kind: &str, words: &'static str, change: impl FnOnce(&mut Step)) {
        self.act(kind, Sender, words, change);
    }

    /// An act at the recipient, changed.
    fn received(&mut self, kind: &str, words: &'static str, change: impl FnOnce(&mut Step)) {
        self.act(kind, Recipient, words, change);
    }

    /// A deed at home.
    fn home(
        &mut self,
        event: &str,
        words: &'static str,
        slots: &[(&str, Value)],
        change: impl FnOnce(&mut Step),
    ) {
        let mut step = deed(self.memorandum, event, slots);
        change(&mut step);
        self.variations.push(Variation {
            of: format!("{event}, at home"),
            words,
            step,
        });
    }
}

impl Step {
    fn set(&mut self, slot: &str, value: Value) {
        self.act.slots.insert(slot.to_owned(), value);
    }

    fn clear(&mut self, slot: &str) {
        self.act.slots.remove(slot);
    }

    fn word(&mut self, slot: &str, word: &str) {
        self.set(slot, text(word));
    }

    fn yes(&mut self, test: &str) {
        self.set(test, Value::Bool(true));
    }

    /// A person of this age, with or without what protected persons need.
    fn aged(&mut self, age: i64) {
        self.set("subject_age", Value::Number(age));
    }

    fn guarded(&mut self) {
        self.word("second_officer", "signed:officer_2");
        self.word("necessity", "…");
    }

    /// The one fact of the act.
    fn fact(&mut self, members: Value) {
        let slot = if self.act.slots.contains_key("corrected_facts") {
            "corrected_facts"
        } else {
            "facts"
        };
        self.set(slot, Value::List(vec![members]));
    }

    fn protective_state(&mut self) {
        self.state
            .stops
            .insert(("case:BE-2026-000001".to_owned(), "be_cop".to_owned()));
    }

    /// The request that the act answers, received at an instant, due a week later.
    fn request(&mut self, received: &str, due: &str) -> &mut RunningClock {
        let clock = RunningClock {
            clock: "reply_ordinary".to_owned(),
            of: "BE-2026-000001/0".to_owned(),
            thread: "BE-2026-000001/0".to_owned(),
            debtor: "ma".to_owned(),
            start: at(received),
            due: at(due),
            ..RunningClock::default()
        };
        self.state.clocks.push(clock);
        let request = Request {
            case: "BE-2026-000001".to_owned(),
            received_at: at(received),
            from: "ma_dgsn".to_owned(),
            to: "be_federal_police".to_owned(),
            extended: false,
            clarifications: 0,
            open_parts: BTreeSet::new(),
            clock: Some(self.state.clocks.len() - 1),
        };
        self.state
            .requests
            .insert("BE-2026-000001/0".to_owned(), request);
        self.state.clocks.last_mut().expect("a clock")
    }

    fn asked(&mut self) -> &mut Request {
        self.state
            .requests
            .get_mut("BE-2026-000001/0")
            .expect("a request")
    }

    /// A fact held from the other Party, in a case.
    fn held(&mut self, case: &str, codes: &[&str]) -> &mut HeldFact {
        let fact = HeldFact {
            purpose: Some("prevent_terrorism".to_owned()),
            codes: codes.iter().map(|code| (*code).to_owned()).collect(),
            originator: "ma".to_owned(),
            ..HeldFact::default()
        };
        self.state
            .facts
            .entry((case.to_owned(), "f1".to_owned()))
            .insert_entry(fact)
            .into_mut()
    }

    /// A fact held from the other Party under one restriction, with this value of it.
    fn restricted(&mut self, restriction: &str, value: Option<Value>) {
        let fact = self.held("BE-2026-000001", &["H3"]);
        fact.restriction.insert(restriction.to_owned());
        let value = value.map(|value| (restriction.to_owned(), value));
        fact.values.extend(value);
    }

    fn dispute(&mut self, act: Option<&str>, case: Option<&str>, article: &str) {
        let dispute = Dispute {
            case: case.map(str::to_owned),
            article: article.to_owned(),
            act: act.map(str::to_owned),
        };
        self.state.disputes.insert("MA/1".to_owned(), dispute);
    }

    fn version(&mut self, from: Date, change: &str) {
        let changes = vec![change.to_owned()];
        self.state.versions.push(VersionChange {
            id: "2016-2".to_owned(),
            from,
            changes,
        });
    }
}

/// A deed at home with one fact of a case.
fn using(word: &str) -> Vec<(&'static str, Value)> {
    vec![
        ("use", text(word)),
        ("case", text("BE-2026-000001")),
        ("purpose", text("prevent_terrorism")),
        ("facts_concerned", texts(&["f1"])),
    ]
}

/// Every variation, by the paragraph it shows.
pub(crate) fn variations(memorandum: &Memorandum) -> Vec<Variation> {
    let mut list = List {
        memorandum,
        variations: Vec::new(),
    };
    standing(&mut list);
    limits(&mut list);
    form(&mut list);
    offence(&mut list);
    person(&mut list);
    facts(&mut list);
    exchange(&mut list);
    protection(&mut list);
    migration(&mut list);
    governance(&mut list);
    at_home(&mut list);
    list.variations
}

/// Articles 31, 35 and 36: what stands still, and what passes all the same.
fn standing(list: &mut List<'_>) {
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

/// Article 23, and what says the same elsewhere.
fn limits(list: &mut List<'_>) {
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

/// Articles 1 to 4, 6.3, 7 and 17.4: the form of an act.
fn form(list: &mut List<'_>) {
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
fn offence(list: &mut List<'_>) {
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

/// Articles 16.2, 21 and 24.
fn person(list: &mut List<'_>) {
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
fn facts(list: &mut List<'_>) {
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

/// Articles 9 to 16.
fn exchange(list: &mut List<'_>) {
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

/// A restriction and the value it needs (Annex 7).
fn restriction_values(list: &mut List<'_>) {
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

/// Articles 18.4, 20 and 26.
fn protection(list: &mut List<'_>) {
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

/// Articles 27 to 29.
fn migration(list: &mut List<'_>) {
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
fn governance(list: &mut List<'_>) {
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

/// Articles 5.3, 17, 18, 24 to 26: what is done at home.
fn at_home(list: &mut List<'_>) {
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

/// Reading and using what restrictions bind (Annex 7).
fn restricted_deeds(list: &mut List<'_>) {
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
fn mark_words(mark: &str, word: &str) -> &'static str {
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
