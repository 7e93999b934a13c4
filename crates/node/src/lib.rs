//! The node of one sovereign party: everything that touches the world. The binary `entente` only calls [`command::run`].

pub mod api;
pub mod chance;
pub mod clock;
pub mod command;
pub mod config;
pub mod evidence;
pub mod folder;
pub mod keys;
pub mod link;
pub mod peer;
pub mod roster;
