//! A disk as POSIX promises it and no better: what was not synced may be gone after a power cut, in part or as a whole, names too.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
};

use crate::trace::What;

/// The unit that a disk writes as a whole.
const SECTOR: usize = 512;

/// What a power cut takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Loss {
    /// Nothing: the process alone was killed, the machine runs on.
    Nothing,
    /// All that was not synced.
    Unsynced,
    /// Of what was not synced, sectors and names as this seed draws them.
    Torn(u64),
}

/// A folder on a disk.
#[derive(Clone, Debug, Default)]
pub(crate) struct Disk {
    files: Vec<Content>,
    by_inode: BTreeMap<u64, usize>,
    /// Names as programs see them.
    names: BTreeMap<String, usize>,
    /// Names that a power cut leaves.
    kept: BTreeMap<String, usize>,
    unsynced: Vec<Naming>,
    folders: BTreeSet<String>,
    /// Whether the disk says that it synced and has not: for the test of the tests.
    pub(crate) lies: bool,
}

/// The files of a folder after a cut.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Left {
    files: BTreeMap<String, Vec<u8>>,
    folders: BTreeSet<String>,
}

#[derive(Clone, Debug, Default)]
struct Content {
    kept: Vec<u8>,
    unsynced: Vec<Write>,
}

#[derive(Clone, Debug)]
enum Write {
    Bytes(usize, Vec<u8>),
    Length(usize),
}

#[derive(Clone, Debug)]
enum Naming {
    Named(String, usize),
    Gone(String),
}

impl Disk {
    /// A folder as it lies there, all of it synced.
    pub(crate) fn of(folder: &Path) -> Self {
        let mut disk = Self::default();
        disk.read(folder, "");
        disk.kept = disk.names.clone();
        disk
    }

    fn read(&mut self, folder: &Path, below: &str) {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let name = format!("{below}{}", entry.file_name().to_str().unwrap());
            let kind = entry.file_type().unwrap();
            if kind.is_dir() {
                self.folders.insert(name.clone());
                self.read(&entry.path(), &format!("{name}/"));
            } else if kind.is_file() && !name.ends_with("-shm") {
                let kept = fs::read(entry.path()).unwrap();
                self.names.insert(name, self.files.len());
                self.files.push(Content {
                    kept,
                    unsynced: Vec::new(),
                });
            }
        }
    }

    /// One more change.
    pub(crate) fn apply(&mut self, what: &What) {
        match what {
            What::Opened { inode, made, path } => {
                if *made {
                    self.files.push(Content::default());
                    self.name(path, self.files.len() - 1);
                }
                self.by_inode.insert(*inode, self.names[path]);
            }
            What::Written { inode, at, bytes } => {
                let write = Write::Bytes(usize::try_from(*at).unwrap(), bytes.clone());
                self.file(*inode).unsynced.push(write);
            }
            What::CutTo { inode, length } => {
                let length = usize::try_from(*length).unwrap();
                self.file(*inode).unsynced.push(Write::Length(length));
            }
            What::Synced { inode } if !self.lies => self.file(*inode).sync(),
            What::FolderSynced { path } if !self.lies => self.sync_names(path),
            What::Synced { .. } | What::FolderSynced { .. } => {}
            What::Renamed { from, to } => {
                let file = self.names[from];
                self.unname(from);
                self.name(to, file);
            }
            What::Linked { from, to } => self.name(to, self.names[from]),
            What::Unlinked { path } => self.unname(path),
            What::FolderMade { path } => drop(self.folders.insert(path.clone())),
        }
    }

    fn file(&mut self, inode: u64) -> &mut Content {
        &mut self.files[self.by_inode[&inode]]
    }

    fn name(&mut self, path: &str, file: usize) {
        self.names.insert(path.to_owned(), file);
        self.unsynced.push(Naming::Named(path.to_owned(), file));
    }

    fn unname(&mut self, path: &str) {
        self.names.remove(path);
        self.unsynced.push(Naming::Gone(path.to_owned()));
    }

    fn sync_names(&mut self, folder: &str) {
        let unsynced = std::mem::take(&mut self.unsynced);
        for naming in unsynced {
            if naming.folder() == folder {
                naming.apply(&mut self.kept);
            } else {
                self.unsynced.push(naming);
            }
        }
    }

    /// What a loss leaves.
    pub(crate) fn left(&self, loss: Loss) -> Left {
        let mut chance = Chance::of(loss);
        let mut names = self.kept.clone();
        let namings = match loss {
            Loss::Nothing => self.unsynced.len(),
            Loss::Unsynced => 0,
            // The journal of a file system keeps names in order.
            Loss::Torn(_) => chance.below(self.unsynced.len() + 1),
        };
        for naming in &self.unsynced[..namings] {
            naming.apply(&mut names);
        }
        let files = names
            .into_iter()
            .map(|(name, file)| (name, self.files[file].left(loss, &mut chance)));
        Left {
            files: files.collect(),
            folders: self.folders.clone(),
        }
    }
}

