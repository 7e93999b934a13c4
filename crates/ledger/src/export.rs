//! A log as a folder of files that any tlog-tiles reader understands, written and read again.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::entry::Entry;
use crate::hash::Hash;
use crate::head::{Head, HeadFault, LogKeys, SignedHead};
use crate::key::{BadKey, VerifierKey};
use crate::note::Note;
use crate::tile::{Tile, WIDTH, bundle_bytes, bundle_entries, tile_bytes, tiles_of};
use crate::tree::Frontier;

/// The signed head.
pub const CHECKPOINT: &str = "checkpoint";
/// The log's Ed25519 verifier key.
pub const VKEY: &str = "vkey";
/// The log's ML-DSA-44 verifier key, by which its owner also cosigns.
pub const VKEY_ML_DSA_44: &str = "vkey-mldsa44";
/// The partner's ML-DSA-44 verifier key, whose cosignature may stand in the checkpoint.
pub const VKEY_PARTNER: &str = "vkey-partner";

/// What went wrong in writing or reading a folder.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// A file cannot be written or read.
    #[error("`{}`", .0.display())]
    File(PathBuf, #[source] io::Error),
    /// The head is not that of the entries that were written.
    #[error("the head of size {head} is not that of the {entries} entries")]
    Head {
        /// The size of the head.
        head: u64,
        /// How many entries were written.
        entries: u64,
    },
    /// A verifier key is none.
    #[error("`{0}` is no verifier key")]
    Key(String, #[source] BadKey),
    /// The checkpoint is no signed checkpoint.
    #[error(transparent)]
    Checkpoint(#[from] HeadFault),
    /// A file has a wrong length or form.
    #[error("`{0}` is not a whole tile or bundle")]
    Malformed(String),
}

/// A folder being written, entry by entry, in memory of a few tiles.
#[derive(Debug)]
pub struct Export {
    folder: PathBuf,
    frontier: Frontier,
    bundle: Vec<Entry>,
    levels: Vec<Vec<Hash>>,
}

impl Export {
    /// Begins the folder; it is made if it does not exist.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub fn begin(folder: impl Into<PathBuf>) -> Result<Self, ExportError> {
        let folder = folder.into();
        fs::create_dir_all(&folder).map_err(|error| ExportError::File(folder.clone(), error))?;
        Ok(Self {
            folder,
            frontier: Frontier::new(),
            bundle: Vec::new(),
            levels: vec![Vec::new()],
        })
    }

    /// Writes the next entries of the log.
    ///
    /// # Errors
    /// A file cannot be written.
    pub fn push(&mut self, entries: &[Entry]) -> Result<(), ExportError> {
        for entry in entries {
            self.bundle.push(*entry);
            self.levels[0].push(Hash::leaf(entry));
            let full = self.frontier.extend(std::slice::from_ref(entry));
            let size = self.frontier.size();
            if size.is_multiple_of(WIDTH) {
                self.write_bundle(Tile::of(0, size / WIDTH - 1, size))?;
            }
            for tile in full {
                let below = tile.level - 1;
                self.write_tile(Tile::of(below, tile.index, size))?;
                if self.levels.len() == usize::from(tile.level) {
                    self.levels.push(Vec::new());
                }
                self.levels[usize::from(tile.level)].push(tile.hash);
            }
        }
        Ok(())
    }

    /// Ends the folder: the tiles that are not full, the keys, and last the checkpoint.
    ///
    /// `note` is the head's note, with the partner's cosignature if there is one.
    ///
    /// # Errors
    /// The head is not that of the entries, or a file cannot be written.
    pub fn finish(
        mut self,
        head: &SignedHead,
        note: &str,
        keys: &LogKeys,
        partner: Option<&VerifierKey>,
    ) -> Result<(), ExportError> {
        let size = self.frontier.size();
        if head.size() != size || *head.head().root() != self.frontier.root() {
            return Err(ExportError::Head {
                head: head.size(),
                entries: size,
            });
        }
        if !self.bundle.is_empty() {
            self.write_bundle(Tile::of(0, size / WIDTH, size))?;
        }
        for level in 0..self.levels.len() {
            if !self.levels[level].is_empty() {
                let index = (size >> (8 * level)) / WIDTH;
                self.write_tile(Tile::of(level as u8, index, size))?;
            }
        }
        self.write(VKEY, format!("{}\n", keys.ed25519()).as_bytes())?;
        self.write(VKEY_ML_DSA_44, format!("{}\n", keys.ml_dsa_44()).as_bytes())?;
        if let Some(partner) = partner {
            self.write(VKEY_PARTNER, format!("{partner}\n").as_bytes())?;
        }
        self.write(CHECKPOINT, note.as_bytes())
    }

    fn write_bundle(&mut self, tile: Tile) -> Result<(), ExportError> {
        let bytes = bundle_bytes(&std::mem::take(&mut self.bundle));
        self.write(&tile.entries_path(), &bytes)
    }

    fn write_tile(&mut self, tile: Tile) -> Result<(), ExportError> {
        let hashes = std::mem::take(&mut self.levels[usize::from(tile.level())]);
        self.write(&tile.path(), &tile_bytes(&hashes))
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), ExportError> {
        let path = self.folder.join(name);
        let parent = path.parent().unwrap_or(&self.folder);
        fs::create_dir_all(parent)
            .and_then(|()| fs::write(&path, bytes))
            .map_err(|error| ExportError::File(path.clone(), error))
    }
}

/// An exported log as its files have it; nothing in it is believed yet.
#[derive(Clone, Debug)]
pub struct Folder {
    /// The note in `checkpoint`.
    pub checkpoint: String,
    /// The Ed25519 key in `vkey`.
    pub ed25519: VerifierKey,
    /// The ML-DSA-44 key in `vkey-mldsa44`.
    pub ml_dsa_44: VerifierKey,
    /// The partner's key in `vkey-partner`, if the file is there.
    pub partner: Option<VerifierKey>,
    /// The entries of the bundles, as many as the checkpoint says.
    pub entries: Vec<Entry>,
    /// The tiles whose hashes are not those that the entries give.
    pub wrong_tiles: Vec<Tile>,
}

impl Folder {
    /// Reads an exported log, as long as its checkpoint says, and compares every tile with the entries.
    ///
    /// # Errors
    /// A file is missing or malformed.
    pub fn read(folder: &Path) -> Result<Self, ExportError> {
        let checkpoint = read_text(folder, CHECKPOINT)?;
        let size = stated_size(&checkpoint)?;
        let mut entries = Vec::new();
        for tile in tiles_of(size).take_while(|tile| tile.level() == 0) {
            entries.extend(read_bundle(folder, tile)?);
        }
        Ok(Self {
            checkpoint,
            ed25519: read_key(folder, VKEY)?,
            ml_dsa_44: read_key(folder, VKEY_ML_DSA_44)?,
            partner: match folder.join(VKEY_PARTNER).exists() {
                true => Some(read_key(folder, VKEY_PARTNER)?),
                false => None,
            },
            wrong_tiles: wrong_tiles(folder, &entries)?,
            entries,
        })
    }
}

/// The size that a checkpoint states, unverified.
fn stated_size(checkpoint: &str) -> Result<u64, HeadFault> {
    let note = Note::parse(checkpoint)?;
    let head: Head = note.text().parse()?;
    Ok(head.size())
}

/// The tiles of `folder` that are not those of `entries`.
fn wrong_tiles(folder: &Path, entries: &[Entry]) -> Result<Vec<Tile>, ExportError> {
    let mut level = 0;
    let mut hashes: Vec<Hash> = entries.iter().map(Hash::leaf).collect();
    let mut wrong = Vec::new();
    for tile in tiles_of(entries.len() as u64) {
        if tile.level() > level {
            level = tile.level();
            hashes = hashes.chunks_exact(WIDTH as usize).map(full_root).collect();
        }
        let start = (tile.index() * WIDTH) as usize;
        let right = tile_bytes(&hashes[start..start + usize::from(tile.width())]);
        if read_bytes(folder, &tile.path())? != right {
            wrong.push(tile);
        }
    }
    Ok(wrong)
}

/// The root over the 256 hashes of a full tile.
fn full_root(hashes: &[Hash]) -> Hash {
    let mut row = hashes.to_vec();
    while row.len() > 1 {
        row = row
            .chunks_exact(2)
            .map(|pair| Hash::node(&pair[0], &pair[1]))
            .collect();
    }
    row[0]
}

fn read_bundle(folder: &Path, tile: Tile) -> Result<Vec<Entry>, ExportError> {
    let path = tile.entries_path();
    bundle_entries(&read_bytes(folder, &path)?)
        .filter(|entries| entries.len() == usize::from(tile.width()))
        .ok_or(ExportError::Malformed(path))
}

fn read_bytes(folder: &Path, name: &str) -> Result<Vec<u8>, ExportError> {
    let path = folder.join(name);
    fs::read(&path).map_err(|error| ExportError::File(path, error))
}

fn read_text(folder: &Path, name: &str) -> Result<String, ExportError> {
    let path = folder.join(name);
    fs::read_to_string(&path).map_err(|error| ExportError::File(path, error))
}

fn read_key(folder: &Path, name: &str) -> Result<VerifierKey, ExportError> {
    let text = read_text(folder, name)?;
    let key = text.strip_suffix('\n').unwrap_or(&text);
    key.parse()
        .map_err(|fault| ExportError::Key(name.into(), fault))
}
