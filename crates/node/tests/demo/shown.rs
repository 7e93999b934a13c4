//! The demonstration while it shows its page: both nodes run, and their data lie in one folder.

use std::{
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
    sync::{Arc, Mutex, PoisonError, Weak},
};

use serde_json::Value;
use tempfile::TempDir;

/// This program in the folder of the project, where the memorandum lies.
pub(crate) fn entente(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_entente"));
    command
        .args(words)
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."))
        .env_remove("ENTENTE_DIR")
        .stdin(Stdio::null());
    command
}

/// What a command printed that must do what it is asked.
pub(crate) fn run(mut command: Command) -> String {
    let left = command.output().unwrap();
    let said = String::from_utf8_lossy(&left.stderr);
    assert!(left.status.success(), "{command:?} said {said}");
    String::from_utf8(left.stdout).unwrap()
}

/// A demonstration that shows its page until the last test that looks at it is over.
pub(crate) struct Shown {
    place: TempDir,
    /// What it told before it showed the page, for machines.
    pub(crate) told: Vec<Value>,
    /// The address that it printed.
    pub(crate) address: String,
    process: Child,
    rest: BufReader<ChildStdout>,
}

/// The one demonstration that all tests look at together, as long as any of them does.
pub(crate) fn shown() -> Arc<Shown> {
    static SHOWN: Mutex<Weak<Shown>> = Mutex::new(Weak::new());
    let mut kept = SHOWN.lock().unwrap_or_else(PoisonError::into_inner);
    kept.upgrade().unwrap_or_else(|| {
        let shown = Arc::new(Shown::begin());
        *kept = Arc::downgrade(&shown);
        shown
    })
}

impl Shown {
    /// Begins one, and waits until its page is shown.
    pub(crate) fn begin() -> Self {
        let place = tempfile::tempdir().unwrap();
        let dir = place.path().join("day").display().to_string();
        let mut process = entente(&["demo", "--json", "--listen", "127.0.0.1:0", "--dir", &dir])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut rest = BufReader::new(process.stdout.take().unwrap());
        let mut told = Vec::new();
        let address = loop {
            let mut line = String::new();
            assert_ne!(
                rest.read_line(&mut line).unwrap(),
                0,
                "no page after {told:#?}"
            );
            let line: Value = serde_json::from_str(&line).unwrap();
            if line["line"] == "page" {
                break line["address"].as_str().unwrap().to_owned();
            }
            told.push(line);
        };
        Self {
            place,
            told,
            address,
            process,
            rest,
        }
    }

    /// The data folder of a side.
    pub(crate) fn side(&self, party: &str) -> PathBuf {
        self.place.path().join("day").join(party)
    }

    /// A folder for what a test writes.
    pub(crate) fn folder(&self, name: &str) -> PathBuf {
        self.place.path().join(name)
    }

    /// Calls this program on the data folder of a side.
    pub(crate) fn on(&self, party: &str, words: &[&str]) -> String {
        let dir = self.side(party).display().to_string();
        run(entente(&[words, &["--dir", &dir]].concat()))
    }

    /// The references of all acts that a side sent.
    pub(crate) fn sent(&self, party: &str) -> Vec<String> {
        let listed = self.on(party, &["outbox", "--json"]);
        let listed: Value = serde_json::from_str(&listed).unwrap();
        let items = listed["items"].as_array().unwrap();
        items
            .iter()
            .map(|item| item["reference"].as_str().unwrap().to_owned())
            .collect()
    }
}

impl Drop for Shown {
    /// Ends it as Ctrl-C does: it stops its nodes.
    fn drop(&mut self) {
        let id = self.process.id().to_string();
        let _ = Command::new("kill").args(["-INT", &id]).status();
        let _ = self.rest.read_to_string(&mut String::new());
        let _ = self.process.wait();
    }
}
