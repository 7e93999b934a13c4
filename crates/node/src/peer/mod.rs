//! The partner: what is said to it ([`parcel`]), how it is known ([`tls`]), where it is heard ([`server`]) and called ([`client`]).

pub mod budget;
pub mod client;
pub mod dated;
mod descriptors;
pub mod handshakes;
pub mod parcel;
pub mod problem;
pub mod server;
pub mod tls;
pub mod traffic;
#[cfg(test)]
mod vectors;
