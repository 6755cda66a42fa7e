//! The filter of a screen, above it: what was asked, how much it lists, and the worst of what it hides. Likewise the order of
//! its list, where that is not its own.

use crate::console::keymap::{Action, Place};
use crate::console::model::{Hidden, Model, Overlay, wrap};
use crate::console::theme::Role;
use crate::query::MEANING;

use super::field;
use super::line::Line;

/// Where what is said of a filter begins, in the rows below it.
const INDENT: usize = 6;

/// The rows: one, or more where what is said of the filter has no room beside it. None where the screen lists everything and nothing is
/// being typed.
pub fn lines(model: &Model, width: usize) -> Vec<Line> {
    let typed = match model.overlay() {
        Some(Overlay::Filter(editing)) => Some(editing.line.text.as_str()),
        _ => None,
    };
    let filter = model.filter();
    let Some(text) = typed.or_else(|| filter.map(|filter| filter.text.as_str())) else {
        return order(model, width).into_iter().collect();
    };
    let (role, text) = if typed.is_some() { (Role::Field, field::with_cursor(text)) } else { (Role::Strong, text.to_owned()) };
    let head = |cells: usize| {
        let shown = if typed.is_some() { field::row(&text, cells) } else { text.clone() };
        Line::of(Role::Heading, " Find ").then(role, format!(" {shown} "))
    };
    let order = model.order().map(|order| format!("; {}", order.words()));
    let said = said(model);
    let beside = head(usize::MAX).then(Role::Text, "  ").append(said.clone()).maybe(Role::Waiting, order.clone());
    if beside.width() < width {
        return vec![with_way(model, beside, typed.is_some(), width)];
    }
    let first = head(width.saturating_sub(head(0).width())).cut(width);
    let rest = wrap(&said.text(), width.saturating_sub(INDENT + 1));
    let role = said.runs().first().map_or(Role::Text, |(role, _)| *role);
    let last = rest.len() - 1;
    let below = rest.into_iter().enumerate().map(|(at, text)| {
        // Where it takes one row, each part of it keeps its look.
        let text = if last == 0 { said.clone() } else { Line::of(role, text) };
        let order = order.clone().filter(|_| at == last);
        Line::new().at(INDENT).append(text).maybe(Role::Waiting, order).cut(width)
    });
    std::iter::once(with_way(model, first, typed.is_some(), width)).chain(below).collect()
}

/// What is said of the filter: why it cannot be understood, what it lists, or what could be typed.
fn said(model: &Model) -> Line {
    match (model.filter().and_then(|filter| filter.fault.as_ref()), model.hidden()) {
        (Some(fault), _) => Line::of(Role::Bad, fault.to_string()),
        (None, Some(hidden)) => listed(hidden),
        (None, None) => Line::of(Role::Dim, format!("such as {MEANING}")),
    }
}

/// The row, with the keys that end typing or the filter as long as there is room for them.
fn with_way(model: &Model, line: Line, is_typed: bool, width: usize) -> Line {
    let keys = |action, place| model.keymap().keys(action, place).first().map(|key| key.label()).unwrap_or_default();
    let way = if is_typed {
        format!("Enter keeps it, {} drops it", keys(Action::Back, Place::Dialog))
    } else {
        format!("{} lists all", keys(Action::Back, Place::Screen))
    };
    let start = width.saturating_sub(way.len() + 1);
    if line.width() + 2 <= start { line.at(start).then(Role::Dim, way) } else { line }
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
