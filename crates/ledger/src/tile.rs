//! Tiles and entry bundles: where the hashes and entries of a log stand (C2SP tlog-tiles).

use crate::entry::Entry;
use crate::hash::Hash;

/// How many hashes or entries a full tile has.
pub const WIDTH: u64 = 256;

/// One tile: up to 256 consecutive hashes of one level.
///
/// At level 0 stand leaf hashes; each hash above is that of a full tile below.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tile {
    level: u8,
    index: u64,
    width: u16,
}

impl Tile {
    /// The tile at `level` and `index` in a tree of `size` entries, as wide as the tree makes it.
    pub(crate) const fn of(level: u8, index: u64, size: u64) -> Self {
        let hashes = hashes_at(level, size);
        let after = hashes.saturating_sub(index.saturating_mul(WIDTH));
        let width = if after < WIDTH { after } else { WIDTH } as u16;
        Self {
            level,
            index,
            width,
        }
    }

    /// The level, 0 to 7.
    #[must_use]
    pub const fn level(self) -> u8 {
        self.level
    }

    /// Where the tile stands at its level, counted from 0.
    #[must_use]
    pub const fn index(self) -> u64 {
        self.index
    }

    /// How many hashes the tile has, 1 to 256.
    #[must_use]
    pub const fn width(self) -> u16 {
        self.width
    }

    /// The path of the tile's file, for example `tile/0/x001/234.p/12`.
    #[must_use]
    pub fn path(self) -> String {
        format!("tile/{}/{}", self.level, self.tail())
    }

    /// The path of the bundle with the entries of this tile of level 0: `tile/entries/…`.
    #[must_use]
    pub fn entries_path(self) -> String {
        format!("tile/entries/{}", self.tail())
    }

    fn tail(self) -> String {
        let mut path = format!("{:03}", self.index % 1000);
        let mut rest = self.index / 1000;
        while rest > 0 {
            path = format!("x{:03}/{path}", rest % 1000);
            rest /= 1000;
        }
        if u64::from(self.width) < WIDTH {
            path = format!("{path}.p/{}", self.width);
        }
        path
    }
}

/// How many hashes stand at `level` in a tree of `size` entries.
const fn hashes_at(level: u8, size: u64) -> u64 {
    if level > 7 {
        0
    } else {
        size >> (8 * level as u32)
    }
}

/// All tiles of a tree of `size` entries, level by level.
pub fn tiles_of(size: u64) -> impl Iterator<Item = Tile> {
    (0..8).flat_map(move |level| {
        let tiles = hashes_at(level, size).div_ceil(WIDTH);
        (0..tiles).map(move |index| Tile::of(level, index, size))
    })
}

/// The bytes of a tile's file: its hashes with nothing between.
#[must_use]
pub fn tile_bytes(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| *hash.as_bytes()).collect()
}

/// The bytes of an entry bundle: each entry after its length, 32, as a big-endian uint16.
#[must_use]
pub fn bundle_bytes(entries: &[Entry]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(entries.len() * (2 + Entry::LEN));
    for entry in entries {
        bytes.extend_from_slice(&(Entry::LEN as u16).to_be_bytes());
        bytes.extend_from_slice(entry.as_bytes());
    }
    bytes
}

/// The entries of a bundle, or `None` if it is not a sequence of whole entries of 32 bytes.
#[must_use]
pub fn bundle_entries(bytes: &[u8]) -> Option<Vec<Entry>> {
    let (rows, rest) = bytes.as_chunks::<{ 2 + Entry::LEN }>();
    let entry = |row: &[u8; 2 + Entry::LEN]| {
        let (length, bytes) = row.split_first_chunk::<2>()?;
        let whole = usize::from(u16::from_be_bytes(*length)) == Entry::LEN;
        whole.then_some(Entry::new(bytes.try_into().ok()?))
    };
    rest.is_empty()
        .then(|| rows.iter().map(entry).collect())
        .flatten()
}
