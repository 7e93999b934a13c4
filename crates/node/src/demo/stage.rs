//! The stage: two data folders, two node processes, both clocks driven together.

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use entente_cooperation::memorandum::OnExpiry;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::script::Day;
use crate::{
    command::{
        answer::Failure,
        client::{Running, Said},
        memorandum as agreement,
    },
    folder::Folder,
};

/// How long a node may take to answer before the demonstration gives up.
const PATIENCE: Duration = Duration::from_secs(40);

/// Both sides, set up and running.
pub struct Stage {
    /// Where both data folders lie.
    pub dir: PathBuf,
    /// The sides, in the order of the script.
    pub sides: Vec<Side>,
    /// The folder of the memorandum as it ships.
    memorandum: PathBuf,
    /// Clocks that one side alone keeps: how it assigns work at home is not the other's to know.
    pub kept_at_home: Vec<String>,
    temporary: bool,
}

/// One side: its folder and its process.
pub struct Side {
    /// The Party.
    pub party: String,
    /// Its data folder.
    pub dir: PathBuf,
    /// Who asks when the script names nobody: its first officer.
    officer: String,
    process: Option<Child>,
}

impl Stage {
    /// Sets both sides up, lets them accept each other, sign the memorandum, and start.
    ///
    /// # Errors
    /// When the folder is taken, or a step fails: then with what that step said.
    pub fn begin(day: &Day, dir: Option<PathBuf>, memorandum: &Path) -> Result<Stage, Failure> {
        let temporary = dir.is_none();
        let dir = dir.unwrap_or_else(|| {
            std::env::temp_dir().join(format!("entente-demo-{}", std::process::id()))
        });
        let sides = day.side.iter().map(|side| Side {
            party: side.party.clone(),
            dir: dir.join(&side.party),
            officer: first_officer(day, &side.party),
            process: None,
        });
        let mut stage = Stage {
            sides: sides.collect(),
            memorandum: memorandum.to_owned(),
            kept_at_home: kept_at_home(memorandum)?,
            temporary,
            dir,
        };
        stage.set_up(day)?;
        stage.sign()?;
        for side in &mut stage.sides {
            side.start()?;
        }
        stage.drive(day.step[0].instant())?;
        stage.open_links()?;
        Ok(stage)
    }

    fn set_up(&self, day: &Day) -> Result<(), Failure> {
        if let Some(taken) = self.sides.iter().find(|side| side.dir.exists()) {
            return Err(
                Failure::misused(format!("`{}` exists already", taken.dir.display())).hint(
                    "name another folder with --dir; a demonstration never goes on in an old one",
                ),
            );
        }
        fs::create_dir_all(&self.dir).map_err(|error| {
            Failure::broken(format!("`{}` cannot be made", self.dir.display())).because(&error)
        })?;
        for side in &self.sides {
            let listen = free_address()?;
            let memorandum = self.memorandum.display().to_string();
            let dir = side.dir.display().to_string();
            entente(&[
                "init",
                &dir,
                "--party",
                &side.party,
                "--memorandum",
                &memorandum,
                "--listen",
                &listen,
                "--demo",
            ])?;
            side.write_roster(day)?;
        }
        for (side, other) in self.pairs() {
            let introduction = other.folder().introduction().display().to_string();
            side.entente(&["peer", "accept", &introduction, "--phrase-confirmed"])?;
        }
        Ok(())
    }

    /// Both sides check the memorandum and sign it, each carrying the other's line by hand.
    fn sign(&self) -> Result<(), Failure> {
        let [first, second] = self.two();
        first.entente(&["memorandum", "sign"])?;
        second.entente(&["memorandum", "sign", "--with", &first.note()])?;
        first.entente(&["memorandum", "sign", "--with", &second.note()])?;
        for side in &self.sides {
            let verified = side.entente(&["memorandum", "verify"])?;
            super::tell::signed(&side.party, verified.trim());
        }
        Ok(())
    }

