//! What is in the releases that travel, and what people did to this push so far.

use crate::console::theme::Role;
use crate::domain::alert::Alert;
use crate::domain::push::Course;

use super::super::line::{Line, keep, keep_and_count};
use super::words::{clock, counted, new_version};
use super::{On, Room};

/// Service by service: how much, by how many, and what it says of itself.
pub(in crate::console::view) fn lines(on: On<'_>, room: Room, rows: usize) -> Vec<Line> {
    let moves = &on.push.plan.moves;
    let commits: u32 = moves.iter().map(|part| part.to.commits).sum();
    let mut lines = vec![Line::of(Role::Heading, format!("In {}: {}", new_version(on.push), counted(commits, "commit")))];
    for part in moves {
        let made = &part.to;
        let people = if made.people == 1 { "1 person".to_owned() } else { format!("{} people", made.people) };
        let line =
            Line::of(Role::Text, format!("  {}", part.service)).at(12).then(Role::Text, format!("{} by {people}", made.commits));
        let line = line.at(28);
        let line = if made.one_way.is_some() { line.then(Role::Loud, "ONE-WAY DOOR").then(Role::Text, " ") } else { line };
        lines.push(line.then(Role::Dim, made.told()).cut(room.width));
    }
    keep_and_count(&mut lines, rows, |more| Line::of(Role::Dim, format!("  +{}", counted(more as u32, "service"))));
    lines
}

/// The same in a line, told of all of them together; what cannot be undone comes first.
pub(in crate::console::view) fn in_a_line(on: On<'_>, room: Room) -> Line {
    let moves = &on.push.plan.moves;
    let commits: u32 = moves.iter().map(|part| part.to.commits).sum();
    let doors: Vec<_> = moves.iter().filter(|part| part.to.one_way.is_some()).map(|part| part.service.as_str()).collect();
    let notes: Vec<_> = moves.iter().map(|part| part.to.told()).filter(|notes| !notes.is_empty()).collect();
    let line = Line::of(Role::Heading, format!(" In {}", new_version(on.push))).then(Role::Text, "  ");
    let doors = (!doors.is_empty()).then(|| format!("ONE-WAY DOOR: {}", doors.join(", ")));
    let gap = if doors.is_some() { "  " } else { "" };
    let text = format!("{gap}{}: {}", counted(commits, "commit"), notes.join("; "));
    line.maybe(Role::Loud, doors).then(Role::Text, text).cut(room.width)
}

/// Who asked, stopped, agreed, refused, and which alerts are up on its services.
pub(in crate::console::view) fn so_far(on: On<'_>, room: Room, rows: usize) -> Vec<Line> {
    let push = on.push;
    let mut lines = vec![Line::of(Role::Heading, "So far")];
    let mut told = |at, text: String, role| {
        lines.push(Line::of(Role::Text, format!("  {}", clock(on.moment, at))).at(9).then(role, text).cut(room.width));
    };
    told(push.plan.requested, format!("asked for by {}", push.plan.requested_by), Role::Text);
    if let Some(stage) = push.stage() {
        told(push.cursor.entered, format!("{} entered", stage.name), Role::Text);
        if let Some(arrived) = push.cursor.arrived {
            told(arrived, format!("{} of {} arrived", counted(stage.granted(), "instance"), stage.name), Role::Text);
        }
    }
    for approval in &push.approvals {
        told(approval.at, format!("{} said yes", approval.by), Role::Text);
    }
    for hold in &push.holds {
        let why = hold.reason.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
        told(hold.since, format!("stopped by {}{why}", hold.holder()), Role::Strong);
    }
    if let Some(rejection) = &push.rejection {
        let why = rejection.reason.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
        told(rejection.at, format!("rejected by {}{why}", rejection.by), Role::Strong);
    }
    if let Some(rollback) = push.course.rollback() {
        told(rollback.decided, "the way back was decided".to_owned(), Role::Strong);
        if let Some(safe) = rollback.users_safe {
            told(safe, "users safe".to_owned(), Role::Good);
        }
        if let Course::RolledBack { at, .. } = push.course {
            told(at, "all back".to_owned(), Role::Text);
        }
        if let Course::RollbackFailed { at, .. } = push.course {
            told(at, "given up on".to_owned(), Role::Bad);
        }
    }
    if let Course::Converged { at } = push.course {
        told(at, "converged".to_owned(), Role::Good);
    }
    if let Course::Replaced { at, .. } = push.course {
        told(at, "replaced by a newer push".to_owned(), Role::Text);
    }
    if let Some(fix) = &push.fix {
        told(fix.at, format!("{} put a fix in its place", fix.by), Role::Strong);
    }
    if let Some(seen) = &push.acknowledged {
        told(seen.at, format!("{} has seen how it ended", seen.by), Role::Text);
    }
    for alert in on.fleet.alerts().filter(|alert| push.move_of(&alert.slice.service).is_some()) {
        told(alert.since, alerted(alert), Role::Bad);
    }
    // What was written on it stays, whatever else has to fold.
    let notes: Vec<_> = push.notes.iter().filter(|note| note.struck.is_none()).collect();
    keep(&mut lines, rows.saturating_sub(notes.len()).max(1));
    for note in notes {
        let text = format!("note by {}: {}", note.by, note.text);
        lines.push(Line::of(Role::Text, format!("  {}", clock(on.moment, note.at))).at(9).then(Role::Strong, text).cut(room.width));
    }
    keep(&mut lines, rows);
    lines
}

fn alerted(alert: &Alert) -> String {
    let metric = alert.slice.metric;
    format!(
        "alert: {metric} of {} {} in {} at {}",
        alert.slice.service,
        alert.slice.version,
        alert.slice.cell,
        metric.against(alert.value, alert.limit)
    )
}
