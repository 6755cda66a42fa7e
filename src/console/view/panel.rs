//! Panels that several screens show of a push: its gate, who is exposed, the way back, what is in it. Each is lines of a given width,
//! what is not good first.

use std::collections::BTreeSet;

use crate::console::model::words::{grouped, people};
use crate::console::theme::{Glyph, Role};
use crate::domain::exposure::{self, Exposure};
use crate::domain::fleet::Fleet;
use crate::domain::push::Push;
use crate::domain::requirement::{self, Requirement, RequirementState};
use crate::domain::rollback::{RollbackStep, StepKind};
use crate::domain::share::Share;
use crate::domain::time::EngineTime;

use super::line::{Line, wrap};
use super::mark;

/// Which part of a panel is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// Cells across.
    pub width: usize,
    /// Rows down. What is met folds first, then the ends of sentences.
    pub height: usize,
}

/// `Before 33 %: 3 of 7 met`, then what is not met with its reason, then what is met in one line.
pub fn gate(fleet: &Fleet, push: &Push, now: EngineTime, extent: Extent) -> Vec<Line> {
    let all = requirement::of_gate(fleet, push, now);
    let (met, open): (Vec<_>, Vec<_>) = all.iter().partition(|found| found.state == RequirementState::Met);
    let before = push.next_stage().map_or("the end", |next| next.name.as_str());
    let mut lines = vec![Line::of(Role::Heading, format!("Before {before}: {} of {} met", met.len(), all.len()))];
    if all.is_empty() {
        return vec![Line::of(Role::Heading, "Nothing is waited for")];
    }
    let wraps = open.len() + 3 <= extent.height;
    for found in &open {
        lines.extend(requirement(found, extent.width, wraps));
    }
    if !met.is_empty() {
        let names: Vec<_> = met.iter().map(|found| found.kind.to_string()).collect();
        lines.extend(listed(Glyph::Met, Role::Dim, &names.join(", "), extent.width, wraps));
    }
    lines
}

fn requirement(found: &Requirement, width: usize, wraps: bool) -> Vec<Line> {
    let (glyph, role) = mark::of_requirement(found.state);
    let room = width.saturating_sub(12);
    let mut texts = if wraps { wrap(&found.why, room) } else { vec![found.why.clone()] }.into_iter();
    let head = Line::of(role, format!("{} {}", glyph.symbol(), found.kind)).at(12);
    let mut lines = vec![head.then(Role::Text, texts.next().unwrap_or_default()).cut(width)];
    lines.extend(texts.map(|text| Line::new().at(12).then(Role::Text, text)));
    lines
}

fn listed(glyph: Glyph, role: Role, text: &str, width: usize, wraps: bool) -> Vec<Line> {
    let mut texts = if wraps { wrap(text, width.saturating_sub(2)) } else { vec![text.to_owned()] }.into_iter();
    let mut lines = vec![Line::of(role, format!("{} {}", glyph.symbol(), texts.next().unwrap_or_default())).cut(width)];
    lines.extend(texts.map(|text| Line::new().at(2).then(role, text)));
    lines
}

