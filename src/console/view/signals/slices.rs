//! Beneath a chart that is alone: what the comparison with the old version says of its service, slice by slice, and the tails of both.

use crate::console::model::words::grouped;
use crate::console::model::{Chart, Model};
use crate::console::theme::Role;
use crate::console::view::evidence;
use crate::console::view::line::Line;
use crate::domain::id::Version;
use crate::domain::metric::Metric;
use crate::domain::number::times;
use crate::domain::push::Push;
use crate::domain::time::Period;
use crate::domain::verdict::{Bad, SliceEvidence};
use crate::evidence::histogram::Histogram;
use crate::evidence::series::Span;

/// The rows, at the most so many; none where nothing is compared.
pub(super) fn lines(model: &Model, chart: &Chart, (width, rows): (usize, usize)) -> Vec<Line> {
    let Some(push) = model.fleet().push_at(&chart.key.placement).filter(|push| push.is_open() && chart.new.is_some()) else {
        return Vec::new();
    };
    let tails = tails(model, chart, push, width);
    let slices = slices(push, chart, width, rows.saturating_sub(tails.len()));
    let mut lines = slices;
    lines.extend(tails);
    lines.truncate(rows);
    lines
}

/// What is compared of the service, the worst first.
fn slices(push: &Push, chart: &Chart, width: usize, rows: usize) -> Vec<Line> {
    let Some(gathered) = &push.evidence else { return Vec::new() };
    let of_it = |slice: &&SliceEvidence| slice.slice.service == chart.key.placement.service;
    let found: Vec<_> = gathered.evidence.slices.iter().filter(of_it).collect();
    if found.is_empty() || rows < 2 {
        return Vec::new();
    }
    let is_wide = width >= 120;
    let heading =
        Line::of(Role::Heading, " compared, worst first").right(36, Role::Heading, "bad").right(46, Role::Heading, "usual");
    let heading = heading.right(59, Role::Heading, "of").at(62).then(Role::Heading, "ratio, 95 %");
    let heading = if is_wide { heading.at(80).then(Role::Heading, "evidence") } else { heading };
    let row = |slice: &&SliceEvidence| {
        let (role, words) = evidence::words(slice, &gathered.evidence.verdict);
        let text = if slice.named { Role::Text } else { Role::Dim };
        let usual = if slice.seen.expected < 10.0 {
            format!("{:.1}", slice.seen.expected)
        } else {
            grouped(slice.seen.expected.round() as u64)
        };
        let line = Line::of(text, format!(" {}", slice.slice.bad)).right(36, text, grouped(slice.seen.bad));
        let line = line.right(46, text, usual).right(59, text, grouped(slice.seen.requests)).at(62).then(text, ratio(slice));
        if !is_wide {
            return line.cut(width);
        }
        let line = line.at(80).append(evidence::bar(slice.lean(), evidence::HALVES.0)).at(113);
        line.then(role, words.split(',').next().unwrap_or_default().to_owned()).cut(width)
    };
    let shown = if found.len() + 1 > rows { rows.saturating_sub(2) } else { found.len() };
    let mut lines = vec![heading.cut(width)];
    lines.extend(found.iter().take(shown).map(row));
    if shown < found.len() {
        let rest = Line::of(Role::Dim, format!(" {} more", found.len() - shown));
        lines.push(rest.standing_for_all(found.iter().skip(shown).map(row)));
    }
    lines
}

/// `1.7× (1.2–2.4)`; what the limit allows is no ratio to an old version.
fn ratio(slice: &SliceEvidence) -> String {
    let interval = slice.seen.ratio_interval().map(|(low, high)| format!(" ({low:.1}–{high:.1})")).unwrap_or_default();
    match slice.seen.ratio() {
        Some(ratio) if slice.beside => format!("{}{interval}", times(ratio)),
        Some(ratio) => format!("{:.0} % of limit", ratio * 100.0),
        None => "none usual".to_owned(),
    }
}

/// What share of both versions' requests is slower than each edge, since the stage's last instance has arrived.
fn tails(model: &Model, chart: &Chart, push: &Push, width: usize) -> Vec<Line> {
    if !matches!(chart.key.metric, Metric::P99 | Metric::P999) {
        return Vec::new();
    }
    let over = model.now().since(push.cursor.arrived.unwrap_or(push.cursor.entered)).max(Period::from_secs(1));
    let of = |version: &Version| {
        let scope = chart.scope(version, chart.shown_cells());
        model.signals().window(&scope, Span { now: model.now(), over })?.latency
    };
    let Some((new, old)) = chart.new.as_ref().and_then(of).zip(of(&chart.old)) else { return Vec::new() };
    let shares: Vec<_> = new.edges().iter().map(|edge| (*edge, tail(&new, *edge), tail(&old, *edge))).collect();
    // The edges that say something: beyond the body, and not beyond everything.
    let telling = shares.iter().filter(|(_, new, old)| new.max(*old) < 0.5 && new.max(*old) > 0.0);
    let room = width.saturating_sub(20) / 9;
    let telling: Vec<_> = telling.take(room).collect();
    if telling.is_empty() {
        return Vec::new();
    }
    let row = |name: String, role: Role, cells: &mut dyn Iterator<Item = String>| {
        let line = Line::of(role, format!(" {name}"));
        cells.enumerate().fold(line, |line, (index, cell)| line.right(27 + index * 9, role, cell)).cut(width)
    };
    let version = |version: Option<&Version>| version.map(ToString::to_string).unwrap_or_default();
    vec![
        row("slower than".to_owned(), Role::Heading, &mut telling.iter().map(|(edge, ..)| Bad::edge(*edge))),
        row(version(chart.new.as_ref()), Role::Text, &mut telling.iter().map(|(_, new, _)| percent(*new))),
        row(version(Some(&chart.old)), Role::Text, &mut telling.iter().map(|(.., old)| percent(*old))),
    ]
}

fn tail(histogram: &Histogram, edge: f64) -> f64 {
    let slower = histogram.exceeding(edge).map_or(0, |(_, slower)| slower);
    if histogram.total() == 0 { 0.0 } else { slower as f64 / histogram.total() as f64 }
}

/// With as many digits as tell a tail: `12.1 %`, `0.17 %`, `0.004 %`.
fn percent(share: f64) -> String {
    match share * 100.0 {
        0.0 => "none".to_owned(),
        value if value >= 1.0 => format!("{value:.1} %"),
        value if value >= 0.01 => format!("{value:.2} %"),
        value if value >= 0.0005 => format!("{value:.3} %"),
        _ => "< 0.001 %".to_owned(),
    }
}
