//! What is asked for every act, and how what was written is shown, under both memoranda and in each of their languages.

use std::path::Path;

use entente_cooperation::{
    act::Act,
    body::{kind::Kind, slots::of_act},
    draft::{Answer, Question, question::members_of_fact, questions, read::Section},
    memorandum::Memorandum,
    print::{Printer, Role},
    value::Value,
};

fn both() -> [Memorandum; 2] {
    ["../../memorandum", "../../tests/second/memorandum"].map(|folder| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        Memorandum::read(&folder)
            .unwrap_or_else(|faults| panic!("{}: {faults:?}", folder.display()))
    })
}

fn languages(memorandum: &Memorandum) -> Vec<String> {
    memorandum
        .head
        .authentic
        .iter()
        .chain(&memorandum.head.courtesy)
        .cloned()
        .collect()
}

/// Everything asked, members included.
fn all<'q>(questions: &'q [Question], out: &mut Vec<&'q Question>) {
    for question in questions {
        out.push(question);
        if let Answer::Members(members) | Answer::Items(members) = &question.answer {
            all(members, out);
        }
    }
}

#[test]
fn every_act_asks_what_it_owes_in_words_and_nothing_that_it_has_no_slot_for() {
    for memorandum in both() {
        for line in memorandum.acts.iter() {
            let own = of_act(&memorandum, &line.id, &Default::default());
            for language in languages(&memorandum) {
                let asked = questions(&memorandum, &line.id, &language);
                for question in &asked {
                    let travels = own.contains(&question.slot);
                    assert!(
                        travels || question.section == Section::Home,
                        "{} {}",
                        line.id,
                        question.slot
                    );
                }
                for slot in &line.needs {
                    let owed = asked
                        .iter()
                        .any(|question| question.slot == *slot && question.mandatory);
                    assert!(owed, "{} does not ask for {slot}", line.id);
                }
                let mut every = Vec::new();
                all(&asked, &mut every);
                for question in every {
                    let kind = Kind::of(&memorandum, &question.slot);
                    let chosen = matches!(question.answer, Answer::One | Answer::Several);
                    assert!(!question.label.is_empty(), "{} {}", line.id, question.slot);
                    assert!(
                        !chosen || !question.choices.is_empty() || kind.is_none(),
                        "{} {}",
                        line.id,
                        question.slot
                    );
                }
            }
        }
    }
}

#[test]
fn every_member_that_is_asked_has_words_in_the_shipped_memorandum() {
    let [memorandum, _] = both();
    let mut nameless = Vec::new();
    for language in languages(&memorandum) {
        for line in memorandum.acts.iter() {
            let asked = questions(&memorandum, &line.id, &language);
            let mut every = Vec::new();
            all(&asked, &mut every);
            nameless.extend(
                every
                    .into_iter()
                    .filter(|question| question.label == question.slot)
                    .map(|question| question.slot.clone()),
            );
        }
        for category in memorandum.categories.iter() {
            let asked = members_of_fact(&memorandum, &category.id, &language);
            nameless.extend(
                asked
                    .into_iter()
                    .filter(|question| question.label == question.slot)
                    .map(|question| question.slot),
            );
        }
    }
    assert!(nameless.is_empty(), "{nameless:?}");
}

#[test]
fn the_fields_of_a_fact_are_never_printed_without_its_caveats() {
    let [memorandum, _] = both();
    let fact = |name: &str, text: &str| (name.to_owned(), Value::Text(text.to_owned()));
    let fact = Value::Record(
        [
            fact("id", "f1"),
            fact("category", "vehicles"),
            fact("plate", "11-A-40417"),
        ]
        .into(),
    );
    let facts = Value::List(vec![fact]);
    let printer = Printer {
        memorandum: &memorandum,
        language: "en",
    };
    assert_eq!(printer.value(&Kind::Facts, &facts), "f1 · Vehicles");
    let mut act = Act {
        kind: "spontaneous_information".into(),
        from: "be_federal_police".into(),
        to: Some("ma_dgsn".into()),
        slots: [("facts".to_owned(), facts)].into(),
    };
    act.slots.insert(
        "handling_codes".into(),
        Value::List(vec![Value::Text("H1".into())]),
    );
    let lines = printer.act(&act);
    let plate = lines
        .iter()
        .position(|line| line.text == "11-A-40417")
        .unwrap();
    let code = lines
        .iter()
        .skip(plate)
        .find(|line| line.role == Role::Caveat && line.text.starts_with("H1 "));
    assert!(code.is_some(), "{lines:?}");
}
