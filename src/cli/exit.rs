//! What the shell is told.

use std::fmt::Display;
use std::io::{self, Write as _};
use std::process::ExitCode;

/// How it ended. The numbers are part of the interface: scripts rely on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done = 0,
    /// Asked and answered: the answer is no.
    No = 1,
    /// Misuse, or bad input.
    Misuse = 2,
    /// Nothing was heard in time.
    TimedOut = 4,
    /// The backend cannot be reached.
    Unreachable = 6,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Prints a line. A reader that has gone away (`| head`) is no fault.
pub fn say(line: impl Display) {
    let _ = writeln!(io::stdout().lock(), "{line}");
}

/// Prints a complaint, and ends with `exit`.
pub fn complain(line: impl Display, exit: Exit) -> Exit {
    let _ = writeln!(io::stderr().lock(), "pushdeck: {line}");
    exit
}
