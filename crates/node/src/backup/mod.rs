//! A backup of one node: everything but content in one file, what opens the content in another that must not live long.
//!
//! `NAME.age` is a tar archive: settings, roster, memorandum, introductions, keys, the database without content, and
//! `content.age`: the sealed bodies and their wrapped file keys, sealed once more for an identity that stands nowhere in it.
//! `NAME.wraps.age` holds that identity and the keys of the periods. Once it is destroyed, nobody reads any content out of the
//! backup, not even with the node's own keys: so what was erased since is gone there as well (decision 0150).
//! The identity key of the Party is in neither.

mod restore;

use std::{
    fs::{self, File, TryLockError},
    io::{self, Write},
    path::{Path, PathBuf},
};

use entente_ledger::hex;
use entente_seal::{ArchiveLock, Identity, lock_archive};
use entente_store::{Body, Bytes32, StoreError};
use jiff::Timestamp;
use serde_json::json;
use thiserror::Error;

use crate::folder::Folder;

pub use restore::{Restored, restore};

/// The longest life of the file with the keys of the content, days: no content needs be readable out of a backup for longer.
pub const WRAPS_DAYS_MAX: u32 = 90;
/// Its life if nobody says otherwise, days.
pub const WRAPS_DAYS: u32 = 30;

const ABOUT: &str = "backup.json";
const DATABASE: &str = "entente.sqlite";
const CONTENT: &str = "content.age";
const CONTENT_KEY: &str = "content.key";
const KEYS: [&str; 4] = [
    "keys/log.key",
    "keys/seal.key",
    "keys/transport.key",
    "token",
];

/// What is backed up, and for whom.
pub struct Wanted<'a> {
    /// The file; `.wraps.age` stands in the name of the other.
    pub out: &'a Path,
    /// Who can open both.
    pub lock: &'a ArchiveLock,
    /// Whether the keys for log, seal and transport and the token are in it.
    pub keys: bool,
    /// When.
    pub now: Timestamp,
    /// When the file with the keys of the content must be destroyed at the latest.
    pub destroy_after: Timestamp,
}

/// A backup that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// The file with everything but the keys of the content.
    pub backup: PathBuf,
    /// The file with the keys of the content.
    pub wraps: PathBuf,
    /// Acts whose content is in it.
    pub contents: u64,
    /// Acts held for a later hour, which are not in it.
    pub held: u64,
}

