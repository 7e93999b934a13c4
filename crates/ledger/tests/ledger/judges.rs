//! Programs that nobody here wrote agree: Go's `note` and `tlog`, and `@noble/post-quantum`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use entente_ledger::tree::{root_of, tree_of};
use entente_ledger::{Entry, Proof};

use crate::export::export;
use crate::party::{Party, entries};

/// Outside judges: how a test says that one was not heard. See `tests/judges/README.md`.
mod judge {
    use std::{env, io::Write};

    /// Says so on stderr, past the capture of the test runner; with `ENTENTE_NO_SKIP=1` the test fails instead.
    pub(super) fn skip(what: &str, program: &str) {
        let line = format!("SKIPPED {what} for want of {program}\n");
        let _ = std::io::stderr().write_all(line.as_bytes());
        assert!(env::var("ENTENTE_NO_SKIP").as_deref() != Ok("1"), "{line}");
    }
}

/// Where Debian's package `golang-golang-x-mod-dev` puts its source.
const GO_SOURCE: &str = "/usr/share/gocode";

fn judges() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/judges")
}

/// Builds the Go judge into `place`, or says what is missing.
fn go_judge(place: &Path) -> Option<PathBuf> {
    if Command::new("go").arg("version").output().is_err() {
        judge::skip("Go's note and tlog", "go");
        return None;
    }
    if !Path::new(GO_SOURCE)
        .join("src/golang.org/x/mod/sumdb/tlog")
        .is_dir()
    {
        judge::skip("Go's note and tlog", "golang-golang-x-mod-dev");
        return None;
    }
    let program = place.join("judge");
    let build = Command::new("go")
        .args(["build", "-o"])
        .arg(&program)
        .arg(judges().join("ledger/judge.go"))
        .env("GO111MODULE", "off")
        .env("GOPATH", GO_SOURCE)
        .env("GOFLAGS", "")
        .env("GOCACHE", place.join("cache"))
        .output();
    told(&build.unwrap());
    Some(program)
}

/// What the judge printed, if it agrees.
fn told(output: &Output) -> String {
    let said = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
    assert!(output.status.success(), "{}{}", said[0], said[1]);
    said[0].to_string()
}

/// Writes proofs of a few entries and of a few earlier sizes into `place`; gives the files.
fn write_proofs(log: &[Entry], place: &Path) -> Vec<PathBuf> {
    let size = log.len() as u64;
    let head = export(log, place);
    let mut tree = tree_of(log);
    let mut files = Vec::new();
    for index in [0, size / 3, size / 2, size - 1] {
        let file = place.join(format!("{index}.tlog-proof"));
        let proof = Proof::make(index, &mut tree, &head).unwrap();
        fs::write(&file, proof.to_string()).unwrap();
        fs::write(file.with_extension("entry"), log[index as usize].as_bytes()).unwrap();
        files.push(file);
    }
    for earlier in [1, size / 2 + 1, size] {
        let file = place.join(format!("{earlier}.consistency"));
        let mut text = format!("old {earlier}\n{}\n", root_of(&log[..earlier as usize]));
        for hash in tree.consistency(earlier).unwrap() {
            text.push_str(&format!("{hash}\n"));
        }
        fs::write(&file, text).unwrap();
        files.push(file);
    }
    files
}

#[test]
fn go_reads_our_logs_and_checks_our_proofs() {
    let place = tempfile::tempdir().unwrap();
    let Some(program) = go_judge(place.path()) else {
        return;
    };
    for size in [1, 2, 255, 256, 257, 70_000] {
        let folder = place.path().join(size.to_string());
        let files = write_proofs(&entries(size), &folder);
        let said = told(
            &Command::new(&program)
                .arg(&folder)
                .args(&files)
                .output()
                .unwrap(),
        );
        assert!(
            said.contains(&format!("{size} entries, {} files agree", files.len())),
            "{said}"
        );
    }
}

#[test]
fn go_refuses_a_log_with_one_changed_entry() {
    let place = tempfile::tempdir().unwrap();
    let Some(program) = go_judge(place.path()) else {
        return;
    };
    let folder = place.path().join("log");
    export(&entries(300), &folder);
    let bundle = folder.join("tile/entries/001.p/44");
    let mut bytes = fs::read(&bundle).unwrap();
    bytes[50] ^= 1;
    fs::write(&bundle, bytes).unwrap();
    let judged = Command::new(&program).arg(&folder).output().unwrap();
    assert_eq!(judged.status.code(), Some(1));
    let said = String::from_utf8_lossy(&judged.stderr);
    assert!(
        said.contains("the root of the entries is not that of the checkpoint"),
        "{said}"
    );
}

#[test]
fn noble_verifies_our_cosignatures_and_signed_texts() {
    if Command::new("node").arg("--version").output().is_err() {
        return judge::skip("cosignatures by @noble/post-quantum", "node");
    }
    if !judges().join("node_modules/@noble/post-quantum").is_dir() {
        let packages = "the packages of tests/judges (npm ci)";
        return judge::skip("cosignatures by @noble/post-quantum", packages);
    }
    let place = tempfile::tempdir().unwrap();
    export(&entries(17), place.path());
    let aurelia = Party::aurelia();
    let note = aurelia.sign_text(&aurelia.introduction().text());
    let (note_file, key_file) = (place.path().join("note"), place.path().join("key"));
    fs::write(&note_file, note.to_string()).unwrap();
    fs::write(&key_file, aurelia.identity_keys().ml_dsa_44().to_string()).unwrap();
    let judged = Command::new("node")
        .arg("ledger/cosignature.mjs")
        .args([place.path(), &note_file, &key_file])
        .current_dir(judges())
        .output()
        .unwrap();
    let said = told(&judged);
    assert_eq!(
        said.lines()
            .filter(|line| line.ends_with(": right"))
            .count(),
        3,
        "{said}"
    );
}
