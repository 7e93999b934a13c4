//! Keys, and bytes sealed for one recipient: [`seal`] → [`Sealed`] → [`open`] → [`Opened`].
//!
//! A sealed file is age v1 (C2SP age) with one `mlkem768x25519` stanza. What a stranger sends is read through [`open`], which
//! hands out the plaintext only when it is complete and authenticated. The key of one file is a [`FileKey`]; at rest it lies under
//! the [`WrapKey`] of a period, bound to its message, so that destroying the wrap destroys the content. [`SigningKey`] signs
//! for logs and notices, twice: Ed25519 and ML-DSA-44.
//!
//! No secret here has `Debug`, `Display` or `Clone`; each is wiped when dropped. What chance is needed comes from the system;
//! every key can also be made from a given seed.
//!
//! None of these compiles:
//! ```compile_fail
//! fn shown<Secret: std::fmt::Debug>() {}
//! shown::<entente_seal::FileKey>();
//! ```
//! ```compile_fail
//! fn shown<Secret: std::fmt::Debug>() {}
//! shown::<entente_seal::Identity>();
//! ```
//! ```compile_fail
//! fn shown<Secret: std::fmt::Debug>() {}
//! shown::<entente_seal::SigningKey>();
//! ```
//! ```compile_fail
//! fn shown<Secret: std::fmt::Debug>() {}
//! shown::<entente_seal::WrapKey>();
//! ```

mod archive;
mod header;
mod hybrid;
mod key;
mod message;
mod passphrase;
mod recipient;
mod sealed;
mod wrap;

pub use archive::{ArchiveKey, ArchiveLock, ArchiveWriter, lock_archive, unlock_archive};
pub use header::HEADER_MAX_BYTES;
pub use key::{BadKey, MLDSA44_PUBLIC_BYTES, MLDSA44_SIGNATURE_BYTES, SigningKey};
pub use message::{BadMessageId, FileKey, MessageId};
pub use passphrase::{BadPassphrase, is_locked, lock, unlock};
pub use recipient::{BadRecipient, Identity, Recipient};
pub use sealed::{Opened, Sealed, Unreadable, open, open_with, seal};
pub use wrap::{BadWrap, Epoch, WRAPPED_KEY_BYTES, WrapKey, WrappedKey};
