//! Proof files (C2SP tlog-proof): one entry stands in one signed log, to be checked offline.

use std::fmt;
use std::str::FromStr;

use base64::{Engine, prelude::BASE64_STANDARD};
use jiff::Timestamp;

use crate::cosignature::{Cosignature, CosignatureFault};
use crate::entry::Entry;
use crate::hash::Hash;
use crate::head::{HeadFault, LogKeys, SignedHead, decimal};
use crate::key::VerifierKey;
use crate::note::{NOTE_MAX_BYTES, Note, NoteFault};
use crate::tile::Tile;
use crate::tree::{Tree, TreeError, root_by_inclusion};

const FIRST_LINE: &str = "c2sp.org/tlog-proof@v1";

/// The longest path there can be: a tree has fewer than 2^64 entries.
const PATH_MAX: usize = 64;

/// A proof as it stands in a `.tlog-proof` file; nothing in it is believed before it is verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    extra: Option<String>,
    index: u64,
    path: Vec<Hash>,
    note: String,
}

impl Proof {
    /// The proof that the entry at `index` stands in the tree of `head`.
    ///
    /// The head's note is put in verbatim, with the cosignatures that stand in it.
    ///
    /// # Errors
    /// The tree has no such entry or cannot be read.
    pub fn make<E, Read: FnMut(Tile) -> Result<Vec<Hash>, E>>(
        index: u64,
        tree: &mut Tree<Read>,
        head: &SignedHead,
    ) -> Result<Self, TreeError<E>> {
        if tree.size() != head.size() {
            return Err(TreeError::Outside {
                asked: head.size(),
                size: tree.size(),
            });
        }
        Ok(Self {
            extra: None,
            index,
            path: tree.inclusion(index)?,
            note: head.note().into(),
        })
    }

    /// The index of the entry in the log.
    #[must_use]
    pub const fn index(&self) -> u64 {
        self.index
    }

    /// The note of the head, byte for byte, unverified.
    #[must_use]
    pub fn note(&self) -> &str {
        &self.note
    }

    /// Verifies that `entry` stands in the log of `keys`, and which of `cosigners` have seen it.
    ///
    /// A cosigner without a line is only absent; a wrong line of a known cosigner is a fault.
    ///
    /// # Errors
    /// The head is not that of the log, the path does not lead to its root, or a cosignature is wrong.
    pub fn verify(
        &self,
        entry: &Entry,
        keys: &LogKeys,
        cosigners: &[VerifierKey],
    ) -> Result<Proven, ProofFault> {
        let head = SignedHead::verify(&self.note, keys)?;
        let root = root_by_inclusion(Hash::leaf(entry), self.index, head.size(), &self.path);
        if root != Some(*head.head().root()) {
            return Err(ProofFault::Path { index: self.index });
        }
        let note = Note::parse(&self.note).map_err(HeadFault::from)?;
        let mut cosignatures = Vec::new();
        for key in cosigners {
            match Cosignature::find(&note, head.head(), key) {
                Ok(found) => cosignatures.push((key.name().to_owned(), found.at())),
                Err(CosignatureFault::Missing(_)) => {}
                Err(fault) => return Err(fault.into()),
            }
        }
        Ok(Proven {
            index: self.index,
            head,
            cosignatures,
        })
    }
}

/// What a proof has shown: the entry at `index` stands in the log that `head` signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proven {
    index: u64,
    head: SignedHead,
    cosignatures: Vec<(String, Timestamp)>,
}

impl Proven {
    /// The index of the entry.
    #[must_use]
    pub const fn index(&self) -> u64 {
        self.index
    }

    /// The head under which it stands.
    #[must_use]
    pub const fn head(&self) -> &SignedHead {
        &self.head
    }

    /// The known cosigners of that head, each with the second at which it cosigned.
    #[must_use]
    pub fn cosignatures(&self) -> &[(String, Timestamp)] {
        &self.cosignatures
    }

    /// When `key` cosigned the head, if it did: the entry is no younger than that.
    #[must_use]
    pub fn cosigned_by(&self, key: &VerifierKey) -> Option<Timestamp> {
        let (_, at) = self
            .cosignatures
            .iter()
            .find(|(name, _)| name == key.name())?;
        Some(*at)
    }
}

/// Why a proof proves nothing.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum ProofFault {
    /// The head is malformed, of another log, or not signed by both keys.
    #[error(transparent)]
    Head(#[from] HeadFault),
    /// The path does not lead from this entry at this index to the root.
    #[error("the path does not lead from entry {index} to the root of the head")]
    Path {
        /// The index that the proof states.
        index: u64,
    },
    /// The line of a known cosigner is wrong.
    #[error(transparent)]
    Cosignature(#[from] CosignatureFault),
}

/// The text is no proof file.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum BadProof {
    /// The first line is not that of this format.
    #[error("the first line is not `{FIRST_LINE}`")]
    FirstLine,
    /// The `extra` line is not Base64.
    #[error("the extra line is not Base64")]
    Extra,
    /// The `index` line is missing or no number.
    #[error("the index line is missing or wrong")]
    Index,
    /// A line of the path is no hash, or there are too many.
    #[error("the path is not at most 64 hashes and an empty line")]
    Path,
    /// What follows is no signed note.
    #[error(transparent)]
    Note(#[from] NoteFault),
}

impl FromStr for Proof {
    type Err = BadProof;

    fn from_str(text: &str) -> Result<Self, BadProof> {
        let (first, rest) = text.split_once('\n').ok_or(BadProof::FirstLine)?;
        if first != FIRST_LINE {
            return Err(BadProof::FirstLine);
        }
        let (extra, rest) = extra_line(rest)?;
        let (index, rest) = rest
            .strip_prefix("index ")
            .and_then(|rest| rest.split_once('\n'))
            .ok_or(BadProof::Index)?;
        let index = decimal(index).ok_or(BadProof::Index)?;
        let (path, note) = path_lines(rest)?;
        if note.len() > NOTE_MAX_BYTES {
            return Err(NoteFault::TooLarge.into());
        }
        Note::parse(note)?;
        Ok(Self {
            extra,
            index,
            path,
            note: note.into(),
        })
    }
}

/// The extra data, kept as they stand and never believed, and what follows.
fn extra_line(rest: &str) -> Result<(Option<String>, &str), BadProof> {
    let Some(line) = rest.strip_prefix("extra ") else {
        return Ok((None, rest));
    };
    let (extra, rest) = line.split_once('\n').ok_or(BadProof::Extra)?;
    BASE64_STANDARD.decode(extra).map_err(|_| BadProof::Extra)?;
    Ok((Some(extra.into()), rest))
}

fn path_lines(mut rest: &str) -> Result<(Vec<Hash>, &str), BadProof> {
    let mut path = Vec::new();
    loop {
        let (line, after) = rest.split_once('\n').ok_or(BadProof::Path)?;
        rest = after;
        if line.is_empty() {
            return Ok((path, rest));
        }
        if path.len() == PATH_MAX {
            return Err(BadProof::Path);
        }
        path.push(Hash::from_base64(line).ok_or(BadProof::Path)?);
    }
}

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{FIRST_LINE}")?;
        if let Some(extra) = &self.extra {
            writeln!(f, "extra {extra}")?;
        }
        writeln!(f, "index {}", self.index)?;
        for hash in &self.path {
            writeln!(f, "{hash}")?;
        }
        write!(f, "\n{}", self.note)
    }
}
