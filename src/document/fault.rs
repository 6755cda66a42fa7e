//! One mistake in a document.

use std::fmt;

use crate::safe;

/// A mistake in a document, or something in it that is allowed and yet surprising.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// The document's name, as the person gave it.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// What is wrong.
    pub what: String,
    /// What would be right.
    pub instead: String,
}

impl Fault {
    /// A fault with every part of it made safe to show: names in it are foreign text.
    pub fn new(file: &str, line: usize, what: &str, instead: &str) -> Self {
        Self { file: safe::clean(file), line, what: safe::clean(what), instead: safe::clean(instead) }
    }
}

/// `fleet.toml:12: service "blob" is declared twice (first at line 8); give one of them another name`
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}; {}", self.file, self.line, self.what, self.instead)
    }
}

/// What was read, or every fault found, in the order of the lines. Never empty.
pub type Checked<T> = Result<T, Vec<Fault>>;

/// What was read from a document without fault, and what is worth a second look all the same.
#[derive(Clone, Debug, PartialEq)]
pub struct Sound<T> {
    /// What was read.
    pub value: T,
    /// Allowed, and yet probably not meant.
    pub warnings: Vec<Fault>,
}
