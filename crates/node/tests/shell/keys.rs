//! `entente keys`, and what evidence is worth after keys were changed.

use std::fs;

use crate::world::{World, alone, until};

/// One file for every introduction and notice that a reader needs, as a court would get them.
fn for_the_court(world: &World) {
    let court = world.path().join("court");
    fs::create_dir_all(&court).unwrap();
    for party in ["be", "ma"] {
        let dir = world.path().join(party);
        fs::copy(
            dir.join("introduction.note"),
            court.join(format!("{party}.note")),
        )
        .unwrap();
        for notice in fs::read_dir(dir.join("notices")).into_iter().flatten() {
            let path = notice.unwrap().path();
            fs::copy(&path, court.join(path.file_name().unwrap())).unwrap();
        }
    }
}

fn proven(world: &World, folder: &str) {
    let verify = ["ledger", "verify", folder, "--introduction", "court"];
    world.does(&verify);
}

fn exported(world: &World, out: &str) {
    world.does(&["ledger", "export", out, "--dir", "be"]);
    let act = format!("{out}-act");
    let proof = ["ledger", "proof", "BE-2026-000417/1", "--out", &act];
    world.does(&[&proof[..], &["--dir", "be"]].concat());
}

fn later(world: &World, by: &str) {
    for party in ["be", "ma"] {
        world.does(&["clock", "--by", by, "--dir", party]);
    }
}

/// Both sides hold all notices of the first.
fn heard(world: &World, number: usize) {
    until(|| {
        let shown = world.run(&["keys", "show", "--dir", "be"]);
        shown
            .out
            .contains(&format!("ma holds {number} of our {number} notices"))
    });
}

#[test]
fn what_was_proven_before_and_after_keys_were_changed_is_proven_from_files_alone() {
    let world = alone();
    for_the_court(&world);
    until(|| {
        let left = world.run(&["ledger", "check", "--dir", "be", "--json"]);
        left.out.contains("\"cosigned\":2")
            || left.out.contains("\"cosigned\": 2")
            || left.code == 0 && {
                let act = ["ledger", "proof", "BE-2026-000417/1", "--out", "before-act"];
                world.does(&[&act[..], &["--dir", "be"]].concat());
                let verify = ["ledger", "verify", "before-act", "--introduction", "court"];
                world.run(&verify).code == 0
            }
    });
    exported(&world, "before");
    proven(&world, "before-act");
    later(&world, "PT1H");
    world.does(&[
        "keys",
        "rotate",
        "log",
        "--overlap-days",
        "1",
        "--dir",
        "be",
    ]);
    world.does(&["keys", "rotate", "seal", "--dir", "be"]);
    later(&world, "PT1M");
    heard(&world, 4);
    later(&world, "PT72H");
    world.does(&[
        "keys",
        "revoke",
        "log",
        "--since",
        "2026-03-21T00:00:00Z",
        "--dir",
        "ma",
    ]);
    later(&world, "PT1M");
    for_the_court(&world);
    proven(&world, "before-act");
    until(|| {
        exported(&world, "after");
        let verify = ["ledger", "verify", "after", "--introduction", "court"];
        world.run(&verify).code == 0
    });
    proven(&world, "after-act");
    proven(&world, "after/mirror");
    // Beside the evidence the notices lie as well: with the two introductions alone it is proven all the same.
    let alone = [
        "ledger",
        "verify",
        "after",
        "--introduction",
        "be/introduction.note",
    ];
    world.does(&[&alone[..], &["--introduction", "ma/introduction.note"]].concat());
    // So it is with what a court gets to read.
    let reveal = ["ledger", "reveal", "BE-2026-000417/1", "--dir", "be"];
    world.does(&[&reveal[..], &["--out", "revealed"]].concat());
    let introductions = &alone[3..];
    let revealed = [&["ledger", "verify", "revealed"], introductions].concat();
    world.does(&[&revealed[..], &["--introduction", "ma/introduction.note"]].concat());
    // Without any notice the new keys are nobody's.
    fs::remove_dir_all(world.path().join("after/notices")).unwrap();
    let left = world.run(&[&alone[..], &["--introduction", "ma/introduction.note"]].concat());
    assert_eq!(left.code, 1, "{}", left.text());
    // A revocation that reaches behind the cosignature takes the proof away, and says which notice did.
    let since = "2026-03-18T09:00:00Z";
    world.does(&["keys", "revoke", "log", "--since", since, "--dir", "be"]);
    for_the_court(&world);
    let verify = ["ledger", "verify", "before-act", "--introduction", "court"];
    let left = world.run(&verify);
    assert_eq!(left.code, 1, "{}", left.text());
    assert!(left.text().contains("by notice "), "{}", left.text());
}

#[test]
fn a_notice_carried_by_hand_counts_and_one_of_a_stranger_does_not() {
    let world = alone();
    let since = "2026-03-18T09:00:00Z";
    let revoke = ["keys", "revoke", "transport", "--since", since, "--dir"];
    let files = world.does(&[&revoke[..], &["ma"]].concat());
    let files: Vec<&str> = files.lines().collect();
    assert_eq!(files.len(), 2, "{files:?}");
    let accept = [&["peer", "accept-notice"], &files[..], &["--dir", "be"]].concat();
    let said = world.does(&accept);
    assert!(said.contains("count from now on"), "{said}");
    let again = world.does(&accept);
    assert!(again.contains("nothing changed"), "{again}");
    let note = fs::read_to_string(world.path().join(files[0])).unwrap();
    fs::write(
        world.path().join("forged.note"),
        note.replace("number 1\n", "number 3\n"),
    )
    .unwrap();
    let left = world.run(&["peer", "accept-notice", "forged.note", "--dir", "be"]);
    assert_ne!(left.code, 0, "{}", left.text());
    // A stranger of the same Party's name signs soundly, with an identity that nobody compared by voice.
    let elsewhere = alone();
    let theirs = elsewhere.does(&[&revoke[..], &["ma"]].concat());
    for file in theirs.lines() {
        let path = elsewhere.path().join(file).display().to_string();
        let left = world.run(&["peer", "accept-notice", &path, "--dir", "be"]);
        assert_ne!(left.code, 0, "{}", left.text());
    }
    let shown = world.does(&["keys", "show", "--dir", "be"]);
    assert_eq!(
        shown
            .lines()
            .filter(|line| line.contains("transport"))
            .count(),
        3
    );
}
