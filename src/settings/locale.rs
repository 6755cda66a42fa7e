//! What the locale says about characters, and what follows from it where nobody says anything else.

use super::{Layer, Origin, Said};

/// Which variable decides about characters, and what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Locale {
    /// The first of `LC_ALL`, `LC_CTYPE` and `LANG` that is set; none where no variable is.
    pub said: Option<(&'static str, String)>,
}

impl Locale {
    /// Asks the environment, in the order POSIX gives.
    pub fn of(variable: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &'static str| variable(name).filter(|value| !value.is_empty()).map(|value| (name, value));
        Self { said: ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(set) }
    }

    /// Whether it promises UTF-8.
    pub fn is_utf8(&self) -> bool {
        let ends = |value: &String| {
            let value = value.to_ascii_lowercase();
            value.contains("utf-8") || value.contains("utf8")
        };
        self.said.as_ref().is_some_and(|(_, value)| ends(value))
    }

    /// `LANG is "de_AT.UTF-8"`.
    pub fn words(&self) -> String {
        match &self.said {
            Some((name, value)) => format!("{name} is {:?}", crate::safe::clean(value)),
            None => "no locale is set".to_owned(),
        }
    }
}

/// What follows from the terminal itself: on a Linux console whose locale has no UTF-8, glyphs are drawn in ASCII. Elsewhere a missing
/// locale proves nothing (ssh and containers lose it), and terminals are UTF-8.
pub fn terminal(variable: impl Fn(&str) -> Option<String>) -> Layer {
    let locale = Locale::of(&variable);
    let poor = variable("TERM").as_deref() == Some("linux") && !locale.is_utf8();
    let ascii =
        poor.then(|| Said { value: true, origin: Origin::Terminal(format!("TERM is \"linux\" and {}: no UTF-8", locale.words())) });
    Layer { ascii, ..Layer::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ascii(set: &[(&str, &str)]) -> Option<bool> {
        let variable = |name: &str| set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        terminal(variable).ascii.map(|said| said.value)
    }

    #[test]
    fn only_a_linux_console_without_utf_8_is_drawn_in_ascii() {
        assert_eq!(ascii(&[("TERM", "linux"), ("LANG", "C")]), Some(true));
        assert_eq!(ascii(&[("TERM", "linux")]), Some(true));
        assert_eq!(ascii(&[("TERM", "linux"), ("LANG", "de_AT.UTF-8")]), None);
        assert_eq!(ascii(&[("TERM", "linux"), ("LANG", "de_AT.UTF-8"), ("LC_ALL", "POSIX")]), Some(true));
        assert_eq!(ascii(&[("TERM", "xterm-256color"), ("LANG", "C")]), None);
    }
}
