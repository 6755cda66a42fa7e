//! The table of the Fleet screen. Only rows that are on the screen are built.

use std::collections::{BTreeMap, BTreeSet};

use crate::console::model::{FleetRow, Model};
use crate::console::theme::{Glyph, Role};
use crate::domain::explain::Moment;
use crate::domain::fleet::Fleet;
use crate::domain::id::{GroupId, PushId, ServiceId};
use crate::domain::metric::Standing;
use crate::domain::push::{Course, Push};
use crate::domain::requirement::{self, RequirementState};
use crate::domain::status::{self, Status};
use crate::settings::Columned;

use super::columns;
use super::fleet::{services_of, window};
use super::fleet_columns::Columns;
use super::fleet_elsewhere;
use super::kit::{Painter, width};
use super::line::Line;
use super::mark;
use super::placed::{NOT_THERE, Placed, alerted};

/// What every row of a frame needs.
struct Table<'a> {
    model: &'a Model,
    fleet: &'a Fleet,
    columns: Columns<'a>,
    moment: Moment,
    /// Services that have a row of their own.
    told: BTreeSet<&'a ServiceId>,
    /// The push that moves a whole group.
    pushes: BTreeMap<&'a GroupId, PushId>,
}

/// Draws the heading into so many rows, and below it as many rows of the table as there is room for.
pub fn draw(painter: &mut Painter<'_>, model: &Model, head: usize, room: usize) {
    let rows = model.fleet_rows();
    let fleet = model.fleet();
    let mut table = Table {
        model,
        fleet,
        columns: Columns::of(fleet.declaration(), &model.columns(Columned::Fleet), usize::from(painter.width())),
        moment: model.moment(),
        told: BTreeSet::new(),
        pushes: BTreeMap::new(),
    };
    for row in rows {
        match row {
            FleetRow::Group { id, push: Some(push), .. } => {
                table.pushes.insert(id, *push);
            }
            FleetRow::Group { .. } => {}
            FleetRow::Service { id, .. } => {
                table.told.insert(id);
            }
        }
    }
    for (at, line) in heading(model, &table.columns, head).into_iter().enumerate() {
        line.draw(painter, at as u16);
    }
    let selected = model.cursor().and_then(|key| rows.iter().position(|row| row.key() == *key));
    let (first, shown) = window(rows.len(), selected, room);
    for (at, row) in rows.iter().enumerate().skip(first).take(shown) {
        let y = (head + at - first) as u16;
        table.row(row, selected == Some(at)).draw(painter, y);
        painter.spot_row(y, row.key());
        if selected == Some(at) {
            painter.overlay_row(y, Role::Selected);
        }
    }
    if let Some(words) = beyond(first, rows.len().saturating_sub(first + shown)).filter(|_| room > 0) {
        Line::of(Role::Dim, format!("   {words}")).draw(painter, (head + shown) as u16);
    }
}

/// How many rows are not on the screen, and where.
pub fn beyond(above: usize, below: usize) -> Option<String> {
    match (above, below) {
        (0, 0) => None,
        (0, below) => Some(format!("{below} more below")),
        (above, 0) => Some(format!("{above} more above")),
        (above, below) => Some(format!("{above} more above, {below} below")),
    }
}

fn heading(model: &Model, columns: &Columns<'_>, head: usize) -> Vec<Line> {
    let mark = columns::hidden(model, Columned::Fleet, columns.hidden, columns.name_ends().saturating_sub(2));
    let mut line = if mark.is_empty() { mark } else { Line::of(Role::Text, " ").append(mark) };
    if let Some((at, _)) = columns.elsewhere {
        line = line.at(at).then(Role::Heading, "elsewhere");
    }
    for (environment, at) in &columns.environments {
        line = line.at(*at).then(Role::Heading, environment.as_str());
    }
    for (cell, end) in &columns.cells {
        line = line.right(*end, Role::Heading, cell.as_str());
    }
    if let Some(next) = columns.next {
        line = line.at(next).then(Role::Heading, "next");
    }
    if head < 3 {
        // It stands on its columns.
        return std::iter::repeat_with(Line::new).take(head.saturating_sub(1)).chain([line]).collect();
    }
    let over = match columns.cells.last() {
        Some((_, end)) => Line::new().right(*end, Role::Heading, "new, %"),
        None => Line::new(),
    };
    vec![Line::new(), over, line]
}

