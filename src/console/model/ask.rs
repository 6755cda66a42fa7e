//! What is asked before a verb is done: which push is meant, which part of it, and whether it is really wanted.

use crate::domain::command::{Order, Sight};
use crate::domain::id::PushId;
use crate::domain::material::Material;
use crate::domain::push::Push;

use super::act::{Struck, none_meant, refuse, submit};
use super::dialog::{Demand, Dialog};
use super::event::{Chance, Effect};
use super::intent::Intent;
use super::meant::meant;
use super::overlay::{Asking, Choice, Overlay, Which};
use super::standing::says;
use super::{Model, flags, permit, starting, verbs, words};

/// Opens the dialog of a verb, or asks which push is meant, or says why not.
pub(super) fn ask(model: &mut Model, asking: Asking, struck: Struck<'_>) -> Vec<Effect> {
    let mut pushes = meant(model);
    if pushes.is_empty() {
        // A push that is over is named in the refusal.
        pushes.extend(model.selected_push());
    }
    let able: Vec<_> = pushes.iter().copied().filter(|push| permit::verb(model, asking, *push, struck.0).is_ok()).collect();
    match (able.as_slice(), pushes.first()) {
        (_, None) => none_meant(model),
        ([], Some(push)) => match permit::verb(model, asking, *push, struck.0) {
            Err(why) => refuse(model, why),
            Ok(()) => Vec::new(),
        },
        ([push], _) => on_push(model, asking, *push, struck),
        (able, _) => {
            which(model, asking, able);
            Vec::new()
        }
    }
}

/// Goes on with a verb whose push is known and which is permitted on it.
fn on_push(model: &mut Model, asking: Asking, id: PushId, struck: Struck<'_>) -> Vec<Effect> {
    match asking {
        Asking::Revoke => return vec![submit(model, struck.1.command(0), Order::Revoke { push: id })],
        Asking::TakeOver => return vec![submit(model, struck.1.command(0), Order::TakeOver { push: id })],
        Asking::Note
        | Asking::StrikeNote
        | Asking::Waive
        | Asking::FixForward
        | Asking::Alone
        | Asking::Drain
        | Asking::Halt
        | Asking::Retry => {
            let mut choices = model.fleet.push(id).map(|push| verbs::choices(model, asking, push)).unwrap_or_default();
            if choices.len() > 1 {
                model.place.overlays.push(Overlay::Which(Which { asking, choices, selected: 0 }));
            } else if let Some((choice, _)) = choices.pop() {
                return open_choice(model, asking, choice, struck);
            }
        }
        _ => open(model, asking, id, struck),
    }
    Vec::new()
}

/// What was changed by hand on the selection comes first: it is what waits for a person.
pub(super) fn retry(model: &mut Model, struck: Struck<'_>) -> Vec<Effect> {
    let mut strays = verbs::strays(model);
    if strays.len() > 1 {
        model.place.overlays.push(Overlay::Which(Which { asking: Asking::Retry, choices: strays, selected: 0 }));
        return Vec::new();
    }
    match strays.pop() {
        Some((choice, _)) => open_choice(model, Asking::Retry, choice, struck),
        None => ask(model, Asking::Retry, struck),
    }
}

/// Opens the dialog of what was chosen on a push.
fn open_choice(model: &mut Model, asking: Asking, choice: Choice, struck: Struck<'_>) -> Vec<Effect> {
    if let Choice::Note(push, note) = choice {
        return vec![submit(model, struck.1.command(0), Order::StrikeNote { push, note })];
    }
    let seen = |id| model.fleet.push(id).and_then(|push| sight(model, push));
    let Some(intent) = verbs::intent(asking, choice, seen) else {
        unknown_engine(model);
        return Vec::new();
    };
    let demand = match asking {
        Asking::Drain | Asking::Retry | Asking::Note => Demand::Enter,
        _ => {
            let push = intent.push().and_then(|id| model.fleet.push(id));
            forward_demand(push.is_some_and(|push| is_protected(model, push)), struck.1)
        }
    };
    let title = verbs::title(model, asking, &intent);
    let says = says(model, &intent, &title);
    show(model, Dialog::open(intent, title, demand, says, struck));
    Vec::new()
}

