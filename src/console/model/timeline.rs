//! The rows of the Timeline screen: everything that happened, in words, the small steps folded away unless they are asked for.

use std::collections::VecDeque;

use crate::domain::change::{Change, Fact};
use crate::domain::fleet::Fleet;
use crate::domain::history::History;
use crate::domain::id::{EnvironmentId, PlacementId, PushId, Seq, ServiceId};
use crate::domain::metric::SliceId;
use crate::domain::push::Push;
use crate::domain::time::EngineTime;

use crate::query::Query;

use super::filter::Told;
use super::words;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimelineRow {
    /// The change.
    pub seq: Seq,
    /// When.
    pub at: EngineTime,
    /// The push it is about, if it is about one.
    pub push: Option<PushId>,
    /// The services it is about: those of its push, or the one it names. None where it is about all of them.
    pub services: Vec<ServiceId>,
    /// Where: the environment it names, or the one its push was in.
    pub environment: Option<EnvironmentId>,
    /// What it is about.
    pub kind: Kind,
    /// How much it matters.
    pub weight: Weight,
    /// Who did it: a person, or `by itself`; empty where nobody did.
    pub who: String,
    /// What, in a sentence.
    pub text: String,
    /// How much it should catch the eye.
    pub tone: Tone,
}

/// How much something should catch the eye.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tone {
    /// It went as it should.
    Plain,
    /// Something got better, or arrived.
    Good,
    /// Something waits, or stands still.
    Waiting,
    /// Something is bad.
    Bad,
    /// Nothing is worse than this.
    Loudest,
}

/// How much something matters to whoever reads what happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// One of the many steps in between: folded away unless asked for.
    Small,
    /// It mattered.
    Matters,
    /// Somebody, or a rule, decided something: a command, an approval, a hold, a way back, a stage entered.
    Decision,
}

/// What something that happened is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Somebody asked for something.
    Command,
    /// A push began, went on, or ended.
    Stage,
    /// An approval was given, or counts no more.
    Approval,
    /// What a gate asks for.
    Requirement,
    /// A push was stopped, or goes on.
    Stop,
    /// The way back.
    Rollback,
    /// An alert.
    Alert,
    /// A metric, traffic, harm.
    Signal,
    /// Who answers for it, who was called, what they wrote.
    People,
    /// A flag.
    Flag,
    /// Instances and tasks.
    Instance,
    /// The engine, its spec and its feeds.
    Engine,
}

impl Kind {
    /// Every kind with the word for it.
    pub const ALL: [(Self, &'static str); 12] = [
        (Self::Command, "command"),
        (Self::Stage, "stage"),
        (Self::Approval, "approval"),
        (Self::Requirement, "requirement"),
        (Self::Stop, "stop"),
        (Self::Rollback, "rollback"),
        (Self::Alert, "alert"),
        (Self::Signal, "signal"),
        (Self::People, "people"),
        (Self::Flag, "flag"),
        (Self::Instance, "instance"),
        (Self::Engine, "engine"),
    ];

    /// The word for it.
    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(kind, _)| *kind == self).map_or("", |(_, word)| word)
    }

    /// What a change is about.
    pub const fn of(fact: &Fact) -> Self {
        match fact {
            Fact::Commanded { .. } => Self::Command,
            Fact::PushRequested { .. }
            | Fact::StageEntered { .. }
            | Fact::StageArrived { .. }
            | Fact::Promoted { .. }
            | Fact::FixedForward { .. }
            | Fact::BlueLetGo { .. }
            | Fact::PushConverged { .. } => Self::Stage,
            Fact::Approved { .. }
            | Fact::ApprovalsSuperseded { .. }
            | Fact::ApprovalRevoked { .. }
            | Fact::ApprovalExpired { .. } => Self::Approval,
            Fact::BakeRuns { .. }
            | Fact::BakeStopped { .. }
            | Fact::Waived { .. }
            | Fact::WaiverSeconded { .. }
            | Fact::WaiverEnded { .. }
            | Fact::Skipped { .. }
            | Fact::CutForeseen { .. }
            | Fact::Checked { .. }
            | Fact::CheckedAgain { .. }
            | Fact::Awaited { .. }
            | Fact::AwaitEnded { .. } => Self::Requirement,
            Fact::Rejected { .. }
            | Fact::Held { .. }
            | Fact::WentApart { .. }
            | Fact::CellDrained { .. }
            | Fact::StopTold { .. }
            | Fact::StopAnswered { .. }
            | Fact::StopObserved { .. }
            | Fact::Resumed { .. } => Self::Stop,
            Fact::WayBack { .. }
            | Fact::RollbackDecided { .. }
            | Fact::RollbackHalted { .. }
            | Fact::RollbackStepDone { .. }
            | Fact::UsersSafe { .. }
            | Fact::RolledBack { .. }
            | Fact::RollbackFailed { .. } => Self::Rollback,
            Fact::AlertRaised { .. } | Fact::AlertEnded { .. } | Fact::AlertAcknowledged { .. } | Fact::BurnChanged { .. } => {
                Self::Alert
            }
            Fact::Traffic { .. } | Fact::Judged { .. } | Fact::Forgotten { .. } | Fact::Harmed { .. } | Fact::Gathered { .. } => {
                Self::Signal
            }
            Fact::Called { .. }
            | Fact::CallFailed { .. }
            | Fact::TakenOver { .. }
            | Fact::Noted { .. }
            | Fact::NoteStruck { .. }
            | Fact::PushAcknowledged { .. } => Self::People,
            Fact::FlagSwitched { .. } | Fact::FlagTold { .. } | Fact::FlagSeen { .. } => Self::Flag,
            Fact::Observed { .. }
            | Fact::Issued { .. }
            | Fact::OperationFailed { .. }
            | Fact::Withdrawn { .. }
            | Fact::Drifted { .. }
            | Fact::DriftReleased { .. } => Self::Instance,
            Fact::EngineStarted { .. } | Fact::Declared { .. } | Fact::FeedChanged { .. } => Self::Engine,
        }
    }
}

