//! The body of an act: what is sealed, and what is read again at the other end.

pub mod strict;
