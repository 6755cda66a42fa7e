//! Verbs that have to know more than the push: which requirement, which fix, which sibling, which cell.

use std::collections::BTreeMap;

use crate::domain::command::{Order, Retried, Sight};
use crate::domain::drift;
use crate::domain::explain;
use crate::domain::id::{PlacementId, PushId, ServiceId, Version};
use crate::domain::placement::Placement;
use crate::domain::push::{Course, Push};
use crate::domain::requirement::{self, RequirementKind};
use crate::domain::skew;
use crate::domain::time::Period;
use crate::domain::waiver;

use super::dialog::Line;
use super::intent::Intent;
use super::overlay::{Asking, Choice};
use super::timeline::Tone;
use super::{Model, words};

/// How long a waiver asked for here stands, unless the gate is passed before.
pub(super) const WAIVED_FOR: Period = Period::from_mins(60);

/// What a verb could mean on a push, each with its line. Empty where it could mean nothing there.
pub(super) fn choices(model: &Model, asking: Asking, push: &Push) -> Vec<(Choice, String)> {
    let id = push.id();
    match asking {
        Asking::Waive => waivable(model, push)
            .into_iter()
            .map(|(kind, why)| {
                let line = format!("{kind}: {why}");
                (Choice::Requirement(id, kind), line)
            })
            .collect(),
        Asking::FixForward => {
            fixes(model, push).into_iter().map(|fixes| (Choice::Fixes(id, fixes.clone()), listed(&fixes))).collect()
        }
        Asking::Alone => push
            .plan
            .moves
            .iter()
            .filter(|_| push.plan.moves.len() > 1)
            .map(|part| {
                (Choice::Service(id, part.service.clone()), format!("{}, now on its way to {}", part.service, part.to.version))
            })
            .collect(),
        Asking::Drain => cells(model, push),
        Asking::StrikeNote => (0..)
            .zip(&push.notes)
            .filter(|(_, note)| note.struck.is_none())
            .map(|(index, note)| (Choice::Note(id, index), format!("{}: {}", note.by, note.text)))
            .collect(),
        Asking::Retry => vec![(Choice::Again(Retried::Push { push: id }), words::push_name(push))],
        _ => vec![(Choice::Push(id), words::push_name(push))],
    }
}

/// Requirements of the gate that do not hold and that people may let be passed, with their reasons.
pub(super) fn waivable(model: &Model, push: &Push) -> Vec<(RequirementKind, String)> {
    requirement::of_gate(&model.fleet, push, model.now())
        .into_iter()
        .filter(|found| !found.state.lets_pass() && found.kind.is_waivable())
        .map(|found| (found.kind, found.why))
        .collect()
}

/// Releases made from what is in flight, those of one tag together, the ones declared last first.
pub(super) fn fixes(model: &Model, push: &Push) -> Vec<Vec<(ServiceId, Version)>> {
    let mut found: BTreeMap<Version, Vec<(ServiceId, Version)>> = BTreeMap::new();
    let mut order = Vec::new();
    for release in model.fleet.declaration().releases.iter().rev() {
        let in_flight = push.move_of(&release.service).map(|part| &part.to.version);
        if release.based_on.is_some() && release.based_on.as_ref() == in_flight {
            if !found.contains_key(&release.version) {
                order.push(release.version.clone());
            }
            found.entry(release.version.clone()).or_default().push((release.service.clone(), release.version.clone()));
        }
    }
    order.into_iter().filter_map(|version| found.remove(&version)).collect()
}

fn cells(model: &Model, push: &Push) -> Vec<(Choice, String)> {
    let Some(stage) = push.stage() else { return Vec::new() };
    let Some(environment) = model.fleet.declaration().environment(&stage.environment) else { return Vec::new() };
    let parts: Vec<(&Placement, &Version)> = push
        .plan
        .moves
        .iter()
        .filter_map(|part| Some((model.fleet.placement(&part.service, &environment.id)?, &part.to.version)))
        .collect();
    let counted = environment.cells.iter().map(|cell| {
        let on_new: u32 = parts.iter().map(|(placement, version)| placement.count_in(&cell.id, version)).sum();
        let all: u32 = parts.iter().map(|(placement, _)| placement.size_in(&cell.id)).sum();
        (cell, on_new, all)
    });
    counted
        .filter(|(_, on_new, _)| *on_new > 0)
        .map(|(cell, on_new, all)| {
            (
                Choice::Cell(push.id(), cell.id.clone()),
                format!("{} in {}: {on_new} of {all} on the new version", cell.id, environment.id),
            )
        })
        .collect()
}

