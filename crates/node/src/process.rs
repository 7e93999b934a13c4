//! Other processes of this program: commands that are called, and nodes that run until they are stopped.

use std::{
    fs,
    net::TcpListener,
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::{
    command::{
        answer::Failure,
        client::{Running, Said},
    },
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
    /// Who asks when nobody is named; without one, the officer of the settings.
    officer: Option<String>,
    child: Option<Child>,
}

impl NodeProcess {
    /// The node of a Party on this folder, not started yet.
    pub fn on(party: &str, dir: PathBuf) -> Self {
        Self {
            party: party.to_owned(),
            dir,
            officer: None,
            child: None,
        }
    }

    /// The same, asked by this officer when nobody is named.
    pub fn asked_by(mut self, officer: &str) -> Self {
        self.officer = Some(officer.to_owned());
        self
    }

    /// Its data folder.
    pub fn folder(&self) -> Folder {
        Folder::at(self.dir.clone())
    }

    /// Its process while it runs.
    pub fn id(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }

    /// The running node.
    ///
    /// # Errors
    /// When none runs.
    pub fn running(&self) -> Result<Running, Failure> {
        self.running_for(None, "en")
    }

    fn running_for(&self, officer: Option<&str>, language: &str) -> Result<Running, Failure> {
        Running::find(
            &self.folder(),
            officer.or(self.officer.as_deref()),
            language,
        )
    }

    /// What the node answers at `path`.
    ///
    /// # Errors
    /// When it does not answer, or says that something is wrong.
    pub fn get(&self, path: &str) -> Result<Value, Failure> {
        self.get_in("en", path)
    }

    /// What the node answers at `path`, its words in a language.
    ///
    /// # Errors
    /// When it does not answer, or says that something is wrong.
    pub fn get_in(&self, language: &str, path: &str) -> Result<Value, Failure> {
        Ok(self.running_for(None, language)?.get(path)?.json)
    }

    /// What an officer reads, in a language.
    ///
    /// # Errors
    /// When it does not answer, or says that something is wrong.
    pub fn get_as(&self, officer: &str, language: &str, path: &str) -> Result<Value, Failure> {
        Ok(self.running_for(Some(officer), language)?.get(path)?.json)
    }

    /// Hands something in for an officer.
    ///
    /// # Errors
    /// When it does not answer, or says that something is wrong.
    pub fn post(&self, officer: Option<&str>, path: &str, body: &Value) -> Result<Said, Failure> {
        self.running_for(officer, "en")?.post(path, body)
    }

    /// Hands something in, and reads what the node answers in a language.
    ///
    /// # Errors
    /// When it does not answer, or says that something is wrong.
    pub fn post_in(&self, language: &str, path: &str, body: &Value) -> Result<Value, Failure> {
        Ok(self.running_for(None, language)?.post(path, body)?.json)
    }

    /// Calls this program on the folder; what it printed.
    ///
    /// # Errors
    /// With what it said, unless it exits with 0.
    pub fn call(&self, words: &[&str]) -> Result<String, Failure> {
        self.on_the_folder(words, call)
    }

    /// Calls this program on the folder: what it printed, whatever its exit code.
    ///
    /// # Errors
    /// When it cannot be called.
    pub fn ask(&self, words: &[&str]) -> Result<Printed, Failure> {
        self.on_the_folder(words, ask)
    }

    fn on_the_folder<A>(
        &self,
        words: &[&str],
        how: impl Fn(&[&str]) -> Result<A, Failure>,
    ) -> Result<A, Failure> {
        let dir = self.dir.display().to_string();
        let mut all = [words, &["--dir", &dir]].concat();
        if let Some(officer) = &self.officer {
            all.extend(["--as", officer]);
        }
        how(&all)
    }

    /// Where the log of the node goes.
    pub fn log(&self) -> PathBuf {
        self.dir.join("node.log")
    }

    /// Starts the node and waits until it answers.
    ///
    /// # Errors
    /// When it does not answer in time, or ends: then at once, with its log.
    pub fn start(&mut self) -> Result<(), Failure> {
        let written = fs::File::create(self.log())
            .map_err(|e| Failure::broken("the log of a node cannot be written").because(&e))?;
        let mut child = program()?
            .args(["serve", "--dir"])
            .arg(&self.dir)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(written)
            .spawn()
            .map_err(|e| Failure::broken("a node cannot be started").because(&e))?;
        let begun = Instant::now();
        let answers = || {
            let node = self.running();
            node.is_ok_and(|node| node.get("/v1/status").is_ok())
        };
        while begun.elapsed() < PATIENCE {
            if answers() {
                self.child = Some(child);
                return Ok(());
            }
            if matches!(child.try_wait(), Ok(Some(_))) {
                return Err(self.not_started());
            }
            thread::sleep(Duration::from_millis(20));
        }
        self.child = Some(child);
        self.stop();
        Err(self.not_started())
    }

    fn not_started(&self) -> Failure {
        let said = fs::read_to_string(self.log()).unwrap_or_default();
        Failure::broken(format!("the node of `{}` did not start", self.party)).hint(said)
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

/// What a command printed.
#[derive(Clone, Debug)]
pub struct Printed {
    /// On its standard output.
    pub out: String,
    /// On its standard error.
    pub err: String,
    /// Whether it exited with 0.
    pub held: bool,
}

/// Calls this program: what it printed, whatever its exit code.
///
/// # Errors
/// When it cannot be called.
pub fn ask(words: &[&str]) -> Result<Printed, Failure> {
    let output = program()?
        .args(words)
        .stdin(Stdio::null())
        .output()
        .map_err(|e| Failure::broken("this program cannot call itself").because(&e))?;
    Ok(Printed {
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
        held: output.status.success(),
    })
}

/// Calls this program; what it printed.
///
/// # Errors
/// With what it said, unless it exits with 0.
pub fn call(words: &[&str]) -> Result<String, Failure> {
    let printed = ask(words)?;
    if printed.held {
        return Ok(printed.out);
    }
    Err(Failure::broken(format!(
        "`entente {}`: {}",
        words.join(" "),
        printed.err.trim()
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
