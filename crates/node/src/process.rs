//! Other processes of this program: commands that are called, and nodes that run until they are stopped.

use std::{
    fs,
    net::TcpListener,
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::{
    command::{answer::Failure, client::Running},
    folder::Folder,
};

/// How long a node may take to do what is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// A data folder, and the process of the node that runs on it.
pub struct NodeProcess {
    /// The Party.
    pub party: String,
    /// The data folder.
    pub dir: PathBuf,
    child: Option<Child>,
}

impl NodeProcess {
    /// The node of a Party on this folder, not started yet.
    pub fn on(party: &str, dir: PathBuf) -> Self {
        Self {
            party: party.to_owned(),
            dir,
            child: None,
        }
    }

    /// Its data folder.
    pub fn folder(&self) -> Folder {
        Folder::at(self.dir.clone())
    }

    /// Its process while it runs.
    pub fn id(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }

    /// The running node, asked by the officer of its settings.
    ///
    /// # Errors
    /// When none runs.
    pub fn running(&self) -> Result<Running, Failure> {
        Running::find(&self.folder(), None, "en")
    }

    /// Calls this program on the folder; what it printed.
    ///
    /// # Errors
    /// With what it said, unless it exits with 0.
    pub fn call(&self, words: &[&str]) -> Result<String, Failure> {
        let dir = self.dir.display().to_string();
        call(&[words, &["--dir", &dir]].concat())
    }

    /// Starts the node and waits until it answers. Its log goes to `node.log` in the folder.
    ///
    /// # Errors
    /// When it does not answer in time, or ends.
    pub fn start(&mut self) -> Result<(), Failure> {
        let log = self.dir.join("node.log");
        let written = fs::File::create(&log)
            .map_err(|e| Failure::broken("the log of a node cannot be written").because(&e))?;
        let child = program()?
            .args(["serve", "--dir"])
            .arg(&self.dir)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(written)
            .spawn()
            .map_err(|e| Failure::broken("a node cannot be started").because(&e))?;
        self.child = Some(child);
        let answers = || {
            Ok(self
                .running()
                .is_ok_and(|node| node.get("/v1/status").is_ok()))
        };
        until("a node did not start", answers)
            .map_err(|failure| failure.hint(fs::read_to_string(&log).unwrap_or_default()))
    }

    /// Stops the node as an operator would, and waits until it is gone.
    pub fn stop(&mut self) {
        let Some(mut child) = self.child.take() else {
            return;
        };
        let told = Command::new("kill").arg(child.id().to_string()).status();
        if !told.is_ok_and(|status| status.success()) {
            let _ = child.kill();
        }
        let _ = child.wait();
    }
}

impl Drop for NodeProcess {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Calls this program; what it printed.
///
/// # Errors
/// With what it said, unless it exits with 0.
pub fn call(words: &[&str]) -> Result<String, Failure> {
    let output = program()?
        .args(words)
        .stdin(Stdio::null())
        .output()
        .map_err(|e| Failure::broken("this program cannot call itself").because(&e))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(Failure::broken(format!(
        "`entente {}`: {}",
        words.join(" "),
        said.trim()
    )))
}

/// Waits until something is so.
///
/// # Errors
/// With `otherwise` when it is not so in time.
pub fn until(otherwise: &str, so: impl Fn() -> Result<bool, Failure>) -> Result<(), Failure> {
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        if so()? {
            return Ok(());
        }
        thread::sleep(Duration::from_millis(20));
    }
    Err(Failure::broken(otherwise.to_owned()))
}

/// A loopback address on which nobody listens.
///
/// # Errors
/// When no port is free.
pub fn free_address() -> Result<String, Failure> {
    let address = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    address
        .map(|address| address.to_string())
        .map_err(|e| Failure::broken("no port is free on 127.0.0.1").because(&e))
}

fn program() -> Result<Command, Failure> {
    std::env::current_exe()
        .map(Command::new)
        .map_err(|e| Failure::broken("this program cannot find itself").because(&e))
}