impl Left {
    /// Writes it into a new folder, which only its owner may enter.
    pub(crate) fn write(&self, folder: &Path) {
        let private = |path: &Path, mode| {
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap()
        };
        fs::create_dir(folder).unwrap();
        private(folder, 0o700);
        for below in &self.folders {
            fs::create_dir_all(folder.join(below)).unwrap();
            private(&folder.join(below), 0o700);
        }
        for (name, content) in &self.files {
            fs::write(folder.join(name), content).unwrap();
            private(&folder.join(name), 0o600);
        }
    }
}

impl Content {
    fn sync(&mut self) {
        for write in std::mem::take(&mut self.unsynced) {
            write.apply(&mut self.kept);
        }
    }

    fn left(&self, loss: Loss, chance: &mut Chance) -> Vec<u8> {
        let mut left = self.kept.clone();
        match loss {
            Loss::Unsynced => {}
            Loss::Nothing => self
                .unsynced
                .iter()
                .for_each(|write| write.apply(&mut left)),
            Loss::Torn(_) => {
                // Of each file nothing, some, half, most or all arrived.
                let quarters = chance.below(5);
                for write in &self.unsynced {
                    write.torn(&mut left, || chance.below(4) < quarters);
                }
            }
        }
        left
    }
}

impl Write {
    fn apply(&self, content: &mut Vec<u8>) {
        match self {
            Write::Length(length) => content.resize(*length, 0),
            Write::Bytes(at, bytes) => {
                content.resize(content.len().max(at + bytes.len()), 0);
                content[*at..][..bytes.len()].copy_from_slice(bytes);
            }
        }
    }

    /// Applies those sectors of it that arrived.
    fn torn(&self, content: &mut Vec<u8>, mut arrived: impl FnMut() -> bool) {
        let Write::Bytes(at, bytes) = self else {
            if arrived() {
                self.apply(content);
            }
            return;
        };
        let mut from = 0;
        while from < bytes.len() {
            let until = (from + SECTOR - (at + from) % SECTOR).min(bytes.len());
            if arrived() {
                Write::Bytes(at + from, bytes[from..until].to_vec()).apply(content);
            }
            from = until;
        }
    }
}

impl Naming {
    fn folder(&self) -> &str {
        let (Naming::Named(path, _) | Naming::Gone(path)) = self;
        path.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    fn apply(&self, names: &mut BTreeMap<String, usize>) {
        match self {
            Naming::Named(path, file) => drop(names.insert(path.clone(), *file)),
            Naming::Gone(path) => drop(names.remove(path)),
        }
    }
}

/// Numbers from a seed (SplitMix64).
#[derive(Clone, Debug)]
pub(crate) struct Chance(u64);

impl Chance {
    /// From a seed.
    pub(crate) const fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    fn of(loss: Loss) -> Self {
        Self(if let Loss::Torn(seed) = loss { seed } else { 0 })
    }

    /// A number from 0 up to, not including, `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        usize::try_from(mixed % u64::try_from(end).unwrap()).unwrap()
    }
}

#[cfg(test)]
mod tests {
    use std::{process::Command, time::SystemTime};

    use super::*;
    use crate::{
        layer::{Layer, Moments},
        trace,
    };

    /// A folder with one file, and a program in C that works in it under the layer.
    struct Bench {
        dir: tempfile::TempDir,
        layer: Layer,
    }

    impl Bench {
        fn new() -> Self {
            let dir = tempfile::tempdir().unwrap();
            let folder = dir.path().join("folder");
            fs::create_dir(&folder).unwrap();
            fs::write(folder.join("old"), b"before").unwrap();
            let layer = Layer::over(&folder);
            Self { dir, layer }
        }

        fn folder(&self) -> std::path::PathBuf {
            self.dir.path().join("folder")
        }

        /// Runs statements of C, for which `OLD`, `NEW` and `HERE` are paths; what they print.
        fn run(&self, statements: &str, moments: Option<&Moments>) -> String {
            let source = self.dir.path().join("program.c");
            let here = self.folder().display().to_string();
            let program = format!(
                "#define _GNU_SOURCE\n#define HERE \"{here}\"\n#define OLD HERE \"/old\"\n#define NEW HERE \"/new\"\n\
                 #include <errno.h>\n#include <fcntl.h>\n#include <stdio.h>\n#include <string.h>\n#include <time.h>\n\
                 #include <unistd.h>\nint main(void) {{ {statements} return 0; }}\n"
            );
            fs::write(&source, program).unwrap();
            let compiled = self.dir.path().join("program");
            let built = Command::new("cc")
                .arg("-o")
                .arg(&compiled)
                .arg(&source)
                .status();
            assert!(built.unwrap().success());
            let mut program = Command::new(compiled);
            self.layer.under(&mut program, moments);
            let left = program.output().unwrap();
            assert!(left.status.success());
            String::from_utf8(left.stdout).unwrap()
        }

