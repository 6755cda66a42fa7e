//! One chart: what it is and how it stands in two rows, then its curves.

use ratatui::layout::Rect;

use crate::console::model::{AXIS, Chart, Deed, Marker, Model, markers};
use crate::console::theme::{Glyph, Role};
use crate::console::view::kit::{Axis, Painter, Plot};
use crate::console::view::line::Line;
use crate::domain::metric::{Metric, Standing};
use crate::evidence::judge;
use crate::evidence::series::{Columns, Measured, Point, Span};

use super::foot::shown;

/// Draws a chart in the whole area. Where there are rows to spare under it, the times of its ends and what its marks are.
pub(super) fn draw(painter: &mut Painter<'_>, model: &Model, chart: &Chart, here: bool) {
    let (width, height) = (usize::from(painter.width()), painter.height());
    title(chart, here, model, width).draw(painter, 0);
    values(model, chart, width).draw(painter, 1);
    let columns = model.chart_columns();
    let told = u16::from(height >= 14);
    let curves = Curves::of(model, chart, columns);
    let marks = markers(model.fleet(), &chart.key.placement);
    let placed: Vec<_> =
        marks.iter().filter_map(|marker| Some((columns.holding(marker.at)?, mark(marker.deed).0, mark(marker.deed).1))).collect();
    let area = Rect::new(0, 2, painter.width(), height.saturating_sub(2 + told));
    let axis = curves.axis(chart, usize::from(area.height.saturating_sub(1)));
    let plot = Plot {
        bars: &curves.bars,
        role: if chart.new.is_some() { Role::SparkNew } else { Role::SparkOld },
        points: &curves.points,
        limit: chart.limit.as_ref().map(|limit| limit.limit),
        marks: &placed,
        read: model.moment_read().and_then(|read| columns.holding(read)),
    };
    painter.part(area).plot(&plot, &axis);
    if told > 0 {
        ends(model, columns, &marks, width).draw(painter, height - 1);
    }
}

/// A mark for what happened, and its look.
pub(super) const fn mark(deed: Deed) -> (&'static str, Role) {
    match deed {
        Deed::Stage => ("→", Role::Text),
        Deed::Fix => ("f", Role::Strong),
        Deed::Back => ("«", Role::Bad),
    }
}

/// What it is, in which cells, and its limit.
fn title(chart: &Chart, here: bool, model: &Model, width: usize) -> Line {
    let (glyph, role) = standing_mark(model, chart);
    let metric = chart.key.metric;
    let pin = if model.pinned().contains(&chart.key) { " pinned" } else { "" };
    let limit = chart.limit.as_ref().map(|limit| format!("limit {}", metric.show(limit.limit))).unwrap_or_default();
    let strong = if matches!(role, Role::Dim) { Role::Text } else { role };
    let end = width.saturating_sub(1);
    let line = Line::of(Role::Cursor, if here { Glyph::Cursor.symbol() } else { " " })
        .then(role, format!("{} ", glyph.symbol()))
        .then(strong, metric.to_string())
        .then(Role::Text, format!("  {}", place(chart)))
        .then(Role::Strong, pin);
    line.cut(end.saturating_sub(limit.len() + 1)).right(end, Role::Threshold, limit)
}

/// Where: `blob production`, `blob production, worst eu`, or of one cell alone `blob production eu`.
pub(super) fn place(chart: &Chart) -> String {
    let service = chart.whose();
    let environment = &chart.key.placement.environment;
    match (chart.shown_cells(), chart.cells.len()) {
        ([one], 1) => format!("{service} {environment} {one}"),
        ([one], _) => format!("{service} {environment}, worst {one}"),
        _ => format!("{service} {environment}"),
    }
}

/// How it stands, as a mark.
pub(super) fn standing_mark(model: &Model, chart: &Chart) -> (Glyph, Role) {
    let standing = chart.judged.first().map(|(_, judgement)| &judgement.standing);
    let (glyph, role) = match standing {
        None => (Glyph::Waits, Role::Dim),
        Some(Standing::Within { .. }) if is_crossing(model, chart) => (Glyph::Moving, Role::Waiting),
        Some(Standing::Within { .. }) => (Glyph::Met, Role::Dim),
        Some(Standing::Beyond { .. } | Standing::SharedFault { .. }) => (Glyph::Failed, Role::Bad),
        Some(Standing::TooFew { .. }) => (Glyph::Moving, Role::Waiting),
        Some(Standing::NoData { .. }) => (Glyph::Unknown, Role::Bad),
    };
    if chart.alert { (Glyph::Alert, Role::Bad) } else { (glyph, role) }
}

/// Both versions' newest values, how many requests the first rests on, and how it stands since when.
fn values(model: &Model, chart: &Chart, width: usize) -> Line {
    let metric = chart.key.metric;
    let leading = newest(model, chart, chart.leading());
    let role = if chart.new.is_some() { Role::SparkNew } else { Role::SparkOld };
    let name = if metric.is_of_journeys() { "users".to_owned() } else { chart.leading().to_string() };
    let mut line = Line::of(role, format!("   {} ", Glyph::Bar.symbol()))
        .then(Role::Text, name)
        .then(Role::Strong, format!(" {}", shown(chart, &leading, runs(model, chart, chart.leading()))));
    if chart.new.is_some() {
        let beside = newest(model, chart, &chart.old);
        line = line
            .then(Role::SparkOld, format!("  {} ", Glyph::Old.symbol()))
            .then(Role::Text, chart.old.to_string())
            .then(Role::Text, format!(" {}", shown(chart, &beside, runs(model, chart, &chart.old))));
    }
    let (role, words) = standing_words(model, chart);
    let n = counted(metric, &leading).map(|n| format!("  n {n}"));
    let room = width.saturating_sub(1);
    let whole = line.clone().maybe(Role::Dim, n).then(role, format!("  {words}"));
    if whole.width() <= room { whole } else { line.then(role, format!("  {words}")).cut(room) }
}

