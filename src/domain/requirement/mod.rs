//! The conditions of leaving a stage, worked out from the facts. Nothing here is stored: a requirement is what the fleet says it is.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::feed::Feed;
use super::fleet::Fleet;
use super::id::CheckId;
use super::metric::Metric;
use super::push::{APPROVAL_LIFE, Push};
use super::stage::PlannedStage;
use super::time::{EngineTime, Period};

mod ahead;
mod alone;
mod approval;
mod arrived;
mod bake;
mod capacity;
mod check;
mod earlier;
mod evidence;
mod same_commit;
mod siblings;
mod threshold;
mod usual;
mod waived;
mod window;

pub use approval::counted;
pub use evidence::{late_since, told};
pub use threshold::{is_shared, limit};
pub use usual::{awaited, usually};
pub use window::{may_move_here, shut_here, why_shut};

/// What must hold.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum RequirementKind {
    /// All instances of this stage have arrived and serve.
    Arrived,
    /// The stage's minimum clock has run.
    Bake,
    /// The numbers show that the new version is not worse than the old one beside it.
    Evidence,
    /// A metric of the new version is within its limit in every cell.
    Threshold {
        /// Which metric.
        metric: Metric,
    },
    /// The environments before the next one are converged on what is to be exposed there.
    EarlierConverged,
    /// The environment's window is open, and no freeze binds the push there.
    Window,
    /// What was in flight before has left the next environment: the release ahead in a train, or one that this one replaced.
    Ahead,
    /// What serves is enough for the peak and a reserve while the next instances are taken.
    Capacity,
    /// Every service of the group is where it should be where the next step takes place.
    Siblings,
    /// No other push is in these cells.
    Alone,
    /// No other push of the same commit has regressed.
    SameCommit,
    /// Somebody else's program says yes.
    External {
        /// Which declared check.
        name: CheckId,
    },
    /// A person has done a line of the playbook, and its result was checked.
    Step {
        /// Which declared check.
        name: CheckId,
    },
    /// People have said yes.
    Approval,
}

impl RequirementKind {
    /// The word on screens, and what a person types to name it.
    pub fn word(&self) -> &str {
        match self {
            Self::Arrived => "arrived",
            Self::Bake => "bake",
            Self::Evidence => "evidence",
            Self::Threshold { metric } => metric.word(),
            Self::EarlierConverged => "earlier",
            Self::Window => "window",
            Self::Ahead => "ahead",
            Self::Capacity => "capacity",
            Self::Siblings => "siblings",
            Self::Alone => "alone",
            Self::SameCommit => "same-commit",
            Self::External { name } | Self::Step { name } => name.as_str(),
            Self::Approval => "approval",
        }
    }

    /// What has to happen before it holds: `it stays until …`.
    pub const fn until(&self) -> &'static str {
        match self {
            Self::Approval => "somebody approves",
            Self::Bake | Self::Threshold { .. } => "the numbers come back",
            Self::Evidence => "the numbers show that it is not worse",
            Self::Arrived => "all instances have arrived",
            Self::EarlierConverged => "the environment before is converged",
            Self::Window => "the environment opens",
            Self::Ahead => "the release ahead has moved on",
            Self::Capacity => "instances enough are ready",
            Self::Siblings => "its siblings are where they should be",
            Self::Alone => "the other push is out of these cells",
            Self::SameCommit => "a newer push of those services has converged",
            Self::External { .. } => "the check passes",
            Self::Step { .. } => "the step is done",
        }
    }

    /// Every kind that needs no name of its own.
    pub fn all() -> impl Iterator<Item = Self> + Clone {
        let metrics = Metric::ALL.into_iter().map(|metric| Self::Threshold { metric });
        [
            Self::Arrived,
            Self::Bake,
            Self::Evidence,
            Self::EarlierConverged,
            Self::Ahead,
            Self::Siblings,
            Self::SameCommit,
            Self::Window,
            Self::Capacity,
            Self::Alone,
            Self::Approval,
        ]
        .into_iter()
        .chain(metrics)
    }

    /// Words that name a requirement of every engine. A declared check has a name of its own, none of these.
    pub fn words() -> impl Iterator<Item = &'static str> + Clone {
        let metrics = Metric::ALL.into_iter().map(Metric::word);
        ["arrived", "bake", "evidence", "earlier", "ahead", "siblings", "same-commit", "window", "capacity", "alone", "approval"]
            .into_iter()
            .chain(metrics)
    }

    /// Whether people may let it be passed although it does not hold. Never without the canary, never without people, and never two
    /// pushes of one train in one place.
    pub const fn is_waivable(&self) -> bool {
        !matches!(self, Self::Arrived | Self::Ahead | Self::Approval)
    }

    /// Whether nothing that the push itself does, and no clock of its own, can meet it.
    pub const fn is_up_to_others(&self) -> bool {
        matches!(
            self,
            Self::Siblings
                | Self::Alone
                | Self::SameCommit
                | Self::Window
                | Self::External { .. }
                | Self::Step { .. }
                | Self::Approval
        )
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
    /// How long it has usually kept a push that waited for it, where it does not hold and enough is known.
    pub usually: Option<Period>,
}

