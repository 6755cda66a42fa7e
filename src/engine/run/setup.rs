//! From a scenario to everything that has to stand before its first moment.

use std::collections::BTreeSet;

use crate::domain::declaration::Declaration;
use crate::domain::time::EngineTime;
use crate::engine::driver::simulated::{Deafness, SimulatedDriver};
use crate::engine::spec::scenario::{self, Scenario};
use crate::simulation::world::{Profile, Simulation};

use super::script::{Act, Script, Scripted};

/// An engine's surroundings at the first moment of a scenario.
#[derive(Debug)]
pub struct Setup {
    /// What is declared.
    pub declaration: Declaration,
    /// The fleet.
    pub simulation: Simulation,
    /// What changes it.
    pub driver: SimulatedDriver,
    /// The people in it.
    pub script: Script,
}

impl Setup {
    /// Sets a scenario up to begin at `start`. The same seed gives the same run.
    pub fn new(scenario: &Scenario, start: EngineTime, seed: u64) -> Self {
        let profile = Profile { faults: scenario.faults.clone(), ..Profile::default() };
        let deafness = scenario.deaf_driver.map(|deaf| Deafness { from: start + deaf.from, lasts: deaf.lasts });
        let mut declaration = scenario.declaration.clone();
        // Whoever acts in it may ask for a push; only the spec's own people have roles.
        declaration.people.extend(
            scenario
                .script
                .iter()
                .filter(|act| !scenario.declaration.people.contains_key(&act.by))
                .map(|act| (act.by.clone(), BTreeSet::new())),
        );
        Self {
            declaration,
            simulation: Simulation::new(&scenario.declaration, profile, start, seed),
            driver: SimulatedDriver { deafness },
            script: Script::new(scenario.script.iter().map(scripted).collect(), seed),
        }
    }
}

fn scripted(act: &scenario::ScriptedAct) -> Scripted {
    let what = match &act.act {
        scenario::Act::Start { group, versions } => {
            Act::Start(group.clone(), versions.iter().map(|(service, version)| (service.clone(), version.clone())).collect())
        }
        scenario::Act::Approve { group } => Act::Approve(group.clone()),
        scenario::Act::Hold { group } => Act::Hold(group.clone()),
        scenario::Act::Resume { group } => Act::Resume(group.clone()),
        scenario::Act::Rollback { group } => Act::RollBack(group.clone()),
    };
    Scripted { at: act.at, by: act.by.clone(), act: what }
}
