//! What a push that is over comes to: what it cost, how long it took to see, to decide and to recover, and how long each environment took.

use serde::Serialize;

use super::call::CallLevel;
use super::fleet::Fleet;
use super::id::{EnvironmentId, PlacementId, PushId};
use super::metric::{SliceId, Standing};
use super::person::Actor;
use super::push::{Course, Push};
use super::rollback::Trigger;
use super::time::{EngineTime, Period};
use super::verdict::Compared;

/// The first thing that told of what sent a push back, or might have.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, Serialize)]
pub struct Sign {
    /// What it was.
    pub of: SignOf,
    /// When it was there to be seen.
    pub at: EngineTime,
    /// When somebody or something was told: an alert was raised, or the push was sent back.
    pub noticed: Option<EngineTime>,
}

/// A kind of sign.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, Serialize)]
#[serde(rename_all = "snake_case", tag = "of")]
pub enum SignOf {
    /// A limit was crossed.
    Limit {
        /// Where.
        slice: SliceId,
    },
    /// The numbers showed that the new version is worse than the old one beside it.
    Evidence {
        /// Where it showed most.
        slice: Compared,
    },
    /// An error budget burned too fast.
    Burn {
        /// Of which objective of which service: `p99 of blob`.
        budget: String,
    },
    /// An instance of the new version died.
    Crash,
    /// Instances had not arrived when they should have.
    Deadline,
}

impl SignOf {
    /// What it was, in words.
    pub fn words(&self) -> String {
        match self {
            Self::Limit { slice } => format!("{} of {} crossed its limit in {}", slice.metric, slice.service, slice.cell),
            Self::Evidence { slice } => format!("{slice} regressed"),
            Self::Burn { budget } => format!("{budget} burned its error budget too fast"),
            Self::Crash => "an instance of the new version died".to_owned(),
            Self::Deadline => "a step missed its deadline".to_owned(),
        }
    }
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// It arrived everywhere.
    Converged,
    /// It went back.
    RolledBack,
    /// A newer release took its place.
    Replaced,
}

/// The way back, timed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Return {
    /// What was first to be seen of it; `None` where a person went back without any sign.
    pub sign: Option<Sign>,
    /// From the first sign until somebody or something was told.
    pub detect: Option<Period>,
    /// From then until it was decided to go back.
    pub decide: Option<Period>,
    /// Who decided; `None` where that was the engine, by itself.
    pub by: Option<String>,
    /// From the decision until no user met the new version.
    pub users_safe: Option<Period>,
    /// From the decision until everything was back.
    pub all_back: Period,
}

/// How often people were called about a push, and what came of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CallCount {
    /// How often somebody was called because a decision was due; an escalation is a call of its own.
    pub called: u32,
    /// How many of those calls nobody did anything about: no accepted command on the push followed.
    pub without_action: u32,
    /// How many reached nobody, as far as is known.
    pub reached_nobody: u32,
    /// How often somebody was told of what asked for nothing.
    pub told: u32,
}

impl CallCount {
    /// Of one push.
    pub fn of(fleet: &Fleet, push: PushId) -> Self {
        let mut found = Self::default();
        for called in fleet.calls().filter(|called| called.call.about.push() == Some(push)) {
            let times = called.call.escalation + 1;
            if called.call.level == CallLevel::Tell {
                found.told += times;
                continue;
            }
            found.called += times;
            found.without_action += if called.acted.is_none() { times } else { 0 };
            found.reached_nobody += u32::from(called.failed.is_some());
        }
        found
    }

    /// `called 3 times, 1 without action`, or that nobody was.
    pub fn words(&self) -> String {
        let times = |count: u32| if count == 1 { "once".to_owned() } else { format!("{count} times") };
        if self.called == 0 {
            return "nobody was called".to_owned();
        }
        let without = match self.without_action {
            0 => "each led to an action".to_owned(),
            all if all == self.called => "nobody did anything about it".to_owned(),
            some => format!("{some} without action"),
        };
        let missed = if self.reached_nobody > 0 { format!(", {} reached nobody", self.reached_nobody) } else { String::new() };
        format!("called {}, {without}{missed}", times(self.called))
    }
}

/// The account of a push that is over.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Card {
    /// Which push.
    pub push: PushId,
    /// What it is called, with its version.
    pub called: String,
    /// How it ended.
    pub ending: Ending,
    /// When it was asked for.
    pub asked: EngineTime,
    /// When it was over.
    pub ended: EngineTime,
    /// Requests that failed beyond what the old version would have failed of as many (≥ 0).
    pub failed: f64,
    /// Slow ones likewise.
    pub slow: f64,
    /// Requests that the new version answered.
    pub requests: u64,
    /// Whether as much is seen by chance of two versions that are the same.
    pub is_within_chance: bool,
    /// About which share of its error budget it burned (0 to 1, or more); `None` where no traffic is known. See [`burned`].
    pub budget: Option<f64>,
    /// The way back, where it went back.
    pub back: Option<Return>,
    /// How long each environment took, in order, of those it entered.
    pub environments: Vec<(EnvironmentId, Period)>,
    /// How often people were called.
    pub calls: CallCount,
    /// Whether anybody is configured to be called: otherwise its calls were shown on screens alone.
    pub calls_somebody: bool,
}

