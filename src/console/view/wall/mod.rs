//! The wall: one page at a time, in letters as big as there is room for. What they mean stands below them, and what does not fit in big
//! letters is said in words.

mod fit;
mod letters;

use ratatui::layout::Rect;

use crate::console::model::{Block, Fact, Figure, Model, Tone, WallPage, wrap};
use crate::console::theme::{Glyph, Role};

use super::chrome::role_of;
use super::kit::Painter;
use super::line::Line;

use fit::{Size, columns, fit, form};

/// Rows that a fact may take.
const LINES: usize = 2;
/// Where what a fact says begins, after its word.
const SAID: usize = 10;

/// Draws the page that is shown.
pub fn draw(painter: &mut Painter<'_>, model: &Model) {
    let page = model.wall();
    let is_old = model.freshness().stale.is_some();
    let width = usize::from(painter.width());
    let facts = facts(&page.facts, width, usize::from(painter.height()).saturating_sub(1 + page.blocks.len()));
    let height = usize::from(painter.height()).saturating_sub(facts.len() + 1);
    let head = Block(vec![page.head.clone()]);
    let (named, sizes) = fit(&head, &page.blocks, (width.saturating_sub(2), height));
    let mut row = 1;
    head_line(&page, named, width).draw(painter, 0);
    if named != Size::PLAIN {
        draw_letters(painter, (1, row), form(&page.head, named.form), named, if is_old { Role::Stale } else { Role::Strong });
        row += named.rows() as u16 - 1;
    }
    let spare = usize::from(painter.height()).saturating_sub(usize::from(row) + facts.len());
    let taken: usize = sizes.iter().map(|size| size.rows()).sum();
    let mut spare = spare.saturating_sub(taken);
    if spare > 0 {
        (row, spare) = (row + 1, spare - 1);
    }
    for (at, (block, size)) in page.blocks.iter().zip(sizes).enumerate() {
        // The first one says that all others are old.
        let is_grey = is_old && at > 0;
        if size == Size::PLAIN {
            let lines = plain(block, width, is_grey, 1 + spare);
            spare = (1 + spare).saturating_sub(lines.len());
            for line in lines {
                line.draw(painter, row);
                row += 1;
            }
        } else {
            row += big(painter, row, block, size, is_grey);
        }
    }
    let below = painter.height().saturating_sub(facts.len() as u16);
    for (at, line) in (below..).zip(facts) {
        let line = if is_old { line.in_role(Role::Stale) } else { line };
        line.draw(painter, at);
    }
}

/// What it is about in a line, with its place among the pages and the age of the data at its end.
fn head_line(page: &WallPage, named: Size, width: usize) -> Line {
    let role = if named == Size::PLAIN { Role::Strong } else { Role::Text };
    end(page, Line::of(role, format!(" {}", page.head.label)), width)
}

fn end(page: &WallPage, line: Line, width: usize) -> Line {
    let (at, of) = page.place;
    let age = page.age.clone().unwrap_or_default();
    let long = format!("page {at} of {of}  {age}");
    let short = [long, age].into_iter().find(|text| line.width() + text.trim_end().len() + 3 <= width);
    match short {
        Some(text) => line.right(width.saturating_sub(1), Role::Text, text.trim_end()),
        None => line,
    }
}

/// A block in plain words: in a line if that holds it, else in as many as it needs and may have.
fn plain(block: &Block, width: usize, is_grey: bool, rows: usize) -> Vec<Line> {
    let said = if is_grey { Role::Stale } else { Role::Text };
    let of = |figure: &Figure, text: &str| {
        let role = if is_grey { Role::Stale } else { emphasis(figure.tone) };
        Line::of(said, " ").then(role, form(figure, 0)).then(said, format!(" {text}"))
    };
    let gap = |line: Line| if line.is_empty() { line } else { line.then(said, "  ") };
    let whole = block.0.iter().fold(Line::new(), |line, figure| gap(line).append(of(figure, &figure.label)));
    if whole.width() < width || rows < block.0.len() || rows < 2 {
        return vec![whole.cut(width)];
    }
    let mut lines = Vec::new();
    for (at, figure) in block.0.iter().enumerate() {
        let indent = form(figure, 0).chars().count() + 2;
        let may = rows.saturating_sub(lines.len() + block.0.len() - at - 1);
        let texts = folded(&figure.label, width.saturating_sub(indent + 1), may);
        lines.extend(texts.into_iter().enumerate().map(|(at, text)| match at {
            0 => of(figure, &text),
            _ => Line::of(said, " ".repeat(indent)).then(said, text),
        }));
    }
    lines.into_iter().map(|line| line.cut(width)).collect()
}

