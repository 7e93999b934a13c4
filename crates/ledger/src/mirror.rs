//! The mirror of a partner's log: it grows with each signed head and forgets nothing (tlog-mirror).

use std::{collections::BTreeSet, ops::Range};

use crate::entry::Entry;
use crate::hash::Hash;
use crate::head::{HeadFault, LogKeys, SignedHead};
use crate::tree::{Frontier, FullTile};

/// How many held entries are asked for at once.
const PAGE: u64 = 4096;

/// What we hold of a partner's log: its frontier, its newest signed head, how far we cosigned.
///
/// The entries themselves lie in the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mirror {
    frontier: Frontier,
    head: Option<SignedHead>,
    cosigned: u64,
}

/// The rows of a mirror do not fit each other: our own store is damaged.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[error("the mirror's frontier, its newest head and its cosigned size do not fit each other")]
pub struct BrokenMirror;

/// What came of an attempt to extend a mirror.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Extension {
    /// The entries continue what is held, or repeat it, and the root is the signed one.
    Extended(Extended),
    /// The entries begin after what is held, or the head is older than what is held and agrees with
    /// it: the sender goes on from `have`. An honest old head is no alarm.
    Stale {
        /// How many entries the mirror has.
        have: u64,
    },
    /// Two histories were signed; `head`, beside the newest head that is held, is the evidence.
    Fork {
        /// The first entry that differs; the size of the head, if no entry was shown to differ.
        index: u64,
        /// The head of the other history.
        head: Box<SignedHead>,
    },
    /// The root is not that of what is held and these entries. If the entries were asked for again
    /// from 0 and the root then fits, the difference is a fork; so far it is only a faulty parcel.
    WrongRoot,
    /// A new entry stands twice among those that were shown: salts are never used twice, so no honest log holds one twice.
    Doubled {
        /// Where it stands again.
        index: u64,
    },
    /// The head does not end where the entries end: `base` and their number give another size.
    WrongSize,
    /// The head is malformed, of another log, or not signed by both keys.
    BadSignature(HeadFault),
}

/// A mirror with what was new in it. Store both before the mirror is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extended {
    /// The mirror as it stands now.
    pub mirror: Mirror,
    /// The index of the first new entry.
    pub from: u64,
    /// The new entries, none if the parcel only repeated.
    pub new: Vec<Entry>,
    /// The tiles that they filled, for a store that keeps tiles.
    pub full: Vec<FullTile>,
}

impl Mirror {
    /// The mirror of a log of which nothing has been seen.
    #[must_use]
    pub const fn empty() -> Self {
        Self {
            frontier: Frontier::new(),
            head: None,
            cosigned: 0,
        }
    }

    /// The mirror as rows held it.
    ///
    /// # Errors
    /// The newest head is not that of the frontier, or more was cosigned than is held.
    pub fn restore(
        frontier: Frontier,
        head: Option<SignedHead>,
        cosigned: u64,
    ) -> Result<Self, BrokenMirror> {
        let fits = match &head {
            None => frontier.size() == 0,
            Some(head) => agrees(head, &frontier),
        };
        (fits && cosigned <= frontier.size())
            .then_some(Self {
                frontier,
                head,
                cosigned,
            })
            .ok_or(BrokenMirror)
    }

