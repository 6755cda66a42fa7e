//! The marks on the screen: one character each, with an ASCII twin of the same width.
//!
//! Views draw Unicode and name marks by meaning; in `--ascii` mode the last pass over a frame replaces what is left, cell by
//! cell. Twins therefore never change a width: a line that fits in one mode fits in the other.

/// A mark, by its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Glyph {
    /// Converged. Never passed, live or selected.
    Converged,
    /// Baking or moving.
    Moving,
    /// Waits.
    Waits,
    /// A person decides.
    Person,
    /// Held.
    Held,
    /// Failed.
    Failed,
    /// Going back.
    GoingBack,
    /// Rolled back.
    RolledBack,
    /// A newer release took its place.
    Replaced,
    /// Siblings out of step.
    OutOfStep,
    /// Unknown.
    Unknown,
    /// A rollback that failed.
    RollbackFailed,
    /// Passed or met.
    Met,
    /// An alert.
    Alert,
    /// Not met, and passed all the same.
    Waived,
    /// Stands beside the selection.
    Cursor,
    /// From one version to another.
    Arrow,
    /// Back to a version.
    ArrowBack,
    /// Between things in one line.
    Dot,
    /// A point of the old version's curve, over the bars of the new one's.
    Old,
    /// A curve has no data here.
    Gap,
    /// A filled cell of a bar.
    Bar,
    /// The middle or limit of a bar, a line downwards.
    Mark,
    /// A line across.
    Rule,
    /// Something was cut off.
    Ellipsis,
    /// The beginning of what is typed was cut off.
    Before,
    /// An instance that serves on the new version.
    ServesNew,
    /// An instance that serves on the old version.
    ServesOld,
}

impl Glyph {
    /// Every mark: its Unicode form and its ASCII twin.
    pub const ALL: [(Self, &'static str, &'static str); 28] = [
        (Self::Converged, "●", "*"),
        (Self::Moving, "◐", "~"),
        (Self::Waits, "○", "o"),
        (Self::Person, "◆", "@"),
        (Self::Held, "‖", "="),
        (Self::Failed, "✗", "X"),
        (Self::GoingBack, "«", "<"),
        (Self::RolledBack, "◁", "("),
        (Self::Replaced, "▷", ")"),
        (Self::OutOfStep, "≠", "#"),
        (Self::Unknown, "?", "?"),
        (Self::RollbackFailed, "!", "!"),
        (Self::Met, "✓", "+"),
        (Self::Alert, "▲", "^"),
        (Self::Waived, "⊘", "W"),
        (Self::Cursor, "▌", "|"),
        (Self::Arrow, "→", ">"),
        (Self::ArrowBack, "←", "<"),
        (Self::Dot, "·", "."),
        (Self::Old, "•", "o"),
        (Self::Gap, "┄", "."),
        (Self::Bar, "█", "#"),
        (Self::Mark, "│", "|"),
        (Self::Rule, "─", "-"),
        (Self::Ellipsis, "…", ">"),
        (Self::Before, "‹", "<"),
        (Self::ServesNew, "■", "O"),
        (Self::ServesOld, "□", "o"),
    ];

    /// The Unicode form, one cell wide.
    pub fn symbol(self) -> &'static str {
        Self::ALL.iter().find(|(glyph, _, _)| *glyph == self).map_or("?", |(_, unicode, _)| unicode)
    }

    /// The ASCII twin, one cell wide.
    pub fn ascii(self) -> &'static str {
        Self::ALL.iter().find(|(glyph, _, _)| *glyph == self).map_or("?", |(_, _, ascii)| ascii)
    }
}

/// The levels of a curve, lowest first. The lowest is drawn, because nothing is not zero.
pub const SPARKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// Their ASCII twins: rising ink, none of them the twin of a gap.
const ASCII_SPARKS: [char; 8] = ['_', ':', '-', '=', '+', '*', '%', '#'];

