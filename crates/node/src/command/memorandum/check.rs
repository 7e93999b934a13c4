//! `entente memorandum check DIR`: is this text, with its annexes and rules, one coherent agreement?

use std::path::{Path, PathBuf};

use clap::Args;
use entente_cooperation::{
    case::worked::Difference,
    memorandum::{
        Fault, Files, Findings, Memorandum, examine,
        read::{cases_of, files_of},
    },
};
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
  entente memorandum check --dir north
  entente memorandum check memorandum --cases my-cases
  entente memorandum check memorandum --json")]
pub struct Check {
    /// The folder of the memorandum; without it, that of the data folder.
    #[arg(value_name = "MEMORANDUM")]
    folder: Option<PathBuf>,
    /// Run the worked cases of this folder instead of those of the memorandum.
    #[arg(long, value_name = "CASES")]
    cases: Option<PathBuf>,
}

impl Check {
    pub(super) fn run(self, caller: &Caller) -> Result<Answer, Failure> {
        let memorandum = || caller.folder().memorandum();
        let folder = self.folder.clone().unwrap_or_else(memorandum);
        if !folder.join("annex").is_dir() {
            return Err(
                Failure::misused(format!("`{}` holds no memorandum", folder.display())).hint(
                    "name its folder; the model memorandum is `memorandum` in the source tree",
                ),
            );
        }
        let unread = |path: &Path| {
            let shown = path.display().to_string();
            move |error: std::io::Error| {
                Failure::misused(format!("`{shown}` cannot be read")).because(&error)
            }
        };
        let files = files_of(&folder).map_err(unread(&folder))?;
        let cases = match &self.cases {
            Some(folder) => Some(cases_of(folder).map_err(unread(folder))?),
            None => None,
        };
        let shown = folder.display().to_string();
        let found = examine(&files, cases.as_ref());
        match read(&files) {
            Some(memorandum) if found.is_whole() => Ok(sound(&memorandum, found.cases)),
            _ => Ok(faulty(found, &shown, self.cases.as_deref())),
        }
    }
}

fn read(files: &Files) -> Option<Memorandum> {
    Memorandum::read_files(files).ok()
}

fn sound(memorandum: &Memorandum, cases: usize) -> Answer {
    let text = format!(
        "{} version {}: 0 faults\n{} acts, {} articles, {} clocks; {cases} worked cases, none differs",
        memorandum.head.id,
        memorandum.head.version,
        memorandum.acts.len(),
        memorandum.articles.len(),
        memorandum.clocks.len(),
    );
    let members = json!({
        "memorandum": memorandum.head.id, "version": memorandum.head.version, "faults": [], "cases": cases, "differences": [],
    });
    Answer::new(text, members).demonstration(notice(memorandum, false).as_deref())
}

fn faulty(found: Findings, folder: &str, cases: Option<&Path>) -> Answer {
    let faults: Vec<Fault> = found
        .faults
        .into_iter()
        .map(|fault| fault.under(folder))
        .collect();
    let differences: Vec<Difference> = found
        .differences
        .into_iter()
        .map(|one| placed(one, folder, cases))
        .collect();
    let lines = faults
        .iter()
        .map(Fault::to_string)
        .chain(differences.iter().map(Difference::to_string));
    let mut text = lines.collect::<Vec<String>>().join("\n");
    text += &format!(
        "\nfaults: {}, steps that differ: {} of {} cases",
        faults.len(),
        differences.len(),
        found.cases
    );
    let faults: Vec<Value> = faults.iter().map(fault_members).collect();
    let differences: Vec<Value> = differences.iter().map(difference_members).collect();
    Answer::new(
        text,
        json!({ "faults": faults, "cases": found.cases, "differences": differences }),
    )
    .refused()
}

/// The difference with its file seen from outside: in the folder of the memorandum, or in that of the cases given.
fn placed(mut difference: Difference, folder: &str, cases: Option<&Path>) -> Difference {
    let name = difference
        .file
        .strip_prefix("cases/")
        .unwrap_or(&difference.file);
    difference.file = match cases {
        Some(cases) => cases.join(name).display().to_string(),
        None => format!("{}/{}", folder.trim_end_matches('/'), difference.file),
    };
    difference
}

fn difference_members(difference: &Difference) -> Value {
    json!({
        "file": difference.file, "line": difference.line, "step": difference.step, "what": difference.what,
        "expected": difference.expected, "found": difference.found,
    })
}

fn fault_members(fault: &Fault) -> Value {
    json!({
        "file": fault.file, "line": fault.line, "what": fault.what, "what_to_do": fault.remedy,
    })
}
