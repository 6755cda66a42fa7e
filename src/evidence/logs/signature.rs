//! What kind of error a line is: the line without what differs from one time to the next.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::safe;

/// The longest that a signature is, in characters.
const LONGEST: usize = 160;
/// How much of a line is looked at, in characters.
const LOOKED_AT: usize = 2_000;
/// A word of so many characters that has letters and digits in it is an id, not a name with a number.
const LONG_WORD: usize = 20;
/// Hexadecimal digits that are an id where there are so many.
const HEX: usize = 7;
/// How many parts of a path are kept.
const PARTS: usize = 3;

/// A kind of error line. Two lines are of one kind where they differ only in numbers, ids, addresses, times and what stands between
/// quotes. Cleaned, so that it can be shown as it is; never empty.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String")]
pub struct Signature(String);

impl Signature {
    /// The kind of a line.
    pub fn of(line: &str) -> Self {
        let line: String = line.chars().take(LOOKED_AT).collect();
        let (mut words, mut unclosed) = (Vec::new(), String::new());
        let mut rest = line.as_str();
        while let Some((word, after)) = next(rest, &mut unclosed) {
            words.push(word);
            rest = after;
        }
        let begins = words.iter().position(|word| !is_preamble(word)).unwrap_or(0);
        let mut text = String::new();
        for word in words.into_iter().skip(begins) {
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(&word);
            if text.len() > LONGEST * 4 {
                break;
            }
        }
        Self::from(text)
    }

    /// It in words.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What was written down as a signature, by whomever: it is cleaned and cut like any other.
impl From<String> for Signature {
    fn from(text: String) -> Self {
        let mut kept: String = safe::clean(text.trim()).chars().take(LONGEST).collect();
        if kept.is_empty() {
            kept.push_str("<empty>");
        }
        Self(kept)
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// The next word of a line, made general, and what follows it. Words end at white space; what stands between quotes is one.
/// `unclosed` gathers the quotes that nothing closes in the rest of the line: it is gone through once for each, however many there are.
fn next<'l>(line: &'l str, unclosed: &mut String) -> Option<(String, &'l str)> {
    let line = line.trim_start();
    if line.is_empty() {
        return None;
    }
    let mut word = String::new();
    let mut rest = line;
    while let Some(first) = rest.chars().next().filter(|first| !first.is_whitespace()) {
        if let Some(after) = quoted(rest, word.chars().next_back(), unclosed) {
            word.push_str("<text>");
            rest = after;
            continue;
        }
        let ends = rest.find(|c: char| c.is_whitespace() || is_mark(c)).unwrap_or(rest.len());
        if ends == 0 {
            word.push(first);
            rest = rest.get(first.len_utf8()..).unwrap_or_default();
        } else {
            let (part, after) = rest.split_at_checked(ends)?;
            word.push_str(&general(part));
            rest = after;
        }
    }
    Some((word, rest))
}

/// Marks that part words.
const fn is_mark(c: char) -> bool {
    matches!(c, '"' | '\'' | '`' | ';' | '(' | ')' | '[' | ']' | '{' | '}' | '<' | '>' | '=' | '|' | '&' | '?' | '!' | '#')
}

/// What follows a text in quotes, where one begins here. An apostrophe inside a word begins none.
fn quoted<'t>(text: &'t str, before: Option<char>, unclosed: &mut String) -> Option<&'t str> {
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\'' | '`') && !unclosed.contains(*c))?;
    if quote == '\'' && before.is_some_and(char::is_alphanumeric) {
        return None;
    }
    let inner = text.get(1..)?;
    let is_escaped = |at: usize| inner.get(..at).is_some_and(|before| before.ends_with('\\'));
    let Some((at, _)) = inner.char_indices().find(|(at, c)| *c == quote && !is_escaped(*at)) else {
        unclosed.push(quote);
        return None;
    };
    inner.get(at + 1..)
}

