//! `entente draft`

use crate::{
    snapshot::{assert_same, settled},
    world::{Left, entente, world},
};

#[test]
fn without_an_act_the_acts_are_listed_in_the_officers_language() {
    let world = world();
    let left = world.run(&["draft", "--dir", "be", "--language", "ar"]);
    assert_same("draft-list-ar.txt", &left.text());
}

#[test]
fn every_slot_is_asked_with_its_choices_and_the_draft_says_what_was_typed() {
    let world = world();
    let arguments = [
        "draft",
        "information_request",
        "--dir",
        "be",
        "--out",
        "asked.toml",
        "--language",
        "fr",
    ];
    let typed = include_str!("request.answers")
        .replace("no\n", "non\n")
        .replace("yes\n", "oui\n");
    let left = entente(world.path(), &arguments, &typed);
    assert_same("draft-asked-fr.txt", &settled(&left.text(), world.path()));
    let written = std::fs::read_to_string(world.path().join("asked.toml")).unwrap();
    assert_same("draft-written-fr.toml", &written);
}

#[test]
fn a_wrong_answer_is_asked_again_and_help_is_one_sign_away() {
    let world = world();
    let typed = "99\nbe_federal_police\n?\nma_dgsn\n";
    let arguments = [
        "draft",
        "information_request",
        "--dir",
        "be",
        "--out",
        "begun.toml",
    ];
    let left = entente(world.path(), &arguments, typed);
    assert_same("draft-begun.txt", &settled(&left.text(), world.path()));
    assert!(world.path().join("begun.toml").exists());
}

/// A strategic information typed to its end, with one sign more before its grade.
fn grade_begun_with(sign: char, out: &str) -> Left {
    let answers = include_str!("strategic.answers");
    let typed = answers.replace("\n2\nB\n", &format!("\n{sign}\n2\nB\n"));
    let act = ["draft", "strategic_information", "--dir", "be"];
    let left = entente(
        world().path(),
        &[&act[..], &["--out", out]].concat(),
        &typed,
    );
    assert_eq!(left.code, 0, "{}", left.text());
    left
}

#[test]
fn a_needed_record_that_is_passed_over_is_asked_again_and_never_for_ever() {
    grade_begun_with('.', "passed.toml");
    let written = std::fs::read_to_string(world().path().join("passed.toml")).unwrap();
    assert!(
        written.contains("grade = { information = \"2\", source = \"B\" }"),
        "{written}"
    );
}

#[test]
fn a_member_without_help_of_its_own_shows_that_of_its_slot() {
    let left = grade_begun_with('?', "helped.toml");
    assert!(
        left.text().contains("The source from A to C or X"),
        "{}",
        left.text()
    );
}

#[test]
fn an_act_that_is_misspelt_is_told_the_nearest() {
    let world = world();
    let left = world.run(&["draft", "information_requst", "--dir", "be"]);
    assert_same("draft-misspelt.txt", &left.text());
}

#[test]
fn a_draft_that_was_edited_wrongly_is_told_with_its_line() {
    let world = world();
    let written = std::fs::read_to_string(world.path().join("request.toml")).unwrap();
    let written = written.replace("area = \"organised_crime\"", "area = \"organized_crime\"");
    std::fs::write(world.path().join("edited.toml"), written).unwrap();
    let left = world.run(&["why", "edited.toml", "--dir", "be"]);
    assert_same("draft-edited.txt", &left.text());
}
