//! A push that is over: who, when, how long, and what it cost.

use crate::console::theme::Role;
use crate::domain::card::{Card, Return};

use super::super::line::{Line, keep};
use super::words::{clock, new_version, people};
use super::{On, Room, beside, contents, everybody, exposed, gate, head, indented, ladder, returning, siblings, signals, steps};

/// The screen of a push that has converged or gone back.
pub(super) fn lines(on: On<'_>, room: Room) -> Vec<Line> {
    let mut lines = vec![head::title(on, room)];
    if let Some(rollback) = on.push.course.rollback() {
        lines.push(returning::users(on, rollback, room));
    }
    lines.extend(head::sentences(on, room, 3));
    lines.extend(account(on, room));
    lines.extend(gate::exceptions(on, room, room.height / 4));
    if room.height >= 18 {
        lines.push(Line::new());
    }
    let column = returning::second_panel(room);
    let ladder_column = if room.is_roomy() { 92 } else { 38 };
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
            let shown = Room { width: if room.is_roomy() { 120 } else { ladder_column }, ..room };
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
    keep(&mut lines, room.height);
    lines
}

/// How long it took from asking to its end, what it cost, and how long it took to see, to decide and to recover.
fn account(on: On<'_>, room: Room) -> Vec<Line> {
    let Some(card) = Card::of(on.fleet, on.push) else { return Vec::new() };
    let (asked, ended) = (clock(on.moment, card.asked), clock(on.moment, card.ended));
    let each: Vec<String> = card.environments.iter().map(|(environment, took)| format!("{environment} {took}")).collect();
    let each = if each.is_empty() { String::new() } else { format!(" ({})", each.join(", ")) };
    let took = format!("{asked}–{ended}, {}{each}", card.ended.since(card.asked));
    let mut lines = vec![head::sentence("Took", &took, Role::Text, room)];
    let burned = card.budget.filter(|_| card.requests > 0 && !card.is_within_chance).map(|share| {
        let percent = share * 100.0;
        if percent < 0.01 { ", under 0.01 % of the budget".to_owned() } else { format!(", about {percent:.2} % of the budget") }
    });
    let cost = format!("{}{}; {} requests met it", exposed::harmed(on.push).1, burned.unwrap_or_default(), people(card.requests));
    lines.push(head::sentence("Harm", &cost, Role::Text, room));
    lines.extend(card.back.as_ref().map(|back| head::sentence("Back", &times(back), Role::Text, room)));
    let nobody = if card.calls.called > 0 && !card.calls_somebody { "; nobody is configured to be called" } else { "" };
    lines.push(head::sentence("Calls", &format!("{}{nobody}", card.calls.words()), Role::Text, room));
    lines.extend(head::flags(on, room));
    lines
}

/// `seen after 20 s (errors of blob crossed its limit in ap); decided after 0 s by itself; users safe after 2 s, all back after 1 min`.
fn times(back: &Return) -> String {
    let seen = match (&back.sign, back.detect) {
        (Some(sign), Some(detect)) => format!("seen after {detect} ({})", sign.of.words()),
        _ => "no sign before it".to_owned(),
    };
    let by = back.by.as_ref().map_or_else(|| "by itself".to_owned(), |by| format!("by {by}"));
    let decided = back.decide.map_or_else(|| format!("decided {by}"), |decide| format!("decided {by} after {decide}"));
    let safe = back.users_safe.map(|safe| format!("users safe after {safe}, ")).unwrap_or_default();
    format!("{seen}; {decided}; {safe}all back after {}", back.all_back)
}
