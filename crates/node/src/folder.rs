//! The data folder of one node: where each thing of it lies.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use entente_cooperation::memorandum::read::files_of;

/// The data folder of one node. Everything that a node keeps lies in it and nowhere else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder(PathBuf);

impl Folder {
    /// The folder at `path`; nothing is read or made.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Whether a node was set up here.
    pub fn is_set_up(&self) -> bool {
        self.config().is_file()
    }

    /// `entente.toml`: the one commented file of settings.
    pub fn config(&self) -> PathBuf {
        self.0.join("entente.toml")
    }

    /// `roster.toml`: the officers who act through this node.
    pub fn roster(&self) -> PathBuf {
        self.0.join("roster.toml")
    }

    /// `keys/`: the private keys, readable by the owner only.
    pub fn keys(&self) -> PathBuf {
        self.0.join("keys")
    }

    /// `token`: the bearer token of the API, readable by the owner only.
    pub fn token(&self) -> PathBuf {
        self.0.join("token")
    }

    /// `entente.sqlite`: everything that was said and received.
    pub fn database(&self) -> PathBuf {
        self.0.join("entente.sqlite")
    }

    /// `memorandum/`: our copy of the memorandum, with its signatures.
    pub fn memorandum(&self) -> PathBuf {
        self.0.join("memorandum")
    }

    /// `versions/`: later versions of the memorandum, a folder each, named by its version.
    pub fn versions(&self) -> PathBuf {
        self.0.join("versions")
    }

    /// The memorandum of a version: that of the folder itself, or one of [`Folder::versions`].
    pub fn version(&self, version: Option<&str>) -> PathBuf {
        version.map_or_else(
            || self.memorandum(),
            |version| self.versions().join(version),
        )
    }

    /// `introduction.note`: our introduction, to be carried to the partner.
    pub fn introduction(&self) -> PathBuf {
        self.0.join("introduction.note")
    }

    /// `partners/`: the introductions that we accepted, one file each.
    pub fn partners(&self) -> PathBuf {
        self.0.join("partners")
    }

    /// `partners/PARTY.note`.
    pub fn partner(&self, party: &str) -> PathBuf {
        self.partners().join(format!("{party}.note"))
    }

    /// `notices/`: the signed notices of keys, ours and those that people carried, one file `PARTY-NUMBER.note` each.
    pub fn notices(&self) -> PathBuf {
        self.0.join("notices")
    }

    /// `api.sock`: the socket of the API, unless the settings name an address.
    pub fn socket(&self) -> PathBuf {
        self.0.join("api.sock")
    }

    /// `api.address`: where the running node answers; absent when none runs.
    pub fn api_address(&self) -> PathBuf {
        self.0.join("api.address")
    }

    /// `running.lock`: held by the one node that may write here.
    pub fn lock(&self) -> PathBuf {
        self.0.join("running.lock")
    }

    /// `drafts/`: drafts that were begun and not sent.
    pub fn drafts(&self) -> PathBuf {
        self.0.join("drafts")
    }
}

/// Writes a file that only its owner may read, whole or not at all. An existing file is never overwritten.
///
/// Fails if the file exists or cannot be written.
pub fn write_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let beside = beside(path);
    // What a crash left beside is of no use to anybody.
    match fs::remove_file(&beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&beside)?;
    file.write_all(content)?;
    file.sync_all()?;
    // A link fails if the name is taken, where a rename would overwrite. A crash after it leaves a second name that goes with
    // the next write.
    let linked = fs::hard_link(&beside, path);
    fs::remove_file(&beside)?;
    linked?;
    sync_folder_of(path)
}

/// The name under which a file is written before it has its own.
fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    PathBuf::from(name)
}

/// A name is on the disk once its folder is.
fn sync_folder_of(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) if folder != Path::new("") => fs::File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}

/// Makes a folder that only its owner may enter.
pub fn create_private(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o700))
}

/// Writes a file so that a reader sees the old content or the new, never half of it.
pub fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let beside = beside(path);
    let mut file = fs::File::create(&beside)?;
    file.write_all(content)?;
    file.sync_all()?;
    // A crash before the rename leaves the old file and a `.new` that the next write replaces.
    fs::rename(&beside, path)?;
    sync_folder_of(path)
}

/// Copies the files of a memorandum that count, from one folder to another.
pub fn copy_memorandum(from: &Path, to: &Path) -> io::Result<()> {
    for (name, content) in files_of(from)? {
        let path = to.join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(path, content)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_private_file_is_readable_by_its_owner_only_and_never_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("token");
        write_private(&path, b"secret").unwrap();
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        assert!(write_private(&path, b"other").is_err());
        assert_eq!(fs::read(&path).unwrap(), b"secret");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_a_crash_left_half_written_does_not_stop_the_next_writing() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("wrap-1.key");
        fs::write(beside(&path), b"hal").unwrap();
        write_private(&path, b"whole").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"whole");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_replaced_file_leaves_nothing_beside_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("address");
        replace(&path, b"one").unwrap();
        replace(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}
