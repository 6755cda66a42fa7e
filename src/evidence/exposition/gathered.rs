//! Samples that come as labels and values rather than as text, such as a Prometheus server's answer.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use super::{Exposition, Sample, Series, limits};

/// Puts one scrape together from series: names, labels and the value each had in it. The limits are those of a text. What goes beyond
/// one, and a series said twice, is counted.
#[derive(Debug, Default)]
pub struct Gathered {
    read: Exposition,
    known: HashSet<Arc<Series>>,
}

impl Gathered {
    /// Adds a series and its value.
    pub fn add(&mut self, series: &Arc<Series>, value: f64) {
        if self.read.samples.len() < limits::SERIES && self.known.insert(Arc::clone(series)) {
            self.read.samples.push(Sample { series: Arc::clone(series), value });
        } else {
            self.read.unreadable += 1;
        }
    }

    /// Counts something that could not be added.
    pub fn unreadable(&mut self) {
        self.read.unreadable += 1;
    }

    /// The scrape.
    pub fn finish(self) -> Exposition {
        self.read
    }
}

impl Series {
    /// A series by its name and labels; empty labels are none. `None` where it goes beyond a limit or has no name.
    pub fn gathered(name: &str, labels: BTreeMap<&str, &str>) -> Option<Self> {
        let is_within = |name: &str| !name.is_empty() && name.len() <= limits::NAME;
        let are_within = labels.iter().all(|(name, value)| is_within(name) && value.len() <= limits::VALUE);
        (is_within(name) && are_within && labels.len() <= limits::LABELS).then(|| Self {
            name: Arc::from(name),
            // A map is in order of its keys, which is the order that labels are kept in.
            labels: labels
                .into_iter()
                .filter(|(_, value)| !value.is_empty())
                .map(|(name, value)| (Arc::from(name), Arc::from(value)))
                .collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::Reader;
    use super::*;

    #[test]
    fn a_series_that_was_gathered_is_the_one_that_a_text_says() {
        let text = "a_total{b=\"1\",c=\"\",aa=\"}\"} 3\n";
        let read = Reader::default().read(text, &["a_total"]);
        let series = Series::gathered("a_total", BTreeMap::from([("b", "1"), ("c", ""), ("aa", "}")])).map(Arc::new).unwrap();
        let mut gathered = Gathered::default();
        gathered.add(&series, 3.0);
        assert_eq!(gathered.finish(), read);
    }

    #[test]
    fn what_goes_beyond_a_limit_or_is_said_twice_is_no_sample() {
        let long = "x".repeat(limits::VALUE + 1);
        assert_eq!(Series::gathered("a", BTreeMap::from([("b", long.as_str())])), None);
        assert_eq!(Series::gathered("", BTreeMap::new()), None);
        let names: Vec<String> = (0..=limits::LABELS).map(|n| format!("l{n}")).collect();
        assert_eq!(Series::gathered("a", names.iter().map(|name| (name.as_str(), "1")).collect()), None);
        let series = Arc::new(Series::gathered("a", BTreeMap::new()).unwrap());
        let mut gathered = Gathered::default();
        gathered.add(&series, 1.0);
        gathered.add(&series, 2.0);
        gathered.unreadable();
        let read = gathered.finish();
        assert_eq!((read.samples.len(), read.samples[0].value, read.unreadable), (1, 1.0, 2));
    }
}
