//! The instances behind a chart one by one, as they say it themselves, the worst first.

use crate::console::model::words::grouped;
use crate::console::model::{Chart, ListedInstances, Model, Told, wrap};
use crate::console::theme::{Glyph, Role};
use crate::console::view::fleet::window;
use crate::console::view::fleet_table::beyond;
use crate::console::view::kit::Painter;
use crate::console::view::line::Line;
use crate::domain::metric::Metric;
use crate::evidence::instances::{InstanceReading, Instances};

/// Rows above the list.
const HEAD: usize = 2;

/// Draws what the backend answered, or what is waited for, or why it cannot say.
pub(super) fn draw(painter: &mut Painter<'_>, model: &Model, chart: &Chart) {
    let say = |painter: &mut Painter<'_>, role, text: &str| {
        let width = usize::from(painter.width()).saturating_sub(2);
        for (row, line) in wrap(text, width).into_iter().enumerate() {
            Line::of(role, format!(" {line}")).draw(painter, row as u16);
        }
    };
    match model.instances_of(&chart.key.placement) {
        Told::NotAsked => say(painter, Role::Text, "Its instances have not been asked yet: Enter asks."),
        Told::Asked => say(painter, Role::Waiting, "Asking every instance …"),
        Told::CannotSay(why) => say(painter, Role::Waiting, &format!("Nobody can say it instance by instance: {why}.")),
        Told::Known(known) => table(painter, model, chart, known),
    }
}

fn table(painter: &mut Painter<'_>, model: &Model, chart: &Chart, known: &Instances) {
    let metric = chart.key.metric;
    let ListedInstances { by, rows, selected } = model.instances_listed(chart, known);
    let at = known.at.hh_mm_ss(&model.moment().zone);
    let order = if by == metric {
        format!("the most {metric} first")
    } else {
        format!("{metric} is not told apart by instance; the most errors first")
    };
    let width = usize::from(painter.width());
    Line::of(Role::Text, format!(" {} instances as of {at}, {order}. Enter asks again.", rows.len())).cut(width).draw(painter, 0);
    heading().cut(width).draw(painter, 1);
    let limit = chart.limit.as_ref().map(|limit| limit.limit);
    let (first, shown) = window(rows.len(), Some(selected), usize::from(painter.height()).saturating_sub(HEAD));
    for (at, one) in rows.iter().enumerate().skip(first).take(shown) {
        let is_beyond = one.value(by).zip(limit).is_some_and(|(value, limit)| by == metric && metric.is_beyond(value, limit));
        let y = (HEAD + at - first) as u16;
        row(chart, one, (is_beyond || !one.up, at == selected)).cut(width).draw(painter, y);
        if at == selected {
            painter.overlay_row(y, Role::Selected);
        }
    }
    if let Some(words) = beyond(first, rows.len().saturating_sub(first + shown)) {
        Line::of(Role::Dim, format!("   {words}")).draw(painter, (HEAD + shown) as u16);
    }
}

fn heading() -> Line {
    let line = Line::of(Role::Heading, "   instance").at(15).then(Role::Heading, "version");
    let line = line.right(30, Role::Heading, "CPU").right(38, Role::Heading, "memory").right(48, Role::Heading, "saturated");
    line.right(57, Role::Heading, "errors").then(Role::Heading, "  of requests since its start")
}

fn row(chart: &Chart, one: &InstanceReading, (is_bad, here): (bool, bool)) -> Line {
    let role = if is_bad { Role::Bad } else { Role::Text };
    let which = if chart.new.as_ref() == Some(&one.version) { Role::Strong } else { Role::Dim };
    let shown = |metric: Metric| one.value(metric).map_or_else(|| "–".to_owned(), |value| metric.show(value));
    let bar = if here { Glyph::Cursor.symbol() } else { " " };
    let line =
        Line::of(Role::Cursor, bar).then(role, format!("  {} {}", one.cell, one.index)).at(15).then(which, one.version.as_str());
    let line = line.right(30, role, shown(Metric::Cpu)).right(38, role, shown(Metric::Memory));
    let line = line.right(48, role, shown(Metric::Saturation)).right(57, role, shown(Metric::Errors));
    let answers = if one.up { "" } else { "  DOES NOT ANSWER" };
    line.then(Role::Dim, format!("  of {}", grouped(one.requests))).then(Role::Bad, answers)
}
