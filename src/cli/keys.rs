//! The keys of the console, as lines.

use crate::console::keymap::{Access, Keymap, markdown};

use super::Global;
use super::exit::{Exit, complain, say};
use super::preferences::settings;

/// Prints the key table in force: the usual one, with the settings' keys laid over it.
pub fn run(global: &Global) -> Exit {
    let settings = match settings(global) {
        Ok(settings) => settings,
        Err(exit) => return exit,
    };
    match Keymap::with(Access::Operate, &settings.keys) {
        Ok(keymap) => {
            say(markdown(keymap.rows()).trim_end());
            Exit::Done
        }
        Err(faults) => faults.iter().fold(Exit::Misuse, |exit, fault| complain(fault, exit)),
    }
}
