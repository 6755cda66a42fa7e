//! One condition, and whether it holds.

use super::Subject;
use crate::domain::metric::Metric;

/// A property that is asked for by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Field {
    /// The environment it is in, or is about.
    Environment,
    /// Its status, by the word on screens or the one in JSON.
    Status,
    /// The group it belongs to.
    Group,
    /// Its service.
    Service,
    /// The push that moves it, by name.
    Push,
    /// Its cell: a region, zone or cluster.
    Cell,
    /// A version of it.
    Version,
    /// Whoever did it, or can.
    Who,
    /// What kind of thing it is: what it waits for, what happened, which metric.
    Kind,
}

impl Field {
    /// Every field with the words it may be asked by, the usual one first.
    pub const ALL: [(Self, &'static [&'static str]); 9] = [
        (Self::Environment, &["env", "environment"]),
        (Self::Status, &["status"]),
        (Self::Group, &["group"]),
        (Self::Service, &["service"]),
        (Self::Push, &["push"]),
        (Self::Cell, &["cell", "region"]),
        (Self::Version, &["version"]),
        (Self::Who, &["who", "by"]),
        (Self::Kind, &["kind"]),
    ];

    /// The field that a word names.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, names)| names.iter().any(|name| name.eq_ignore_ascii_case(word))).map(|(field, _)| *field)
    }
}

/// How a number must stand to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// Greater.
    Over,
    /// Greater or equal.
    AtLeast,
    /// Less.
    Under,
    /// Less or equal.
    AtMost,
}

impl Relation {
    fn holds(self, value: f64, bound: f64) -> bool {
        match self {
            Self::Over => value > bound,
            Self::AtLeast => value >= bound,
            Self::Under => value < bound,
            Self::AtMost => value <= bound,
        }
    }
}

/// What is asked; texts as they are compared.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// One of the field's values contains one of these.
    Contains(Field, Vec<String>),
    /// One of the field's values is one of these.
    Is(Field, Vec<String>),
    /// One of what was measured stands so, in the metric's unit.
    Measures(Metric, Relation, f64),
    /// Its words, or any field, contain this.
    Says(String),
}

/// One condition.
#[derive(Clone, Debug, PartialEq)]
pub struct Term {
    /// What is asked.
    pub test: Test,
    /// Whether it must not be so.
    pub not: bool,
}

impl Term {
    /// Whether it holds; never where the thing has no answer.
    pub fn holds(&self, subject: &impl Subject) -> bool {
        let answers = |found: Vec<String>, fits: &dyn Fn(&str) -> bool| {
            !found.is_empty() && found.iter().any(|value| fits(&plain(value))) != self.not
        };
        match &self.test {
            Test::Contains(field, wanted) => {
                answers(subject.values(*field), &|value| wanted.iter().any(|part| value.contains(part.as_str())))
            }
            Test::Is(field, wanted) => answers(subject.values(*field), &|value| wanted.iter().any(|whole| value == whole)),
            Test::Measures(metric, relation, bound) => {
                let found = subject.measured(*metric);
                !found.is_empty() && found.iter().any(|value| relation.holds(*value, *bound)) != self.not
            }
            Test::Says(part) => {
                let in_a_field =
                    || Field::ALL.iter().any(|(field, _)| subject.values(*field).iter().any(|v| plain(v).contains(part)));
                (plain(&subject.words()).contains(part) || in_a_field()) != self.not
            }
        }
    }
}

/// As it is compared: no capitals, and one kind of gap between words.
pub(super) fn plain(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).map(|c| if matches!(c, '-' | '_') { ' ' } else { c }).collect()
}