/// Why a backup is not made or not restored. Our own operator acts.
#[derive(Debug, Error)]
pub enum BackupFault {
    /// A file cannot be read or written.
    #[error("`{0}` cannot be used")]
    File(PathBuf, #[source] io::Error),
    /// A file of that name exists: a backup is never overwritten.
    #[error("`{0}` exists already")]
    Exists(PathBuf),
    /// Another backup of this folder is being made.
    #[error("another backup of this folder is being made")]
    Running,
    /// The folder to restore into holds something.
    #[error("`{0}` is not empty")]
    NotEmpty(PathBuf),
    /// The key does not open the file, or the file is cut or altered.
    #[error("`{0}` does not open with this key, or is damaged")]
    Unreadable(PathBuf, #[source] io::Error),
    /// The archive holds what no backup of ours holds.
    #[error("`{0}` is no backup of a node: {1}")]
    NotOurs(PathBuf, String),
    /// The keys of the content have outlived their day.
    #[error("`{0}` had to be destroyed after {1}")]
    Outlived(PathBuf, Timestamp),
    /// The two files are of two backups.
    #[error("`{0}` belongs to another backup")]
    OtherBackup(PathBuf),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Backs up the node of a folder, whether it runs or not. Both files appear whole or not at all.
///
/// Fails if either file exists, or anything cannot be read or written; then neither is there.
pub fn make(folder: &Folder, wanted: &Wanted<'_>) -> Result<Made, BackupFault> {
    let (backup, wraps) = (wanted.out.to_owned(), wraps_beside(wanted.out));
    for path in [&backup, &wraps] {
        if path.exists() {
            return Err(BackupFault::Exists(path.clone()));
        }
    }
    let _alone = alone(&folder.path().join("backup.lock"))?;
    let beside = |path: &Path, what: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(what);
        Passing(PathBuf::from(name))
    };
    let copy = Passing(folder.path().join("backup.sqlite.new"));
    let (new, new_wraps) = (beside(&backup, ".new"), beside(&wraps, ".new"));
    let content = beside(&backup, ".content.new");
    for passing in [&copy, &new, &new_wraps, &content] {
        // What a crash left of an earlier try.
        passing.remove()?;
    }
    let identity = Identity::generate();
    let copied = copy_apart(folder, &copy.0, &content.0, &identity)?;
    let about = json!({ "v": 1, "made_at": wanted.now, "contents": copied.contents });
    let mut out = Packer::begin(&new.0, wanted.lock)?;
    out.bytes(ABOUT, about.to_string().as_bytes())?;
    for path in listed(folder, wanted.keys)? {
        let name = path.strip_prefix(folder.path()).unwrap_or(&path);
        out.file(&name.to_string_lossy(), &path)?;
    }
    out.file(DATABASE, &copy.0)?;
    out.file(CONTENT, &content.0)?;
    out.end()?;
    let mut out = Packer::begin(&new_wraps.0, wanted.lock)?;
    let about = json!({ "v": 1, "made_at": wanted.now, "destroy_after": wanted.destroy_after });
    out.bytes(ABOUT, about.to_string().as_bytes())?;
    out.bytes(CONTENT_KEY, identity.to_text().as_bytes())?;
    // After the copy: the key of a period lies in its file before anything lies under it.
    for path in wrap_keys(folder)? {
        let name = path.strip_prefix(folder.path()).unwrap_or(&path);
        out.file(&name.to_string_lossy(), &path)?;
    }
    out.end()?;
    // A crash between the two leaves keys of a content that nobody has. The backup itself comes last.
    new_wraps.becomes(&wraps)?;
    new.becomes(&backup)?;
    Ok(Made {
        backup,
        wraps,
        contents: copied.contents,
        held: copied.held,
    })
}

/// The name of the file with the keys of the content, beside that of a backup.
pub fn wraps_beside(backup: &Path) -> PathBuf {
    let stem = match backup.extension() {
        Some(end) if end == "age" => backup.with_extension(""),
        _ => backup.to_owned(),
    };
    let mut name = stem.into_os_string();
    name.push(".wraps.age");
    PathBuf::from(name)
}

/// The database without content at `to`; the content of the same moment, sealed for `identity`, at `content`.
fn copy_apart(
    folder: &Folder,
    to: &Path,
    content: &Path,
    identity: &Identity,
) -> Result<entente_store::Copied, BackupFault> {
    let database = folder.database();
    if !database.is_file() {
        let absent = io::Error::from(io::ErrorKind::NotFound);
        return Err(BackupFault::File(database, absent));
    }
    let lock = ArchiveLock::Recipient(identity.recipient());
    let mut out = Packer::begin(content, &lock)?;
    let copied = entente_store::copy(&database, to, |message: &Bytes32, body: &Body| {
        let name = hex::hex(message);
        out.bytes(&format!("{name}.wrap"), &body.wrapped)?;
        out.bytes(&format!("{name}.age"), &body.sealed)
    })?;
    out.end()?;
    Ok(copied)
}

/// The files of a folder that are backed up as they lie there. Drafts that were begun are not: they are content in plain text.
fn listed(folder: &Folder, keys: bool) -> Result<Vec<PathBuf>, BackupFault> {
    let mut files = vec![folder.config(), folder.roster(), folder.introduction()];
    if keys {
        files.push(folder.token());
        within(&folder.keys(), &mut files)?;
        files.retain(|path| path.parent() != Some(&*folder.keys()) || is_running_key(path));
    }
    files.retain(|path| path.is_file());
    let folders = [
        folder.memorandum(),
        folder.versions(),
        folder.partners(),
        folder.notices(),
    ];
    for dir in folders {
        within(&dir, &mut files)?;
    }
    Ok(files)
}

/// All files of a folder, however deep, in order.
fn within(dir: &Path, files: &mut Vec<PathBuf>) -> Result<(), BackupFault> {
    if !dir.is_dir() {
        return Ok(());
    }
    let fault = |error| BackupFault::File(dir.to_owned(), error);
    let entries: Result<Vec<_>, _> = fs::read_dir(dir).map_err(fault)?.collect();
    let mut paths: Vec<PathBuf> = entries
        .map_err(fault)?
        .iter()
        .map(fs::DirEntry::path)
        .collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            within(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

/// Whether a file of `keys/` is one that a running node uses: the first of its kind, or a later one named by its digest. The
/// identity key is none.
fn is_running_key(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy());
    let Some(stem) = name.as_deref().and_then(|name| name.strip_suffix(".key")) else {
        return false;
    };
    let kind = stem.split_once('-').map_or(stem, |(kind, _)| kind);
    ["log", "seal", "transport"].contains(&kind)
}

fn wrap_keys(folder: &Folder) -> Result<Vec<PathBuf>, BackupFault> {
    let mut files = Vec::new();
    within(&folder.keys(), &mut files)?;
    files.retain(|path| {
        let name = path.file_name().map(|name| name.to_string_lossy());
        name.is_some_and(|name| name.starts_with("wrap-") && name.ends_with(".key"))
    });
    Ok(files)
}

fn alone(path: &Path) -> Result<File, BackupFault> {
    let fault = |error| BackupFault::File(path.to_owned(), error);
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
        .map_err(fault)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(BackupFault::Running),
        Err(TryLockError::Error(error)) => Err(fault(error)),
    }
}

/// A file that stands only until the backup is whole.
struct Passing(PathBuf);

impl Passing {
    fn remove(&self) -> Result<(), BackupFault> {
        match fs::remove_file(&self.0) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(BackupFault::File(self.0.clone(), error))
            }
            _ => Ok(()),
        }
    }

