//! A requirement of a gate: what has to hold, how it stands and why, and who can clear it.

use crate::domain::explain::meaning;
use crate::domain::id::{PlacementId, PushId, Version};
use crate::domain::metric::Metric;
use crate::domain::push::Push;
use crate::domain::requirement::{self, Requirement, RequirementKind};
use crate::domain::verdict::Gathered;
use crate::evidence::series::Scope;

use super::super::{Model, words};
use super::parts::listed;
use super::{Page, gone, push};

/// The requirement, then its push.
pub(super) fn page(model: &Model, id: PushId, kind: &RequirementKind) -> Page {
    let Some(of) = model.fleet().push(id) else { return gone("this push") };
    let found = requirement::of_gate(model.fleet(), of, model.now()).into_iter().find(|found| found.kind == *kind);
    let page = Page::new(format!("{kind}, required of {}", words::push_name(of)))
        .with("What it is", [("", format!("a requirement: {}", meaning::requirement(kind)))]);
    let page = match (kind, &of.evidence) {
        (RequirementKind::Evidence, Some(gathered)) => page.with("What is compared", listed("", compared(gathered))),
        _ => page,
    };
    let page = match found {
        Some(found) => {
            let failure = failure(model, of, kind).map(|failure| ("Failed last", failure));
            page.with("How it stands", stands(model, &found).into_iter().chain(failure))
        }
        None => page.with("How it stands", [("", "it is not required at the gate where the push stands now".to_owned())]),
    };
    page.and(push::page(model, id))
}

/// Every slice that is told, the worst first.
fn compared(gathered: &Gathered) -> Vec<String> {
    let percent = |part: f64| (part * 100.0).round();
    let mut lines: Vec<String> = gathered
        .evidence
        .slices
        .iter()
        .map(|slice| {
            let told = requirement::told(&slice.slice, &slice.seen);
            let (worse, fine) = (percent(slice.worse), percent(slice.fine));
            let rest = if slice.named {
                format!(", {fine} % to cleared")
            } else {
                "; no limit names it, so it need not be cleared".to_owned()
            };
            format!("{told}; {worse} % of the way to worse{rest}")
        })
        .collect();
    let against = gathered.evidence.gauges.as_ref().and_then(|gauges| gauges.verdict.against());
    lines.extend(against.map(|against| format!("it uses more: {against}")));
    if gathered.evidence.others > 0 {
        lines.push(format!("{} more say nothing against it", gathered.evidence.others));
    }
    lines
}

/// Of a limit on users' journeys, the last that failed where the push stands.
fn failure(model: &Model, push: &Push, kind: &RequirementKind) -> Option<String> {
    let RequirementKind::Threshold { metric } = kind else { return None };
    let (stage, part) = (push.stage()?, push.plan.moves.first()?);
    last_failure(model, &PlacementId::new(part.service.clone(), stage.environment.clone()), *metric)
}

/// When and where a journey of a placement's group failed last, at which step and why, as far as anybody says; nothing of other metrics.
pub(super) fn last_failure(model: &Model, placement: &PlacementId, metric: Metric) -> Option<String> {
    let group = model.fleet().declaration().group_of(&placement.service).filter(|_| metric.is_of_journeys())?;
    let version = Version::new("");
    let scope = Scope { placement, cells: None, version: &version, journey: Some(group.id.as_str()) };
    let (at, cell, why) = model.signals().last_failure(&scope)?;
    Some(format!("{} in {cell}: {}", model.moment().day_clock(at), why.as_str()))
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
