//! A node stops within a call: what it would have said never leaves, and of what it wrote a beginning stands on the disk.
//!
//! The database appends what it commits to its write-ahead log, and syncs it. So the log as it stood before the call, with a beginning
//! of what the call appended, is what a stop at that moment leaves; the moment may lie within a page.

use std::{fs, path::PathBuf};

use entente_node::{folder::Folder, link::Link, node::Node};

use super::{
    Traffic,
    coverage::{Moment, Row},
};

/// The bytes before the first frame of a write-ahead log, and of each frame before its page.
const HEAD: usize = 32;
const FRAME_HEAD: usize = 24;

/// A stop falls so many times as often into a call that carries acts through several steps.
const ACTS_STOP: u16 = 3;

/// The files of a database.
#[derive(Clone)]
struct Disk {
    database: Vec<u8>,
    log: Vec<u8>,
}

impl Traffic {
    /// Calls the node of a side. None if it stopped within the call; then it has started again.
    ///
    /// `memory` are the steps of the call that write nothing: a stop in any of them leaves the same. `written` is the step that
    /// writes.
    pub(super) fn call<T>(
        &mut self,
        side: usize,
        memory: &[Row],
        written: Row,
        call: impl FnOnce(&Node, &Link) -> T,
    ) -> Option<T> {
        let folder = self.world.sides[side].folder();
        let cut = self.weather.cut * if memory.len() > 1 { ACTS_STOP } else { 1 };
        let stops = cut > 0 && self.happens(cut);
        let before = stops.then(|| Disk::of(&folder));
        let link = self.world.sides[side].link();
        let said = call(self.world.node(side), &link);
        let Some(before) = before else {
            return Some(said);
        };
        let (left, moment) = self.cut(&before, &Disk::of(&folder));
        let row = match moment {
            Moment::Before => memory[usize::from(self.roll(memory.len() as u16))],
            Moment::Within | Moment::After => written,
        };
        self.coverage.stopped(row, moment);
        drop(link);
        self.stop_and_start(side, Some(left));
        None
    }

    /// A node stops between two calls, at a step, if chance has it.
    pub(super) fn stops(&mut self, side: usize, row: Row) -> bool {
        let stops = self.happens(self.weather.crash);
        if stops {
            self.coverage.stopped(row, Moment::Before);
            self.stop_and_start(side, None);
        }
        stops
    }

    /// Everything in memory is lost; the node starts on this disk, or on its own. It may stop again while it starts.
    fn stop_and_start(&mut self, side: usize, left: Option<Disk>) {
        let folder = self.world.sides[side].folder();
        let shown = self.world.node(side).clock.now();
        self.owed[side].clear();
        self.world.sides[side].crash();
        if let Some(left) = left {
            left.write(&folder);
        }
        self.coverage.reached(&[Row::Start]);
        if self.weather.cut > 0 && self.happens(self.weather.cut) {
            let before = Disk::of(&folder);
            self.world.sides[side].start(shown);
            let (left, moment) = self.cut(&before, &Disk::of(&folder));
            self.coverage.stopped(Row::Start, moment);
            self.world.sides[side].crash();
            left.write(&folder);
        }
        self.world.sides[side].start(shown);
    }

    /// What stands if the node stopped at a moment between these two, and which kind of moment it was.
    fn cut(&self, before: &Disk, after: &Disk) -> (Disk, Moment) {
        let goes_on = before.log.is_empty() || before.log.get(..HEAD) == after.log.get(..HEAD);
        let first = if goes_on { before.frames().len() } else { 0 };
        let frames = &after.frames()[first..];
        // Where the log began anew, what stood in it before stands in the database.
        let under = if goes_on { before } else { after };
        let commits: Vec<usize> = (0..frames.len()).filter(|at| frames[*at]).collect();
        if commits.is_empty() {
            let all = !goes_on && self.happens(500);
            let moment = if all { Moment::After } else { Moment::Before };
            return (if all { after } else { before }.clone(), moment);
        }
        // Before it writes anything it can stop in several steps.
        let choice = usize::from(self.roll(2 + 2 * commits.len() as u16));
        let Some(which) = choice.checked_sub(2) else {
            return (before.clone(), Moment::Before);
        };
        let commit = commits[which / 2];
        let (end, moment) = if which % 2 == 1 {
            (after.ends(first + commit + 1), Moment::After)
        } else {
            let begun = which
                .checked_sub(2)
                .map_or(0, |earlier| commits[earlier / 2] + 1);
            let (from, to) = (after.ends(first + begun), after.ends(first + commit + 1));
            let part = usize::from(self.roll(1000)) * (to - from) / 1000;
            (from + part, Moment::Within)
        };
        let left = Disk {
            database: under.database.clone(),
            log: after.log[..end].to_vec(),
        };
        (left, moment)
    }
}

impl Disk {
    fn of(folder: &Folder) -> Self {
        let [database, log, _] = paths(folder);
        Self {
            database: fs::read(database).unwrap(),
            log: fs::read(log).unwrap_or_default(),
        }
    }

    fn write(&self, folder: &Folder) {
        let [database, log, index] = paths(folder);
        let _ = fs::remove_file(index);
        fs::write(database, &self.database).unwrap();
        fs::write(log, &self.log).unwrap();
    }

    /// The frames of the log that count, each with whether it ends a transaction.
    fn frames(&self) -> Vec<bool> {
        let Some(salts) = self.log.get(16..24) else {
            return Vec::new();
        };
        let frames = self.log[HEAD..].chunks_exact(FRAME_HEAD + self.page());
        // What an earlier round of the log left behind has other salts.
        let ours = frames.take_while(|frame| frame[8..16] == *salts);
        ours.map(|frame| frame[4..8] != [0; 4]).collect()
    }

    /// Where the log ends after so many frames.
    fn ends(&self, frames: usize) -> usize {
        HEAD + frames * (FRAME_HEAD + self.page())
    }

    /// The size of a page, bytes.
    fn page(&self) -> usize {
        let size = self.log[8..12].try_into().unwrap();
        u32::from_be_bytes(size) as usize
    }
}

/// The database, its write-ahead log, and the index of that, which is made anew at every start.
fn paths(folder: &Folder) -> [PathBuf; 3] {
    let database = folder.database();
    let beside = |ending: &str| PathBuf::from(format!("{}{ending}", database.display()));
    [database.clone(), beside("-wal"), beside("-shm")]
}
