//! Whether a verb may be used on a push now. A refusal is a sentence that ends with the key that would work, or who can.

use crate::console::keymap::{Access, Action, Place};
use crate::domain::explain;
use crate::domain::id::{PersonId, PushId, Role};
use crate::domain::push::{Course, Push};
use crate::domain::requirement;
use crate::domain::stage::{Advance, ApprovalRule};
use crate::domain::status::{self, Status};
use crate::domain::time::ConsoleTime;

use super::overlay::Asking;
use super::{Model, freshness, verbs, waiting};

/// Whether anything at all can be asked of the backend from here.
pub(super) fn acting(model: &Model) -> Result<(), String> {
    if model.access() == Access::Watch {
        return Err("this console only watches; one started without `watch` can act".to_owned());
    }
    if model.source().recorded {
        return Err(format!("this is a recording, nothing can be asked of it; {} leaves", key(model, Action::Quit)));
    }
    Ok(())
}

/// Whether anything may go forward on what is shown at a time.
pub(super) fn fresh(model: &Model, at: ConsoleTime) -> Result<(), String> {
    match freshness::stale(model, at) {
        Some(why) => Err(format!(
            "{why}: nothing goes forward on old news; to stop, {}; to go back, {}",
            key(model, Action::Stop),
            key(model, Action::RollBack)
        )),
        None => Ok(()),
    }
}

/// Whether a verb may be used on a push at a time.
pub(super) fn verb(model: &Model, asking: Asking, id: PushId, at: ConsoleTime) -> Result<(), String> {
    acting(model)?;
    let push = model.fleet.push(id).ok_or_else(|| "this push is not known any more; choose another with the arrows".to_owned())?;
    match asking {
        Asking::RollBack(_) => back(model, push, asking),
        Asking::Reject => reject(model, push),
        Asking::Alone if push.plan.moves.len() < 2 => {
            Err(format!("{} has no siblings; to take it back, {}", push.plan.name, key(model, Action::RollBack)))
        }
        Asking::Drain if push.is_forward() && verbs::choices(model, asking, push).is_empty() => {
            Err(format!("nothing of {} is on its new version here; to stop it, {}", push.plan.name, key(model, Action::Stop)))
        }
        Asking::Drain if push.is_forward() => Ok(()),
        Asking::Alone | Asking::Drain => forward(model, push),
        Asking::Halt => match &push.course {
            Course::Back { .. } => Ok(()),
            _ => Err(format!("{} is not on its way back; to stop it, {}", push.plan.name, key(model, Action::Stop))),
        },
        Asking::Retry => match &push.course {
            Course::RolledBack { .. } | Course::Converged { .. } => over(model, push),
            _ => Ok(()),
        },
        Asking::StrikeNote if verbs::choices(model, asking, push).is_empty() => {
            Err(format!("no note stands on {}; to write one, {}", push.plan.name, key(model, Action::Note)))
        }
        // A flag is no push's: how it stands is asked where it is switched.
        Asking::Note | Asking::StrikeNote | Asking::FlagOff | Asking::FlagOn => Ok(()),
        Asking::TakeOver => match &push.driver {
            Some(driver) if driver.by == *model.actor() => {
                Err(format!("you drive {} already; to write a note, {}", push.plan.name, key(model, Action::Note)))
            }
            _ => Ok(()),
        },
        Asking::Revoke => {
            if waiting::given(push).any(|by| by == model.actor()) {
                Ok(())
            } else {
                Err(format!(
                    "you have given {} no approval that still counts; to stop it, {}",
                    push.plan.name,
                    key(model, Action::Stop)
                ))
            }
        }
        Asking::Approve | Asking::Promote | Asking::Resume | Asking::Start | Asking::Waive | Asking::FixForward => {
            fresh(model, at)?;
            forward(model, push)?;
            match asking {
                Asking::Approve => unheld(model, push).and_then(|()| approve(model, push)),
                Asking::Promote => unheld(model, push).and_then(|()| promote(model, push)),
                Asking::Waive if verbs::waivable(model, push).is_empty() => {
                    Err(format!("{} has nothing to waive: {}", push.plan.name, unmet(model, push)))
                }
                Asking::FixForward if verbs::fixes(model, push).is_empty() => Err(format!(
                    "no release is declared that is based on what {} has in flight; whoever owns the spec can declare one",
                    push.plan.name
                )),
                Asking::Resume if push.holds.is_empty() => {
                    Err(format!("{} is not stopped; to stop it, {}", push.plan.name, key(model, Action::Stop)))
                }
                _ => Ok(()),
            }
        }
    }
}

fn back(model: &Model, push: &Push, asking: Asking) -> Result<(), String> {
    match (&push.course, asking) {
        (Course::Back { rollback }, Asking::RollBack(manner)) if rollback.manner >= manner && rollback.halted.is_none() => {
            let faster = if rollback.manner < crate::domain::rollback::Manner::Fast {
                format!("to make it faster, {}", key(model, Action::RollBackFast))
            } else {
                "the engine finishes it by itself".to_owned()
            };
            Err(format!("{} is already going back; {faster}", push.plan.name))
        }
        (Course::Forward, _) => match push.way_back.as_ref().and_then(|plan| explain::no_way_back(&plan.barred)) {
            Some(why) => Err(format!("{} does not go back: {why}", push.plan.name)),
            None => Ok(()),
        },
        (Course::RolledBack { .. } | Course::Converged { .. } | Course::Replaced { .. }, _) => over(model, push),
        _ => Ok(()),
    }
}

