//! Who is exposed, now and after the next step, and what it has cost.

use crate::console::theme::Role;
use crate::domain::exposure::{self, Exposure};
use crate::domain::id::CellId;
use crate::domain::push::Push;

use super::super::line::Line;
use super::words::{cells, grouped, new_version, people, rate};
use super::{On, Room};

/// How a figure is said of an exposure.
type Figure<'a> = &'a dyn Fn(&Exposure) -> String;

/// The panel, in at most so many rows.
pub(in crate::console::view) fn lines(on: On<'_>, room: Room, rows: usize) -> Vec<Line> {
    // A fix that is tested in an earlier environment leaves users where they are: what is spoken of is where it comes back to.
    let next = on.push.resumes().or_else(|| on.push.next_stage()).filter(|_| on.push.is_forward());
    let after = next.map(|stage| exposure::of_stage(on.fleet, on.push, stage));
    let now = exposure::now(on.fleet, on.push);
    // While the next step is in another environment, both columns speak of that one: nobody there meets the new version yet.
    let elsewhere = now.as_ref().zip(after.as_ref()).is_some_and(|(now, after)| now.environment != after.environment);
    let now = now.filter(|_| !elsewhere);
    let wide = room.width >= 60;
    let (first, second) = if wide { (32, 47) } else { (28, 41) };
    let heading = next.map(|next| format!("at {}", next.name)).unwrap_or_default();
    let head = Line::of(Role::Heading, "Exposure").right(first, Role::Heading, "now").right(second, Role::Heading, heading);
    let mut lines = vec![if wide { head.at(50).then(Role::Heading, "basis") } else { head }];
    let basis = after.as_ref().or(now.as_ref()).map_or("", |shown| shown.rps_basis.word());
    let sticky = on.fleet.declaration().group(&on.push.plan.group).is_some_and(|group| group.sticky);
    let version = new_version(on.push);
    let label = format!("instances on {version}");
    let order = cells(on.fleet, on.push);
    let figures: [(&str, Figure<'_>, &str); 5] = [
        (&label, &|shown| grouped(shown.instances.into()), "observed"),
        ("requests/s", &requests, basis),
        ("users in 10 min", &|shown| people(shown.users), if sticky { "declared, sticky" } else { "declared, unsticky" }),
        ("budget if broken", &|shown| shown.budget_lasts.map_or_else(|| "untouched".to_owned(), |left| left.to_string()), "SLO"),
        ("cells", &|shown| in_order(shown, &order), "observed"),
    ];
    for (label, figure, basis) in figures {
        let first_text = now.as_ref().map_or_else(|| "none".to_owned(), figure);
        let line = Line::of(Role::Text, label).right(first, Role::Text, first_text);
        let line = line.right(second, Role::Text, after.as_ref().map(figure).unwrap_or_default());
        lines.push(if wide { line.at(50).then(Role::Dim, basis) } else { line });
    }
    let over = lines.split_off(lines.len().min(rows.saturating_sub(1)));
    lines.push(harm(on.push, "harm so far").cut(room.width).standing_for_all(over));
    lines
}

/// Everything in one row, where there is no room for columns.
pub(super) fn in_a_line(on: On<'_>, room: Room) -> Line {
    let version = new_version(on.push);
    let text = exposure::now(on.fleet, on.push).map_or_else(
        || "nobody yet".to_owned(),
        |now| format!("{} on {version}, {} requests/s {}, {} users", now.instances, rate(now.rps), now.share, people(now.users)),
    );
    super::head::sentence("Meet", &text, Role::Text, room)
}

fn requests(shown: &Exposure) -> String {
    if shown.rps > 0.0 { format!("{} {}", rate(shown.rps), shown.share) } else { "none".to_owned() }
}

/// The cells that take part, in the order declared; those of another environment in their own.
fn in_order(shown: &Exposure, order: &[CellId]) -> String {
    let known = order.iter().filter(|cell| shown.cells.contains(*cell));
    let others = shown.cells.iter().filter(|cell| !order.contains(cell));
    let names: Vec<_> = known.chain(others).map(ToString::to_string).collect();
    match names.len() {
        0 => "none".to_owned(),
        1..=3 => names.join(" "),
        many => format!("{many} cells"),
    }
}

/// `harm so far   15 slow, 0 failed, +0.4 a min`
pub(in crate::console::view) fn harm(push: &Push, label: &str) -> Line {
    let (role, text) = harmed(push);
    Line::of(Role::Text, format!("{label}  ")).then(role, text)
}

/// What the new version has cost users, in words.
pub(in crate::console::view) fn harmed(push: &Push) -> (Role, String) {
    let harm = &push.harm;
    if harm.requests == 0 {
        let text = if push.is_open() { "not counted yet" } else { "none: no request was counted on the new version" };
        return (Role::Dim, text.to_owned());
    }
    if harm.is_within_chance() {
        let text = format!("none beyond chance: {} failed as usual", grouped(harm.usual_failed.round() as u64));
        return (Role::Text, text);
    }
    let (slow, failed) = (harm.slow.max(0.0).round() as u64, harm.failed.max(0.0).round() as u64);
    let per_min = harm.slow_per_min.max(0.0) + harm.failed_per_min.max(0.0);
    // The rate is of the last minute; where no request meets the new version any more it is over.
    let safe = push.course.rollback().is_some_and(|rollback| rollback.users_safe.is_some());
    let rising = if per_min >= 0.05 && push.is_open() && !safe { format!(", +{per_min:.1} a min") } else { String::new() };
    let role = if slow + failed > 0 { Role::Strong } else { Role::Text };
    (role, format!("{} slow, {} failed{rising}", grouped(slow), grouped(failed)))
}
