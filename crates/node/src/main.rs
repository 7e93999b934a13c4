//! Entente: the node of one sovereign party.
fn main() {}