/// Who is exposed now, and who would be after the next step. With `basis`, where each number comes from.
pub fn exposed(fleet: &Fleet, push: &Push, width: usize) -> Vec<Line> {
    let after = exposure::after_next(fleet, push).filter(|_| push.is_forward());
    let now = match exposure::now(fleet, push) {
        // Before the first step, and while the next is in another environment, both columns speak of the next one's.
        Some(now) => match &after {
            Some(after) if after.environment != now.environment => Some(untouched(after)),
            _ => Some(now),
        },
        None => after.as_ref().map(untouched),
    };
    let heading = match (push.next_stage(), &after) {
        (Some(next), Some(_)) => format!("after {}", next.name),
        _ => String::new(),
    };
    let of = after.as_ref().or(now.as_ref()).map_or(0, |shown| shown.of);
    let rows: [Figure<'_>; 5] = [
        ("instances on new", &|shown| format!("{} of {of}", shown.instances), "observed"),
        ("requests/s", &|shown| format!("{} {:>4}", amount(shown.rps), shown.share.to_string()), ""),
        ("users in 10 min", &|shown| users(shown.users), "declared"),
        ("cells", &cells, "observed"),
        ("budget, if broken", &|shown| shown.budget_lasts.map_or_else(|| "untouched".to_owned(), |left| left.to_string()), "SLO"),
    ];
    let mut lines = vec![columns(Role::Heading, "Exposure", "now", &heading).cut(width)];
    for (label, show, basis) in rows {
        let now = now.as_ref().map_or_else(|| "none".to_owned(), show);
        let after = after.as_ref().map(show).unwrap_or_default();
        let line = columns(Role::Text, label, &now, &after);
        let basis = if basis.is_empty() { rps_basis(fleet, push) } else { basis };
        let line = if width >= BASIS + 10 { line.at(BASIS).then(Role::Dim, basis) } else { line };
        lines.push(line.cut(width));
    }
    lines.push(harm(push).cut(width));
    lines
}

/// A row of the exposure: its label, what it shows, and where that comes from (empty: where the requests do).
type Figure<'a> = (&'static str, &'a dyn Fn(&Exposure) -> String, &'static str);

/// Where the column of the bases begins.
const BASIS: usize = 52;

fn columns(role: Role, label: &str, now: &str, after: &str) -> Line {
    Line::of(role, label).right(33, role, now).right(50, role, after)
}

fn rps_basis(fleet: &Fleet, push: &Push) -> &'static str {
    exposure::now(fleet, push).map_or("", |shown| shown.rps_basis.word())
}

fn cells(shown: &Exposure) -> String {
    let names: Vec<_> = shown.cells.iter().map(ToString::to_string).collect();
    match names.len() {
        0 => "none".to_owned(),
        1..=4 => names.join(" "),
        many => format!("{many} cells"),
    }
}

fn harm(push: &Push) -> Line {
    let harm = &push.harm;
    if harm.requests == 0 {
        return Line::of(Role::Text, "harm so far").at(22).then(Role::Dim, "no requests yet");
    }
    let (slow, failed) = (harm.slow.max(0.0).round() as u64, harm.failed.max(0.0).round() as u64);
    let per_min = harm.slow_per_min.max(0.0) + harm.failed_per_min.max(0.0);
    let rising = if per_min >= 0.05 { format!(", {per_min:.1} more a min") } else { ", not rising".to_owned() };
    let role = if slow + failed > 0 { Role::Strong } else { Role::Text };
    Line::of(Role::Text, "harm so far").at(22).then(role, format!("{} slow, {} failed{rising}", grouped(slow), grouped(failed)))
}

/// Nobody in the same place.
fn untouched(shown: &Exposure) -> Exposure {
    Exposure { instances: 0, rps: 0.0, share: Share::NONE, users: 0, cells: BTreeSet::new(), budget_lasts: None, ..shown.clone() }
}

/// People to three digits, since their number is worked out and not counted: `1,700`, `35,400`, `3.4 M`.
fn users(number: u64) -> String {
    if number < 1_000_000 { amount(number as f64) } else { people(number) }
}

/// A rate to three digits: `8.2`, `348`, `11,100`.
pub fn amount(rate: f64) -> String {
    if !rate.is_finite() || rate <= 0.0 {
        return "0".to_owned();
    }
    if rate < 10.0 && rate.fract() != 0.0 {
        return format!("{rate:.1}");
    }
    let step = 10f64.powi((rate.log10().floor() as i32 - 2).max(0));
    grouped(((rate / step).round() * step) as u64)
}

