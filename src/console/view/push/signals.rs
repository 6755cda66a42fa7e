//! New beside old, metric by metric: each in its worst service and cell, the worst metric first.

use crate::console::model::{ChartKey, NewErrors, Said};
use crate::console::theme::{Glyph, Role};
use crate::domain::environment::Environment;
use crate::domain::id::{CellId, PlacementId};
use crate::domain::metric::{Judgement, Metric, SliceId, Standing, Threshold};
use crate::domain::push::Move;
use crate::domain::requirement;
use crate::domain::verdict::SliceEvidence;
use crate::evidence::judge;
use crate::evidence::series::{Columns, Measured, Scope, Span};

use super::super::evidence;
use super::super::kit::Scale;
use super::super::line::{Line, keep};
use super::curve::{self, drawn};
use super::words::{environment, grouped, listed, naming};
use super::{On, Room};

/// Columns of a curve where there is room.
const WIDE: u32 = 18;

/// One metric in the service and cell where it stands worst.
struct Row<'a> {
    metric: Metric,
    placement: PlacementId,
    cell: CellId,
    part: &'a Move,
    threshold: Option<&'a Threshold>,
    judged: Option<&'a Judgement>,
    now: Measured,
    over: Span,
    pinned: bool,
}

/// The panel in at most so many rows. What is within its limit folds first, into one row.
pub(in crate::console::view) fn lines(on: On<'_>, room: Room, rows: usize) -> Vec<Line> {
    let found = worst_first(on);
    if rows == 0 || found.is_empty() {
        return Vec::new();
    }
    let mut lines = Vec::new();
    if room.is_wide() {
        lines.push(heading(on));
    }
    // With a single row the metrics have it: they are judged.
    lines.extend(new_errors(on, room).filter(|_| rows > 1));
    let left = rows.saturating_sub(lines.len());
    let shown = if found.len() > left { left.saturating_sub(1).max(1) } else { found.len() };
    lines.extend(found.iter().take(shown).map(|row| line(on, row, room)));
    let (quiet, loud): (Vec<&Row<'_>>, Vec<&Row<'_>>) = found.iter().skip(shown).partition(|row| is_within(row));
    if !loud.is_empty() || !quiet.is_empty() {
        let names = |rows: &[&Row<'_>]| rows.iter().map(|row| row.metric.to_string()).collect::<Vec<_>>();
        let mut rest = Line::of(Role::Text, " ");
        if !loud.is_empty() {
            rest = rest.then(Role::Strong, format!("not good: {}  ", names(&loud).join(", ")));
        }
        if !quiet.is_empty() {
            let cells = room.width.saturating_sub(rest.width() + 16);
            let names = names(&quiet);
            rest = naming(rest.then(Role::Dim, format!("within limits: {}", listed(&names, cells))), &names, cells);
        }
        lines.push(rest.cut(room.width));
    }
    keep(&mut lines, rows);
    lines
}

/// That only the new version writes some kinds of error line, where that is so.
fn new_errors(on: On<'_>, room: Room) -> Option<Line> {
    let errors = NewErrors::of(on.fleet, on.signals, on.push, on.moment.now).filter(|errors| errors.said() == Said::New)?;
    let line = Line::of(Role::Waiting, format!(" {} new error lines", Glyph::Alert.symbol()));
    Some(line.at(20).then(Role::Strong, errors.words(on.moment.now)).cut(room.width))
}

/// The same in few words, without its place in a table: whether they go on while the push goes back.
pub(super) fn new_errors_in_short(on: On<'_>) -> Option<Line> {
    let errors = NewErrors::of(on.fleet, on.signals, on.push, on.moment.now).filter(|errors| errors.said() == Said::New)?;
    Some(Line::of(Role::Text, format!("new errors: {}", errors.in_short(on.moment.now))))
}

fn columns(on: On<'_>, count: u32) -> Columns {
    let since = on.push.cursor.arrived.unwrap_or(on.push.cursor.entered);
    curve::columns(on.signals, since, on.moment.now, count)
}

fn heading(on: On<'_>) -> Line {
    let over = format!("last {}", columns(on, WIDE).span());
    let new = super::words::new_version(on.push);
    let line =
        Line::of(Role::Heading, " Signals, worst first").right(36, Role::Heading, new).at(39).then(Role::Heading, over.clone());
    // Once it is over, nothing runs on the old version that could be set beside it.
    let line = if on.push.is_forward() {
        line.right(68, Role::Heading, super::words::old_version(on.push)).at(71).then(Role::Heading, over)
    } else {
        line
    };
    line.right(97, Role::Heading, "limit").at(100).then(Role::Heading, "verdict")
}

fn worst_first(on: On<'_>) -> Vec<Row<'_>> {
    let Some(at) = environment(on.fleet, on.push) else { return Vec::new() };
    let mut rows: Vec<_> = Metric::ALL.into_iter().filter_map(|metric| worst(on, at, metric)).collect();
    rows.sort_by(|a, b| badness(b).total_cmp(&badness(a)));
    let pinned = pinned(on, at);
    rows.retain(|row| !pinned.iter().any(|known| known.metric == row.metric && known.placement == row.placement));
    pinned.into_iter().chain(rows).collect()
}

/// What a person pinned of this push, in the order pinned, each in its worst cell.
fn pinned<'a>(on: On<'a>, at: &Environment) -> Vec<Row<'a>> {
    let here = on.pinned.iter().filter(|key| key.placement.environment == at.id);
    let row = |key: &ChartKey| {
        let part = on.push.move_of(&key.placement.service)?;
        let row = worst_cell(on, at, part, key.metric)?;
        Some(Row { pinned: true, ..row })
    };
    here.filter_map(row).collect()
}

