//! The convergence engine. Its pure part (`spec`) may use `domain`, `evidence` and `document`, and no clock, no I/O.
//! Its shell (`journal`) may use files and `protocol` besides.

pub mod journal;
pub mod spec;
