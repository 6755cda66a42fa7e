//! The filter of a screen, in a row above it: what was asked, how much it lists, and the worst of what it hides. Likewise the order of
//! its list, where that is not its own.

use crate::console::keymap::{Action, Place};
use crate::console::model::{Hidden, Model, Overlay};
use crate::console::theme::Role;
use crate::query::MEANING;

use super::line::Line;

/// The row; `None` where the screen lists everything and nothing is being typed.
pub fn line(model: &Model, width: usize) -> Option<Line> {
    let typed = match model.overlay() {
        Some(Overlay::Filter(editing)) => Some(editing.line.text.as_str()),
        _ => None,
    };
    let filter = model.filter();
    let Some(text) = typed.or_else(|| filter.map(|filter| filter.text.as_str())) else { return order(model, width) };
    let head = Line::of(Role::Heading, " Find ");
    let head =
        if typed.is_some() { head.then(Role::Field, format!(" {text}_ ")) } else { head.then(Role::Strong, format!(" {text} ")) };
    let head = head.cut(width.saturating_mul(3) / 5).then(Role::Text, "  ");
    let said = match (filter.and_then(|filter| filter.fault.as_ref()), model.hidden()) {
        (Some(fault), _) => Line::of(Role::Bad, fault.to_string()),
        (None, Some(hidden)) => listed(hidden),
        (None, None) => Line::of(Role::Dim, format!("such as {MEANING}")),
    };
    let line = head.append(said).maybe(Role::Waiting, model.order().map(|order| format!("; {}", order.words())));
    let keys = |action, place| model.keymap().keys(action, place).first().map(|key| key.label()).unwrap_or_default();
    let way = if typed.is_some() {
        format!("Enter keeps it, {} drops it", keys(Action::Back, Place::Dialog))
    } else {
        format!("{} lists all", keys(Action::Back, Place::Screen))
    };
    let start = width.saturating_sub(way.len() + 1);
    let line = if line.width() + 2 <= start { line.at(start).then(Role::Dim, way) } else { line };
    Some(line.cut(width))
}

/// The row where there is no filter.
fn order(model: &Model, width: usize) -> Option<Line> {
    let words = model.order()?.words();
    let key = model.keymap().keys(Action::Order, Place::Screen).first().map(|key| format!("   {} changes the order", key.label()));
    Some(Line::of(Role::Waiting, format!(" Listed {words}.")).maybe(Role::Dim, key).cut(width))
}

fn listed(hidden: Hidden) -> Line {
    let line = Line::of(Role::Text, format!("{} of {} listed", hidden.listed, hidden.of));
    match hidden.worst {
        Some(worst) => {
            let (glyph, role) = super::mark::of_status(worst);
            line.then(Role::Text, "; hidden: ").then(role, format!("{} {}", glyph.symbol(), worst.word()))
        }
        None => line,
    }
}
