//! Faults that chance found in two nodes that stop at any moment.

mod found;
