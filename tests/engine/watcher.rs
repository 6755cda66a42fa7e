//! A stepped run of a scenario, and what is asked of it again and again.

use pushdeck::domain::change::{Change, Fact};
use pushdeck::domain::fleet::Fleet;
use pushdeck::domain::id::{GroupId, Version};
use pushdeck::domain::push::Push;
use pushdeck::domain::time::{EngineTime, Period};
use pushdeck::engine::run::setup::Setup;
use pushdeck::engine::run::stepped::Stepped;
use pushdeck::engine::spec::{self, builtin, scenario, scenario::Scenario};

/// Half a second: as often as the engine looks.
pub const LOOK: Period = Period::from_millis(500);

/// A scenario from its text.
pub fn read(name: &str, text: &str) -> Scenario {
    let declared = |spec: &str| spec::read(spec, builtin::spec(spec)?).ok().map(|sound| sound.value);
    scenario::read(name, name, text, declared).unwrap_or_else(|faults| panic!("{faults:#?}")).value
}

/// The first moment of a scenario: some day in 2027, at its time of day.
pub fn first_moment(scenario: &Scenario) -> EngineTime {
    EngineTime::from_millis(1_800_000_000_000 / 86_400_000 * 86_400_000) + scenario.start
}

/// A scenario about to begin.
pub fn begin(scenario: &Scenario) -> Stepped {
    Stepped::new(Setup::new(scenario, first_moment(scenario), scenario.seed))
}

/// The latest push of a group.
pub fn push_of(fleet: &Fleet, group: &GroupId) -> Option<Push> {
    fleet.pushes().rev().find(|push| push.plan.group == *group).cloned()
}

/// The push of a group to a version, at first or by a fix.
pub fn push_to(fleet: &Fleet, group: &GroupId, version: &Version) -> Option<Push> {
    let is_to = |push: &&Push| push.plan.moves.iter().any(|part| part.to.version == *version || part.replaced.contains(version));
    // What a push replaced is in its list as well: the first that is to a version is the one meant.
    fleet.pushes().find(|push| push.plan.group == *group && is_to(push)).cloned()
}

/// Lets time pass, looking each time, until something is so; says after how long. Panics after `within`.
pub fn until(run: &mut Stepped, within: Period, what: &str, so: impl Fn(&Fleet, EngineTime) -> bool) -> Period {
    let began = run.now();
    while !so(run.fleet(), run.now()) {
        assert!(run.now() < began + within, "not within {within}: {what}");
        run.advance(LOOK);
    }
    run.now() - began
}

/// When a fact was first recorded.
pub fn when(changes: &[Change], is: impl Fn(&Fact) -> bool) -> Option<EngineTime> {
    changes.iter().find(|change| is(&change.fact)).map(|change| change.at)
}
