//! One thing that happened: numbered, durable, and enough to tell the whole story again.

use serde::{Deserialize, Serialize};

use super::alert::{Acknowledgement, Alert};
use super::burn::{Budget, Burn};
use super::call::{Call, CallKey};
use super::check::Look;
use super::command::{Command, Outcome};
use super::declaration::Declaration;
use super::drift::Stray;
use super::duty::Note;
use super::feed::{Feed, FeedState};
use super::forecast::Cut;
use super::harm::Harm;
use super::id::{
    CellId, CheckId, EngineId, EnvironmentId, FlagId, GateId, InstanceId, PersonId, PlacementId, PushId, Seq, ServiceId,
};
use super::metric::{Judgement, SliceId};
use super::person::Actor;
use super::placement::{Observation, Operation, OperationId};
use super::push::{Apart, Approval, Drained, Hold, PushPlan, Rejection};
use super::requirement::RequirementKind;
use super::rollback::{Rollback, RollbackPlan};
use super::service::Release;
use super::time::EngineTime;
use super::verdict::Evidence;
use super::waiver::{Skipped, Waiver};

/// A fact with its number and time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// Its number. Rises by one.
    pub seq: Seq,
    /// When it happened, on the engine's clock.
    pub at: EngineTime,
    /// What happened.
    pub fact: Fact,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "fact")]
