//! The record that the fault layer writes: every change of a folder, in the order in which it was made.

use std::{fs, path::Path};

/// One change of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    /// Its place among the changes of all processes of the test.
    pub(crate) moment: u64,
    pub(crate) what: What,
}

/// What was changed. Files are named by their inodes, paths run from the folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// A file was opened under this path, and made if it was not there.
    Opened {
        inode: u64,
        made: bool,
        path: String,
    },
    /// Bytes were written at a place.
    Written { inode: u64, at: u64, bytes: Vec<u8> },
    /// A file was cut, or lengthened, to so many bytes.
    CutTo { inode: u64, length: u64 },
    /// What was written into a file is on the disk.
    Synced { inode: u64 },
    /// The names in a folder are on the disk.
    FolderSynced { path: String },
    /// A file has another name.
    Renamed { from: String, to: String },
    /// A name is gone.
    Unlinked { path: String },
    /// A file has one more name.
    Linked { from: String, to: String },
    /// A folder was made.
    FolderMade { path: String },
}

/// Reads a record. What was written by half when its process was killed was not made.
pub(crate) fn read(path: &Path) -> Vec<Change> {
    let bytes = fs::read(path).unwrap_or_default();
    let (mut changes, mut rest) = (Vec::new(), &bytes[..]);
    while let Some((change, after)) = next(rest) {
        changes.push(change);
        rest = after;
    }
    changes
}

fn next(bytes: &[u8]) -> Option<(Change, &[u8])> {
    let (head, rest) = bytes.split_at_checked(48)?;
    let number = |at: usize| {
        let eight = head[at * 8..][..8].try_into().unwrap();
        u64::from_le_bytes(eight)
    };
    let (inode, at) = (number(2), number(3));
    let (first, rest) = rest.split_at_checked(usize::try_from(number(4)).ok()?)?;
    let (second, rest) = rest.split_at_checked(usize::try_from(number(5)).ok()?)?;
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let (path, to) = (|| text(first), || text(second));
    let what = match number(0) {
        1 => What::Opened {
            inode,
            made: at == 1,
            path: path(),
        },
        2 => What::Written {
            inode,
            at,
            bytes: first.to_vec(),
        },
        3 => What::CutTo { inode, length: at },
        4 => What::Synced { inode },
        5 => What::FolderSynced { path: path() },
        6 => What::Renamed {
            from: path(),
            to: to(),
        },
        7 => What::Unlinked { path: path() },
        8 => What::Linked {
            from: path(),
            to: to(),
        },
        9 => What::FolderMade { path: path() },
        kind => panic!("the layer writes no kind {kind}"),
    };
    let moment = number(1);
    Some((Change { moment, what }, rest))
}
