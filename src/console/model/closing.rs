//! When an environment closes next.

use crate::domain::schedule::{Closure, Opening};
use crate::domain::time::{EngineTime, Period};

use super::Model;

/// How far ahead a closing is told of.
const TOLD_AHEAD: Period = Period::from_mins(24 * 60);

/// `freeze in 1 h 28 min, Fri 16:00 to Mon 09:00`, and the same in fewer words; nothing where nothing closes within a day. Of several
/// environments that which closes first.
pub(super) fn closing(model: &Model) -> Vec<String> {
    let (fleet, moment) = (model.fleet(), model.moment());
    let now = moment.now;
    let declared = fleet.declaration();
    let schedules = declared.environments.iter().map(|environment| (&environment.id, declared.schedule(&environment.id, None)));
    let first = schedules
        .filter_map(|(id, schedule)| match schedule.at(now) {
            Opening::Shut(shut) => Some((now, id, shut.by, shut.opens)),
            Opening::Open { closes: Some((at, by)) } if now.until(at) <= TOLD_AHEAD => Some((at, id, by, schedule.opens(at))),
            Opening::Open { .. } => None,
        })
        .min_by_key(|(at, ..)| *at);
    let Some((at, environment, by, opens)) = first else { return Vec::new() };
    let day = |at: EngineTime| at.format(&moment.zone, "%a %H:%M");
    let until = opens.map_or_else(|| "for good".to_owned(), |opens| format!("until {}", day(opens)));
    if at == now {
        let word = if by == Closure::Window { "closed" } else { "frozen" };
        return vec![format!("{environment} {word} {until}"), format!("{word} {until}"), word.to_owned()];
    }
    let word = if by == Closure::Window { "window ends" } else { "freeze" };
    let short = format!("{word} in {}", now.until(at));
    let to = opens.map(|opens| format!("{} to {}", day(at), day(opens))).unwrap_or_default();
    vec![format!("{short}, {to}"), short]
}
