//! The Merkle tree over a log's entries (RFC 6962): roots that grow, and proofs read by tile.

use std::collections::BTreeMap;

use crate::entry::Entry;
use crate::hash::Hash;
use crate::tile::{Tile, WIDTH};

/// What must be kept of a log to append to it and to know its root: at most 64 hashes.
///
/// They are the roots of the perfect subtrees that the entries form, the largest first, one for
/// each bit that is set in the size.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Frontier {
    size: u64,
    subtrees: Vec<Hash>,
}

/// A tile just filled: the hash that stands for it one level up, for a store that keeps tiles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FullTile {
    /// The level at which `hash` stands, 1 or more.
    pub level: u8,
    /// Where `hash` stands at that level, counted from 0.
    pub index: u64,
    /// The hash of the whole tile below.
    pub hash: Hash,
}

impl Frontier {
    /// The frontier of the log without entries.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            size: 0,
            subtrees: Vec::new(),
        }
    }

    /// How many entries the log has.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Appends one entry. Costs two hashes on average.
    pub fn push(&mut self, entry: &Entry) {
        self.append(entry, |_| {});
    }

    /// Appends `entries` in order; gives the tiles that they filled.
    pub fn extend(&mut self, entries: &[Entry]) -> Vec<FullTile> {
        let mut full = Vec::new();
        for entry in entries {
            self.append(entry, |tile| full.push(tile));
        }
        full
    }

    fn append(&mut self, entry: &Entry, mut filled: impl FnMut(FullTile)) {
        let mut hash = Hash::leaf(entry);
        for height in 1..=self.size.trailing_ones() {
            // INVARIANT: one subtree stands for each bit set in `size`, the smallest last.
            if let Some(left) = self.subtrees.pop() {
                hash = Hash::node(&left, &hash);
            }
            if height % 8 == 0 {
                let (level, index) = ((height / 8) as u8, self.size >> height);
                filled(FullTile { level, index, hash });
            }
        }
        self.subtrees.push(hash);
        self.size += 1;
    }

    /// The root of the tree over all entries. Costs at most 63 hashes.
    #[must_use]
    pub fn root(&self) -> Hash {
        let mut smallest_first = self.subtrees.iter().rev();
        match smallest_first.next() {
            None => Hash::empty(),
            Some(last) => smallest_first.fold(*last, |right, left| Hash::node(left, &right)),
        }
    }

    /// The frontier as bytes: the size (8 bytes, big-endian), then 32 bytes a subtree.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.size.to_be_bytes().to_vec();
        for hash in &self.subtrees {
            bytes.extend_from_slice(hash.as_bytes());
        }
        bytes
    }

    /// The frontier that `bytes` write, or `None` if the hashes do not fit the size.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (size, hashes) = bytes.split_first_chunk::<8>()?;
        let (hashes, rest) = hashes.as_chunks::<32>();
        let size = u64::from_be_bytes(*size);
        let fits = rest.is_empty() && hashes.len() == size.count_ones() as usize;
        fits.then(|| Self {
            size,
            subtrees: hashes.iter().copied().map(Hash::new).collect(),
        })
    }
}

/// The root of the tree over `entries`, read once.
pub fn root_of<'e>(entries: impl IntoIterator<Item = &'e Entry>) -> Hash {
    let mut frontier = Frontier::new();
    for entry in entries {
        frontier.push(entry);
    }
    frontier.root()
}

/// A tree of a given size whose hashes are read by tile; it makes proofs in O(log n) reads.
///
/// `read` gives the hashes of a tile, as many as its width, or what went wrong in reading.
pub struct Tree<Read> {
    size: u64,
    read: Read,
    tiles: BTreeMap<Tile, Vec<Hash>>,
}

/// Why a proof cannot be made.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum TreeError<E> {
    /// The log has no entry of that index, or no tree of that size.
    #[error("the log has {size} entries: nothing stands at {asked}")]
    Outside {
        /// What was asked for.
        asked: u64,
        /// How many entries the log has.
        size: u64,
    },
    /// A tile has fewer hashes than its width.
    #[error("the tile `{0}` is too short")]
    ShortTile(String),
    /// The tile could not be read.
    #[error(transparent)]
    Read(E),
}

impl<E, Read: FnMut(Tile) -> Result<Vec<Hash>, E>> Tree<Read> {
    /// The tree of `size` entries that `read` reads.
    pub const fn new(size: u64, read: Read) -> Self {
        Self {
            size,
            read,
            tiles: BTreeMap::new(),
        }
    }

    /// How many entries the tree has.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The root.
    ///
    /// # Errors
    /// A tile cannot be read or is too short.
    pub fn root(&mut self) -> Result<Hash, TreeError<E>> {
        if self.size == 0 {
            return Ok(Hash::empty());
        }
        self.subtree(0, self.size)
    }

    /// The inclusion proof of entry `index`: the siblings from the leaf upwards (RFC 6962, 2.1.1).
    ///
    /// # Errors
    /// No entry has that index, or a tile cannot be read or is too short.
    pub fn inclusion(&mut self, index: u64) -> Result<Vec<Hash>, TreeError<E>> {
        if index >= self.size {
            return Err(self.outside(index));
        }
        let mut proof = Vec::new();
        let (mut low, mut high) = (0, self.size);
        while high - low > 1 {
            let middle = low + split(high - low);
            if index < middle {
                proof.push(self.subtree(middle, high)?);
                high = middle;
            } else {
                proof.push(self.subtree(low, middle)?);
                low = middle;
            }
        }
        proof.reverse();
        Ok(proof)
    }

