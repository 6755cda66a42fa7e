//! How events change the model.

use crate::console::keymap::{Access, Action, Key, Place};
use crate::domain::command::Outcome;
use crate::domain::id::CommandId;

use super::arming::Stroke;
use super::dialog::Answer;
use super::event::{Effect, Event};
use super::overlay::{Overlay, Palette};
use super::screen::{Pane, RowKey, Screen};
use super::setup;
use super::toast::{Toast, ToastKind};
use super::urgent::Target;
use super::{Model, act, copied, hearing, palette, pending, place, pointing, turning};

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
            let setup::Preferences { zone, keymap, motion } = preferred;
            (model.setup.zone, model.setup.keymap, model.setup.motion) = (zone, keymap, motion);
            // Rows hold clock times.
            model.rows.of = None;
        }
        Event::Snapshot(fleet) => hearing::snapshot(model, fleet),
        Event::Past(changes) => hearing::past(model, &changes),
        Event::Changes(changes) => hearing::changes(model, &changes),
        Event::Readings(batch) => {
            model.signals.ingest(&batch);
        }
        Event::Heartbeat { at, seq, heard } => hearing::heartbeat(model, at, seq, heard),
        Event::Ended { why } => model.hearing.ended = Some(why),
        Event::Answered { id, outcome, at } => {
            hearing::wall(model, at);
            answered(model, id, &outcome);
        }
        Event::Tick { at } => {
            hearing::wall(model, at);
            turning::turn(model);
        }
        Event::Drawn { at } => {
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
    place::settle(model);
    model.refresh_signals();
    outcomes(model);
    act::recheck(model);
    if model.toast.as_ref().and_then(Toast::until).is_some_and(|until| until <= model.console_now) {
        model.toast = None;
    }
}

fn answered(model: &mut Model, id: CommandId, outcome: &Outcome) {
    let Some(at) = model.pending.iter().position(|pending| pending.command.id == id) else { return };
    let Some(found) = model.pending.get_mut(at) else { return };
    if let Some(toast) = pending::answer(&model.fleet, &found.command.order, outcome, model.console_now) {
        model.toast = Some(toast);
    }
    match outcome {
        Outcome::Accepted { .. } => found.accepted = true,
        // Not forgotten: its record may still come back, and then it is known.
        Outcome::Unknown { .. } => {}
        Outcome::Refused { .. } | Outcome::Superseded { .. } => {
            model.pending.remove(at);
        }
    }
}

/// Tells what commands were seen to have done. Whether they were taken may be read from their record as well as from the answer.
fn outcomes(model: &mut Model) {
    let mut told = Vec::new();
    let (fleet, now) = (&model.fleet, model.console_now);
    let actor = &model.setup.actor;
    model.pending.retain_mut(|pending| {
        let order = &pending.command.order;
        match fleet.command(pending.command.id) {
            Some((_, Outcome::Accepted { .. })) => pending.accepted = true,
            Some((_, outcome)) => {
                told.extend(pending::answer(fleet, order, outcome, now));
                return matches!(outcome, Outcome::Unknown { .. });
            }
            None => {}
        }
        let seen = pending.accepted.then(|| pending::seen(fleet, actor, order)).flatten();
        let is_seen = seen.is_some();
        told.extend(seen.map(|text| Toast { text, kind: ToastKind::Done, since: now }));
        !is_seen
    });
    if let Some(toast) = told.pop() {
        model.toast = Some(toast);
    }
}

