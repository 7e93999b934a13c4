//! Everything that can be wrong with a memorandum, found by reading it: each fault at its file and line.

mod annexes;
mod articles;
mod behaviours;
mod closed;
mod labels;
mod periods;
mod pointers;
mod red_lines;
mod sides;

pub(crate) use annexes::Annexes;

use super::{Fault, Files, Memorandum, read};

/// The faults of the memorandum in these files, in the order of files and lines; none if it is whole.
///
/// Files are named within the folder of the memorandum.
pub fn check(files: &Files) -> Vec<Fault> {
    let sheets = match read::annexes(files) {
        Ok(sheets) => sheets,
        Err(faults) => return sorted(faults),
    };
    let annexes = Annexes::new(&sheets);
    let mut faults = pointers::check(&annexes);
    faults.extend(closed::check(&annexes));
    faults.extend(labels::check(&annexes));
    match Memorandum::read_sheets(&sheets, files) {
        Err(more) => faults.extend(more),
        Ok(memorandum) => {
            faults.extend(articles::check(&memorandum, &annexes));
            faults.extend(behaviours::check(&memorandum, &annexes));
            faults.extend(periods::check(&memorandum, &annexes));
            faults.extend(red_lines::check(&memorandum, &annexes));
            faults.extend(sides::check(&memorandum, &annexes));
        }
    }
    sorted(faults)
}

fn sorted(mut faults: Vec<Fault>) -> Vec<Fault> {
    faults.sort();
    faults.dedup();
    faults
}
