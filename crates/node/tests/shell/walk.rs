//! The short commands, one after the other, between two nodes of their own.

use crate::world::{World, alone, entente, until};

const CASE: &str = "BE-2026-000417";
const FRENCH: [&str; 3] = ["--set", "language=fr", "--yes"];

/// Runs a command that is typed to, and gives the reference of what it released.
#[track_caller]
fn releases(world: &World, arguments: &[&str], typed: &str) -> String {
    let left = entente(world.path(), &[arguments, &FRENCH].concat(), typed);
    assert_eq!(left.code, 0, "{arguments:?}\n{}", left.text());
    left.out.trim().to_owned()
}

/// Waits until a side has received this act.
fn arrives(world: &World, reference: &str, side: &str) {
    until(|| world.run(&["inbox", "--dir", side]).out.contains(reference));
}

#[test]
fn a_case_is_lived_through_by_the_short_commands_on_both_sides() {
    let world = alone();
    let request = format!("{CASE}/1");
    let asked = releases(
        &world,
        &[
            "clarify",
            &request,
            "--dir",
            "ma",
            "--set",
            "slots_concerned=subject",
        ],
        "",
    );
    assert_eq!(asked, format!("{CASE}/2"));
    arrives(&world, &asked, "be");
    // Who answers an act reads it, and only who answers for it may.
    world.does(&["take", CASE, "--deputy", "officer_2", "--dir", "be"]);

    let mut supplied = vec![
        "clarify",
        &asked,
        "--dir",
        "be",
        "--set",
        "slots_supplied=subject",
    ];
    for declaration in [
        "mentions_international_protection=false",
        "source_is_asylum_file=false",
        "aims_at_death_penalty=false",
        "real_risk_of_ill_treatment=false",
        "obtained_by_ill_treatment=false",
        "no_individual_link=false",
        "subject_defined_by_group=false",
        "bulk=false",
        "aims_at_opinion_or_activity=false",
    ] {
        supplied.extend(["--set", declaration]);
    }
    let supplied = releases(&world, &supplied, "no\nno\nno\n.\n");
    arrives(&world, &supplied, "ma");

    let refused = ["refuse", &request, "--dir", "ma", "--set", "scope=q1"];
    let refused = releases(&world, &refused, "not_communicable\n\n.\n");
    arrives(&world, &refused, "be");

    let trend = entente(
        world.path(),
        &["draft", "strategic_information", "--dir", "be"],
        include_str!("strategic.answers"),
    );
    let trend = world.does(&["send", trend.out.trim(), "--dir", "be"]);
    let recall = ["recall", trend.trim(), "--dir", "be"];
    // The ministry that was told takes no recall: an organ that does is asked for.
    let recalled = releases(&world, &recall, "ma_dgsn\nf1\n");
    arrives(&world, &recalled, "ma");

    // What answers nothing of its kind says what it answers.
    let left = world.run(&["ack", &request, "--dir", "ma"]);
    assert_eq!(left.code, 2);
    assert!(left.err.contains("urgent_alert"), "{}", left.text());

    // Whoever took the case over keeps it, whatever is counted anew since.
    let shown = world.does(&["case", CASE, "--dir", "ma"]);
    let owned = shown
        .lines()
        .find(|line| line.contains("Assignment of an owner") && line.contains(&request));
    assert!(owned.unwrap().contains("met"), "{shown}");
    for side in ["be", "ma"] {
        world.does(&["ledger", "check", "--dir", side]);
    }
}
