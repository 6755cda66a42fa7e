//! Reading the Prometheus text exposition: only the families wanted, every line of theirs either read or counted.
//!
//! `prometheus-parse` reads the ordinary lines. It drops or garbles others without a word (names with a colon, label values
//! holding `}` `,` `=` quotes or escapes, quoted UTF-8 names, empty braces, space between labels), so those go to a strict
//! reader of our own, and what neither can read is counted.

mod plain;
mod strict;

use std::collections::BTreeMap;

/// One sample: a series and its value at the time of the scrape. A histogram's buckets are samples with an `le` label.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// The name as exposed, with `_bucket`, `_sum` or `_count` where it has one.
    pub name: String,
    /// Label values by label name, escapes undone. Not cleaned for display.
    pub labels: BTreeMap<String, String>,
    /// The value, which may be NaN or infinite.
    pub value: f64,
}

impl Sample {
    /// A label's value. A label that is absent and one that is empty are the same thing in Prometheus.
    pub fn label(&self, name: &str) -> Option<&str> {
        self.labels.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}

/// What was read from one scrape.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Exposition {
    /// In order of name and labels, each series once.
    pub samples: Vec<Sample>,
    /// Lines of wanted families that gave no sample: malformed, cut off by the end of the text, or a series said twice.
    pub unreadable: u64,
}

/// Reads the samples of the wanted families from a scrape. A wanted `x` includes `x_bucket`, `x_sum` and `x_count`.
///
/// The format demands a line feed after the last line; a last line without one may be the first half of another and is not
/// believed.
pub fn read(text: &str, wanted: &[&str]) -> Exposition {
    let mut plain_lines = Vec::new();
    let mut samples = Vec::new();
    let mut unreadable = 0;
    for line in text.split_inclusive('\n') {
        let whole = line.ends_with('\n');
        let line = line.trim_matches([' ', '\t', '\r', '\n']);
        if line.is_empty() || line.starts_with('#') || !is_wanted(line, wanted) {
            continue;
        }
        if !whole {
            unreadable += 1;
        } else if plain::is_plain(line) {
            plain_lines.push(line);
        } else if let Some(sample) = strict::read_line(line) {
            samples.push(sample);
        } else {
            unreadable += 1;
        }
    }
    let lines = plain_lines.len();
    let before = samples.len();
    plain::read_lines(&plain_lines, &mut samples);
    unreadable += (lines + before).saturating_sub(samples.len()) as u64;

    samples.sort_by(|a, b| (&a.name, &a.labels).cmp(&(&b.name, &b.labels)));
    let read = samples.len();
    samples.dedup_by(|again, first| again.name == first.name && again.labels == first.labels);
    unreadable += (read - samples.len()) as u64;
    Exposition { samples, unreadable }
}

/// Whether a line is of a wanted family, by the name it begins with; a quoted name is looked for inside the braces.
fn is_wanted(line: &str, wanted: &[&str]) -> bool {
    let name = match line.strip_prefix('{') {
        Some(inside) => inside.trim_start().strip_prefix('"').and_then(|name| name.split('"').next()).unwrap_or_default(),
        None => line.split(['{', ' ', '\t']).next().unwrap_or_default(),
    };
    let family = ["_bucket", "_sum", "_count"].iter().find_map(|suffix| name.strip_suffix(suffix));
    wanted.iter().any(|wanted| *wanted == name || Some(*wanted) == family)
}

#[cfg(test)]
mod tests;
