//! The command line: one file per command, each a client of the running node unless it says that it needs none.

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};
use entente_cooperation::memorandum::Behaviour;

pub mod answer;
pub mod answering;
pub mod backup;
pub mod bench;
pub mod case;
pub mod client;
pub mod clock;
pub mod close;
pub mod dialogue;
pub mod doctor;
pub mod draft;
pub mod hand_in;
pub mod inbox;
pub mod init;
pub mod instant;
pub mod keys;
pub mod ledger;
pub mod memorandum;
pub mod outbox;
pub mod peer;
pub mod restore;
pub mod schema;
pub mod send;
pub mod serve;
pub mod show;
pub mod table;
pub mod take;
pub mod terminal;
pub mod verdict;
pub mod why;
pub mod words;

use answer::{Answer, Failure};
use client::Running;

use crate::{
    config::{BadConfig, Config},
    folder::Folder,
};

/// Exchange under a signed memorandum: every act judged, receipted, and provable by both sides.
///
/// Results stand on standard output, all else on standard error. Exit code: 0 done, 1 refused, 2 misused, 3 broken.
#[derive(Debug, Parser)]
#[command(
    name = "entente",
    version,
    propagate_version = true,
    disable_help_subcommand = true
)]
#[command(after_help = EXAMPLES)]
struct Line {
    #[command(flatten)]
    caller: Caller,
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
A first exchange, from the side of a Party called `north` (its partner does the same as `south`):
  entente init north --party north --memorandum memorandum --listen 127.0.0.1:7401
  entente peer accept south/introduction.note --dir north
  entente memorandum sign --dir north --with south/memorandum/memorandum.note
  entente serve --dir north
  entente draft --dir north          lists the acts; `entente draft ACT` asks slot by slot
  entente why DRAFT --dir north      may it cross? nothing is sent
  entente send DRAFT --dir north
  entente outbox --dir north

Every command explains itself with examples: entente send --help";

const ANSWERING: &str = "\
Examples (what follows from the act answered is filled in, the rest is asked, then it is sent):
  entente reply N-2030-000417/1 --dir south
  entente refuse N-2030-000417/1 --set reason=\"…\" --dir south
  entente alert --dir south
  entente reply N-2030-000417/1 --draft reply.toml --dir south     only writes the draft";

/// Who calls, for which node, and how the answer is wanted.
#[derive(Clone, Debug, Args)]
pub struct Caller {
    /// The data folder of the node; without it ENTENTE_DIR, else the current folder.
    #[arg(long, global = true, value_name = "DIR")]
    pub dir: Option<PathBuf>,
    /// Print JSON for machines.
    #[arg(long, global = true)]
    pub json: bool,
    /// The language of words from the memorandum: one of its languages.
    #[arg(long, global = true, value_name = "LANGUAGE")]
    pub language: Option<String>,
    /// The officer who acts, from roster.toml.
    // An id of its own: one command has an argument of the field's name, and two of one id are one.
    #[arg(
        id = "acting_officer",
        long = "as",
        global = true,
        value_name = "OFFICER"
    )]
    pub officer: Option<String>,
}

impl Caller {
    /// The data folder.
    pub fn folder(&self) -> Folder {
        let named = self.dir.clone();
        let set = || std::env::var_os("ENTENTE_DIR").map(PathBuf::from);
        Folder::at(named.or_else(set).unwrap_or_else(|| PathBuf::from(".")))
    }

    /// The settings of the data folder.
    pub fn config(&self) -> Result<Config, Failure> {
        Config::read(&self.folder().config()).map_err(|error| bad_config(&error, &self.folder()))
    }

    /// The running node, asked in the name of the officer who acts.
    pub fn node(&self) -> Result<Running, Failure> {
        Running::find(&self.folder(), self.officer.as_deref(), &self.language())
    }

    /// Fails if the language asked for is one that neither the command line nor the memorandum of the folder speaks.
    fn speaks(&self) -> Result<(), Failure> {
        let Some(language) = self.language.as_deref() else {
            return Ok(());
        };
        let mut spoken: Vec<String> = words::SPOKEN.map(str::to_owned).to_vec();
        if spoken.iter().any(|known| known == language) {
            return Ok(());
        }
        let memorandum = memorandum::of_folder(&self.folder());
        let more = memorandum
            .iter()
            .flat_map(|memorandum| memorandum.languages());
        spoken.extend(more.map(str::to_owned));
        known_language(language, &spoken)
    }

    /// The language asked for, else that of the settings, else English.
    pub fn language(&self) -> String {
        self.language
            .clone()
            .or_else(|| Some(self.config().ok()?.desk.language))
            .unwrap_or_else(|| "en".to_owned())
    }
}

/// Fails, naming the languages, if this is none of them.
fn known_language(language: &str, spoken: &[String]) -> Result<(), Failure> {
    if spoken.iter().any(|known| known == language) {
        return Ok(());
    }
    let mut spoken = spoken.to_vec();
    spoken.sort();
    spoken.dedup();
    Err(
        Failure::misused(format!("the memorandum has no words in `{language}`"))
            .hint(format!("choose one of: {}", spoken.join(", "))),
    )
}

