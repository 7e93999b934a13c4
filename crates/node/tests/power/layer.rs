//! The fault layer, compiled once and put under a process; and the switches by which the test takes room, writing or time away.

use std::{
    fs::{self, File},
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

/// The compiled layer.
fn library() -> &'static Path {
    static LIBRARY: OnceLock<PathBuf> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/power/layer.c");
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let library = folder.join("layer.so");
        // Another run may be using the last one: it is made beside, then takes the name.
        let made = folder.join(format!("layer-{}.so", std::process::id()));
        let mut compiler = Command::new("cc");
        compiler.args([
            "-shared", "-fPIC", "-O2", "-Wall", "-Wextra", "-Werror", "-o",
        ]);
        compiler.arg(&made).arg(source).args(["-ldl", "-pthread"]);
        assert!(compiler.status().expect("`cc` is installed").success());
        fs::rename(&made, &library).unwrap();
        library
    })
}

/// What the layer counts for all processes of a test: each change of a folder has its moment.
pub(crate) struct Moments(File, PathBuf);

impl Moments {
    /// A count in this folder, at 0.
    pub(crate) fn in_folder(folder: &Path) -> Self {
        let path = folder.join("moments");
        Self(numbers(&path, 1), path)
    }

    /// How many changes were made so far.
    pub(crate) fn now(&self) -> u64 {
        let mut bytes = [0; 8];
        self.0.read_exact_at(&mut bytes, 0).unwrap();
        u64::from_le_bytes(bytes)
    }
}

/// The layer under one process.
pub(crate) struct Layer {
    folder: PathBuf,
    beside: PathBuf,
    switches: File,
}

impl Layer {
    /// A layer over `folder`, whose files lie beside it.
    pub(crate) fn over(folder: &Path) -> Self {
        let beside = folder.with_extension("layer");
        fs::create_dir_all(&beside).unwrap();
        Self {
            folder: folder.to_owned(),
            switches: numbers(&beside.join("switches"), 4),
            beside,
        }
    }

    /// Puts the layer under a command. With `moments` every change is written down, and no disk is troubled by a sync.
    pub(crate) fn under(&self, command: &mut Command, moments: Option<&Moments>) {
        command
            .env("LD_PRELOAD", library())
            .env("LAYER_FOLDER", &self.folder)
            .env("LAYER_SWITCHES", self.beside.join("switches"));
        if let Some(moments) = moments {
            command
                .env("LAYER_TRACE", self.trace())
                .env("LAYER_MOMENTS", &moments.1);
        }
    }

    /// The record of all changes since the process began.
    pub(crate) fn trace(&self) -> PathBuf {
        self.beside.join("trace")
    }

    /// By how many bytes files may still grow; none for as much as there is.
    pub(crate) fn room(&self, bytes: Option<u64>) {
        self.switch(
            0,
            bytes.map_or(0, |bytes| i64::try_from(bytes).unwrap() + 1),
        );
    }

    /// Whether the disk takes no change.
    pub(crate) fn read_only(&self, on: bool) {
        self.switch(1, on.into());
    }

    /// How far the clock of the system is shown ahead, seconds.
    pub(crate) fn ahead(&self, seconds: i64) {
        self.switch(2, seconds * 1_000_000_000);
    }

    /// Whether every sync fails.
    pub(crate) fn no_sync(&self, on: bool) {
        self.switch(3, on.into());
    }

    fn switch(&self, at: u64, value: i64) {
        self.switches
            .write_all_at(&value.to_le_bytes(), at * 8)
            .unwrap();
    }
}

/// A file of so many numbers, all 0.
fn numbers(path: &Path, count: usize) -> File {
    fs::write(path, vec![0; count * 8]).unwrap();
    File::options().read(true).write(true).open(path).unwrap()
}
