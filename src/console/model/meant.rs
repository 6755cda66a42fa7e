//! What a verb is about: the pushes, or what asks to be acknowledged, on the selection.

use crate::domain::command::Acknowledged;
use crate::domain::id::PushId;
use crate::domain::push::{Course, Push};

use super::overlay::Overlay;
use super::screen::{RowKey, Screen};
use super::signal_charts::ChartKey;
use super::{Model, place, words};

/// The open pushes that the selection could mean. Where nothing at all can be selected, that is every one of them.
pub(super) fn meant(model: &Model) -> Vec<PushId> {
    let fleet = &model.fleet;
    let open = |push: &&Push| push.is_open();
    match model.cursor() {
        None => match model.selected_push() {
            Some(push) => fleet.push(push).filter(open).map(Push::id).into_iter().collect(),
            None => fleet.pushes().filter(open).map(Push::id).collect(),
        },
        Some(RowKey::Group(group)) => fleet.pushes().filter(open).filter(|push| push.plan.group == *group).map(Push::id).collect(),
        Some(RowKey::Service(service)) => fleet.open_pushes_of(service).map(Push::id).collect(),
        Some(_) => place::push_of_row(model).filter(|push| fleet.push(*push).is_some_and(Push::is_open)).into_iter().collect(),
    }
}

/// Their names, one after the other.
pub(super) fn names(model: &Model, pushes: &[PushId]) -> String {
    pushes.iter().map(|push| words::name_of(&model.fleet, *push)).collect::<Vec<_>>().join(", ")
}

/// What could be acknowledged on the selection, the loudest first.
pub(super) fn to_acknowledge(model: &Model) -> Option<Acknowledged> {
    let now = model.now();
    let unseen = |push: &&Push| {
        push.acknowledged.is_none()
            && (push.rejection.is_some() || matches!(push.course, Course::RolledBack { .. } | Course::RollbackFailed { .. }))
    };
    let push = model.selected_push().and_then(|push| model.fleet.push(push));
    let alerts = || model.fleet.alerts().filter(|alert| !alert.is_acknowledged(now));
    let alert = match model.cursor() {
        Some(RowKey::Chart(chart)) => alerts().find(|alert| ChartKey::of(&alert.slice) == *chart),
        Some(RowKey::Waiting(_)) => None,
        _ => alerts().find(|alert| model.place.services.contains(&alert.slice.service)),
    };
    alert
        .map(|alert| Acknowledged::Alert { slice: alert.slice.clone() })
        .or_else(|| push.as_ref().filter(|push| unseen(push)).map(|push| Acknowledged::Push { push: push.id() }))
}

/// What the dialog, the selection or the lack of one make the keys hit, by name.
pub(super) fn target_name(model: &Model) -> String {
    if let Some(Overlay::Confirm(dialog)) = model.place.overlays.last()
        && let Some(push) = dialog.intent.push()
    {
        return words::name_of(&model.fleet, push);
    }
    let pushes = meant(model);
    if !pushes.is_empty() {
        return names(model, &pushes);
    }
    match (model.cursor(), model.selected_push()) {
        (Some(RowKey::Group(group)), _) => group.to_string(),
        (Some(RowKey::Service(service)), _) => service.to_string(),
        (_, Some(push)) => words::name_of(&model.fleet, push),
        (Some(RowKey::Chart(chart)), _) => chart.placement.service.to_string(),
        _ if model.screen() == Screen::Waiting => "nothing waits".to_owned(),
        _ => String::new(),
    }
}
