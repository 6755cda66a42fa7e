//! Keys while nothing lies over the screen.

use crate::console::keymap::Action;

use super::super::event::Effect;
use super::super::overlay::{Overlay, Palette};
use super::super::screen::{Look, Pane, RowKey, Screen};
use super::super::things::Whereabouts;
use super::super::timeline::Weight;
use super::super::travel::Shows;
use super::super::urgent::Target;
use super::super::{
    Model, act, columns, copied, explain, filter, instances, order, place, replay, signal_place, things, travel, turning,
};
use super::{PAGE, acting, anywhere};

pub(super) fn on_screen(model: &mut Model, action: Action, repeat: bool, struck: act::Struck<'_>) -> Vec<Effect> {
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
        Action::NextPane | Action::PrevPane => {
            model.place.pane = if model.place.pane == Pane::Stages { Pane::Gate } else { Pane::Stages };
        }
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
        Action::Columns => {
            if let Err(why) = columns::begin(model) {
                return act::refuse(model, why);
            }
        }
        Action::Copy => return copy(model),
        other => return anywhere(model, other, repeat, struck).unwrap_or_default(),
    }
    Vec::new()
}

/// What moves in time. `None` where the action does not.
pub(super) fn in_time(model: &mut Model, action: Action) -> Option<Vec<Effect>> {
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
pub(in crate::console::model) fn open(model: &mut Model) -> Vec<Effect> {
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
