//! Who would meet the new version if a step were taken, in the lines of a dialog.

use crate::console::model::dialog::Line;
use crate::console::model::timeline::Tone;
use crate::console::model::words;
use crate::domain::exposure::{self, Basis, Exposure};
use crate::domain::fleet::Fleet;
use crate::domain::push::Push;

use super::line;

/// Who is exposed now, and who would be. Bases and environments are never mixed: before the first step in an environment nobody there
/// is exposed.
fn now_and_next(fleet: &Fleet, push: &Push) -> Option<(Option<Exposure>, Exposure)> {
    let next = exposure::after_next(fleet, push)?;
    Some((exposure::now(fleet, push).filter(|now| now.environment == next.environment), next))
}

fn count(found: Option<&Exposure>) -> u32 {
    found.map_or(0, |found| found.instances)
}

fn rps(found: Option<&Exposure>) -> String {
    found.map_or_else(|| "0".to_owned(), |found| format!("{} ({})", words::rate(found.rps), found.share))
}

fn users(found: Option<&Exposure>) -> String {
    words::people(found.map_or(0, |found| found.users))
}

fn lasts(found: Option<&Exposure>) -> String {
    found.and_then(|found| found.budget_lasts).map_or_else(|| "untouched".to_owned(), |lasts| lasts.to_string())
}

pub(super) fn in_full(fleet: &Fleet, push: &Push) -> Vec<Line> {
    let Some((now, next)) = now_and_next(fleet, push) else { return Vec::new() };
    let now = now.as_ref();
    let exposed = format!(
        "Exposed: instances {} → {} of {}; requests/s {} → {}, {}; users in 10 min {} → {}.",
        count(now),
        next.instances,
        next.of,
        rps(now),
        rps(Some(&next)),
        next.rps_basis.word(),
        users(now),
        users(Some(&next))
    );
    let budget = format!("Error budget, if it is broken, lasts: {} → {}.", lasts(now), lasts(Some(&next)));
    vec![line(Tone::Plain, exposed), line(Tone::Plain, budget)]
}

pub(super) fn in_brief(fleet: &Fleet, push: &Push) -> Vec<Line> {
    let Some((now, next)) = now_and_next(fleet, push) else { return Vec::new() };
    let (now, after) = (now.as_ref(), Some(&next));
    let of = next.of;
    let basis = if next.rps_basis == Basis::Measured { String::new() } else { format!(", {}", next.rps_basis.word()) };
    let before = now.and_then(|now| now.budget_lasts).map(|lasts| format!("{lasts} → ")).unwrap_or_default();
    let budget = format!("{before}{}", lasts(after));
    vec![
        line(
            Tone::Plain,
            format!("Instances {} → {} of {of}; users in 10 min {} → {}.", count(now), count(after), users(now), users(after)),
        ),
        line(Tone::Plain, format!("Requests/s {} → {}{basis}; budget if broken {budget}.", rps(now), rps(after))),
    ]
}
