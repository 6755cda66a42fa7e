//! Where one is: screens, panes, and the identities that a cursor can stand on.

use crate::domain::id::{GroupId, PushId, Seq, ServiceId};
use crate::domain::requirement::RequirementKind;

use super::signal_charts::ChartKey;
use super::waiting::WaitingKey;

/// One of the five screens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Screen {
    /// Groups and services down, environments across.
    #[default]
    Fleet,
    /// One push.
    Push,
    /// Whatever waits for a person.
    Waiting,
    /// Metrics of the selection.
    Signals,
    /// What happened.
    Timeline,
}

impl Screen {
    /// All five, in the order of their tabs.
    pub const ALL: [Self; 5] = [Self::Fleet, Self::Push, Self::Waiting, Self::Signals, Self::Timeline];

    /// The word on its tab.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Fleet => "Fleet",
            Self::Push => "Push",
            Self::Waiting => "Waiting",
            Self::Signals => "Signals",
            Self::Timeline => "Timeline",
        }
    }
}

/// How the screen is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Look {
    /// For a person who sits before it.
    #[default]
    Desk,
    /// In big words and figures, for people who stand far away: of the Push screen its push, else the fleet.
    Wall,
}

/// Which list of the Push screen the arrows move in. Other screens have one list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pane {
    /// The ladder of stages.
    #[default]
    Stages,
    /// The requirements of the gate.
    Gate,
}

/// The identity of what a cursor stands on. It belongs to the thing, never to the row it happens to have.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RowKey {
    /// A group, on the Fleet screen.
    Group(GroupId),
    /// A service, on the Fleet screen.
    Service(ServiceId),
    /// A stage of a push by its place in the plan, from 0, on the Push screen.
    Stage(PushId, u32),
    /// A requirement of a push's gate, on the Push screen.
    Requirement(PushId, RequirementKind),
    /// Something that waits for a person.
    Waiting(WaitingKey),
    /// A chart, on the Signals screen.
    Chart(ChartKey),
    /// The error lines that only the new version of a push writes, on the Signals screen.
    Errors(PushId),
    /// A change, on the Timeline screen.
    Entry(Seq),
}
