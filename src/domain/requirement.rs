//! The conditions of leaving a stage, worked out from the facts. Nothing here is stored: a requirement is what the fleet says it is.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::capacity::{self, Spare};
use super::feed::Feed;
use super::fleet::Fleet;
use super::id::ServiceId;
use super::metric::{Metric, SliceId, Standing, Threshold};
use super::push::{APPROVAL_LIFE, Push};
use super::stage::{ApprovalRule, PlannedStage};
use super::time::{EngineTime, Period};

/// What must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum RequirementKind {
    /// All instances of this stage have arrived and serve.
    Arrived,
    /// The stage's minimum clock has run.
    Bake,
    /// A metric of the new version is within its limit in every cell.
    Threshold {
        /// Which metric.
        metric: Metric,
    },
    /// The environments before the next one are converged on what is to be exposed there.
    EarlierConverged,
    /// People have said yes.
    Approval,
}

impl fmt::Display for RequirementKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Arrived => "arrived",
            Self::Bake => "bake",
            Self::Threshold { metric } => metric.word(),
            Self::EarlierConverged => "earlier",
            Self::Approval => "approval",
        })
    }
}

/// How a requirement stands. Ordered from good to bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequirementState {
    /// It holds.
    Met,
    /// It does not hold yet; nothing is wrong.
    Pending,
    /// It does not hold, and that is bad.
    Unmet,
    /// The check itself failed. Blocks as hard as `Unmet`.
    Broken,
}

/// One requirement with its reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// What must hold.
    pub kind: RequirementKind,
    /// How it stands.
    pub state: RequirementState,
    /// Why it stands so, in a few words with figures.
    pub why: String,
    /// Who or what can clear it.
    pub who: String,
    /// When it will be met if nothing changes, where a clock decides it.
    pub due: Option<EngineTime>,
}

/// The requirements of the gate a push stands before, in the order shown. Empty once it goes back or is converged.
pub fn of_gate(fleet: &Fleet, push: &Push, now: EngineTime) -> Vec<Requirement> {
    if !push.is_forward() {
        return Vec::new();
    }
    let mut found = Vec::new();
    if let Some(stage) = push.stage() {
        found.push(arrived(fleet, push, stage));
        found.push(bake(push, stage, now));
        found.extend(thresholds(fleet, push, stage, now));
    }
    if let Some(next) = push.next_stage() {
        found.extend(earlier_converged(fleet, push, next));
        if let Some(rule) = &next.approval {
            let asked = is_asked(&found, now);
            found.push(approval(push, rule, asked));
        }
    }
    found
}

/// The limit a service's metric is held to. A journey is its group's, and held against the service it enters by alone.
pub fn limit<'f>(fleet: &'f Fleet, service: &ServiceId, metric: Metric) -> Option<&'f Threshold> {
    let of_journey = metric == Metric::EndToEnd;
    let enters = || fleet.declaration.group_of(service).and_then(|group| group.hops.first().or(group.services.first()));
    fleet.threshold(service, metric).filter(|_| !of_journey || enters() == Some(service))
}

/// What is not seen of the world, so that nothing goes forward: without targets nobody knows what a step did, without metrics nobody
/// can judge it. The engine's own feed is lost where it can no longer write down what it does.
pub fn blind(fleet: &Fleet) -> Option<Feed> {
    fleet.lost_feeds().find(|feed| matches!(feed, Feed::Engine | Feed::Targets | Feed::Metrics))
}

/// Whether an approval is asked for: everything else holds, or a clock says it will within an approval's life.
fn is_asked(others: &[Requirement], now: EngineTime) -> bool {
    others.iter().all(|other| match (other.state, other.due) {
        (RequirementState::Met, _) => true,
        (RequirementState::Pending, Some(due)) => now.until(due) <= APPROVAL_LIFE,
        _ => false,
    })
}

/// Whether the gate's approval is asked for now: not yet given, and everything else about to hold.
pub fn approval_is_asked(fleet: &Fleet, push: &Push, now: EngineTime) -> bool {
    let (approvals, others): (Vec<_>, Vec<_>) =
        of_gate(fleet, push, now).into_iter().partition(|requirement| requirement.kind == RequirementKind::Approval);
    let is_missing = approvals.iter().any(|approval| approval.state != RequirementState::Met);
    push.holds.is_empty() && push.rejection.is_none() && is_missing && is_asked(&others, now)
}

