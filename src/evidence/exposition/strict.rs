//! A reader of single sample lines that keeps to the text format and to Prometheus 3's quoted names, and refuses anything else.

use std::collections::BTreeMap;

use super::Said;

/// The series and value a line holds; `None` where the line does not keep to the format. An exemplar after the value is left aside.
pub(super) fn read_line(line: &str) -> Option<(Said, f64)> {
    let mut name = None;
    let mut labels = BTreeMap::new();
    let end = line.find(['{', ' ', '\t'])?;
    let (bare, mut rest) = line.split_at_checked(end)?;
    if is_metric_name(bare) {
        name = Some(bare.to_owned());
    } else if !bare.is_empty() {
        return None;
    }
    rest = skip_blank(rest);
    if let Some(mut inside) = rest.strip_prefix('{') {
        loop {
            inside = skip_blank(inside);
            if let Some(after) = inside.strip_prefix('}') {
                rest = after;
                break;
            }
            inside = skip_blank(member(inside, &mut name, &mut labels)?);
            inside = match inside.strip_prefix(',') {
                Some(after) => after,
                None if inside.starts_with('}') => inside,
                None => return None,
            };
        }
    }
    Some((Said { name: name?, labels }, value(rest)?))
}

/// Reads one member of the braces, a label or the quoted metric name, and returns what follows it.
fn member<'a>(text: &'a str, name: &mut Option<String>, labels: &mut BTreeMap<String, String>) -> Option<&'a str> {
    let (label, rest, quoted) = if let Some(text) = text.strip_prefix('"') {
        let (label, rest) = quoted(text)?;
        (label, rest, true)
    } else {
        let (label, rest) = text.split_at_checked(text.find(['=', ' ', '\t', ',', '}'])?)?;
        (is_label_name(label).then(|| label.to_owned())?, rest, false)
    };
    let Some(rest) = skip_blank(rest).strip_prefix('=') else {
        let is_name = quoted && name.is_none() && labels.is_empty() && !label.is_empty();
        return is_name.then(|| {
            *name = Some(label);
            rest
        });
    };
    let (value, rest) = self::quoted(skip_blank(rest).strip_prefix('"')?)?;
    labels.insert(label, value).is_none().then_some(rest)
}

/// What stands before the closing quote, escapes undone, and what follows it.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut characters = text.chars();
    loop {
        match characters.next()? {
            '"' => return Some((value, characters.as_str())),
            '\\' => value.push(match characters.next()? {
                'n' => '\n',
                kept @ ('\\' | '"') => kept,
                _ => return None,
            }),
            other => value.push(other),
        }
    }
}

/// The value, which a timestamp and an exemplar may follow.
fn value(text: &str) -> Option<f64> {
    let text = text.split_once('#').map_or(text, |(before, _exemplar)| before);
    let mut tokens = text.split([' ', '\t']).filter(|token| !token.is_empty());
    let value = tokens.next()?.parse().ok()?;
    // Milliseconds in the Prometheus format, seconds with a fraction in OpenMetrics.
    let timestamp_reads = tokens.next().is_none_or(|timestamp| timestamp.parse::<f64>().is_ok_and(f64::is_finite));
    (timestamp_reads && tokens.next().is_none()).then_some(value)
}

fn skip_blank(text: &str) -> &str {
    text.trim_start_matches([' ', '\t'])
}

fn is_metric_name(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':'))
        && name.starts_with(|first: char| !first.is_ascii_digit())
}

fn is_label_name(name: &str) -> bool {
    !name.contains(':') && is_metric_name(name)
}
