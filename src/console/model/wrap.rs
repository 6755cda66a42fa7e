//! Text broken to a width, between words where it can be.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// The lines of a text, never none, and none wider than `width` cells. A word wider than that is broken; a character wider than that has
/// a line of its own.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        for part in parts(word, width) {
            let Some(last) = lines.last_mut() else { continue };
            let space = usize::from(!last.is_empty());
            if last.is_empty() || last.width() + space + part.width() <= width {
                last.extend(std::iter::repeat_n(' ', space));
                last.push_str(&part);
            } else {
                lines.push(part);
            }
        }
    }
    lines
}

/// A word in parts that fit.
fn parts(word: &str, width: usize) -> Vec<String> {
    let mut parts = vec![String::new()];
    for grapheme in word.graphemes(true) {
        match parts.last_mut() {
            Some(last) if last.is_empty() || last.width() + grapheme.width() <= width => last.push_str(grapheme),
            _ => parts.push(grapheme.to_owned()),
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn breaks_between_words_and_only_long_words_within() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("abcdefgh ij", 4), ["abcd", "efgh", "ij"]);
        assert_eq!(wrap("it stays at 10 % until somebody approves", 16), ["it stays at 10 %", "until somebody", "approves"]);
        assert_eq!(wrap("", 5), [""]);
        assert_eq!(wrap("xy", 0), ["x", "y"]);
        assert_eq!(wrap("配", 1), ["配"], "what is wider than a line has one of its own");
    }
}
