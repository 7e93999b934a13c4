//! `entente outbox`, `entente inbox`, `entente clock`

use crate::{
    snapshot::{assert_same, settled},
    world::world,
};

#[test]
fn the_outbox_says_what_became_of_each_act_and_never_sent() {
    let world = world();
    let left = world.run(&["outbox", "--dir", "be"]);
    assert_same("outbox.txt", &left.text());
    assert!(!left.out.contains("sent"));
    let json = world.does(&["outbox", "--dir", "be", "--json"]);
    assert_same("outbox.json", &settled(&json, world.path()));
}

#[test]
fn the_inbox_shows_first_what_runs_out_first_in_any_language() {
    let world = world();
    assert_same("inbox.txt", &world.run(&["inbox", "--dir", "ma"]).text());
    assert_same(
        "inbox-ar.txt",
        &world
            .run(&["inbox", "--dir", "ma", "--language", "ar"])
            .text(),
    );
    assert_same(
        "inbox-empty.txt",
        &world.run(&["inbox", "--dir", "be"]).text(),
    );
}

#[test]
fn the_clock_of_a_demonstration_is_driven_forward_only() {
    let world = world();
    let now = world.run(&["clock", "--dir", "be"]);
    let back = world.run(&["clock", "--dir", "be", "--to", "2026-03-01T10:00:00Z"]);
    assert_same("clock.txt", &[now.text(), back.text()].concat());
}
