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
