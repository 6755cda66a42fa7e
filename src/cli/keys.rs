//! The keys of the console, as lines.

use crate::console::keymap::readme_table;

use super::exit::{Exit, say};

/// Prints the key table.
pub fn run() -> Exit {
    say(readme_table().trim_end());
    Exit::Done
}
