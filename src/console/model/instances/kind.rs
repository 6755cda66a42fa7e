//! What one mark says: how an instance is, and on which version.

use crate::domain::id::Version;
use crate::domain::placement::{Instance, Phase, Placement};
use crate::domain::status;

/// How an instance is, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Health {
    /// Its process died, or keeps dying.
    Crashed,
    /// Nothing was ever seen of its service there.
    Unknown,
    /// The last try of what was asked of it failed; it is tried again.
    Failing,
    /// It does not run, and nothing is being done about it.
    Stopped,
    /// A hand made another of it than it should be, and nothing is being done about it.
    ByHand,
    /// It runs and takes no requests, and nothing is being done about it.
    Out,
    /// It finishes the requests it has.
    Draining,
    /// It starts, warms up, or something was asked of it that is not done.
    Moving,
    /// Of two sides it is on the one that is kept ready, and takes no requests.
    StandingBy,
    /// It is ready and takes requests.
    Serving,
}

impl Health {
    /// In words, as far as they go without a version.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Crashed => "crashed",
            Self::Unknown => "never seen",
            Self::Failing => "task failed, tried again",
            Self::Stopped => "stopped",
            Self::ByHand => "changed by hand",
            Self::Out => "out of the balancer",
            Self::Draining => "draining",
            Self::Moving => "moving",
            Self::StandingBy => "standing by",
            Self::Serving => "serving",
        }
    }
}

/// Which version an instance runs, or is being started with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum On {
    /// Neither of the two that should run there.
    Other,
    /// The one that a push brings.
    New,
    /// The one that runs where no push has brought another.
    Old,
}

/// What a mark says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Kind {
    /// How the instance is.
    pub health: Health,
    /// On which version.
    pub on: On,
}

impl Kind {
    /// Whether nobody need look at it: it serves on a version that should run there, or is on its way.
    pub const fn is_well(self) -> bool {
        match self.health {
            Health::Draining | Health::Moving | Health::StandingBy => true,
            Health::Serving => !matches!(self.on, On::Other),
            _ => false,
        }
    }

    /// For an order that begins with the worst.
    pub const fn rank(self) -> (bool, Health, On) {
        (self.is_well(), self.health, self.on)
    }
}

/// The two versions that may run in a placement.
pub(super) struct Versions<'a> {
    pub new: Option<&'a Version>,
    /// What a fix took the place of. As long as instances run it, it is the push's to answer for, and no trouble of its own.
    pub replaced: &'a [Version],
    pub old: &'a Version,
}

/// What the mark of an instance says. `astray`: a hand made another of it than it should be.
pub(super) fn of(placement: &Placement, instance: &Instance, versions: &Versions<'_>, astray: bool) -> Kind {
    let on = if *versions.old == instance.version {
        On::Old
    } else if versions.new == Some(&instance.version) || versions.replaced.contains(&instance.version) {
        On::New
    } else {
        On::Other
    };
    let health = health(placement, instance, astray);
    // Of what was never seen no version is known.
    if health == Health::Unknown { Kind { health, on: On::Old } } else { Kind { health, on } }
}

fn health(placement: &Placement, instance: &Instance, astray: bool) -> Health {
    if !placement.observed {
        return Health::Unknown;
    }
    if instance.phase == Phase::Crashed || status::is_crash_looping(instance) {
        return Health::Crashed;
    }
    if let Some(flight) = &instance.in_flight {
        return match (&flight.failed, instance.phase) {
            (Some(_), _) => Health::Failing,
            (None, Phase::Draining) => Health::Draining,
            (None, _) => Health::Moving,
        };
    }
    match instance.phase {
        _ if astray => Health::ByHand,
        Phase::Stopped => Health::Stopped,
        Phase::Starting | Phase::Warming => Health::Moving,
        Phase::Draining => Health::Draining,
        Phase::Ready if instance.serving => Health::Serving,
        Phase::Drained if placement.sides.is_some() => Health::StandingBy,
        Phase::Ready | Phase::Drained | Phase::Crashed => Health::Out,
    }
}