fn listed(releases: &[(ServiceId, Version)]) -> String {
    releases.iter().map(|(service, version)| format!("{service} {version}")).collect::<Vec<_>>().join(", ")
}

/// What a choice comes to, once it is made; `None` where the engine has not said who it is.
pub(super) fn intent(asking: Asking, choice: Choice, sight: impl FnOnce(PushId) -> Option<Box<Sight>>) -> Option<Intent> {
    Some(match (asking, choice) {
        (_, Choice::Requirement(push, kind)) => Intent::Waive(push, sight(push)?, kind),
        (_, Choice::Fixes(push, releases)) => Intent::FixForward(push, sight(push)?, releases),
        (_, Choice::Service(push, service)) => Intent::Alone(push, service),
        (_, Choice::Cell(push, cell)) => Intent::Drain(push, cell),
        (_, Choice::Again(what)) => Intent::Retry(what),
        (Asking::Halt, Choice::Push(push)) => Intent::Halt(push),
        (Asking::Note, Choice::Push(push)) => Intent::Note(push),
        _ => return None,
    })
}

/// What on the selected services was changed by hand and waits for a person, each with its line.
pub(super) fn strays(model: &Model) -> Vec<(Choice, String)> {
    let of_selected = |placement: &&Placement| model.place.services.contains(&placement.id.service);
    let placements = model.fleet.placements().filter(of_selected);
    placements
        .filter_map(|placement| {
            let strays = drift::held(&model.fleet, placement, model.now());
            let what = Retried::Placement { placement: placement.id.clone() };
            (!strays.is_empty()).then(|| (Choice::Again(what), format!("{}: {}", placement.id, drift::told(placement, &strays))))
        })
        .collect()
}

/// The verb and its target, for the head of the dialog.
pub(super) fn title(model: &Model, asking: Asking, intent: &Intent) -> String {
    let name = intent.push().map(|push| words::name_of(&model.fleet, push)).unwrap_or_default();
    match intent {
        Intent::Waive(_, _, kind) => format!("Waive {kind} for {name}"),
        Intent::FixForward(_, _, releases) => format!("Fix {name} forward with {}", listed(releases)),
        Intent::Alone(_, service) => format!("Roll {service} back alone, of {name}"),
        Intent::Drain(_, cell) => format!("Drain {cell} of {name}"),
        Intent::Retry(Retried::Placement { placement }) => format!("Bring {placement} back to its target"),
        _ => format!("{} {name}", asking.word()),
    }
}