/// Of what is held to a limit, the service and cell that stand worst.
fn worst<'a>(on: On<'a>, at: &Environment, metric: Metric) -> Option<Row<'a>> {
    let held = on.push.plan.moves.iter().filter(|part| requirement::limit(on.fleet, &part.service, metric).is_some());
    first_worst(held.filter_map(|part| worst_cell(on, at, part, metric)))
}

/// The cell in which a service stands worst.
fn worst_cell<'a>(on: On<'a>, at: &Environment, part: &'a Move, metric: Metric) -> Option<Row<'a>> {
    let threshold = requirement::limit(on.fleet, &part.service, metric);
    let placement = PlacementId::new(part.service.clone(), at.id.clone());
    let granted = |cell: &CellId| on.push.stage().is_some_and(|stage| stage.grant(&part.service, cell) > 0);
    let cells = at.cells.iter().map(|cell| &cell.id).filter(|cell| granted(cell) || !on.push.is_forward());
    first_worst(cells.map(|cell| {
        let judged = on.fleet.judgement(&SliceId {
            service: part.service.clone(),
            environment: at.id.clone(),
            cell: cell.clone(),
            version: part.to.version.clone(),
            metric,
        });
        let journey = on.push.plan.group.as_str();
        let cells = std::slice::from_ref(cell);
        let scope = Scope { placement: &placement, cells: Some(cells), version: &part.to.version, journey: Some(journey) };
        let (now, over) = measured(on, &scope, metric, threshold);
        Row { metric, placement: placement.clone(), cell: cell.clone(), part, threshold, judged, now, over, pinned: false }
    }))
}

/// The first of those than which none is worse.
fn first_worst<'a>(rows: impl Iterator<Item = Row<'a>>) -> Option<Row<'a>> {
    rows.reduce(|worst, row| if badness(&row) > badness(&worst) { row } else { worst })
}

/// A value, and the time that it is of: that which its limit is judged over.
fn measured(on: On<'_>, scope: &Scope<'_>, metric: Metric, threshold: Option<&Threshold>) -> (Measured, Span) {
    let now = on.moment.now;
    if let Some(threshold) = threshold {
        return judge::measured(on.signals, scope, threshold, now);
    }
    let span = Span { now, over: on.signals.tick_length() * 15 };
    (on.signals.measure(metric, scope, span), span)
}