fn bad_config(error: &BadConfig, folder: &Folder) -> Failure {
    let dir = folder.path().display();
    match error {
        BadConfig::Absent(_) => Failure::misused(error.to_string()).hint(format!(
            "name its data folder with --dir or ENTENTE_DIR, or set one up with `entente init {dir} --party ID`"
        )),
        BadConfig::Unreadable(..) => Failure::broken("the settings cannot be read").because(error),
        BadConfig::Malformed(..) => Failure::misused("the settings hold a fault")
            .because(error)
            .hint("correct the line named; `entente init` into an empty folder shows a whole file"),
    }
}

/// Reads the command line, does what it says, prints, and yields the exit code.
pub fn run() -> ExitCode {
    let line = match Line::try_parse() {
        Ok(line) => line,
        Err(told) if told.use_stderr() && std::env::args_os().any(|word| word == "--json") => {
            return answer::print(Err(misused(&told)), true, None);
        }
        Err(told) => {
            // Help and version are results; all else is misuse. clap prints each where it belongs.
            let _ = told.print();
            return ExitCode::from(if told.use_stderr() { 2 } else { 0 });
        }
    };
    let (json, dir) = (line.caller.json, line.caller.dir.clone());
    let spoken = match line.command {
        // It speaks the languages of the memorandum that it is given.
        Command::Init(_) | Command::Restore(_) => Ok(()),
        _ => line.caller.speaks(),
    };
    let done = spoken.and_then(|()| line.command.run(&line.caller));
    answer::print(done, json, dir.as_deref())
}

/// What clap says of a line that it does not understand, for machines.
fn misused(told: &clap::Error) -> Failure {
    let said = told.render().to_string();
    let mut parts = said.trim().splitn(2, "\n\n");
    let what = parts
        .next()
        .unwrap_or_default()
        .trim_start_matches("error: ");
    let hint = parts
        .next()
        .map_or_else(|| "entente --help".to_owned(), str::to_owned);
    Failure::misused(what).hint(hint)
}

#[derive(Debug, Subcommand)]
enum Command {
    Demo(crate::demo::Demo),
    Init(init::Init),
    Peer(peer::Peer),
    Memorandum(memorandum::Memorandum),
    Schema(schema::Schema),
    Serve(serve::Serve),
    Draft(draft::Draft),
    Why(why::Why),
    Send(send::Send),
    Inbox(inbox::Inbox),
    Outbox(outbox::Outbox),
    Case(case::Case),
    /// Answer an act: whole, or the parts named in `scope`.
    #[command(after_help = ANSWERING)]
    Reply(answering::Answering),
    /// Refuse an act on a ground of the closed list.
    #[command(after_help = ANSWERING)]
    Refuse(answering::Answering),
    /// Ask for clarification, or supply the clarification that was asked for.
    #[command(after_help = ANSWERING)]
    Clarify(answering::Answering),
    /// Alert the partner at once.
    #[command(after_help = ANSWERING)]
    Alert(answering::Answering),
    /// Acknowledge that an alert was read.
    #[command(after_help = ANSWERING)]
    Ack(answering::Answering),
    /// Seek a consent, decide on one that was sought, or revoke one (with --act).
    #[command(after_help = ANSWERING)]
    Consent(answering::Answering),
    /// Recall facts that were given.
    #[command(after_help = ANSWERING)]
    Recall(answering::Answering),
    /// Register an act first made by telephone, note verbale or another channel, with its scan.
    #[command(after_help = ANSWERING)]
    Register(answering::Answering),
    Take(take::Take),
    Close(close::Close),
    Ledger(ledger::Ledger),
    Keys(keys::Keys),
    Doctor(doctor::Doctor),
    Backup(backup::Backup),
    Restore(restore::Restore),
    Clock(clock::Clock),
    Bench(bench::Bench),
}

impl Command {
    fn run(self, caller: &Caller) -> Result<Answer, Failure> {
        match self {
            Command::Demo(command) => command.run(caller),
            Command::Init(command) => command.run(caller),
            Command::Peer(command) => command.run(caller),
            Command::Memorandum(command) => command.run(caller),
            Command::Serve(command) => command.run(caller),
            Command::Schema(command) => command.run(caller),
            Command::Draft(command) => command.run(caller),
            Command::Why(command) => command.run(caller),
            Command::Send(command) => command.run(caller),
            Command::Inbox(command) => command.run(caller),
            Command::Outbox(command) => command.run(caller),
            Command::Case(command) => command.run(caller),
            Command::Reply(command) => command.run(caller, answering::REPLY),
            Command::Refuse(command) => command.run(caller, &[Behaviour::Refuses]),
            Command::Clarify(command) => command.run(caller, answering::CLARIFY),
            Command::Alert(command) => command.run(caller, &[Behaviour::Alerts]),
            Command::Ack(command) => command.run(caller, &[Behaviour::Acknowledges]),
            Command::Consent(command) => command.run(caller, answering::CONSENT),
            Command::Recall(command) => command.run(caller, &[Behaviour::Recalls]),
            Command::Register(command) => command.run(caller, &[Behaviour::Registers]),
            Command::Take(command) => command.run(caller),
            Command::Close(command) => command.run(caller),
            Command::Ledger(command) => command.run(caller),
            Command::Keys(command) => command.run(caller),
            Command::Doctor(command) => command.run(caller),
            Command::Backup(command) => command.run(caller),
            Command::Restore(command) => command.run(caller),
            Command::Clock(command) => command.run(caller),
            Command::Bench(command) => command.run(caller),
        }
    }
}
