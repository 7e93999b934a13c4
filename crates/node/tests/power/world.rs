//! Two nodes as real processes on folders of their own, the layer under each, and a client of their APIs.

use std::{
    fs::{self, File},
    io::{self, Read, Write},
    net::TcpListener,
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use entente_node::folder::Folder;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::layer::{Layer, Moments};

/// Both Parties: the first asks, the second informs unasked.
pub(crate) const PARTIES: [&str; 2] = ["be", "ma"];

/// Where the driven clocks of demonstrations stand.
pub(crate) const NOW: &str = "2026-03-18T10:00:00Z";

/// Two nodes that accepted each other; neither runs yet.
pub(crate) struct World {
    dir: TempDir,
    demo: bool,
    pub(crate) layers: [Layer; 2],
    pub(crate) moments: Moments,
    running: [Option<Child>; 2],
}

impl World {
    /// Sets both nodes up by the commands themselves.
    pub(crate) fn set_up(demo: bool) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path();
        let memorandum = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../memorandum");
        for party in PARTIES {
            let listen = free_address();
            let mut arguments = vec![
                "init",
                party,
                "--party",
                party,
                "--listen",
                &listen,
                "--language",
                "en",
                "--memorandum",
            ];
            arguments.push(memorandum.to_str().unwrap());
            arguments.extend(demo.then_some("--demo"));
            does(path, &arguments);
        }
        for [party, other] in [["be", "ma"], ["ma", "be"]] {
            let note = format!("{other}/introduction.note");
            does(
                path,
                &[
                    "peer",
                    "accept",
                    &note,
                    "--dir",
                    party,
                    "--phrase-confirmed",
                ],
            );
        }
        let sign = ["memorandum", "sign", "--without-solver", "--dir"];
        does(path, &[&sign[..], &["be"]].concat());
        for [party, other] in [["ma", "be"], ["be", "ma"]] {
            let note = format!("{other}/memorandum/memorandum.note");
            does(path, &[&sign[..], &[party, "--with", &note]].concat());
        }
        Self {
            layers: PARTIES.map(|party| Layer::over(&path.join(party))),
            moments: Moments::in_folder(path),
            running: [None, None],
            demo,
            dir,
        }
    }

    /// The folder that holds all of it.
    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    /// The data folder of a side.
    pub(crate) fn folder(&self, side: usize) -> PathBuf {
        self.path().join(PARTIES[side])
    }

    /// Starts a side; `traced` says whether its changes are written down. It need not answer yet.
    pub(crate) fn start(&mut self, side: usize, traced: bool) {
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.log(side))
            .unwrap();
        let mut serve = Command::new(env!("CARGO_BIN_EXE_entente"));
        serve
            .arg("serve")
            .arg("--dir")
            .arg(self.folder(side))
            .env_remove("ENTENTE_DIR");
        if self.demo {
            serve.args(["--at", NOW]);
        }
        self.layers[side].under(&mut serve, traced.then_some(&self.moments));
        serve.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        self.running[side] = Some(serve.spawn().unwrap());
    }

    /// Kills a side with SIGKILL, as it stands.
    pub(crate) fn kill(&mut self, side: usize) {
        if let Some(mut child) = self.running[side].take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// What a side wrote to its log.
    pub(crate) fn said(&self, side: usize) -> String {
        fs::read_to_string(self.log(side)).unwrap_or_default()
    }

    fn log(&self, side: usize) -> PathBuf {
        self.path().join(format!("{}.log", PARTIES[side]))
    }

    /// Waits until both sides have heard each other since they started.
    pub(crate) fn opens(&self) {
        for (side, party) in PARTIES.iter().enumerate() {
            self.until(&format!("the link of {party} opens"), || {
                let status = self.ask(side, "GET", "/v1/doctor", None);
                status.is_ok_and(|(_, found)| found.to_string().contains("nothing stops the link"))
            });
        }
    }

    /// Waits for something that the nodes do on their own.
    pub(crate) fn until(&self, what: &str, mut happened: impl FnMut() -> bool) {
        for _ in 0..1200 {
            if happened() {
                return;
            }
            thread::sleep(Duration::from_millis(50));
        }
        panic!(
            "it did not happen within a minute: {what}\n{}\n{}",
            self.said(0),
            self.said(1)
        );
    }

    /// One request to the API of a side; an error if no answer came.
    pub(crate) fn ask(
        &self,
        side: usize,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> io::Result<(u16, Value)> {
        ask(&self.folder(side), method, path, body)
    }

    /// Hands an act of a case in: [`asked`].
    pub(crate) fn send(&self, side: usize, case: &str, wait: &str) -> io::Result<(u16, Value)> {
        send(&self.folder(side), side, case, wait)
    }

    /// The rows of a list, those of all pages.
    pub(crate) fn list(&self, side: usize, list: &str) -> Vec<Value> {
        let (mut rows, mut before) = (Vec::new(), i64::MAX as u64);
        let place = if list == "inbox" {
            "receipt_entry"
        } else {
            "entry"
        };
        loop {
            let path = format!("/v1/{list}?limit=500&before={before}");
            let (status, answer) = self.ask(side, "GET", &path, None).unwrap();
            assert_eq!(status, 200, "{answer}");
            let page = answer["items"].as_array().unwrap();
            let Some(first) = page.iter().map(|row| row[place].as_u64().unwrap()).min() else {
                return rows;
            };
            rows.extend(page.iter().cloned());
            before = first;
        }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.kill(0);
        self.kill(1);
    }
}

/// Hands in an act of this case: the first side asks, the second informs. `wait` is how long the answer may wait for a receipt.
pub(crate) fn send(folder: &Path, side: usize, case: &str, wait: &str) -> io::Result<(u16, Value)> {
    let draft = [
        include_str!("request.toml"),
        include_str!("spontaneous.toml"),
    ][side];
    let body = json!({ "draft": draft.replace("CASE", case) });
    ask(
        folder,
        "POST",
        &format!("/v1/acts?wait={wait}"),
        Some(&body),
    )
}

fn ask(folder: &Path, method: &str, path: &str, body: Option<&Value>) -> io::Result<(u16, Value)> {
    let folder = Folder::at(folder);
    let token = fs::read_to_string(folder.token())?;
    let body = body.map_or(String::new(), Value::to_string);
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: entente\r\nAccept-Language: en\r\nAuthorization: Bearer {}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        token.trim(),
        body.len()
    );
    let mut stream = UnixStream::connect(folder.socket())?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    stream.write_all(request.as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    // What breaks off before its end is no answer.
    let broken_off = || io::Error::from(io::ErrorKind::UnexpectedEof);
    let (head, body) = answer.split_once("\r\n\r\n").ok_or_else(broken_off)?;
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    let body = serde_json::from_str(body).map_err(|_| broken_off())?;
    Ok((status.ok_or_else(broken_off)?, body))
}

/// A port that is free now; if another program takes it meanwhile, the test fails loudly.
fn free_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

/// Runs a command that must do what it is asked.
pub(crate) fn does(folder: &Path, arguments: &[&str]) -> String {
    let left = Command::new(env!("CARGO_BIN_EXE_entente"))
        .args(arguments)
        .current_dir(folder)
        .env_remove("ENTENTE_DIR")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(
        left.status.success(),
        "{arguments:?}: {}",
        String::from_utf8_lossy(&left.stderr)
    );
    String::from_utf8(left.stdout).unwrap()
}