/// How bad a row is: its standing first, then how near its value is to the limit.
fn badness(row: &Row<'_>) -> f64 {
    let standing = match row.judged.map(|judged| &judged.standing) {
        Some(Standing::NoData { .. }) => 40.0,
        Some(Standing::Beyond { .. }) => 30.0,
        Some(Standing::SharedFault { .. }) => 25.0,
        Some(Standing::TooFew { .. }) => 20.0,
        None => 10.0,
        Some(Standing::Within { .. }) => 0.0,
    };
    let limit = row.threshold.map_or(1.0, |threshold| threshold.limit);
    let near = curve::value(&row.now).map_or(0.0, |value| match row.metric {
        Metric::EndToEnd => (1.0 - value) / (1.0 - limit).max(1e-9),
        _ => value / limit.max(1e-9),
    });
    standing + near.clamp(0.0, 9.0)
}

fn is_within(row: &Row<'_>) -> bool {
    matches!(row.judged, Some(Judgement { standing: Standing::Within { .. }, .. })) && !is_crossing(row) && is_known(&row.now)
}

/// Whether there is a figure at all.
const fn is_known(measured: &Measured) -> bool {
    matches!(measured, Measured::Value { .. } | Measured::AtLeast { .. })
}

/// Whether what is shown is beyond the limit, whatever was judged last.
fn is_crossing(row: &Row<'_>) -> bool {
    let value = curve::value(&row.now);
    value.zip(row.threshold).is_some_and(|(value, threshold)| row.metric.is_beyond(value, threshold.limit))
}

fn line(on: On<'_>, row: &Row<'_>, room: Room) -> Line {
    let columns = columns(on, if room.is_wide() { WIDE } else { 8 });
    let cells = std::slice::from_ref(&row.cell);
    let journey = Some(on.push.plan.group.as_str());
    let scope = |version| Scope { placement: &row.placement, cells: Some(cells), version, journey };
    let series = |version| curve::values(on.signals.columns(row.metric, &scope(version), columns));
    let new = series(&row.part.to.version);
    // Journeys do not know which version served them: there is no old curve to set beside.
    let old_version =
        row.part.from.get(&row.placement.environment).filter(|_| !row.metric.is_of_journeys() && on.push.is_forward());
    let old = old_version.map(series).unwrap_or_default();
    let old_now = old_version.map(|version| on.signals.measure(row.metric, &scope(version), row.over));
    let scale = Scale::over([&new[..], &old[..]]).including(floor(row.metric));
    let scale = row.threshold.map_or(scale, |threshold| scale.including(threshold.limit));
    // Where there is no room for the word, its mark stands before the row.
    let (mark, word) = match (row.pinned, room.is_wide()) {
        (true, true) => (" ", ", pinned"),
        (true, false) => ("»", ""),
        (false, _) => (" ", ""),
    };
    let place = format!("{} {}{word}", row.placement.service, row.cell);
    let new_text = shown(row.metric, &row.now, row.threshold);
    let old_text = old_now.map(|now| shown(row.metric, &now, row.threshold)).unwrap_or_default();
    let limit = row.threshold.map_or_else(|| "none".to_owned(), |threshold| row.metric.show(threshold.limit));
    let role = if is_within(row) { Role::Text } else { Role::Strong };
    let head = Line::of(role, format!("{mark}{}", row.metric));
    // The longest word pushes its own row alone.
    let place_at = (head.width() + 1).max(12);
    if room.is_wide() {
        let line =
            head.at(place_at).then(Role::Text, place).right(36, role, new_text).at(39).append(drawn(&new, scale, Role::SparkNew));
        let line = line.right(68, Role::Text, old_text).at(71).append(drawn(&old, scale, Role::SparkOld));
        let (role, standing) = standing(on, row);
        return line.right(97, Role::Text, limit).at(100).then(role, standing).cut(room.width);
    }
    let old_name = old_version.map(ToString::to_string).unwrap_or_default();
    let line = if room.is_paired() {
        let line = head
            .at(place_at)
            .then(Role::Text, place)
            .at(23)
            .then(Role::Dim, row.part.to.version.as_str())
            .right(34, role, new_text);
        let line = line.at(35).append(drawn(&new, scale, Role::SparkNew)).at(45).then(Role::Dim, old_name);
        line.right(56, Role::Text, old_text).at(57).append(drawn(&old, scale, Role::SparkOld)).at(67)
    } else {
        head.at(place_at).then(Role::Text, place).right(34, role, new_text).at(35).append(drawn(&new, scale, Role::SparkNew)).at(45)
    };
    line.then(Role::Text, format!("limit {limit}")).cut(room.width)
}

