//! Pages that turn by themselves while watching: the fleet, then the pushes that matter most.

use crate::console::keymap::Access;
use crate::domain::id::PushId;
use crate::domain::push::Push;
use crate::domain::status;
use crate::domain::time::ConsoleTime;
use crate::settings::Motion;

use super::screen::Screen;
use super::{Model, fleet_rows, travel};

/// How many pushes take a turn.
const PUSHES: usize = 3;

/// Turns the page if it is time.
pub(super) fn turn(model: &mut Model) {
    let Some(at) = due(model) else { return };
    if model.console_now < at {
        return;
    }
    model.turned = model.console_now;
    // Nobody looks at the past any more: a wall shows what is.
    if travel::is_past(model) {
        travel::to_now(model);
        return;
    }
    let pushes = pushes(model);
    let next = match (model.place.screen, model.place.push) {
        (Screen::Push, Some(shown)) => pushes.iter().position(|push| *push == shown).and_then(|at| pushes.get(at + 1)),
        (Screen::Push, None) => None,
        _ => pushes.first(),
    };
    match next {
        Some(push) => {
            model.place.push = Some(*push);
            model.place.screen = Screen::Push;
        }
        None => model.place.screen = Screen::Fleet,
    }
}

/// When the page turns next; `None` where pages stay.
pub(super) fn due(model: &Model) -> Option<ConsoleTime> {
    let cycle =
        model.setup.cycle.filter(|cycle| model.access() == Access::Watch && !cycle.is_zero() && model.motion() == Motion::Full)?;
    Some(model.turned + cycle)
}

/// The pushes that matter most, worst first.
fn pushes(model: &Model) -> Vec<PushId> {
    let mut shown: Vec<_> = model.fleet.pushes().filter(|push| fleet_rows::is_shown(push)).collect();
    shown.sort_by_key(|push| status::of_push(&model.fleet, push, model.now()));
    shown.into_iter().take(PUSHES).map(Push::id).collect()
}
