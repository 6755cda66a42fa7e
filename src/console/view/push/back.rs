//! The way back from here: what starts it by itself, its steps, and its two milestones.

use crate::console::model::words::{batches, steps, takes};
use crate::console::theme::{Glyph, Role};
use crate::domain::environment::Environment;
use crate::domain::explain::blue_kept;
use crate::domain::metric::Metric;
use crate::domain::push::Push;
use crate::domain::rollback::{RollbackStep, StepKind};
use crate::domain::stage::PlannedStage;

use super::super::line::{Line, keep};
use super::words::{clock, counted, listed, naming, old_version};
use super::{On, Room};

/// Why there are no steps. Until the engine has said which, nobody knows that there are none.
fn without_steps(push: &Push) -> &'static str {
    if push.way_back.is_none() && push.cursor.furthest.is_some() {
        "its steps are being worked out; r takes it back all the same"
    } else {
        "nothing is on the new version: there is nothing to take back"
    }
}

/// In one row: what `r` would do now.
pub(super) fn in_a_line(on: On<'_>, room: Room) -> Line {
    let Some(plan) = on.push.way_back.as_ref().filter(|plan| !plan.steps.is_empty()) else {
        return super::head::sentence("Back", without_steps(on.push), Role::Text, room);
    };
    if let Some(barred) = plan.barred.first() {
        let text = format!("ONE-WAY DOOR, instead: {}. {}", barred.instead, barred.why);
        return super::head::sentence("Back", &text, Role::Loud, room);
    }
    let door = plan.next_door.as_ref().map(|door| format!(" Next one-way door: {}, {}.", door.service, door.stage));
    let door = door.unwrap_or_default();
    let short = if plan.shortfall > 0 {
        format!(" {} short of what is needed.", counted(plan.shortfall, "instance"))
    } else {
        String::new()
    };
    let (safe, all) = (plan.users_safe, clock(on.moment, on.moment.now + plan.all_old));
    let safe = if safe.is_zero() { "no user meets it".to_owned() } else { format!("users safe after {safe}") };
    let told = |flags: String| {
        let times = match &plan.kept {
            Some(kept) => format!("back at once, {safe}; {}", blue_kept(kept, on.moment)),
            None => format!("{safe}, all on {} by {all}", old_version(on.push)),
        };
        let text = format!("r now: {flags}{times}.{door}{short}");
        Line::of(Role::Heading, " Back").at(7).then(Role::Text, text)
    };
    let whole = told(plan.flags_first());
    let line = if whole.width() > room.width { told(plan.flags_briefly()).cut(room.width) } else { whole };
    let own = "  By itself beyond a limit.";
    if line.width() + own.len() < room.width { line.then(Role::Dim, own) } else { line }
}

/// The steps with their times, in at most so many rows.
pub(in crate::console::view) fn lines(on: On<'_>, room: Room, rows: usize) -> Vec<Line> {
    let mut lines = vec![Line::of(Role::Heading, " If it fails")];
    lines.push(by_itself(on, room));
    let plan = on.push.way_back.as_ref().filter(|plan| !plan.steps.is_empty());
    match plan {
        Some(plan) if !plan.barred.is_empty() => {
            lines.extend(
                plan.barred
                    .iter()
                    .map(|barred| Line::of(Role::Loud, format!("   ONE-WAY DOOR behind us: {}", barred.why)).cut(room.width)),
            );
            let instead = plan.barred.first().map(|barred| barred.instead.as_str()).unwrap_or_default();
            lines.push(Line::of(Role::Text, format!("   it does not go back; instead: {instead}")).cut(room.width));
        }
        None => lines.push(Line::of(Role::Text, format!("   {}", without_steps(on.push)))),
        Some(plan) => {
            let by_hand = match &plan.kept {
                Some(kept) => format!("   by hand: r, back at once; {}", blue_kept(kept, on.moment)),
                None => "   by hand: r, in this order; or R fast, all at once, without the reserve".to_owned(),
            };
            lines.push(Line::of(Role::Text, by_hand).cut(room.width));
            let last = steps(plan).last();
            for step in steps(plan) {
                let milestone = match step.kind {
                    StepKind::Drain => Some("USERS SAFE".to_owned()),
                    _ if last == Some(step) => Some(format!("ALL ON {}", old_version(on.push))),
                    _ => None,
                };
                lines.push(line(on, step, milestone, room).cut(room.width));
            }
            let all = clock(on.moment, on.moment.now + plan.all_old);
            let safe = if plan.users_safe.is_zero() {
                "no user meets it now".to_owned()
            } else {
                format!("users safe after {}", plan.users_safe)
            };
            let (first, old) = (plan.flags_first(), old_version(on.push));
            let times = format!("   {first}{safe}, all on {old} in {}, about {all}", plan.all_old);
            lines.push(Line::of(Role::Text, times).cut(room.width));
            if plan.shortfall > 0 {
                let text = format!("   {} below what is needed while it goes back", counted(plan.shortfall, "instance"));
                lines.push(Line::of(Role::Bad, text).cut(room.width));
            }
            lines.push(match &plan.next_door {
                Some(door) => {
                    let text =
                        format!("   no one-way door behind us; the next is {} {}, {}", door.service, door.version, door.stage);
                    Line::of(Role::Text, text).cut(room.width)
                }
                None => Line::of(Role::Dim, "   no one-way door behind us"),
            });
        }
    }
    keep(&mut lines, rows);
    lines
}

