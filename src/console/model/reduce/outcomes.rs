//! What became of commands: their answers, and what was seen of them.

use std::sync::Arc;

use crate::domain::command::Outcome;
use crate::domain::id::CommandId;

use super::super::toast::{Toast, ToastKind};
use super::super::{Model, pending, travel};

pub(super) fn answered(model: &mut Model, id: CommandId, outcome: &Outcome) {
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
pub(super) fn settle(model: &mut Model) {
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
