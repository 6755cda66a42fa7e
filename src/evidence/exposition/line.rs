//! The parts of a sample line that both readers and the memory agree on: where its series ends, and what value follows.

use memchr::memchr2;

/// What may stand around a line and means nothing.
pub(super) const AROUND: [char; 4] = [' ', '\t', '\r', '\n'];

/// What parts the tokens of a line.
pub(super) const BLANK: [char; 2] = [' ', '\t'];

/// A line's series as written, to the end of its name or to the brace that closes its labels, and what follows. `None` where there is
/// no end to it. Whether the series is sound is not looked at.
pub(super) fn split(line: &str) -> Option<(&str, &str)> {
    let name = line.find(['{', ' ', '\t'])?;
    let after = line.get(name..)?;
    let braces = after.trim_start_matches(BLANK);
    match braces.strip_prefix('{') {
        Some(inside) => line.split_at_checked(line.len() - inside.len() + braces_end(inside.as_bytes())?),
        None => line.split_at_checked(name),
    }
}

/// Where what stands after a bare name or a closing brace cannot belong to the series any more.
pub(super) fn ends_series(series: &str, rest: &str) -> bool {
    series.ends_with('}') || (rest.starts_with(BLANK) && !rest.trim_start_matches(BLANK).starts_with('{'))
}

/// How far it is past the closing brace.
fn braces_end(inside: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += memchr2(b'"', b'}', inside.get(at..)?)? + 1;
        if inside.get(at - 1) == Some(&b'}') {
            return Some(at);
        }
        at += quote_end(inside.get(at..)?)? + 1;
    }
}

/// Where the quote is that closes what stands before it.
pub(super) fn quote_end(quoted: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += memchr2(b'"', b'\\', quoted.get(at..)?)?;
        if quoted.get(at) == Some(&b'"') {
            return Some(at);
        }
        at += 2;
    }
}

/// The value after a series, which a timestamp and an exemplar may follow.
pub(super) fn value(text: &str) -> Option<f64> {
    let text = text.split_once('#').map_or(text, |(before, _exemplar)| before);
    let mut tokens = text.split(BLANK).filter(|token| !token.is_empty());
    let value = tokens.next()?.parse().ok()?;
    // Milliseconds in the Prometheus format, seconds with a fraction in OpenMetrics.
    let timestamp_reads = tokens.next().is_none_or(|timestamp| timestamp.parse::<f64>().is_ok_and(f64::is_finite));
    (timestamp_reads && tokens.next().is_none()).then_some(value)
}
