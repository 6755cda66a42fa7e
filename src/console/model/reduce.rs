//! How events change the model.

use std::sync::Arc;

use crate::console::keymap::{Access, Action, Key, Place};
use crate::domain::command::Outcome;
use crate::domain::id::CommandId;

use super::arming::Stroke;
use super::dialog::Answer;
use super::event::{Effect, Event};
use super::overlay::{Overlay, Palette};
use super::palette::Found;
use super::screen::{Look, RowKey, Screen};
use super::setup;
use super::things::Whereabouts;
use super::timeline::Weight;
use super::toast::{Toast, ToastKind};
use super::travel::Shows;
use super::urgent::Target;
use super::{
    Model, act, copied, explain, filter, hearing, instances, looked, order, pages, palette, pending, place, pointing, replay,
    signal_place, things, travel, turning,
};

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
            answered(model, id, &outcome);
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
    turning::interrupt(model);
    place::settle(model);
    model.refresh_signals();
    outcomes(model);
    instances::settle(model);
    pages::settle(model);
    act::recheck(model);
    if model.toast.as_ref().and_then(Toast::until).is_some_and(|until| until <= model.console_now) {
        model.toast = None;
    }
}

fn answered(model: &mut Model, id: CommandId, outcome: &Outcome) {
    let Some(at) = model.pending.iter().position(|pending| pending.command.id == id) else { return };
    let fleet = Arc::clone(travel::newest(model));
    let Some(found) = model.pending.get_mut(at) else { return };
    if let Some(toast) = pending::answer(&fleet, &found.command.order, outcome, model.console_now) {
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
    // What came of a command is read from what is so now, whatever is shown.
    let (fleet, now) = (Arc::clone(travel::newest(model)), model.console_now);
    let fleet = fleet.as_ref();
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
        Some(Overlay::Confirm(_)) => in_dialog(model, key, repeat, struck),
        Some(Overlay::Which(_)) => in_list(model, key, repeat, struck),
        Some(Overlay::Help { .. } | Overlay::Explain(_)) => in_pages(model, key, repeat, struck),
        Some(Overlay::Instances(_)) => in_strip(model, key, repeat, struck),
        Some(Overlay::Palette(_)) => in_palette(model, key, repeat, struck),
        Some(Overlay::Filter(_)) => in_filter(model, key, repeat, struck),
        None => match (model.keymap().action(key, Place::Screen), model.setup.keymap.action(key, Place::Screen)) {
            (Some(action), _) => on_screen(model, action, repeat, struck),
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

fn in_filter(model: &mut Model, key: Key, repeat: bool, struck: act::Struck<'_>) -> Vec<Effect> {
    match filter::key(model, key) {
        filter::Answer::Taken => Vec::new(),
        filter::Answer::Move(action) => on_screen(model, action, repeat, struck),
        filter::Answer::Other(action) => anywhere(model, action, repeat, struck).unwrap_or_default(),
    }
}

/// Among instances. Time moves under them as under any screen.
fn in_strip(model: &mut Model, key: Key, repeat: bool, struck: act::Struck<'_>) -> Vec<Effect> {
    let Some(action) = instances::key(model, key) else { return Vec::new() };
    let moves_time =
        matches!(action, Action::Earlier | Action::Later | Action::EarlierDecision | Action::LaterDecision | Action::Play);
    let moved = if moves_time { in_time(model, action) } else { anywhere(model, action, repeat, struck) };
    moved.unwrap_or_default()
}

/// In something to be read: the arrows scroll it, Esc or its own key closes it.
fn in_pages(model: &mut Model, key: Key, repeat: bool, struck: act::Struck<'_>) -> Vec<Effect> {
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

fn on_screen(model: &mut Model, action: Action, repeat: bool, struck: act::Struck<'_>) -> Vec<Effect> {
    if model.keymap().row(action).is_some_and(|row| row.danger.acts()) {
        // Whoever acts sees what they act on.
        model.place.look = Look::Desk;
        return acting(model, action, repeat, struck);
    }
    if model.is_wall() && turning::pressed(model, action) {
        return Vec::new();
    }
    if let Some(effects) = in_time(model, action) {
        return effects;
    }
    travel::moved(model);
    match action {
        Action::ShowFleet => model.place.open(Screen::Fleet),
        Action::ShowPush => model.place.open(Screen::Push),
        Action::ShowWaiting => model.place.open(Screen::Waiting),
        Action::ShowSignals => model.place.open(Screen::Signals),
        Action::ShowTimeline => model.place.open(Screen::Timeline),
        Action::ShowWall => turning::show(model),
        Action::Up | Action::Down | Action::PageUp | Action::PageDown | Action::Home | Action::End if is_reading(model) => {
            scroll(model, action);
        }
        Action::Up => place::step(model, -1),
        Action::Down => place::step(model, 1),
        Action::PageUp => place::step(model, -PAGE),
        Action::PageDown => place::step(model, PAGE),
        Action::Home => place::step(model, isize::MIN),
        Action::End => place::step(model, isize::MAX),
        Action::Left => place::aside(model, -1),
        Action::Right => place::aside(model, 1),
        Action::NextPane | Action::PrevPane if model.place.screen == Screen::Timeline => timeline_pane(model),
        Action::NextPane | Action::PrevPane if model.place.screen == Screen::Signals => return signal_place::split(model),
        Action::NextPane | Action::PrevPane if model.place.screen == Screen::Push => model.place.turn_pane(),
        Action::NextPane | Action::PrevPane => {}
        Action::Open => return open(model),
        Action::Back if model.place.screen == Screen::Signals && signal_place::back(model) => {}
        Action::Back if filter::clear(model, model.place.screen) => {}
        Action::Back => {
            if let Some(screen) = model.place.came_from.take() {
                model.place.screen = screen;
            }
        }
        Action::ZoomIn | Action::ZoomOut | Action::Pin if model.place.screen != Screen::Signals => {}
        Action::ZoomIn => signal_place::zoom(model, -1),
        Action::ZoomOut => signal_place::zoom(model, 1),
        Action::Pin => signal_place::pin(model),
        Action::Urgent => urgent(model),
        Action::Help => model.place.overlays.push(Overlay::Help { scroll: 0 }),
        Action::Filter => filter::begin(model),
        Action::Explain => explain::begin(model),
        Action::Palette => model.place.overlays.push(Overlay::Palette(Palette::default())),
        Action::Instances => {
            if let Err(why) = instances::begin(model) {
                return act::refuse(model, why);
            }
        }
        Action::Order => {
            if let Err(why) = order::change(model) {
                return act::refuse(model, why);
            }
        }
        Action::Copy => return copy(model),
        other => return anywhere(model, other, repeat, struck).unwrap_or_default(),
    }
    Vec::new()
}

/// What moves in time. `None` where the action does not.
fn in_time(model: &mut Model, action: Action) -> Option<Vec<Effect>> {
    let on_timeline = model.place.screen == Screen::Timeline;
    // Whoever unfolded the small steps goes through them as well.
    let least = if model.time.timeline.everything { Weight::Small } else { Weight::Matters };
    match action {
        Action::Earlier => travel::step(model, -1, least),
        Action::Later => travel::step(model, 1, least),
        Action::EarlierDecision => travel::step(model, -1, Weight::Decision),
        Action::LaterDecision => travel::step(model, 1, Weight::Decision),
        Action::Left if on_timeline => travel::step(model, -1, least),
        Action::Right if on_timeline => travel::step(model, 1, least),
        Action::Open if on_timeline => {
            if let Some(RowKey::Entry(seq)) = model.cursor().cloned() {
                travel::go(model, seq);
            }
        }
        Action::Play if matches!(model.time.shows, Shows::Replay(_)) => replay::play(model),
        Action::Play => return Some(act::refuse(model, travel::nothing_to_play(model))),
        Action::Back if on_timeline && model.time.timeline.reading.is_some() => model.time.timeline.reading = None,
        Action::Back if travel::is_past(model) => travel::to_now(model),
        Action::Everything => model.time.timeline.toggle(&model.fleet),
        _ => return None,
    }
    Some(Vec::new())
}

/// On the Timeline the arrows go through the list, or scroll what is told of the selected entry.
fn timeline_pane(model: &mut Model) {
    let reading = &mut model.time.timeline.reading;
    *reading = if reading.is_some() { None } else { Some(0) };
}

fn is_reading(model: &Model) -> bool {
    model.place.screen == Screen::Timeline && model.time.timeline.reading.is_some()
}

/// Scrolls what is told of the selected entry. The view stops at its end.
fn scroll(model: &mut Model, action: Action) {
    let Some(lines) = &mut model.time.timeline.reading else { return };
    *lines = match action {
        Action::Up => lines.saturating_sub(1),
        Action::Down => lines.saturating_add(1),
        Action::PageUp => lines.saturating_sub(PAGE as u16),
        Action::PageDown => lines.saturating_add(PAGE as u16),
        Action::Home => 0,
        _ => u16::MAX,
    }
    .min(model.setup.size.1.saturating_mul(4));
}

fn copy(model: &mut Model) -> Vec<Effect> {
    match copied::text(model) {
        Some(text) => vec![Effect::Copy(text)],
        None => act::refuse(model, "nothing is selected that could be copied; choose it with the arrows".to_owned()),
    }
}

/// Opens what is selected: its push where it has one, else its numbers.
pub(super) fn open(model: &mut Model) -> Vec<Effect> {
    match (model.place.screen, place::push_of_row(model)) {
        (Screen::Signals, _) => return signal_place::open(model),
        (Screen::Push, _) | (_, None) => model.place.open(Screen::Signals),
        (_, Some(push)) => {
            model.place.push = Some(push);
            model.place.open(Screen::Push);
        }
    }
    Vec::new()
}

/// Goes to what row 3 speaks of.
fn urgent(model: &mut Model) {
    let urgent = model.urgent();
    if travel::worse_now(model).is_some() {
        travel::to_now(model);
    }
    match urgent.and_then(|urgent| urgent.target) {
        Some(Target::Push(push)) => things::go(model, Whereabouts::Push(push)),
        Some(Target::Waiting(key)) => things::go(model, Whereabouts::Waiting(key)),
        Some(Target::Slice(slice)) => things::go(model, Whereabouts::Slice(slice)),
        None => {}
    }
}