impl Card {
    /// The account of a push; `None` while it is not over.
    pub fn of(fleet: &Fleet, push: &Push) -> Option<Self> {
        let (ending, ended) = match &push.course {
            Course::Converged { at } => (Ending::Converged, *at),
            Course::RolledBack { at, .. } => (Ending::RolledBack, *at),
            Course::Replaced { at, .. } => (Ending::Replaced, *at),
            Course::Forward | Course::Back { .. } | Course::RollbackFailed { .. } => return None,
        };
        Some(Self {
            push: push.id(),
            called: push.called(),
            ending,
            asked: push.plan.requested,
            ended,
            failed: push.harm.failed.max(0.0),
            slow: push.harm.slow.max(0.0),
            requests: push.harm.requests,
            is_within_chance: push.harm.is_within_chance(),
            budget: burned(fleet, push),
            back: returned(push, ended),
            environments: environments(push, ended),
            calls: CallCount::of(fleet, push.id()),
            calls_somebody: fleet.declaration().notify.is_some(),
        })
    }
}

/// The share of its error budget that a push burned: `failed / ((1 − SLO) · requests in the SLO's window)`, the event-based budget of
/// the Google SRE Workbook, "Implementing SLOs". Requests in the window are not counted that long: they are estimated from the rate
/// now (measured, else declared), and so the share is an estimate. Of several services it is that of the one with the smallest budget.
pub fn burned(fleet: &Fleet, push: &Push) -> Option<f64> {
    let budgets = push.plan.moves.iter().filter_map(|part| {
        let service = fleet.declaration().service(&part.service)?;
        let rps: f64 = service.deployments.iter().map(|deployment| rate(fleet, push, &part.service, &deployment.environment)).sum();
        let window = f64::from(service.slo.window_days) * 86_400.0;
        let budget = (1.0 - service.slo.availability) * rps * window;
        (budget > 0.0).then_some(budget)
    });
    budgets.min_by(f64::total_cmp).map(|budget| push.harm.failed.max(0.0) / budget)
}

/// Requests a second of a service in an environment that the push goes through and that has users.
fn rate(fleet: &Fleet, push: &Push, service: &super::id::ServiceId, environment: &EnvironmentId) -> f64 {
    let is_on_the_way = push.plan.stages.iter().any(|stage| stage.environment == *environment);
    let found = fleet.declaration().environment(environment).filter(|found| is_on_the_way && found.has_users());
    let place = PlacementId::new(service.clone(), environment.clone());
    let cells = found.into_iter().flat_map(|found| &found.cells);
    cells.map(|cell| fleet.measured_rps(&place, &cell.id).unwrap_or_else(|| fleet.declared_rps(&place, &cell.id))).sum()
}

fn returned(push: &Push, ended: EngineTime) -> Option<Return> {
    let rollback = push.course.rollback()?;
    // What came after the decision sent nobody back.
    let sign = push.sign.clone().filter(|sign| sign.at <= rollback.decided);
    let noticed = sign.as_ref().map(|sign| sign.noticed.map_or(rollback.decided, |noticed| noticed.min(rollback.decided)));
    let by = match &rollback.trigger {
        Trigger::Person { by: Actor::Person { name }, .. } => Some(name.to_string()),
        _ => None,
    };
    Some(Return {
        detect: sign.as_ref().zip(noticed).map(|(sign, noticed)| noticed.since(sign.at)),
        decide: noticed.map(|noticed| rollback.decided.since(noticed)),
        by,
        users_safe: rollback.users_safe.map(|safe| safe.since(rollback.decided)),
        all_back: ended.since(rollback.decided),
        sign,
    })
}

fn environments(push: &Push, ended: EngineTime) -> Vec<(EnvironmentId, Period)> {
    let mut order: Vec<&EnvironmentId> = Vec::new();
    for stage in &push.plan.stages {
        if push.inside.contains_key(&stage.environment) && !order.contains(&&stage.environment) {
            order.push(&stage.environment);
        }
    }
    let since = |environment: &&EnvironmentId| push.inside.get(*environment).copied();
    let ends = order.iter().skip(1).map(|next| since(next).unwrap_or(ended)).chain(std::iter::once(ended));
    order.iter().zip(ends).filter_map(|(environment, end)| Some(((*environment).clone(), end.since(since(environment)?)))).collect()
}

/// Whether how a slice stands is its version's own doing.
pub(super) fn is_own(standing: Option<&Standing>) -> bool {
    !matches!(standing, Some(Standing::SharedFault { .. }))
}
