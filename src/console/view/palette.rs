//! The palette, drawn over a screen: what is typed, and what is found.

use crate::console::model::{Found, Model, Palette, palette_found};
use crate::console::theme::{Glyph, Role};

use super::dialog::{draw_above, in_full};
use super::field;
use super::kit::{Painter, open_dialog};
use super::line::Line;

/// What stands before what is typed.
const FIND: &str = "Find: ";
/// Columns inside, where the terminal has them.
const WIDTH: u16 = 90;
/// Where the names begin, after the keys.
const NAMES: usize = 16;
/// Where the sentences begin.
const SENTENCES: usize = 46;

/// Draws the palette.
pub fn draw(painter: &mut Painter<'_>, model: &Model, palette: &Palette) {
    let found = palette_found(model, palette);
    // As high as all actions need, so that the box stands still while words are typed.
    let rows = model.keymap().rows().len().saturating_add(2) as u16;
    let Some(mut inside) = open_dialog(painter, "Do what, or go where?", WIDTH, rows.min(24)).painter else { return };
    let cells = usize::from(inside.width()).saturating_sub(FIND.len() + 2);
    let typed = field::row(&field::with_cursor(&palette.line.text), cells);
    Line::of(Role::Text, FIND).then(Role::Field, format!(" {typed} ")).draw(&mut inside, 0);
    // What the chosen one does is told whole.
    let words = found.get(palette.selected).map_or("", Found::words);
    let told = in_full(words, inside.width().saturating_sub(SENTENCES as u16), inside.width());
    let room = usize::from(inside.height()).saturating_sub(2 + told.len());
    let (first, shown) = super::fleet::window(found.len(), Some(palette.selected), room);
    for (y, (at, found)) in found.iter().enumerate().skip(first).take(shown).enumerate() {
        let here = at == palette.selected;
        let bar = if here { Glyph::Cursor.symbol() } else { " " };
        let role = if here { Role::Strong } else { Role::Text };
        Line::of(Role::Cursor, bar)
            .append(head(found))
            .at(NAMES)
            .then(role, found.name())
            .at(SENTENCES)
            .then(Role::Dim, found.words())
            .cut(inside.width().into())
            .draw(&mut inside, y as u16 + 1);
    }
    let words =
        if found.is_empty() { "Nothing is called that. Backspace" } else { "Up and Down choose, Enter does it, Esc leaves" };
    let last = inside.height().saturating_sub(1);
    draw_above(&mut inside, last, told);
    Line::of(Role::Dim, words).draw(&mut inside, last);
}

/// The keys of an action, or the kind of a thing.
fn head(found: &Found) -> Line {
    match found {
        Found::Action(_, row) => Line::of(Role::Key, format!(" {}", row.keys)),
        Found::Thing(thing) => Line::of(Role::Dim, format!(" {}", thing.kind)),
    }
}
