//! What a person saw when they decided to go forward, by value: the engine compares it with what is so now.

use serde::{Deserialize, Serialize};

use crate::domain::flag::FlagState;
use crate::domain::fleet::Fleet;
use crate::domain::id::{Digest, EngineId, FlagId, GateId, PlacementId, PushId, Seq, ServiceId, Version};
use crate::domain::material::{Material, MaterialChange};
use crate::domain::push::Push;
use crate::domain::time::EngineTime;

/// Everything a person saw when they decided to go forward, by value. The engine compares it with what is so now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sight {
    /// Which engine's store was looked at.
    pub engine: EngineId,
    /// Which run of that engine.
    pub epoch: u64,
    /// The last change that was on the screen.
    pub basis: Seq,
    /// Which occurrence of which gate.
    pub gate: GateId,
    /// The stage the push was in.
    pub from: Option<u32>,
    /// The stage it would enter. Absolute: never "the next one".
    pub to: Option<u32>,
    /// The artifacts that would go forward.
    pub digests: Vec<Digest>,
    /// The rest of what was shown.
    pub material: Material,
}

impl Sight {
    /// All there is to see of a push's gate now; `None` for a push or an engine that is not known.
    pub fn of(fleet: &Fleet, push: PushId, now: EngineTime) -> Option<Self> {
        let (engine, epoch) = fleet.engine()?;
        let material = Material::of(fleet, push, now)?;
        let push = fleet.push(push)?;
        Some(Self {
            engine,
            epoch,
            basis: fleet.seq(),
            gate: push.gate(),
            from: push.cursor.stage,
            to: push.next_index(),
            digests: push.plan.moves.iter().map(|part| part.to.digest.clone()).collect(),
            material,
        })
    }
}

/// Everything a person saw when they decided to begin a push, by value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outlook {
    /// Which engine's store was looked at.
    pub engine: EngineId,
    /// Which run of that engine.
    pub epoch: u64,
    /// The last change that was on the screen.
    pub basis: Seq,
    /// What each service ran, in every environment.
    pub running: Vec<(PlacementId, Version)>,
    /// The artifacts that would go out, in the order of the releases.
    pub digests: Vec<Digest>,
    /// The pushes of the group that are in flight, oldest first, and what a start would be to each.
    pub in_flight: Vec<Met>,
}

/// A push that a start finds in flight.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Met {
    /// Which.
    pub push: PushId,
    /// What it is called, with its version.
    pub called: String,
    /// Whether the start would take its place. Otherwise it would follow it, as in a train.
    pub replaced: bool,
    /// Where it stands, as far as that bears on the start: what is replaced goes back from there.
    pub stage: Option<u32>,
}

impl Met {
    /// All that a start of these services would find, oldest first.
    fn all(fleet: &Fleet, releases: &[(ServiceId, Version)]) -> Vec<Self> {
        let mut found: Vec<_> = fleet.pushes().filter(|push| push.is_open()).collect();
        found.sort_by_key(|push| (push.plan.requested, push.id()));
        let moves = |push: &Push| releases.iter().any(|(service, _)| push.move_of(service).is_some());
        let same_group = |push: &Push| {
            releases.iter().any(|(service, _)| fleet.declaration().service(service).is_some_and(|of| of.group == push.plan.group))
        };
        found
            .into_iter()
            .filter(|push| if fleet.train_of(push).is_some() { same_group(push) } else { moves(push) })
            .map(|push| {
                let replaced = fleet.train_of(push).is_none();
                Self { push: push.id(), called: push.called(), replaced, stage: push.cursor.furthest.filter(|_| replaced) }
            })
            .collect()
    }

    /// What a start would be to it, in words.
    pub fn told(&self) -> String {
        let step = self.stage.map(|stage| format!(" at step {}", stage + 1)).unwrap_or_default();
        if self.replaced { format!("takes the place of {}{step}", self.called) } else { format!("follows {}", self.called) }
    }
}

impl Outlook {
    /// All there is to see before a push of these releases; `None` for an engine or a release that is not known.
    pub fn of(fleet: &Fleet, releases: &[(ServiceId, Version)]) -> Option<Self> {
        let (engine, epoch) = fleet.engine()?;
        let digest = |(service, version): &(ServiceId, Version)| {
            fleet.declaration().release(service, version).map(|release| release.digest.clone())
        };
        let of_these = |id: &PlacementId| releases.iter().any(|(service, _)| *service == id.service);
        Some(Self {
            engine,
            epoch,
            basis: fleet.seq(),
            running: fleet
                .placements()
                .filter(|placement| of_these(&placement.id))
                .map(|placement| (placement.id.clone(), placement.base.clone()))
                .collect(),
            digests: releases.iter().map(digest).collect::<Option<_>>()?,
            in_flight: Met::all(fleet, releases),
        })
    }

    /// What is no longer as it was seen.
    pub fn changed(&self, now: &Self) -> Vec<MaterialChange> {
        let mut changes = Vec::new();
        let mut differs =
            |field: &str, saw: String, now: String| changes.push(MaterialChange { field: field.to_owned(), saw, now });
        if (self.engine, self.epoch) != (now.engine, now.epoch) {
            differs("engine", "another run of it".to_owned(), format!("run {}", now.epoch));
        }
        for (id, version) in &now.running {
            match self.running.iter().find(|(known, _)| known == id) {
                Some((_, saw)) if saw == version => {}
                saw => differs(
                    &id.to_string(),
                    saw.map_or_else(|| "absent".to_owned(), |(_, saw)| saw.to_string()),
                    version.to_string(),
                ),
            }
        }
        if self.digests != now.digests {
            differs("artifacts", "other digests".to_owned(), "those declared now".to_owned());
        }
        if self.in_flight != now.in_flight {
            let told = |found: &[Met]| {
                if found.is_empty() { "nothing".to_owned() } else { found.iter().map(Met::told).collect::<Vec<_>>().join(", ") }
            };
            differs("in flight", told(&self.in_flight), told(&now.in_flight));
        }
        changes
    }
}

/// Everything a person saw when they decided to switch a flag on, by value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlagSight {
    /// Which engine's store was looked at.
    pub engine: EngineId,
    /// Which run of that engine.
    pub epoch: u64,
    /// How the flag stood.
    pub state: FlagState,
    /// The pushes of its service that were in flight, oldest first, with their revision.
    pub in_flight: Vec<(PushId, u64)>,
}

impl FlagSight {
    /// All there is to see of a flag now; `None` for one that is not declared, or an engine that is not known.
    pub fn of(fleet: &Fleet, flag: &FlagId) -> Option<Self> {
        let (engine, epoch) = fleet.engine()?;
        let (flag, state) = fleet.flag(flag)?;
        let in_flight = fleet.open_pushes_of(&flag.service).map(|push| (push.id(), push.revision)).collect();
        Some(Self { engine, epoch, state: state.clone(), in_flight })
    }
}
