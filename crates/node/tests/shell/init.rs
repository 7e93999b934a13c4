//! `entente init`

use crate::{
    snapshot::{assert_same, settled},
    world::{entente, shipped},
};

fn init(folder: &std::path::Path, more: &[&str]) -> crate::world::Left {
    let memorandum = shipped().display().to_string();
    let given = ["init", "node", "--memorandum", &memorandum];
    entente(folder, &[&given, more].concat(), "")
}

#[test]
fn a_data_folder_holds_what_a_node_needs_and_says_what_comes_next() {
    let dir = tempfile::tempdir().unwrap();
    let left = init(dir.path(), &["--party", "be", "--listen", "127.0.0.1:7401"]);
    assert_same("init.txt", &settled(&left.text(), dir.path()));
    let settings = std::fs::read_to_string(dir.path().join("node/entente.toml")).unwrap();
    assert_same("entente.toml", &settings);
    let roster = std::fs::read_to_string(dir.path().join("node/roster.toml")).unwrap();
    assert_same("roster.toml", &roster);
}

#[test]
fn a_second_time_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    init(dir.path(), &["--party", "be"]);
    let token = std::fs::read(dir.path().join("node/token")).unwrap();
    let left = init(dir.path(), &["--party", "ma"]);
    assert_same("init-again.txt", &settled(&left.text(), dir.path()));
    assert_eq!(std::fs::read(dir.path().join("node/token")).unwrap(), token);
}

#[test]
fn a_party_that_the_memorandum_does_not_name_is_told_which_it_names() {
    let dir = tempfile::tempdir().unwrap();
    let left = init(dir.path(), &["--party", "xx"]);
    assert_same("init-unknown-party.txt", &settled(&left.text(), dir.path()));
    let left = entente(dir.path(), &["init", "node", "--party", "be"], "");
    assert_same("init-no-memorandum.txt", &settled(&left.text(), dir.path()));
}