impl Table<'_> {
    fn row(&self, row: &FleetRow, here: bool) -> Line {
        let push = row.push().and_then(|push| self.fleet.push(push));
        let line = Line::of(Role::Cursor, if here { Glyph::Cursor.symbol() } else { " " });
        match row {
            FleetRow::Group { id, quiet, status, .. } => {
                let name = push.map_or_else(|| id.to_string(), |push| format!("{id} {}", travels(push)));
                let line = line.then(Role::Strong, name);
                // Where all of the group moves together, its row speaks for all of it.
                let line = if *quiet > 0 && push.is_none() {
                    line.at(self.columns.quiet()).then(Role::Dim, format!("+{quiet}"))
                } else {
                    line
                };
                let services = services_of(self.fleet, id);
                if push.is_none() && *quiet > 0 && *status == Status::Converged && self.columns.elsewhere.is_none() {
                    return self.at_rest(line, services);
                }
                // What has a row of its own speaks for itself there, unless all move together.
                let quiet: Vec<_> = services.iter().filter(|service| push.is_some() || !self.told.contains(service)).collect();
                let shown = if quiet.is_empty() { services.iter().collect() } else { quiet };
                self.finish(self.cells(line, push, &shown, false), self.next(row, push))
            }
            FleetRow::Service { id, group, .. } => {
                let with_group = push.is_some() && push.map(Push::id) == self.pushes.get(group).copied();
                let name = match push.filter(|_| !with_group) {
                    Some(push) => format!("  {id} {}", travels(push)),
                    None => format!("  {id}"),
                };
                let line = self.cells(line.then(Role::Text, name), push, &[id], with_group);
                self.finish(line, if with_group { worst_of(self.fleet, push, id) } else { self.next(row, push) })
            }
        }
    }

    /// A group of which every service is converged, wherever it runs: of a large fleet nearly every row.
    fn at_rest(&self, mut line: Line, services: &[ServiceId]) -> Line {
        for (environment, at) in &self.columns.environments {
            let runs = services.iter().any(|service| self.fleet.placement(service, environment).is_some());
            line = line.at(*at).append(if runs { mark::said(Status::Converged) } else { Line::of(Role::Dim, NOT_THERE) });
        }
        line
    }

    fn finish(&self, line: Line, next: Line) -> Line {
        match self.columns.next {
            Some(at) if !next.is_empty() => line.at(at).append(next).cut(self.columns.width),
            _ => line,
        }
    }

    fn cells(&self, mut line: Line, push: Option<&Push>, services: &[&ServiceId], with_group: bool) -> Line {
        let new = |environment| Placed::new(self.fleet, push, services.iter().copied(), environment);
        let Some(last) = self.fleet.declaration().environments.last().map(|last| new(&last.id)) else { return line };
        let mut unseen = self.unseen(&last, push, services, with_group);
        if let Some((at, room)) = self.columns.elsewhere {
            let told = fleet_elsewhere::told(&self.columns, new, (&self.moment, with_group), room);
            let has_last = self.columns.environments.last().is_some_and(|(id, _)| *id == last.environment());
            let told = if has_last { told } else { beside(told, unseen.take(), room) };
            line = line.at(at).append(told);
        }
        for (environment, at) in &self.columns.environments {
            let other = (*environment != last.environment()).then(|| new(environment));
            let placed = other.as_ref().unwrap_or(&last);
            let own = placed.status(&self.moment);
            let counted = if with_group && !matches!(own, Status::OutOfStep | Status::Failed | Status::Unknown) {
                placed.counted()
            } else {
                None
            };
            line = line.at(*at).append(counted.unwrap_or_else(|| placed.said(own, &self.moment)));
        }
        line = beside(line, unseen, self.columns.end.saturating_sub(1)).at(self.columns.end + 1);
        for (cell, end) in &self.columns.cells {
            let percent = last.percent_new(cell);
            line = if last.has_alert(cell) {
                line.right(*end, Role::Bad, alerted(&percent))
            } else {
                line.right(*end, if percent == "0" { Role::Dim } else { Role::Text }, percent)
            };
        }
        line
    }

    /// What a column that is not shown would say is wrong: the first cell with an alert, or a sibling's metric beyond its limit.
    fn unseen(&self, last: &Placed<'_>, push: Option<&Push>, services: &[&ServiceId], with_group: bool) -> Option<String> {
        let declared = self.fleet.declaration().environments.last().filter(|_| self.columns.cells.is_empty())?;
        let alert = declared
            .cells
            .iter()
            .find(|cell| last.has_alert(&cell.id))
            .map(|cell| format!("{} {}", Glyph::Alert.symbol(), cell.id));
        let [service] = services else { return alert };
        let metric = || worst_of(self.fleet, push, service).text();
        alert.or_else(|| Some(metric()).filter(|text| self.columns.next.is_none() && with_group && !text.is_empty()))
    }

    /// What comes next, and when, or who must act, in the few words of a column.
    fn next(&self, row: &FleetRow, push: Option<&Push>) -> Line {
        let (fleet, moment) = (self.fleet, &self.moment);
        let Some(push) = push else { return alone(fleet, row) };
        let yours = self.model.waiting_rows().iter().find(|waiting| waiting.key.push == Some(push.id()));
        let (FleetRow::Group { status: worst, .. } | FleetRow::Service { status: worst, .. }) = row;
        let status = status::of_push(fleet, push, moment.now);
        match if matches!(worst, Status::OutOfStep | Status::Failed | Status::Unknown) { status.min(*worst) } else { status } {
            Status::RollbackFailed => Line::of(Role::Loud, "BY HAND, NOW"),
            Status::OutOfStep => Line::of(Role::Strong, "u or r"),
            Status::RollingBack => {
                let back = push.course.rollback().map(|rollback| rollback.since + rollback.plan.all_old);
                Line::of(Role::Text, back.map_or_else(String::new, |at| format!("back {}", at.hh_mm(&moment.zone))))
            }
            // Whatever else runs meanwhile: it does not get past you.
            Status::Held
            | Status::RolledBack
            | Status::WaitingApproval
            | Status::Ready
            | Status::Baking
            | Status::Converging
            | Status::WaitingRequirements
                if yours.is_some_and(|waiting| waiting.yours) =>
            {
                let until = yours.and_then(|waiting| waiting.until).map(|until| format!(" by {}", until.hh_mm(&moment.zone)));
                Line::of(Role::Strong, format!("YOU{}", until.unwrap_or_default()))
            }
            Status::Held | Status::RolledBack | Status::WaitingApproval | Status::Ready => match yours {
                Some(waiting) => Line::of(Role::Text, waiting.who.as_str()),
                None => Line::new(),
            },
            Status::Failed | Status::Unknown => {
                let owners = fleet.declaration().group(&push.plan.group).map(|group| group.owners.to_string());
                Line::of(Role::Text, owners.map_or_else(String::new, |owners| format!("{owners} to act")))
            }
            Status::Baking | Status::Converging | Status::WaitingRequirements => in_time(fleet, push, moment),
            Status::Pending | Status::Replaced | Status::Converged => Line::new(),
        }
    }
}

