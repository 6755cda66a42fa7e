//! A requirement of a gate: what has to hold, how it stands and why, and who can clear it.

use crate::domain::explain::meaning;
use crate::domain::id::PushId;
use crate::domain::requirement::{self, Requirement, RequirementKind};

use super::super::{Model, words};
use super::{Page, gone, push};

/// The requirement, then its push.
pub(super) fn page(model: &Model, id: PushId, kind: &RequirementKind) -> Page {
    let Some(of) = model.fleet().push(id) else { return gone("this push") };
    let found = requirement::of_gate(model.fleet(), of, model.now()).into_iter().find(|found| found.kind == *kind);
    let page = Page::new(format!("{kind}, required of {}", words::push_name(of)))
        .with("What it is", [("", format!("a requirement: {}", meaning::requirement(kind)))]);
    let page = match found {
        Some(found) => page.with("How it stands", stands(model, &found)),
        None => page.with("How it stands", [("", "it is not required at the gate where the push stands now".to_owned())]),
    };
    page.and(push::page(model, id))
}

fn stands(model: &Model, found: &Requirement) -> Vec<(&'static str, String)> {
    let moment = model.moment();
    let waivable =
        if found.kind.is_waivable() { "it may be waived (w), by whoever may, with a reason" } else { "it cannot be waived" };
    vec![
        ("", meaning::state(found.state).to_owned()),
        ("Why", found.why.clone()),
        ("Due", found.due.map(|due| format!("by the clock about {}", moment.day_clock(due))).unwrap_or_default()),
        ("Usually", found.usually.map(|usual| format!("it keeps a push for {usual}")).unwrap_or_default()),
        ("Who", found.who.clone()),
        ("", if found.state.lets_pass() { String::new() } else { waivable.to_owned() }),
    ]
}
