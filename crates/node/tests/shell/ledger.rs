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
    // What opens the act, and the database that holds all acts, are their owner's alone.
    use std::os::unix::fs::PermissionsExt;
    let private = [
        ("court", 0o700),
        ("court/act.age", 0o600),
        ("court/act.file-key", 0o600),
        ("be/entente.sqlite", 0o600),
        ("be/entente.sqlite-wal", 0o600),
    ];
    for (name, mode) in private {
        let file = std::fs::metadata(world.path().join(name)).unwrap();
        assert_eq!(file.permissions().mode() & 0o777, mode, "{name}");
    }
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

const BOTH: [&str; 4] = [
    "--introduction",
    "be/introduction.note",
    "--introduction",
    "ma/introduction.note",
];

/// An act that never left and a receipt for it, both entered in the sender's own log by the sender's own keys.
fn forged(folder: &std::path::Path) {
    use entente_cooperation::{
        digest::{ActId, Digest, MessageId},
        receipt::{ActRecord, Outcome, ReceiptRecord},
    };
    use entente_ledger::{
        Frontier, Head, Introduction, Opening, Salt, cosignature, proof::Proof, tree::tree_of,
    };
    use entente_node::{
        evidence::Side,
        folder::Folder,
        keys::{Keys, id},
    };
    let be = folder.join("be");
    let keys = Keys::read(&Folder::at(&be)).unwrap();
    let note = std::fs::read_to_string(be.join("introduction.note")).unwrap();
    let log = Introduction::verify(&note)
        .unwrap()
        .log_keys(&id("ma").unwrap());
    let (memorandum, message) = (Digest::of(b"memorandum"), MessageId::of(b"never left"));
    let (link, at) = ("be_ma_2016".to_owned(), super::world::NOW.parse().unwrap());
    let act = ActRecord {
        link: link.clone(),
        message,
        released_at: at,
        memorandum,
    };
    let act = Opening::new(Salt::new([1; 32]), act.write());
    let receipt = ReceiptRecord {
        link,
        message,
        entry: act.entry(),
        index: 0,
        act: Some(ActId::from_bytes([7; 16])),
        outcome: Outcome::Filed,
        ground: None,
        articles: vec!["15.1".into()],
        received_at: at,
        memorandum_released: memorandum,
        memorandum_judged: memorandum,
        time_zone_data: "2026a".into(),
        clocks: Vec::new(),
    };
    let receipt = Opening::new(Salt::new([2; 32]), receipt.write());
    let entries = [act.entry(), receipt.entry()];
    let mut frontier = Frontier::new();
    frontier.extend(&entries);
    let head = Head::new(log.origin(), 2, frontier.root());
    let message = cosignature::message(log.ml_dsa_44(), at, &head);
    let (ed25519, ml_dsa_44) = (
        keys.log().sign_ed25519(head.text().as_bytes()),
        keys.log().sign_mldsa44(&message),
    );
    let head = head.signed(&log, at, &ed25519, &ml_dsa_44[..]);
    for (name, index, opening) in [("sent", 0, act), ("receipt", 1, receipt)] {
        let proof = Proof::make(index, &mut tree_of(&entries), &head).unwrap();
        let side = Side {
            proof: proof.to_string(),
            opening,
            keys: (log.ed25519().clone(), log.ml_dsa_44().clone()),
        };
        side.write(&folder.join("forged"), name).unwrap();
    }
}

#[test]
fn a_receipt_that_the_sender_made_alone_proves_nothing() {
    let world = world();
    forged(world.path());
    let left = world.run(&[&["ledger", "verify", "forged"], &BOTH[..]].concat());
    assert_eq!(left.code, 1, "{}", left.text());
    assert!(left.out.starts_with("not proven: "), "{}", left.text());
    assert!(!left.out.contains("received  "), "{}", left.text());
    // Without the receipt there is an act that nobody but its sender has ever seen.
    for end in ["tlog-proof", "entry", "opening", "vkey", "vkey-mldsa44"] {
        std::fs::remove_file(world.path().join(format!("forged/receipt.{end}"))).unwrap();
    }
    let left = world.run(&[&["ledger", "verify", "forged"], &BOTH[..]].concat());
    assert_eq!(left.code, 1, "{}", left.text());
    assert!(left.out.contains("has not cosigned"), "{}", left.text());
}

#[test]
fn keys_that_no_introduction_vouches_for_prove_nothing() {
    let world = world();
    world.does(&[
        "ledger",
        "proof",
        "BE-2026-000417/1",
        "--out",
        "vouched",
        "--dir",
        "be",
    ]);
    let elsewhere = tempfile::tempdir().unwrap();
    let verify = |known: &[&str]| {
        let folder = world.path().join("vouched").display().to_string();
        let known: Vec<String> = known
            .iter()
            .flat_map(|note| {
                let note = world.path().join(note).display().to_string();
                ["--introduction".to_owned(), note]
            })
            .collect();
        let mut words = vec!["ledger", "verify", &folder, "--json"];
        words.extend(known.iter().map(String::as_str));
        crate::world::entente(elsewhere.path(), &words, "")
    };
    let (be, ma) = ("be/introduction.note", "ma/introduction.note");
    let whole = verify(&[be, ma]);
    assert_eq!(whole.code, 0, "{}", whole.text());
    for known in [&[][..], &[be], &[ma]] {
        let left = verify(known);
        assert_eq!(left.code, 1, "{known:?} {}", left.text());
        let shown: serde_json::Value = serde_json::from_str(&left.out).unwrap();
        assert_eq!(shown["proven"], false);
        assert!(
            left.out.contains("no introduction vouches"),
            "{}",
            left.text()
        );
    }
    let memorandum = crate::world::shipped().display().to_string();
    world.does(&[
        "init",
        "other-be",
        "--party",
        "be",
        "--memorandum",
        &memorandum,
        "--demo",
        "--language",
        "en",
    ]);
    let left = verify(&["other-be/introduction.note", ma]);
    assert_eq!(left.code, 1, "{}", left.text());
    assert!(
        left.out.contains("not the key of this ledger"),
        "{}",
        left.text()
    );
}
