//! The siblings cell by cell, and whether they are in step.

use crate::console::theme::{Glyph, Role};
use crate::domain::placement::Placement;
use crate::domain::status;

use super::super::line::{Line, keep, keep_and_count};
use super::words::{cells, counted, listed, naming};
use super::{On, Room};

/// How many instances are on the new version, by service and cell, in at most so many cells across.
pub(super) fn lines(on: On<'_>, title: &str, room: Room, rows: usize) -> Vec<Line> {
    let cells = cells(on.fleet, on.push);
    let name = if room.width >= 60 { 10 } else { 8 };
    let ready = if room.width >= 60 { 12 } else { 0 };
    let each = room.width.saturating_sub(name + ready) / cells.len().max(1);
    let by_cell = each >= 8;
    let step = each.min(12);
    let mut heading = Line::of(Role::Heading, title);
    if by_cell {
        for (index, cell) in cells.iter().enumerate() {
            heading = heading.right(name + (index + 1) * step, Role::Heading, cell.as_str());
        }
    } else {
        heading = heading.right(name + 12, Role::Heading, "all cells");
    }
    let end = name + if by_cell { cells.len() * step } else { 12 };
    if ready > 0 {
        heading = heading.at(end + 3).then(Role::Heading, "ready");
    }
    let mut lines = vec![heading];
    for part in &on.push.plan.moves {
        let Some(placement) = on.push.environment().and_then(|at| on.fleet.placement(&part.service, at)) else { continue };
        let new = &part.to.version;
        let mut line = Line::of(Role::Text, part.service.as_str());
        if by_cell {
            for (index, cell) in cells.iter().enumerate() {
                let of = if step > 10 { " of " } else { "/" };
                let text = format!("{}{of}{}", placement.count_in(cell, new), placement.size_in(cell));
                line = line.right(name + (index + 1) * step, Role::Text, text);
            }
        } else {
            line = line.right(name + 12, Role::Text, format!("{} of {}", placement.count(new), placement.size()));
        }
        if ready > 0 {
            let (role, text) = ready_word(placement);
            line = line.at(end + 3).then(role, text);
        }
        lines.push(line);
    }
    let kept = rows.saturating_sub(1).max(1);
    keep_and_count(&mut lines, kept, |folded| Line::of(Role::Dim, format!("+{}", counted(folded as u32, "sibling"))));
    lines.push(in_step(on, room).cut(room.width));
    keep(&mut lines, rows);
    lines
}

fn ready_word(placement: &Placement) -> (Role, String) {
    let (serving, size) = (placement.serving(), placement.size());
    if serving == size { (Role::Dim, format!("all {size}")) } else { (Role::Strong, format!("{serving} of {size}")) }
}

/// Whether every sibling has what the stage grants it.
fn in_step(on: On<'_>, room: Room) -> Line {
    let Some(stage) = on.push.stage().filter(|_| on.push.is_forward()) else { return order(on) };
    let mut behind = Vec::new();
    let (mut out_of_service, mut dying) = (0, 0);
    for part in &on.push.plan.moves {
        let Some(placement) = on.fleet.placement(&part.service, &stage.environment) else { continue };
        let granted: u32 = placement.cells.keys().map(|cell| stage.grant(&part.service, cell)).sum();
        let there: u32 = placement
            .cells
            .keys()
            .map(|cell| placement.count_where(cell, |instance| instance.is_settled_on(&part.to.version)))
            .sum();
        dying += placement.instances().filter(|(_, _, instance)| status::is_crash_looping(instance)).count() as u32;
        out_of_service += placement.size().saturating_sub(placement.serving());
        if there != granted {
            behind.push(format!("{} {there} of {granted}", part.service));
        }
    }
    if dying > 0 {
        let more = if behind.is_empty() { String::new() } else { format!("; {}", listed(&behind, room.width.saturating_sub(26))) };
        let line = Line::of(Role::Bad, format!("{} {} keep dying", Glyph::Failed.symbol(), counted(dying, "instance")))
            .then(Role::Text, more);
        return naming(line, &behind, room.width.saturating_sub(26));
    }
    let ready = if out_of_service == 0 { "all ready".to_owned() } else { format!("{out_of_service} not ready") };
    match (behind.is_empty(), on.push.cursor.arrived) {
        (true, _) => Line::of(Role::Dim, format!("in step, {ready}")),
        (false, None) => {
            let cells = room.width.saturating_sub(14);
            naming(Line::of(Role::Text, format!("on their way: {}", listed(&behind, cells))), &behind, cells)
        }
        (false, Some(_)) => {
            let cells = room.width.saturating_sub(15);
            let line = Line::of(Role::Loud, format!("{} OUT OF STEP", Glyph::OutOfStep.symbol()));
            naming(line.then(Role::Text, format!(" {}", listed(&behind, cells))), &behind, cells)
        }
    }
}

fn order(on: On<'_>) -> Line {
    let names: Vec<_> = on.push.plan.moves.iter().map(|part| part.service.to_string()).collect();
    let names = if on.push.course.rollback().is_some() { names.into_iter().rev().collect() } else { names };
    if names.len() < 2 { Line::new() } else { Line::of(Role::Dim, format!("in the order {}", names.join(", "))) }
}
