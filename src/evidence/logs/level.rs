//! Which lines are errors, and what they say.

use std::borrow::Cow;

use serde_json::Value;

/// How far into a line its level is looked for, in characters.
const HEAD: usize = 160;
/// Levels that are an error, as structured lines give them.
const LEVELS: [&str; 10] = ["error", "err", "fatal", "critical", "crit", "severe", "alert", "emerg", "emergency", "panic"];
/// The same as plain lines shout them.
const SHOUTED: [&str; 8] = ["ERROR", "FATAL", "CRITICAL", "CRIT", "SEVERE", "ALERT", "EMERG", "PANIC"];

/// What a line says, where it counts as an error: by one of `words` where there are any, else by the level it gives itself.
pub(super) fn message<'l>(line: &'l str, words: &[String]) -> Option<Cow<'l, str>> {
    let line = line.trim();
    let fields = line.starts_with('{').then(|| serde_json::from_str::<Value>(line).ok()).flatten();
    let counts = match (&fields, words) {
        (_, [_, ..]) => words.iter().any(|word| has_word(line, word)),
        (Some(fields), []) => text(fields, &["level", "severity", "lvl", "levelname"])
            .is_some_and(|level| LEVELS.contains(&level.to_ascii_lowercase().as_str())),
        (None, []) => is_error(line),
    };
    if !counts {
        return None;
    }
    let said = fields.as_ref().and_then(|fields| text(fields, &["msg", "message", "error", "err", "event"]));
    Some(said.map_or(Cow::Borrowed(line), |said| Cow::Owned(said.to_owned())))
}

/// The first of these fields that is a text.
fn text<'v>(fields: &'v Value, names: &[&str]) -> Option<&'v str> {
    names.iter().find_map(|name| fields.get(name)?.as_str())
}

/// Whether a plain line gives itself the level of an error, or is the first of a crash.
fn is_error(line: &str) -> bool {
    let head: String = line.chars().take(HEAD).collect();
    let assigned = || {
        let lower = head.to_ascii_lowercase();
        LEVELS.iter().any(|level| has_word(&lower, &format!("level={level}")) || has_word(&lower, &format!("level=\"{level}\"")))
    };
    SHOUTED.iter().any(|level| has_word(&head, level))
        || head.starts_with("panic:")
        || head.contains("panicked at")
        || head.starts_with("Traceback (most recent call last)")
        || assigned()
}

/// Whether a text has a word that is not part of a longer one.
fn has_word(text: &str, word: &str) -> bool {
    let is_edge = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric() && c != '_');
    !word.is_empty()
        && text.match_indices(word).any(|(at, _)| {
            let (before, after) = (text.get(..at).unwrap_or_default(), text.get(at + word.len()..).unwrap_or_default());
            is_edge(before.chars().next_back()) && is_edge(after.chars().next())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(line: &str) -> Option<String> {
        message(line, &[]).map(Cow::into_owned)
    }

    #[test]
    fn a_line_counts_by_the_level_it_gives_itself() {
        for line in [
            "2026-11-20T14:32:01Z ERROR no row",
            "[FATAL] no row",
            "time=now level=error msg=\"no row\"",
            "thread 'main' panicked at src/db.rs:42",
            "panic: no row",
            "Traceback (most recent call last):",
        ] {
            assert_eq!(said(line).as_deref(), Some(line));
        }
        for line in ["INFO no ERRORS found", "WARN slow", "", "GET /error 200", "level=info error=none", "    at db.rs:3"] {
            assert_eq!(said(line), None, "{line}");
        }
    }

    #[test]
    fn a_structured_line_says_its_message() {
        assert_eq!(said(r#"{"level":"Error","msg":"no row","user":7}"#).as_deref(), Some("no row"));
        assert_eq!(said(r#"{"severity":"CRITICAL","message":"gone"}"#).as_deref(), Some("gone"));
        assert_eq!(said(r#"{"level":"info","msg":"ERROR in a text"}"#), None);
    }

    #[test]
    fn words_of_ones_own_take_the_place_of_levels() {
        let words = ["Oops".to_owned(), "E1234".to_owned()];
        assert!(message("Oops, no row", &words).is_some());
        assert!(message("code=E1234", &words).is_some());
        assert!(message("ERROR no row", &words).is_none());
        assert!(message("Oopsy", &words).is_none());
    }
}
