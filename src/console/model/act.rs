//! The verbs, done. Stopping acts at once; going back stops first and then shows its way; going forward asks first.

use crate::console::keymap::Action;
use crate::domain::command::{Command, Order};
use crate::domain::id::{CommandId, PushId};
use crate::domain::lane::Lane;
use crate::domain::push::Push;
use crate::domain::rollback::Manner;
use crate::domain::time::ConsoleTime;

use super::ask::{ask, open, retry, which};
use super::dialog::Dialog;
use super::event::{Chance, Effect};
use super::intent::Intent;
use super::meant::{meant, names, to_acknowledge};
use super::overlay::{Asking, Overlay};
use super::pending::Pending;
use super::toast::{Toast, ToastKind};
use super::{Model, flags, permit, starting, verbs, words};

/// The key that asked for something: when, and the chance it brought.
pub(super) type Struck<'a> = (ConsoleTime, &'a Chance);

/// Does what an acting key asks for.
pub(super) fn act(model: &mut Model, action: Action, struck: Struck<'_>) -> Vec<Effect> {
    if let Err(why) = permit::acting(model) {
        return refuse(model, why);
    }
    match action {
        Action::Stop => stop(model, struck),
        Action::StopAll => vec![submit(model, struck.1.command(0), Order::HoldAll { reason: None })],
        Action::RollBack => roll_back(model, Manner::Ordered, struck),
        Action::RollBackFast => roll_back(model, Manner::Fast, struck),
        Action::Approve => ask(model, Asking::Approve, struck),
        Action::Reject => ask(model, Asking::Reject, struck),
        Action::Promote => ask(model, Asking::Promote, struck),
        Action::Resume => ask(model, Asking::Resume, struck),
        Action::StartPush => starting::start(model, struck),
        Action::Acknowledge => acknowledge(model, struck),
        Action::Waive => ask(model, Asking::Waive, struck),
        Action::FixForward => ask(model, Asking::FixForward, struck),
        Action::RollBackAlone => ask(model, Asking::Alone, struck),
        Action::Drain => ask(model, Asking::Drain, struck),
        Action::HaltRollback => ask(model, Asking::Halt, struck),
        Action::Retry => retry(model, struck),
        Action::FlagOff => flags::off(model, struck),
        Action::FlagOn => flags::on(model, struck),
        Action::Revoke => ask(model, Asking::Revoke, struck),
        Action::TakeOver => ask(model, Asking::TakeOver, struck),
        Action::Note => ask(model, Asking::Note, struck),
        Action::StrikeNote => ask(model, Asking::StrikeNote, struck),
        _ => Vec::new(),
    }
}

/// Says why something is not done.
pub(super) fn refuse(model: &mut Model, why: String) -> Vec<Effect> {
    model.toast = Some(Toast { text: why, kind: ToastKind::Refused, since: model.console_now });
    Vec::new()
}

/// Sends an order, and keeps it in mind until it was seen to have worked.
pub(super) fn submit(model: &mut Model, id: CommandId, order: Order) -> Effect {
    let text = format!("asked to {}, not seen yet", words::order(&model.fleet, &order));
    model.toast = Some(Toast { text, kind: ToastKind::Asked, since: model.console_now });
    let command = Command { id, actor: model.actor().clone(), order };
    model.pending.push(Pending { command: command.clone(), accepted: false });
    Effect::Submit(command)
}

pub(super) fn none_meant(model: &mut Model) -> Vec<Effect> {
    let (all, new) = (permit::key(model, Action::StopAll), permit::key(model, Action::StartPush));
    refuse(model, format!("no push is under way on what is selected; {new} starts one, and to stop every push, {all}"))
}

/// Holds everything that is meant; what is going back already is left to go.
fn hold(model: &mut Model, pushes: &[PushId], chance: &Chance) -> Vec<Effect> {
    let mut effects = Vec::new();
    for push in pushes {
        if model.fleet.push(*push).is_some_and(Push::is_forward) {
            let id = chance.command(effects.len() as u32);
            effects.push(submit(model, id, Order::Hold { push: *push, reason: None }));
        }
    }
    effects
}

fn stop(model: &mut Model, struck: Struck<'_>) -> Vec<Effect> {
    let pushes = match model.place.overlays.last() {
        Some(Overlay::Confirm(dialog)) => dialog.intent.push().map_or_else(|| meant(model), |push| vec![push]),
        _ => meant(model),
    };
    if pushes.is_empty() {
        return none_meant(model);
    }
    let effects = hold(model, &pushes, struck.1);
    if effects.is_empty() {
        let names = names(model, &pushes);
        return refuse(
            model,
            format!(
                "{names} does not go forward, and stopping does not stop a way back; faster: {}",
                permit::key(model, Action::RollBackFast)
            ),
        );
    }
    effects
}

/// Stops what is meant in the same instant, then shows the way back.
fn roll_back(model: &mut Model, manner: Manner, struck: Struck<'_>) -> Vec<Effect> {
    let asking = Asking::RollBack(manner);
    let pushes = meant(model);
    if pushes.is_empty() {
        return none_meant(model);
    }
    let effects = hold(model, &pushes, struck.1);
    let able: Vec<_> = pushes.iter().copied().filter(|push| permit::verb(model, asking, *push, struck.0).is_ok()).collect();
    match (able.as_slice(), pushes.first()) {
        ([], Some(push)) => {
            if let Err(why) = permit::verb(model, asking, *push, struck.0) {
                refuse(model, why);
            }
        }
        ([push], _) => open(model, asking, *push, struck),
        (able, _) => which(model, asking, able),
    }
    effects
}

fn acknowledge(model: &mut Model, struck: Struck<'_>) -> Vec<Effect> {
    let Some(what) = to_acknowledge(model) else {
        let key = permit::key(model, Action::Urgent);
        return refuse(model, format!("nothing on what is selected asks to be acknowledged; to the most urgent, {key}"));
    };
    vec![submit(model, struck.1.command(0), Order::Acknowledge { what })]
}

/// Carries out a dialog that was said yes to, if nothing has come in between.
pub(super) fn carry_out(model: &mut Model, dialog: &Dialog, struck: Struck<'_>) -> Vec<Effect> {
    let asking = dialog.intent.asking();
    let permitted = match dialog.intent.push() {
        Some(push) => permit::verb(model, asking, push, struck.0),
        None => permit::acting(model).and_then(|()| permit::fresh(model, struck.0)),
    };
    if let Err(why) = permitted {
        return refuse(model, why);
    }
    let reason = dialog.reason.as_ref().map(|reason| reason.text.trim().to_owned()).filter(|reason| !reason.is_empty());
    let order = match dialog.intent.clone() {
        Intent::Approve(push, sight) => Order::Approve { push, sight },
        Intent::Promote(push, sight) => Order::Promote { push, sight },
        Intent::Resume(push, sight) => Order::Resume { push, sight },
        Intent::Reject(push) => Order::Reject { push, reason },
        Intent::RollBack(push, manner) => Order::RollBack { push, manner, reason },
        Intent::FlagOn(flag, seen) => Order::FlagOn { flag, seen },
        Intent::Start(releases, outlook) => Order::Start { push: PushId(struck.1.id), releases, outlook, lane: Lane::Standard },
        other => match verbs::order(model, other, reason) {
            Some(order) => order,
            None => return refuse(model, "what was chosen is not declared any more; look again".to_owned()),
        },
    };
    vec![submit(model, dialog.id, order)]
}
