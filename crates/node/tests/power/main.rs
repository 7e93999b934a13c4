//! Lost power and lost disk: nothing that was promised is lost and nothing is half done, whenever the power fails.
//!
//! Real `entente serve` processes run under a fault layer (`layer.c`, compiled here with `cc`), which writes every change of their
//! folders down. From that record [`disk`] builds what a power cut at any moment leaves: what was not synced is gone.
//!
//! `ENTENTE_KILLS=200` kills so often under load.

mod clock;
mod cuts;
mod disk;
mod judge;
mod kills;
mod layer;
mod room;
mod trace;
mod world;
