//! Notices of keys as files: signed texts that people carry, that lie in the data folder, and beside evidence.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use entente_ledger::{KeyNotice, notice::NoticeFault};
use thiserror::Error;

use crate::folder;

/// The folder beside evidence in which the notices of the keys of both Parties lie.
pub const BESIDE: &str = "notices";

/// Why notices were not kept as files.
#[derive(Debug, Error)]
pub enum NotKept {
    /// It is no notice.
    #[error("a text is no notice of a key")]
    None(#[from] NoticeFault),
    /// The folder takes no file.
    #[error("the folder takes no file")]
    Disk(#[from] io::Error),
}

/// The notices in a folder, in the order of their numbers. Nothing of them is believed yet.
pub fn notices_in(dir: &Path) -> Vec<(KeyNotice, String)> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    let texts = entries.filter_map(|entry| fs::read_to_string(entry.path()).ok());
    let mut notices: Vec<(KeyNotice, String)> = texts
        .filter_map(|note| Some((KeyNotice::stated(&note).ok()?, note)))
        .collect();
    notices.sort_by_key(|(notice, _)| notice.number());
    notices
}

/// Keeps notices in a folder, `PARTY-NUMBER.note` each, and yields their paths.
pub fn keep<'a>(
    dir: &Path,
    notes: impl IntoIterator<Item = &'a str>,
) -> Result<Vec<PathBuf>, NotKept> {
    let mut files = Vec::new();
    for note in notes {
        let notice = KeyNotice::stated(note)?;
        fs::create_dir_all(dir)?;
        let path = dir.join(format!("{}-{}.note", notice.party(), notice.number()));
        folder::replace(&path, note.as_bytes())?;
        files.push(path);
    }
    Ok(files)
}
