//! The help: every key of this session, from the one table of keys.

use crate::console::keymap::{Danger, HelpRow};
use crate::console::model::Model;
use crate::console::theme::Role;

use super::fleet_table::beyond;
use super::kit::Painter;
use super::line::{Line, wrap};

/// Draws the help over the whole screen below row 3, scrolled down so many lines.
pub fn draw(painter: &mut Painter<'_>, model: &Model, scroll: u16) {
    painter.fill(Role::Base);
    let lines = lines(&model.keymap().help(), usize::from(painter.width()));
    let room = usize::from(painter.height()).saturating_sub(1);
    let first = usize::from(scroll).min(lines.len().saturating_sub(room));
    let below = lines.len().saturating_sub(first + room);
    for (at, line) in lines.into_iter().skip(first).take(room).enumerate() {
        line.draw(painter, at as u16);
    }
    if let Some(words) = beyond(first, below) {
        Line::of(Role::Dim, format!(" {words}: move with Up and Down")).draw(painter, room as u16);
    }
}

/// Where the words begin.
const WORDS: usize = 17;

fn lines(rows: &[HelpRow], width: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut topic = None;
    for row in rows {
        if topic != Some(row.topic) {
            topic = Some(row.topic);
            lines.push(Line::new());
            lines.push(Line::of(Role::Heading, format!(" {}", row.topic.heading())).cut(width));
        }
        lines.extend(entry(row, width));
    }
    lines
}

fn entry(row: &HelpRow, width: usize) -> Vec<Line> {
    let effect = match row.danger {
        Danger::Safe => "",
        Danger::Record => " (acts: recorded)",
        Danger::Stopping => " (acts: stops)",
        Danger::Forward => " (acts: forward)",
        Danger::Back => " (acts: back)",
    };
    let texts = wrap(&format!("{}{effect}", row.help), width.saturating_sub(WORDS + 1));
    let head = |at: usize| if at == 0 { format!("   {}", row.keys) } else { String::new() };
    let line = |(at, text)| Line::of(Role::Key, head(at)).at(WORDS).then(Role::Text, text);
    texts.into_iter().enumerate().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::keymap::{Access, Keymap, table};

    #[test]
    fn every_action_has_its_keys_and_its_sentence_at_any_width() {
        let rows = Keymap::new(Access::Operate).unwrap().help();
        for width in [20, 60, 80, 160] {
            let lines = lines(&rows, width);
            assert!(lines.iter().all(|line| line.width() <= width), "{width}");
            assert!(
                lines.iter().filter(|line| line.text().len() > WORDS && !line.text().starts_with("      ")).count()
                    >= table().len()
            );
        }
    }
}
