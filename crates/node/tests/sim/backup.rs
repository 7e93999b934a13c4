//! A disk is lost and last week's backup comes back: the same ledger goes on, and what was erased stays erased.

use std::{
    fs,
    io::Read,
    path::{Path, PathBuf},
};

use entente_node::{
    backup::{self, BackupFault, Made, Restored, Wanted},
    fault::SendFault,
};
use entente_seal::{ArchiveKey, ArchiveLock, Identity, unlock_archive};
use entente_store::{Body, Bytes32};
use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;

use crate::{
    acts::{self, Ends},
    world::{World, shipped},
};

fn identity() -> Identity {
    Identity::from_seed(&[9; 32])
}

fn key() -> ArchiveKey {
    ArchiveKey::Identity(Box::new(identity()))
}

fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * days)
}

fn make(world: &World, side: usize, into: &TempDir) -> Made {
    let now = world.node(side).clock.now();
    let wanted = Wanted {
        out: &into.path().join("monday.age"),
        lock: &ArchiveLock::Recipient(identity().recipient()),
        keys: true,
        now,
        destroy_after: now + days(30),
    };
    backup::make(&world.sides[side].folder(), &wanted).unwrap()
}

fn restore(made: &Made, wraps: bool, now: Timestamp) -> Result<(TempDir, Restored), BackupFault> {
    let dir = tempfile::tempdir().unwrap();
    let wraps = wraps.then_some(&*made.wraps);
    let restored = backup::restore(&made.backup, wraps, &key(), dir.path(), now)?;
    Ok((dir, restored))
}

fn send(world: &World, from: usize, draft: &str) {
    let link = world.sides[from].link();
    let draft = world.draft(draft);
    let sent = world.node(from).release(&link, "officer_1", draft, None);
    sent.unwrap_or_else(|fault| panic!("{fault:#?}"));
    world.hand_over(from);
}

/// Everything that stands in these files and, opened with the identity, in these archives.
fn holds(paths: &[PathBuf], bytes: &[u8]) -> bool {
    let contains = |content: &[u8]| content.windows(bytes.len()).any(|piece| piece == bytes);
    paths.iter().any(|path| {
        let content = fs::read(path).unwrap();
        let mut opened = Vec::new();
        if let Ok(mut reader) = unlock_archive(&key(), &content[..]) {
            reader.read_to_end(&mut opened).unwrap();
        }
        contains(&content) || contains(&opened)
    })
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let (folders, mut all): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
    folders.iter().for_each(|folder| all.extend(files(folder)));
    all
}

/// The act that the second side received, as it keeps it.
fn received(world: &World) -> (Bytes32, Body) {
    let (node, link) = (world.node(1), world.sides[1].link());
    let line = node.store.inbox(link.id, None, 1).unwrap().remove(0);
    let kept = node.store.body(&line.message).unwrap().unwrap();
    (line.message, kept)
}

#[test]
fn a_restored_node_signs_nothing_before_its_partner_gave_back_its_ledger() {
    let mut world = World::new(&shipped(), 91);
    send(&world, 0, &acts::request(Ends::of(0), "BE-2026-000001"));
    let place = tempfile::tempdir().unwrap();
    // A key that followed the first of its kind.
    let later = "keys/seal-0123456789abcdef.key";
    fs::write(world.sides[0].folder().path().join(later), b"later").unwrap();
    let made = make(&world, 0, &place);
    assert_eq!(made.contents, 1);
    fs::remove_file(world.sides[0].folder().path().join(later)).unwrap();
    // What passes while a backup is made is gone afterwards.
    assert_eq!(files(place.path()).len(), 2);
    assert!(
        !files(world.sides[0].folder().path())
            .iter()
            .any(|path| path.ends_with("backup.sqlite.new"))
    );

    send(&world, 0, &acts::request(Ends::of(0), "BE-2026-000002"));
    let size = world
        .node(0)
        .store
        .own_size(world.sides[0].link().id)
        .unwrap();
    let now = world.node(0).clock.now();
    let (dir, restored) = restore(&made, true, now).unwrap();
    assert_eq!((restored.contents, restored.closed), (1, 0));
    assert!(restored.missing == ["token"], "{:?}", restored.missing);
    // Later keys come back; the identity key is in no backup.
    assert_eq!(fs::read(dir.path().join(later)).unwrap(), b"later");
    fs::remove_file(dir.path().join(later)).unwrap();
    assert!(!dir.path().join("keys/identity.key").exists());
    world.sides[0].move_to(dir, now);

    let link = world.sides[0].link();
    let draft = world.draft(&acts::request(Ends::of(0), "BE-2026-000003"));
    let early = world.node(0).release(&link, "officer_1", draft, None);
    assert!(matches!(early, Err(SendFault::Starting)), "{early:?}");
    let parcel = world.dispatch(0).parcel;
    assert_eq!((parcel.head, parcel.acts.len()), (None, 0));

    world.ask(0);
    assert_eq!(world.node(0).store.own_size(link.id).unwrap(), size);
    send(&world, 0, &acts::request(Ends::of(0), "BE-2026-000003"));
    let theirs = world.sides[1].link();
    assert_eq!(
        world.node(0).store.own_entries(link.id, 0, 100).unwrap(),
        world
            .node(1)
            .store
            .mirror_entries(theirs.id, 0, 100)
            .unwrap()
    );
    assert!(world.node(1).store.forks(theirs.id).unwrap().is_empty());
}

