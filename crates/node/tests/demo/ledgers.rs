//! The exported ledgers of the demonstration before Go's `note` and `tlog`, and an independent ML-DSA.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use entente_ledger::Introduction;

use crate::{
    judge,
    shown::{Shown, shown},
};

/// Where Debian's package `golang-golang-x-mod-dev` puts its source.
const GO_SOURCE: &str = "/usr/share/gocode";

/// Each side and the other.
const SIDES: [(&str, &str); 2] = [("be", "ma"), ("ma", "be")];

/// Builds the Go judge into `place`, or says what is missing.
fn go_judge(place: &Path) -> Option<PathBuf> {
    let what = "Go's note and tlog on the demonstration";
    if Command::new("go").arg("version").output().is_err() {
        judge::skip(what, "go");
        return None;
    }
    let source = Path::new(GO_SOURCE).join("src/golang.org/x/mod/sumdb/tlog");
    if !source.is_dir() {
        judge::skip(what, "golang-golang-x-mod-dev");
        return None;
    }
    let program = place.join("judge");
    let build = Command::new("go")
        .args(["build", "-o"])
        .arg(&program)
        .arg(judge::folder().join("ledger/judge.go"))
        .env("GO111MODULE", "off")
        .env("GOPATH", GO_SOURCE)
        .env("GOFLAGS", "")
        .env("GOCACHE", place.join("cache"))
        .output();
    judge::agreed(&build.unwrap());
    Some(program)
}

/// The proofs of sending of all that `party` sent, and of receipt of all that it received: both kinds stand in its ledger.
fn proofs_in_the_ledger_of(shown: &Shown, party: &str, other: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for (sender, name) in [(party, "sent.tlog-proof"), (other, "receipt.tlog-proof")] {
        for (place, act) in shown.sent(sender).iter().enumerate() {
            let folder = shown.folder(&format!("proof-{party}-{sender}-{place}"));
            let out = folder.display().to_string();
            shown.on(sender, &["ledger", "proof", act, "--out", &out]);
            files.push(folder.join(name));
        }
    }
    files
}

#[test]
fn go_reads_both_ledgers_and_their_mirrors_and_checks_every_proof() {
    let shown = shown();
    let Some(program) = go_judge(&shown.folder("")) else {
        return;
    };
    for (party, other) in SIDES {
        let proofs = proofs_in_the_ledger_of(&shown, party, other);
        assert_eq!(proofs.len(), 16);
        let exports = [
            shown.side(party).join("export"),
            shown.side(other).join("export/mirror"),
        ];
        for export in exports {
            let judged = Command::new(&program).arg(export).args(&proofs).output();
            let said = judge::agreed(&judged.unwrap());
            let whole = format!("entente/be_ma_2016/{party}/{other}: 26 entries, 16 files agree\n");
            assert_eq!(said, whole);
        }
    }
}

#[test]
fn go_refuses_the_proof_of_one_act_with_the_entry_of_another() {
    let shown = shown();
    let Some(program) = go_judge(&shown.folder("")) else {
        return;
    };
    let acts = shown.sent("be");
    let [one, other] = [&acts[0], &acts[1]].map(|act| {
        let folder = shown.folder(&format!("exchanged-{}", act.replace('/', "-")));
        shown.on(
            "be",
            &[
                "ledger",
                "proof",
                act,
                "--out",
                &folder.display().to_string(),
            ],
        );
        folder
    });
    fs::copy(other.join("sent.entry"), one.join("sent.entry")).unwrap();
    let export = shown.side("be").join("export");
    let judged = Command::new(program)
        .arg(export)
        .arg(one.join("sent.tlog-proof"))
        .output();
    assert_eq!(judged.unwrap().status.code(), Some(1));
}

#[test]
fn noble_verifies_both_lines_on_every_head_and_on_the_memorandum() {
    let what = "the cosignatures of the demonstration by @noble/post-quantum";
    let shown = shown();
    for (party, other) in SIDES {
        let side = shown.side(party);
        let introduction = fs::read_to_string(side.join("introduction.note")).unwrap();
        let introduction = Introduction::verify(&introduction).unwrap();
        let key = shown.folder(&format!("identity-{party}"));
        fs::write(&key, introduction.identity().ml_dsa_44().to_string()).unwrap();
        let notes = [
            (side.join("export"), side.join("introduction.note")),
            (
                shown.side(other).join("export/mirror"),
                side.join("memorandum/memorandum.note"),
            ),
        ];
        for (export, note) in notes {
            let script = "ledger/cosignature.mjs";
            let Some(mut judged) = judge::node(what, script, &["@noble/post-quantum"]) else {
                return;
            };
            let judged = judged.args([&export, &note, &key]).output();
            let said = judge::agreed(&judged.unwrap());
            let right = said.lines().filter(|line| line.ends_with(": right"));
            assert_eq!(right.count(), 3, "{said}");
        }
    }
}