/// The level of a curve at a height from 0 (lowest) to 1 (highest); outside is brought to the nearer end.
pub fn sparks(height: f64) -> char {
    let level = (height.clamp(0.0, 1.0) * 8.0).floor().min(7.0) as usize;
    SPARKS.get(level).copied().unwrap_or('▁')
}

/// What chrome and sentences use besides marks: typography and frames.
const OTHERS: &[(char, char)] = &[
    ('–', '-'),
    ('—', '-'),
    ('‘', '\''),
    ('’', '\''),
    ('“', '"'),
    ('”', '"'),
    ('×', 'x'),
    ('÷', '/'),
    ('−', '-'),
    ('≤', '<'),
    ('≥', '>'),
    ('≈', '~'),
    ('±', '~'),
    ('»', '>'),
    ('▶', '>'),
    ('▼', 'v'),
    ('↑', '^'),
    ('↓', 'v'),
    ('┌', '+'),
    ('┐', '+'),
    ('└', '+'),
    ('┘', '+'),
    ('├', '+'),
    ('┤', '+'),
    ('┬', '+'),
    ('┴', '+'),
    ('┼', '+'),
    ('═', '='),
    ('║', '|'),
    ('\u{a0}', ' '),
    ('\u{202f}', ' '),
    ('�', '?'),
];

fn ascii_of(character: char) -> char {
    if character.is_ascii() {
        return character;
    }
    let mut bytes = [0; 4];
    let text: &str = character.encode_utf8(&mut bytes);
    let mark = Glyph::ALL.iter().find(|(_, unicode, _)| *unicode == text).and_then(|(_, _, ascii)| ascii.chars().next());
    let level = || SPARKS.iter().zip(ASCII_SPARKS).find(|(spark, _)| **spark == character).map(|(_, ascii)| ascii);
    let other = || OTHERS.iter().find(|(known, _)| *known == character).map(|(_, ascii)| *ascii);
    mark.or_else(level).or_else(other).unwrap_or('?')
}

/// The ASCII twin of one cell's content; a grapheme of several characters is judged by its first.
pub fn ascii_cell(symbol: &str) -> char {
    symbol.chars().next().map_or(' ', ascii_of)
}

/// The text in ASCII, character for character; what has no twin becomes `?`.
pub fn ascii_twin(text: &str) -> String {
    text.chars().map(ascii_of).collect()
}

#[cfg(test)]
mod tests {
    use unicode_width::UnicodeWidthStr;

    use super::*;

    #[test]
    fn every_mark_is_one_cell_in_both_forms() {
        for (glyph, unicode, ascii) in Glyph::ALL {
            assert_eq!((unicode.width(), ascii.len()), (1, 1), "{glyph:?}");
            assert_eq!((glyph.symbol(), glyph.ascii()), (unicode, ascii));
            assert_eq!(ascii_twin(unicode), ascii, "{glyph:?}");
        }
        for (other, twin) in OTHERS {
            assert_eq!(other.to_string().width(), 1, "{other}");
            assert!(twin.is_ascii_graphic() || *twin == ' ');
        }
    }

    #[test]
    fn statuses_stay_apart_in_ascii() {
        let mut twins: Vec<_> = Glyph::ALL[..14].iter().map(|(_, _, ascii)| *ascii).collect();
        twins.sort_unstable();
        twins.dedup();
        assert_eq!(twins.len(), 14);
    }

    #[test]
    fn sentences_keep_their_width() {
        assert_eq!(ascii_twin("v41→v42 · 15:03–16:43 ● ≠ …"), "v41>v42 . 15:03-16:43 * # >");
        assert_eq!(ascii_twin("▁▂▃▄▅▆▇┄"), "_:-=+*%.");
        assert_eq!(ascii_twin("naïve"), "na?ve");
    }

    #[test]
    fn heights_have_eight_levels() {
        let levels: String = [-1.0, 0.0, 0.124, 0.125, 0.5, 0.99, 1.0, 7.0].map(sparks).iter().collect();
        assert_eq!(levels, "▁▁▁▂▅███");
    }
}
