//! The convergence engine.
//!
//! Pure part: [`spec`] (what is declared), [`plan`] (the way), [`step`] (fleet, input, now → changes and effects), [`guard`] (capacity),
//! [`rollback`] (the way back). It may use `domain`, `evidence` and `document`; it reads no clock and does no I/O.
//!
//! Shell: [`journal`] (the durable log), [`driver`] (how targets are changed), [`run`] (the engine at work). It may use `protocol`,
//! `metrics`, `simulation`, tokio and files besides.

pub mod driver;
pub mod effect;
pub mod guard;
pub mod journal;
pub mod plan;
pub mod rollback;
pub mod run;
pub mod spec;
pub mod step;
pub mod waves;
