//! `entente demo`: two real nodes on this machine, the signature of the memorandum, and a day of cooperation.
//!
//! The demonstration does nothing that an operator cannot do: it calls this same program, as the README tells it.

use std::{
    net::{SocketAddr, TcpListener},
    path::PathBuf,
};

use clap::Args;

use self::{
    story::{Closing, Line, Opening},
    tell::Form,
};
use crate::command::{
    Caller,
    answer::{Answer, Failure},
};

pub mod cheat;
pub mod evidence;
pub mod page;
pub mod play;
pub mod script;
pub mod side;
pub mod stage;
pub mod story;
pub mod tell;
pub mod watch;

/// Start two nodes on this machine, sign the memorandum, and live through a day of cooperation.
///
/// Both nodes are real processes with data folders, keys and databases of their own, and mutual TLS between them. Their clocks
/// are driven, since nobody waits eight hours. At the end both ledgers are exported and verified against each other from the
/// files alone, and a local page shows both sides. Exit code 0 only if everything held.
///
/// With --json each line on standard output is an object, as it happens: `opening`, `signed` for each side, `step` with the instant of
/// the driven clock, the side, the act, its receipt, the clocks with their deadlines and whether it held, `cheat`, `closing`, `page`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente demo                 the day, then the page until Ctrl-C
  entente demo --once          the day, then out: 0 only if everything held
  entente demo --once --json   the same, one JSON object a line
  entente demo --cheat         five ways to cheat, and the line that catches each
  entente demo --dir DIR       keeps the data, one folder a side; without --dir they are removed at the end")]
pub struct Demo {
    /// Leave when the day is over, instead of showing the page.
    #[arg(long)]
    once: bool,
    /// The other half: what happens to a side that cheats.
    #[arg(long)]
    cheat: bool,
    /// The folder of the memorandum.
    #[arg(long, value_name = "MEMORANDUM", default_value = "memorandum")]
    memorandum: PathBuf,
    /// Where the page is shown.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:7480")]
    listen: SocketAddr,
}

impl Demo {
    /// Plays the day or the cheats.
    ///
    /// # Errors
    /// When a node does not start or something that the day expects did not come.
    pub fn run(self, caller: &Caller) -> Result<Answer, Failure> {
        let shown = self.place_of_the_page()?;
        let day = script::Day::shipped().map_err(|error| {
            Failure::broken("the day that ships with this program does not read").because(&error)
        })?;
        let form = if caller.json { Form::Json } else { Form::Text };
        let mut stage = stage::Stage::set_up(&day, caller.dir.clone(), &self.memorandum)?;
        form.tell(&day, &Line::Opening(Opening::of(&day)));
        stage.begin(&day, form)?;
        if self.cheat {
            let closing = cheat::play(&day, &mut stage, form)?;
            return ended(&day, form, closing);
        }
        let told = play::day(&day, &stage, form)?;
        let verified = evidence::verify(&stage)?;
        let ended = ended(&day, form, told.closing(&verified));
        if let Some(listener) = shown {
            page::serve(listener, day, stage, told, verified, form)?;
        }
        ended
    }

    /// Taken before the day begins, so that nobody waits for a page that cannot be shown. None if none will be.
    fn place_of_the_page(&self) -> Result<Option<TcpListener>, Failure> {
        if self.once || self.cheat {
            return Ok(None);
        }
        TcpListener::bind(self.listen).map(Some).map_err(|error| {
            Failure::misused(format!("the page cannot be shown at {}", self.listen))
                .because(&error)
                .hint("name another address with --listen, or leave the page out with --once")
        })
    }
}

/// The end is told; 0 only if everything held.
fn ended(day: &script::Day, form: Form, closing: Closing) -> Result<Answer, Failure> {
    let first = closing.faults.first().cloned();
    form.tell(day, &Line::Closing(closing));
    match first {
        None => Ok(Answer::told()),
        Some(first) => Err(Failure::broken(format!("not everything held: {first}"))),
    }
}
