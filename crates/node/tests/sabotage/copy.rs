//! A copy of the sources that a sabotage may change, under another version and without the program: nothing that is built of it
//! can be taken for what is built of the sources.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// What of the workspace the storm needs.
const NEEDED: [&str; 7] = [
    "Cargo.toml",
    "Cargo.lock",
    "rust-toolchain.toml",
    "crates",
    "memorandum",
    "demo",
    "docs",
];

/// The copy.
pub(crate) struct Copy {
    of: PathBuf,
    folder: PathBuf,
}

impl Copy {
    /// A copy of the workspace at `root`. What did not change since the last copy keeps its time, so that it is not built again.
    pub(crate) fn of(root: &Path) -> Self {
        let copy = Self {
            of: root.to_owned(),
            folder: Path::new(env!("CARGO_TARGET_TMPDIR")).join("sabotaged"),
        };
        for name in NEEDED {
            copy.bring(Path::new(name));
        }
        copy.told_apart();
        copy
    }

    /// Where it lies.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where it is built: among what is built here, of which it uses all that is not ours.
    pub(crate) fn built_in(&self) -> &Path {
        Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap()
    }

    /// Puts changed files in their places; gives what stood there.
    pub(crate) fn put(&self, changed: &BTreeMap<String, String>) -> BTreeMap<String, String> {
        let exchange = |(file, text): (&String, &String)| {
            let path = self.folder.join(file);
            let before = fs::read_to_string(&path).unwrap();
            fs::write(path, text).unwrap();
            (file.clone(), before)
        };
        changed.iter().map(exchange).collect()
    }

    fn bring(&self, path: &Path) {
        let (from, to) = (self.of.join(path), self.folder.join(path));
        if from.is_dir() {
            fs::create_dir_all(&to).unwrap();
            for entry in fs::read_dir(&from).unwrap() {
                self.bring(&path.join(entry.unwrap().file_name()));
            }
            return;
        }
        let text = fs::read(from).unwrap();
        if fs::read(&to).ok().as_ref() != Some(&text) {
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::write(to, text).unwrap();
        }
    }

    /// Cargo knows what it built by name and version, and by the place within the workspace, not by the place of the workspace.
    /// The program would lie under its name where all is built.
    fn told_apart(&self) {
        let node = self.folder.join("crates/node");
        let _ = fs::remove_file(node.join("src/main.rs"));
        let program = "[[bin]]\nname = \"entente\"\npath = \"src/main.rs\"\n";
        self.replace("crates/node/Cargo.toml", program, "");
        self.replace(
            "Cargo.toml",
            "\nversion = \"0.1.0\"\n",
            "\nversion = \"0.0.0-sabotaged\"\n",
        );
    }

    /// Replaces a passage that stands once.
    fn replace(&self, file: &str, old: &str, new: &str) {
        let path = self.folder.join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text.matches(old).count(), 1, "{file} has moved: {old}");
        fs::write(path, text.replacen(old, new, 1)).unwrap();
    }
}
