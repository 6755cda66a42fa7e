//! The columns of a list: that some of them are not shown, and the box in which they are chosen.

use crate::console::keymap::{Action, Place};
use crate::console::model::{Choosing, Model, wrap};
use crate::console::theme::{Glyph, Role};
use crate::settings::{Column, Columned};

use super::fleet_columns::Columns;
use super::fleet_table::beyond;
use super::kit::{Painter, open_dialog, width};
use super::line::Line;

/// That so many columns are not shown, by choice or for lack of room, and the key that tells which; in fewer words where there are few
/// cells. Empty where all are shown.
pub fn hidden(model: &Model, list: Columned, count: usize, cells: usize) -> Line {
    if count == 0 {
        return Line::new();
    }
    let key = model.keymap().keys(Action::Columns, Place::Screen).first().map(|key| format!(" · {}", key.label()));
    let key = key.unwrap_or_default();
    let long = format!("{count} column{} hidden{key}", if count == 1 { "" } else { "s" });
    let role = if model.columns_hidden(list) > 0 { Role::Waiting } else { Role::Dim };
    Line::of(role, if usize::from(width(&long)) <= cells { long } else { format!("{count} hidden{key}") })
}

/// Cells inside the box, where the terminal has them.
const WIDTH: u16 = 76;
/// Where it is said what a column holds.
const MEANING: usize = 20;
/// What the order of the Fleet's columns is for, and what is shown in any case.
const WHY: &str = "The upper ones keep their place where there is little room. What fails in an environment without a column is told all the \
                   same, under \"elsewhere\".";

/// Draws the box.
pub fn choosing(painter: &mut Painter<'_>, model: &Model, choosing: &Choosing) {
    let title = match choosing.list {
        Columned::Fleet => "Columns of the Fleet",
        Columned::Waiting => "Columns of what waits",
        Columned::Timeline => "Columns of the Timeline",
    };
    let cells = WIDTH.min(painter.width().saturating_sub(4));
    let rows: Vec<Row> = choosing.columns.iter().map(|column| Row::of(model, choosing, column)).collect();
    let chosen = rows.get(choosing.selected).map(|row| row.in_full(cells)).unwrap_or_default();
    let keys = [chosen, told(model, choosing, cells.into())].concat();
    let why = wrap(WHY, cells.into()).into_iter().map(|text| Line::of(Role::Dim, text));
    let why: Vec<Line> = if choosing.list == Columned::Fleet { [Line::new()].into_iter().chain(why).collect() } else { Vec::new() };
    let height = rows.len() + why.len() + keys.len();
    let Some(mut inside) = open_dialog(painter, title, WIDTH, height as u16).painter else { return };
    // Where rows are few, the reasons give way before the columns do.
    let below = if usize::from(inside.height()) < height { keys } else { [why, keys].concat() };
    let top = usize::from(inside.height()).saturating_sub(below.len());
    let (first, shown) = super::fleet::window(rows.len(), Some(choosing.selected), top);
    let count = rows.len();
    for (y, (at, row)) in rows.into_iter().enumerate().skip(first).take(shown).enumerate() {
        row.line(at == choosing.selected).draw(&mut inside, y as u16);
    }
    if let Some(words) = beyond(first, count.saturating_sub(first + shown)) {
        Line::of(Role::Dim, format!("   {words}")).draw(&mut inside, shown as u16);
    }
    for (y, line) in below.into_iter().enumerate() {
        line.draw(&mut inside, (top + y) as u16);
    }
}

/// A column in the box.
struct Row {
    name: String,
    is_shown: bool,
    role: Role,
    words: String,
}

impl Row {
    fn of(model: &Model, choosing: &Choosing, (column, is_shown): &(Column, bool)) -> Self {
        let name = if let Column::Environment(id) = column { id.to_string() } else { column.to_string() };
        let (declaration, width) = (model.fleet().declaration(), usize::from(model.size().0));
        let words = meaning(model, choosing.list, column);
        let is_crowded =
            *is_shown && choosing.list == Columned::Fleet && !Columns::of(declaration, &choosing.shown(), width).has(column);
        let (role, words) = match column {
            Column::Environment(id) if declaration.environment(id).is_none() => {
                (Role::Bad, "this fleet has no such environment".to_owned())
            }
            _ if is_crowded => (Role::Waiting, format!("no room at {width} columns: {words}")),
            _ => (Role::Text, words),
        };
        Self { name, is_shown: *is_shown, role, words }
    }

    fn line(self, here: bool) -> Line {
        let role = if here { Role::Strong } else { Role::Text };
        Line::of(Role::Cursor, if here { Glyph::Cursor.symbol() } else { " " })
            .then(role, if self.is_shown { "[x] " } else { "[ ] " })
            .then(role, self.name)
            .at(MEANING)
            .then(self.role, self.words)
    }

    /// Name and meaning, broken to a width, where its row has fewer cells than they take.
    fn in_full(&self, cells: u16) -> Vec<Line> {
        let fits = usize::from(width(&self.name)) + 6 <= MEANING && MEANING + usize::from(width(&self.words)) <= cells.into();
        if fits {
            return Vec::new();
        }
        let text = format!("{}: {}.", self.name, self.words);
        wrap(&text, cells.into()).into_iter().map(|text| Line::of(Role::Text, text)).collect()
    }
}

/// What a column holds.
fn meaning(model: &Model, list: Columned, column: &Column) -> String {
    match (column, list) {
        (Column::Environment(_), _) => "how things stand there".to_owned(),
        (Column::Cells, _) => match model.fleet().declaration().environments.last() {
            Some(environment) => format!("what is new in {} by cell, %", environment.id),
            None => "what is new by cell, %".to_owned(),
        },
        (Column::Next, _) => "what comes next, and who acts".to_owned(),
        (Column::Who, Columned::Timeline) => "who did it".to_owned(),
        (Column::Who, _) => "who can do it".to_owned(),
        (Column::Since, _) => "since when it waits".to_owned(),
        (Column::Until, _) => "until when, where a clock decides".to_owned(),
        (Column::When, _) => "when it happened".to_owned(),
    }
}

/// How to keep what was chosen, how to choose, and how to leave.
fn told(model: &Model, choosing: &Choosing, cells: usize) -> Vec<Line> {
    let label = |action, place| model.keymap().keys(action, place).first().map_or_else(|| "no key".to_owned(), |key| key.label());
    let keep = format!("To keep it, under [columns] in the settings ({} copies):", label(Action::Copy, Place::Screen));
    let (left, right) = (label(Action::Left, Place::Reading), label(Action::Right, Place::Reading));
    let moves = if choosing.list == Columned::Fleet { format!(", {left} lifts it, {right} lowers it") } else { String::new() };
    let keys = format!("Space shows or hides it{moves}, {} closes", label(Action::Back, Place::Reading));
    let said = [(Role::Text, keep), (Role::Code, choosing.line()), (Role::Dim, keys)];
    said.into_iter().flat_map(|(role, text)| wrap(&text, cells).into_iter().map(move |text| Line::of(role, text))).collect()
}