    /// Drives both clocks to an instant.
    ///
    /// # Errors
    /// When a node does not answer.
    pub fn drive(&self, to: Timestamp) -> Result<(), Failure> {
        for side in self.sides.iter().filter(|side| side.process.is_some()) {
            side.running(None)?
                .post("/v1/clock", &json!({ "to": to }))?;
        }
        Ok(())
    }

    /// Waits until both nodes have heard each other: nothing is signed before.
    ///
    /// # Errors
    /// When they do not find each other in time.
    pub fn open_links(&self) -> Result<(), Failure> {
        for side in &self.sides {
            until("the two nodes did not find each other", || {
                let status = side.running(None)?.get("/v1/status")?.json;
                let partners = status["partners"].as_array().cloned().unwrap_or_default();
                Ok(!partners.is_empty()
                    && partners.iter().all(|partner| partner["state"] == "open"))
            })?;
        }
        Ok(())
    }

    /// The side of a Party.
    pub fn side(&self, party: &str) -> &Side {
        let found = self.sides.iter().find(|side| side.party == party);
        found.expect("a Party that a test of the script has found")
    }

    /// The side of a Party, to stop or to start it.
    pub fn side_mut(&mut self, party: &str) -> &mut Side {
        let found = self.sides.iter_mut().find(|side| side.party == party);
        found.expect("a Party that a test of the script has found")
    }

    /// The other side.
    pub fn other(&self, party: &str) -> &Side {
        let found = self.sides.iter().find(|side| side.party != party);
        found.expect("two sides")
    }

    /// Both sides.
    pub fn two(&self) -> [&Side; 2] {
        [&self.sides[0], &self.sides[1]]
    }

    fn pairs(&self) -> [(&Side, &Side); 2] {
        let [first, second] = self.two();
        [(first, second), (second, first)]
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        for side in &mut self.sides {
            side.stop();
        }
        if self.temporary {
            // What cannot be removed lies in the folder for temporary files, and holds invented persons only.
            let _ = fs::remove_dir_all(&self.dir);
        }
    }
}

impl Side {
    /// The data folder.
    pub fn folder(&self) -> Folder {
        Folder::at(self.dir.clone())
    }

    fn note(&self) -> String {
        self.folder()
            .memorandum()
            .join("memorandum.note")
            .display()
            .to_string()
    }

    /// The running node, asked by an officer.
    ///
    /// # Errors
    /// When none runs.
    pub fn running(&self, officer: Option<&str>) -> Result<Running, Failure> {
        Running::find(&self.folder(), officer.or(Some(&self.officer)), "en")
    }

    /// What the node answers at `path`, its words in a language.
    ///
    /// # Errors
    /// When it does not answer, or says that something is wrong.
    pub fn get_in(&self, language: &str, path: &str) -> Result<Value, Failure> {
        Ok(
            Running::find(&self.folder(), Some(&self.officer), language)?
                .get(path)?
                .json,
        )
    }

    /// What the node answers at `path`.
    ///
    /// # Errors
    /// When it does not answer, or says that something is wrong.
    pub fn get(&self, path: &str) -> Result<Value, Failure> {
        Ok(self.running(None)?.get(path)?.json)
    }

    /// Hands something in, and reads what the node answers in a language.
    ///
    /// # Errors
    /// When it does not answer, or says that something is wrong.
    pub fn post_in(&self, language: &str, path: &str, body: &Value) -> Result<Value, Failure> {
        Ok(
            Running::find(&self.folder(), Some(&self.officer), language)?
                .post(path, body)?
                .json,
        )
    }

    /// Hands something in for an officer.
    ///
    /// # Errors
    /// When it does not answer, or says that something is wrong.
    pub fn post(&self, officer: Option<&str>, path: &str, body: &Value) -> Result<Said, Failure> {
        self.running(officer)?.post(path, body)
    }

    /// Calls this program on the side's folder.
    ///
    /// # Errors
    /// With what it said, unless it exits with 0.
    pub fn entente(&self, words: &[&str]) -> Result<String, Failure> {
        match self.ask(words)? {
            (said, true) => Ok(said),
            (said, false) => Err(Failure::broken(format!(
                "`entente {}` said: {said}",
                words.join(" ")
            ))),
        }
    }

