//! Making visible whatever could steer a terminal or mislead an eye.

use std::fmt::Write as _;

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// The most graphemes (what a reader takes for one character) that a cleaned text has; the last is `…` where some were left out.
pub const MAX_GRAPHEMES: usize = 512;

/// The most characters one grapheme may be made of: room for a long Indic conjunct, none for a tower of combining marks.
const MAX_CHARS_IN_GRAPHEME: usize = 8;

/// How much of a text is looked at. More than any cleaned text holds, so that cleaning twice is cleaning once.
const MAX_CHARS: usize = 4 * MAX_GRAPHEMES * (MAX_CHARS_IN_GRAPHEME + 1);

/// The text with every character that could steer a terminal or mislead an eye made visible.
///
/// Controls (tab and newline too), format characters (bidi marks, zero-width characters, tags), line and paragraph separators,
/// spaces other than the plain one, blanks, private and unassigned characters, stray variation selectors and graphemes of no
/// width become `<U+XXXX>`. A grapheme of more than 8 characters and a text of more than [`MAX_GRAPHEMES`] end with `…`.
/// Cleaning a cleaned text changes nothing.
pub fn clean(text: &str) -> String {
    if text.len() <= MAX_GRAPHEMES && text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return text.to_owned();
    }
    let mut visible = String::with_capacity(text.len().min(MAX_CHARS));
    let mut previous = None;
    let mut characters = text.chars();
    for character in characters.by_ref().take(MAX_CHARS) {
        if is_forbidden(character) || is_stray_selector(character, previous) {
            escape(character, &mut visible);
            previous = None;
        } else {
            visible.push(character);
            previous = Some(character);
        }
    }
    if characters.next().is_some() {
        visible.push('…');
    }
    cap(&visible.graphemes(true).fold(String::with_capacity(visible.len()), settle))
}

/// Adds a grapheme: whole, cut where it is overgrown, escaped where nobody could see it.
fn settle(mut done: String, grapheme: &str) -> String {
    if grapheme.width() == 0 {
        let mut characters = grapheme.chars();
        characters.by_ref().take(MAX_CHARS_IN_GRAPHEME).for_each(|character| escape(character, &mut done));
        if characters.next().is_some() {
            done.push('…');
        }
        return done;
    }
    match grapheme.char_indices().nth(MAX_CHARS_IN_GRAPHEME).and_then(|(end, _)| grapheme.get(..end)) {
        Some(kept) => {
            done.push_str(kept);
            done.push('…');
        }
        None => done.push_str(grapheme),
    }
    done
}

fn cap(text: &str) -> String {
    if text.len() <= MAX_GRAPHEMES {
        return text.to_owned();
    }
    let mut graphemes = text.grapheme_indices(true).skip(MAX_GRAPHEMES - 1);
    let (last, beyond) = (graphemes.next(), graphemes.next());
    match (last, beyond) {
        (Some((end, _)), Some(_)) => format!("{}…", text.get(..end).unwrap_or_default()),
        _ => text.to_owned(),
    }
}

fn escape(character: char, into: &mut String) {
    // Writing to a String cannot fail.
    let _ = write!(into, "<U+{:04X}>", u32::from(character));
}

/// Whether a character is never shown as itself, wherever it stands.
pub(super) fn is_forbidden(character: char) -> bool {
    use GeneralCategory as Is;
    match character {
        ' '..='~' => false,
        // Letters, marks and symbols by category, but drawn as nothing at all; and variation selectors beyond the common ones.
        '\u{034F}'
        | '\u{115F}'
        | '\u{1160}'
        | '\u{17B4}'
        | '\u{17B5}'
        | '\u{180B}'..='\u{180F}'
        | '\u{2800}'
        | '\u{3164}'
        | '\u{FFA0}'
        | '\u{E0000}'..='\u{E0FFF}' => true,
        _ => matches!(
            character.general_category(),
            Is::Control
                | Is::Format
                | Is::LineSeparator
                | Is::ParagraphSeparator
                | Is::SpaceSeparator
                | Is::PrivateUse
                | Is::Surrogate
                | Is::Unassigned
        ),
    }
}

