//! The selected chart in words: what it is now, or what it was at the moment read.

use crate::console::model::words::grouped;
use crate::console::model::{Chart, Model, wrap};
use crate::console::theme::Role;
use crate::console::view::line::Line;
use crate::domain::id::Version;
use crate::domain::metric::{Metric, Standing};
use crate::domain::time::{EngineTime, Period};
use crate::evidence::judge::patience;
use crate::evidence::series::{Columns, Measured, Span};

use super::chart::{is_crossing, newest};

/// The sentence about a chart, in as many rows as this height can spare for it.
pub(super) fn lines(model: &Model, chart: &Chart, width: usize, height: usize) -> Vec<Line> {
    let columns = model.chart_columns();
    let text = match model.moment_read().map(|read| (read, columns.holding(read))) {
        None => now(model, chart),
        Some((read, None)) => format!("{} is not on the charts any more: - shows more time, Esc the newest.", clock(model, read)),
        Some((_, Some(column))) => then(model, chart, columns, column),
    };
    let most = if height >= 30 || model.opened_chart().is_some() { 4 } else { 2 };
    let words = wrap(&text, width.saturating_sub(2));
    let cut = words.len() > most;
    let mut lines: Vec<Line> = words.into_iter().take(most).map(|line| Line::of(Role::Text, format!(" {line}"))).collect();
    if cut && let Some(last) = lines.pop() {
        lines.push(last.then(Role::Text, " …").cut(width).standing_for("", &text));
    }
    if model.moment_read().is_some() {
        lines = lines.into_iter().map(|line| line.in_role(Role::Strong)).collect();
    }
    lines
}

/// Whose, and of which cells: `blob eu`, `blob production`.
fn place(chart: &Chart) -> String {
    match chart.shown_cells() {
        [one] => format!("{} {one}", chart.whose()),
        _ => format!("{} {}", chart.whose(), chart.key.placement.environment),
    }
}

/// `p99.9 of blob eu: v42 1.62 s, v41 0.84 s, limit 1.50 s over 2 min, from 8,213 requests. v42 eu BEYOND since 14:28, for 4 min.`
fn now(model: &Model, chart: &Chart) -> String {
    let metric = chart.key.metric;
    let leading = newest(model, chart, chart.leading());
    let beside = chart.new.as_ref().map(|_| format!(", {} {}", chart.old, said(chart, &newest(model, chart, &chart.old))));
    let values = format!("{}{}", whose(chart, chart.leading(), &said(chart, &leading)), beside.unwrap_or_default());
    let limit = chart.limit.as_ref().map_or_else(
        || ", no limit is declared".to_owned(),
        |limit| format!(", limit {} over {}", metric.show(limit.limit), limit.sustained),
    );
    let failed = failed(model, chart).unwrap_or_default();
    format!("{metric} of {}: {values}{limit}{}. {}{failed}", place(chart), from(metric, &leading), standing(model, chart))
}

/// The last journey that failed in the cells shown, and why.
fn failed(model: &Model, chart: &Chart) -> Option<String> {
    let scope = Some(chart.scope(chart.leading(), chart.shown_cells())).filter(|_| chart.key.metric.is_of_journeys())?;
    let (at, cell, why) = model.signals().last_failure(&scope)?;
    Some(format!(" Last failure at {} in {cell}: {}.", clock(model, at), why.as_str()))
}

fn then(model: &Model, chart: &Chart, columns: Columns, column: usize) -> String {
    let metric = chart.key.metric;
    let end = columns.end_of(column);
    let read = |version: &Version| {
        let scope = chart.scope(version, chart.shown_cells());
        let over = end.since(columns.end_of(column) - columns.each);
        let point = model.signals().columns(metric, &scope, Columns { now: end, count: 1, ..columns }).pop().flatten();
        match point {
            Some(point) => {
                let value =
                    if point.at_least { format!("more than {}", metric.show(point.value)) } else { metric.show(point.value) };
                let since = end.since(point.since);
                let reach = if since > columns.each { format!(" over {since}") } else { String::new() };
                if is_counted(metric) { format!("{value} (n {}{reach})", grouped(point.n)) } else { value }
            }
            None => said(chart, &model.signals().measure(metric, &scope, Span { now: end, over })),
        }
    };
    let beside = chart.new.as_ref().map(|_| format!(", {} {}", chart.old, read(&chart.old))).unwrap_or_default();
    let limit = chart.limit.as_ref().map(|limit| format!(", limit {}", metric.show(limit.limit))).unwrap_or_default();
    let values = whose(chart, chart.leading(), &read(chart.leading()));
    let ago = ago(model.now().since(end));
    format!("At {}{ago}, {metric} of {}: {values}{beside}{limit}. Esc shows the newest.", clock(model, end), place(chart))
}