const fn is_decision(fact: &Fact) -> bool {
    matches!(
        fact,
        Fact::Commanded { .. }
            | Fact::PushRequested { .. }
            | Fact::StageEntered { .. }
            | Fact::Promoted { .. }
            | Fact::FixedForward { .. }
            | Fact::Approved { .. }
            | Fact::ApprovalRevoked { .. }
            | Fact::Waived { .. }
            | Fact::WaiverSeconded { .. }
            | Fact::Held { .. }
            | Fact::Resumed { .. }
            | Fact::Rejected { .. }
            | Fact::WentApart { .. }
            | Fact::CellDrained { .. }
            | Fact::FlagSwitched { .. }
            | Fact::RollbackDecided { .. }
            | Fact::RollbackHalted { .. }
    )
}

/// Everything that happened, the newest first, and which of it is shown. As much is kept as the history keeps.
#[derive(Clone, Debug, Default)]
pub(super) struct Timeline {
    /// Without a gap in their numbers.
    rows: VecDeque<TimelineRow>,
    shown: VecDeque<Seq>,
    /// Whether the small steps are shown as well.
    pub everything: bool,
    /// Which of it is meant; `None` where all of it is.
    query: Option<Query>,
    /// While the arrows scroll what is told at the foot: by how many lines.
    pub reading: Option<u16>,
}

impl Timeline {
    /// Tells a whole history anew.
    pub fn retell(&mut self, history: &History) {
        self.rows.clear();
        self.shown.clear();
        let mut fleet = history.from().as_ref().clone();
        for change in history.changes() {
            fleet.apply(change);
            self.note(&fleet, change);
        }
    }

    /// Notes a change that has just been folded into the fleet.
    pub fn note(&mut self, fleet: &Fleet, change: &Change) {
        let row = row(fleet, change);
        if self.is_shown(&row, fleet) {
            self.shown.push_front(row.seq);
        }
        self.rows.push_front(row);
    }

    /// Lets go of what the history has let go of.
    pub fn forget_before(&mut self, from: Seq) {
        while self.rows.back().is_some_and(|row| row.seq <= from) {
            self.rows.pop_back();
        }
        while self.shown.back().is_some_and(|seq| *seq <= from) {
            self.shown.pop_back();
        }
    }

    /// Shows the small steps, or folds them away again.
    pub fn toggle(&mut self, fleet: &Fleet) {
        self.everything = !self.everything;
        self.list(fleet);
    }

    /// Shows what a query means alone; all of it where there is none.
    pub fn find(&mut self, query: Option<Query>, fleet: &Fleet) {
        self.query = query;
        self.list(fleet);
    }