fn arrived(fleet: &Fleet, push: &Push, stage: &PlannedStage) -> Requirement {
    let granted = stage.granted();
    let there = fleet.settled_on_new(push, stage);
    let kind = RequirementKind::Arrived;
    if push.cursor.arrived.is_some() && there >= granted {
        let why = format!("all {granted} since they arrived");
        return Requirement { kind, state: RequirementState::Met, why, who: "the engine".into(), due: None };
    }
    let mut why = format!("{there} of {granted} instances are on the new version and serve");
    if let Some(short) = no_room(fleet, push, stage) {
        why = format!("{why}; {short}");
    }
    Requirement { kind, state: RequirementState::Pending, why, who: "the engine, by itself".into(), due: None }
}

/// Where the next instance cannot be taken because the cell would fall below what its peak needs.
fn no_room(fleet: &Fleet, push: &Push, stage: &PlannedStage) -> Option<String> {
    let parts = push.plan.moves.iter().filter_map(|part| Some((part, fleet.placement(&part.service, &stage.environment)?)));
    let (part, placement) = parts.into_iter().find(|(_, placement)| !placement.is_on_target())?;
    let cells = stage.grants.get(&part.service)?;
    cells.iter().find_map(|(cell, granted)| {
        let on_its_way = placement.count_where(cell, |instance| instance.in_flight.is_some());
        let heading = placement.count_where(cell, |instance| *instance.heading_for() == part.to.version);
        let spare = Spare::of(fleet, placement, cell, capacity::reserve(placement.size_in(cell)));
        (on_its_way == 0 && heading < *granted && spare.allowance() == 0).then(|| {
            let Spare { counted_on, needed, reserve } = spare;
            format!(
                "{} in {cell} has no room: {counted_on} serve, {needed} are needed at the peak and {reserve} kept in reserve",
                part.service
            )
        })
    })
}

fn bake(push: &Push, stage: &PlannedStage, now: EngineTime) -> Requirement {
    let elapsed = push.cursor.bake.elapsed(now);
    let left = stage.bake.less(elapsed);
    let kind = RequirementKind::Bake;
    if push.cursor.arrived.is_some() && left.is_zero() {
        let why = format!("watched for {}", stage.bake);
        return Requirement { kind, state: RequirementState::Met, why, who: "the clock".into(), due: None };
    }
    match (&push.cursor.bake.running_since, &push.cursor.bake.stopped) {
        (Some(_), _) => Requirement {
            kind,
            state: RequirementState::Pending,
            why: format!("{} of {}", elapsed.min(stage.bake), stage.bake),
            who: "the clock".into(),
            due: Some(now + left),
        },
        (None, Some(stopped)) => Requirement {
            kind,
            state: RequirementState::Broken,
            why: format!("clock stands still at {} of {}: {stopped}", elapsed.min(stage.bake), stage.bake),
            who: "whoever brings the numbers back".into(),
            due: None,
        },
        (None, None) => Requirement {
            kind,
            state: RequirementState::Pending,
            why: match push.cursor.arrived {
                Some(_) => format!("{}, from when the first numbers are in", stage.bake),
                None => format!("{}, from when the last instance has arrived", stage.bake),
            },
            who: "the clock".into(),
            due: None,
        },
    }
}

fn thresholds(fleet: &Fleet, push: &Push, stage: &PlannedStage, now: EngineTime) -> Vec<Requirement> {
    Metric::ALL.into_iter().filter_map(|metric| threshold(fleet, push, stage, metric, now)).collect()
}

/// The worst slice of a metric; `None` where no service of the stage is held to a limit on it.
fn threshold(fleet: &Fleet, push: &Push, stage: &PlannedStage, metric: Metric, now: EngineTime) -> Option<Requirement> {
    let probes_only = fleet.declaration.environment(&stage.environment).is_some_and(|environment| !environment.has_users());
    let mut held: Vec<_> = push
        .slices(stage, metric)
        .filter_map(|slice| limit(fleet, &slice.service, metric).map(|threshold| (slice, threshold)))
        .collect();
    held.sort_by(|(a, _), (b, _)| a.cmp(b));
    if held.is_empty() {
        return None;
    }
    let mut worst = None::<(RequirementState, String)>;
    for (slice, threshold) in &held {
        let found = match fleet.judgement(slice).map(|judged| &judged.standing) {
            // Nobody is served there, so there never will be enough; it clears nothing, and says so.
            Some(Standing::TooFew { .. }) if probes_only => None,
            _ => shortfall(fleet, slice, threshold, now),
        };
        if let Some(found) = found
            && worst.as_ref().is_none_or(|(state, _)| found.0 > *state)
        {
            worst = Some(found);
        }
    }
    let fine = if probes_only { "probes only, no user traffic there" } else { "within its limit in every cell" };
    let (found, why) = worst.unwrap_or_else(|| (RequirementState::Met, fine.to_owned()));
    let who = match found {
        RequirementState::Broken => "whoever brings the numbers back",
        RequirementState::Unmet => "nobody: it goes back by itself if it lasts",
        RequirementState::Pending | RequirementState::Met => "the numbers",
    };
    Some(Requirement { kind: RequirementKind::Threshold { metric }, state: found, why, who: who.to_owned(), due: None })
}

