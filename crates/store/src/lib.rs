//! What a node keeps: SQL, and one public function is one transaction.
//!
//! Everything here blocks: call it from a blocking thread. There is one writer at a time; readers never wait for it.
//! Nothing here knows a private key, and nothing here decides: the flow decides, and hands over what to keep.
//!
//! Every write is safe to run again after an unknown outcome, because each names the position that it continues, in our
//! log and in the mirror. What no longer continues is refused as [`StoreError::Moved`].

mod backup;
mod body;
mod case;
mod clock;
mod concern;
mod draft;
mod error;
mod held;
mod inbox;
mod intruder;
mod journal;
mod key_notice;
mod ledger;
mod link;
mod migration;
mod mirror;
mod notice;
mod outbox;
mod sql;
mod transaction;

pub use backup::{Copied, Restoration, copy};
pub use body::Body;
pub use case::{CaseLine, Closing, Take};
pub use clock::{ClockEnd, ClockLine, RefoldMark};
pub use concern::{Concern, HomeLine, QuotaUse, Wanted};
pub use draft::SentDraft;
pub use error::StoreError;
pub use held::Held;
pub use inbox::{InboxLine, Outcome, Taking};
pub use intruder::{Intruder, KeptOpening};
pub use journal::{JournalDay, JournalLine};
pub use key_notice::{KeyNotice, Keyholder, MirroredNotice};
pub use ledger::{Cosignature, EntryKind, Head, OwnEntry, OwnGrowth};
pub use link::{Link, LinkId, Version};
pub use mirror::{Fork, MirrorEntry, MirrorGrowth, MirrorHead};
pub use notice::Notice;
pub use outbox::{Attempt, OutboxLine, TakenOver};
pub use sql::Store;
pub use transaction::{
    Filed, Filing, KeptBack, Release, Released, Settled, Settlement, Taken, Unfolding,
};

/// 32 bytes: a digest, an entry, a message id.
pub type Bytes32 = [u8; 32];
