//! Big letters: the few that the wall's words and figures are made of, five rows high, each as wide as it needs. Drawn in whole cells,
//! so that without Unicode the same letters stand there made of `#`.

/// Rows of a letter at its smallest.
pub const ROWS: usize = 5;

/// Cells between two letters, in the letters' own measure.
const GAP: usize = 1;

/// A letter and its rows from the top; what is not blank is drawn.
const LETTERS: &[(char, [&str; ROWS])] = &[
    (' ', ["   ", "   ", "   ", "   ", "   "]),
    ('A', [" ### ", "#   #", "#####", "#   #", "#   #"]),
    ('B', ["#### ", "#   #", "#### ", "#   #", "#### "]),
    ('C', [" ####", "#    ", "#    ", "#    ", " ####"]),
    ('D', ["#### ", "#   #", "#   #", "#   #", "#### "]),
    ('E', ["#####", "#    ", "#### ", "#    ", "#####"]),
    ('F', ["#####", "#    ", "#### ", "#    ", "#    "]),
    ('G', [" ####", "#    ", "#  ##", "#   #", " ####"]),
    ('H', ["#   #", "#   #", "#####", "#   #", "#   #"]),
    ('I', ["###", " # ", " # ", " # ", "###"]),
    ('J', ["  ###", "   # ", "   # ", "#  # ", " ##  "]),
    ('K', ["#   #", "#  # ", "###  ", "#  # ", "#   #"]),
    ('L', ["#    ", "#    ", "#    ", "#    ", "#####"]),
    ('M', ["#   #", "## ##", "# # #", "#   #", "#   #"]),
    ('N', ["#   #", "##  #", "# # #", "#  ##", "#   #"]),
    ('O', [" ### ", "#   #", "#   #", "#   #", " ### "]),
    ('P', ["#### ", "#   #", "#### ", "#    ", "#    "]),
    ('Q', [" ### ", "#   #", "# # #", "#  # ", " ## #"]),
    ('R', ["#### ", "#   #", "#### ", "#  # ", "#   #"]),
    ('S', [" ####", "#    ", " ### ", "    #", "#### "]),
    ('T', ["#####", "  #  ", "  #  ", "  #  ", "  #  "]),
    ('U', ["#   #", "#   #", "#   #", "#   #", " ### "]),
    ('V', ["#   #", "#   #", "#   #", " # # ", "  #  "]),
    ('W', ["#   #", "#   #", "# # #", "## ##", "#   #"]),
    ('X', ["#   #", " # # ", "  #  ", " # # ", "#   #"]),
    ('Y', ["#   #", " # # ", "  #  ", "  #  ", "  #  "]),
    ('Z', ["#####", "   # ", "  #  ", " #   ", "#####"]),
    ('0', [" ### ", "#   #", "#   #", "#   #", " ### "]),
    ('1', [" # ", "## ", " # ", " # ", "###"]),
    ('2', ["#### ", "    #", " ### ", "#    ", "#####"]),
    ('3', ["#### ", "    #", " ### ", "    #", "#### "]),
    ('4', ["#  # ", "#  # ", "#####", "   # ", "   # "]),
    ('5', ["#####", "#    ", "#### ", "    #", "#### "]),
    ('6', [" ### ", "#    ", "#### ", "#   #", " ### "]),
    ('7', ["#####", "    #", "   # ", "  #  ", "  #  "]),
    ('8', [" ### ", "#   #", " ### ", "#   #", " ### "]),
    ('9', [" ### ", "#   #", " ####", "    #", " ### "]),
    ('s', ["    ", " ###", "##  ", "  ##", "### "]),
    ('%', ["##   # ", "##  #  ", "   #   ", "  #  ##", " #   ##"]),
    ('.', [" ", " ", " ", " ", "#"]),
    (',', ["  ", "  ", "  ", " #", "# "]),
    (':', [" ", "#", " ", "#", " "]),
    ('/', ["    #", "   # ", "  #  ", " #   ", "#    "]),
    ('-', ["   ", "   ", "###", "   ", "   "]),
    ('_', ["    ", "    ", "    ", "    ", "####"]),
];

fn letter(character: char) -> Option<&'static [&'static str; ROWS]> {
    LETTERS.iter().find(|(known, _)| *known == character).map(|(_, rows)| rows)
}

/// How many cells a text takes at its smallest; `None` where a letter is missing.
pub fn width(text: &str) -> Option<usize> {
    let letters = text.chars().map(|character| letter(character).and_then(|rows| rows.first()).map(|row| row.len()));
    let widths: Option<Vec<usize>> = letters.collect();
    widths.map(|widths| widths.iter().map(|width| width + GAP).sum::<usize>().saturating_sub(GAP))
}

/// A text's rows from the top, each letter's cell so many cells wide: `#` where something is drawn, else blank.
pub fn rows(text: &str, across: usize) -> [String; ROWS] {
    std::array::from_fn(|row| {
        let letters = text.chars().filter_map(letter).filter_map(|rows| rows.get(row));
        let line = letters.copied().collect::<Vec<_>>().join(&" ".repeat(GAP));
        line.chars().flat_map(|cell| std::iter::repeat_n(cell, across)).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rows_of_a_letter_are_as_wide_as_each_other_and_no_two_letters_look_alike() {
        for (at, (character, rows)) in LETTERS.iter().enumerate() {
            assert!(rows.iter().all(|row| row.len() == rows[0].len()), "{character}");
            let twin = LETTERS[..at].iter().find(|(_, others)| others == rows);
            // A nought is told from an O by what stands beside it.
            assert!(twin.is_none_or(|(other, _)| (*other, *character) == ('O', '0')), "{character}");
        }
    }

    #[test]
    fn a_text_is_as_wide_as_it_says_and_unknown_letters_have_no_width() {
        assert_eq!(width("BAKING"), Some(5 * 6 - 2 + 5));
        assert_eq!(width("ü"), None);
        for row in rows("27 %", 2) {
            assert_eq!(Some(row.len()), width("27 %").map(|cells| 2 * cells));
        }
    }
}