    /// It gets its name: what was written is on the disk before.
    fn becomes(&self, path: &Path) -> Result<(), BackupFault> {
        let fault = |error| BackupFault::File(path.to_owned(), error);
        fs::rename(&self.0, path).map_err(fault)?;
        let dir = path.parent().filter(|dir| *dir != Path::new(""));
        let dir = File::open(dir.unwrap_or(Path::new("."))).map_err(fault)?;
        dir.sync_all().map_err(fault)
    }
}

impl Drop for Passing {
    fn drop(&mut self) {
        // Nothing is left of a try that failed; what cannot be removed is removed by the next.
        let _ = self.remove();
    }
}

/// A tar archive within an age file, as it is written. Owner, times and modes are the same in every one.
struct Packer {
    path: PathBuf,
    tar: tar::Builder<entente_seal::ArchiveWriter<io::BufWriter<File>>>,
}

impl Packer {
    fn begin(path: &Path, lock: &ArchiveLock) -> Result<Self, BackupFault> {
        use std::os::unix::fs::OpenOptionsExt;
        let fault = |error| BackupFault::File(path.to_owned(), error);
        let mut options = File::options();
        let file = options.write(true).create_new(true).mode(0o600).open(path);
        let file = io::BufWriter::with_capacity(1 << 20, file.map_err(fault)?);
        let writer = lock_archive(lock, file).map_err(fault)?;
        Ok(Self {
            path: path.to_owned(),
            tar: tar::Builder::new(writer),
        })
    }

    fn bytes(&mut self, name: &str, content: &[u8]) -> Result<(), BackupFault> {
        self.entry(name, content.len() as u64, content)
    }

    fn file(&mut self, name: &str, path: &Path) -> Result<(), BackupFault> {
        let fault = |error| BackupFault::File(path.to_owned(), error);
        let file = File::open(path).map_err(fault)?;
        let length = file.metadata().map_err(fault)?.len();
        // A file that grows meanwhile is cut where it ended; one that shrinks spoils the archive, and is told.
        self.entry(name, length, io::Read::take(file, length))
    }

    fn entry(
        &mut self,
        name: &str,
        length: u64,
        content: impl io::Read,
    ) -> Result<(), BackupFault> {
        let mut header = tar::Header::new_ustar();
        header.set_size(length);
        header.set_mode(0o600);
        header.set_mtime(0);
        let mut counted = Counted {
            from: content,
            read: 0,
        };
        self.tar
            .append_data(&mut header, name, &mut counted)
            .map_err(|error| BackupFault::File(self.path.clone(), error))?;
        if counted.read == length {
            return Ok(());
        }
        let short = io::Error::new(io::ErrorKind::UnexpectedEof, format!("`{name}` changed"));
        Err(BackupFault::File(self.path.clone(), short))
    }

    fn end(self) -> Result<(), BackupFault> {
        let fault = |error| BackupFault::File(self.path.clone(), error);
        let writer = self.tar.into_inner().map_err(fault)?;
        let mut file = writer.finish().map_err(fault)?;
        file.flush().map_err(fault)?;
        file.get_ref().sync_all().map_err(fault)
    }
}

struct Counted<R> {
    from: R,
    read: u64,
}

impl<R: io::Read> io::Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.from.read(buffer)?;
        self.read += read as u64;
        Ok(read)
    }
}
