//! Switching flags from the console: off at once, on only after a look at how the flag stands.

use crate::console::keymap::Action;
use crate::domain::command::{FlagSight, Order};
use crate::domain::flag::{Flag, FlagState};
use crate::domain::id::FlagId;

use super::act::{self, Struck};
use super::dialog::{Dialog, Line};
use super::event::Effect;
use super::intent::Intent;
use super::overlay::{Asking, Choice, Overlay, Which};
use super::timeline::Tone;
use super::{Model, ask, permit, standing, words};

/// Switches off the flag of the selection, at once; where several could be meant, or none of them is of the selection, asks which.
pub(super) fn off(model: &mut Model, struck: Struck<'_>) -> Vec<Effect> {
    meant(model, Asking::FlagOff, struck)
}

/// Opens the question that switches a flag on again.
pub(super) fn on(model: &mut Model, struck: Struck<'_>) -> Vec<Effect> {
    if let Err(why) = permit::fresh(model, struck.0) {
        return act::refuse(model, why);
    }
    meant(model, Asking::FlagOn, struck)
}

fn meant(model: &mut Model, asking: Asking, struck: Struck<'_>) -> Vec<Effect> {
    let able = |(_, state): &(&Flag, &FlagState)| state.on == (asking == Asking::FlagOff);
    let all: Vec<_> = model.fleet.flags().filter(able).map(|(flag, state)| choice(model, flag, state)).collect();
    let is_selected = |(_, service, _): &&(FlagId, _, _)| model.place.services.contains(service);
    let mut here = all.iter().filter(is_selected).map(|(flag, ..)| flag.clone());
    match (here.next(), here.next(), all.is_empty()) {
        (Some(only), None, _) => chosen(model, asking, only, struck),
        (_, _, true) => {
            let why = none(model, asking);
            act::refuse(model, why)
        }
        (first, _, _) => {
            let is_shown = |(_, service, _): &&(FlagId, _, _)| first.is_none() || model.place.services.contains(service);
            let choices = all.iter().filter(is_shown).map(|(flag, _, line)| (Choice::Flag(flag.clone()), line.clone())).collect();
            model.place.overlays.push(Overlay::Which(Which { asking, choices, selected: 0 }));
            Vec::new()
        }
    }
}

fn choice(model: &Model, flag: &Flag, state: &FlagState) -> (FlagId, crate::domain::id::ServiceId, String) {
    let stands = state.told_of(flag, &model.moment()).unwrap_or_else(|| format!("flag {} is on", flag.id));
    (flag.id.clone(), flag.service.clone(), format!("{stands}; {}: {}", flag.service, flag.covers))
}

/// Why there is no flag to switch, and what would work.
fn none(model: &Model, asking: Asking) -> String {
    let names: Vec<&str> = model.fleet.flags().map(|(flag, _)| flag.id.as_str()).collect();
    match (names.is_empty(), asking) {
        (true, _) => format!("no flag is declared; to stop the push, {}", permit::key(model, Action::Stop)),
        (_, Asking::FlagOff) => format!("every flag is off already ({}); flag-on switches one on", names.join(", ")),
        _ => format!("every flag is on already ({}); flag-off switches one off", names.join(", ")),
    }
}

/// Goes on with a flag that is known.
pub(super) fn chosen(model: &mut Model, asking: Asking, flag: FlagId, struck: Struck<'_>) -> Vec<Effect> {
    if asking == Asking::FlagOff {
        return vec![act::submit(model, struck.1.command(0), Order::FlagOff { flag, reason: None })];
    }
    let Some(seen) = FlagSight::of(&model.fleet, &flag).map(Box::new) else {
        ask::unknown_engine(model);
        return Vec::new();
    };
    let demand = ask::forward_demand(is_protected(model, &flag), struck.1);
    let title = format!("Switch flag {flag} on");
    let intent = Intent::FlagOn(flag, seen);
    let says = standing::says(model, &intent, &title);
    ask::show(model, Dialog::open(intent, title, demand, says, struck));
    Vec::new()
}

/// Whether an instance that reads it is in an environment where mistakes hurt people.
fn is_protected(model: &Model, flag: &FlagId) -> bool {
    let Some((flag, _)) = model.fleet.flag(flag) else { return true };
    let declaration = model.fleet.declaration();
    let mut places = model.fleet.placements().filter(|placement| placement.id.service == flag.service);
    places.any(|place| declaration.environment(&place.id.environment).is_some_and(|environment| environment.protected))
}

/// All that is known of a flag, and what a yes sets off.
pub(super) fn says(model: &Model, flag: &FlagId, seen: &FlagSight) -> Vec<Line> {
    let line = |tone, text: String| Line { text, tone };
    let Some((flag, _)) = model.fleet.flag(flag) else { return Vec::new() };
    let (id, service) = (&flag.id, &flag.service);
    let readers = words::counted(model.fleet.readers(flag), "instance");
    let moment = model.moment();
    let stands = seen.state.told_of(flag, &moment).unwrap_or_else(|| format!("flag {id} is on"));
    let tried = model.fleet.flag_tried_words(id, &moment);
    let mut lines = vec![
        line(Tone::Plain, format!("{id} covers {}. {readers} of {service} read it, in every environment.", flag.covers)),
        line(Tone::Waiting, format!("Now: {stands}.")),
        line(if tried == "NEVER TRIED" { Tone::Bad } else { Tone::Plain }, format!("Off in about {}; {tried}.", flag.propagates)),
    ];
    let pushes: Vec<_> = seen.in_flight.iter().filter_map(|(push, _)| model.fleet.push(*push)).collect();
    for push in &pushes {
        let status = crate::domain::status::of_push(&model.fleet, push, moment.now).word();
        let tone = if push.is_forward() { Tone::Waiting } else { Tone::Bad };
        lines.push(line(tone, format!("In flight: {}, {status}.", words::push_name(push))));
    }
    if pushes.is_empty() {
        lines.push(line(Tone::Plain, format!("No push of {service} is in flight.")));
    }
    lines.push(line(
        Tone::Waiting,
        format!("It goes ON AT ONCE for all {readers}, without stages: whoever reads it takes the new path."),
    ));
    lines
}

/// What is no longer as it was when the question was opened.
pub(super) fn moved(model: &Model, flag: &FlagId, seen: &FlagSight) -> Option<String> {
    let same = FlagSight::of(&model.fleet, flag).as_ref() == Some(seen);
    (!same).then(|| format!("flag {flag} or a push of its service has changed since you looked: Esc, and look again"))
}
