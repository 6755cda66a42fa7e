//! Above the charts: alerts by how near they are to the push, then what is shown of which time.

use crate::console::model::{Layout, Model, Split};
use crate::console::theme::{Glyph, Role};
use crate::console::view::line::Line;
use crate::domain::id::ServiceId;
use crate::domain::relation::{self, Relation};

use super::chart::mark;
use crate::console::model::Deed;

/// The rows above the charts.
pub(super) fn lines(model: &Model, width: usize, height: usize) -> Vec<Line> {
    let mut lines = alerts(model, width, height);
    if height >= 30 && !lines.is_empty() {
        lines.push(Line::new());
    }
    lines.push(shown(model, width));
    if height >= 30 {
        lines.insert(0, Line::new());
        lines.push(Line::new());
    }
    lines
}

/// Alerts, the nearest to the push first; what does not fit is counted.
fn alerts(model: &Model, width: usize, height: usize) -> Vec<Line> {
    let found = relation::alerts(model.fleet(), model.selected_push(), model.now());
    let room = match height {
        ..14 => 1,
        14..30 => 2,
        _ => 5,
    };
    let fits = if found.len() > room { room.saturating_sub(1).max(1) } else { found.len() };
    let more = found.len() - fits;
    let mut lines: Vec<Line> = found
        .iter()
        .map(|(alert, relation)| {
            let slice = &alert.slice;
            let seen = alert.acknowledged.as_ref().filter(|_| alert.is_acknowledged(model.now()));
            let role = if seen.is_some() || matches!(relation, Some(Relation::None)) { Role::Text } else { Role::Bad };
            let near = relation.as_ref().map_or_else(|| "no push is selected".to_owned(), Relation::words);
            let seen = seen.map(|seen| format!(", {} has seen it", seen.by)).unwrap_or_default();
            let held = slice.metric.against(alert.value, alert.limit);
            let since = alert.since.hh_mm(&model.moment().zone);
            let what = format!("{} {} {} {held}, since {since}", slice.service, slice.cell, slice.metric);
            Line::of(role, format!(" {} {what}: ", Glyph::Alert.symbol())).then(Role::Text, format!("{near}{seen}"))
        })
        .collect();
    let folded = lines.split_off(fits);
    if more > 0 && room > 1 {
        let line = Line::of(Role::Waiting, format!(" {} {more} more alerts", Glyph::Alert.symbol()));
        lines.push(line.standing_for_all(folded));
    } else if more > 0
        && let Some(line) = lines.pop()
    {
        let line = line.cut(width.saturating_sub(10)).then(Role::Waiting, format!(" +{more} more"));
        lines.push(line.standing_for_all(folded));
    }
    lines.into_iter().map(|line| line.cut(width)).collect()
}

/// Whose numbers, how many charts, over which time; where there is room, what the marks are.
fn shown(model: &Model, width: usize) -> Line {
    let columns = model.chart_columns();
    let span = columns.span();
    let zone = model.moment().zone;
    let count = model.charts().len();
    let what = match (model.opened_chart(), model.selected_chart()) {
        (Some(Split::Whole), Some(chart)) => format!("{} alone", chart.key.metric),
        (Some(Split::Cells), Some(chart)) => format!("{} of {} by cell, worst first", chart.key.metric, chart.whose()),
        (Some(Split::Instances), Some(chart)) => format!("{} by instance", chart.key.placement),
        (Some(_), None) if model.selected_errors().is_some() => "new error lines, the most frequent first".to_owned(),
        _ => format!("{}: {count} signals, worst first", named(model)),
    };
    let clock = |at: crate::domain::time::EngineTime| if span.secs() < 600 { at.hh_mm_ss(&zone) } else { at.hh_mm(&zone) };
    let line = Line::of(Role::Heading, format!(" {what}"));
    let time = format!("last {span}");
    let mut right = Line::of(Role::Strong, time);
    if width >= 100 {
        right = right.then(Role::Text, format!(", {}–{}", clock(columns.start()), clock(model.now())));
    }
    if width >= 130 && !matches!(model.chart_layout(), Layout::Rows { .. }) {
        let marks = [(Deed::Stage, "stage entered"), (Deed::Fix, "fix"), (Deed::Back, "going back")];
        for (deed, words) in marks {
            let (glyph, role) = mark(deed);
            right = right.then(role, format!("   {glyph} ")).then(Role::Dim, words);
        }
    }
    let at = width.saturating_sub(right.width() + 1);
    line.at(at).append(right)
}

/// What is selected: a group by its name, else the services.
fn named(model: &Model) -> String {
    let services: Vec<&ServiceId> = {
        let mut seen: Vec<_> = model.charts().iter().map(|chart| &chart.key.placement.service).collect();
        seen.sort();
        seen.dedup();
        seen
    };
    let declaration = model.fleet().declaration();
    let group = declaration
        .groups
        .iter()
        .find(|group| group.services.len() == services.len() && services.iter().all(|service| group.services.contains(service)));
    match (group, services.as_slice()) {
        (Some(group), _) if services.len() > 1 => group.id.to_string(),
        (_, [only]) => only.to_string(),
        (_, all) if all.len() == declaration.services.len() => "all services".to_owned(),
        (_, all) => all.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    }
}
