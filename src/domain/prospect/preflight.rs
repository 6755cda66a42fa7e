//! What is looked at before anything moves. What is not known is never taken for good.

use super::super::feed::{Feed, FeedState};
use super::super::flag::{Flag, FlagState};
use super::super::fleet::Fleet;
use super::super::id::{PlacementId, ServiceId};
use super::super::push::{Course, Push, PushPlan};
use super::super::requirement::RequirementKind;
use super::super::share::Share;
use super::super::start;
use super::super::time::EngineTime;
use super::Clash;

/// What is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// Open alerts on the services.
    Alerts,
    /// What is left of a service's error budget.
    Budget,
    /// What a service has to spare at its peak.
    Capacity,
    /// Other pushes, in the same group and in the same cells.
    Others,
    /// Pushes built from the same commits.
    SameCommit,
    /// Whether news arrives.
    Feeds,
    /// How the group's last way back went.
    RollbackTried,
    /// When the flags that it stands behind were last tried, and whether they are on.
    FlagTried,
}

impl Subject {
    /// The word on screens.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Alerts => "alerts",
            Self::Budget => "budget",
            Self::Capacity => "capacity",
            Self::Others => "other pushes",
            Self::SameCommit => "same commit",
            Self::Feeds => "feeds",
            Self::RollbackTried => "rollback",
            Self::FlagTried => "flag",
        }
    }
}

/// How it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// It is well.
    Met,
    /// Nobody can tell. Not good.
    Unknown,
    /// It is not well.
    Unmet,
}

impl Mark {
    /// The word on screens.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Unknown => "unknown",
            Self::Unmet => "not met",
        }
    }
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What.
    pub subject: Subject,
    /// How it stands.
    pub mark: Mark,
    /// With figures, in a few words.
    pub why: String,
}

impl Check {
    fn new(subject: Subject, mark: Mark, why: impl Into<String>) -> Self {
        Self { subject, mark, why: why.into() }
    }
}

/// Everything that is looked at, in the order shown.
pub(super) fn of(fleet: &Fleet, plan: &PushPlan, clashes: &[Clash], now: EngineTime) -> Vec<Check> {
    let mut found = alerts(fleet, plan);
    found.extend(plan.moves.iter().map(|part| budget(fleet, &part.service)));
    found.extend(capacity(fleet, plan));
    found.push(others(fleet, plan, clashes));
    found.push(same_commit(plan, clashes));
    found.extend(feeds(fleet));
    found.push(rollback_tried(fleet, plan, now));
    found.extend(flags_tried(fleet, plan, now));
    found
}

fn is_live(fleet: &Fleet, feed: Feed) -> bool {
    fleet.feeds.get(&feed) == Some(&FeedState::Live)
}

fn alerts(fleet: &Fleet, plan: &PushPlan) -> Vec<Check> {
    let moves = |service: &ServiceId| plan.moves.iter().any(|part| part.service == *service);
    let open: Vec<_> = fleet.alerts.values().filter(|alert| moves(&alert.slice.service)).collect();
    if open.is_empty() {
        let seen = is_live(fleet, Feed::Metrics);
        let (mark, why) = if seen { (Mark::Met, "none open on its services") } else { (Mark::Unknown, "the metrics are not live") };
        return vec![Check::new(Subject::Alerts, mark, why)];
    }
    let told = open.into_iter().map(|alert| {
        let (slice, metric) = (&alert.slice, alert.slice.metric);
        let held = metric.against(alert.value, alert.limit);
        format!("{metric} of {} {} in {} at {held}", slice.service, slice.version, slice.cell)
    });
    told.map(|why| Check::new(Subject::Alerts, Mark::Unmet, why)).collect()
}

fn budget(fleet: &Fleet, service: &ServiceId) -> Check {
    let Some(slo) = fleet.declaration.service(service).map(|service| &service.slo) else {
        return Check::new(Subject::Budget, Mark::Unknown, format!("{service} is not declared"));
    };
    let mark = if slo.budget_left > 0.0 { Mark::Met } else { Mark::Unmet };
    let why = format!("{service} has {} left of {} days, declared", Share::new(slo.budget_left), slo.window_days);
    Check::new(Subject::Budget, mark, why)
}

/// Of each service in each protected environment on the way.
fn capacity(fleet: &Fleet, plan: &PushPlan) -> Vec<Check> {
    let protected = fleet.declaration.environments.iter().filter(|environment| environment.protected);
    let mut found = Vec::new();
    for environment in protected.filter(|environment| plan.stages.iter().any(|stage| stage.environment == environment.id)) {
        for part in plan.moves.iter().filter(|part| part.from.contains_key(&environment.id)) {
            let place = PlacementId::new(part.service.clone(), environment.id.clone());
            let check = match super::spare(fleet, &place).filter(|_| is_live(fleet, Feed::Targets)) {
                None => (Mark::Unknown, format!("{} in {}: its instances are not seen", part.service, environment.id)),
                Some(0) => (Mark::Unmet, format!("{} in {}: none to spare at the peak", part.service, environment.id)),
                Some(spare) => (Mark::Met, format!("{} in {}: {spare} to spare at the peak", part.service, environment.id)),
            };
            found.push(Check::new(Subject::Capacity, check.0, check.1));
        }
    }
    found
}

