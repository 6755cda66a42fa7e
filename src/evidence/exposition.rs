//! Reading the exposition of a target, Prometheus text (0.0.4) or `OpenMetrics` (1.0): only the families wanted, every line of theirs
//! either read or counted.
//!
//! `prometheus-parse` reads the ordinary lines. It drops or garbles others without a word (names with a colon, label values
//! holding `}` `,` `=` quotes or escapes, quoted UTF-8 names, empty braces, space between labels), so those go to a strict
//! reader of our own, and what neither can read is counted.
//!
//! # Memory
//!
//! Unwanted families cost none. A wanted series of four or five labels and 110 bytes of text costs 460 to 540 bytes, its text
//! included; while a scrape is read, its samples add 16 to 32 each. (Measured with a counting allocator around [`Reader::read`] on the
//! texts of the bench: 864, 13,393 and 66,961 series.) What follows counters from scrape to scrape adds less than 100. So a cell of
//! 20,000 series takes 12 MB.
//!
//! What a target says is bounded by [`limits`], and what is remembered of it by little more than two scrapes. At its worst, with as
//! many bytes as may be, as many labels as may be and none of them ever said before, that was 333 MB at the peak; with one label to
//! a series 185 MB.

mod gathered;
pub mod limits;
mod line;
mod memory;
mod plain;
mod select;
mod strict;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use self::gathered::Gathered;
use self::memory::{Memory, Place};
use self::select::{Line, Selection};

/// What a sample is of. A histogram's buckets are series with an `le` label.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Series {
    /// The name as exposed, with `_bucket`, `_sum` or `_count` where it has one.
    pub name: Arc<str>,
    /// Label names and values, escapes undone, in order of name. Not cleaned for display. There are thousands of series, and they say
    /// the same few names and values again and again: these are shared. A label that is absent and one that is empty are the same
    /// thing in Prometheus: none here is empty.
    labels: Box<[(Arc<str>, Arc<str>)]>,
}

impl Series {
    /// A label's value, which is never empty.
    pub fn label(&self, name: &str) -> Option<&str> {
        let found = self.labels.binary_search_by(|(known, _)| (**known).cmp(name)).ok()?;
        self.labels.get(found).map(|(_, value)| &**value)
    }
}

/// What a line says a series is, before it is remembered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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
    /// In the order of the text, each series once; [`limits::SERIES`] at most.
    pub samples: Vec<Sample>,
    /// Lines of wanted families that gave no sample: malformed, not UTF-8, cut off by the end of the text, a series said twice, or
    /// beyond one of the [`limits`].
    pub unreadable: u64,
}

/// The most bytes of a scrape that the crate is given. It takes some ten times as long as our own reader, which reads the rest of the
/// plain lines alike: one target's new series must not hold up the round of all the others.
const MOST_BY_CRATE: usize = 1024 * 1024;

/// Reads scrapes of one target. Consecutive scrapes say the same series again and again, so their text is remembered: a line whose
/// series is known costs a comparison and a number. What is remembered is at most little more than twice what a scrape holds.
#[derive(Clone, Debug, Default)]
pub struct Reader {
    memory: Memory,
    /// Bytes of this scrape that the crate was given.
    by_crate: usize,
}

impl Reader {
    /// Reads the samples of the wanted families from a scrape. A wanted `x` includes `x_bucket`, `x_sum` and `x_count`. What stands in
    /// other lines does not matter, be it UTF-8 or not.
    ///
    /// The format demands a line feed after the last line; a last line without one may be the first half of another and is not
    /// believed.
    pub fn read(&mut self, text: &(impl AsRef<[u8]> + ?Sized), wanted: &[&str]) -> Exposition {
        let mut read = Exposition::default();
        self.memory.begin_scrape();
        self.by_crate = 0;
        for (index, line) in Selection::new(wanted).lines(text.as_ref()).enumerate() {
            let sample = if index < limits::SERIES { self.sample(&line) } else { None };
            match sample {
                Some(sample) => read.samples.push(sample),
                None => read.unreadable += 1,
            }
        }
        self.memory.end_scrape();
        read
    }

    /// The sample a line holds, unless its series was said before it.
    fn sample(&mut self, line: &Line<'_>) -> Option<Sample> {
        let line = line.text()?;
        let (place, value) = match self.memory.expected(line) {
            Some((place, rest)) => (place, line::value(rest)?),
            None => self.look_up(line)?,
        };
        Some(Sample { series: self.memory.say(place)?, value })
    }

    fn look_up(&mut self, line: &str) -> Option<(Place, f64)> {
        let (series, rest) = line::split(line)?;
        if let Some(place) = self.memory.find(series) {
            return Some((place, line::value(rest)?));
        }
        let (said, value) = self.read_anew(line, series, rest)?;
        Some((self.memory.learn(series, said)?, value))
    }

    /// Reads a line whose series is not known yet.
    fn read_anew(&mut self, line: &str, series: &str, rest: &str) -> Option<(Said, f64)> {
        if self.by_crate + line.len() <= MOST_BY_CRATE && plain::is_plain(line) {
            self.by_crate += line.len();
            if let Some(read) = plain::read_line(line) {
                return Some(read);
            }
        }
        Some((strict::read_series(series)?, line::value(rest)?))
    }
}

/// Whether an `OpenMetrics` text ends as every whole one must.
pub fn is_whole_open_metrics(text: &[u8]) -> bool {
    text.trim_ascii_end().rsplit(|byte| *byte == b'\n').next() == Some(b"# EOF")
}

#[cfg(test)]
mod tests;
