//! Where a value came from.

use std::fmt;

/// Who said a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Nobody: it is the program's own.
    Default,
    /// What the terminal can show, in a few words.
    Terminal(String),
    /// A line of the settings file.
    File {
        /// The file.
        file: String,
        /// From 1.
        line: usize,
    },
    /// A variable of the environment.
    Variable(&'static str),
    /// A flag of the command line.
    Flag(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::Terminal(why) => write!(f, "the terminal: {why}"),
            Self::File { file, line } => write!(f, "{file}:{line}"),
            Self::Variable(name) | Self::Flag(name) => f.write_str(name),
        }
    }
}

/// A value, and who said it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said<T> {
    /// What holds.
    pub value: T,
    /// Who said so.
    pub origin: Origin,
}

impl<T> Said<T> {
    /// What holds where nobody says anything.
    pub const fn default_is(value: T) -> Self {
        Self { value, origin: Origin::Default }
    }

    /// What a flag says, where it was given.
    pub fn by_flag(name: &'static str, value: Option<T>) -> Option<Self> {
        value.map(|value| Self { value, origin: Origin::Flag(name) })
    }
}