/// What the dialog of one of these verbs says. What the sight shows is added by whoever opens it.
pub(super) fn says(model: &Model, intent: &Intent, push: &Push) -> Vec<Line> {
    let line = |tone, text: String| Line { text, tone };
    let here = explain::entered(push.stage());
    match intent {
        Intent::Waive(_, _, kind) => {
            let open = waivable(model, push).into_iter().find(|(found, _)| found == kind);
            let mut lines: Vec<Line> =
                open.map(|(kind, why)| line(Tone::Bad, format!("{kind} does not hold: {why}."))).into_iter().collect();
            if let Some(first) = push.asked_waiver(kind, model.now()) {
                lines.push(line(
                    Tone::Waiting,
                    format!("{} asks for it: {}. Yours is the second yes, and it counts.", first.by, first.reason),
                ));
            } else if waiver::needs_second(&model.fleet, push) {
                lines.push(line(
                    Tone::Waiting,
                    "The next step is larger than one person may answer for: it counts once a second person agrees.".to_owned(),
                ));
            }
            lines.push(line(
                Tone::Plain,
                format!("It may then be passed once, from {here}, for {WAIVED_FOR}. It stays on screen as waived to the end of the push."),
            ));
            lines
        }
        Intent::FixForward(_, _, releases) => vec![
            line(
                Tone::Waiting,
                format!(
                    "{} takes the place of what is in flight, at {here}. Earlier steps here are not repeated; nobody new is exposed.",
                    listed(releases)
                ),
            ),
            line(
                Tone::Plain,
                "It is tested in the environments before this one first; bake and evidence of this step start anew.".to_owned(),
            ),
        ],
        Intent::Alone(_, service) => {
            let must = skew::must_return(&model.fleet, push, service);
            let others = push.plan.moves.iter().filter(|part| must.contains(&part.service) && part.service != *service);
            let others: Vec<_> = others.map(|part| format!("{} {}", part.service, part.to.version)).collect();
            let left = if others.is_empty() {
                line(Tone::Plain, format!("{service} goes back alone; its siblings were tested beside the version it returns to."))
            } else {
                line(Tone::Bad, format!("{service} goes back alone. OUT OF STEP with it: {}.", others.join(", ")))
            };
            vec![
                left,
                line(
                    Tone::Waiting,
                    "The push is stopped by this. r takes the others back too; u brings it forward again.".to_owned(),
                ),
            ]
        }
        Intent::Drain(_, cell) => vec![
            line(
                Tone::Waiting,
                format!("No request in {cell} meets the new version; as many instances at a time as {cell} can spare."),
            ),
            line(
                Tone::Plain,
                "The push is stopped; the instances stay as they are for inspection. u puts them back, r goes back.".to_owned(),
            ),
        ],
        Intent::Halt(_) => {
            let safe = push.course.rollback().and_then(|rollback| rollback.users_safe);
            let users = match safe {
                Some(_) => line(Tone::Plain, "Users are safe: no request meets the new version.".to_owned()),
                None => line(Tone::Bad, "USERS STAY EXPOSED to what is still on the new version.".to_owned()),
            };
            vec![
                users,
                line(Tone::Waiting, "It stays half way until r or R takes it on back. Nothing takes it forward.".to_owned()),
            ]
        }
        Intent::Retry(_) => vec![match &push.course {
            Course::RollbackFailed { stuck, .. } => line(
                Tone::Waiting,
                format!(
                    "{} that did not get back are tried again at once, with a new deadline.",
                    words::counted(stuck.len() as u32, "instance")
                ),
            ),
            _ => line(Tone::Waiting, "Tasks that failed or were never heard of again are given again at once.".to_owned()),
        }],
        Intent::Note(_) => {
            vec![line(Tone::Plain, "Everybody sees it on this push, with your name, until somebody strikes it out.".to_owned())]
        }
        _ => Vec::new(),
    }
}

/// What the dialog says that brings back what was changed by hand.
pub(super) fn says_of_strays(model: &Model, placement: &PlacementId) -> Vec<Line> {
    let found = model.fleet.placement_by_id(placement).map(|found| {
        let strays = drift::held(&model.fleet, found, model.now());
        let text = format!("Changed by hand, and brought back to its target by this: {}.", drift::told(found, &strays));
        Line { text, tone: Tone::Waiting }
    });
    found.into_iter().collect()
}

/// The order a dialog of one of these verbs leads to.
pub(super) fn order(model: &Model, intent: Intent, reason: Option<String>) -> Option<Order> {
    let needed = || reason.clone().unwrap_or_default();
    Some(match intent {
        Intent::Waive(push, sight, requirement) => Order::Waive { push, sight, requirement, reason: needed(), lasts: WAIVED_FOR },
        Intent::FixForward(push, sight, releases) => {
            let digest = |(service, version): &(ServiceId, Version)| {
                model.fleet.declaration().release(service, version).map(|release| release.digest.clone())
            };
            let digests = releases.iter().map(digest).collect::<Option<_>>()?;
            Order::FixForward { push, sight, releases, digests }
        }
        Intent::Alone(push, service) => Order::RollBackAlone { push, service, reason: needed() },
        Intent::Drain(push, cell) => Order::Drain { push, cell, reason },
        Intent::Halt(push) => Order::HaltRollback { push, reason: needed() },
        Intent::Retry(what) => Order::Retry { what },
        Intent::Note(push) => Order::Note { push, text: needed() },
        _ => return None,
    })
}