/// Where a curve's ground is: shares of journeys live just below 1, everything else above 0.
const fn floor(metric: Metric) -> f64 {
    match metric {
        Metric::EndToEnd => 0.99,
        _ => 0.0,
    }
}

/// A value, or why there is none, in a word or two.
fn shown(metric: Metric, measured: &Measured, threshold: Option<&Threshold>) -> String {
    match measured {
        Measured::Value { value, .. } => {
            threshold.map_or_else(|| metric.show(*value), |threshold| metric.show_beside(*value, threshold.limit))
        }
        Measured::AtLeast { value, .. } => format!("> {}", metric.show(*value)),
        Measured::TooFew { .. } => "n too small".to_owned(),
        Measured::NoData { .. } => "no data".to_owned(),
    }
}

/// What the comparison with the old version says of a metric, where there is one.
fn compared(on: On<'_>, row: &Row<'_>) -> Option<(Role, String)> {
    let gathered = on.push.evidence.as_ref().filter(|_| on.push.is_forward())?;
    let service = on.fleet.declaration().service(&row.placement.service)?;
    let is_of = |slice: &&SliceEvidence| {
        slice.named && slice.slice.service == row.placement.service && slice.slice.bad.metric(service.objectives()) == row.metric
    };
    let slice = gathered.evidence.slices.iter().find(is_of)?;
    Some(evidence::words(slice, &gathered.evidence.verdict))
}

fn standing(on: On<'_>, row: &Row<'_>) -> (Role, String) {
    let counts = !matches!(row.metric, Metric::Cpu | Metric::Memory | Metric::Saturation);
    let n = match row.now {
        Measured::Value { n, .. } | Measured::AtLeast { n, .. } if counts => format!(", n {}", grouped(n)),
        _ => String::new(),
    };
    let well = |judged: &&Judgement| matches!(judged.standing, Standing::Within { .. } | Standing::TooFew { .. });
    if is_known(&row.now)
        && !is_crossing(row)
        && row.judged.as_ref().is_some_and(well)
        && let Some(said) = compared(on, row)
    {
        return said;
    }
    match row.judged {
        None => (Role::Text, "not judged yet".to_owned()),
        Some(judged) => match &judged.standing {
            Standing::Within { .. } if !is_known(&row.now) => (Role::Waiting, "was within its limit".to_owned()),
            Standing::Within { .. } if is_crossing(row) => (Role::Waiting, format!("beyond it now, not judged so yet{n}")),
            Standing::Within { .. } => (Role::Dim, format!("within its limit{n}")),
            Standing::Beyond { .. } => {
                let lasted = on.moment.now.since(judged.since);
                let sustained = row.threshold.map_or_else(String::new, |threshold| format!(", back after {}", threshold.sustained));
                (Role::Bad, format!("BEYOND for {lasted}{sustained}{n}"))
            }
            Standing::SharedFault { base, .. } => {
                (Role::Bad, format!("BEYOND, the old version too, {}: not this release{n}", row.metric.show(*base)))
            }
            Standing::TooFew { n, need } => (Role::Waiting, format!("too few to judge: {} of {}", grouped(*n), grouped(*need))),
            Standing::NoData { why } => (Role::Bad, format!("no data: {why}")),
        },
    }
}
