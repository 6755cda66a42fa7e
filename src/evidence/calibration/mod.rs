//! What the tests are worth: stages of which the truth is known, lived through thousands of times with fixed seeds.

mod table;
mod trial;

pub use table::{FalseAlarms, Foretold, Power, Row, WrongClear, false_alarms, foretold, power, wrong_clears};
pub use trial::{Nuisance, Ran, Trial};
