//! `entente serve`: the node at work, until Ctrl-C or SIGTERM.

use std::{io, sync::Arc};

use clap::Args;
use jiff::Timestamp;
use serde_json::json;
use tracing_subscriber::EnvFilter;

use super::{
    Caller,
    answer::{Answer, Failure},
    memorandum as agreement,
};
use crate::{
    config::{Config, Log},
    folder::Folder,
    node::{Node, OpenFault},
    serve::{self, Doors, ServeFault},
    start::{self, StartFault},
};

/// Run the node: exchange with the partner, watch the clocks, answer our own tools. Stops on Ctrl-C or SIGTERM.
///
/// Starts only under a memorandum that every Party signed and whose red lines are proven. The log goes to standard error.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente serve --dir north
  entente serve --dir north --at 2030-03-01T10:00:00Z     a demonstration, its driven clock standing there")]
pub struct Serve {
    /// Where the driven clock of a demonstration stands at first; without it, noon of the first day in force.
    #[arg(long, value_name = "INSTANT")]
    at: Option<Timestamp>,
}

impl Serve {
    /// Serves until it is told to stop.
    pub fn run(self, caller: &Caller) -> Result<Answer, Failure> {
        let (folder, config) = (caller.folder(), caller.config()?);
        log(&config.log)?;
        if self.at.is_some() && !config.demo {
            return Err(
                Failure::misused("only the clock of a demonstration is driven")
                    .hint("leave --at out, or set the node up with `entente init --demo`"),
            );
        }
        let node = start::open(&folder, &config, self.at).map_err(|e| not_started(&e, &folder))?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .map_err(|e| Failure::broken("the node cannot start").because(&e))?;
        runtime.block_on(work(&folder, config, node))
    }
}

async fn work(folder: &Folder, config: Config, node: Node) -> Result<Answer, Failure> {
    let doors = Doors::take(folder, &config)
        .await
        .map_err(|e| not_served(&e))?;
    let stop = serve::on_signal()
        .map_err(|e| Failure::broken("the node could not be told to stop").because(&e))?;
    let memorandum = node.agreement();
    let notice = agreement::notice(&memorandum.memorandum, config.demo);
    if let Some(notice) = &notice {
        eprintln!("{notice}");
    }
    eprintln!(
        "the node of `{}` runs, {}. Stop it with Ctrl-C.",
        config.party,
        doors.places()
    );
    let party = config.party.clone();
    serve::serve(Arc::new(node), Arc::new(config), folder, doors, stop)
        .await
        .map_err(|e| not_served(&e))?;
    Ok(Answer::new("", json!({ "party": party, "stopped": true }))
        .note("stopped; nothing that was receipted is lost"))
}

/// The log on standard error: text for people, one JSON object a line for a collector. Never personal data.
fn log(log: &Log) -> Result<(), Failure> {
    let filter = EnvFilter::try_new(&log.level).map_err(|e| {
        Failure::misused(format!("`{}` is no level of the log", log.level))
            .because(&e)
            .hint("under [log] in entente.toml, level is error, warn, info or debug")
    })?;
    let writing = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(false);
    // A log that was set up before, by whoever runs two nodes in one process, stays as it is.
    let _ = if log.json {
        writing.json().try_init()
    } else {
        writing.with_target(false).try_init()
    };
    Ok(())
}

fn not_started(fault: &StartFault, folder: &Folder) -> Failure {
    let dir = folder.path().display();
    let failure = match fault {
        StartFault::Unsigned(_) => Failure::misused("the node does not start"),
        StartFault::Open(OpenFault::Running(_)) => Failure::misused("the node does not start"),
        _ => Failure::broken("the node does not start"),
    };
    let hint = match fault {
        StartFault::Unsigned(_) => format!(
            "`entente memorandum verify --dir {dir}` says who is missing. If a Party was not accepted, `entente peer accept FILE --dir {dir}`; then `entente memorandum sign --dir {dir}` with the partner's note, --with FILE"
        ),
        StartFault::Faulty(..) | StartFault::RedLine(_) => format!(
            "restore the folder that was signed; `entente memorandum check {dir}/memorandum` and `prove` say what is wrong"
        ),
        StartFault::Open(OpenFault::Running(_)) => {
            "one node writes in a folder; stop the other one, or ask it: commands go through it"
                .to_owned()
        }
        StartFault::Introduction(..) => {
            "accept the partner's introduction again with `entente peer accept FILE`".to_owned()
        }
        StartFault::Roster(_) => format!("correct {dir}/roster.toml"),
        _ => format!("`entente doctor --dir {dir}` looks at everything it needs"),
    };
    failure.because(fault).hint(hint)
}

fn not_served(fault: &ServeFault) -> Failure {
    let hint = match fault {
        ServeFault::Peer(address, _) => format!(
            "another program holds {address}, or it is no address of this machine: change `listen` under [peer] in entente.toml"
        ),
        ServeFault::Api(_) => "change `listen` under [api] in entente.toml; a socket needs a short path to the data folder".to_owned(),
        ServeFault::Token(_) => "the file `token` in the data folder must hold what `entente init` wrote".to_owned(),
        ServeFault::Transport(_) => "restore keys/transport.key from the copy made at set-up".to_owned(),
    };
    Failure::broken("the node cannot be reached")
        .because(fault)
        .hint(hint)
}