    /// How many entries are held.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.frontier.size()
    }

    /// The frontier over them.
    #[must_use]
    pub const fn frontier(&self) -> &Frontier {
        &self.frontier
    }

    /// The newest signed head; its size is that of the mirror.
    #[must_use]
    pub const fn head(&self) -> Option<&SignedHead> {
        self.head.as_ref()
    }

    /// The size of the largest head that we cosigned.
    #[must_use]
    pub const fn cosigned(&self) -> u64 {
        self.cosigned
    }

    /// The head that waits for our cosignature, if there is one.
    #[must_use]
    pub fn to_cosign(&self) -> Option<&SignedHead> {
        self.head().filter(|head| head.size() > self.cosigned)
    }

    /// The mirror after we cosigned its newest head.
    #[must_use]
    pub fn after_cosigning(mut self) -> Self {
        self.cosigned = self.size();
        self
    }

    /// What `entries`, which stand from `base` in the partner's log up to `head`, make of the mirror.
    ///
    /// `held` gives held entries by index range. It is asked only for what is repeated, and for the
    /// whole of it when an old head or a difference must be judged.
    ///
    /// # Errors
    /// Only those of `held`; what is wrong with the parcel is an [`Extension`].
    pub fn extend<E>(
        &self,
        base: u64,
        entries: &[Entry],
        head: &str,
        keys: &LogKeys,
        mut held: impl FnMut(Range<u64>) -> Result<Vec<Entry>, E>,
    ) -> Result<Extension, E> {
        let head = match SignedHead::verify(head, keys) {
            Ok(head) => head,
            Err(fault) => return Ok(Extension::BadSignature(fault)),
        };
        let have = self.size();
        if base.checked_add(entries.len() as u64) != Some(head.size()) {
            return Ok(Extension::WrongSize);
        }
        if base > have {
            return Ok(Extension::Stale { have });
        }
        let repeated = (have - base).min(entries.len() as u64) as usize;
        let (known, new) = entries.split_at(repeated);
        if let Some(index) = first_difference(base, known, &mut held)? {
            return judge_difference(base, entries, head, index, &mut held);
        }
        if head.size() < have {
            return self.judge_old(head, &mut held);
        }
        if let Some(index) = first_doubled(entries) {
            return Ok(Extension::Doubled {
                index: base + index,
            });
        }
        Ok(self.grown(new, head))
    }

    /// The mirror with `new` at its end, if the root is then that of `head`.
    fn grown(&self, new: &[Entry], head: SignedHead) -> Extension {
        let mut frontier = self.frontier.clone();
        let full = frontier.extend(new);
        if agrees(&head, &frontier) {
            let mirror = Self {
                frontier,
                head: Some(self.newer(head)),
                cosigned: self.cosigned,
            };
            return Extension::Extended(Extended {
                mirror,
                from: self.size(),
                new: new.to_vec(),
                full,
            });
        }
        if new.is_empty() {
            return fork(head.size(), head);
        }
        Extension::WrongRoot
    }

    /// `head`, unless the head that is held has its size and was signed no earlier.
    fn newer(&self, head: SignedHead) -> SignedHead {
        match self.head() {
            Some(held) if held.size() == head.size() && held.signed_at() >= head.signed_at() => {
                held.clone()
            }
            _ => head,
        }
    }

    /// An older head whose shown entries agree: honest if its root is that of what is held.
    fn judge_old<E>(
        &self,
        head: SignedHead,
        held: &mut impl FnMut(Range<u64>) -> Result<Vec<Entry>, E>,
    ) -> Result<Extension, E> {
        let root = root_of_held(head.size(), &[], held)?;
        if root == *head.head().root() {
            return Ok(Extension::Stale { have: self.size() });
        }
        Ok(fork(head.size(), head))
    }
}

/// A repeated entry differs at `index`: a fork if the head really signs it, else a faulty parcel.
fn judge_difference<E>(
    base: u64,
    entries: &[Entry],
    head: SignedHead,
    index: u64,
    held: &mut impl FnMut(Range<u64>) -> Result<Vec<Entry>, E>,
) -> Result<Extension, E> {
    let root = root_of_held(base, entries, held)?;
    if root == *head.head().root() {
        return Ok(fork(index, head));
    }
    Ok(Extension::WrongRoot)
}

fn fork(index: u64, head: SignedHead) -> Extension {
    Extension::Fork {
        index,
        head: Box::new(head),
    }
}

fn agrees(head: &SignedHead, frontier: &Frontier) -> bool {
    head.size() == frontier.size() && *head.head().root() == frontier.root()
}

/// The place of the first entry that stands a second time among these.
fn first_doubled(entries: &[Entry]) -> Option<u64> {
    let mut seen = BTreeSet::new();
    let twice = entries
        .iter()
        .position(|entry| !seen.insert(entry.as_bytes()));
    twice.map(|place| place as u64)
}

/// The index of the first of `repeated`, which begin at `base`, that is not what is held.
fn first_difference<E>(
    base: u64,
    repeated: &[Entry],
    held: &mut impl FnMut(Range<u64>) -> Result<Vec<Entry>, E>,
) -> Result<Option<u64>, E> {
    let mut at = base;
    for page in repeated.chunks(PAGE as usize) {
        let ours = held(at..at + page.len() as u64)?;
        // A row that is missing counts as different: nothing is taken as repeated unseen.
        let differs = |index: &usize| ours.get(*index) != page.get(*index);
        if let Some(index) = (0..page.len()).find(differs) {
            return Ok(Some(at + index as u64));
        }
        at += page.len() as u64;
    }
    Ok(None)
}

/// The root over the first `count` entries held and then `rest`.
fn root_of_held<E>(
    count: u64,
    rest: &[Entry],
    held: &mut impl FnMut(Range<u64>) -> Result<Vec<Entry>, E>,
) -> Result<Hash, E> {
    let mut frontier = Frontier::new();
    let mut at = 0;
    while at < count {
        let end = count.min(at + PAGE);
        frontier.extend(&held(at..end)?);
        at = end;
    }
    frontier.extend(rest);
    Ok(frontier.root())
}
