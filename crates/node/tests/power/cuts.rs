//! The power fails at every write of a release, a filing and a settlement, on one side or on both.

use std::{
    collections::{BTreeSet, hash_map::DefaultHasher},
    hash::{Hash, Hasher},
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use entente_ledger::hex::unhex;

use crate::{
    disk::{Disk, Left, Loss},
    judge::{Judge, Promised},
    trace::{self, Change, What},
    world::{PARTIES, World},
};

/// What two real processes did while two acts crossed, one each way, from the first start on.
struct Story {
    world: World,
    begun: [Disk; 2],
    changes: Vec<(usize, Change)>,
    promised: Vec<Promised>,
}

fn story() -> Story {
    let mut world = World::set_up(true);
    let begun = [0, 1].map(|side| Disk::of(&world.folder(side)));
    for side in 0..2 {
        world.start(side, true);
    }
    world.opens();
    let mut promised = Vec::new();
    for (side, case) in [(0, "BE-2026-000417"), (1, "MA-2026-000031")] {
        let (status, answer) = world.send(side, case, "PT0S").unwrap();
        assert_eq!(status, 201, "{answer}");
        let by = world.moments.now();
        let message = unhex(answer["message"].as_str().unwrap()).unwrap();
        promised.push(Promised { side, message, by });
        world.until("the receipt", || {
            let settled = world.list(side, "outbox");
            settled
                .iter()
                .all(|act| act["receipt"]["outcome"] == "filed")
        });
    }
    // The cosignatures follow when it is quiet.
    let mut last = 0;
    world.until("quiet", || {
        let before = std::mem::replace(&mut last, world.moments.now());
        thread::sleep(Duration::from_millis(2500));
        before == last
    });
    world.kill(0);
    world.kill(1);
    let traces = world.layers.iter().map(|layer| trace::read(&layer.trace()));
    let mut changes: Vec<(usize, Change)> = traces
        .enumerate()
        .flat_map(|(side, changes)| changes.into_iter().map(move |change| (side, change)))
        .collect();
    changes.sort_by_key(|(_, change)| change.moment);
    Story {
        world,
        begun,
        changes,
        promised,
    }
}

/// What is lost at a moment, on each side.
const LOSSES: [[Loss; 2]; 3] = [
    [Loss::Unsynced, Loss::Nothing],
    [Loss::Nothing, Loss::Unsynced],
    [Loss::Unsynced, Loss::Unsynced],
];

/// Both folders as a cut left them.
#[derive(Hash)]
struct Cut([Left; 2]);

impl Cut {
    fn of(disks: &[Disk; 2], losses: [Loss; 2]) -> Self {
        Self([0, 1].map(|side| disks[side].left(losses[side])))
    }

    /// Two cuts that left the same need one look.
    fn digest(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.hash(&mut hasher);
        hasher.finish()
    }

    /// What does not hold after it; then the folders are kept as the cut left them, and it is said where.
    fn judged(&self, judge: &Judge, promised: &[Promised]) -> Result<(), String> {
        let memory = Path::new("/dev/shm");
        let dir = tempfile::tempdir_in(memory)
            .or_else(|_| tempfile::tempdir())
            .unwrap();
        let [first, second] = self.written(dir.path());
        judge.look([&first, &second], promised).map_err(|fault| {
            let kept = tempfile::tempdir().unwrap().keep();
            self.written(&kept);
            format!("{fault}; see {}", kept.display())
        })
    }

    fn written(&self, into: &Path) -> [PathBuf; 2] {
        [0, 1].map(|side| {
            let folder = into.join(PARTIES[side]);
            self.0[side].write(&folder);
            folder
        })
    }
}

#[test]
fn the_power_fails_at_every_write_and_nothing_promised_is_lost() {
    let story = story();
    let judge = Judge::of(&story.world.folder(0));
    let mut disks = story.begun.clone();
    let (mut seen, mut looked) = (BTreeSet::new(), 0);
    for (side, change) in &story.changes {
        disks[*side].apply(&change.what);
        let torn = Loss::Torn(change.moment);
        for losses in LOSSES.into_iter().chain([[torn, torn]]) {
            let cut = Cut::of(&disks, losses);
            let promised: Vec<Promised> = story
                .promised
                .iter()
                .filter(|act| act.by <= change.moment)
                .copied()
                .collect();
            if !seen.insert((cut.digest(), promised.len())) {
                continue;
            }
            looked += 1;
            if let Err(fault) = cut.judged(&judge, &promised) {
                panic!(
                    "after {losses:?} at moment {} of {}, {:?}: {fault}",
                    change.moment,
                    story.changes.len(),
                    brief(&change.what)
                );
            }
        }
    }
    println!("{} changes, {looked} cuts looked at", story.changes.len());
    assert!(looked > 200, "only {looked} cuts were looked at");
}

#[test]
fn a_disk_that_only_says_that_it_synced_is_found_out() {
    let story = story();
    let judge = Judge::of(&story.world.folder(0));
    for liar in 0..2 {
        let mut disks = story.begun.clone();
        disks[liar].lies = true;
        for (side, change) in &story.changes {
            disks[*side].apply(&change.what);
        }
        let mut losses = [Loss::Nothing; 2];
        losses[liar] = Loss::Unsynced;
        let dir = tempfile::tempdir().unwrap();
        let [first, second] = Cut::of(&disks, losses).written(dir.path());
        let found = judge.look([&first, &second], &story.promised);
        assert!(found.is_err(), "the lies of side {liar} were believed");
    }
}

/// A change without its bytes.
fn brief(what: &What) -> String {
    match what {
        What::Written { inode, at, bytes } => format!("{} bytes at {at} of {inode}", bytes.len()),
        other => format!("{other:?}"),
    }
}