/// A word without what differs from one time to the next.
fn general(word: &str) -> String {
    let bare = word.trim_end_matches(['.', ':', ',']);
    let end = word.get(bare.len()..).unwrap_or_default();
    let general = if bare.contains("://") {
        "<url>".to_owned()
    } else if is_time(bare) {
        "<time>".to_owned()
    } else if is_address(bare) {
        "<ip>".to_owned()
    } else if bare.starts_with('/') && bare.len() > 1 {
        path(bare)
    } else {
        plain(bare)
    };
    general + end
}

/// A path's first parts, each made general; what follows them differs too much.
fn path(word: &str) -> String {
    let mut parts = word.split('/').skip(1);
    let mut kept: Vec<String> = parts.by_ref().take(PARTS).map(plain).collect();
    if parts.next().is_some() {
        kept.push("<path>".to_owned());
    }
    format!("/{}", kept.join("/"))
}

/// A word that is neither a path nor an address.
fn plain(word: &str) -> String {
    let is_hex = |text: &str| text.len() >= HEX && text.chars().all(|c| c.is_ascii_hexdigit()) && has_digit(text);
    let digits_only = !word.is_empty() && word.chars().all(|c| c.is_ascii_digit());
    let hex = word.strip_prefix("0x").or_else(|| word.strip_prefix("0X"));
    let is_id = hex.is_some_and(|hex| !hex.is_empty() && hex.chars().all(|c| c.is_ascii_hexdigit()))
        || (!digits_only && is_hex(word))
        || is_uuid(word)
        || (word.len() >= LONG_WORD && has_digit(word) && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'));
    if is_id { "<id>".to_owned() } else { without_numbers(word, is_hex) }
}

fn has_digit(text: &str) -> bool {
    text.chars().any(|c| c.is_ascii_digit())
}

/// Eight, four, four, four and twelve hexadecimal digits.
fn is_uuid(word: &str) -> bool {
    let lengths: Vec<usize> = word.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12] && word.chars().all(|c| c.is_ascii_hexdigit() || c == '-')
}

/// Every number `<n>`, with its decimals and signs; parts between hyphens that are ids `<id>`.
fn without_numbers(word: &str, is_hex: impl Fn(&str) -> bool) -> String {
    let parts = word.split_inclusive('-').map(|part| {
        let bare = part.trim_end_matches('-');
        if is_hex(bare) && bare.chars().any(char::is_alphabetic) { part.replace(bare, "<id>") } else { numbers(part) }
    });
    parts.collect()
}

fn numbers(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        if !c.is_ascii_digit() {
            out.push(c);
            continue;
        }
        out.push_str("<n>");
        let mut ahead = characters.clone();
        while let Some(c) = ahead.next() {
            // A point or comma belongs to the number only where a digit follows it.
            let goes_on = c.is_ascii_digit() || (matches!(c, '.' | ',') && ahead.peek().is_some_and(char::is_ascii_digit));
            if !goes_on {
                break;
            }
            characters.next();
        }
    }
    out
}

/// A date, a time of day, or both.
fn is_time(word: &str) -> bool {
    let allowed = |c: char| c.is_ascii_digit() || matches!(c, '-' | ':' | '.' | '+' | 'T' | 'Z' | '/');
    let parted = word.matches(['-', ':', '/']).count();
    word.starts_with(|c: char| c.is_ascii_digit()) && word.chars().all(allowed) && parted >= 2 && !is_address(word)
}

/// An IPv4 or IPv6 address, with or without a port.
fn is_address(word: &str) -> bool {
    // Of `core`, which knows addresses and no network.
    use core::net::{IpAddr, Ipv6Addr, SocketAddr};
    let is_v6 = || word.matches(':').count() >= 2 && word.parse::<Ipv6Addr>().is_ok();
    word.parse::<SocketAddr>().is_ok() || word.parse::<IpAddr>().is_ok_and(|ip| ip.is_ipv4()) || is_v6()
}

