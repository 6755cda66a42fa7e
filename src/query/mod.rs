//! The filter language: one line that says which things are meant, the same on every screen and on the command line.
//!
//! ```text
//!   env:production status:failed      both must hold
//!   group:storage,checkout            either of the two
//!   service=api                       exactly this, where : means "contains"
//!   p99>300ms  errors>=0.1%           a metric, as last measured
//!   -status:converged                 not so
//!   eu "two words"                    anywhere in its words
//! ```
//!
//! Pure; may use `domain`. What a thing answers is up to whoever asks: a [`Subject`].

mod parse;
mod term;

pub use parse::{Fault, MEANING};
pub use term::{Field, Relation, Term, Test};

use crate::domain::metric::Metric;

/// Something that a query can be asked about.
pub trait Subject {
    /// What it has in this field; empty where it has none. Every spelling it may be asked by.
    fn values(&self, field: Field) -> Vec<String>;

    /// What was last measured of it: a value for each of its parts; empty where nothing is known.
    fn measured(&self, metric: Metric) -> Vec<f64>;

    /// Its words, as they are shown.
    fn words(&self) -> String;
}

/// Which things are meant. An empty one means all.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Query {
    terms: Vec<Term>,
}

impl Query {
    /// Reads a line.
    ///
    /// # Errors
    /// The first thing in it that cannot be understood, where it stands, and what would be right.
    pub fn read(text: &str) -> Result<Self, Fault> {
        parse::read(text).map(|terms| Self { terms })
    }

    /// Whether every term holds of it. What is not known of a thing holds neither of it nor against it: it is not meant.
    pub fn means(&self, subject: &impl Subject) -> bool {
        self.terms.iter().all(|term| term.holds(subject))
    }

    /// Whether it means everything.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }
}

#[cfg(test)]
mod tests;
