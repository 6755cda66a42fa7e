//! Reading the Prometheus text exposition: only the families wanted, every line of theirs either read or counted.
//!
//! `prometheus-parse` reads the ordinary lines. It drops or garbles others without a word (names with a colon, label values
//! holding `}` `,` `=` quotes or escapes, quoted UTF-8 names, empty braces, space between labels), so those go to a strict
//! reader of our own, and what neither can read is counted.

mod plain;
mod strict;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

/// What a sample is of. A histogram's buckets are series with an `le` label.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Series {
    /// The name as exposed, with `_bucket`, `_sum` or `_count` where it has one.
    pub name: Arc<str>,
    /// Label names and values, escapes undone, in order of name. Not cleaned for display. There are thousands of series, and they say
    /// the same few names and values again and again: these are shared.
    labels: Box<[(Arc<str>, Arc<str>)]>,
}

impl Series {
    /// A label's value. A label that is absent and one that is empty are the same thing in Prometheus.
    pub fn label(&self, name: &str) -> Option<&str> {
        let found = self.labels.binary_search_by(|(known, _)| (**known).cmp(name)).ok()?;
        self.labels.get(found).map(|(_, value)| &**value).filter(|value| !value.is_empty())
    }
}

/// What a line says a series is, before it is remembered.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Said {
    name: String,
    labels: BTreeMap<String, String>,
}

/// A series and its value at the time of the scrape.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// Of what.
    pub series: Arc<Series>,
    /// How much; may be NaN or infinite.
    pub value: f64,
}

/// What was read from one scrape.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Exposition {
    /// In the order of the text, each series once.
    pub samples: Vec<Sample>,
    /// Lines of wanted families that gave no sample: malformed, cut off by the end of the text, or a series said twice.
    pub unreadable: u64,
}

/// Reads scrapes of one target. Consecutive scrapes say the same series again and again, so their text is remembered: a line whose
/// series is known costs a look-up and a number. What is remembered is at most twice what a scrape holds.
#[derive(Clone, Debug, Default)]
pub struct Reader {
    /// Series by how plain lines write them.
    by_text: HashMap<String, Arc<Series>>,
    /// Every series remembered, so that two ways of writing one are one.
    known: HashSet<Arc<Series>>,
    /// Every name and value in them.
    words: HashSet<Arc<str>>,
}

/// How many series may be remembered beyond what the last scrape calls for.
const SPARE: usize = 1_024;

impl Reader {
    /// Reads the samples of the wanted families from a scrape. A wanted `x` includes `x_bucket`, `x_sum` and `x_count`.
    ///
    /// The format demands a line feed after the last line; a last line without one may be the first half of another and is not
    /// believed.
    pub fn read(&mut self, text: &str, wanted: &[&str]) -> Exposition {
        // One place a line, so that samples keep the order of the text whoever reads them.
        let mut places: Vec<Option<Sample>> = Vec::new();
        let mut unknown = Vec::new();
        for line in text.split_inclusive('\n') {
            let whole = line.ends_with('\n');
            let line = line.trim_matches([' ', '\t', '\r', '\n']);
            if line.is_empty() || line.starts_with('#') || !is_wanted(line, wanted) {
                continue;
            }
            let sample = if !whole {
                None
            } else if let Some(sample) = self.known_series(line) {
                Some(sample)
            } else if plain::is_plain(line) {
                unknown.push((places.len(), line));
                None
            } else {
                self.read_strictly(line)
            };
            places.push(sample);
        }
        self.read_unknown(&unknown, &mut places);
        let mut seen = HashSet::with_capacity(places.len());
        let lines = places.len();
        let samples: Vec<Sample> = places.into_iter().flatten().filter(|sample| seen.insert(Arc::as_ptr(&sample.series))).collect();
        self.forget(samples.len());
        Exposition { unreadable: (lines - samples.len()) as u64, samples }
    }

    /// The sample of a plain line whose series is known.
    fn known_series(&self, line: &str) -> Option<Sample> {
        let (series, values) = plain::split(line)?;
        Some(Sample { series: Arc::clone(self.by_text.get(series)?), value: plain::value(values)? })
    }

    /// Has the crate read plain lines of series not known yet. A line it gives nothing for stays without a sample.
    fn read_unknown(&mut self, lines: &[(usize, &str)], places: &mut [Option<Sample>]) {
        let read = plain::read_lines(lines.iter().map(|(_, line)| *line));
        if read.len() != lines.len() {
            // Which line was dropped is not said, so none of the answers can be given a line: our own reader takes them all.
            for (place, line) in lines {
                if let Some(place) = places.get_mut(*place) {
                    *place = self.read_strictly(line);
                }
            }
            return;
        }
        for ((place, line), (series, value)) in lines.iter().zip(read) {
            let series = self.remember(series);
            if let Some((text, _)) = plain::split(line) {
                self.by_text.insert(text.to_owned(), Arc::clone(&series));
            }
            if let Some(place) = places.get_mut(*place) {
                *place = Some(Sample { series, value });
            }
        }
    }

    fn read_strictly(&mut self, line: &str) -> Option<Sample> {
        strict::read_line(line).map(|(series, value)| Sample { series: self.remember(series), value })
    }

    fn remember(&mut self, said: Said) -> Arc<Series> {
        let mut word = |text: String| {
            let known = self.words.get(text.as_str()).cloned();
            known.unwrap_or_else(|| {
                let word = Arc::from(text);
                self.words.insert(Arc::clone(&word));
                word
            })
        };
        let name = word(said.name);
        let series = Series { name, labels: said.labels.into_iter().map(|(name, value)| (word(name), word(value))).collect() };
        if let Some(known) = self.known.get(&series) {
            return Arc::clone(known);
        }
        let series = Arc::new(series);
        self.known.insert(Arc::clone(&series));
        series
    }

    /// Forgets everything once it is much more than a scrape needs; the next one fills it again.
    fn forget(&mut self, needed: usize) {
        let most = 2 * needed + SPARE;
        if self.known.len() > most || self.by_text.len() > most {
            *self = Self::default();
        }
    }
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
