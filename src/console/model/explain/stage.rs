//! A stage of a push: what it exposes, how long it is watched, who must agree, and how far it is.

use crate::domain::explain::entered;
use crate::domain::exposure;
use crate::domain::id::PushId;
use crate::domain::push::Push;
use crate::domain::stage::{Advance, Green, PlannedStage};

use super::super::{Model, words};
use super::{Page, gone, parts, push};

/// The stage, then its push.
pub(super) fn page(model: &Model, id: PushId, index: u32) -> Page {
    let Some(of) = model.fleet().push(id) else { return gone("this push") };
    let Some(stage) = of.plan.stages.get(index as usize) else { return gone("this stage") };
    let mut of_push = push::page(model, id);
    // What is new of the push comes first: that is what one looks for here.
    let since = of_push.parts.drain(..1.min(of_push.parts.len())).collect();
    let mut page =
        Page::new(format!("{}, step {} of {} of {}", entered(Some(stage)), index + 1, of.plan.stages.len(), words::push_name(of)));
    page.parts = since;
    page.with("What it is", what(model, of, stage)).with("How far it is", [("", far(model, of, index))]).and(of_push)
}

fn what(model: &Model, push: &Push, stage: &PlannedStage) -> Vec<(&'static str, String)> {
    let found = exposure::of_stage(model.fleet(), push, stage);
    let exposes = match stage.green {
        Some(Green::Warm) => "nobody: the new version is installed beside the old one, and no request reaches it".to_owned(),
        _ => parts::exposed(&found),
    };
    let merged = if stage.merged.is_empty() {
        String::new()
    } else {
        format!("{}: they would have reached the same instances", stage.merged.join(", "))
    };
    let people = stage.approval.as_ref().map(|rule| {
        let roles: Vec<_> = rule.roles.iter().map(ToString::to_string).collect();
        format!("{} of {} before it begins", rule.needed, roles.join(" or "))
    });
    let left = match stage.advance {
        Advance::Auto => "by itself, once everything holds",
        Advance::Hand => "by hand: somebody promotes it (p), once everything holds",
    };
    vec![
        ("", "a step of exposure: how much of an environment may run the new version at once".to_owned()),
        ("Exposes", exposes),
        (
            "Watched",
            if stage.bake.is_zero() {
                "as long as it takes".to_owned()
            } else {
                format!("for {} at least, from when the last instance has arrived", stage.bake)
            },
        ),
        ("Given up", format!("it goes back if not all have arrived within {}", stage.deadline)),
        ("Agree", people.unwrap_or_else(|| "nobody has to".to_owned())),
        ("Left", left.to_owned()),
        ("Alone", if stage.alone { "no other push may be in its cells".to_owned() } else { String::new() }),
        ("Merged", merged),
    ]
}

fn far(model: &Model, push: &Push, index: u32) -> String {
    let zone = &model.moment().zone;
    match push.cursor.stage {
        Some(at) if at == index => match push.cursor.arrived {
            Some(arrived) => {
                format!("it is here: entered at {}, all arrived at {}", push.cursor.entered.hh_mm(zone), arrived.hh_mm(zone))
            }
            None => format!("it is here: entered at {}, not all have arrived", push.cursor.entered.hh_mm(zone)),
        },
        Some(at) if at > index => "behind it: passed".to_owned(),
        _ => "ahead of it: not begun".to_owned(),
    }
}
