//! The way back: a backup becomes the data folder of a node that knows that it was restored.

use std::{
    fs,
    io::{self, Read},
    path::{Component, Path, PathBuf},
};

use entente_seal::{ArchiveKey, Identity, unlock_archive};
use entente_store::{Body, Bytes32, Store};
use jiff::Timestamp;
use serde_json::Value;

use super::{ABOUT, BackupFault, CONTENT, CONTENT_KEY, DATABASE, KEYS, is_running_key};
use crate::folder::{self, Folder};

/// A small file of a backup is at most so long.
const SMALL_MAX_BYTES: u64 = 16 * 1024 * 1024;
/// So many contents are put back in one transaction.
const AT_ONCE: usize = 256;

/// What was restored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// When the backup was made.
    pub made_at: Timestamp,
    /// Acts whose content came back.
    pub contents: u64,
    /// Acts whose content is in the backup and stays closed, because the file with its keys was not given.
    pub closed: u64,
    /// Keys that the backup does not hold.
    pub missing: Vec<&'static str>,
}

/// What the second file holds.
struct Keys {
    made_at: Timestamp,
    content: Identity,
    periods: Vec<(String, Vec<u8>)>,
}

/// Restores a backup into an empty folder, whole or not at all. Nothing is sent; the node that starts there signs nothing before
/// its partner has given back what is missing.
///
/// Fails if the folder holds anything, a file does not open or is damaged, or the keys of the content have outlived their day.
pub fn restore(
    backup: &Path,
    wraps: Option<&Path>,
    key: &ArchiveKey,
    dir: &Path,
    now: Timestamp,
) -> Result<Restored, BackupFault> {
    let fault = |error| BackupFault::File(dir.to_owned(), error);
    let empty = match fs::read_dir(dir) {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => true,
        Err(error) => return Err(fault(error)),
    };
    if !empty {
        return Err(BackupFault::NotEmpty(dir.to_owned()));
    }
    let keys = wraps.map(|path| keys_of(path, key, now)).transpose()?;
    let building = building(dir);
    match fs::remove_dir_all(&building) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(fault(error)),
        _ => {}
    }
    folder::create_private(&building).map_err(fault)?;
    let unpacked = unpack(backup, key, keys.as_ref(), wraps, &building, now);
    if unpacked.is_err() {
        let _ = fs::remove_dir_all(&building);
        return unpacked;
    }
    // A folder that is renamed onto an empty one takes its place; a crash before leaves `.restoring`, which the next try removes.
    fs::rename(&building, dir).map_err(fault)?;
    unpacked
}

fn building(dir: &Path) -> PathBuf {
    let mut name = dir.components().collect::<PathBuf>().into_os_string();
    name.push(".restoring");
    PathBuf::from(name)
}

/// The keys of the content, unless their day is over.
fn keys_of(path: &Path, key: &ArchiveKey, now: Timestamp) -> Result<Keys, BackupFault> {
    let ours = |what: &str| BackupFault::NotOurs(path.to_owned(), what.to_owned());
    let (mut about, mut content, mut periods) = (None, None, Vec::new());
    each(path, key, |name, from| {
        match name {
            ABOUT => about = Some(small(path, from)?),
            CONTENT_KEY => content = Some(small(path, from)?),
            name if is_wrap_key(name) => periods.push((name.to_owned(), small(path, from)?)),
            name => return Err(ours(&format!("it holds `{name}`"))),
        }
        Ok(())
    })?;
    let about = about.ok_or_else(|| ours("it does not say when it was made"))?;
    let instant = |name| instant_in(&about, name).ok_or_else(|| ours("its instants are missing"));
    let destroy_after = instant("destroy_after")?;
    if now > destroy_after {
        return Err(BackupFault::Outlived(path.to_owned(), destroy_after));
    }
    let content = content.and_then(|text| String::from_utf8(text).ok()?.parse().ok());
    Ok(Keys {
        made_at: instant("made_at")?,
        content: content.ok_or_else(|| ours("the key of the content is missing"))?,
        periods,
    })
}