/// The steps back from here with their two times.
pub fn way_back(push: &Push, width: usize) -> Vec<Line> {
    let Some(plan) = push.way_back.as_ref().filter(|plan| !plan.steps.is_empty()) else {
        return vec![
            Line::of(Role::Heading, "If it fails"),
            Line::of(Role::Text, "  nothing is on the new version: nothing to take back"),
        ];
    };
    let mut lines = vec![Line::of(Role::Heading, "If it fails")];
    for step in &plan.steps {
        lines.push(back_step(step, plan.steps.last() == Some(step)).cut(width));
    }
    if plan.shortfall > 0 {
        lines.push(
            Line::of(Role::Bad, format!("  {} instances below what is needed while it goes back", plan.shortfall)).cut(width),
        );
    }
    lines.push(match &plan.one_way_door {
        Some(service) => Line::of(Role::Loud, format!("  ONE-WAY DOOR behind us: {service} cannot go back past it")).cut(width),
        None => Line::of(Role::Dim, "  no one-way door behind us").cut(width),
    });
    lines
}

fn back_step(step: &RollbackStep, last: bool) -> Line {
    let (name, what, milestone) = match &step.kind {
        StepKind::Stop => ("stop".to_owned(), "nobody new is exposed".to_owned(), None),
        StepKind::Drain => ("drain".to_owned(), format!("{} take no request any more", step.instances), Some("USERS SAFE")),
        StepKind::Reinstall { service, to } => (
            format!("{service} → {to}"),
            format!("{} in {} {}", step.instances, step.batches, if step.batches == 1 { "batch" } else { "batches" }),
            last.then_some("ALL BACK"),
        ),
    };
    let takes = if step.takes.is_zero() { "at once".to_owned() } else { step.takes.to_string() };
    let line = Line::of(Role::Text, format!("  {name}")).at(20).then(Role::Text, takes).at(33).then(Role::Dim, what);
    match milestone {
        Some(milestone) => line.then(Role::Strong, format!("  {milestone}")),
        None => line,
    }
}

/// What is in the releases that travel: who made them, how much, and what cannot be undone.
pub fn contents(push: &Push, width: usize) -> Vec<Line> {
    let mut lines = vec![Line::of(Role::Heading, format!("In {}", target_version(push)))];
    for part in &push.plan.moves {
        let made = &part.to;
        let size = format!("{} commits by {}", made.commits, made.people);
        let line = Line::of(Role::Text, format!("  {}", part.service)).at(16).then(Role::Text, size).at(33);
        let line = if made.one_way { line.then(Role::Loud, "ONE-WAY DOOR").then(Role::Text, " ") } else { line };
        lines.push(line.then(Role::Dim, made.notes.as_str()).cut(width));
    }
    lines
}

/// The same in a line, told of all of them together; what cannot be undone comes first.
pub fn contents_in_a_line(push: &Push) -> Line {
    let moves = &push.plan.moves;
    let commits: u32 = moves.iter().map(|part| part.to.commits).sum();
    let doors: Vec<_> = moves.iter().filter(|part| part.to.one_way).map(|part| part.service.as_str()).collect();
    let notes: Vec<_> = moves.iter().map(|part| part.to.notes.as_str()).filter(|notes| !notes.is_empty()).collect();
    let line = Line::of(Role::Heading, format!("In {}", target_version(push))).then(Role::Text, "  ");
    let line = if doors.is_empty() {
        line
    } else {
        line.then(Role::Loud, format!("ONE-WAY DOOR: {}", doors.join(", "))).then(Role::Text, "  ")
    };
    line.then(Role::Text, format!("{commits} commits: {}", notes.join("; ")))
}

fn target_version(push: &Push) -> String {
    match push.plan.moves.first() {
        Some(first) if push.plan.moves.iter().all(|part| part.to.version == first.to.version) => first.to.version.to_string(),
        _ => "it".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_have_three_digits() {
        assert_eq!(amount(0.0), "0");
        assert_eq!(amount(f64::NAN), "0");
        assert_eq!(amount(8.2), "8.2");
        assert_eq!(amount(348.4), "348");
        assert_eq!(amount(11_111.0), "11,100");
        assert_eq!(amount(28_361.0), "28,400");
    }

    #[test]
    fn figures_stand_in_columns() {
        let line = columns(Role::Text, "users in 10 min", "3.4 M", "4.0 M").text();
        assert_eq!(line, "users in 10 min              3.4 M            4.0 M");
    }
}
