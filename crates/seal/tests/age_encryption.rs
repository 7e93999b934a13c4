//! Programs that nobody here wrote agree with ours: `age-encryption` on files, `@noble/post-quantum` on signatures.

use std::{env, fs, path::PathBuf, process::Command};

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

/// The `seal` example beside this test, built if it is missing or old.
fn program() -> PathBuf {
    let test = env::current_exe().expect("a path");
    let profile = test
        .parent()
        .and_then(|deps| deps.parent())
        .expect("target/<profile>/deps");
    let mut build = Command::new(env!("CARGO"));
    build.args([
        "build",
        "--quiet",
        "--package",
        "entente-seal",
        "--example",
        "seal",
    ]);
    if profile.ends_with("release") {
        build.arg("--release");
    }
    assert!(
        build
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .status()
            .expect("cargo")
            .success()
    );
    profile
        .join("examples")
        .join(format!("seal{}", env::consts::EXE_SUFFIX))
}

#[test]
fn age_encryption_opens_what_we_seal_and_we_open_what_it_seals() {
    let judges = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/judges");
    if Command::new("node").arg("--version").output().is_err() {
        return judge::skip("age-encryption", "node");
    }
    if fs::metadata(judges.join("node_modules/age-encryption")).is_err() {
        return judge::skip("age-encryption", "the packages of tests/judges (npm ci)");
    }
    let check = Command::new("node")
        .arg("seal/check.mjs")
        .arg(program())
        .current_dir(judges)
        .output()
        .expect("node");
    assert!(
        check.status.success(),
        "{}",
        String::from_utf8_lossy(&check.stderr)
    );
}
