//! Everything that can be wrong with a memorandum: each fault at its file and line, each worked case that differs.

mod annexes;
mod articles;
mod behaviours;
mod closed;
mod kinds;
mod labels;
mod periods;
mod pointers;
mod red_lines;
mod restrictions;
mod sides;

pub(crate) use annexes::Annexes;

use super::{Fault, Files, Memorandum, read};
use crate::{
    case::worked::{Difference, Hearing, run},
    policy::Policy,
};

/// The faults of the texts and annexes in these files, in the order of files and lines; none if they are sound.
///
/// Rules and worked cases are read against sound annexes only: [`examine`].
/// Files are named within the folder of the memorandum.
pub fn check(files: &Files) -> Vec<Fault> {
    let sheets = match read::annexes(files) {
        Ok(sheets) => sheets,
        Err(faults) => return sorted(faults),
    };
    let annexes = Annexes::new(&sheets);
    let mut faults = pointers::check(&annexes);
    faults.extend(closed::check(&annexes));
    faults.extend(kinds::check(&annexes));
    faults.extend(labels::check(&annexes));
    match Memorandum::read_sheets(&sheets, files) {
        Err(more) => faults.extend(more),
        Ok(memorandum) => {
            faults.extend(articles::check(&memorandum, &annexes));
            faults.extend(behaviours::check(&memorandum, &annexes));
            faults.extend(periods::check(&memorandum, &annexes));
            faults.extend(red_lines::check(&memorandum, &annexes));
            faults.extend(restrictions::check(&memorandum, &annexes));
            faults.extend(sides::check(&memorandum, &annexes));
        }
    }
    sorted(faults)
}

/// What an examination found.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// What is wrong with texts, annexes, rules and prohibitions.
    pub faults: Vec<Fault>,
    /// Steps of worked cases that are decided, or set something going, otherwise than they state.
    pub differences: Vec<Difference>,
    /// How many cases were run; none when there are faults, since nothing can then be judged.
    pub cases: usize,
}

impl Findings {
    /// Whether nothing is wrong.
    pub fn is_whole(&self) -> bool {
        self.faults.is_empty() && self.differences.is_empty()
    }
}

/// Checks a memorandum, compiles its rules and runs the worked cases of `cases`, or its own if there are none given.
pub fn examine(files: &Files, cases: Option<&Files>) -> Findings {
    let faults = check(files);
    if !faults.is_empty() {
        return Findings {
            faults,
            ..Findings::default()
        };
    }
    let compiled = Memorandum::read_files(files).and_then(|memorandum| {
        let policy = Policy::compile(&memorandum, files)?;
        Ok((memorandum, policy))
    });
    match compiled {
        Err(faults) => Findings {
            faults: sorted(faults),
            ..Findings::default()
        },
        Ok((memorandum, policy)) => worked_cases(&memorandum, &policy, cases.unwrap_or(files)),
    }
}

fn worked_cases(memorandum: &Memorandum, policy: &Policy, files: &Files) -> Findings {
    let judge = |hearing: Hearing<'_>| match hearing.at_home {
        true => policy.judge_event(memorandum, hearing.state, hearing.act, hearing.moment),
        false => Some(policy.judge(memorandum, hearing.state, hearing.act, hearing.moment)),
    };
    let mut findings = Findings::default();
    for (file, bytes) in files
        .iter()
        .filter(|(file, _)| file.starts_with("cases/") && file.ends_with(".toml"))
    {
        findings.cases += 1;
        findings.differences.extend(run(
            memorandum,
            &judge,
            file,
            &String::from_utf8_lossy(bytes),
        ));
    }
    findings
}

fn sorted(mut faults: Vec<Fault>) -> Vec<Fault> {
    faults.sort();
    faults.dedup();
    faults
}
