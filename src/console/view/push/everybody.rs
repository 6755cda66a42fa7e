//! "Is it better?": what all users get, whichever version serves them, since the new version's own curve has ended.

use crate::console::model::wrap;
use crate::console::theme::{Glyph, Role};
use crate::domain::environment::Environment;
use crate::domain::id::{CellId, PlacementId, Version};
use crate::domain::metric::Metric;
use crate::domain::push::Move;
use crate::domain::rollback::{Rollback, Trigger};
use crate::domain::service::Service;
use crate::domain::time::Period;
use crate::evidence::series::Scope;

use super::super::kit::Scale;
use super::super::line::Line;
use super::curve::{self, drawn};
use super::words::environment;
use super::{On, Room};

/// How long before the decision the curves begin.
const BEFORE: Period = Period::from_mins(10);

/// In how many columns.
const COLUMNS: u32 = 8;

/// Where a name begins that has a row of its own.
const INDENT: usize = 2;

/// The metric that set it off and the errors, in the place it happened.
pub(in crate::console::view) fn lines(on: On<'_>, rollback: &Rollback, room: Room) -> Vec<Line> {
    let heading = Line::of(Role::Heading, "Is it better?");
    let Some((part, cell, metric)) = place(on, rollback) else { return vec![heading] };
    // All rows are of one place: it is named once, and has room there.
    let place = format!("{} in {cell}", part.service);
    let beside = heading.clone().then(Role::Text, format!("  {place}"));
    let mut lines = if beside.width() <= room.width {
        vec![beside]
    } else {
        let texts = wrap(&place, room.width.saturating_sub(INDENT)).into_iter();
        std::iter::once(heading).chain(texts.map(|text| Line::new().at(INDENT).then(Role::Text, text))).collect()
    };
    let Some(at) = environment(on.fleet, on.push) else { return lines };
    let Some(old) = part.from.get(&at.id) else { return lines };
    let placement = PlacementId::new(part.service.clone(), at.id.clone());
    let mut metrics = vec![metric];
    metrics.extend([Metric::P999, Metric::Errors].into_iter().filter(|usual| *usual != metric));
    if room.width < 60 {
        metrics.retain(|shown| *shown == metric || *shown == Metric::Errors);
    }
    for shown in metrics {
        lines.push(row(on, rollback, (&placement, &cell), shown, [old, &part.to.version]).cut(room.width));
    }
    lines
}

fn row(
    on: On<'_>,
    rollback: &Rollback,
    (placement, cell): (&PlacementId, &CellId),
    metric: Metric,
    versions: [&Version; 2],
) -> Line {
    let cells = std::slice::from_ref(cell);
    let scopes = versions.map(|version| Scope { placement, cells: Some(cells), version, journey: None });
    let columns = curve::columns(on.signals, rollback.decided - BEFORE, on.moment.now, COLUMNS);
    let values = curve::values(on.signals.columns_of_all(metric, &scopes, columns));
    let limit = on.fleet.threshold(&placement.service, metric).map(|threshold| threshold.limit);
    let scale = Scale::over([&values[..]]).including(0.0);
    let scale = limit.map_or(scale, |limit| scale.including(limit));
    let worst = values.iter().flatten().copied().fold(f64::NAN, f64::max);
    let text = match values.last().copied().flatten() {
        Some(now) if worst.is_finite() => from_to(metric, worst, now),
        _ => "no data".to_owned(),
    };
    Line::of(Role::Text, metric.to_string()).at(16).then(Role::Text, text).at(30).append(drawn(&values, scale, Role::SparkNew))
}

/// `968→893 ms`: the unit once, where it is the same.
fn from_to(metric: Metric, from: f64, to: f64) -> String {
    let (from, to) = (metric.show(from), metric.show(to));
    let arrow = Glyph::Arrow.symbol();
    match (from.split_once(' '), to.split_once(' ')) {
        (Some((number, unit)), Some((_, same))) if unit == same => format!("{number}{arrow}{to}"),
        _ => format!("{from}{arrow}{to}"),
    }
}

/// Where to look: where the trigger was; else at the first service on a request's way, in the cell with the most traffic.
fn place<'a>(on: On<'a>, rollback: &Rollback) -> Option<(&'a Move, CellId, Metric)> {
    let by_trigger = match &rollback.trigger {
        Trigger::Threshold { slice, .. } => Some((slice.service.clone(), slice.cell.clone(), slice.metric)),
        Trigger::Burn { burn } => {
            let (budget, metric) = (&burn.budget, burn.budget.objective.metric().unwrap_or(Metric::P99));
            burn.cell.clone().map(|cell| (budget.placement.service.clone(), cell, metric))
        }
        Trigger::CrashLoop { instance, .. } => Some((instance.placement.service.clone(), instance.cell.clone(), Metric::Errors)),
        Trigger::Regressed { environment, slice, seen } => {
            let objectives = on.fleet.declaration().service(&slice.service).into_iter().flat_map(Service::objectives);
            let cell = seen.mostly_in.clone().or_else(|| busiest(on.fleet.declaration().environment(environment)?));
            cell.map(|cell| (slice.service.clone(), cell, slice.bad.metric(objectives)))
        }
        Trigger::Person { .. } | Trigger::Ahead { .. } | Trigger::Deadline { .. } | Trigger::WindowEnd { .. } => None,
    };
    if let Some((service, cell, metric)) = by_trigger {
        return Some((on.push.move_of(&service)?, cell, metric));
    }
    let busiest = busiest(environment(on.fleet, on.push)?)?;
    let hops = on.fleet.declaration().group(&on.push.plan.group).map(|group| group.hops.as_slice()).unwrap_or_default();
    let first = hops.iter().find_map(|hop| on.push.move_of(hop)).or_else(|| on.push.plan.moves.first())?;
    Some((first, busiest, Metric::P999))
}

/// The cell with the most traffic.
fn busiest(environment: &Environment) -> Option<CellId> {
    environment.cells.iter().max_by(|a, b| a.weight.total_cmp(&b.weight)).map(|cell| cell.id.clone())
}
