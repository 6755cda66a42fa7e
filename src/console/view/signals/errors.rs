//! The error lines that only a new version writes: a row above the charts, and, opened, each kind.

use crate::console::model::{Model, NewErrors, RowKey, Said, kind_told, words, wrap};
use crate::console::theme::{Glyph, Role};
use crate::console::view::kit::Painter;
use crate::console::view::line::Line;

/// The row of one push. Its name stands in it where there are several.
pub(super) fn row(model: &Model, errors: &NewErrors, width: usize) -> Line {
    let here = model.cursor() == Some(&RowKey::Errors(errors.push));
    let (glyph, role) = match errors.said() {
        Said::New => (Glyph::Alert, Role::Waiting),
        Said::Unknown => (Glyph::Unknown, Role::Waiting),
        Said::Nothing => (Glyph::Met, Role::Dim),
    };
    let strong = if role == Role::Dim { Role::Text } else { role };
    let named = (model.new_errors().len() > 1).then(|| words::name_of(model.fleet(), errors.push) + ": ");
    Line::of(Role::Cursor, if here { Glyph::Cursor.symbol() } else { " " })
        .then(role, format!("{} ", glyph.symbol()))
        .then(strong, "new error lines")
        .at(20)
        .maybe(Role::Text, named)
        .then(strong, errors.words(model.now()))
        .cut(width)
}

/// Every kind, the most frequent first: the line, then how often, since when and where; then what could not be read. Where there are
/// none, what was read. Kinds that do not fit are counted.
pub(super) fn draw(painter: &mut Painter<'_>, model: &Model, errors: &NewErrors) {
    let (width, height) = (usize::from(painter.width()), usize::from(painter.height()));
    let moment = model.moment();
    let mut lines: Vec<Line> = Vec::new();
    let mut shown = 0;
    for new in &errors.kinds {
        let kind = Line::of(Role::Strong, format!("   {}", new.kind.signature)).cut(width);
        let told = wrap(&kind_told(new, &moment), width.saturating_sub(6));
        let told = told.into_iter().map(|line| Line::of(Role::Text, format!("     {line}")));
        let both: Vec<Line> = std::iter::once(kind).chain(told).collect();
        // Of those that do not fit, a row says how many.
        let is_last = shown + 1 == errors.kinds.len();
        if lines.len() + both.len() + usize::from(!is_last) > height {
            break;
        }
        lines.extend(both);
        shown += 1;
    }
    let more = errors.kinds.len() - shown;
    if more > 0 {
        lines.push(Line::of(Role::Dim, format!("   and {more} more: e lists them all")));
    }
    let wrapped =
        |role, text: String| wrap(&text, width.saturating_sub(4)).into_iter().map(move |line| Line::of(role, format!("   {line}")));
    if errors.said() == Said::Nothing {
        lines.extend(errors.windows(&moment).into_iter().flat_map(|window| wrapped(Role::Text, window)));
    }
    lines.extend(errors.gaps().into_iter().flat_map(|gap| wrapped(Role::Waiting, gap)));
    for (row, line) in lines.into_iter().take(height).enumerate() {
        line.draw(painter, row as u16);
    }
}

/// The selected row in words.
pub(super) fn foot(model: &Model, errors: &NewErrors, width: usize) -> Vec<Line> {
    let opens = if model.opened_chart().is_some() { "" } else { " Enter lists them." };
    let text = match errors.said() {
        Said::New => {
            format!("Kinds that the old version has not written since it is read. A sign, no verdict: no gate waits for it.{opens}")
        }
        Said::Unknown => format!("Whether the new version writes errors of its own is not known.{opens} e tells what was read."),
        Said::Nothing => "Every kind of error line of the new version is one that the old version writes too.".to_owned(),
    };
    wrap(&text, width.saturating_sub(2)).into_iter().map(|line| Line::of(Role::Text, format!(" {line}"))).collect()
}
