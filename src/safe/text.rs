//! A text that has been cleaned, as a type: what may be drawn, logged or copied.

use std::fmt;
use std::sync::Arc;

use super::clean;

/// Foreign text after cleaning. There is no way to make one that was not cleaned, so whoever holds it need not ask.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Text(Arc<str>);

impl Text {
    /// The text with whatever could steer a terminal or mislead an eye made visible.
    pub fn new(text: &str) -> Self {
        Self(Arc::from(clean(text).as_str()))
    }

    /// The cleaned text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self::new(&text)
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<Text> for String {
    fn from(text: Text) -> Self {
        text.0.as_ref().to_owned()
    }
}

impl AsRef<str> for Text {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", &*self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_clean_however_it_is_made() {
        let made = Text::new("a\u{202E}b");
        assert_eq!(made.as_str(), "a<U+202E>b");
        let read: Text = serde_json::from_str("\"a\\u202eb\"").unwrap();
        assert_eq!(read, made);
        assert_eq!(serde_json::to_string(&read).unwrap(), "\"a<U+202E>b\"");
        assert_eq!(format!("{made:>12}"), "  a<U+202E>b");
    }
}
