//! Two nodes under load, one of which is killed again and again, by SIGKILL or by a power cut.
//!
//! `ENTENTE_KILLS=200` says how often, `ENTENTE_SEED=N` how the dice fall; when exactly a kill strikes, the machine decides.

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    path::Path,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde_json::Value;

use crate::{
    disk::{Chance, Disk, Loss},
    trace,
    world::{PARTIES, World, send},
};

/// How many kills, unless the environment says otherwise.
const KILLS: u64 = 10;

/// What the environment says, a number.
fn said(variable: &str) -> Option<u64> {
    let text = env::var(variable).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{variable} is no number: {text}")),
    )
}

/// The acts of which a client was told that they were released or are held: case and side.
type Promised = Mutex<BTreeSet<(usize, String)>>;

/// Sends act after act, each in a case of its own, until told to stop.
fn load(folder: &Path, side: usize, promised: &Promised, stop: &AtomicBool) {
    let mut number = 0;
    while !stop.load(Ordering::Relaxed) {
        number += 1;
        let case = format!("{}-2026-{number:06}", PARTIES[side].to_uppercase());
        match send(folder, side, &case, "PT0S") {
            Ok((201 | 202, _)) => drop(promised.lock().unwrap().insert((side, case))),
            Ok((status, answer)) => assert!(status >= 500 || status == 409, "{status} {answer}"),
            // Nobody answers: the act may have left or not, and nobody was told anything.
            Err(_) => {}
        }
        thread::sleep(Duration::from_millis(60));
    }
}

/// Kills a side, which then finds its folder as the loss left it, and starts it again.
fn kill(world: &mut World, side: usize, begun: &mut [Disk; 2], loss: Loss) {
    world.kill(side);
    if loss != Loss::Nothing {
        let disk = &mut begun[side];
        for change in trace::read(&world.layers[side].trace()) {
            disk.apply(&change.what);
        }
        let folder = world.folder(side);
        let left = disk.left(loss);
        fs::remove_dir_all(&folder).unwrap();
        left.write(&folder);
    }
    begun[side] = Disk::of(&world.folder(side));
    world.start(side, true);
}

#[test]
fn nodes_killed_under_load_keep_every_promise() {
    let kills = said("ENTENTE_KILLS").unwrap_or(KILLS);
    let seed = said("ENTENTE_SEED").unwrap_or_else(|| {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap()
            .as_secs()
    });
    println!("ENTENTE_SEED={seed}");
    let mut chance = Chance::seeded(seed);
    let mut world = World::set_up(false);
    let mut begun = [0, 1].map(|side| Disk::of(&world.folder(side)));
    for side in 0..2 {
        world.start(side, true);
    }
    world.opens();
    let (promised, stop) = (Promised::default(), AtomicBool::new(false));
    thread::scope(|scope| {
        for side in 0..2 {
            let (folder, promised, stop) = (world.folder(side), &promised, &stop);
            scope.spawn(move || load(&folder, side, promised, stop));
        }
        for number in 0..kills {
            thread::sleep(Duration::from_millis(100 + chance.below(800) as u64));
            let side = chance.below(2);
            let loss = match chance.below(4) {
                0 | 1 => Loss::Nothing,
                2 => Loss::Unsynced,
                _ => Loss::Torn(seed.wrapping_add(number)),
            };
            kill(&mut world, side, &mut begun, loss);
            // Now and then the next strikes while this one starts.
            if chance.below(4) > 0 {
                world.opens();
            }
        }
        stop.store(true, Ordering::Relaxed);
    });
    let promised = promised.into_inner().unwrap();
    println!("{kills} kills, {} promises", promised.len());
    assert!(
        promised.len() as u64 > kills,
        "hardly anything was promised: {}",
        promised.len()
    );
    stands(&world, &promised);
}

/// All that was promised stands once on both sides, and both ledgers agree.
fn stands(world: &World, promised: &BTreeSet<(usize, String)>) {
    world.opens();
    for side in 0..2 {
        world.until("every act has its receipt", || {
            world
                .list(side, "outbox")
                .iter()
                .all(|act| act["receipt"]["outcome"] == "filed")
        });
        let sent = once(&world.list(side, "outbox"), "message");
        let received = once(&world.list(1 - side, "inbox"), "message");
        assert!(
            sent.keys().eq(received.keys()),
            "{} sent, {} stand with the partner",
            sent.len(),
            received.len()
        );
        let cases = once(&world.list(side, "outbox"), "case");
        let ours = promised.iter().filter(|(of, _)| *of == side);
        for (_, case) in ours {
            assert!(cases.contains_key(case), "{case} was promised and is lost");
        }
        world.until("the ledgers agree", || agree(world, side));
        assert!(
            !world.said(side).contains("our data end at entry"),
            "{}",
            world.said(side)
        );
    }
}

/// The rows by one of their members, which no two share.
pub(crate) fn once(rows: &[Value], member: &str) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    for row in rows {
        let name = row[member].as_str().unwrap().to_owned();
        assert!(found.insert(name, row.clone()).is_none(), "twice: {row}");
    }
    found
}

/// Whether both ledgers of a side are sound, and as long as the partner's of the same name.
pub(crate) fn agree(world: &World, side: usize) -> bool {
    let checked = |side| world.ask(side, "GET", "/v1/ledgers", None).unwrap().1;
    let (ours, theirs) = (checked(side), checked(1 - side));
    assert!(ours["sound"] != false, "{ours}");
    let length = |checked: &Value, whose: &str| {
        let ledgers = checked["ledgers"].as_array();
        let found =
            ledgers.and_then(|all| all.iter().find(|ledger| ledger["whose"] == whose).cloned());
        found.map(|ledger| (ledger["ledger"].clone(), ledger["entries"].clone()))
    };
    let own = length(&ours, "own");
    ours["sound"] == true && own.is_some() && own == length(&theirs, "mirror")
}
