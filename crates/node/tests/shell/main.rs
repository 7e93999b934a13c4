//! The shell as its users meet it: commands as real processes, two nodes that answer them, and the API behind the token.
//!
//! What is printed is compared with the texts in `snapshots/`. `ENTENTE_WRITE_SNAPSHOTS=1` writes them anew, to be read before
//! they are committed.

mod api;
mod case;
mod doctor;
mod draft;
mod flood;
mod help;
mod init;
mod keys;
mod ledger;
mod lists;
mod memorandum;
mod peer;
mod send;
mod snapshot;
mod walk;
mod world;