    /// Calls this program on the side's folder: what it said, and whether it exited with 0.
    ///
    /// # Errors
    /// When it cannot be called.
    pub fn ask(&self, words: &[&str]) -> Result<(String, bool), Failure> {
        let dir = self.dir.display().to_string();
        let mut all = words.to_vec();
        all.extend(["--dir", &dir, "--as", &self.officer]);
        ask_entente(&all)
    }

    /// Starts the node and waits until it answers.
    ///
    /// # Errors
    /// When it does not.
    pub fn start(&mut self) -> Result<(), Failure> {
        let log = fs::File::create(self.dir.join("node.log")).map_err(|error| {
            Failure::broken("the log of a node cannot be written").because(&error)
        })?;
        let process = program()?
            .args(["serve", "--dir"])
            .arg(&self.dir)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .map_err(|error| Failure::broken("a node cannot be started").because(&error))?;
        self.process = Some(process);
        let log = self.dir.join("node.log");
        until(
            &format!(
                "the node of `{}` did not start; its log is {}",
                self.party,
                log.display()
            ),
            || Ok(self.get("/v1/status").is_ok()),
        )
    }

    /// Stops the node as an operator would, and waits until it is gone.
    pub fn stop(&mut self) {
        let Some(mut process) = self.process.take() else {
            return;
        };
        let stopped = Command::new("kill").arg(process.id().to_string()).status();
        if !stopped.is_ok_and(|status| status.success()) {
            let _ = process.kill();
        }
        let _ = process.wait();
    }

    fn write_roster(&self, day: &Day) -> Result<(), Failure> {
        let officers = day
            .officer
            .iter()
            .filter(|officer| officer.node == self.party);
        let text: String = officers
            .map(|officer| {
                let organs: Vec<String> = officer
                    .organs
                    .iter()
                    .map(|organ| format!("{organ:?}"))
                    .collect();
                format!(
                    "[[officer]]\nid = {:?}\nname = {:?}\norgans = [{}]\n\n",
                    officer.id,
                    officer.name,
                    organs.join(", ")
                )
            })
            .collect();
        fs::write(self.folder().roster(), text)
            .map_err(|error| Failure::broken("the roster cannot be written").because(&error))
    }
}

/// The clocks that end by themselves at home: an owner is assigned.
fn kept_at_home(memorandum: &Path) -> Result<Vec<String>, Failure> {
    let memorandum = agreement::read_checked(memorandum)?;
    let home = memorandum
        .clocks
        .iter()
        .filter(|clock| clock.on_expiry == OnExpiry::AssignDutyOfficer);
    Ok(home.map(|clock| clock.id.clone()).collect())
}

fn first_officer(day: &Day, party: &str) -> String {
    let found = day.officer.iter().find(|officer| officer.node == party);
    found.map_or_else(String::new, |officer| officer.id.clone())
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

/// Calls this program.
///
/// # Errors
/// With what it said, unless it exits with 0.
pub fn entente(words: &[&str]) -> Result<String, Failure> {
    let (said, held) = ask_entente(words)?;
    if held {
        Ok(said)
    } else {
        Err(Failure::broken(format!(
            "`entente {}` said: {said}",
            words.join(" ")
        )))
    }
}

/// Calls this program: what it said, and whether it exited with 0.
///
/// # Errors
/// When it cannot be called.
pub fn ask_entente(words: &[&str]) -> Result<(String, bool), Failure> {
    let output = program()?
        .args(words)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| Failure::broken("this program cannot call itself").because(&error))?;
    let held = output.status.success();
    let (out, err) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    Ok((
        if held || err.trim().is_empty() {
            out.into_owned()
        } else {
            format!("{out}{err}")
        },
        held,
    ))
}

fn program() -> Result<Command, Failure> {
    let path = std::env::current_exe()
        .map_err(|error| Failure::broken("this program cannot find itself").because(&error))?;
    Ok(Command::new(path))
}

/// A loopback address that nobody listens on.
fn free_address() -> Result<String, Failure> {
    let address = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    address
        .map(|address| address.to_string())
        .map_err(|error| Failure::broken("no port is free on 127.0.0.1").because(&error))
}
