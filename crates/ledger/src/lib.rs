//! One Merkle log per link: entries, heads, mirrors, proofs, cosignatures.
//!
//! A Party signs an act by letting it stand in its log; its partner mirrors that log and cosigns
//! it. This crate has no private key, no clock, no storage and no network: it gives the bytes to
//! sign, verifies with public keys, and says what is wrong.
//!
//! | idea | module | source |
//! |---|---|---|
//! | an entry commits to a record | [`entry`] | PROTOCOL section 2 |
//! | entries form a tree | [`hash`], [`tree`], [`tile`] | RFC 6962, C2SP tlog-tiles |
//! | its owner signs size and root | [`key`], [`note`], [`head`] | C2SP signed-note, tlog-checkpoint |
//! | a court reads one file | [`proof`] | C2SP tlog-proof |
//! | its identity states its keys | [`notice`] | PROTOCOL section 3 |
//! | its partner holds and cosigns it | [`mirror`], [`cosignature`] | C2SP tlog-mirror, tlog-cosignature |
//! | anyone checks the whole of it | [`export`], [`check`] | C2SP tlog-tiles |

pub mod check;
pub mod cosignature;
pub mod entry;
pub mod export;
pub mod hash;
pub mod head;
pub mod hex;
pub mod key;
pub mod mirror;
pub mod name;
pub mod note;
pub mod notice;
pub mod proof;
pub mod tile;
pub mod tree;

pub use cosignature::Cosignature;
pub use entry::{Entry, Opening, Salt, sha256};
pub use hash::Hash;
pub use head::{Head, LogKeys, SignedHead};
pub use key::{KeyKind, VerifierKey};
pub use mirror::{Extension, Mirror};
pub use name::{Id, Origin};
pub use note::{Note, SignatureLine};
pub use notice::{Identity, Introduction, KeyNotice, KeyRing, phrase};
pub use proof::{Proof, Proven};
pub use tree::Frontier;
