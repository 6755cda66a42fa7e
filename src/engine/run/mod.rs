//! The engine at work: its state, what it makes of a tick's numbers, and the two ways time passes for it.
//!
//! [`core`] is what both share; [`stepped`] lets virtual time pass at will, for tests; [`live`] follows the wall.

mod ask;
mod burned;
mod call;
pub mod core;
mod journeys;
pub mod live;
mod logs;
mod numbers;
pub mod record;
pub mod script;
pub mod setup;
mod stages;
pub mod stepped;
