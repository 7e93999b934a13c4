//! `entente ledger`

use crate::{
    snapshot::{assert_same, settled},
    world::world,
};

#[test]
fn both_ledgers_are_checked_and_both_exports_agree_from_the_files_alone() {
    let world = world();
    world.does(&["ledger", "check", "--dir", "be"]);
    world.does(&["ledger", "export", "export-be", "--dir", "be"]);
    world.does(&["ledger", "export", "export-ma", "--dir", "ma"]);
    let agrees = [
        "ledger",
        "verify",
        "export-be",
        "--dir",
        "be",
        "--against",
        "export-ma/mirror",
    ];
    let left = world.run(&agrees);
    assert_eq!(left.code, 0, "{}", left.text());
    let entries = world.path().join("export-be/tile/entries/000.p");
    let bundle = std::fs::read_dir(&entries)
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let mut bytes = std::fs::read(&bundle).unwrap();
    bytes[2] ^= 1;
    std::fs::write(&bundle, bytes).unwrap();
    let altered = world.run(&agrees);
    assert_eq!(altered.code, 1, "{}", altered.text());
    assert!(altered.out.contains("fault"), "{}", altered.text());
}

#[test]
fn sending_and_receipt_are_proven_offline_and_a_court_can_read_the_act() {
    let world = world();
    world.does(&[
        "ledger",
        "proof",
        "BE-2026-000417/1",
        "--out",
        "proof",
        "--dir",
        "be",
    ]);
    let known = [
        "--introduction",
        "be/introduction.note",
        "--introduction",
        "ma/introduction.note",
    ];
    let left = world.run(&[&["ledger", "verify", "proof"], &known[..]].concat());
    assert_same(
        "ledger-verify-proof.txt",
        &settled(&left.text(), world.path()),
    );
    world.does(&[
        "ledger",
        "reveal",
        "BE-2026-000417/1",
        "--out",
        "court",
        "--dir",
        "ma",
    ]);
    let left = world.run(&[&["ledger", "verify", "court", "--json"], &known[..]].concat());
    let shown: serde_json::Value = serde_json::from_str(&left.out).unwrap();
    assert_eq!(shown["body"]["slots"]["case"], "BE-2026-000417");
}

#[test]
fn an_altered_proof_proves_nothing() {
    let world = world();
    world.does(&[
        "ledger",
        "proof",
        "BE-2026-000417/1",
        "--out",
        "altered",
        "--dir",
        "be",
    ]);
    let opening = world.path().join("altered/sent.opening");
    let text = std::fs::read_to_string(&opening).unwrap();
    std::fs::write(&opening, text.replace("be_ma_2016", "be_ma_2017")).unwrap();
    let left = world.run(&["ledger", "verify", "altered", "--dir", "be"]);
    assert_same("ledger-verify-altered.txt", &left.text());
}