        /// What the same leave after each loss.
        fn after(statements: &str, losses: &[Loss]) -> Vec<BTreeMap<String, Vec<u8>>> {
            let bench = Self::new();
            let moments = Moments::in_folder(bench.dir.path());
            let mut disk = Disk::of(&bench.folder());
            bench.run(statements, Some(&moments));
            let changes = trace::read(&bench.layer.trace());
            assert_eq!(moments.now(), changes.len() as u64);
            for change in changes {
                disk.apply(&change.what);
            }
            losses.iter().map(|loss| disk.left(*loss).files).collect()
        }
    }

    const WRITES: &str = r#"
        int old = open(OLD, O_RDWR), new;
        write(old, "synced", 6); fsync(old); pwrite(old, "and then some", 13, 6);
        new = open(NEW, O_RDWR | O_CREAT, 0600);
        write(new, "writ", 4); write(new, "ten", 3); fsync(new);
    "#;

    #[test]
    fn what_was_not_synced_is_lost_and_what_was_synced_is_not() {
        let left = Bench::after(WRITES, &[Loss::Unsynced, Loss::Nothing]);
        assert_eq!(left[0]["old"], b"synced");
        assert!(!left[0].contains_key("new"), "its name was not synced");
        assert_eq!(left[1]["old"], b"syncedand then some");
        assert_eq!(left[1]["new"], b"written");
    }

    #[test]
    fn a_name_is_kept_once_its_folder_is_synced() {
        let more = r#"fsync(open(HERE, O_RDONLY)); rename(NEW, OLD);"#;
        let left = Bench::after(&format!("{WRITES}{more}"), &[Loss::Unsynced, Loss::Nothing]);
        assert_eq!(left[0]["new"], b"written");
        assert_eq!(left[0]["old"], b"synced");
        assert_eq!(left[1].len(), 1);
        assert_eq!(left[1]["old"], b"written");
    }

    #[test]
    fn a_torn_write_leaves_whole_sectors_of_old_and_new() {
        let writes = r#"
            char page[4096]; int old = open(OLD, O_RDWR);
            memset(page, 'a', sizeof page); write(old, page, sizeof page); fsync(old);
            memset(page, 'b', sizeof page); pwrite(old, page, sizeof page, 0);
        "#;
        let seeds: Vec<Loss> = (0..40).map(Loss::Torn).collect();
        let left = Bench::after(writes, &seeds);
        let torn = left.iter().filter(|files| {
            let content = &files["old"];
            assert_eq!(content.len(), 4096);
            for sector in content.chunks(SECTOR) {
                assert!(sector.iter().all(|byte| *byte == sector[0]));
            }
            content.contains(&b'a') && content.contains(&b'b')
        });
        assert!(torn.count() > 5);
    }

    #[test]
    fn a_full_disk_a_read_only_disk_and_one_that_cannot_sync_refuse_what_they_must() {
        let bench = Bench::new();
        let write = r#"
            int new = open(NEW, O_RDWR | O_CREAT, 0600);
            if (new < 0) printf("%d\n", errno); else printf("%zd ", write(new, "12345678", 8));
            if (new >= 0) { if (write(new, "9", 1) < 0) printf("%d ", errno); if (fsync(new)) printf("%d", errno); }
        "#;
        bench.layer.room(Some(4));
        assert_eq!(bench.run(write, None), "4 28 ", "28 is ENOSPC");
        bench.layer.room(None);
        bench.layer.read_only(true);
        assert_eq!(bench.run(write, None), "30\n", "30 is EROFS");
        bench.layer.read_only(false);
        bench.layer.no_sync(true);
        assert_eq!(bench.run(write, None), "8 5", "5 is EIO");
    }

    #[test]
    fn the_clock_is_shown_as_far_ahead_as_the_test_says() {
        let bench = Bench::new();
        bench.layer.ahead(-3600);
        let ask = r#"struct timespec now; clock_gettime(CLOCK_REALTIME, &now); printf("%ld", (long)now.tv_sec);"#;
        let shown: u64 = bench.run(ask, None).parse().unwrap();
        let now = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap();
        assert!((3500..3700).contains(&(now.as_secs() - shown)));
    }
}
