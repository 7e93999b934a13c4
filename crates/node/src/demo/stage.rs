//! The stage: two data folders, two node processes, both clocks driven together.

use std::{
    fs,
    path::{Path, PathBuf},
};

use entente_cooperation::memorandum::OnExpiry;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    script::{Day, Officer},
    story::{Line, Signed},
    tell::Form,
    watch::text,
};
use crate::{
    command::{answer::Failure, memorandum as agreement},
    config::Config,
    process::{NodeProcess, call, free_address, until},
};

/// Both sides, set up and running.
pub struct Stage {
    /// Where both data folders lie.
    pub dir: PathBuf,
    /// The sides, in the order of the script.
    pub sides: Vec<NodeProcess>,
    /// The folder of the memorandum as it ships.
    memorandum: PathBuf,
    /// Clocks that one side alone keeps: how it assigns work at home is not the other's to know.
    pub kept_at_home: Vec<String>,
    temporary: bool,
}

impl Stage {
    /// Sets both sides up, and lets them accept each other.
    ///
    /// # Errors
    /// When the folder is taken, or a step fails: then with what that step said.
    pub fn set_up(day: &Day, dir: Option<PathBuf>, memorandum: &Path) -> Result<Stage, Failure> {
        let temporary = dir.is_none();
        let dir = dir.unwrap_or_else(|| {
            std::env::temp_dir().join(format!("entente-demo-{}", std::process::id()))
        });
        let sides = day.side.iter().map(|side| {
            let node = NodeProcess::on(&side.party, dir.join(&side.party));
            match first_officer(day, &side.party) {
                Some(first) => node.asked_by(&first.id),
                None => node,
            }
        });
        let stage = Stage {
            sides: sides.collect(),
            memorandum: memorandum.to_owned(),
            kept_at_home: kept_at_home(memorandum)?,
            temporary,
            dir,
        };
        stage.make_folders(day)?;
        Ok(stage)
    }

    /// Lets both sides sign the memorandum, starts both nodes, and waits until they have heard each other.
    ///
    /// # Errors
    /// When one of these fails: then with what it said.
    pub fn begin(&mut self, day: &Day, form: Form) -> Result<(), Failure> {
        self.sign(day, form)?;
        for side in &mut self.sides {
            side.start()?;
        }
        self.drive(day.step[0].instant())?;
        self.open_links()
    }

    fn make_folders(&self, day: &Day) -> Result<(), Failure> {
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
            call(&[
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
            write_roster(side, day)?;
        }
        for (side, other) in self.pairs() {
            let introduction = other.folder().introduction().display().to_string();
            side.call(&["peer", "accept", &introduction, "--phrase-confirmed"])?;
        }
        Ok(())
    }

    /// Both sides check the memorandum and sign it, each carrying the other's line by hand.
    fn sign(&self, day: &Day, form: Form) -> Result<(), Failure> {
        let [first, second] = self.two();
        first.call(&["memorandum", "sign", "--without-solver"])?;
        second.call(&[
            "memorandum",
            "sign",
            "--without-solver",
            "--with",
            &note(first),
        ])?;
        first.call(&["memorandum", "sign", "--with", &note(second)])?;
        for side in &self.sides {
            let verified = side.call(&["memorandum", "verify", "--json"])?;
            form.tell(day, &Line::Signed(signed(side, &verified)?));
        }
        Ok(())
    }

    /// Drives both clocks to an instant.
    ///
    /// # Errors
    /// When a node does not answer.
    pub fn drive(&self, to: Timestamp) -> Result<(), Failure> {
        for side in self.sides.iter().filter(|side| side.id().is_some()) {
            side.post(None, "/v1/clock", &json!({ "to": to }))?;
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
                let status = side.get("/v1/status")?;
                let partners = status["partners"].as_array().cloned().unwrap_or_default();
                Ok(!partners.is_empty()
                    && partners.iter().all(|partner| partner["state"] == "open"))
            })?;
        }
        Ok(())
    }

    /// The side of a Party.
    pub fn side(&self, party: &str) -> &NodeProcess {
        let found = self.sides.iter().find(|side| side.party == party);
        found.expect("a Party that a test of the script has found")
    }

    /// The side of a Party, to stop or to start it.
    pub fn side_mut(&mut self, party: &str) -> &mut NodeProcess {
        let found = self.sides.iter_mut().find(|side| side.party == party);
        found.expect("a Party that a test of the script has found")
    }

    /// The other side.
    pub fn other(&self, party: &str) -> &NodeProcess {
        let found = self.sides.iter().find(|side| side.party != party);
        found.expect("two sides")
    }

    /// Both sides.
    pub fn two(&self) -> [&NodeProcess; 2] {
        [&self.sides[0], &self.sides[1]]
    }

    fn pairs(&self) -> [(&NodeProcess, &NodeProcess); 2] {
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

/// What `memorandum verify` printed for machines.
fn signed(side: &NodeProcess, verified: &str) -> Result<Signed, Failure> {
    let said: Value = serde_json::from_str(verified)
        .map_err(|error| Failure::broken("a verification does not read").because(&error))?;
    let parties = said["signed"].as_array().into_iter().flatten();
    Ok(Signed {
        side: side.party.clone(),
        memorandum: text(&said, "memorandum"),
        version: text(&said, "version"),
        digest: text(&said, "digest"),
        signed: parties
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
    })
}

fn note(side: &NodeProcess) -> String {
    let note = side.folder().memorandum().join("memorandum.note");
    note.display().to_string()
}

/// Who works at a side, as the script has it; the first of them acts when a command names nobody.
fn write_roster(side: &NodeProcess, day: &Day) -> Result<(), Failure> {
    let officers = day
        .officer
        .iter()
        .filter(|officer| officer.node == side.party);
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
    let unwritten = |error: &dyn std::error::Error| {
        Failure::broken("who works at a side cannot be written").because(error)
    };
    fs::write(side.folder().roster(), text).map_err(|error| unwritten(&error))?;
    let path = side.folder().config();
    let mut config = Config::read(&path).map_err(|error| unwritten(&error))?;
    if let Some(first) = first_officer(day, &side.party) {
        config.desk.officer.clone_from(&first.id);
        config.desk.organ = first.organs.first().cloned().unwrap_or_default();
    }
    fs::write(path, config.to_string()).map_err(|error| unwritten(&error))
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

fn first_officer<'d>(day: &'d Day, party: &str) -> Option<&'d Officer> {
    day.officer.iter().find(|officer| officer.node == party)
}