#[expect(missing_docs, reason = "fields are named by their types, each documented where it is defined")]
pub enum Fact {
    /// An engine began to serve: which store, and which run of it.
    EngineStarted { engine: EngineId, epoch: u64 },
    /// A spec was taken up.
    Declared { declaration: Box<Declaration> },
    /// A feed began or ceased to arrive.
    FeedChanged { feed: Feed, state: FeedState },
    /// Instances were seen in another state than before.
    Observed { observations: Vec<Observation> },
    /// The requests per second a service takes in a cell have changed noticeably.
    Traffic { placement: PlacementId, cell: CellId, rps: f64 },
    /// Somebody asked for something, and this is what became of it. What it did follows as facts of its own.
    Commanded { command: Box<Command>, outcome: Outcome },
    /// A push was planned and waits to begin.
    PushRequested { plan: Box<PushPlan> },
    /// More instances may carry the new version.
    StageEntered { push: PushId, stage: u32 },
    /// The last instance of the stage's last service has arrived.
    StageArrived { push: PushId },
    /// The stage's minimum clock runs (again).
    BakeRuns { push: PushId },
    /// The stage's minimum clock stands still.
    BakeStopped { push: PushId, why: String },
    /// Somebody said yes.
    Approved { push: PushId, approval: Approval },
    /// What was approved is no longer what it was.
    ApprovalsSuperseded { push: PushId, why: String },
    /// What somebody approved does not count any more: it was taken back, by whom.
    ApprovalRevoked { push: PushId, of: PersonId, by: PersonId },
    /// What somebody approved does not count any more: it was not used in time.
    ApprovalExpired { push: PushId, of: PersonId },
    /// Somebody wants a requirement to be passed although it does not hold. Where a second person is needed it counts for nothing yet.
    Waived { push: PushId, waiver: Waiver },
    /// A second person agreed to a waiver.
    WaiverSeconded { push: PushId, requirement: RequirementKind, by: PersonId, until: EngineTime },
    /// A waiver has run out.
    WaiverEnded { push: PushId, requirement: RequirementKind },
    /// A gate was passed without something that is usually required there.
    Skipped { push: PushId, skipped: Box<Skipped> },
    /// Somebody let a stage left by hand go on.
    Promoted { push: PushId, gate: GateId, by: PersonId },
    /// What was in flight was replaced by something made from it, at the stage it had come to.
    FixedForward { push: PushId, releases: Vec<Release>, by: Actor },
    /// Somebody ended the way forward.
    Rejected { push: PushId, rejection: Rejection },
    /// Somebody or something stopped all new exposure.
    Held { push: PushId, hold: Hold },
    /// One of a push's services goes back alone.
    WentApart { push: PushId, service: ServiceId, apart: Apart },
    /// In one cell no request is to meet the new version any more; its instances are kept.
    CellDrained { push: PushId, drained: Drained },
    /// The driver was told to stop, for the `tries`th time.
    StopTold { push: PushId, tries: u32 },
    /// The driver said something other than "stopped".
    StopAnswered { push: PushId, answer: String },
    /// It was seen that nothing moves any more.
    StopObserved { push: PushId },
    /// Green has had all the traffic for long enough: blue is kept no longer, and green is the one that serves.
    BlueLetGo { push: PushId, environment: EnvironmentId },
    /// Somebody let it move again.
    Resumed { push: PushId, by: PersonId },
    /// Tasks were issued to the driver.
    Issued { push: Option<PushId>, operations: Vec<Operation> },
    /// A task did not work; it is tried again.
    OperationFailed { id: OperationId, instance: InstanceId, why: String },
    /// A task was taken back before it began.
    Withdrawn { id: OperationId, instance: InstanceId },
    /// Instances were found changed by hand.
    Drifted { placement: PlacementId, strays: Vec<Stray> },
    /// Somebody said that what was changed by hand is to be brought back.
    DriftReleased { placement: PlacementId, by: PersonId },
    /// A flag is wanted on or off from now on.
    FlagSwitched { flag: FlagId, on: bool, by: Actor },
    /// The flag service was told so, for the `tries`th time.
    FlagTold { flag: FlagId, tries: u32 },
    /// It was seen how many instances have taken the switch.
    FlagSeen { flag: FlagId, taken: u32, of: u32 },
    /// A metric came to stand differently against its limit.
    Judged { slice: SliceId, judgement: Judgement },
    /// A version is gone, and what was judged of it means nothing any more.
    Forgotten { slice: SliceId },
    /// A limit has been crossed for its duration.
    AlertRaised { alert: Alert },
    /// The metric is back within its limit, or the version is gone.
    AlertEnded { slice: SliceId },
    /// Somebody has seen an alert.
    AlertAcknowledged { slice: SliceId, seen: Acknowledgement },
    /// An error budget burns too fast, or (`None`) no longer does; or the old version beside began to burn alike, or ceased to.
    BurnChanged { budget: Box<Budget>, burn: Option<Box<Burn>> },
    /// The way back from here is now this one.
    WayBack { push: PushId, plan: RollbackPlan },
    /// It goes back. Supersedes every approval and promotion of the push in the same record.
    RollbackDecided { push: PushId, rollback: Box<Rollback> },
    /// Somebody stopped it half way back.
    RollbackHalted { push: PushId, hold: Hold },
    /// A step of the way back was seen to be done.
    RollbackStepDone { push: PushId, step: u32 },
    /// No request meets the new version any more.
    UsersSafe { push: PushId },
    /// Every instance is back.
    RolledBack { push: PushId },
    /// It did not get back in time.
    RollbackFailed { push: PushId, stuck: Vec<InstanceId> },
    /// Everything is on the new version and has baked.
    PushConverged { push: PushId },
    /// Somebody has seen that it ended badly.
    PushAcknowledged { push: PushId, seen: Acknowledgement },
    /// Somebody answers for it from now on.
    TakenOver { push: PushId, by: PersonId },
    /// Somebody wrote a line on it.
    Noted { push: PushId, note: Note },
    /// Somebody struck a line out.
    NoteStruck { push: PushId, note: u32, by: PersonId },
    /// Whether the environment it is in closes before it is through: `None` where it does not, or no longer does.
    CutForeseen { push: PushId, cut: Option<Cut> },
    /// A check by others gave another answer than before, or its first for this gate.
    Checked { push: PushId, name: CheckId, look: Look },
    /// A check by others gave the same answer again, when asked at this time.
    CheckedAgain { push: PushId, gate: GateId, name: CheckId, asked: EngineTime },
    /// Only this requirement, or others like it, keep the push now.
    Awaited { push: PushId, requirement: RequirementKind },
    /// It keeps the push no longer: it is met, or there is another reason now.
    AwaitEnded { push: PushId, requirement: RequirementKind, met: bool },
    /// People are called, or told: for the first time about this, or because it escalated.
    Called { call: Call },
    /// A call reached nobody.
    CallFailed { about: CallKey, why: String },
    /// What the new version has done to users so far.
    Harmed { push: PushId, harm: Harm },
    /// What the numbers of the stage that was the push's `entry`th to be entered say by now.
    Gathered { push: PushId, entry: u32, evidence: Box<Evidence> },
}