/// A line, and behind it what is wrong, for which the line gives way; an alert without room for its cell is the mark alone.
fn beside(line: Line, wrong: Option<String>, end: usize) -> Line {
    let Some(wrong) = wrong else { return line };
    let gap = if line.is_empty() { "" } else { " " };
    let mark = Glyph::Alert.symbol();
    let is_cut = line.width() + gap.len() + usize::from(width(&wrong)) > end;
    let text = if is_cut && wrong.starts_with(mark) { mark } else { &wrong };
    let room = end.saturating_sub(gap.len() + usize::from(width(text)));
    line.cut(room).then(Role::Text, gap).then(Role::Bad, text)
}

impl Columns<'_> {
    /// Where the count of a group's quiet services stands.
    fn quiet(&self) -> usize {
        self.name_ends().saturating_sub(6)
    }
}

/// `v41→v42`, in the direction it travels; where its services differ, only where they meet.
fn travels(push: &Push) -> String {
    let Some(environment) = push.plan.stages.last().map(|stage| &stage.environment) else { return String::new() };
    let pairs: Vec<_> = push.plan.moves.iter().filter_map(|part| Some((part.from.get(environment)?, &part.to.version))).collect();
    let Some((from, to)) = pairs.first() else { return String::new() };
    let arrow = Glyph::Arrow.symbol();
    if !pairs.iter().all(|pair| pair.1 == *to) {
        return String::new();
    }
    if !pairs.iter().all(|pair| pair.0 == *from) {
        return format!("{arrow}{to}");
    }
    match push.course {
        Course::Back { .. } | Course::RollbackFailed { .. } => format!("{to}{arrow}{from}"),
        Course::Forward | Course::RolledBack { .. } | Course::Converged { .. } | Course::Replaced { .. } => {
            format!("{from}{arrow}{to}")
        }
    }
}

