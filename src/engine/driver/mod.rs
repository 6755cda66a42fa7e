//! How targets are changed.

pub mod simulated;