impl Requirement {
    /// One that no clock decides.
    fn new(kind: RequirementKind, state: RequirementState, why: String, who: String) -> Self {
        Self { kind, state, why, who, due: None, usually: None }
    }
}

/// The requirements of the gate a push stands before, in the order shown. Empty once it goes back or is converged.
pub fn of_gate(fleet: &Fleet, push: &Push, now: EngineTime) -> Vec<Requirement> {
    if !push.is_forward() {
        return Vec::new();
    }
    fleet.memo.gate(fleet, push, now, || worked_out(fleet, push, now))
}

fn worked_out(fleet: &Fleet, push: &Push, now: EngineTime) -> Vec<Requirement> {
    let mut found = leave(fleet, push, now);
    if let Some(next) = push.next_stage() {
        found.extend(enter(fleet, push, next, now));
    }
    let alone = push.next_stage().and_then(|next| alone::of(fleet, push, next, now));
    let rest = window::of(fleet, push, now).into_iter().chain(capacity::of(fleet, push, now)).chain(alone);
    found.extend(rest.map(|requirement| waived::apply(push, requirement, now)));
    if let Some(rule) = push.approval_rule() {
        let asked = is_asked(&found, now);
        found.push(approval::of(fleet, push, rule, asked));
    }
    for open in found.iter_mut().filter(|open| !open.state.lets_pass()) {
        open.usually = usually(fleet, &open.kind);
    }
    found
}

/// What must hold to leave the stage a push is in.
fn leave(fleet: &Fleet, push: &Push, now: EngineTime) -> Vec<Requirement> {
    let Some(stage) = push.stage() else { return Vec::new() };
    let mut found = vec![arrived::of(fleet, push, stage), bake::of(push, stage, now)];
    found.extend(evidence::of(push, stage, now));
    found.extend(threshold::of(fleet, push, stage, now));
    found.into_iter().map(|requirement| waived::apply(push, requirement, now)).collect()
}

/// What must hold to enter the next stage, except that the cells be free and that people agree: those two look at the rest.
fn enter(fleet: &Fleet, push: &Push, next: &PlannedStage, now: EngineTime) -> Vec<Requirement> {
    let mut found = Vec::new();
    found.extend(earlier::of(fleet, push, next));
    found.extend(ahead::of(fleet, push, next));
    found.extend(siblings::of(fleet, push, next, now));
    found.extend(same_commit::of(fleet, push, next));
    found.extend(check::of(fleet, push, next, now));
    found.into_iter().map(|requirement| waived::apply(push, requirement, now)).collect()
}

/// What is not seen of the world, so that nothing goes forward: without targets nobody knows what a step did, without metrics nobody
/// can judge it. The engine's own feed is lost where it can no longer write down what it does.
pub fn blind(fleet: &Fleet) -> Option<Feed> {
    fleet.lost_feeds().find(|feed| matches!(feed, Feed::Engine | Feed::Targets | Feed::Metrics))
}

/// Whether an approval is asked for: everything else holds, or a clock says it will within an approval's life.
fn is_asked<'a>(others: impl IntoIterator<Item = &'a Requirement>, now: EngineTime) -> bool {
    others.into_iter().all(|other| match (other.state, other.due) {
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
