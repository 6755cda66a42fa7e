//! How texts are written in a file of rules: YAML outside, `PromQL` and templates inside.

use std::fmt::{self, Write as _};

use crate::domain::time::Period;

/// A YAML scalar in double quotes, in ASCII alone: what it holds is read back exactly, and nothing in it can steer a terminal.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            ' '..='~' => out.push(c),
            // Writing to a String cannot fail.
            _ if u32::from(c) <= 0xffff => drop(write!(out, "\\u{:04x}", u32::from(c))),
            _ => drop(write!(out, "\\U{:08x}", u32::from(c))),
        }
    }
    out.push('"');
    out
}

/// A text in a template of Go's, where braces mean something.
pub(super) fn templated(text: &str) -> String {
    text.replace("{{", "{{\"{{\"}}")
}

/// A label and what it must be, as `PromQL` writes it.
pub(super) struct Matcher<'a> {
    label: &'a str,
    sign: &'static str,
    value: String,
}

impl<'a> Matcher<'a> {
    /// Exactly this.
    pub(super) fn is(label: &'a str, value: &str) -> Self {
        Self { label, sign: "=", value: value.to_owned() }
    }

    /// What a regular expression matches whole.
    pub(super) fn like(label: &'a str, expression: &str) -> Self {
        Self { label, sign: "=~", value: expression.to_owned() }
    }

    /// A bucket's upper edge, in seconds. Since version 3 a server writes whole numbers with their `.0`, whatever it was given.
    pub(super) fn edge(edge: f64) -> Self {
        let whole = if edge.fract() == 0.0 { "(\\.0)?" } else { "" };
        Self { label: "le", sign: "=~", value: format!("{}{whole}", literally(&edge.to_string())) }
    }
}

impl fmt::Display for Matcher<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        write!(f, "{}{}\"{value}\"", self.label, self.sign)
    }
}

/// A regular expression that matches any of these names.
pub(super) fn anywhere(names: &[&str]) -> String {
    names.iter().map(|name| literally(name)).collect::<Vec<_>>().join("|")
}

/// A regular expression that matches a text itself.
fn literally(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if "\\.+*?()|[]{}^$".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// A length of time as Prometheus writes it: `5m`, `1h`, `3d`.
#[derive(Clone, Copy)]
pub(super) struct Window(pub(super) Period);

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let minutes = self.0.secs() / 60;
        match (minutes % 1_440, minutes % 60) {
            (0, _) => write!(f, "{}d", minutes / 1_440),
            (_, 0) => write!(f, "{}h", minutes / 60),
            _ => write!(f, "{minutes}m"),
        }
    }
}

/// A number without the dust of binary fractions.
pub(super) fn number(value: f64) -> f64 {
    (value * 1e9).round() / 1e9
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_ascii_and_mean_what_they_meant() {
        assert_eq!(quoted("a\"b\\c\nd\té\u{1f600}"), r#""a\"b\\c\nd\u0009\u00e9\U0001f600""#);
        assert_eq!(templated("a{{b}}"), "a{{\"{{\"}}b}}");
        assert_eq!(Matcher::is("service", "a\"b\\").to_string(), r#"service="a\"b\\""#);
        assert_eq!(anywhere(&["a.b", "c|d"]), r"a\.b|c\|d");
        assert_eq!(
            [0.25, 1.0, 10.0].map(|edge| Matcher::edge(edge).to_string()),
            [r#"le=~"0\\.25""#, r#"le=~"1(\\.0)?""#, r#"le=~"10(\\.0)?""#]
        );
    }

    #[test]
    fn windows_are_written_in_the_largest_unit_that_fits() {
        let written = [5, 30, 60, 120, 1_440, 4_320].map(|minutes| Window(Period::from_mins(minutes)).to_string());
        assert_eq!(written, ["5m", "30m", "1h", "2h", "1d", "3d"]);
        assert_eq!(number(14.4 * 0.001).to_string(), "0.0144");
    }
}
