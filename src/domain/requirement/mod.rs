//! The conditions of leaving a stage, worked out from the facts. Nothing here is stored: a requirement is what the fleet says it is.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::feed::Feed;
use super::fleet::Fleet;
use super::metric::Metric;
use super::push::{APPROVAL_LIFE, Push};
use super::time::{EngineTime, Period};

mod approval;
mod arrived;
mod bake;
mod earlier;
mod threshold;
mod window;

pub use threshold::limit;
pub use window::{may_move_here, shut_here, why_shut};

/// What must hold.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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
    /// The environment's window is open, and no freeze binds the push there.
    Window,
    /// People have said yes.
    Approval,
}

impl RequirementKind {
    /// The word on screens, and what a person types to name it.
    pub fn word(&self) -> &str {
        match self {
            Self::Arrived => "arrived",
            Self::Bake => "bake",
            Self::Threshold { metric } => metric.word(),
            Self::EarlierConverged => "earlier",
            Self::Window => "window",
            Self::Approval => "approval",
        }
    }

    /// What has to happen before it holds: `it stays until …`.
    pub const fn until(&self) -> &'static str {
        match self {
            Self::Approval => "somebody approves",
            Self::Bake | Self::Threshold { .. } => "the numbers come back",
            Self::Arrived => "all instances have arrived",
            Self::EarlierConverged => "the environment before is converged",
            Self::Window => "the environment opens",
        }
    }
}

impl fmt::Display for RequirementKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// How a requirement stands. Ordered from good to bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequirementState {
    /// It holds.
    Met,
    /// It does not hold, and somebody let it be passed this once. Never looks like met.
    Waived,
    /// It does not hold yet; nothing is wrong.
    Pending,
    /// It does not hold, and that is bad.
    Unmet,
    /// The check itself failed. Blocks as hard as `Unmet`.
    Broken,
}

impl RequirementState {
    /// Whether the way is free as far as this requirement goes.
    pub const fn lets_pass(self) -> bool {
        matches!(self, Self::Met | Self::Waived)
    }
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
        found.push(arrived::of(fleet, push, stage));
        found.push(bake::of(push, stage, now));
        found.extend(threshold::of(fleet, push, stage, now));
    }
    if let Some(next) = push.next_stage() {
        found.extend(earlier::of(fleet, push, next));
    }
    found.extend(window::of(fleet, push, now));
    if let Some(rule) = push.next_stage().and_then(|next| next.approval.as_ref()) {
        let asked = is_asked(&found, now);
        found.push(approval::of(push, rule, asked));
    }
    found
}

/// What is not seen of the world, so that nothing goes forward: without targets nobody knows what a step did, without metrics nobody
/// can judge it. The engine's own feed is lost where it can no longer write down what it does.
pub fn blind(fleet: &Fleet) -> Option<Feed> {
    fleet.lost_feeds().find(|feed| matches!(feed, Feed::Engine | Feed::Targets | Feed::Metrics))
}

/// Whether an approval is asked for: everything else holds, or a clock says it will within an approval's life.
fn is_asked(others: &[Requirement], now: EngineTime) -> bool {
    others.iter().all(|other| match (other.state, other.due) {
        (state, _) if state.lets_pass() => true,
        // A closed window opens by the clock, as a bake ends by it.
        (RequirementState::Pending | RequirementState::Unmet, Some(due)) => now.until(due) <= APPROVAL_LIFE,
        _ => false,
    })
}

/// Whether the gate's approval is asked for now: not yet given, and everything else about to hold.
pub fn approval_is_asked(fleet: &Fleet, push: &Push, now: EngineTime) -> bool {
    let (approvals, others): (Vec<_>, Vec<_>) =
        of_gate(fleet, push, now).into_iter().partition(|requirement| requirement.kind == RequirementKind::Approval);
    let is_missing = approvals.iter().any(|approval| !approval.state.lets_pass());
    push.holds.is_empty() && push.rejection.is_none() && is_missing && is_asked(&others, now)
}

/// When the last of the clocks among these runs out, if only clocks and people are missing.
pub fn clocks_end(requirements: &[Requirement]) -> Option<EngineTime> {
    requirements.iter().filter(|requirement| !requirement.state.lets_pass()).filter_map(|requirement| requirement.due).max()
}

/// How long a requirement's clock has still to run.
pub fn time_left(requirement: &Requirement, now: EngineTime) -> Option<Period> {
    requirement.due.map(|due| now.until(due))
}
