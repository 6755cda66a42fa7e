//! A reader of single series that keeps to the text format and to Prometheus 3's quoted names, and refuses anything else.

use super::{Said, limits, line};

/// The series that a text holds and nothing else; `None` where it does not keep to the format or goes beyond a limit.
pub(super) fn read_series(text: &str) -> Option<Said> {
    let (bare, mut rest) = text.split_at_checked(text.find(['{', ' ', '\t']).unwrap_or(text.len()))?;
    let mut said = Said::default();
    if is_metric_name(bare) && bare.len() <= limits::NAME {
        bare.clone_into(&mut said.name);
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
            inside = skip_blank(member(inside, &mut said)?);
            inside = match inside.strip_prefix(',') {
                Some(after) => after,
                None if inside.starts_with('}') => inside,
                None => return None,
            };
        }
    }
    (rest.is_empty() && !said.name.is_empty()).then_some(said)
}

/// Reads one member of the braces, a label or the quoted metric name, and returns what follows it.
fn member<'a>(text: &'a str, said: &mut Said) -> Option<&'a str> {
    let (label, rest, is_quoted) = if let Some(text) = text.strip_prefix('"') {
        let (label, rest) = quoted(text)?;
        (label, rest, true)
    } else {
        let (label, rest) = text.split_at_checked(text.find(['=', ' ', '\t', ',', '}'])?)?;
        (is_label_name(label).then(|| label.to_owned())?, rest, false)
    };
    if label.is_empty() || label.len() > limits::NAME {
        return None;
    }
    let Some(rest) = skip_blank(rest).strip_prefix('=') else {
        let is_name = is_quoted && said.name.is_empty() && said.labels.is_empty();
        return is_name.then(|| {
            said.name = label;
            rest
        });
    };
    let (value, rest) = quoted(skip_blank(rest).strip_prefix('"')?)?;
    let is_within_limits = said.labels.len() < limits::LABELS && value.len() <= limits::VALUE;
    (is_within_limits && said.labels.insert(label, value).is_none()).then_some(rest)
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

fn skip_blank(text: &str) -> &str {
    text.trim_start_matches(line::BLANK)
}

fn is_metric_name(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':'))
        && name.starts_with(|first: char| !first.is_ascii_digit())
}

fn is_label_name(name: &str) -> bool {
    !name.contains(':') && is_metric_name(name)
}
