//! A metric of the new version is within its limit in every cell.

use std::cmp::Ordering;

use super::super::feed::{Feed, FeedState};
use super::super::fleet::Fleet;
use super::super::id::ServiceId;
use super::super::metric::{Metric, SliceId, Standing, Threshold};
use super::super::push::Push;
use super::super::service::Group;
use super::super::stage::PlannedStage;
use super::super::time::EngineTime;
use super::{Requirement, RequirementKind, RequirementState};

pub(super) fn of(fleet: &Fleet, push: &Push, stage: &PlannedStage, now: EngineTime) -> Vec<Requirement> {
    Metric::ALL.into_iter().filter_map(|metric| threshold(fleet, push, stage, metric, now)).collect()
}

/// The worst slice of a metric; `None` where no service of the stage is held to a limit on it.
fn threshold(fleet: &Fleet, push: &Push, stage: &PlannedStage, metric: Metric, now: EngineTime) -> Option<Requirement> {
    let probes_only = fleet.declaration.environment(&stage.environment).is_some_and(|environment| !environment.has_users());
    let is_held = |slice: &SliceId| limit(fleet, &slice.service, metric);
    let mut worst = None::<(Shortfall, SliceId)>;
    let mut held = 0;
    for (slice, threshold) in push.slices(stage, metric).filter_map(|slice| is_held(&slice).map(|threshold| (slice, threshold))) {
        held += 1;
        let found = match fleet.judgement(&slice).map(|judged| &judged.standing) {
            // Nobody is served there, so there never will be enough; it clears nothing, and says so.
            Some(Standing::TooFew { .. }) if probes_only => None,
            _ => shortfall(fleet, &slice, threshold, now),
        };
        let Some(found) = found else { continue };
        // The first among equals, in the order of their names.
        let is_worse = worst.as_ref().is_none_or(|(worst, known)| {
            ((found.state, found.own), known).cmp(&((worst.state, worst.own), &slice)) == Ordering::Greater
        });
        if is_worse {
            worst = Some((found, slice));
        }
    }
    if held == 0 {
        return None;
    }
    let fine = if probes_only { "probes only, no user traffic there" } else { "within its limit in every cell" };
    let none = || Shortfall { state: RequirementState::Met, own: false, why: fine.to_owned() };
    let Shortfall { mut state, own, mut why } = worst.map_or_else(none, |(worst, _)| worst);
    if metric.is_of_journeys() {
        if let Some(lost) = no_probes(fleet) {
            (state, why) = (RequirementState::Broken, lost);
        }
        why = format!("journey {}: {why}", push.plan.group);
    }
    let who = match state {
        RequirementState::Broken => "whoever brings the numbers back",
        RequirementState::Unmet if own => "nobody: it goes back by itself if it lasts",
        RequirementState::Unmet => "whoever mends what old and new stand on",
        RequirementState::Pending | RequirementState::Waived | RequirementState::Met => "the numbers",
    };
    Some(Requirement { kind: RequirementKind::Threshold { metric }, state, why, who: who.to_owned(), due: None, usually: None })
}

/// Why nothing is known of journeys, where nothing is: what was judged before says nothing about now.
fn no_probes(fleet: &Fleet) -> Option<String> {
    match fleet.feeds.get(&Feed::Probes) {
        Some(FeedState::Live) => None,
        Some(FeedState::Lost { why, .. }) => Some(format!("the probes are lost, {why}")),
        None => Some("nothing was heard of the probes yet".to_owned()),
    }
}

/// What a slice lacks.
struct Shortfall {
    state: RequirementState,
    /// Whether it is the new version's own doing, as far as can be told.
    own: bool,
    why: String,
}

/// Whether a metric is beyond its limit in a stage, and nowhere by the new version's own doing: nothing goes back for it.
pub fn is_shared(fleet: &Fleet, push: &Push, stage: &PlannedStage, metric: Metric) -> bool {
    let standings = || push.slices(stage, metric).filter_map(|slice| fleet.judgement(&slice)).map(|judged| &judged.standing);
    standings().any(|standing| matches!(standing, Standing::SharedFault { .. }))
        && !standings().any(|standing| matches!(standing, Standing::Beyond { .. }))
}

/// What a slice lacks to be within its limit, if it lacks anything.
fn shortfall(fleet: &Fleet, slice: &SliceId, threshold: &Threshold, now: EngineTime) -> Option<Shortfall> {
    let SliceId { service, cell, metric, .. } = slice;
    let some = |state, own, why| Some(Shortfall { state, own, why });
    let Some(judged) = fleet.judgement(slice) else {
        return some(RequirementState::Pending, false, format!("no numbers yet for {service} in {cell}"));
    };
    match &judged.standing {
        Standing::Within { .. } => None,
        Standing::TooFew { n, need } => {
            let why = format!("{service} in {cell}: {n} of {need} {} so far, too few to judge", metric.counts());
            some(RequirementState::Pending, false, why)
        }
        Standing::NoData { why } => some(RequirementState::Broken, false, format!("{service} in {cell}: no data, {why}")),
        Standing::SharedFault { value, limit, base } => {
            let (held, base) = (metric.against(*value, *limit), metric.show(*base));
            let why = format!("{service} in {cell}: {held}, and {base} on the old version: not this release");
            some(RequirementState::Unmet, false, why)
        }
        Standing::Beyond { value, limit } => {
            let held = metric.against(*value, *limit);
            let lasted = now.since(judged.since).min(threshold.sustained);
            let why = format!("{service} in {cell}: {held}, for {lasted} of {}", threshold.sustained);
            some(RequirementState::Unmet, true, why)
        }
    }
}

/// The limit a service's metric is held to. A journey is its group's, and held against the service it enters by alone.
pub fn limit<'f>(fleet: &'f Fleet, service: &ServiceId, metric: Metric) -> Option<&'f Threshold> {
    let enters = || fleet.declaration.group_of(service).and_then(Group::enters);
    fleet.threshold(service, metric).filter(|_| !metric.is_of_journeys() || enters() == Some(service))
}
