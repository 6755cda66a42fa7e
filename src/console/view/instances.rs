//! Instances, a mark each, over the whole screen below row 3: what they are of, the marks, the one under the cursor, what they mean.

use crate::console::keymap::{Action, Place};
use crate::console::model::{Health, InstanceKind, Model, On, Piece, Strip, StripRow, said_rows, strip_detail, strip_title, wrap};
use crate::console::theme::{Glyph, Role};

use super::fleet_table::beyond;
use super::kit::Painter;
use super::line::Line;

/// Draws the strip.
pub fn draw(painter: &mut Painter<'_>, model: &Model, strip: &Strip) {
    painter.fill(Role::Base);
    let (width, height) = (usize::from(painter.width()), usize::from(painter.height()));
    let said = said_rows(painter.width());
    let mut lines = head(model, strip, width, said);
    let foot = foot(model, strip, width, said);
    let room = height.saturating_sub(said + foot.len()).max(1);
    let rows = &strip.layout().rows;
    let cursor = strip.cursor_at();
    let (first, shown) = super::fleet::window(rows.len(), cursor.map(|(row, _)| row), room);
    for (y, (at, row)) in (said..).zip(rows.iter().enumerate().skip(first).take(shown)) {
        drawn(painter, strip, row, y as u16);
        if let Some((_, x)) = cursor.filter(|(row, _)| *row == at) {
            painter.glyph(0, y as u16, Glyph::Cursor, Role::Cursor);
            painter.again(x as u16, y as u16, Role::Mode);
        }
    }
    if let Some(words) = beyond(first, rows.len().saturating_sub(first + shown)) {
        Line::of(Role::Dim, format!(" {words}: move with Up and Down")).draw(painter, (said + shown) as u16);
    }
    let below = height.saturating_sub(foot.len());
    lines.truncate(height);
    let all = lines.into_iter().enumerate().chain(foot.into_iter().enumerate().map(|(at, line)| (below + at, line)));
    for (at, line) in all {
        line.draw(painter, at as u16);
    }
    if model.freshness().stale.is_some() {
        (0..painter.height()).for_each(|row| painter.overlay_row(row, Role::Stale));
    }
}

/// What it is of, and what a mark stands for.
fn head(model: &Model, strip: &Strip, width: usize, rows: usize) -> Vec<Line> {
    let (title, each) = strip_title(strip);
    let tab = model.keymap().keys(Action::NextPane, Place::Reading).first().map(|key| format!(" ({})", key.label()));
    let (role, unwell) = match strip.legend().unwell {
        // Of how their requests fare nothing is said here.
        0 => (Role::Dim, "; none is in trouble as a process".to_owned()),
        count => (Role::Waiting, format!("; {count} in trouble{}", tab.unwrap_or_default())),
    };
    let title = Line::of(Role::Strong, format!(" {title}"));
    let each =
        Line::of(Role::Text, format!(" {each}")).then(role, if strip.picture().count() == 0 { String::new() } else { unwell });
    if rows > 1 {
        return vec![title.cut(width), each.cut(width)];
    }
    vec![title.then(Role::Text, "  ").append(each).cut(width)]
}

/// The mark under the cursor in words, and what the marks mean.
fn foot(model: &Model, strip: &Strip, width: usize, rows: usize) -> Vec<Line> {
    let detail = strip_detail(strip, model.fleet(), &model.moment());
    let mut texts = wrap(&detail, width.saturating_sub(2));
    if texts.len() > rows {
        texts = vec![detail];
    }
    texts.resize(rows, String::new());
    let lines = texts.into_iter().map(|text| Line::of(Role::Text, format!(" {text}")).cut(width));
    let legend = strip.legend().lines.iter().map(|items| {
        items.iter().fold(Line::new(), |line, (kind, words)| {
            let (symbol, role) = look(*kind);
            line.then(Role::Text, " ").then(role, symbol).then(Role::Text, format!(" {words}  "))
        })
    });
    lines.chain(legend).collect()
}