/// Whether this is a variation selector with no symbol before it to select a variation of.
fn is_stray_selector(character: char, previous: Option<char>) -> bool {
    match character {
        '\u{FE0E}' | '\u{FE0F}' => {
            !previous.is_some_and(|before| matches!(before.general_category(), GeneralCategory::OtherSymbol))
        }
        '\u{FE00}'..='\u{FE0D}' => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_could_steer_or_mislead_becomes_visible() {
        for (raw, shown) in [
            ("v1.2.3", "v1.2.3"),
            ("größe 日本 ☎\u{FE0F} é", "größe 日本 ☎\u{FE0F} é"),
            ("\u{1b}[31mred", "<U+001B>[31mred"),
            ("\u{1b}]52;c;cm0gLXJm\u{7}", "<U+001B>]52;c;cm0gLXJm<U+0007>"),
            ("\u{9b}2J", "<U+009B>2J"),
            ("\u{90}q\u{9c}", "<U+0090>q<U+009C>"),
            ("a\tb\r\nc", "a<U+0009>b<U+000D><U+000A>c"),
            ("v1\u{202E}2", "v1<U+202E>2"),
            ("\u{2066}x\u{2069}", "<U+2066>x<U+2069>"),
            ("a\u{200B}b\u{200D}c\u{FEFF}", "a<U+200B>b<U+200D>c<U+FEFF>"),
            ("\u{E0041}\u{E007F}", "<U+E0041><U+E007F>"),
            ("a\u{FE0F}\u{FE01}\u{E0100}", "a<U+FE0F><U+FE01><U+E0100>"),
            ("a\u{2028}b\u{2029}\u{A0}\u{3000}", "a<U+2028>b<U+2029><U+00A0><U+3000>"),
            ("\u{E000}\u{378}\u{10FFFF}", "<U+E000><U+0378><U+10FFFF>"),
            ("\u{3164}\u{2800}\u{AD}\u{34F}", "<U+3164><U+2800><U+00AD><U+034F>"),
            ("\u{301}a", "<U+0301>a"),
            ("\u{7f}", "<U+007F>"),
        ] {
            assert_eq!(clean(raw), shown, "{raw:?}");
        }
    }

    #[test]
    fn a_tower_of_marks_stays_one_character() {
        let tower = format!("e{}!", "\u{301}".repeat(10_000));
        assert_eq!(clean(&tower), format!("e{}…!", "\u{301}".repeat(7)));
    }

    #[test]
    fn a_long_text_is_cut_by_what_a_reader_counts() {
        let kept = clean(&"é".repeat(600));
        assert_eq!(kept.graphemes(true).count(), MAX_GRAPHEMES);
        assert!(kept.ends_with('…'));
        assert_eq!(clean(&"é".repeat(512)), "é".repeat(512));
        assert_eq!(clean(&"x".repeat(10_000_000)).len(), MAX_GRAPHEMES - 1 + '…'.len_utf8());
    }

    fn foreign() -> impl Strategy<Value = String> {
        let awkward = prop::sample::select(vec![
            '\u{1b}',
            '\u{9b}',
            '\n',
            '\u{202E}',
            '\u{200D}',
            '\u{FE0F}',
            '\u{301}',
            '\u{E0041}',
            '☎',
            '\u{1100}',
            '\u{1161}',
            '\u{11A8}',
            '\u{0D4E}',
            '\u{1F3FB}',
            '\u{1F1E9}',
            '\u{915}',
            '\u{94D}',
            'a',
            '<',
            '…',
            '\u{111C2}',
            '\u{FF9E}',
            '\u{0600}',
        ]);
        prop::collection::vec(prop_oneof![awkward, any::<char>()], 0..1_400).prop_map(String::from_iter)
    }

    proptest! {
        #[test]
        fn nothing_forbidden_is_left_and_cleaning_twice_is_cleaning_once(raw in foreign()) {
            let once = clean(&raw);
            prop_assert!(!once.chars().any(is_forbidden));
            prop_assert!(once.graphemes(true).count() <= MAX_GRAPHEMES);
            prop_assert!(once.graphemes(true).all(|grapheme| grapheme.width() > 0));
            prop_assert_eq!(clean(&once), once);
        }
    }
}
