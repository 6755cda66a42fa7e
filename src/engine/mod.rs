//! The convergence engine.
//!
//! Pure part: [`plan`] (the way), [`step`] (fleet, input, now → changes and effects), [`guard`] (capacity), [`rollback`] (the way back).
//! It may use `domain` and `evidence`; it reads no clock and does no I/O.

pub mod driver;
pub mod effect;
pub mod guard;
pub mod plan;
pub mod rollback;
pub mod run;
pub mod step;