/// What stands before the message: its time, and the level it gives itself.
fn is_preamble(word: &str) -> bool {
    let bare = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    let level = ["error", "err", "fatal", "critical", "severe", "panic", "emerg", "warn", "warning", "info"];
    word.contains("<time>")
        || bare.is_empty()
        || (bare == bare.to_ascii_uppercase() && level.contains(&bare.to_ascii_lowercase().as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed(line: &str) -> String {
        Signature::of(line).as_str().to_owned()
    }

    #[test]
    fn what_differs_from_time_to_time_is_left_out() {
        for (line, kind) in [
            ("2026-11-20T14:32:01.123Z ERROR [worker-7] no row for user 4711", "[worker-<n>] no row for user <n>"),
            ("14:32:01 FATAL: deadline of 300ms exceeded, 12.5 % over", "deadline of <n>ms exceeded, <n> % over"),
            ("ERROR connection to 10.2.3.4:5432 reset", "connection to <ip> reset"),
            ("ERROR connection to fe80::1 reset by [2001:db8::2]", "connection to <ip> reset by [<ip>]"),
            ("ERROR trace 6f1b2c3d-0000-4000-8000-0123456789ab ended", "trace <id> ended"),
            ("ERROR blob 9f86d081884c7d65 not found at 0x7ffe", "blob <id> not found at <id>"),
            (r#"ERROR key "user:42 \" x" of 'front' isn't there"#, "key <text> of <text> isn't there"),
            ("ERROR GET /items/4711/parts/9 answered 500", "GET /items/<n>/parts/<path> answered <n>"),
            ("ERROR cannot open /var/lib/db: too many", "cannot open /var/lib/db: too many"),
            ("ERROR https://db.example/x?y=1 gave up after attempt=3", "<url>?y=<n> gave up after attempt=<n>"),
            ("panic: index out of range [5] with length 3", "panic: index out of range [<n>] with length <n>"),
            ("ERROR pod blob-7f9c4d8b2-xk2z left", "pod blob-<id>-xk<n>z left"),
            ("ERROR", "ERROR"),
            ("", "<empty>"),
        ] {
            assert_eq!(signed(line), kind, "{line}");
        }
    }

    #[test]
    fn quotes_that_nothing_closes_are_looked_for_once_and_hide_no_others() {
        assert_eq!(signed(r#"ERROR "a \"b 'c 1' \"d `e 2` \"f"#), r#""a \"b <text> \"d <text> \"f"#);
        let (mut unclosed, text) = (String::new(), format!("\"{}'", "\\\"".repeat(500)));
        for (at, _) in text.char_indices() {
            assert_eq!(quoted(text.get(at..).unwrap(), None, &mut unclosed), None, "{at}");
        }
        assert_eq!(unclosed, "\"'");
    }

    #[test]
    fn two_of_a_kind_are_one_and_two_kinds_are_two() {
        assert_eq!(Signature::of("ERROR lock on shard 17 held 2,012 ms"), Signature::of("ERROR lock on shard 4 held 97 ms"));
        assert_ne!(Signature::of("ERROR lock on shard 17 held 2 ms"), Signature::of("ERROR lock on table 17 held 2 ms"));
    }

    #[test]
    fn a_signature_can_be_shown_and_is_never_long() {
        assert_eq!(signed("ERROR \u{1b}[31mred\u{1b}[0m"), "<U+001B>[<n>mred<U+001B>[<n>m");
        assert!(signed(&"word ".repeat(10_000)).chars().count() <= LONGEST);
        assert!(signed(&"ü".repeat(10_000)).chars().count() <= LONGEST);
        assert_eq!(signed("ERROR \"never closed"), "\"never closed");
    }

    #[test]
    fn one_that_is_read_from_a_file_can_be_shown_too_and_stays_as_it_was() {
        let read = |text: &str| serde_json::from_value::<Signature>(text.into()).unwrap();
        assert_eq!(read("\u{1b}]52;c;\u{7}").as_str(), "<U+001B>]52;c;<U+0007>");
        assert_eq!(read(&"\u{1b}".repeat(10_000)).as_str().chars().count(), LONGEST);
        assert_eq!(read(" ").as_str(), "<empty>");
        for line in ["ERROR no row for 7", "ERROR \u{1b}[31mred", "", "ERROR ü"] {
            let (signature, text) = (Signature::of(line), serde_json::to_value(Signature::of(line)).unwrap());
            assert_eq!((text.as_str(), read(text.as_str().unwrap())), (Some(signature.as_str()), signature.clone()));
        }
    }
}