/// The clock time of what the clocks decide, or what is missing.
fn in_time(fleet: &Fleet, push: &Push, moment: &Moment) -> Line {
    let requirements = requirement::of_gate(fleet, push, moment.now);
    if let Some(bad) = requirements.iter().find(|found| found.state > RequirementState::Pending) {
        return Line::of(Role::Bad, bad.kind.to_string());
    }
    match requirement::clocks_end(&requirements) {
        Some(end) => Line::of(Role::Text, end.hh_mm(&moment.zone)),
        None => match requirements.iter().find(|found| found.state == RequirementState::Pending) {
            Some(open) => Line::of(Role::Text, format!("when {}", open.kind)),
            None => Line::of(Role::Text, "by itself"),
        },
    }
}

fn alone(fleet: &Fleet, row: &FleetRow) -> Line {
    let (group, status) = match row {
        FleetRow::Group { id, status, quiet, .. } => (id, if *quiet > 0 { Status::Converged } else { *status }),
        FleetRow::Service { group, status, .. } => (group, *status),
    };
    match status {
        Status::OutOfStep | Status::Failed | Status::Unknown => {
            let owners = fleet.declaration().group(group).map(|group| group.owners.to_string()).unwrap_or_default();
            Line::of(Role::Text, format!("{owners} to act"))
        }
        _ => Line::new(),
    }
}

/// Of a sibling in a group's push: the metric of it that is not within its limit, if there is one.
fn worst_of(fleet: &Fleet, push: Option<&Push>, service: &ServiceId) -> Line {
    let Some(part) = push.and_then(|push| push.move_of(service)) else { return Line::new() };
    let bad = fleet.judgements().filter(|(slice, _)| slice.service == *service && slice.version == part.to.version).find_map(
        |(slice, judged)| match judged.standing {
            Standing::Beyond { .. } => Some((Role::Bad, format!("{} in {}", slice.metric, slice.cell))),
            Standing::SharedFault { .. } => Some((Role::Bad, format!("{} in {}, old too", slice.metric, slice.cell))),
            Standing::NoData { .. } => Some((Role::Bad, format!("no data, {}", slice.cell))),
            Standing::Within { .. } | Standing::TooFew { .. } => None,
        },
    );
    bad.map_or_else(Line::new, |(role, text)| Line::of(role, text))
}
