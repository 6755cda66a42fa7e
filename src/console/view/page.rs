//! A page to be read, over the whole screen below row 3: the help, or an explanation.

use crate::console::model::{Model, PageLine};
use crate::console::theme::Role;

use super::fleet_table::beyond;
use super::kit::Painter;
use super::line::Line;

/// Draws the page scrolled down so many lines, as far as there are more; what lies above and below is counted.
pub fn draw(painter: &mut Painter<'_>, model: &Model, scroll: u16) {
    painter.fill(Role::Base);
    let lines = model.page_lines();
    let room = usize::from(painter.height()).saturating_sub(1);
    let first = usize::from(scroll).min(lines.len().saturating_sub(room));
    let below = lines.len().saturating_sub(first + room);
    for (at, line) in lines.into_iter().skip(first).take(room).enumerate() {
        drawn(line).draw(painter, at as u16);
    }
    if let Some(words) = beyond(first, below) {
        Line::of(Role::Dim, format!(" {words}: move with Up and Down")).draw(painter, room as u16);
    }
}

fn drawn(line: PageLine) -> Line {
    match line {
        PageLine::Blank => Line::new(),
        PageLine::Title(text) => Line::of(Role::Strong, format!(" {text}")),
        PageLine::Heading(text) => Line::of(Role::Heading, format!(" {text}")),
        PageLine::Said { head, indent, text, keys } => {
            let role = if keys { Role::Key } else { Role::Dim };
            let line = if head.is_empty() { Line::new() } else { Line::of(role, format!("   {head}")) };
            line.at(indent).then(Role::Text, text)
        }
    }
}
