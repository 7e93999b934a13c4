//! `entente memorandum prove DIR`: the red lines hold, whatever any permit says.

use std::path::{Path, PathBuf};

use clap::Args;
use entente_cooperation::memorandum::{Memorandum, read::files_of};
use serde_json::json;

use super::{
    super::{
        Caller,
        answer::{Answer, Failure},
    },
    notice, read_checked,
};
use crate::{agreement::Agreement, prove::Solver};

/// Prove the red lines of a memorandum: by enumeration always, and with cvc5 when it is installed.
///
/// A hole is printed as a counterexample in words. Exit code 0 only if every red line is proven.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente memorandum prove memorandum
  entente memorandum prove memorandum --solver /opt/cvc5/bin/cvc5
  entente memorandum prove memorandum --without-solver")]
pub struct Prove {
    /// The folder of the memorandum.
    #[arg(value_name = "MEMORANDUM")]
    folder: PathBuf,
    #[command(flatten)]
    proof: Proof,
}

/// How red lines are proven.
#[derive(Debug, Args)]
pub struct Proof {
    /// The solver to ask; without it cvc5, if that is installed.
    #[arg(long, value_name = "PROGRAM")]
    solver: Option<String>,
    /// Only the proof that needs no solver.
    #[arg(long)]
    without_solver: bool,
}

/// What the proofs found.
pub struct Found {
    memorandum: Memorandum,
    proven: Vec<String>,
    lines: Vec<String>,
    /// What is not proven, each with its counterexample in words.
    pub holes: Vec<String>,
}

impl Prove {
    pub(super) fn run(self, _caller: &Caller) -> Result<Answer, Failure> {
        let Found {
            memorandum,
            proven,
            mut lines,
            holes,
        } = self.proof.of(&self.folder)?;
        lines.extend(holes.iter().map(|hole| format!("NOT PROVEN: {hole}")));
        let members = json!({ "proven": proven, "not_proven": holes });
        let answer = Answer::new(lines.join("\n"), members);
        let answer = if holes.is_empty() {
            answer
        } else {
            answer.refused()
        };
        Ok(answer.demonstration(notice(&memorandum, false).as_deref()))
    }
}

impl Proof {
    /// Proves every red line of the memorandum in a folder.
    ///
    /// Fails if the folder cannot be read, its rules have faults, or the solver named is not there.
    pub fn of(&self, folder: &Path) -> Result<Found, Failure> {
        // Told first what is wrong with the folder or its annexes; the rules come after.
        read_checked(folder)?;
        let Agreement {
            memorandum, policy, ..
        } = agreement(folder)?;
        let (proven, unproven) = policy.prove(&memorandum);
        let mut lines: Vec<String> = proven
            .iter()
            .map(|one| {
                format!(
                    "{}: proven, {} of {} points in its region",
                    one.name, one.inside, one.points
                )
            })
            .collect();
        let mut holes: Vec<String> = unproven.iter().map(ToString::to_string).collect();
        if !self.without_solver {
            lines.push(self.ask(&policy, &mut holes)?);
        }
        Ok(Found {
            memorandum,
            proven: proven.into_iter().map(|one| one.name.to_string()).collect(),
            lines,
            holes,
        })
    }

    fn ask(
        &self,
        policy: &entente_cooperation::policy::Policy,
        holes: &mut Vec<String>,
    ) -> Result<String, Failure> {
        let program = self.solver.as_deref().unwrap_or("cvc5");
        let solver = Solver::named(program);
        let runtime = tokio::runtime::Runtime::new()
            .map_err(|error| Failure::broken("the solver cannot be asked").because(&error))?;
        runtime.block_on(async {
            if !solver.is_installed().await {
                if self.solver.is_some() {
                    return Err(
                        Failure::misused(format!("there is no solver `{program}`")).hint(
                            "name its program, or leave --solver out to prove by enumeration alone",
                        ),
                    );
                }
                return Ok(format!("{program}: not installed, not asked"));
            }
            let report = solver.prove(policy).await;
            holes.extend(report.unproven.iter().map(ToString::to_string));
            Ok(format!(
                "{program}: {} questions answered as they must be",
                report.proven
            ))
        })
    }
}

fn agreement(folder: &Path) -> Result<Agreement, Failure> {
    let shown = folder.display();
    let files = files_of(folder)
        .map_err(|error| Failure::misused(format!("`{shown}` cannot be read")).because(&error))?;
    Agreement::of(&files).map_err(|faults| {
        let first = faults.first().map(ToString::to_string).unwrap_or_default();
        Failure::misused(format!(
            "the rules have {} faults, first {first}",
            faults.len()
        ))
        .hint(format!(
            "`entente memorandum check {shown}` prints them all"
        ))
    })
}