fn drawn(painter: &mut Painter<'_>, strip: &Strip, row: &StripRow, y: u16) {
    match row {
        StripRow::Cells(cells) => {
            let headings: Vec<_> = strip.picture().headings().collect();
            for (at, (x, cell)) in cells.iter().enumerate() {
                let end = cells.get(at + 1).map_or(usize::from(painter.width()), |(x, _)| x.saturating_sub(1));
                let heading = headings.get(*cell).map(String::as_str).unwrap_or_default();
                let text = Line::of(Role::Heading, heading).cut(end.saturating_sub(*x)).text();
                painter.text(*x as u16, y, &text, Role::Heading);
            }
        }
        StripRow::Marks { strand, named, pieces } => {
            let label = strip.picture().strands.get(*strand).filter(|_| *named).map(|strand| strand.label.as_str());
            let room = strip.layout().marks_at.saturating_sub(2);
            Line::of(Role::Text, label.unwrap_or_default()).cut(room).runs().iter().for_each(|(role, text)| {
                painter.text(1, y, text, *role);
            });
            for piece in pieces {
                marks(painter, strip, (*strand, piece), y);
            }
        }
    }
}

fn marks(painter: &mut Painter<'_>, strip: &Strip, (strand, piece): (usize, &Piece), y: u16) {
    // Neighbours are mostly alike.
    let mut last: Option<(InstanceKind, (&'static str, Role))> = None;
    let looks = strip.kinds(strand, piece).map(|kind| match last {
        Some((known, look)) if known == kind => look,
        _ => last.insert((kind, look(kind))).1,
    });
    painter.marks(piece.x as u16, y, looks);
}

/// A mark and its look. Of what does not serve it is a letter: a capital on the new version, a small one on any other.
fn look(kind: InstanceKind) -> (&'static str, Role) {
    let letter = |new, other| if kind.on == On::New { new } else { other };
    let (symbol, role) = match (kind.health, kind.on) {
        (Health::Serving, On::New) => return (Glyph::ServesNew.symbol(), Role::Good),
        (Health::Serving, On::Old) => return (Glyph::ServesOld.symbol(), Role::Dim),
        (Health::Serving, On::Other) => return (Glyph::OutOfStep.symbol(), Role::Bad),
        (Health::Unknown, _) => return (Glyph::Unknown.symbol(), Role::Bad),
        (Health::Crashed, _) => (letter("X", "x"), Role::Bad),
        (Health::Failing, _) => (letter("F", "f"), Role::Bad),
        (Health::Stopped, _) => (letter("S", "s"), Role::Bad),
        (Health::ByHand, _) => (letter("H", "h"), Role::Waiting),
        (Health::Out, _) => (letter("R", "r"), Role::Waiting),
        (Health::Draining, _) => (letter("D", "d"), Role::Moving),
        (Health::Moving, _) => (letter("M", "m"), Role::Moving),
        (Health::StandingBy, _) => (letter("B", "b"), Role::Text),
    };
    // A version that should not run there at all must not be taken for the old one.
    (symbol, if kind.on == On::Other { Role::Loud } else { role })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::theme::ascii_twin;

    const ALL: [Health; 10] = [
        Health::Crashed,
        Health::Unknown,
        Health::Failing,
        Health::Stopped,
        Health::ByHand,
        Health::Out,
        Health::Draining,
        Health::Moving,
        Health::StandingBy,
        Health::Serving,
    ];

    #[test]
    fn no_two_marks_look_alike_with_letters_alone() {
        let seen = ALL.into_iter().flat_map(|health| [On::New, On::Old].map(|on| look(InstanceKind { health, on })));
        let mut twins: Vec<_> = seen.map(|(symbol, _)| ascii_twin(symbol)).filter(|twin| twin != "?").collect();
        twins.push(ascii_twin(look(InstanceKind { health: Health::Serving, on: On::Other }).0));
        let all = twins.len();
        twins.sort_unstable();
        twins.dedup();
        assert_eq!((twins.len(), all), (19, 19));
        for health in ALL.into_iter().filter(|health| *health != Health::Unknown) {
            let looks = [On::New, On::Old, On::Other].map(|on| look(InstanceKind { health, on }));
            assert!(looks[2] != looks[0] && looks[2] != looks[1], "{health:?}");
        }
    }
}