fn ago(past: Period) -> String {
    if past.is_zero() { String::new() } else { format!(", {past} ago") }
}

fn whose(chart: &Chart, version: &Version, value: &str) -> String {
    if chart.key.metric.is_of_journeys() { format!("users, on either version, {value}") } else { format!("{version} {value}") }
}

/// How it stands, in a sentence; where it stands well in no cell, that of the worst.
fn standing(model: &Model, chart: &Chart) -> String {
    let Some((slice, judgement)) = chart.judged.first() else { return "Not judged yet.".to_owned() };
    let whose = format!("{} {}", slice.version, slice.cell);
    let since = format!("since {}, for {}", judgement.since.hh_mm(&model.moment().zone), model.now().since(judgement.since));
    let metric = chart.key.metric;
    match &judgement.standing {
        Standing::Within { .. } if is_crossing(model, chart) => {
            "Every cell was within its limit when it was judged last; this is not judged yet.".to_owned()
        }
        Standing::Within { .. } => "Within its limit in every cell judged.".to_owned(),
        Standing::Beyond { value, .. } => format!("{whose} BEYOND {since}; it was {} then.", metric.show(*value)),
        Standing::SharedFault { base, .. } => {
            format!("{whose} BEYOND {since}, and the old version too ({}): not this release.", metric.show(*base))
        }
        Standing::TooFew { need, .. } => {
            let over = chart.limit.as_ref().map_or(patience(metric), |limit| limit.sustained.max(patience(metric)));
            format!("{whose} has too few to judge: it takes {} in {over}.", grouped(*need))
        }
        Standing::NoData { why } => format!("{whose}: NO DATA {since}: {why}."),
    }
}

fn from(metric: Metric, measured: &Measured) -> String {
    match measured {
        Measured::Value { n, .. } | Measured::AtLeast { n, .. } if is_counted(metric) => {
            format!(", from {} {}", grouped(*n), metric.counts())
        }
        _ => String::new(),
    }
}

const fn is_counted(metric: Metric) -> bool {
    !matches!(metric, Metric::Cpu | Metric::Memory | Metric::Saturation)
}

/// A value, with digits enough to be told from its limit.
fn value_of(chart: &Chart, value: f64) -> String {
    let metric = chart.key.metric;
    chart.limit.as_ref().map_or_else(|| metric.show(value), |limit| metric.show_beside(value, limit.limit))
}

/// A value, or why there is none, in a word or two. `runs`: whether there is anything there that could be measured.
pub(super) fn shown(chart: &Chart, measured: &Measured, runs: bool) -> String {
    match measured {
        Measured::NoData { .. } if !runs => "none there".to_owned(),
        Measured::Value { value, .. } => value_of(chart, *value),
        Measured::AtLeast { value, .. } => format!("> {}", chart.key.metric.show(*value)),
        Measured::TooFew { .. } => "too few".to_owned(),
        Measured::NoData { .. } => "no data".to_owned(),
    }
}

/// The same with its reason.
fn said(chart: &Chart, measured: &Measured) -> String {
    match measured {
        Measured::Value { value, .. } => value_of(chart, *value),
        Measured::AtLeast { value, .. } => format!("more than {}", chart.key.metric.show(*value)),
        Measured::TooFew { n, need } => format!("too few ({} of {})", grouped(*n), grouped(*need)),
        Measured::NoData { why } => format!("no data ({why})"),
    }
}

fn clock(model: &Model, at: EngineTime) -> String {
    at.hh_mm_ss(&model.moment().zone)
}
