//! A push that is over: who, when, how long, and what it cost.

use crate::console::theme::Role;
use crate::domain::push::Course;
use crate::domain::time::EngineTime;

use super::super::line::Line;
use super::words::{clock, new_version, people};
use super::{On, Room, beside, contents, everybody, exposed, gate, head, indented, ladder, returning, siblings, signals, steps};

/// The screen of a push that has converged or gone back.
pub(super) fn lines(on: On<'_>, room: Room) -> Vec<Line> {
    let mut lines = vec![head::title(on, room)];
    if let Some(rollback) = on.push.course.rollback() {
        lines.push(returning::users(on, rollback, room));
    }
    lines.extend(head::sentences(on, room, 3));
    lines.push(outcome(on, room));
    lines.extend(gate::exceptions(on, room, room.height / 4));
    if room.height >= 18 {
        lines.push(Line::new());
    }
    let column = if room.is_wide() { 92 } else { 41 };
    let ladder_column = if room.is_wide() { 92 } else { 38 };
    let panel = Room { width: room.width.saturating_sub(column), ..room };
    let title = format!("on {}", new_version(on.push));
    match on.push.course.rollback() {
        Some(rollback) => {
            lines.extend(steps::lines(on, rollback, room));
            lines.push(Line::new());
            if room.is_paired() {
                let left = siblings::lines(on, &title, Room { width: column - 3, ..room }, 6);
                lines.extend(beside(indented(left), everybody::lines(on, rollback, panel), column));
            } else {
                lines.extend(indented(siblings::lines(on, &title, room, 5)));
            }
        }
        None if room.is_paired() => {
            let rows = on.push.plan.stages.len() + 1;
            let shown = Room { width: if room.is_wide() { 120 } else { ladder_column }, ..room };
            lines.extend(beside(
                ladder::lines(on, shown, rows),
                siblings::lines(on, "siblings", Room { width: room.width - ladder_column, ..room }, rows),
                ladder_column,
            ));
            lines.push(Line::new());
            lines.extend(signals::lines(on, room, if room.is_wide() { 8 } else { 3 }));
        }
        None => lines.extend(indented(siblings::lines(on, "siblings", room, 5))),
    }
    lines.push(Line::new());
    let more = contents::lines(on, room, room.height.saturating_sub(lines.len()).min(6));
    if room.is_paired() && room.height >= lines.len() + 3 {
        let so_far = contents::so_far(on, panel, 6);
        lines.extend(beside(indented(more), so_far, column));
    }
    lines.truncate(room.height);
    lines
}

/// How long it took from asking to its end, and what it cost.
fn outcome(on: On<'_>, room: Room) -> Line {
    let end = match on.push.course {
        Course::Converged { at } | Course::RolledBack { at, .. } | Course::Replaced { at, .. } => at,
        _ => EngineTime::default(),
    };
    let asked = clock(on.moment, on.push.plan.requested);
    let text = format!(
        "{asked}–{}, {}; harm {}; {} requests met it",
        clock(on.moment, end),
        end.since(on.push.plan.requested),
        exposed::harmed(on.push).1,
        people(on.push.harm.requests)
    );
    head::sentence("Took", &text, Role::Text, room)
}