fn kept<'c>(clashes: &'c [Clash], wanted: &[RequirementKind]) -> Option<&'c str> {
    clashes.iter().find_map(|clash| match clash {
        Clash::Kept { kind, why, .. } if wanted.contains(kind) => Some(why.as_str()),
        _ => None,
    })
}

fn others(fleet: &Fleet, plan: &PushPlan, clashes: &[Clash]) -> Check {
    let releases: Vec<_> = plan.moves.iter().map(|part| (part.service.clone(), part.to.version.clone())).collect();
    let (mark, why) = match (start::room(fleet, &releases), kept(clashes, &[RequirementKind::Alone, RequirementKind::Ahead])) {
        (Err(why), _) => (Mark::Unmet, why),
        (Ok(()), Some(why)) => (Mark::Unmet, why.to_owned()),
        (Ok(()), None) => (Mark::Met, "none in its cells".to_owned()),
    };
    Check::new(Subject::Others, mark, why)
}

fn same_commit(plan: &PushPlan, clashes: &[Clash]) -> Check {
    let unnamed = plan.moves.iter().find(|part| part.to.commit.trim().is_empty());
    let (mark, why) = match (kept(clashes, &[RequirementKind::SameCommit]), unnamed) {
        (Some(why), _) => (Mark::Unmet, why.to_owned()),
        (None, Some(part)) => (Mark::Unknown, format!("{} {} names no commit", part.service, part.to.version)),
        (None, None) => (Mark::Met, "no other push of its commits has regressed".to_owned()),
    };
    Check::new(Subject::SameCommit, mark, why)
}

/// One for all that are live, one for each that is not.
fn feeds(fleet: &Fleet) -> Vec<Check> {
    let dark = |feed: Feed| match fleet.feeds.get(&feed) {
        Some(FeedState::Live) => None,
        Some(FeedState::Lost { why, .. }) => {
            Some(Check::new(Subject::Feeds, Mark::Unmet, format!("{} is lost: {why}", feed.word())))
        }
        None => Some(Check::new(Subject::Feeds, Mark::Unknown, format!("{} was never heard from", feed.word()))),
    };
    let found: Vec<_> = Feed::ALL.into_iter().filter_map(dark).collect();
    if found.is_empty() { vec![Check::new(Subject::Feeds, Mark::Met, "all live")] } else { found }
}

/// How the last push of the group that went back did so.
fn rollback_tried(fleet: &Fleet, plan: &PushPlan, now: EngineTime) -> Check {
    let of_group = fleet.pushes.values().filter(|push| push.plan.group == plan.group);
    let decided = |push: &Push| push.course.rollback().map(|rollback| rollback.decided);
    let last = of_group.filter(|push| decided(push).is_some()).max_by_key(|push| decided(push));
    let (mark, why) = match last.map(|push| (push.called(), &push.course)) {
        Some((name, Course::RolledBack { rollback, at })) => {
            let took = *at - rollback.decided;
            (Mark::Met, format!("last tried {} ago: {name} was back in {took}", now.since(*at)))
        }
        Some((name, Course::RollbackFailed { .. })) => {
            (Mark::Unmet, format!("last tried with {name}: it did not get back in time"))
        }
        Some((name, _)) => (Mark::Unknown, format!("{name} is going back now")),
        None => (Mark::Unknown, format!("none of {} was seen to go back yet", plan.group)),
    };
    Check::new(Subject::RollbackTried, mark, why)
}

/// One for each flag that a release of it stands behind.
fn flags_tried(fleet: &Fleet, plan: &PushPlan, now: EngineTime) -> Vec<Check> {
    let behind = |flag: &Flag| plan.moves.iter().any(|part| part.to.flags.contains(&flag.id));
    let told = |(flag, state): (&Flag, &FlagState)| {
        let id = &flag.id;
        let (mark, why) = match (state.on, fleet.flag_tried(id)) {
            // What is off is not met by anybody, and nothing that is measured says how it is.
            (false, _) => (Mark::Unmet, format!("{id} is OFF: nothing would be known of {}", flag.covers)),
            (true, None) => (Mark::Unknown, format!("{id} was NEVER TRIED: nobody knows whether switching it off works")),
            (true, Some(at)) => (Mark::Met, format!("{id} was last tried {} ago", now.since(at))),
        };
        Check::new(Subject::FlagTried, mark, why)
    };
    fleet.flags().filter(|(flag, _)| behind(flag)).map(told).collect()
}
