//! What the words on screens mean, each in a sentence that supposes nothing.

use super::super::metric::Metric;
use super::super::requirement::{RequirementKind, RequirementState};
use super::super::status::Status;

/// What a status says.
pub const fn status(status: Status) -> &'static str {
    match status {
        Status::RollbackFailed => "it was to go back to the old version and did not get all the way in time",
        Status::OutOfStep => "services that move together are on versions that do not belong together",
        Status::Failed => "instances of the version it should run keep dying",
        Status::Unknown => "nothing was heard of it lately; it may be well or not",
        Status::RollingBack => "it is on its way back to the old version",
        Status::Held => "it could move, and a person or a rule stopped it where it is",
        Status::RolledBack => "it went back and rests on the old version; the new one stays out",
        Status::WaitingApproval => "everything else holds; people have to agree before it goes on",
        Status::Ready => "everything holds; it goes on when a person says so",
        Status::WaitingRequirements => "something has to hold before it may go on, and does not yet",
        Status::Converging => "instances are being moved to the version they should run",
        Status::Baking => "all instances of this step have arrived, and it is watched for a while before the next",
        Status::Pending => "its turn has not come",
        Status::Replaced => "a newer release took its place on the way",
        Status::Converged => "every instance runs the version it should, and is well",
    }
}

/// What has to hold for a requirement to be met.
pub fn requirement(kind: &RequirementKind) -> String {
    match kind {
        RequirementKind::Arrived => "every instance of this step runs the new version and serves".to_owned(),
        RequirementKind::Bake => {
            "the step was watched for its least time; the clock stands still while there are no numbers".to_owned()
        }
        RequirementKind::Evidence => {
            "errors and slow requests of the new version were compared with those of the old one beside it, and so many times as bad is \
             ruled out"
                .to_owned()
        }
        RequirementKind::Threshold { metric } => {
            format!("on the new version, {}, stays within its limit in every cell", self::metric(*metric))
        }
        RequirementKind::EarlierConverged => "the environments before are wholly on the new version and well".to_owned(),
        RequirementKind::Window => "the environment is open: inside its window, and in no freeze".to_owned(),
        RequirementKind::Ahead => "what was in flight before this push has left the next environment".to_owned(),
        RequirementKind::Capacity => {
            "what goes on serving is enough for the peak and a reserve while the next instances are taken".to_owned()
        }
        RequirementKind::Siblings => "every service of the group is where it should be, where the next step takes place".to_owned(),
        RequirementKind::Alone => "no other push is in the cells that the next step reaches".to_owned(),
        RequirementKind::SameCommit => "no other push of the same commit has regressed".to_owned(),
        RequirementKind::External { name } => format!("the check {name}, which another program answers, says yes"),
        RequirementKind::Step { name } => format!("the step {name} of the playbook is done, and its result was checked"),
        RequirementKind::Approval => "as many people with the right role as are needed have said yes".to_owned(),
    }
}

/// What it means for the way forward that a requirement stands so.
pub const fn state(state: RequirementState) -> &'static str {
    match state {
        RequirementState::Met => "it holds",
        RequirementState::Waived => "it does not hold, and somebody let it be passed this once",
        RequirementState::Pending => "it does not hold yet, and nothing is wrong",
        RequirementState::Unmet => "it does not hold, and that is bad",
        RequirementState::Broken => "nobody can say whether it holds: the check itself failed, which blocks as hard",
    }
}

/// What a metric measures.
pub const fn metric(metric: Metric) -> &'static str {
    match metric {
        Metric::Errors => "the share of requests that failed",
        Metric::P99 => "the time that 1 request in 100 takes longer than",
        Metric::P999 => "the time that 1 request in 1,000 takes longer than",
        Metric::Cpu => "processor use as a share of what is granted",
        Metric::Memory => "memory use as a share of what is granted",
        Metric::Saturation => "work in hand as a share of what can be done",
        Metric::EndToEnd => "the share of users' journeys, tried by probes, that succeed",
        Metric::JourneyP90 => "the time that 1 in 10 of users' journeys, tried by probes, takes longer than",
    }
}
