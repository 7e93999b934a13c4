//! The node of one sovereign party: everything that touches the world. The binary `entente` only calls [`command::run`].

pub mod agreement;
pub mod api;
pub mod batch;
pub mod chance;
pub mod clock;
pub mod command;
pub mod config;
pub mod desk;
pub mod door;
pub mod evidence;
pub mod fault;
pub mod finding;
pub mod flow;
pub mod folder;
pub mod journal;
pub mod keys;
pub mod link;
pub mod node;
pub mod peer;
pub mod post;
pub mod restart;
pub mod roster;
pub mod rows;
pub mod together;
pub mod wraps;