fn over(model: &Model, push: &Push) -> Result<(), String> {
    let word = status::of_push(&model.fleet, push, model.now()).word();
    Err(format!("{} is over ({word}); for a new push, {}", push.plan.name, key(model, Action::StartPush)))
}

fn forward(model: &Model, push: &Push) -> Result<(), String> {
    match (&push.course, &push.rejection) {
        (Course::Forward, None) => Ok(()),
        (Course::Forward, Some(rejection)) => {
            Err(format!("{} was rejected by {}; to take it back, {}", push.plan.name, rejection.by, key(model, Action::RollBack)))
        }
        (Course::Back { .. } | Course::RollbackFailed { .. }, _) => Err(format!(
            "{} is going back, nothing goes forward; for a new push afterwards, {}",
            push.plan.name,
            key(model, Action::StartPush)
        )),
        (Course::RolledBack { .. } | Course::Converged { .. } | Course::Replaced { .. }, _) => over(model, push),
    }
}

fn unheld(model: &Model, push: &Push) -> Result<(), String> {
    push.holds.last().map_or(Ok(()), |hold| {
        Err(format!("{} is stopped by {}; first resume it with {}", push.plan.name, hold.holder(), key(model, Action::Resume)))
    })
}

fn reject(model: &Model, push: &Push) -> Result<(), String> {
    if push.is_forward() && push.rejection.is_none() { Ok(()) } else { forward(model, push) }
}

fn approve(model: &Model, push: &Push) -> Result<(), String> {
    let name = &push.plan.name;
    let Some(rule) = push.approval_rule() else {
        return Err(match push.stage().map(|stage| stage.advance) {
            Some(Advance::Hand) => format!("{name} asks nobody to approve here; to let it go on, {}", key(model, Action::Promote)),
            _ => format!("{name} asks nobody to approve here; the engine takes it on by itself"),
        });
    };
    if waiting::given(push).any(|by| by == model.actor()) {
        return Err(format!("you have approved {name} already; the rest can be given by {}", others(model, push, rule)));
    }
    if push.plan.requested_by.person() == Some(model.actor()) {
        return Err(format!(
            "you asked for {name}, so your approval does not count; it can be given by {}",
            others(model, push, rule)
        ));
    }
    if push.fix.as_ref().is_some_and(|fix| fix.by.person() == Some(model.actor())) {
        return Err(format!(
            "you asked for the fix in {name}, so your approval does not count; it can be given by {}",
            others(model, push, rule)
        ));
    }
    if !model.fleet.declaration().has_role(model.actor(), &rule.roles) {
        return Err(format!("approving {name} takes {}; it can be given by {}", roles(rule), others(model, push, rule)));
    }
    if waiting::given(push).count() as u32 >= rule.needed {
        return Err(format!("{name} has all its approvals; the engine takes it on when the rest is met"));
    }
    if !requirement::approval_is_asked(&model.fleet, push, model.now()) {
        return Err(format!("{name} does not ask for approval yet: {}", unmet(model, push)));
    }
    Ok(())
}

fn promote(model: &Model, push: &Push) -> Result<(), String> {
    let name = &push.plan.name;
    if push.next_index().is_none() {
        return Err(format!("{name} is at its last step; the engine finishes it by itself"));
    }
    if push.stage().is_none_or(|stage| stage.advance == Advance::Auto) {
        return Err(format!("{name} leaves this step by itself: {}", unmet(model, push)));
    }
    match status::of_push(&model.fleet, push, model.now()) {
        Status::Ready => Ok(()),
        Status::WaitingApproval => Err(format!("{name} waits for approval first; to approve, {}", key(model, Action::Approve))),
        _ if push.promoted.is_some() => Err(format!("{name} has been promoted; the engine takes it on by itself")),
        _ => Err(format!("{name} is not ready: {}", unmet(model, push))),
    }
}

/// What is missing, and who can clear it.
fn unmet(model: &Model, push: &Push) -> String {
    let requirements = requirement::of_gate(&model.fleet, push, model.now());
    let worst = requirements.iter().filter(|requirement| !requirement.state.lets_pass()).max_by_key(|found| found.state);
    worst.map_or_else(
        || "everything is met; the engine takes it on".to_owned(),
        |requirement| format!("{}, {}; cleared by {}", requirement.kind, requirement.why, requirement.who),
    )
}

fn roles(rule: &ApprovalRule) -> String {
    rule.roles.iter().map(Role::as_str).collect::<Vec<_>>().join(" or ")
}

/// The people whose approval would count, by name as far as they are declared.
fn others(model: &Model, push: &Push, rule: &ApprovalRule) -> String {
    let people: Vec<_> = model
        .fleet
        .declaration()
        .people
        .keys()
        .filter(|person| waiting::may_approve(&model.fleet, push, person))
        .map(PersonId::as_str)
        .collect();
    if people.is_empty() { format!("whoever has {}", roles(rule)) } else { people.join(" or ") }
}

/// The key that does something on a screen, as shown.
pub(super) fn key(model: &Model, action: Action) -> String {
    model.keymap().keys(action, Place::Screen).first().map_or_else(|| "no key".to_owned(), |key| key.label())
}
