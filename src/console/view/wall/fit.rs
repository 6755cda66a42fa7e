//! How big each part of a page can be: whole letters at the biggest size there is room for, in fewer letters where that helps, and plain
//! words where nothing bigger fits.

use crate::console::model::{Block, Figure};

use super::letters::{self, ROWS};

/// Cells between two figures beside each other.
const BETWEEN: usize = 3;
/// No bigger than so many cells for each of a letter's rows: it is as high as a hand by then.
const BIGGEST: usize = 4;

/// How a block is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Rows for each of a letter's rows; 0 stands for plain words.
    pub down: usize,
    /// Cells for each of a letter's cells.
    pub across: usize,
    /// Which of the forms of each figure, from the longest.
    pub form: usize,
}

impl Size {
    /// Plain words.
    pub const PLAIN: Self = Self { down: 0, across: 0, form: 0 };

    /// How many rows a block of this size takes: its letters, what is meant by them, and a blank one.
    pub const fn rows(self) -> usize {
        if self.down == 0 { 1 } else { self.down * ROWS + 2 }
    }
}

/// The form of a figure of this number; the shortest where it has fewer.
pub fn form(figure: &Figure, number: usize) -> &str {
    figure.forms.get(number).or(figure.forms.last()).map_or("", String::as_str)
}

/// The cells between the beginnings of a block's figures, and the last one's width.
pub fn columns(block: &Block, size: Size) -> Option<Vec<usize>> {
    let figure = |figure: &Figure| {
        let big = letters::width(form(figure, size.form))? * size.across;
        // What is meant by it stands below it, and is not cut for its neighbour where it is short.
        Some(if figure.label.len() <= 12 { big.max(figure.label.len()) } else { big })
    };
    block.0.iter().map(figure).collect()
}

/// A block at a height, as wide as there is room for, in as many letters as then fit; `None` where none do.
fn at_height(block: &Block, down: usize, width: usize) -> Option<Size> {
    let forms = block.0.iter().map(|figure| figure.forms.len()).max().unwrap_or(0);
    let fits = |size: &Size| {
        let between = BETWEEN * block.0.len().saturating_sub(1);
        columns(block, *size).is_some_and(|columns| columns.iter().sum::<usize>() + between <= width)
    };
    (0..forms).find_map(|form| (down..=down * 2).rev().map(|across| Size { down, across, form }).find(fits))
}

/// How big the head and each block are drawn in so many rows of so many cells. The first block grows first; the head grows once all
/// others are big, and is never the biggest.
pub fn fit(head: &Block, blocks: &[Block], (width, height): (usize, usize)) -> (Size, Vec<Size>) {
    let mut sizes = vec![Size::PLAIN; blocks.len()];
    let mut named = Size::PLAIN;
    for down in 1..=BIGGEST {
        for (at, block) in blocks.iter().enumerate() {
            let others: usize = sizes.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, size)| size.rows()).sum();
            let bigger = at_height(block, down, width).filter(|size| size.rows() + others + named.rows() <= height);
            if let (Some(bigger), Some(size)) = (bigger, sizes.get_mut(at)) {
                *size = bigger;
            }
        }
        let taken: usize = sizes.iter().map(|size| size.rows()).sum();
        let least = sizes.iter().map(|size| size.down).min().unwrap_or(0);
        let may = if least == 0 { 0 } else { (least - 1).max(1) };
        if let Some(bigger) = at_height(head, down, width).filter(|size| size.down <= may && size.rows() + taken <= height) {
            named = bigger;
        }
    }
    (named, sizes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::model::Tone;

    fn block(forms: &[&[&str]]) -> Block {
        let figure = |forms: &&[&str]| Figure {
            forms: forms.iter().map(|form| (*form).to_owned()).collect(),
            label: "what it is".to_owned(),
            tone: Tone::Plain,
        };
        Block(forms.iter().map(figure).collect())
    }

    fn shown(block: &Block, width: usize, height: usize) -> (usize, String) {
        let (_, sizes) = fit(&self::block(&[&["ü"]]), std::slice::from_ref(block), (width, height));
        let size = sizes.first().copied().unwrap_or(Size::PLAIN);
        (size.down, block.0.iter().map(|figure| form(figure, size.form)).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn the_biggest_letters_that_fit_are_taken_with_fewer_of_them_where_that_helps() {
        let failed = block(&[&["ROLLBACK FAILED", "NOT BACK"]]);
        assert_eq!(shown(&failed, 78, 30), (1, "NOT BACK".to_owned()));
        assert_eq!(shown(&failed, 100, 9), (1, "ROLLBACK FAILED".to_owned()));
        assert_eq!(shown(&failed, 158, 30), (3, "NOT BACK".to_owned()));
        assert_eq!(shown(&failed, 30, 30), (0, "ROLLBACK FAILED".to_owned()), "in plain words it is said whole");
        assert_eq!(shown(&failed, 300, 7), (0, "ROLLBACK FAILED".to_owned()));
    }

    #[test]
    fn what_has_a_letter_that_is_not_there_is_said_in_plain_words() {
        assert_eq!(shown(&block(&[&["MÜLLER"]]), 300, 60).0, 0);
    }

    #[test]
    fn what_matters_more_grows_first_and_the_head_only_when_all_are_big() {
        let (head, blocks) = (block(&[&["SHOP"]]), [block(&[&["BAKING"]]), block(&[&["10 %"], &["12/s"]])]);
        let down = |height| {
            let (head, sizes) = fit(&head, &blocks, (158, height));
            (head.down, sizes.iter().map(|size| size.down).collect::<Vec<_>>())
        };
        assert_eq!(down(9), (0, vec![1, 0]));
        assert_eq!(down(15), (0, vec![1, 1]));
        assert_eq!(down(21), (1, vec![1, 1]));
        assert_eq!(down(26), (1, vec![2, 1]));
        assert_eq!(down(31), (1, vec![2, 2]));
    }
}
