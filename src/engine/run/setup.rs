//! From a scenario to everything that has to stand before its first moment.

use uuid::Uuid;

use crate::domain::declaration::Declaration;
use crate::domain::id::EngineId;
use crate::domain::time::{EngineTime, Period};
use crate::engine::driver::simulated::{Deafness, SimulatedDriver};
use crate::engine::spec::scenario::{self, HandChange, Scenario};
use crate::simulation::outage::Lost;
use crate::simulation::world::{Profile, Simulation};

use super::script::{Act, Answers, Reply, Script, Scripted};

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
        let profile = Profile {
            faults: scenario.faults.clone(),
            shared: scenario.shared_faults.clone(),
            outages: scenario.outages.iter().map(|outage| Lost::from(outage, start)).collect(),
            by_hand: scenario.script.iter().filter_map(by_hand).collect(),
            ..Profile::default()
        };
        let deafness = scenario.deaf_driver.map(|deaf| Deafness { from: start + deaf.from, lasts: deaf.lasts });
        let mut declaration = scenario.declaration.clone();
        scenario.freezes.iter().for_each(|freeze| freeze.declare(&mut declaration, start));
        // Scripted people may ask for pushes in nobody's name; they may decide nothing, having no role.
        for act in &scenario.script {
            declaration.people.entry(act.by.clone()).or_default();
        }
        Self {
            engine: EngineId(Uuid::from_u64_pair(0, seed)),
            declaration,
            simulation: Simulation::new(&scenario.declaration, profile, start, seed),
            driver: SimulatedDriver { deafness },
            script: Script::new(scenario.script.iter().filter_map(scripted).collect(), seed).answering(answers(scenario)),
        }
    }
}

/// What is done past the engine: it happens in the fleet, and no command says so.
fn by_hand(act: &scenario::ScriptedAct) -> Option<(Period, HandChange)> {
    match &act.act {
        scenario::Act::ByHand { change } => Some((act.at, change.clone())),
        _ => None,
    }
}

fn answers(scenario: &Scenario) -> Answers {
    let replies = |check: &scenario::ScriptedCheck| {
        let mut replies: Vec<_> =
            [(check.passes_from, Reply::Passes), (check.fails_from, Reply::Fails), (check.silent_from, Reply::Silent)]
                .into_iter()
                .filter_map(|(from, reply)| from.map(|from| (from, reply)))
                .collect();
        replies.sort_by_key(|(from, _)| *from);
        replies
    };
    scenario.checks.iter().map(|check| (check.name.clone(), replies(check))).collect()
}

/// What is asked of the engine.
fn scripted(act: &scenario::ScriptedAct) -> Option<Scripted> {
    let what = match &act.act {
        scenario::Act::Start { group, versions, lane } => {
            let releases = versions.iter().map(|(service, version)| (service.clone(), version.clone())).collect();
            Act::Start(group.clone(), releases, lane.clone())
        }
        scenario::Act::Approve { group } => Act::Approve(group.clone()),
        scenario::Act::Hold { group } => Act::Hold(group.clone()),
        scenario::Act::Resume { group } => Act::Resume(group.clone()),
        scenario::Act::FixForward { group, versions } => {
            Act::FixForward(group.clone(), versions.iter().map(|(service, version)| (service.clone(), version.clone())).collect())
        }
        scenario::Act::Rollback { group } => Act::RollBack(group.clone()),
        scenario::Act::BringBack { group, placement } => Act::BringBack(group.clone(), placement.clone()),
        scenario::Act::ByHand { .. } => return None,
        scenario::Act::Waive { group, requirement, reason, lasts } => {
            Act::Waive(group.clone(), requirement.clone(), reason.clone(), *lasts)
        }
        scenario::Act::FlagOff { group, flag } => Act::FlagOff(group.clone(), flag.clone()),
        scenario::Act::Revoke { group } => Act::Revoke(group.clone()),
        scenario::Act::RollbackAlone { group, service, reason } => {
            Act::RollBackAlone(group.clone(), service.clone(), reason.clone())
        }
        scenario::Act::Drain { group, cell, reason } => Act::Drain(group.clone(), cell.clone(), reason.clone()),
        scenario::Act::HaltRollback { group, reason } => Act::HaltRollback(group.clone(), reason.clone()),
        scenario::Act::Retry { group } => Act::Retry(group.clone()),
    };
    Some(Scripted { at: act.at, by: act.by.clone(), act: what })
}