fn unpack(
    backup: &Path,
    key: &ArchiveKey,
    keys: Option<&Keys>,
    wraps: Option<&Path>,
    dir: &Path,
    now: Timestamp,
) -> Result<Restored, BackupFault> {
    let ours = |what: &str| BackupFault::NotOurs(backup.to_owned(), what.to_owned());
    let folder = Folder::at(dir);
    for made in [folder.drafts(), folder.partners()] {
        folder::create_private(&made).map_err(|error| BackupFault::File(made.clone(), error))?;
    }
    let (mut about, mut contents, mut store) = (None, 0, None);
    each(backup, key, |name, from| {
        match name {
            ABOUT => about = Some(small(backup, from)?),
            DATABASE => {
                written(&folder.database(), from)?;
                store = Some(Store::open(&folder.database())?);
            }
            CONTENT => {
                let store = store.as_ref().ok_or_else(|| ours("no database"))?;
                if let Some(keys) = keys {
                    contents = put_back(backup, from, keys, store)?;
                }
            }
            name if is_listed(name) => written(&dir.join(name), from)?,
            name => return Err(ours(&format!("it holds `{name}`"))),
        }
        Ok(())
    })?;
    let about = about.ok_or_else(|| ours("it does not say when it was made"))?;
    let made_at = instant_in(&about, "made_at").ok_or_else(|| ours("its instant is missing"))?;
    if let (Some(keys), Some(path)) = (keys, wraps)
        && keys.made_at != made_at
    {
        return Err(BackupFault::OtherBackup(path.to_owned()));
    }
    for (name, content) in keys.iter().flat_map(|keys| &keys.periods) {
        written(&dir.join(name), &mut &content[..])?;
    }
    let store = store.ok_or_else(|| ours("no database"))?;
    store.restored(made_at, now)?;
    store.tidy()?;
    let whole = count_in(&about, "contents");
    Ok(Restored {
        made_at,
        contents,
        closed: whole.saturating_sub(contents),
        missing: KEYS
            .into_iter()
            .filter(|name| !dir.join(name).is_file())
            .collect(),
    })
}

/// The contents of a backup, back beside their rows; how many.
fn put_back(
    backup: &Path,
    from: &mut dyn Read,
    keys: &Keys,
    store: &Store,
) -> Result<u64, BackupFault> {
    let unreadable = |error| BackupFault::Unreadable(backup.to_owned(), error);
    let ours = || BackupFault::NotOurs(backup.to_owned(), "its content is in disorder".into());
    // The identity is read again: a key of an archive owns it.
    let identity = keys.content.to_text().parse();
    let key = ArchiveKey::Identity(Box::new(identity.map_err(|_| ours())?));
    let mut archive = tar::Archive::new(unlock_archive(&key, from).map_err(unreadable)?);
    let (mut wrapped, mut waiting, mut count) = (None, Vec::new(), 0);
    for entry in archive.entries().map_err(unreadable)? {
        let mut entry = entry.map_err(unreadable)?;
        let name = name_of(&entry).ok_or_else(ours)?;
        let (message, end) = name.split_once('.').ok_or_else(ours)?;
        let message: entente_seal::MessageId = message.parse().map_err(|_| ours())?;
        let message: Bytes32 = *message.as_bytes();
        let bytes = small(backup, &mut entry)?;
        match (end, wrapped.take()) {
            ("wrap", None) => wrapped = Some((message, bytes)),
            ("age", Some((of, wrapped))) if of == message => {
                let sealed = bytes;
                waiting.push((message, Body { sealed, wrapped }));
                count += 1;
            }
            _ => return Err(ours()),
        }
        if waiting.len() == AT_ONCE {
            store.put_back(&waiting)?;
            waiting.clear();
        }
    }
    store.put_back(&waiting)?;
    Ok(count)
}