    /// The proof that the tree of `earlier` entries is the beginning of this one (RFC 6962, 2.1.2).
    ///
    /// Empty for 0 and for the whole tree.
    ///
    /// # Errors
    /// `earlier` is larger than the tree, or a tile cannot be read or is too short.
    pub fn consistency(&mut self, earlier: u64) -> Result<Vec<Hash>, TreeError<E>> {
        if earlier > self.size {
            return Err(self.outside(earlier));
        }
        if earlier == 0 {
            return Ok(Vec::new());
        }
        let mut proof = Vec::new();
        let (mut low, mut high) = (0, self.size);
        while high != earlier {
            let middle = low + split(high - low);
            if earlier <= middle {
                proof.push(self.subtree(middle, high)?);
                high = middle;
            } else {
                proof.push(self.subtree(low, middle)?);
                low = middle;
            }
        }
        if low != 0 {
            proof.push(self.subtree(low, high)?);
        }
        proof.reverse();
        Ok(proof)
    }

    /// The hash over entries `low..high`, where `low` is a multiple of the largest power of two
    /// that is not larger than their number.
    fn subtree(&mut self, low: u64, high: u64) -> Result<Hash, TreeError<E>> {
        let width = high - low;
        if width.is_power_of_two() {
            return self.perfect(width.trailing_zeros(), low / width);
        }
        let middle = low + split(width);
        let left = self.subtree(low, middle)?;
        let right = self.subtree(middle, high)?;
        Ok(Hash::node(&left, &right))
    }

    /// The root of the `index`-th perfect subtree of 2^`height` entries; it lies in one tile.
    fn perfect(&mut self, height: u32, index: u64) -> Result<Hash, TreeError<E>> {
        let (level, within) = ((height / 8) as u8, height % 8);
        let first = index << within;
        let tile = Tile::of(level, first / WIDTH, self.size);
        let start = (first % WIDTH) as usize;
        let hashes = self.tile(tile)?;
        let mut row = hashes[start..start + (1 << within)].to_vec();
        while row.len() > 1 {
            row = row
                .chunks_exact(2)
                .map(|pair| Hash::node(&pair[0], &pair[1]))
                .collect();
        }
        Ok(row[0])
    }

    fn tile(&mut self, tile: Tile) -> Result<&[Hash], TreeError<E>> {
        if !self.tiles.contains_key(&tile) {
            let hashes = (self.read)(tile).map_err(TreeError::Read)?;
            if hashes.len() < usize::from(tile.width()) {
                return Err(TreeError::ShortTile(tile.path()));
            }
            self.tiles.insert(tile, hashes);
        }
        Ok(&self.tiles[&tile])
    }

    const fn outside(&self, asked: u64) -> TreeError<E> {
        TreeError::Outside {
            asked,
            size: self.size,
        }
    }
}

/// The tree over `entries`, its tiles held in memory: 33 bytes an entry, one pass.
pub fn tree_of(
    entries: &[Entry],
) -> Tree<impl FnMut(Tile) -> Result<Vec<Hash>, std::convert::Infallible> + use<>> {
    let mut levels = vec![entries.iter().map(Hash::leaf).collect::<Vec<_>>()];
    for tile in Frontier::new().extend(entries) {
        let level = usize::from(tile.level);
        if levels.len() == level {
            levels.push(Vec::new());
        }
        levels[level].push(tile.hash);
    }
    Tree::new(entries.len() as u64, move |tile: Tile| {
        let start = (tile.index() * WIDTH) as usize;
        let hashes = &levels[usize::from(tile.level())];
        Ok(hashes[start..start + usize::from(tile.width())].to_vec())
    })
}

/// The root that an inclusion proof leads to, or `None` if its length does not fit.
///
/// Source: RFC 9162, 2.1.3.2.
#[must_use]
pub fn root_by_inclusion(leaf: Hash, index: u64, size: u64, proof: &[Hash]) -> Option<Hash> {
    if index >= size {
        return None;
    }
    let (mut node, mut last, mut hash) = (index, size - 1, leaf);
    for sibling in proof {
        if last == 0 {
            return None;
        }
        if node & 1 == 1 || node == last {
            hash = Hash::node(sibling, &hash);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            hash = Hash::node(&hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    (last == 0).then_some(hash)
}

/// Whether `proof` shows that the tree (`earlier`, its root) is the beginning of (`later`, its root).
///
/// Source: RFC 9162, 2.1.4.2.
#[must_use]
pub fn is_consistent(earlier: (u64, Hash), later: (u64, Hash), proof: &[Hash]) -> bool {
    let ((first, first_root), (second, second_root)) = (earlier, later);
    if first > second {
        return false;
    }
    if first == 0 {
        return proof.is_empty() && first_root == Hash::empty();
    }
    if first == second {
        return proof.is_empty() && first_root == second_root;
    }
    roots_by_consistency(first, second, first_root, proof) == Some((first_root, second_root))
}

fn roots_by_consistency(
    first: u64,
    second: u64,
    first_root: Hash,
    proof: &[Hash],
) -> Option<(Hash, Hash)> {
    let mut siblings = proof.iter();
    let start = if first.is_power_of_two() {
        first_root
    } else {
        *siblings.next()?
    };
    let (mut node, mut last) = (first - 1, second - 1);
    while node & 1 == 1 {
        node >>= 1;
        last >>= 1;
    }
    let (mut old, mut new) = (start, start);
    for sibling in siblings {
        if last == 0 {
            return None;
        }
        if node & 1 == 1 || node == last {
            old = Hash::node(sibling, &old);
            new = Hash::node(sibling, &new);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            new = Hash::node(&new, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    (last == 0).then_some((old, new))
}

/// The largest power of two smaller than `width`, for a `width` of at least 2.
const fn split(width: u64) -> u64 {
    1 << (u64::BITS - 1 - (width - 1).leading_zeros())
}