impl Fact {
    /// The push it is about, if it is about one.
    pub fn push(&self) -> Option<PushId> {
        match self {
            Self::PushRequested { plan } => Some(plan.id),
            Self::Commanded { command, .. } => command.order.push(),
            Self::Issued { push, .. } => *push,
            Self::Called { call } => call.about.push(),
            Self::CallFailed { about, .. } => about.push(),
            Self::StageEntered { push, .. }
            | Self::StageArrived { push }
            | Self::BakeRuns { push }
            | Self::BakeStopped { push, .. }
            | Self::Approved { push, .. }
            | Self::ApprovalsSuperseded { push, .. }
            | Self::ApprovalRevoked { push, .. }
            | Self::ApprovalExpired { push, .. }
            | Self::Waived { push, .. }
            | Self::WaiverSeconded { push, .. }
            | Self::WaiverEnded { push, .. }
            | Self::Skipped { push, .. }
            | Self::Promoted { push, .. }
            | Self::FixedForward { push, .. }
            | Self::Rejected { push, .. }
            | Self::Held { push, .. }
            | Self::WentApart { push, .. }
            | Self::CellDrained { push, .. }
            | Self::StopTold { push, .. }
            | Self::StopAnswered { push, .. }
            | Self::StopObserved { push }
            | Self::BlueLetGo { push, .. }
            | Self::Resumed { push, .. }
            | Self::WayBack { push, .. }
            | Self::RollbackDecided { push, .. }
            | Self::RollbackHalted { push, .. }
            | Self::RollbackStepDone { push, .. }
            | Self::UsersSafe { push }
            | Self::RolledBack { push }
            | Self::RollbackFailed { push, .. }
            | Self::PushConverged { push }
            | Self::PushAcknowledged { push, .. }
            | Self::TakenOver { push, .. }
            | Self::Noted { push, .. }
            | Self::NoteStruck { push, .. }
            | Self::CutForeseen { push, .. }
            | Self::Checked { push, .. }
            | Self::CheckedAgain { push, .. }
            | Self::Awaited { push, .. }
            | Self::AwaitEnded { push, .. }
            | Self::Gathered { push, .. }
            | Self::Harmed { push, .. } => Some(*push),
            Self::EngineStarted { .. }
            | Self::Declared { .. }
            | Self::FeedChanged { .. }
            | Self::Observed { .. }
            | Self::Traffic { .. }
            | Self::OperationFailed { .. }
            | Self::Withdrawn { .. }
            | Self::Drifted { .. }
            | Self::DriftReleased { .. }
            | Self::FlagSwitched { .. }
            | Self::FlagTold { .. }
            | Self::FlagSeen { .. }
            | Self::Judged { .. }
            | Self::Forgotten { .. }
            | Self::AlertRaised { .. }
            | Self::AlertEnded { .. }
            | Self::AlertAcknowledged { .. }
            | Self::BurnChanged { .. } => None,
        }
    }

    /// Whether it changes what a decision about its push rests on.
    pub fn is_material(&self) -> bool {
        matches!(
            self,
            Self::PushRequested { .. }
                | Self::StageEntered { .. }
                | Self::StageArrived { .. }
                | Self::BakeStopped { .. }
                | Self::Approved { .. }
                | Self::ApprovalsSuperseded { .. }
                | Self::ApprovalRevoked { .. }
                | Self::ApprovalExpired { .. }
                | Self::Waived { .. }
                | Self::WaiverSeconded { .. }
                | Self::WaiverEnded { .. }
                | Self::Skipped { .. }
                | Self::Promoted { .. }
                | Self::FixedForward { .. }
                | Self::Rejected { .. }
                | Self::Held { .. }
                | Self::WentApart { .. }
                | Self::CellDrained { .. }
                | Self::BlueLetGo { .. }
                | Self::Resumed { .. }
                | Self::RollbackDecided { .. }
                | Self::RollbackHalted { .. }
                | Self::UsersSafe { .. }
                | Self::Checked { .. }
                | Self::RolledBack { .. }
                | Self::RollbackFailed { .. }
                | Self::PushConverged { .. }
        )
    }
}
