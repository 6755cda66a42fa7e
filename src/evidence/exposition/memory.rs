//! The series that a target's scrapes said before. Scrape after scrape says the same ones in the same order, so a line mostly begins
//! with the text that followed its forerunner's last time, and only its number is left to read.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::{Said, Series, line};

/// How many series may be remembered beyond twice what the last scrape held.
pub(super) const SPARE: usize = 1_024;

/// How many bytes of their texts may be, likewise.
pub(super) const SPARE_BYTES: usize = 256 * 1_024;

/// Which series a text says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place(usize);

/// Series by how lines write them.
#[derive(Clone, Debug, Default)]
pub(super) struct Memory {
    known: Vec<Known>,
    by_text: HashMap<Arc<str>, Place>,
    /// The first text of every series, so that two ways of writing one are one.
    by_series: HashMap<Arc<Series>, Place>,
    /// Every name and value in them.
    words: HashSet<Arc<str>>,
    /// Bytes of all texts.
    bytes: usize,
    /// Which scrape is being read.
    scrape: u64,
    /// What it said last.
    last: Option<Place>,
    /// How many series it said, and in how many bytes.
    said: (usize, usize),
}

#[derive(Clone, Debug)]
struct Known {
    text: Arc<str>,
    series: Arc<Series>,
    /// The first text that said this series; its own place for most.
    first: Place,
    /// What followed it the last time.
    next: Place,
    /// The last scrape that said the series, kept at the first text.
    said_in: u64,
}

impl Memory {
    pub(super) fn begin_scrape(&mut self) {
        self.scrape += 1;
        self.last = None;
        self.said = (0, 0);
    }

    /// Forgets everything once it is much more than a scrape needs; the next one fills it again.
    pub(super) fn end_scrape(&mut self) {
        let (series, bytes) = self.said;
        if self.known.len() > 2 * series + SPARE || self.bytes > 2 * bytes + SPARE_BYTES {
            *self = Self::default();
        }
    }

    /// Whether a line goes on as the last scrape did: the series expected and what follows it.
    pub(super) fn expected<'a>(&self, line: &'a str) -> Option<(Place, &'a str)> {
        let place = match self.last {
            Some(last) => self.known.get(last.0)?.next,
            None => Place(0),
        };
        let text = &*self.known.get(place.0)?.text;
        let rest = line.strip_prefix(text)?;
        line::ends_series(text, rest).then_some((place, rest))
    }

    /// The series that a text said before.
    pub(super) fn find(&self, text: &str) -> Option<Place> {
        self.by_text.get(text).copied()
    }

    /// Remembers what a text says. `None` where this scrape said the same series in other words.
    pub(super) fn learn(&mut self, text: &str, said: Said) -> Option<Place> {
        let series = Series {
            name: self.word(said.name),
            labels: said
                .labels
                .into_iter()
                .filter(|(_, value)| !value.is_empty())
                .map(|(name, value)| (self.word(name), self.word(value)))
                .collect(),
        };
        let place = Place(self.known.len());
        let (series, first) = match self.by_series.get_key_value(&series) {
            Some((series, first)) => (Arc::clone(series), *first),
            None => (Arc::new(series), place),
        };
        if self.known.get(first.0).is_some_and(|first| first.said_in == self.scrape) {
            return None;
        }
        let text: Arc<str> = Arc::from(text);
        self.bytes += text.len();
        self.by_series.entry(Arc::clone(&series)).or_insert(place);
        self.by_text.insert(Arc::clone(&text), place);
        self.known.push(Known { text, series, first, next: Place(place.0 + 1), said_in: 0 });
        Some(place)
    }

    /// Notes that this scrape says a series; `None` where it did so before.
    pub(super) fn say(&mut self, place: Place) -> Option<Arc<Series>> {
        if let Some(last) = self.last.replace(place).and_then(|last| self.known.get_mut(last.0)) {
            last.next = place;
        }
        let known = self.known.get(place.0)?;
        let (series, bytes, first) = (Arc::clone(&known.series), known.text.len(), known.first);
        let said_in = &mut self.known.get_mut(first.0)?.said_in;
        if std::mem::replace(said_in, self.scrape) == self.scrape {
            return None;
        }
        self.said = (self.said.0 + 1, self.said.1 + bytes);
        Some(series)
    }

    fn word(&mut self, text: String) -> Arc<str> {
        if let Some(known) = self.words.get(text.as_str()) {
            return Arc::clone(known);
        }
        let word: Arc<str> = Arc::from(text);
        self.words.insert(Arc::clone(&word));
        word
    }

    /// How many series are remembered, and in how many bytes of text.
    #[cfg(test)]
    pub(super) fn size(&self) -> (usize, usize) {
        (self.known.len().max(self.by_series.len()), self.known.iter().map(|known| known.text.len()).sum())
    }
}
