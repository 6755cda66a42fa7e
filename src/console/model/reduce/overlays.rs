//! Keys while something lies over the screen.

use crate::console::keymap::{Access, Action, Key, Place};

use super::super::arming::Stroke;
use super::super::dialog::Answer;
use super::super::event::Effect;
use super::super::overlay::Overlay;
use super::super::palette::Found;
use super::super::{Model, act, ask, columns, filter, instances, palette, standing, things};
use super::screen::{in_time, on_screen};
use super::{PAGE, anywhere};

pub(super) fn in_dialog(model: &mut Model, key: Key, repeat: bool, struck: act::Struck<'_>) -> Vec<Effect> {
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
    standing::recheck(model);
    let Some(Overlay::Confirm(dialog)) = model.place.overlays.last_mut() else { return Vec::new() };
    if dialog.confirm(stroke, struck.0) == Answer::Open {
        return Vec::new();
    }
    match model.place.overlays.pop() {
        Some(Overlay::Confirm(dialog)) if model.access() == Access::Operate => act::carry_out(model, &dialog, struck),
        _ => Vec::new(),
    }
}

pub(super) fn in_list(model: &mut Model, key: Key, repeat: bool, struck: act::Struck<'_>) -> Vec<Effect> {
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
            Some(choice) => ask::chosen(model, which.asking, choice, struck),
            None => Vec::new(),
        },
        _ => Vec::new(),
    }
}

pub(super) fn in_palette(model: &mut Model, key: Key, repeat: bool, struck: act::Struck<'_>) -> Vec<Effect> {
    match palette::key(model, key) {
        palette::Answer::Open => Vec::new(),
        palette::Answer::Other(action) => anywhere(model, action, repeat, struck).unwrap_or_default(),
        palette::Answer::Chosen(_) if repeat => Vec::new(),
        palette::Answer::Chosen(found) => {
            model.place.overlays.pop();
            match found {
                Found::Action(action, _) => on_screen(model, action, repeat, struck),
                Found::Thing(thing) => {
                    things::go(model, thing.at);
                    Vec::new()
                }
            }
        }
    }
}

pub(super) fn in_filter(model: &mut Model, key: Key, repeat: bool, struck: act::Struck<'_>) -> Vec<Effect> {
    match filter::key(model, key) {
        filter::Answer::Taken => Vec::new(),
        filter::Answer::Move(action) => on_screen(model, action, repeat, struck),
        filter::Answer::Other(action) => anywhere(model, action, repeat, struck).unwrap_or_default(),
    }
}

pub(super) fn in_columns(model: &mut Model, key: Key, repeat: bool, struck: act::Struck<'_>) -> Vec<Effect> {
    match columns::key(model, key) {
        columns::Answer::Taken => Vec::new(),
        columns::Answer::Copy(_) if repeat => Vec::new(),
        columns::Answer::Copy(line) => vec![line],
        columns::Answer::Other(action) => anywhere(model, action, repeat, struck).unwrap_or_default(),
    }
}

/// Among instances. Time moves under them as under any screen.
pub(super) fn in_strip(model: &mut Model, key: Key, repeat: bool, struck: act::Struck<'_>) -> Vec<Effect> {
    let Some(action) = instances::key(model, key) else { return Vec::new() };
    let moves_time =
        matches!(action, Action::Earlier | Action::Later | Action::EarlierDecision | Action::LaterDecision | Action::Play);
    let moved = if moves_time { in_time(model, action) } else { anywhere(model, action, repeat, struck) };
    moved.unwrap_or_default()
}

/// In something to be read: the arrows scroll it, Esc or its own key closes it.
pub(super) fn in_pages(model: &mut Model, key: Key, repeat: bool, struck: act::Struck<'_>) -> Vec<Effect> {
    let action = model.keymap().action(key, Place::Reading);
    let Some((scroll, own)) = (match model.place.overlays.last_mut() {
        Some(Overlay::Help { scroll }) => Some((scroll, Action::Help)),
        Some(Overlay::Explain(explaining)) => Some((&mut explaining.scroll, Action::Explain)),
        _ => None,
    }) else {
        return Vec::new();
    };
    match action {
        Some(Action::Up) => *scroll = scroll.saturating_sub(1),
        Some(Action::Down) => *scroll = scroll.saturating_add(1),
        Some(Action::PageUp) => *scroll = scroll.saturating_sub(PAGE as u16),
        Some(Action::PageDown) => *scroll = scroll.saturating_add(PAGE as u16),
        Some(Action::Home) => *scroll = 0,
        Some(Action::End) => *scroll = u16::MAX,
        Some(Action::Back) => drop(model.place.overlays.pop()),
        Some(action) if action == own => drop(model.place.overlays.pop()),
        Some(action) => return anywhere(model, action, repeat, struck).unwrap_or_default(),
        None => {}
    }
    Vec::new()
}