/// Hands every file of an archive to `take`; what stands in it is believed only when its end was reached.
fn each(
    path: &Path,
    key: &ArchiveKey,
    mut take: impl FnMut(&str, &mut dyn Read) -> Result<(), BackupFault>,
) -> Result<(), BackupFault> {
    let unreadable = |error| BackupFault::Unreadable(path.to_owned(), error);
    let file = fs::File::open(path).map_err(|error| BackupFault::File(path.to_owned(), error))?;
    let reader = unlock_archive(key, io::BufReader::with_capacity(1 << 20, file));
    let mut archive = tar::Archive::new(reader.map_err(unreadable)?);
    for entry in archive.entries().map_err(unreadable)? {
        let mut entry = entry.map_err(unreadable)?;
        let name = name_of(&entry).ok_or_else(|| {
            BackupFault::NotOurs(path.to_owned(), "it holds a file of an odd name".to_owned())
        })?;
        take(&name, &mut entry)?;
    }
    // The tar ends before the age file does: the rest is read, so that a cut is noticed.
    let mut reader = archive.into_inner();
    io::copy(&mut reader, &mut io::sink()).map_err(unreadable)?;
    Ok(())
}

/// The name of an ordinary file that stays within the folder.
fn name_of<R: Read>(entry: &tar::Entry<'_, R>) -> Option<String> {
    let path = entry.path().ok()?;
    let plain = path
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    let name = path.to_str()?;
    (plain && !name.is_empty() && entry.header().entry_type().is_file()).then(|| name.to_owned())
}

/// What a backup of ours holds beside the database and the content.
fn is_listed(name: &str) -> bool {
    let single = ["entente.toml", "roster.toml", "introduction.note"];
    let folders = ["memorandum/", "versions/", "partners/"];
    single.contains(&name)
        || name == "token"
        || name
            .strip_prefix("keys/")
            .is_some_and(|key| !key.contains('/') && is_running_key(Path::new(key)))
        || folders.iter().any(|folder| name.starts_with(folder))
}

fn is_wrap_key(name: &str) -> bool {
    let number = name
        .strip_prefix("keys/wrap-")
        .and_then(|rest| rest.strip_suffix(".key"));
    number.is_some_and(|number| number.parse::<u32>().is_ok())
}

fn small(path: &Path, from: &mut (impl Read + ?Sized)) -> Result<Vec<u8>, BackupFault> {
    let mut bytes = Vec::new();
    from.take(SMALL_MAX_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| BackupFault::Unreadable(path.to_owned(), error))?;
    if bytes.len() as u64 > SMALL_MAX_BYTES {
        return Err(BackupFault::NotOurs(
            path.to_owned(),
            "a file of it is too long".into(),
        ));
    }
    Ok(bytes)
}

/// Writes a file that only its owner may read; the folders above it too.
fn written(path: &Path, from: &mut (impl Read + ?Sized)) -> Result<(), BackupFault> {
    use std::os::unix::fs::OpenOptionsExt;
    let fault = |error| BackupFault::File(path.to_owned(), error);
    if let Some(above) = path.parent() {
        folder::create_private(above).map_err(fault)?;
    }
    let mut options = fs::File::options();
    let file = options.write(true).create_new(true).mode(0o600).open(path);
    let mut file = file.map_err(fault)?;
    io::copy(from, &mut file).map_err(fault)?;
    file.sync_all().map_err(fault)
}

fn instant_in(about: &[u8], name: &str) -> Option<Timestamp> {
    let about: Value = serde_json::from_slice(about).ok()?;
    about.get(name)?.as_str()?.parse().ok()
}

fn count_in(about: &[u8], name: &str) -> u64 {
    let about: Option<Value> = serde_json::from_slice(about).ok();
    about
        .and_then(|about| about.get(name)?.as_u64())
        .unwrap_or(0)
}
