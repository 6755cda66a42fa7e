//! Charts as rows, for where there is no room for more: a value, a curve of one row, a limit.

use crate::console::model::{Chart, Layout, Model, RowKey};
use crate::console::theme::{Glyph, Role, sparks};
use crate::console::view::fleet::window;
use crate::console::view::fleet_table::beyond;
use crate::console::view::kit::{Painter, Scale};
use crate::console::view::line::Line;
use crate::evidence::series::Columns;

use super::chart::{Curves, newest, runs, standing_mark};
use super::foot::shown;

/// Draws as many rows as fit, the one at `here` among them.
pub(super) fn draw(painter: &mut Painter<'_>, model: &Model, charts: &[Chart], here: Option<usize>) {
    let (first, fits) = window(charts.len(), here, usize::from(painter.height()));
    let width = usize::from(painter.width());
    for (at, chart) in charts.iter().enumerate().skip(first).take(fits) {
        let y = (at - first) as u16;
        row(model, chart, here == Some(at), width).draw(painter, y);
        painter.spot_row(y, RowKey::Chart(chart.key.clone()));
        if here == Some(at) {
            painter.overlay_row(y, Role::Selected);
        }
    }
    if let Some(words) = beyond(first, charts.len().saturating_sub(first + fits)) {
        Line::of(Role::Dim, format!("   {words}")).draw(painter, fits as u16);
    }
}

/// One chart in one row.
pub(super) fn row(model: &Model, chart: &Chart, here: bool, width: usize) -> Line {
    let (glyph, role) = standing_mark(model, chart);
    let metric = chart.key.metric;
    let curve = match model.chart_layout() {
        Layout::Rows { curve } => curve,
        Layout::Grid { .. } | Layout::One => 16,
    };
    // Wider than this, the eye loses the row.
    let end = width.saturating_sub(1).min(100);
    let curve_at = end.saturating_sub(8 + usize::from(curve));
    let strong = if role == Role::Dim { Role::Text } else { role };
    let environment = &chart.key.placement.environment;
    let place = match (chart.shown_cells(), width) {
        ([one], ..70) => format!("{one}"),
        ([one], _) => format!("{environment} {one}"),
        _ => environment.to_string(),
    };
    let pinned = if model.pinned().contains(&chart.key) { " pinned" } else { "" };
    Line::of(Role::Cursor, if here { Glyph::Cursor.symbol() } else { " " })
        .then(strong, format!("{} {metric}", glyph.symbol()))
        .at(15)
        .then(Role::Text, chart.whose())
        .then(Role::Dim, format!(" {place}{pinned}"))
        .right(
            curve_at.saturating_sub(1),
            strong,
            shown(chart, &newest(model, chart, chart.leading()), runs(model, chart, chart.leading())),
        )
        .at(curve_at)
        .append(spark(model, chart, curve))
        .right(end, Role::Threshold, chart.limit.as_ref().map(|limit| metric.show(limit.limit)).unwrap_or_default())
        .cut(width)
}

/// The newest columns of its leading curve, with the limit in their scale.
fn spark(model: &Model, chart: &Chart, room: u16) -> Line {
    let columns = model.chart_columns();
    let columns = Columns { count: columns.count.min(usize::from(room)), ..columns };
    let found = model.signals().columns(chart.key.metric, &chart.scope(chart.leading(), chart.shown_cells()), columns);
    let values: Vec<_> = found.into_iter().map(|point| point.map(|point| point.value)).collect();
    let curves = Curves { bars: values, points: Vec::new() };
    let scale: Scale = curves.axis(chart, 2).scale();
    let role = if chart.new.is_some() || chart.key.metric.is_of_journeys() { Role::SparkNew } else { Role::SparkOld };
    let read = model.moment_read().and_then(|read| columns.holding(read));
    curves.bars.iter().enumerate().fold(Line::new(), |line, (column, value)| match value.and_then(|value| scale.height(value)) {
        _ if read == Some(column) => line.then(Role::Cursor, Glyph::Mark.symbol()),
        Some(height) => line.then(role, sparks(height).to_string()),
        None => line.then(Role::Gap, Glyph::Gap.symbol()),
    })
}