/// How many requests or journeys a value rests on, in few characters; nothing for gauges.
pub(super) fn counted(metric: Metric, measured: &Measured) -> Option<String> {
    let counts = !matches!(metric, Metric::Cpu | Metric::Memory | Metric::Saturation);
    match measured {
        Measured::Value { n, .. } | Measured::AtLeast { n, .. } if counts => Some(few(*n)),
        _ => None,
    }
}

/// A count in at most five characters: `8,213`, `20 k`, `1.3 M`.
fn few(n: u64) -> String {
    match n {
        ..10_000 => crate::console::model::words::grouped(n),
        10_000..1_000_000 => format!("{} k", (n + 500) / 1_000),
        _ => format!("{:.1} M", n as f64 / 1e6),
    }
}

/// How it stands and since when.
fn standing_words(model: &Model, chart: &Chart) -> (Role, String) {
    let zone = model.moment().zone;
    let Some((slice, judgement)) = chart.judged.first() else {
        return (Role::Dim, if chart.limit.is_some() { "not judged yet" } else { "no limit" }.to_owned());
    };
    let since = judgement.since.hh_mm(&zone);
    // The old version can stand worse than the new one.
    let other = if slice.version == *chart.leading() { String::new() } else { format!("{} ", slice.version) };
    match &judgement.standing {
        Standing::Within { .. } if is_crossing(model, chart) => (Role::Waiting, "beyond now, not judged so".to_owned()),
        Standing::Within { .. } => (Role::Dim, "within".to_owned()),
        Standing::Beyond { .. } => (Role::Bad, format!("{other}BEYOND since {since}")),
        Standing::SharedFault { .. } => (Role::Bad, format!("{other}BEYOND, both, {since}")),
        Standing::TooFew { need, .. } => (Role::Waiting, format!("{other}judged from {} on", few(*need))),
        Standing::NoData { .. } => (Role::Bad, format!("{other}NO DATA since {since}")),
    }
}

/// What a version's metric is now, over the time it is judged by.
pub(super) fn newest(model: &Model, chart: &Chart, version: &crate::domain::id::Version) -> Measured {
    let scope = chart.scope(version, chart.shown_cells());
    if let Some(limit) = &chart.limit {
        return judge::measured(model.signals(), &scope, limit, model.now()).0;
    }
    let over = model.signals().tick_length() * 15;
    model.signals().measure(chart.key.metric, &scope, Span { now: model.now(), over })
}

/// Whether its value is beyond its limit although no cell of it was judged so.
pub(super) fn is_crossing(model: &Model, chart: &Chart) -> bool {
    let Measured::Value { value, .. } = newest(model, chart, chart.leading()) else { return false };
    chart.limit.as_ref().is_some_and(|limit| chart.worst().is_none() && chart.key.metric.is_beyond(value, limit.limit))
}

/// Whether any instance in the cells shown runs a version.
pub(super) fn runs(model: &Model, chart: &Chart, version: &crate::domain::id::Version) -> bool {
    let placement = model.fleet().placement_by_id(&chart.key.placement);
    chart.key.metric.is_of_journeys()
        || placement.is_some_and(|placement| chart.shown_cells().iter().any(|cell| placement.count_in(cell, version) > 0))
}

/// The curves of a chart.
pub(super) struct Curves {
    /// Of the new version, or of the only one.
    pub bars: Vec<Option<f64>>,
    /// Of the old one beside it.
    pub points: Vec<Option<f64>>,
}

impl Curves {
    pub fn of(model: &Model, chart: &Chart, columns: Columns) -> Self {
        let curve = |version| {
            let found = model.signals().columns(chart.key.metric, &chart.scope(version, chart.shown_cells()), columns);
            found.into_iter().map(|point: Option<Point>| point.map(|point| point.value)).collect()
        };
        Self { bars: curve(chart.leading()), points: chart.new.as_ref().map(|_| curve(&chart.old)).unwrap_or_default() }
    }

    /// An axis that holds both curves and the limit. Shares of journeys live just below 1, everything else above 0.
    pub fn axis(&self, chart: &Chart, rows: usize) -> Axis {
        let limit = chart.limit.as_ref().map(|limit| limit.limit);
        let values = self.bars.iter().chain(&self.points).copied().flatten().chain(limit);
        let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
        let unit = chart.key.metric.unit();
        match chart.key.metric {
            // Room below the limit, so that crossing it can be seen.
            Metric::EndToEnd if low.is_finite() => Axis::over(1.0 - (1.0 - low) * 1.5, 1.0, unit, rows),
            Metric::EndToEnd => Axis::over(0.0, 1.0, unit, rows),
            _ => Axis::over(0.0, high, unit, rows),
        }
    }
}

/// The times of a chart's ends, and what its marks are.
fn ends(model: &Model, columns: Columns, marks: &[Marker], width: usize) -> Line {
    let zone = model.moment().zone;
    let clock = |at: crate::domain::time::EngineTime| at.hh_mm(&zone);
    let last = usize::from(AXIS) + columns.count;
    let seen = marks.iter().filter(|marker| columns.holding(marker.at).is_some());
    let told: Vec<_> = seen.map(|marker| format!("{} {} {}", mark(marker.deed).0, marker.words, clock(marker.at))).collect();
    Line::new()
        .at(usize::from(AXIS))
        .then(Role::Dim, clock(columns.start()))
        .then(Role::Text, format!("   {}", told.join("   ")))
        .cut(last.saturating_sub(6).min(width))
        .right(last.min(width), Role::Dim, clock(model.now()))
}
