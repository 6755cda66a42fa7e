//! The ordinary lines, which `prometheus-parse` reads rightly.

use std::io;

use prometheus_parse::{Scrape, Value};

use super::Said;

/// Whether `prometheus-parse` is known to read this line rightly: an ASCII name without a colon, `name="value"` labels parted by
/// single commas and each said once, values without `}` `,` `=` quote or backslash, a blank, a number, and at most a whole number
/// of milliseconds.
pub(super) fn is_plain(line: &str) -> bool {
    let Some((series, values)) = split(line) else { return false };
    let is_plain_series = match series.split_once('{') {
        None => is_simple_name(series),
        Some((name, labels)) => is_simple_name(name) && labels.strip_suffix('}').is_some_and(are_plain_labels),
    };
    is_plain_series && value(values).is_some()
}

/// A plain line's series as written, up to the first closing brace, and what follows it. Of any other line, something that is the
/// series of no plain one.
pub(super) fn split(line: &str) -> Option<(&str, &str)> {
    match line.find(['{', ' ', '\t'])? {
        end if line.get(end..)?.starts_with('{') => line.split_at_checked(line.find('}')? + 1),
        end => line.split_at_checked(end),
    }
}

/// The value after a plain line's series: a blank, a number, and at most a whole number of milliseconds.
pub(super) fn value(values: &str) -> Option<f64> {
    let mut tokens = values.starts_with([' ', '\t']).then(|| values.split([' ', '\t']).filter(|token| !token.is_empty()))?;
    let value = tokens.next()?.parse().ok()?;
    let timestamp_reads = tokens.next().is_none_or(|timestamp| timestamp.parse::<i64>().is_ok());
    (timestamp_reads && tokens.next().is_none()).then_some(value)
}

fn are_plain_labels(labels: &str) -> bool {
    let mut rest = labels.split(',');
    while let Some(label) = rest.next() {
        let name = label.split('=').next();
        if !is_plain_label(label) || rest.clone().any(|other| other.split('=').next() == name) {
            return false;
        }
    }
    true
}

fn is_plain_label(label: &str) -> bool {
    label.split_once("=\"").is_some_and(|(name, value)| {
        is_simple_name(name) && value.strip_suffix('"').is_some_and(|value| !value.contains(['=', '"', '\\']))
    })
}

fn is_simple_name(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') && name.starts_with(|first: char| !first.is_ascii_digit())
}

/// Reads plain lines, in order. A line that gives no sample shows as a missing one.
///
/// TYPE lines are left out on purpose: without them the crate keeps every sample by itself and in order, where histograms would
/// come last and in another order each time.
pub(super) fn read_lines<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<(Said, f64)> {
    // The moment given is that of samples without a timestamp, which are not looked at here: any will do.
    let moment = <_>::default();
    let Ok(scrape) = Scrape::parse_at(lines.map(|line| io::Result::Ok(line.to_owned())), moment) else { return Vec::new() };
    let samples = scrape.samples.into_iter().filter_map(|sample| {
        let (Value::Untyped(value) | Value::Counter(value) | Value::Gauge(value)) = sample.value else { return None };
        let labels = sample.labels.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        Some((Said { name: sample.metric, labels }, value))
    });
    samples.collect()
}
