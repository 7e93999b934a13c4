//! The disk of the data folder when it takes nothing more: what our operator does, in words, and that nothing else is needed.

use std::io;

use entente_store::StoreError;

use crate::{desk::DeskFault, wraps::BadWraps};

/// Why the disk takes nothing more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disk {
    /// It is full.
    Full,
    /// It is read-only, broken or gone.
    Unwritable,
}

impl Disk {
    /// Whether a fault lies with the disk; none if it lies elsewhere.
    pub fn at_fault(fault: &DeskFault) -> Option<Self> {
        let full = match fault {
            DeskFault::Store(error @ StoreError::Unavailable(_)) => error.is_for_want_of_room(),
            DeskFault::Wraps(BadWraps::File(_, error)) => {
                error.kind() == io::ErrorKind::StorageFull
            }
            _ => return None,
        };
        Some(if full { Disk::Full } else { Disk::Unwritable })
    }

    /// What is the matter.
    pub const fn words(self) -> &'static str {
        match self {
            Disk::Full => "the disk of the data folder is full",
            Disk::Unwritable => "the disk of the data folder cannot be written",
        }
    }

    /// What our operator does.
    pub const fn what_to_do(self) -> &'static str {
        match self {
            Disk::Full => {
                "make room on the disk; the node goes on by itself, and nothing that was receipted is lost"
            }
            Disk::Unwritable => {
                "see that the disk can be written (the log of the system says why it cannot); the node goes on by itself, and nothing that was receipted is lost"
            }
        }
    }
}
