//! How events change the model. Keys go to what lies on top: an overlay, else the screen.

mod outcomes;
mod overlays;
mod screen;

use crate::console::keymap::{Access, Action, Key, Place};

use super::event::{Effect, Event};
use super::overlay::Overlay;
use super::toast::{Toast, ToastKind};
use super::{
    Model, act, columns, filter, hearing, instances, looked, pages, place, pointing, replay, setup, signal_place, standing, travel,
    turning,
};

pub(super) use screen::open;

/// Rows of a page, for the page keys.
const PAGE: isize = 10;

/// Takes an event in. What the runtime is to do follows, in order.
pub fn update(model: &mut Model, event: Event) -> Vec<Effect> {
    let effects = match event {
        Event::Key { key, repeat, at, chance } => {
            hearing::wall(model, at);
            pressed(model, key, repeat, (at, &chance))
        }
        Event::Paste { text, at } => {
            hearing::wall(model, at);
            paste(model, &text);
            Vec::new()
        }
        other => {
            happened(model, other);
            Vec::new()
        }
    };
    settle(model);
    effects
}

fn happened(model: &mut Model, event: Event) {
    match event {
        Event::Resize { width, height } => {
            model.setup.size = (width, height);
            for overlay in &mut model.place.overlays {
                if let Overlay::Confirm(dialog) = overlay {
                    dialog.resized((width, height));
                }
            }
        }
        Event::Pointed { what, at } => {
            hearing::wall(model, at);
            pointing::pointed(model, what, at);
        }
        Event::Preferred(preferred) => {
            let setup::Preferences { zone, keymap, motion, columns } = preferred;
            columns::prefer(model, columns);
            model.past_keymap = keymap.of_the_past();
            (model.setup.zone, model.setup.keymap, model.setup.motion) = (zone, keymap, motion);
            // Rows hold clock times.
            model.rows.of = None;
        }
        Event::Snapshot(fleet) => hearing::snapshot(model, fleet),
        Event::Past(history) => hearing::past(model, history),
        Event::Changes(changes) => hearing::changes(model, changes),
        Event::Readings(batch) => travel::readings(model, &batch),
        Event::Recorded { changes, batches } => replay::recorded(model, changes, &batches),
        Event::Heartbeat { at, seq, heard } => hearing::heartbeat(model, at, seq, heard),
        Event::Ended { why } => model.hearing.ended = Some(why),
        Event::Answered { id, outcome, at } => {
            hearing::wall(model, at);
            outcomes::answered(model, id, &outcome);
        }
        Event::Instances { placement, told } => signal_place::told(model, &placement, told),
        Event::Tick { at } => {
            hearing::wall(model, at);
            replay::advance(model);
            turning::turn(model);
        }
        Event::Drawn { at, cuts } => {
            model.cuts = cuts;
            if let Some(Overlay::Confirm(dialog)) = model.place.overlays.last_mut() {
                dialog.arming.drawn(at);
            }
        }
        Event::Notice { text } => model.toast = Some(Toast { text, kind: ToastKind::Note, since: model.console_now }),
        Event::Key { .. } | Event::Paste { .. } => {}
    }
}

/// Brings everything that follows from facts, place and time up to date.
fn settle(model: &mut Model) {
    model.refresh();
    columns::notice(model);
    turning::interrupt(model);
    place::settle(model);
    model.refresh_signals();
    outcomes::settle(model);
    instances::settle(model);
    pages::settle(model);
    standing::recheck(model);
    if model.toast.as_ref().and_then(Toast::until).is_some_and(|until| until <= model.console_now) {
        model.toast = None;
    }
}

fn paste(model: &mut Model, text: &str) {
    if model.setup.kiosk {
        return;
    }
    filter::paste(model, text);
    if let Some(Overlay::Confirm(dialog)) = model.place.overlays.last_mut()
        && let Some(reason) = dialog.reason.as_mut().filter(|reason| reason.focused)
    {
        reason.add(text);
    }
}

fn pressed(model: &mut Model, key: Key, repeat: bool, struck: act::Struck<'_>) -> Vec<Effect> {
    if model.setup.kiosk {
        return Vec::new();
    }
    // A page that somebody reads does not turn under their eyes.
    model.turning.touch(struck.0);
    looked::note(model);
    match model.place.overlays.last() {
        Some(Overlay::Confirm(_)) => overlays::in_dialog(model, key, repeat, struck),
        Some(Overlay::Which(_)) => overlays::in_list(model, key, repeat, struck),
        Some(Overlay::Help { .. } | Overlay::Explain(_)) => overlays::in_pages(model, key, repeat, struck),
        Some(Overlay::Instances(_)) => overlays::in_strip(model, key, repeat, struck),
        Some(Overlay::Palette(_)) => overlays::in_palette(model, key, repeat, struck),
        Some(Overlay::Columns(_)) => overlays::in_columns(model, key, repeat, struck),
        Some(Overlay::Filter(_)) => overlays::in_filter(model, key, repeat, struck),
        None => match (model.keymap().action(key, Place::Screen), model.setup.keymap.action(key, Place::Screen)) {
            (Some(action), _) => screen::on_screen(model, action, repeat, struck),
            (None, Some(_)) => act::refuse(model, travel::refusal(model)),
            (None, None) => Vec::new(),
        },
    }
}

/// What works wherever the keyboard is: stopping, leaving, suspending. `None` where the action is none of them.
fn anywhere(model: &mut Model, action: Action, repeat: bool, struck: act::Struck<'_>) -> Option<Vec<Effect>> {
    match action {
        Action::Quit if repeat => Some(Vec::new()),
        Action::Quit => Some(vec![Effect::Quit]),
        Action::Suspend => Some(vec![Effect::Suspend]),
        Action::Stop | Action::StopAll => Some(acting(model, action, repeat, struck)),
        _ => None,
    }
}

fn acting(model: &mut Model, action: Action, repeat: bool, struck: act::Struck<'_>) -> Vec<Effect> {
    if model.access() == Access::Watch {
        return act::refuse(model, "this console only watches; one started without `watch` can act".to_owned());
    }
    if travel::is_past(model)
        && !repeat
        && let Err(why) = travel::rescue(model, action)
    {
        return act::refuse(model, why);
    }
    // A held key has said what it has to say with its first stroke.
    if repeat { Vec::new() } else { act::act(model, action, struck) }
}
