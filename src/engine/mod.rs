//! The convergence engine.
//!
//! Pure part: [`spec`] (what is declared), [`step`] (fleet, input, now → changes and effects). It may use `domain`, `evidence` and
//! `document`; it reads no clock and does no I/O. What it works out from the fleet alone, whoever looks ahead works out the same way:
//! [`plan`] (the way), [`guard`] (capacity) and [`rollback`] (the way back) are the domain's.
//!
//! Shell: [`journal`] (the durable log), [`driver`] (how targets are changed), [`run`] (the engine at work). It may use `protocol`,
//! `metrics`, `simulation`, tokio and files besides.

pub mod driver;
pub mod effect;
pub mod journal;
pub mod run;
pub mod spec;
pub mod step;

pub use crate::domain::{guard, plan, way_back as rollback};