/// A sentence in at most so many lines; what does not fit is left at the end of the last one.
fn folded(text: &str, width: usize, rows: usize) -> Vec<String> {
    let mut texts = wrap(text, width);
    let rest = texts.split_off(texts.len().min(rows.saturating_sub(1))).join(" ");
    texts.extend((rows > 0 && !rest.is_empty()).then_some(rest));
    texts
}

/// A block in big letters, and below each figure what it means; says how many rows it took.
fn big(painter: &mut Painter<'_>, row: u16, block: &Block, size: Size, is_grey: bool) -> u16 {
    let widths = columns(block, size).unwrap_or_default();
    // Figures stand as far apart as there is room for: what each means needs it.
    let room = usize::from(painter.width()).saturating_sub(2);
    let slack = room.saturating_sub(widths.iter().sum()) / block.0.len().max(1);
    let mut x = 1_u16;
    let letters = (size.down * letters::ROWS) as u16;
    for (figure, width) in block.0.iter().zip(widths) {
        let role = if is_grey { Role::Stale } else { emphasis(figure.tone) };
        draw_letters(painter, (x, row), form(figure, size.form), size, role);
        let cells = if block.0.len() == 1 { room } else { (width + slack).saturating_sub(1) };
        let said = if is_grey { Role::Stale } else { Role::Text };
        let area = Rect::new(x, row + letters, cells as u16, 1);
        Line::of(said, label(figure, size)).draw(&mut painter.part(area), 0);
        x += (width + slack) as u16;
    }
    size.rows() as u16
}

/// What is meant by a figure; where it is shortened, it is said in full first.
fn label(figure: &Figure, size: Size) -> String {
    let whole = form(figure, 0);
    let shown = form(figure, size.form);
    let is_shortened = shown != whole && !figure.label.to_uppercase().starts_with(shown);
    if is_shortened && !whole.starts_with(shown) {
        format!("{}: {}", whole.to_lowercase(), figure.label)
    } else {
        figure.label.clone()
    }
}

fn draw_letters(painter: &mut Painter<'_>, (x, y): (u16, u16), text: &str, size: Size, role: Role) {
    let rows = letters::rows(text, size.across);
    for (at, row) in rows.iter().flat_map(|row| std::iter::repeat_n(row, size.down)).enumerate() {
        let row = row.trim_end().replace('#', Glyph::Bar.symbol());
        painter.text(x, y + at as u16, &row, role);
    }
}

/// The look of what is to be seen from afar. Letters made of whole cells are loud enough without being reversed.
const fn emphasis(tone: Tone) -> Role {
    match tone {
        Tone::Plain => Role::Strong,
        Tone::Loudest => Role::Bad,
        other => role_of(other),
    }
}

/// The sentences at the foot, each in as many lines as it may take, in at most so many rows; what does not fit ends in `…`.
fn facts(facts: &[Fact], width: usize, rows: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    for fact in facts {
        let left = rows.saturating_sub(lines.len()).min(LINES);
        let room = width.saturating_sub(SAID + 1);
        for (at, text) in folded(&fact.text, room, left).into_iter().enumerate() {
            let word = if at == 0 { fact.word } else { "" };
            lines.push(Line::of(Role::Heading, format!(" {word}")).at(SAID).then(Role::Text, text).cut(width));
        }
    }
    lines
}
