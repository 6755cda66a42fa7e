//! From a scenario to everything that has to stand before its first moment.

use uuid::Uuid;

use crate::domain::declaration::Declaration;
use crate::domain::id::EngineId;
use crate::domain::time::EngineTime;
use crate::engine::driver::simulated::{Deafness, SimulatedDriver};
use crate::engine::spec::scenario::{self, Scenario};
use crate::simulation::world::{Profile, Simulation};

use super::script::{Act, Script, Scripted};

/// An engine's surroundings at the first moment of a scenario.
#[derive(Debug)]
pub struct Setup {
    /// The engine's identity. Follows from the seed, so that a run repeats exactly.
    pub engine: EngineId,
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
        // Scripted people may ask for pushes in nobody's name; they may decide nothing, having no role.
        for act in &scenario.script {
            declaration.people.entry(act.by.clone()).or_default();
        }
        Self {
            engine: EngineId(Uuid::from_u64_pair(0, seed)),
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
        scenario::Act::RollbackAlone { group, service, reason } => {
            Act::RollBackAlone(group.clone(), service.clone(), reason.clone())
        }
    };
    Scripted { at: act.at, by: act.by.clone(), act: what }
}