pub(super) fn unknown_engine(model: &mut Model) {
    refuse(
        model,
        "the engine has not said who it is; nothing goes forward until it has, the engine does that by itself".to_owned(),
    );
}

/// Whether a push is in, or about to enter, an environment where mistakes hurt people.
fn is_protected(model: &Model, push: &Push) -> bool {
    [push.stage(), push.next_stage()]
        .into_iter()
        .flatten()
        .filter_map(|stage| model.fleet.declaration().environment(&stage.environment))
        .any(|environment| environment.protected)
}

pub(super) fn which(model: &mut Model, asking: Asking, pushes: &[PushId]) {
    let moment = model.moment();
    let choices = pushes
        .iter()
        .filter_map(|id| model.fleet.push(*id))
        .map(|push| {
            let status = crate::domain::status::of_push(&model.fleet, push, moment.now).word();
            (Choice::Push(push.id()), format!("{}, {status}", words::push_name(push)))
        })
        .collect();
    model.place.overlays.push(Overlay::Which(Which { asking, choices, selected: 0 }));
}

/// Goes on with what was chosen from a list.
pub(super) fn chosen(model: &mut Model, asking: Asking, choice: Choice, struck: Struck<'_>) -> Vec<Effect> {
    match choice {
        Choice::Push(push) => match permit::verb(model, asking, push, struck.0) {
            Ok(()) => return on_push(model, asking, push, struck),
            Err(why) => drop(refuse(model, why)),
        },
        Choice::Releases(releases) => return starting::open(model, releases, struck),
        Choice::Flag(flag) => return flags::chosen(model, asking, flag, struck),
        detail => return open_choice(model, asking, detail, struck),
    }
    Vec::new()
}

/// What was seen of a push, to be sent along by value.
fn sight(model: &Model, push: &Push) -> Option<Box<Sight>> {
    let (engine, epoch) = model.fleet.engine()?;
    Some(Box::new(Sight {
        engine,
        epoch,
        basis: model.fleet.seq(),
        gate: push.gate(),
        from: push.cursor.stage,
        to: push.next_index(),
        digests: push.plan.moves.iter().map(|part| part.to.digest.clone()).collect(),
        material: Material::of(&model.fleet, push.id(), model.now())?,
    }))
}

/// Opens the dialog of a verb that is permitted on a push.
pub(super) fn open(model: &mut Model, asking: Asking, id: PushId, struck: Struck<'_>) {
    let Some(push) = model.fleet.push(id) else { return };
    let intent = match asking {
        Asking::Approve => sight(model, push).map(|sight| Intent::Approve(id, sight)),
        Asking::Promote => sight(model, push).map(|sight| Intent::Promote(id, sight)),
        Asking::Resume => sight(model, push).map(|sight| Intent::Resume(id, sight)),
        Asking::Reject => Some(Intent::Reject(id)),
        Asking::RollBack(manner) => Some(Intent::RollBack(id, manner)),
        _ => None,
    };
    let Some(intent) = intent else { return unknown_engine(model) };
    let protected = is_protected(model, push);
    let demand = match asking {
        Asking::RollBack(_) => Demand::Enter,
        Asking::Reject => Demand::Yes { said: false },
        _ => forward_demand(protected, struck.1),
    };
    let title = format!("{} {}", asking.word(), words::push_name(push));
    let says = says(model, &intent, &title);
    show(model, Dialog::open(intent, title, demand, says, struck));
}

pub(super) fn forward_demand(protected: bool, chance: &Chance) -> Demand {
    if protected { Demand::Code { code: chance.code.clone(), typed: String::new() } } else { Demand::Yes { said: false } }
}

pub(super) fn show(model: &mut Model, mut dialog: Dialog) {
    dialog.fit(model.size());
    model.place.overlays.push(Overlay::Confirm(Box::new(dialog)));
}
