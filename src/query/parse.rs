//! From a line to terms.

use super::term::{Field, Relation, Term, Test, plain};
use crate::domain::metric::{Metric, Unit};

/// What may be written, in a line.
pub const MEANING: &str = "env:production status:failed group:storage p99>300ms -cell:eu \"two words\"";

/// What cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("character {at}: {what}")]
pub struct Fault {
    /// Where the term begins that it is about, in characters from 1.
    pub at: usize,
    /// What is wrong, and what would be right.
    pub what: String,
}

/// A word of the line: where it begins, and its text without quotes. A sign inside quotes is text.
struct Word {
    at: usize,
    text: String,
    /// How many characters stand before the first quotes; `None` where there are none.
    bare: Option<usize>,
}

impl Word {
    const fn at(at: usize) -> Self {
        Self { at, text: String::new(), bare: None }
    }
}

/// Reads the terms of a line.
pub(super) fn read(line: &str) -> Result<Vec<Term>, Fault> {
    words(line)?.into_iter().map(|word| term(&word).map_err(|what| Fault { at: word.at, what })).collect()
}

fn words(line: &str) -> Result<Vec<Word>, Fault> {
    let (mut words, mut word): (Vec<Word>, Option<Word>) = (Vec::new(), None);
    let mut quoted = None;
    for (at, c) in (1..).zip(line.chars()) {
        match c {
            '"' => {
                quoted = if quoted.is_some() { None } else { Some(at) };
                let begun = word.get_or_insert_with(|| Word::at(at));
                begun.bare.get_or_insert(begun.text.chars().count());
            }
            c if c.is_whitespace() && quoted.is_none() => words.extend(word.take()),
            c => word.get_or_insert_with(|| Word::at(at)).text.push(c),
        }
    }
    if let Some(at) = quoted {
        return Err(Fault { at, what: "the quotes are not closed: write \"two words\"".to_owned() });
    }
    words.extend(word);
    Ok(words)
}

fn term(word: &Word) -> Result<Term, String> {
    let (not, text) = match word.text.strip_prefix(['-', '!']) {
        Some(rest) if word.bare != Some(0) => (true, rest),
        _ => (false, word.text.as_str()),
    };
    let signs = word.bare.unwrap_or(usize::MAX).saturating_sub(usize::from(not));
    let sign = text.char_indices().take(signs).find(|(_, c)| matches!(c, ':' | '=' | '<' | '>'));
    let Some((at, sign)) = sign else {
        return if text.is_empty() {
            Err("there is nothing after the -".to_owned())
        } else {
            Ok(Term { test: Test::Says(plain(text)), not })
        };
    };
    let (name, rest) = text.split_at_checked(at).unwrap_or((text, ""));
    let rest = rest.strip_prefix(sign).unwrap_or(rest);
    let asked = match sign {
        ':' | '=' => field(name, sign, rest)?,
        _ => measure(name, sign, rest)?,
    };
    Ok(Term { test: asked, not })
}

fn field(name: &str, sign: char, rest: &str) -> Result<Test, String> {
    let Some(field) = Field::named(name) else {
        if metric(name).is_some() {
            return Err(format!("a metric is compared with a number: write {name}>{}", example(name)));
        }
        let known: Vec<_> = Field::ALL.iter().filter_map(|(_, names)| names.first().copied()).collect();
        return Err(format!("{name:?} is no field; there are {}", known.join(", ")));
    };
    let wanted: Vec<String> = rest.split(',').filter(|part| !part.is_empty()).map(plain).collect();
    if wanted.is_empty() {
        return Err(format!("{name}{sign} says nothing: write {name}{sign}NAME"));
    }
    Ok(if sign == ':' { Test::Contains(field, wanted) } else { Test::Is(field, wanted) })
}

fn measure(name: &str, sign: char, rest: &str) -> Result<Test, String> {
    let Some(metric) = metric(name) else {
        let known: Vec<_> = Metric::ALL.iter().map(|metric| spelled(*metric)).collect();
        return Err(format!("{name:?} is no metric; there are {}", known.join(", ")));
    };
    let (or_equal, number) = rest.strip_prefix('=').map_or((false, rest), |number| (true, number));
    let relation = match (sign, or_equal) {
        ('>', false) => Relation::Over,
        ('>', true) => Relation::AtLeast,
        (_, false) => Relation::Under,
        (_, true) => Relation::AtMost,
    };
    let bound = number_of(metric, number)
        .ok_or_else(|| format!("{number:?} is no value of {name}: write {name}{sign}{}", example(name)))?;
    Ok(Test::Measures(metric, relation, bound))
}

/// A metric by its word, with or without its gaps: `end-to-end`, `cpu`, `p99.9`.
fn metric(name: &str) -> Option<Metric> {
    Metric::ALL.into_iter().find(|metric| spelled(*metric).eq_ignore_ascii_case(name))
}

fn spelled(metric: Metric) -> String {
    metric.word().replace(' ', "-").to_lowercase()
}

fn example(name: &str) -> &'static str {
    match metric(name).map(Metric::unit) {
        Some(Unit::Seconds) => "300ms",
        _ => "0.1%",
    }
}

/// A number with its unit, in the metric's own: `300ms`, `1.5s`, `0.1%`. A share may be written without a unit, as a part of 1.
fn number_of(metric: Metric, text: &str) -> Option<f64> {
    let scaled = |suffix: &str, scale: f64| Some(text.strip_suffix(suffix)?.trim_end().parse::<f64>().ok()? * scale);
    let value = match metric.unit() {
        Unit::Seconds => scaled("ms", 0.001).or_else(|| scaled("s", 1.0)),
        Unit::Share => scaled("%", 0.01).or_else(|| text.parse().ok()),
    };
    value.filter(|value: &f64| value.is_finite() && *value >= 0.0)
}