fn paste(model: &mut Model, text: &str) {
    if model.setup.kiosk {
        return;
    }
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
    model.turned = struck.0;
    match model.place.overlays.last() {
        Some(Overlay::Confirm(_)) => in_dialog(model, key, repeat, struck),
        Some(Overlay::Which(_)) => in_list(model, key, repeat, struck),
        Some(Overlay::Help { .. }) => in_help(model, key, repeat, struck),
        Some(Overlay::Palette(_)) => in_palette(model, key, repeat, struck),
        None => match model.keymap().action(key, Place::Screen) {
            Some(action) => on_screen(model, action, repeat, struck),
            None => Vec::new(),
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
    // A held key has said what it has to say with its first stroke.
    if repeat { Vec::new() } else { act::act(model, action, struck) }
}

fn in_dialog(model: &mut Model, key: Key, repeat: bool, struck: act::Struck<'_>) -> Vec<Effect> {
    let action = model.keymap().action(key, Place::Dialog);
    let at = struck.0;
    let Some(Overlay::Confirm(dialog)) = model.place.overlays.last_mut() else { return Vec::new() };
    let stroke = dialog.arming.key(at, repeat);
    match action {
        Some(Action::Back) => {
            model.place.overlays.pop();
            Vec::new()
        }
        Some(Action::Confirm) => confirm(model, stroke, struck),
        Some(action) => anywhere(model, action, repeat, struck).unwrap_or_default(),
        None => {
            dialog.typed(key, stroke);
            Vec::new()
        }
    }
}

fn confirm(model: &mut Model, stroke: Stroke, struck: act::Struck<'_>) -> Vec<Effect> {
    // Nothing is confirmed on older ground than there is.
    act::recheck(model);
    let Some(Overlay::Confirm(dialog)) = model.place.overlays.last_mut() else { return Vec::new() };
    if dialog.confirm(stroke, struck.0) == Answer::Open {
        return Vec::new();
    }
    match model.place.overlays.pop() {
        Some(Overlay::Confirm(dialog)) if model.access() == Access::Operate => act::carry_out(model, &dialog, struck),
        _ => Vec::new(),
    }
}

fn in_list(model: &mut Model, key: Key, repeat: bool, struck: act::Struck<'_>) -> Vec<Effect> {
    let action = model.keymap().action(key, Place::Reading);
    let Some(Overlay::Which(which)) = model.place.overlays.last_mut() else { return Vec::new() };
    let last = which.choices.len().saturating_sub(1);
    match action {
        Some(Action::Open) if repeat => {}
        Some(Action::Open) => return choose(model, struck),
        Some(Action::Up) => which.selected = which.selected.saturating_sub(1),
        Some(Action::Down) => which.selected = (which.selected + 1).min(last),
        Some(Action::Home) => which.selected = 0,
        Some(Action::End) => which.selected = last,
        Some(Action::Back) => drop(model.place.overlays.pop()),
        Some(action) => return anywhere(model, action, repeat, struck).unwrap_or_default(),
        None => {}
    }
    Vec::new()
}

fn choose(model: &mut Model, struck: act::Struck<'_>) -> Vec<Effect> {
    match model.place.overlays.pop() {
        Some(Overlay::Which(which)) => match which.chosen().cloned() {
            Some(choice) => act::chosen(model, which.asking, choice, struck),
            None => Vec::new(),
        },
        _ => Vec::new(),
    }
}

fn in_palette(model: &mut Model, key: Key, repeat: bool, struck: act::Struck<'_>) -> Vec<Effect> {
    match palette::key(model, key) {
        palette::Answer::Open => Vec::new(),
        palette::Answer::Other(action) => anywhere(model, action, repeat, struck).unwrap_or_default(),
        palette::Answer::Chosen(_) if repeat => Vec::new(),
        palette::Answer::Chosen(action) => {
            model.place.overlays.pop();
            on_screen(model, action, repeat, struck)
        }
    }
}

fn in_help(model: &mut Model, key: Key, repeat: bool, struck: act::Struck<'_>) -> Vec<Effect> {
    let action = model.keymap().action(key, Place::Reading);
    let last = model.keymap().rows().len() as u16;
    let Some(Overlay::Help { scroll }) = model.place.overlays.last_mut() else { return Vec::new() };
    match action {
        Some(Action::Up) => *scroll = scroll.saturating_sub(1),
        Some(Action::Down) => *scroll = (*scroll + 1).min(last),
        Some(Action::PageUp) => *scroll = scroll.saturating_sub(PAGE as u16),
        Some(Action::PageDown) => *scroll = (*scroll + PAGE as u16).min(last),
        Some(Action::Home) => *scroll = 0,
        Some(Action::End) => *scroll = last,
        Some(Action::Back | Action::Help) => drop(model.place.overlays.pop()),
        Some(action) => return anywhere(model, action, repeat, struck).unwrap_or_default(),
        None => {}
    }
    Vec::new()
}

fn on_screen(model: &mut Model, action: Action, repeat: bool, struck: act::Struck<'_>) -> Vec<Effect> {
    if model.keymap().row(action).is_some_and(|row| row.danger.acts()) {
        return acting(model, action, repeat, struck);
    }
    match action {
        Action::ShowFleet => model.place.open(Screen::Fleet),
        Action::ShowPush => model.place.open(Screen::Push),
        Action::ShowWaiting => model.place.open(Screen::Waiting),
        Action::ShowSignals => model.place.open(Screen::Signals),
        Action::ShowTimeline => model.place.open(Screen::Timeline),
        Action::Up => place::step(model, -1),
        Action::Down => place::step(model, 1),
        Action::PageUp => place::step(model, -PAGE),
        Action::PageDown => place::step(model, PAGE),
        Action::Home => place::step(model, isize::MIN),
        Action::End => place::step(model, isize::MAX),
        Action::Left => place::aside(model, -1),
        Action::Right => place::aside(model, 1),
        Action::NextPane | Action::PrevPane => {
            model.place.pane = if model.place.pane == Pane::Stages { Pane::Gate } else { Pane::Stages };
        }
        Action::Open => open(model),
        Action::Back => {
            if let Some(screen) = model.place.came_from.take() {
                model.place.screen = screen;
            }
        }
        Action::Urgent => urgent(model),
        Action::Help => model.place.overlays.push(Overlay::Help { scroll: 0 }),
        Action::Palette => model.place.overlays.push(Overlay::Palette(Palette::default())),
        Action::Copy => return copy(model),
        other => return anywhere(model, other, repeat, struck).unwrap_or_default(),
    }
    Vec::new()
}

fn copy(model: &mut Model) -> Vec<Effect> {
    match copied::text(model) {
        Some(text) => vec![Effect::Copy(text)],
        None => act::refuse(model, "nothing is selected that could be copied; choose it with the arrows".to_owned()),
    }
}

/// Opens what is selected: its push where it has one, else its numbers.
pub(super) fn open(model: &mut Model) {
    match (model.place.screen, place::push_of_row(model)) {
        (Screen::Signals, _) => {}
        (Screen::Push, _) | (_, None) => model.place.open(Screen::Signals),
        (_, Some(push)) => {
            model.place.push = Some(push);
            model.place.open(Screen::Push);
        }
    }
}

/// Goes to what row 3 speaks of.
fn urgent(model: &mut Model) {
    match model.urgent().and_then(|urgent| urgent.target) {
        Some(Target::Push(push)) => {
            model.place.push = Some(push);
            model.place.open(Screen::Push);
        }
        Some(Target::Waiting(key)) => {
            model.place.push = key.push.or(model.place.push);
            model.place.open(Screen::Waiting);
            model.place.select(Screen::Waiting, RowKey::Waiting(key));
        }
        Some(Target::Slice(slice)) => {
            model.place.services = vec![slice.service.clone()];
            model.place.open(Screen::Signals);
            model.place.select(Screen::Signals, RowKey::Slice(slice));
        }
        None => {}
    }
}
