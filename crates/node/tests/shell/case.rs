//! `entente case`, `entente take`, `entente close`

use crate::{
    snapshot::{assert_same, settled},
    world::world,
};

#[test]
fn a_case_shows_its_acts_and_clocks_in_both_capitals_time() {
    let world = world();
    assert_same("case-list.txt", &world.run(&["case", "--dir", "ma"]).text());
    assert_same(
        "case.txt",
        &world.run(&["case", "BE-2026-000417", "--dir", "ma"]).text(),
    );
}

#[test]
fn an_act_written_in_french_is_read_in_arabic() {
    let world = world();
    let arguments = [
        "case",
        "--act",
        "BE-2026-000417/1",
        "--why",
        "answering",
        "--dir",
        "ma",
        "--language",
        "ar",
    ];
    assert_same(
        "case-act-ar.txt",
        &settled(&world.run(&arguments).text(), world.path()),
    );
}

#[test]
fn a_case_needs_two_persons_and_is_not_closed_while_something_is_owed() {
    let world = world();
    let same = world.run(&[
        "take",
        "BE-2026-000417",
        "--officer",
        "officer_2",
        "--deputy",
        "officer_2",
        "--dir",
        "ma",
    ]);
    let machine = world.run(&[
        "take",
        "BE-2026-000417",
        "--deputy",
        "system_1",
        "--dir",
        "ma",
    ]);
    let open = world.run(&[
        "close",
        "BE-2026-000417",
        "--outcome",
        "answered",
        "--dir",
        "ma",
    ]);
    let nothing = world.run(&[
        "close",
        "BE-2026-000417",
        "--outcome",
        "done",
        "--dir",
        "ma",
    ]);
    let unknown = world.run(&["case", "BE-2026-999999", "--dir", "ma"]);
    let all = [
        same.text(),
        machine.text(),
        open.text(),
        nothing.text(),
        unknown.text(),
    ]
    .concat();
    assert_same("case-refused.txt", &all);
}

#[test]
fn a_machine_is_no_author_reads_nothing_and_hands_nothing_out() {
    let world = world();
    let machine = ["--as", "system_1", "--dir"];
    let refused = |arguments: &[&str], folder: &'static str, article: &str| {
        let left = world.run(&[arguments, &machine, &[folder]].concat());
        assert_eq!(left.code, 1, "{arguments:?}\n{}", left.text());
        assert!(
            left.text().contains(article),
            "{arguments:?}\n{}",
            left.text()
        );
    };
    refused(&["send", "request.toml", "--again"], "be", "22.1");
    let act = "BE-2026-000417/1";
    for folder in ["be", "ma"] {
        refused(&["case", "--act", act], folder, "25.1");
        refused(
            &["ledger", "reveal", act, "--out", "machine"],
            folder,
            "25.1",
        );
    }
    assert!(!world.path().join("machine/act.file-key").exists());
}

#[test]
fn a_case_leaves_its_officers_hand_by_the_officers_own_word() {
    let world = world();
    let take = ["take", "BE-2026-000417", "--officer", "officer_2"];
    let to_the_first = ["--deputy", "officer_1", "--dir", "ma"];
    let other = world.run(&[&take[..], &to_the_first, &["--as", "officer_2"]].concat());
    assert_eq!(other.code, 1, "{}", other.text());
    assert!(other.text().contains("hands it over"), "{}", other.text());
    let machine = world.run(&[&take[..], &to_the_first, &["--as", "system_1"]].concat());
    assert_ne!(machine.code, 0, "{}", machine.text());
    let shown = world.does(&["case", "BE-2026-000417", "--dir", "ma", "--json"]);
    let shown: serde_json::Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(shown["owner"], "officer_1", "{shown}");
}
