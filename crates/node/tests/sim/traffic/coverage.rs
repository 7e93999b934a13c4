//! How often each step of an act was reached, and how often a node stopped there.

use std::fmt;

/// A row of the table "one act, as data" (`docs/ARCHITECTURE.md`), and what stands beside it: work that is due, and a start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Row {
    /// 1: a draft is read.
    Entry,
    /// 2: it is judged on our side.
    Policy,
    /// 3: it is sealed.
    Seal,
    /// 4: row, entry and head are written.
    Release,
    /// 5: a parcel leaves.
    Transport,
    /// 6: it arrives.
    Arrival,
    /// 7: it is proven against the mirror.
    Proof,
    /// 8: a repeat gets its first receipt.
    Repeat,
    /// 9: an act is opened.
    Open,
    /// 10: it is judged on the recipient's side.
    Judgement,
    /// 11: mirror, rows, receipts and head are written.
    Filing,
    /// 12: the receipts ride back and are verified.
    Receipt,
    /// 13: the row is closed, the clocks run.
    Settlement,
    /// What is due at home.
    Due,
    /// A node starts, and hears what its partner mirrors.
    Start,
}

/// Every row, and what it is called where it is printed.
const ROWS: [(Row, &str); 15] = [
    (Row::Entry, " 1 entry"),
    (Row::Policy, " 2 policy"),
    (Row::Seal, " 3 seal"),
    (Row::Release, " 4 release"),
    (Row::Transport, " 5 transport"),
    (Row::Arrival, " 6 arrival"),
    (Row::Proof, " 7 proof"),
    (Row::Repeat, " 8 repeat"),
    (Row::Open, " 9 open"),
    (Row::Judgement, "10 policy there"),
    (Row::Filing, "11 file"),
    (Row::Receipt, "12 receipt"),
    (Row::Settlement, "13 settle"),
    (Row::Due, "   due at home"),
    (Row::Start, "   start"),
];

/// When in a call a node stopped, by what of it stands on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    /// Nothing.
    Before,
    /// A part of a transaction that was not committed.
    Within,
    /// All up to one of its commits.
    After,
}

/// Counts of one run, or of many together.
#[derive(Clone, Debug, Default)]
pub(crate) struct Coverage {
    reached: [u64; ROWS.len()],
    stopped: [[u64; 3]; ROWS.len()],
}

impl Coverage {
    /// These rows were reached.
    pub(crate) fn reached(&mut self, rows: &[Row]) {
        for row in rows {
            self.reached[*row as usize] += 1;
        }
    }

    /// A node stopped here.
    pub(crate) fn stopped(&mut self, row: Row, moment: Moment) {
        self.stopped[row as usize][moment as usize] += 1;
    }

    /// Takes the counts of another run.
    pub(crate) fn add(&mut self, other: &Coverage) {
        for (row, _) in ROWS {
            let at = row as usize;
            self.reached[at] += other.reached[at];
            for moment in 0..3 {
                self.stopped[at][moment] += other.stopped[at][moment];
            }
        }
    }

    /// Rows that were never reached, or where no node ever stopped.
    pub(crate) fn missing(&self) -> Vec<&'static str> {
        let never = |row: Row| {
            self.reached[row as usize] == 0 || self.stopped[row as usize].iter().sum::<u64>() == 0
        };
        let rows = ROWS.iter().filter(|(row, _)| never(*row));
        rows.map(|(_, name)| name.trim()).collect()
    }
}

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "row                reached   stopped: before a write, within it, after it"
        )?;
        for (row, name) in ROWS {
            let [before, within, after] = self.stopped[row as usize];
            let reached = self.reached[row as usize];
            writeln!(
                f,
                "{name:<16} {reached:>9} {before:>24} {within:>10} {after:>9}"
            )?;
        }
        Ok(())
    }
}
