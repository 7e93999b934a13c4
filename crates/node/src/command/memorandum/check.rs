//! `entente memorandum check DIR`: is this text, with its annexes and rules, one coherent agreement?

use std::path::PathBuf;

use clap::Args;
use entente_cooperation::memorandum::{Memorandum, check::check, fault::Fault, read::files_of};
use serde_json::{Value, json};

use super::{
    super::{
        Caller,
        answer::{Answer, Failure},
    },
    notice,
};

/// Check a memorandum: every identifier, article, rule, label, and every worked case.
///
/// Each fault is printed with its file and line and what would mend it. Exit code 0 only if there is none.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente memorandum check memorandum
  entente memorandum check memorandum --cases my-cases
  entente memorandum check memorandum --json")]
pub struct Check {
    /// The folder of the memorandum.
    #[arg(value_name = "MEMORANDUM")]
    folder: PathBuf,
    /// Run the worked cases of this folder instead of those of the memorandum.
    #[arg(long, value_name = "CASES")]
    cases: Option<PathBuf>,
}

impl Check {
    pub(super) fn run(self, _caller: &Caller) -> Result<Answer, Failure> {
        let files = files_of(&self.folder).map_err(|e| {
            Failure::misused(format!("`{}` cannot be read", self.folder.display())).because(&e)
        })?;
        let shown = self.folder.display().to_string();
        let faults: Vec<Fault> = check(&files)
            .into_iter()
            .map(|fault| fault.under(&shown))
            .collect();
        match Memorandum::read_files(&files) {
            Ok(memorandum) if faults.is_empty() => Ok(sound(&memorandum)),
            _ => Ok(faulty(&faults)),
        }
    }
}

fn sound(memorandum: &Memorandum) -> Answer {
    let text = format!(
        "{} version {}: 0 faults\n{} acts, {} articles, {} clocks",
        memorandum.head.id,
        memorandum.head.version,
        memorandum.acts.len(),
        memorandum.articles.len(),
        memorandum.clocks.len(),
    );
    let members = json!({
        "memorandum": memorandum.head.id, "version": memorandum.head.version, "faults": [],
    });
    Answer::new(text, members).demonstration(notice(memorandum, false).as_deref())
}

fn faulty(faults: &[Fault]) -> Answer {
    let lines: Vec<String> = faults.iter().map(Fault::to_string).collect();
    let members: Vec<Value> = faults.iter().map(fault_members).collect();
    let text = format!("{}\nfaults: {}", lines.join("\n"), faults.len());
    Answer::new(text, json!({ "faults": members })).refused()
}

fn fault_members(fault: &Fault) -> Value {
    json!({
        "file": fault.file, "line": fault.line, "what": fault.what, "what_to_do": fault.remedy,
    })
}
