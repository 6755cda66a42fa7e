//! The ordinary lines, which `prometheus-parse` reads rightly.

use std::io;

use prometheus_parse::{Scrape, Value};

use super::Sample;

/// Whether `prometheus-parse` is known to read this line rightly: an ASCII name without a colon, `name="value"` labels parted by
/// single commas and each said once, values without `}` `,` `=` quote or backslash, a blank, a number, and at most a whole number of milliseconds.
pub(super) fn is_plain(line: &str) -> bool {
    let (name, rest) = line.split_at(line.find(['{', ' ', '\t']).unwrap_or(line.len()));
    if !is_simple_name(name) {
        return false;
    }
    let values = match rest.strip_prefix('{') {
        None => rest,
        Some(rest) => match rest.split_once('}') {
            Some((labels, values)) if are_plain_labels(labels) => values,
            _ => return false,
        },
    };
    let mut tokens = values.split([' ', '\t']).filter(|token| !token.is_empty());
    values.starts_with([' ', '\t'])
        && tokens.next().is_some_and(|value| value.parse::<f64>().is_ok())
        && tokens.next().is_none_or(|timestamp| timestamp.parse::<i64>().is_ok())
        && tokens.next().is_none()
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

/// Reads plain lines into `samples`. A line that gives no sample shows as a missing one.
///
/// TYPE lines are left out on purpose: without them the crate keeps every sample by itself and in order, where histograms would
/// come last and in another order each time.
pub(super) fn read_lines(lines: &[&str], samples: &mut Vec<Sample>) {
    // The moment given is that of samples without a timestamp, which are not looked at here: any will do.
    let moment = <_>::default();
    let owned = lines.iter().map(|line| io::Result::Ok((*line).to_owned()));
    let Ok(scrape) = Scrape::parse_at(owned, moment) else { return };
    samples.reserve(scrape.samples.len());
    samples.extend(scrape.samples.into_iter().filter_map(|sample| {
        let (Value::Untyped(value) | Value::Counter(value) | Value::Gauge(value)) = sample.value else { return None };
        let labels = sample.labels.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        Some(Sample { name: sample.metric, labels, value })
    }));
}