/// What a slice lacks to be within its limit, if it lacks anything.
fn shortfall(fleet: &Fleet, slice: &SliceId, threshold: &Threshold, now: EngineTime) -> Option<(RequirementState, String)> {
    let SliceId { service, cell, metric, .. } = slice;
    let Some(judged) = fleet.judgement(slice) else {
        return Some((RequirementState::Pending, format!("no numbers yet for {service} in {cell}")));
    };
    match &judged.standing {
        Standing::Within { .. } => None,
        Standing::TooFew { n, need } => {
            Some((RequirementState::Pending, format!("{service} in {cell}: {n} of {need} requests so far, too few to judge")))
        }
        Standing::NoData { why } => Some((RequirementState::Broken, format!("{service} in {cell}: no data, {why}"))),
        Standing::Beyond { value, limit } => {
            let (value, limit) = (metric.show(*value), metric.show(*limit));
            let lasted = now.since(judged.since).min(threshold.sustained);
            Some((
                RequirementState::Unmet,
                format!("{service} in {cell}: {value}, limit {limit}, for {lasted} of {}", threshold.sustained),
            ))
        }
    }
}

fn earlier_converged(fleet: &Fleet, push: &Push, next: &PlannedStage) -> Option<Requirement> {
    let before = &fleet.declaration.environment(&next.environment)?.after;
    if before.is_empty() || push.stage().is_some_and(|stage| stage.environment == next.environment) {
        return None;
    }
    let missing: Vec<String> = before
        .iter()
        .flat_map(|environment| push.plan.moves.iter().map(move |part| (environment, part)))
        .filter(|(environment, part)| {
            fleet
                .placement(&part.service, environment)
                .is_some_and(|placement| !placement.is_on_target() || placement.count(&part.to.version) < placement.size())
        })
        .map(|(environment, part)| format!("{} in {environment}", part.service))
        .collect();
    let (state, why) = if missing.is_empty() {
        (RequirementState::Met, "converged on the new version".to_owned())
    } else {
        (RequirementState::Pending, format!("not yet on the new version: {}", missing.join(", ")))
    };
    Some(Requirement { kind: RequirementKind::EarlierConverged, state, why, who: "the engine, by itself".into(), due: None })
}

fn approval(push: &Push, rule: &ApprovalRule, asked: bool) -> Requirement {
    let given: Vec<_> =
        push.approvals.iter().filter(|approval| approval.gate == push.gate()).map(|approval| approval.by.as_str()).collect();
    let roles = rule.roles.iter().map(super::id::Role::as_str).collect::<Vec<_>>().join(" or ");
    let (state, why) = if given.len() as u32 >= rule.needed {
        (RequirementState::Met, format!("given by {}", given.join(", ")))
    } else if asked && given.is_empty() {
        (RequirementState::Pending, format!("{} of {roles}", rule.needed))
    } else if asked {
        (RequirementState::Pending, format!("{} of {}, given by {}", given.len(), rule.needed, given.join(", ")))
    } else {
        (RequirementState::Pending, format!("{} of {roles}, asked when the rest is met", rule.needed))
    };
    Requirement { kind: RequirementKind::Approval, state, why, who: roles, due: None }
}

/// When the last of the clocks among these runs out, if only clocks and people are missing.
pub fn clocks_end(requirements: &[Requirement]) -> Option<EngineTime> {
    requirements
        .iter()
        .filter(|requirement| requirement.state != RequirementState::Met)
        .filter_map(|requirement| requirement.due)
        .max()
}

/// How long a requirement's clock has still to run.
pub fn time_left(requirement: &Requirement, now: EngineTime) -> Option<Period> {
    requirement.due.map(|due| now.until(due))
}
