//! A secret, as a type that nothing can print.

use std::fmt;

/// A password or a token. It is neither shown nor written down: its `Debug` says that it is there and nothing else, and it has no
/// `Display` and cannot be serialised.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A secret as it stands in a file or a variable: the line end that editors leave is not part of it. `None` where nothing is left, or
    /// where something in it could not stand in one line of a request.
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        (!text.is_empty() && !text.chars().any(char::is_control)).then(|| Self(text.to_owned()))
    }

    /// The secret itself, for whoever it is meant for and nobody else.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_printed() {
        let secret = Secret::read("hunter2\n").expect("a secret");
        assert_eq!((secret.reveal(), format!("{secret:?} {:#?}", Some(&secret)).contains("hunter2")), ("hunter2", false));
    }

    #[test]
    fn what_is_empty_or_would_break_a_request_is_no_secret() {
        assert_eq!([" \n", "", "one\ntwo", "a\u{0}b"].map(|text| Secret::read(text).is_some()), [false; 4]);
    }
}
