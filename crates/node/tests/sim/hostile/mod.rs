//! A hostile or broken partner: the keys of one side in the hands of a client of the tests, the other side a node as it runs.
//!
//! Each test tries one thing and says what became of it: refused at the door with nothing kept, or receipted so that the fault
//! is attributable. docs/SAFEGUARDS.md lists them.

mod bodies;
mod connections;
mod handshakes;
mod ledgers;
mod partner;
mod receipts;
mod references;
mod responses;
mod scanners;
