//! The ledger tested from outside, as another program would use it.

mod check;
mod export;
mod judges;
mod mirror;
mod naive;
mod note;
mod notice;
mod party;
mod proof;
mod tree;
mod vector_cases;
mod vectors;
