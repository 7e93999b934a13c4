//! A whole log checked from what is at hand: entries, openings, heads, cosignatures.

use std::fmt;

use crate::cosignature::{Cosignature, CosignatureFault};
use crate::entry::{Entry, Opening};
use crate::head::{HeadFault, LogKeys, SignedHead};
use crate::key::VerifierKey;
use crate::note::Note;
use crate::tree::Frontier;

/// A log as someone holds it.
#[derive(Clone, Copy, Debug)]
pub struct Log<'l> {
    /// The keys of the Party whose log it is.
    pub keys: &'l LogKeys,
    /// The partner's ML-DSA-44 log key, whose cosignatures are looked for.
    pub partner: Option<&'l VerifierKey>,
    /// All entries in order.
    pub entries: &'l [Entry],
    /// The openings at hand, each with the index of its entry; any of them may have been erased.
    pub openings: &'l [(u64, Opening)],
    /// The signed heads at hand, in any order.
    pub heads: &'l [String],
}

/// One thing that does not fit. Its text is a whole sentence without the final stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// An opening does not give the entry at its index.
    Opening {
        /// The index.
        index: u64,
    },
    /// An opening names an index at which no entry stands.
    NoEntry {
        /// The index.
        index: u64,
    },
    /// A head is malformed, of another log, or not signed by both keys.
    Head {
        /// Which of the heads, counted from 0.
        place: usize,
        /// What is wrong.
        fault: HeadFault,
    },
    /// A head counts more entries than there are.
    TooFew {
        /// The size of the head.
        size: u64,
        /// How many entries there are.
        entries: u64,
    },
    /// A head's root is not that of the entries.
    Root {
        /// The size of the head.
        size: u64,
    },
    /// A larger head was signed before a smaller one.
    Order {
        /// The size of the larger head.
        size: u64,
        /// The size of the smaller head that was signed later.
        smaller: u64,
    },
    /// A cosignature of the partner is malformed or wrong.
    Cosignature {
        /// The size of the head.
        size: u64,
        /// What is wrong.
        fault: CosignatureFault,
    },
    /// Two copies of one log differ.
    Differs {
        /// The first index at which they do.
        index: u64,
    },
    /// No head covers the last entries.
    Uncovered {
        /// The size of the largest head that is right.
        size: u64,
        /// How many entries there are.
        entries: u64,
    },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Opening { index } => write!(f, "entry {index} does not match its opening"),
            Self::NoEntry { index } => write!(f, "there is an opening but no entry {index}"),
            Self::Head { place, fault } => write!(f, "head number {}: {fault}", place + 1),
            Self::TooFew { size, entries } => {
                write!(
                    f,
                    "the head of size {size} is signed, but there are {entries} entries"
                )
            }
            Self::Root { size } => {
                write!(
                    f,
                    "the root of the head of size {size} is not that of the entries"
                )
            }
            Self::Order { size, smaller } => write!(
                f,
                "the head of size {size} was signed before the smaller one of size {smaller}"
            ),
            Self::Cosignature { size, fault } => write!(f, "the head of size {size}: {fault}"),
            Self::Differs { index } => write!(f, "the two copies differ at entry {index}"),
            Self::Uncovered { size, entries } => {
                write!(
                    f,
                    "there are {entries} entries, but no head beyond size {size}"
                )
            }
        }
    }
}

/// What a check found: the faults, and what may be believed if there are none.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Findings {
    /// What does not fit; empty if all does.
    pub faults: Vec<Fault>,
    /// The size of the largest head that is right.
    pub covered: u64,
    /// The size of the largest head that is right and that the partner cosigned.
    pub cosigned: u64,
    /// How many entries were opened.
    pub opened: u64,
}

/// Checks the whole log. Costs one pass over the entries and two signatures a head.
#[must_use]
pub fn check(log: &Log<'_>) -> Findings {
    let mut findings = Findings::default();
    check_openings(log, &mut findings);
    let heads = verified_heads(log, &mut findings);
    check_order(&heads, &mut findings);
    check_roots(log, &heads, &mut findings);
    let entries = log.entries.len() as u64;
    if findings.covered < entries {
        findings.faults.push(Fault::Uncovered {
            size: findings.covered,
            entries,
        });
    }
    findings
}

/// Where two copies of one log differ; a copy that only ends earlier does not.
#[must_use]
pub fn compare(one: &[Entry], other: &[Entry]) -> Option<Fault> {
    let index = one
        .iter()
        .zip(other)
        .position(|(one, other)| one != other)?;
    Some(Fault::Differs {
        index: index as u64,
    })
}

fn check_openings(log: &Log<'_>, findings: &mut Findings) {
    for (index, opening) in log.openings {
        let entry = usize::try_from(*index)
            .ok()
            .and_then(|index| log.entries.get(index));
        match entry {
            None => findings.faults.push(Fault::NoEntry { index: *index }),
            Some(entry) if opening.opens(entry) => findings.opened += 1,
            Some(_) => findings.faults.push(Fault::Opening { index: *index }),
        }
    }
}

/// The heads whose signatures are right, the smallest first.
fn verified_heads(log: &Log<'_>, findings: &mut Findings) -> Vec<SignedHead> {
    let mut heads = Vec::new();
    for (place, note) in log.heads.iter().enumerate() {
        match SignedHead::verify(note, log.keys) {
            Ok(head) => heads.push(head),
            Err(fault) => findings.faults.push(Fault::Head { place, fault }),
        }
    }
    heads.sort_by_key(|head| (head.size(), head.signed_at()));
    heads
}

fn check_order(heads: &[SignedHead], findings: &mut Findings) {
    for pair in heads.windows(2) {
        if pair[1].signed_at() < pair[0].signed_at() {
            findings.faults.push(Fault::Order {
                size: pair[1].size(),
                smaller: pair[0].size(),
            });
        }
    }
}

fn check_roots(log: &Log<'_>, heads: &[SignedHead], findings: &mut Findings) {
    let mut frontier = Frontier::new();
    for head in heads {
        let size = head.size();
        let Some(next) = usize::try_from(size)
            .ok()
            .and_then(|size| log.entries.get(frontier.size() as usize..size))
        else {
            findings.faults.push(Fault::TooFew {
                size,
                entries: log.entries.len() as u64,
            });
            continue;
        };
        frontier.extend(next);
        if frontier.root() != *head.head().root() {
            findings.faults.push(Fault::Root { size });
            continue;
        }
        findings.covered = size;
        check_cosignature(log, head, findings);
    }
}

fn check_cosignature(log: &Log<'_>, head: &SignedHead, findings: &mut Findings) {
    let (Some(partner), Ok(note)) = (log.partner, Note::parse(head.note())) else {
        return;
    };
    match Cosignature::find(&note, head.head(), partner) {
        Ok(_) => findings.cosigned = head.size(),
        Err(CosignatureFault::Missing(_)) => {}
        Err(fault) => findings.faults.push(Fault::Cosignature {
            size: head.size(),
            fault,
        }),
    }
}
