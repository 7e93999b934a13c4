//! Two nodes set up by the commands themselves, running in this process on a driven clock.

use std::{
    io::{Read, Write},
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::{Arc, OnceLock},
    thread,
    time::Duration,
};

use entente_node::{
    config::Config,
    folder::Folder,
    serve::{self, Doors},
    start,
};
use serde_json::Value;
use tempfile::TempDir;

/// Where the driven clocks of both nodes stand.
pub(crate) const NOW: &str = "2026-03-18T10:00:00Z";

/// What a command left: its two channels and its exit code.
#[derive(Clone, Debug)]
pub(crate) struct Left {
    pub(crate) out: String,
    pub(crate) err: String,
    pub(crate) code: i32,
}

impl Left {
    /// All of it as one text, for a snapshot.
    pub(crate) fn text(&self) -> String {
        format!(
            "exit {}\n── stdout\n{}── stderr\n{}",
            self.code, self.out, self.err
        )
    }
}

/// Runs `entente` in `folder` with these arguments, typing `typed`.
pub(crate) fn entente(folder: &Path, arguments: &[&str], typed: &str) -> Left {
    let mut command = Command::new(env!("CARGO_BIN_EXE_entente"))
        .args(arguments)
        .current_dir(folder)
        .env_remove("ENTENTE_DIR")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that reads nothing closes its input before we have written.
    let _ = command.stdin.take().unwrap().write_all(typed.as_bytes());
    let Output {
        status,
        stdout,
        stderr,
    } = command.wait_with_output().unwrap();
    Left {
        out: String::from_utf8(stdout).unwrap(),
        err: String::from_utf8(stderr).unwrap(),
        code: status.code().unwrap_or(-1),
    }
}

/// The folder of the model memorandum.
pub(crate) fn shipped() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../memorandum")
}

/// Two nodes of a demonstration in one folder, `be` and `ma`, with a request that was received and one draft at rest.
pub(crate) struct World {
    dir: TempDir,
}

impl World {
    /// The folder that holds both data folders.
    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    /// A request typed slot by slot, as `request.toml`.
    pub(crate) fn drafts_a_request(&self) {
        let to = ["--dir", "be", "--out", "request.toml"];
        let words = [&["draft", "information_request"], &to[..]].concat();
        let drafted = entente(self.path(), &words, include_str!("request.answers"));
        assert_eq!(drafted.code, 0, "{}", drafted.text());
    }

    /// Runs a command in it.
    pub(crate) fn run(&self, arguments: &[&str]) -> Left {
        entente(self.path(), arguments, "")
    }

    /// Runs a command that must do what it is asked.
    pub(crate) fn does(&self, arguments: &[&str]) -> String {
        let left = self.run(arguments);
        assert_eq!(left.code, 0, "{arguments:?}\n{}", left.text());
        left.out
    }
}

/// The world that all tests of this program share: it is made once, and tests only add to it what others do not read.
pub(crate) fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(alone)
}

/// A world that no other test shares.
pub(crate) fn alone() -> World {
    let world = World {
        dir: tempfile::tempdir().unwrap(),
    };
    set_up(&world);
    start_nodes(&world, &["be", "ma"]);
    for party in ["be", "ma"] {
        until(|| {
            let left = world.run(&["doctor", "--dir", party]);
            left.out.contains("nothing stops the link")
        });
    }
    first_exchange(&world);
    world
}

/// The first node is heard, the second only dials out.
fn set_up(world: &World) {
    let memorandum = shipped().display().to_string();
    let init = |party: &'static str| {
        vec![
            "init",
            party,
            "--party",
            party,
            "--memorandum",
            &memorandum,
            "--demo",
            "--language",
            "en",
        ]
    };
    // A port that is free now; if another program takes it meanwhile, the test fails loudly.
    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    world.does(&[init("be"), vec!["--listen", &free.to_string()]].concat());
    world.does(&init("ma"));
    world.does(&[
        "peer",
        "accept",
        "ma/introduction.note",
        "--dir",
        "be",
        "--phrase-confirmed",
    ]);
    world.does(&[
        "peer",
        "accept",
        "be/introduction.note",
        "--dir",
        "ma",
        "--phrase-confirmed",
    ]);
    world.does(&["memorandum", "sign", "--without-solver", "--dir", "be"]);
    world.does(&[
        "memorandum",
        "sign",
        "--without-solver",
        "--dir",
        "ma",
        "--with",
        "be/memorandum/memorandum.note",
    ]);
    world.does(&[
        "memorandum",
        "sign",
        "--dir",
        "be",
        "--with",
        "ma/memorandum/memorandum.note",
    ]);
}

/// A world of its own in which everything is signed and no node runs yet.
pub(crate) fn signed() -> World {
    let world = World {
        dir: tempfile::tempdir().unwrap(),
    };
    set_up(&world);
    world
}

/// A world of its own in which the partner's node does not run.
pub(crate) fn unheard() -> World {
    let world = signed();
    start_nodes(&world, &["be"]);
    until(|| world.run(&["clock", "--dir", "be"]).code == 0);
    world
}

/// Nodes in threads of this process: they end with it.
fn start_nodes(world: &World, parties: &[&str]) {
    for party in parties {
        let folder = Folder::at(world.path().join(party));
        thread::spawn(move || {
            let config = Config::read(&folder.config()).unwrap();
            let node = start::open(&folder, &config, NOW.parse().ok()).unwrap();
            let runtime = tokio::runtime::Runtime::new().unwrap();
            runtime.block_on(async {
                let (_tell, stop) = tokio::sync::watch::channel(false);
                let doors = Doors::take(&folder, &config).await.unwrap();
                serve::serve(Arc::new(node), Arc::new(config), &folder, doors, stop)
                    .await
                    .unwrap();
            });
        });
    }
}

/// A request typed slot by slot crosses and is taken over.
fn first_exchange(world: &World) {
    world.drafts_a_request();
    assert_eq!(
        world.does(&["send", "request.toml", "--dir", "be"]),
        "BE-2026-000417/1\n"
    );
    until(|| {
        world
            .run(&["outbox", "--dir", "be"])
            .out
            .contains("received")
    });
    world.does(&[
        "take",
        "BE-2026-000417",
        "--deputy",
        "officer_2",
        "--dir",
        "ma",
    ]);
    until(|| {
        world
            .run(&["outbox", "--dir", "be"])
            .out
            .contains("taken_over")
    });
}

/// Waits for something that two nodes do on their own.
pub(crate) fn until(mut happened: impl FnMut() -> bool) {
    for _ in 0..200 {
        if happened() {
            return;
        }
        thread::sleep(Duration::from_millis(100));
    }
    panic!("it did not happen within twenty seconds");
}

/// One request to the API of a node: status, and body as JSON where it is.
pub(crate) fn ask(
    party: &str,
    method: &str,
    path: &str,
    body: Option<&Value>,
    token: bool,
) -> (u16, Value) {
    let folder = Folder::at(world().path().join(party));
    let secret = std::fs::read_to_string(folder.token()).unwrap();
    let body = body.map_or(String::new(), Value::to_string);
    let authorised = if token {
        format!("Authorization: Bearer {}\r\n", secret.trim())
    } else {
        String::new()
    };
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: entente\r\nAccept-Language: en\r\n{authorised}Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    let mut stream = UnixStream::connect(folder.socket()).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (
        status,
        serde_json::from_str(body).unwrap_or(Value::String(body.to_owned())),
    )
}
