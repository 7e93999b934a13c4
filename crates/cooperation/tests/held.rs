//! What a judgement says of each fact by itself, and of a rule that cannot be evaluated.

#[allow(
    dead_code,
    missing_docs,
    reason = "shared by several tests, none of which uses all of it"
)]
mod steps;

use std::path::PathBuf;

use entente_cooperation::{
    act::Side,
    judgement::{Answer, Decision, Judgement, Reason},
    memorandum::{Files, Memorandum, read::files_of},
    policy::Policy,
    value::{Slots, Value},
};

use steps::{Step, complete};

fn files() -> Files {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../memorandum"));
    files_of(&folder).expect("the folder")
}

fn judge(files: &Files, step: &Step) -> Judgement {
    let memorandum = Memorandum::read_files(files).expect("a memorandum");
    let policy = Policy::compile(&memorandum, files).unwrap_or_else(|faults| panic!("{faults:#?}"));
    policy.judge(&memorandum, &step.state, &step.act, &step.moment)
}

fn reply(side: Side) -> Step {
    let memorandum = Memorandum::read_files(&files()).expect("a memorandum");
    complete(&memorandum, "information_reply", side)
}

fn fact(id: &str, category: &str, field: &str) -> Value {
    let text = |text: &str| Value::Text(text.to_owned());
    Value::Record(Slots::from([
        ("id".to_owned(), text(id)),
        ("category".to_owned(), text(category)),
        (field.to_owned(), text("Rue du Moulin 4")),
    ]))
}

/// Three facts, the second of a special category, and no second officer.
fn with_special(mut step: Step) -> Step {
    let facts = vec![
        fact("f1", "addresses", "address"),
        fact("f2", "health", "value"),
        fact("f3", "addresses", "address"),
    ];
    step.act
        .slots
        .insert("facts".to_owned(), Value::List(facts));
    for slot in ["second_officer", "necessity"] {
        step.act.slots.remove(slot);
    }
    step
}

#[test]
fn of_three_facts_the_one_that_needs_a_second_officer_is_named() {
    for side in [Side::Sender, Side::Recipient] {
        let judged = judge(&files(), &with_special(reply(side)));
        assert_eq!(judged.decision, Decision::Refuse);
        assert_eq!(
            judged.reason.as_ref().map(Reason::id),
            Some("second_officer_missing")
        );
        let named: Vec<(&str, &str)> = judged
            .facts
            .iter()
            .map(|fact| (fact.id.as_str(), fact.paragraphs[0].0.as_str()))
            .collect();
        assert_eq!(named, [("f2", "21.2")]);
    }
}

#[test]
fn with_reasons_and_a_second_officer_all_three_cross() {
    let mut step = with_special(reply(Side::Sender));
    let text = |text: &str| Value::Text(text.to_owned());
    step.act
        .slots
        .insert("necessity".to_owned(), text("Seule trace connue."));
    step.act
        .slots
        .insert("second_officer".to_owned(), text("signed:officer_2"));
    let judged = judge(&files(), &step);
    assert_eq!(judged.answer(), Answer::Permitted, "{judged:#?}");
}

/// The files with one more prohibition, which overflows whenever an age is stated.
fn overflowing() -> Files {
    let mut files = files();
    let rule = r#"
@id("18.2 overflows")
@article("18.2") @order("999") @reason("code_missing")
@fr("f") @nl("n") @ar("a") @en("e")
forbid (principal, action in Action::"an act", resource)
when { context has subject_age && context.subject_age + 9223372036854775807 < 0 };
"#;
    files
        .entry("policies/prohibitions.cedar".to_owned())
        .or_default()
        .extend_from_slice(rule.as_bytes());
    files
}

fn of_age(mut step: Step) -> Step {
    step.act
        .slots
        .insert("subject_age".to_owned(), Value::Number(44));
    step
}

#[test]
fn a_rule_that_cannot_be_evaluated_neither_permits_nor_refuses() {
    let judged = judge(&overflowing(), &of_age(reply(Side::Recipient)));
    assert_eq!(judged.decision, Decision::Broken);
    assert_eq!(judged.reason, None);
    let Answer::Broken([rule]) = judged.answer() else {
        panic!("{judged:#?}");
    };
    assert!(rule.starts_with("18.2 overflows"), "{rule}");
}

#[test]
fn a_prohibition_that_holds_refuses_beside_a_rule_that_cannot_be_evaluated() {
    let mut step = of_age(reply(Side::Recipient));
    step.act.slots.insert(
        "mentions_international_protection".to_owned(),
        Value::Bool(true),
    );
    let judged = judge(&overflowing(), &step);
    assert_eq!(
        judged.answer(),
        Answer::Refused(&Reason::Limit("asylum_data".to_owned()))
    );
    assert_eq!(judged.broken.len(), 1);
}