#[test]
fn of_what_was_erased_no_backup_without_its_wraps_yields_a_byte() {
    let mut world = World::new(&shipped(), 92);
    send(&world, 0, &acts::spontaneous(Ends::of(0), "BE-2026-000417"));
    let place = tempfile::tempdir().unwrap();
    let made = make(&world, 1, &place);
    let (message, kept) = received(&world);

    // Nobody decides: the quarantine runs out (25.2), long after the file with the keys had to be destroyed.
    let later = world.node(1).clock.now() + days(190);
    world.node(1).drive(later).unwrap().unwrap();
    assert_eq!(world.node(1).store.body(&message).unwrap(), None);
    assert!(matches!(
        restore(&made, true, later),
        Err(BackupFault::Outlived(..))
    ));
    fs::remove_file(&made.wraps).unwrap();

    // The node's own seal key would open the sealed bytes, so these stand in no backup either.
    let (dir, restored) = restore(&made, false, later).unwrap();
    assert_eq!((restored.contents, restored.closed), (0, 1));
    let all = [files(place.path()), files(dir.path())].concat();
    for piece in kept.sealed.chunks_exact(64).step_by(8) {
        assert!(!holds(&all, piece));
    }
    assert!(!holds(&all, &kept.wrapped) && !holds(&all, "Lamkaddem".as_bytes()));
    // The test sees through the archive: what is not content does stand in it.
    assert!(holds(&files(place.path()), b"SQLite format 3"));
    world.sides[1].crash();
}

#[test]
fn a_restored_node_erases_again_what_ran_out_since_before_it_serves() {
    let mut world = World::new(&shipped(), 94);
    send(&world, 0, &acts::spontaneous(Ends::of(0), "BE-2026-000417"));
    let place = tempfile::tempdir().unwrap();
    let made = make(&world, 1, &place);
    let (message, kept) = received(&world);
    let now = world.node(1).clock.now();
    world.node(1).drive(now + days(190)).unwrap().unwrap();

    let (dir, restored) = restore(&made, true, now).unwrap();
    assert_eq!(restored.contents, 1);
    assert!(holds(&files(dir.path()), &kept.wrapped));
    world.sides[1].move_to(dir, now + days(190));
    assert_eq!(world.node(1).store.body(&message).unwrap(), None);
    for piece in kept.sealed.chunks_exact(64).step_by(8) {
        assert!(!world.sides[1].holds(piece));
    }
    assert!(!world.sides[1].holds(&kept.wrapped));
}

#[test]
fn a_backup_is_restored_whole_into_an_empty_folder_or_not_at_all() {
    let world = World::new(&shipped(), 93);
    send(&world, 0, &acts::request(Ends::of(0), "BE-2026-000001"));
    let (place, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let now = world.node(0).clock.now();
    let made = make(&world, 0, &place);
    world.node(0).clock.drive(now + days(1)).unwrap();
    let later = make(&world, 0, &other);

    let full = tempfile::tempdir().unwrap();
    fs::write(full.path().join("x"), b"x").unwrap();
    let refused = backup::restore(&made.backup, None, &key(), full.path(), now);
    assert!(
        matches!(refused, Err(BackupFault::NotEmpty(_))),
        "{refused:?}"
    );

    let mixed = Made {
        wraps: later.wraps,
        ..made.clone()
    };
    assert!(restore(&mixed, true, now).is_err());
    let whole = fs::read(&made.backup).unwrap();
    let dir = tempfile::tempdir().unwrap();
    for cut in [100, whole.len() / 2, whole.len() - 1] {
        fs::write(&made.backup, &whole[..cut]).unwrap();
        let cut = backup::restore(&made.backup, Some(&*made.wraps), &key(), dir.path(), now);
        assert!(cut.is_err(), "{cut:?}");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }
    fs::write(&made.backup, &whole).unwrap();
    backup::restore(&made.backup, Some(&*made.wraps), &key(), dir.path(), now).unwrap();
    let again = Wanted {
        out: &made.backup,
        lock: &ArchiveLock::Recipient(identity().recipient()),
        keys: true,
        now,
        destroy_after: now,
    };
    let again = backup::make(&world.sides[0].folder(), &again);
    assert!(matches!(again, Err(BackupFault::Exists(_))), "{again:?}");
}
