//! A TOML document read with every fault named: file, line, what is wrong, and what would be right.
//!
//! Specs, scenarios, themes and settings are all written by hand, often in a hurry, so a reader of this module goes on after
//! a fault and reports all of them at once. May use `safe`, the plain value types of `domain`, and `toml`. No I/O: text comes in,
//! a result goes out.

mod fault;
mod nearest;
mod table;
mod value;

pub use fault::{Checked, Fault, Sound};
pub use nearest::nearest;
pub use table::{At, Sheet, Table, read};
pub use value::{Date, FromDocument, Percent, parse_percent, parse_period};