/// What takes it back without anybody.
fn by_itself(on: On<'_>, room: Room) -> Line {
    let worse = if on.push.stage().is_some_and(|stage| stage.evidence.is_some()) { ", evidence that it is worse" } else { "" };
    let has_users =
        |stage: &PlannedStage| on.fleet.declaration().environment(&stage.environment).is_some_and(Environment::has_users);
    let burns = if on.push.stage().is_some_and(has_users) { ", budget burn 14×" } else { "" };
    let cells = room.width.saturating_sub(55 + worse.len() + burns.len());
    let limited = |metric: &Metric| on.push.plan.moves.iter().any(|part| on.fleet.threshold(&part.service, *metric).is_some());
    let metrics: Vec<_> = Metric::ALL.into_iter().filter(limited).map(|metric| metric.word().to_owned()).collect();
    let limits = if metrics.is_empty() { String::new() } else { format!(", beyond a limit of {}", listed(&metrics, cells)) };
    let line = Line::of(Role::Text, format!("   by itself: on a crash loop, late arrival{worse}{burns}{limits}")).cut(room.width);
    naming(line, &metrics, cells)
}

fn line(on: On<'_>, step: &RollbackStep, milestone: Option<String>, room: Room) -> Line {
    let batches = || batches(step).unwrap_or_default();
    let tried = |flag| on.fleet.flag_tried_words(flag, on.moment);
    let covers = |flag| on.fleet.flag(flag).map(|(flag, _)| format!("covers {}; ", flag.covers)).unwrap_or_default();
    let (name, what) = match &step.kind {
        StepKind::Stop => ("stop".to_owned(), "nobody new is exposed".to_owned()),
        StepKind::FlagOff { flag } => (format!("flag {flag} off"), format!("{}{}", covers(flag), tried(flag))),
        StepKind::Drain => ("drain".to_owned(), format!("{} take no request any more", counted(step.instances, "instance"))),
        StepKind::SwitchBack { service, to } => {
            let what = format!("{}, blue is warm: nothing is installed", batches());
            (format!("{service} {} {to}", Glyph::Arrow.symbol()), what)
        }
        StepKind::Reinstall { service, to } => (format!("{service} {} {to}", Glyph::Arrow.symbol()), batches()),
    };
    let untried = matches!(&step.kind, StepKind::FlagOff { flag } if on.fleet.flag_tried(flag).is_none());
    let loud = if untried { Role::Bad } else { Role::Dim };
    let line = Line::of(Role::Text, format!("   {name}")).at(22).then(Role::Text, takes(step)).at(34).then(loud, what);
    match milestone {
        Some(milestone) => line.at(room.width.saturating_sub(14).min(74)).then(Role::Strong, milestone),
        None => line,
    }
}
