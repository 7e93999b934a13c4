//! `entente peer`

use crate::{
    snapshot::{assert_same, settled},
    world::{entente, shipped, world},
};

#[test]
fn without_the_phrase_confirmed_nothing_is_accepted() {
    let dir = tempfile::tempdir().unwrap();
    let memorandum = shipped().display().to_string();
    for party in ["be", "ma"] {
        entente(
            dir.path(),
            &["init", party, "--party", party, "--memorandum", &memorandum],
            "",
        );
    }
    let accept = ["peer", "accept", "ma/introduction.note", "--dir", "be"];
    let mut left = entente(dir.path(), &accept, "");
    assert_eq!(left.out.split_whitespace().count(), 16, "{}", left.out);
    left.out = "TWELVE WORDS\n".to_owned();
    assert_same(
        "peer-accept-unconfirmed.txt",
        &settled(&left.text(), dir.path()),
    );
    assert!(!dir.path().join("be/partners/ma.note").exists());
}

#[test]
fn both_sides_hear_the_same_phrase() {
    let world = world();
    let ours = world.does(&[
        "peer",
        "accept",
        "ma/introduction.note",
        "--dir",
        "be",
        "--phrase-confirmed",
    ]);
    let theirs = world.does(&[
        "peer",
        "accept",
        "be/introduction.note",
        "--dir",
        "ma",
        "--phrase-confirmed",
    ]);
    assert_eq!(ours, theirs);
}

#[test]
fn an_introduction_that_cannot_be_the_partners_is_refused_with_what_to_do() {
    let world = world();
    let own = world.run(&["peer", "accept", "be/introduction.note", "--dir", "be"]);
    let absent = world.run(&["peer", "accept", "nowhere.note", "--dir", "be"]);
    std::fs::write(world.path().join("altered.note"), "altered\n").unwrap();
    let altered = world.run(&["peer", "accept", "altered.note", "--dir", "be"]);
    let all = [own.text(), absent.text(), altered.text()].concat();
    assert_same("peer-accept-refused.txt", &settled(&all, world.path()));
}

#[test]
fn an_introduction_with_another_log_key_does_not_take_the_place_of_one_whose_ledger_is_mirrored() {
    let world = crate::world::world();
    let memorandum = shipped().display().to_string();
    world.does(&[
        "init",
        "other-ma",
        "--party",
        "ma",
        "--memorandum",
        &memorandum,
        "--demo",
    ]);
    let held = std::fs::read(world.path().join("be/partners/ma.note")).unwrap();
    let left = world.run(&[
        "peer",
        "accept",
        "other-ma/introduction.note",
        "--dir",
        "be",
        "--phrase-confirmed",
        "--replace",
    ]);
    assert_eq!(left.code, 2, "{}", left.text());
    assert!(left.err.contains("another log key"), "{}", left.text());
    let kept = std::fs::read(world.path().join("be/partners/ma.note")).unwrap();
    assert_eq!(held, kept);
}
