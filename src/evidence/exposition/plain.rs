//! The ordinary lines, which `prometheus-parse` reads rightly.

use std::{io, iter};

use prometheus_parse::{Scrape, Value};

use super::{Said, limits, line};

/// Whether `prometheus-parse` is known to read this line rightly: an ASCII name without a colon, `name="value"` labels parted by
/// single commas and each said once, values without `}` `,` `=` quote or backslash, a blank, a number, and at most a whole number
/// of milliseconds; and nothing beyond a limit, which the crate knows none of.
pub(super) fn is_plain(line: &str) -> bool {
    let Some((series, values)) = line::split(line) else { return false };
    let is_plain_series = match series.split_once('{') {
        None => is_simple_name(series),
        Some((name, labels)) => is_simple_name(name) && labels.strip_suffix('}').is_some_and(are_plain_labels),
    };
    is_plain_series && are_plain_values(values)
}

/// A blank, a number, and at most a whole number of milliseconds.
fn are_plain_values(values: &str) -> bool {
    let mut tokens = values.split(line::BLANK).filter(|token| !token.is_empty());
    values.starts_with(line::BLANK)
        && tokens.next().is_some_and(|value| value.parse::<f64>().is_ok())
        && tokens.next().is_none_or(|timestamp| timestamp.parse::<i64>().is_ok())
        && tokens.next().is_none()
}

fn are_plain_labels(labels: &str) -> bool {
    let mut rest = labels.split(',');
    if rest.clone().nth(limits::LABELS).is_some() {
        return false;
    }
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
        is_simple_name(name)
            && value.strip_suffix('"').is_some_and(|value| value.len() <= limits::VALUE && !value.contains(['}', '=', '"', '\\']))
    })
}

fn is_simple_name(name: &str) -> bool {
    name.len() <= limits::NAME
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && name.starts_with(|first: char| !first.is_ascii_digit())
}

/// Reads one plain line.
///
/// By itself on purpose: after a TYPE line the crate would keep back a histogram's samples and give them in another order each time.
pub(super) fn read_line(line: &str) -> Option<(Said, f64)> {
    // The moment given is that of samples without a timestamp, which are not looked at here: any will do.
    let moment = <_>::default();
    let scrape = Scrape::parse_at(iter::once(io::Result::Ok(line.to_owned())), moment).ok()?;
    let sample = scrape.samples.into_iter().next()?;
    let (Value::Untyped(value) | Value::Counter(value) | Value::Gauge(value)) = sample.value else { return None };
    let labels = sample.labels.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    Some((Said { name: sample.metric, labels }, value))
}