    fn list(&mut self, fleet: &Fleet) {
        let shown = self.rows.iter().filter(|row| self.is_shown(row, fleet)).map(|row| row.seq).collect();
        self.shown = shown;
    }

    fn is_shown(&self, row: &TimelineRow, fleet: &Fleet) -> bool {
        self.is_unfolded(row) && self.query.as_ref().is_none_or(|query| query.means(&Told { fleet, row }))
    }

    fn is_unfolded(&self, row: &TimelineRow) -> bool {
        self.everything || row.weight > Weight::Small
    }

    /// How many rows there would be without a query.
    pub fn unfolded(&self) -> usize {
        self.rows.iter().filter(|row| self.is_unfolded(row)).count()
    }

    /// A row by the number of its change.
    pub fn row(&self, seq: Seq) -> Option<&TimelineRow> {
        let newest = self.rows.front()?.seq;
        self.rows.get(usize::try_from(newest.0.checked_sub(seq.0)?).ok()?)
    }

    /// Every row kept, the newest first.
    pub fn rows(&self) -> impl DoubleEndedIterator<Item = &TimelineRow> {
        self.rows.iter()
    }

    /// The rows shown, the newest first.
    pub fn shown(&self) -> impl DoubleEndedIterator<Item = &TimelineRow> {
        self.shown.iter().filter_map(|seq| self.row(*seq))
    }

    /// The numbers of the rows shown, the newest first.
    pub const fn numbers(&self) -> &VecDeque<Seq> {
        &self.shown
    }

    /// Where a change stands among the rows shown, from 0 for the newest; where it is not shown, the newest shown before it.
    pub fn place_of(&self, seq: Seq) -> Option<usize> {
        let place = self.shown.partition_point(|shown| *shown > seq);
        (place < self.shown.len()).then_some(place)
    }
}

/// Whether a query means something that happened, told of the fleet that it has already been folded into.
pub fn is_meant(query: &Query, fleet: &Fleet, change: &Change) -> bool {
    query.is_empty() || query.means(&Told { fleet, row: &row(fleet, change) })
}

fn row(fleet: &Fleet, change: &Change) -> TimelineRow {
    let fact = &change.fact;
    let told = words::told(fleet, change);
    let weight = match (told.matters, is_decision(fact)) {
        (_, true) => Weight::Decision,
        (true, false) => Weight::Matters,
        (false, false) => Weight::Small,
    };
    let push = fact.push();
    let (services, environment) = about(fleet, fact, push.and_then(|push| fleet.push(push)));
    TimelineRow {
        seq: change.seq,
        at: change.at,
        push,
        services,
        environment,
        kind: Kind::of(fact),
        weight,
        who: told.who,
        text: told.text,
        tone: told.tone,
    }
}

/// The services a change is about, and where.
fn about(fleet: &Fleet, fact: &Fact, push: Option<&Push>) -> (Vec<ServiceId>, Option<EnvironmentId>) {
    let placement = |id: &PlacementId| (vec![id.service.clone()], Some(id.environment.clone()));
    let of_slice = |slice: &SliceId| (vec![slice.service.clone()], Some(slice.environment.clone()));
    match fact {
        Fact::Traffic { placement: id, .. } | Fact::Drifted { placement: id, .. } | Fact::DriftReleased { placement: id, .. } => {
            placement(id)
        }
        Fact::OperationFailed { instance, .. } | Fact::Withdrawn { instance, .. } => placement(&instance.placement),
        Fact::Judged { slice, .. }
        | Fact::Forgotten { slice }
        | Fact::AlertEnded { slice }
        | Fact::AlertAcknowledged { slice, .. } => of_slice(slice),
        Fact::AlertRaised { alert } => of_slice(&alert.slice),
        Fact::FlagSwitched { flag, .. } | Fact::FlagTold { flag, .. } | Fact::FlagSeen { flag, .. } => {
            (fleet.flag(flag).map(|(flag, _)| flag.service.clone()).into_iter().collect(), None)
        }
        Fact::Observed { observations } => {
            observations.first().map_or_else(Default::default, |first| placement(&first.instance.placement))
        }
        Fact::WentApart { service, .. } => (vec![service.clone()], push.and_then(Push::environment).cloned()),
        _ => push.map_or_else(Default::default, |push| {
            (push.plan.moves.iter().map(|part| part.service.clone()).collect(), push.environment().cloned())
        }),
    }
}
