//! Checks by others: asked while they bear on the next step, and learnt from if the answer is to the question that stands.

use crate::domain::change::Fact;
use crate::domain::check::Look;
use crate::domain::id::{CheckId, PushId};
use crate::engine::effect::Effect;

use super::work::Work;

/// Wants every check of the next stage asked whose last answer is as old as its period, or is for another gate.
pub(super) fn ask(work: &mut Work<'_>, id: PushId) {
    let Some(push) = work.push(id).filter(|push| push.is_forward() && push.rejection.is_none()) else { return };
    let Some(next) = push.next_stage() else { return };
    let gate = push.gate();
    let due = |name: &&CheckId| {
        let Some(check) = work.fleet().declaration().checks.get(*name) else { return false };
        push.checks.get(*name).is_none_or(|look| look.gate != gate || work.now >= look.asked + check.every)
    };
    let due: Vec<CheckId> = next.checks.iter().filter(due).cloned().collect();
    for name in due {
        work.effect(Effect::Check { push: id, gate, name });
    }
}

/// Takes an answer in. One for a gate that is gone, or older than what is known, says nothing.
pub(super) fn learn(work: &mut Work<'_>, id: PushId, name: CheckId, look: Look) {
    let Some(push) = work.push(id).filter(|push| push.is_forward() && push.gate() == look.gate) else { return };
    let is_asked_for = push.next_stage().is_some_and(|next| next.checks.contains(&name));
    if !is_asked_for || look.asked > work.now || look.asked < push.cursor.entered {
        return;
    }
    match push.checks.get(&name).filter(|known| known.gate == look.gate) {
        Some(known) if look.asked <= known.asked => {}
        Some(known) if known.answer == look.answer => {
            work.record(Fact::CheckedAgain { push: id, gate: look.gate, name, asked: look.asked });
        }
        _ => work.record(Fact::Checked { push: id, name, look }),
    }
}
