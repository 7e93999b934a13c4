//! Lost power and lost disk: nothing that was promised is lost and nothing is half done, whenever the power fails.
//!
//! Real `entente serve` processes run under a fault layer (`layer.c`, compiled here with `cc`), which writes every change of their
//! folders down. From that record [`disk`] builds what a power cut at any moment leaves: what was not synced is gone.

mod cuts;
mod disk;
mod judge;
mod layer;
mod trace;
mod world;
