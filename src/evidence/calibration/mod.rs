//! What the tests are worth: stages of which the truth is known, lived through thousands of times with fixed seeds.

mod table;
mod trial;

pub use table::{FalseAlarms, Power, Row, WrongClear, false_alarms, power, wrong_clears};
pub use trial::{Nuisance, Ran, Trial};
