//! The rules of cooperation, pure: no async, no SQL, no HTTP, no clock, no chance.
//!
//! A [`memorandum::Memorandum`] is read from its folder; a [`policy::Policy`] is compiled from it;
//! an [`act::Act`] is judged against a [`case::State`] and yields a [`judgement::Judgement`].

// The acts that tests build are shared with the tests outside the crate, which name it so.
#[cfg(test)]
extern crate self as entente_cooperation;

pub mod act;
pub mod body;
pub mod case;
pub mod clock;
pub mod delivery;
pub mod derived;
pub mod digest;
pub mod draft;
pub mod fact;
pub mod incoming;
pub mod judgement;
pub mod memorandum;
pub mod outgoing;
pub mod policy;
pub mod print;
pub mod receipt;
pub mod record;
pub mod red_line;
pub mod reference;
pub mod value;
pub mod wording;
