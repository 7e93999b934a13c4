//! How a test says that an outside program was not heard: see `tests/judges/README.md`.

use std::{
    env,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// Says so on stderr, past the capture of the test runner; with `ENTENTE_NO_SKIP=1` the test fails instead.
pub(crate) fn skip(what: &str, program: &str) {
    let line = format!("SKIPPED {what} for want of {program}\n");
    let _ = std::io::stderr().write_all(line.as_bytes());
    assert!(env::var("ENTENTE_NO_SKIP").as_deref() != Ok("1"), "{line}");
}

/// The folder of the judges.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/judges")
}

/// Node on a judge of that folder, if it and the packages are installed.
pub(crate) fn node(what: &str, script: &str, packages: &[&str]) -> Option<Command> {
    if Command::new("node").arg("--version").output().is_err() {
        skip(what, "node");
        return None;
    }
    let modules = folder().join("node_modules");
    if !packages.iter().all(|name| modules.join(name).is_dir()) {
        skip(what, "the packages of tests/judges (npm ci)");
        return None;
    }
    let mut command = Command::new("node");
    command.arg(script).current_dir(folder());
    Some(command)
}

/// What a judge printed, if it agrees.
pub(crate) fn agreed(output: &Output) -> String {
    let said = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
    assert!(output.status.success(), "{}{}", said[0], said[1]);
    said[0].to_string()
}
