//! The evidence of the stages that pushes are in: begun when a stage's last instance has arrived, fed with every tick.

use std::collections::BTreeMap;

use crate::domain::fleet::Fleet;
use crate::domain::id::{PlacementId, PushId};
use crate::domain::push::{Move, Push};
use crate::domain::stage::{EvidenceRule, PlannedStage};
use crate::domain::time::EngineTime;
use crate::domain::verdict::Evidence;
use crate::evidence::reading::Batch;
use crate::evidence::sequential::{Levels, Margins};
use crate::evidence::stage::{StageEvidence, Subject, Terms};

/// Each push's evidence, with the entry of the stage that it is about.
#[derive(Clone, Debug, Default)]
pub(super) struct Stages {
    by_push: BTreeMap<PushId, (u32, StageEvidence)>,
}

impl Stages {
    /// Takes in a tick, and says what each stage's numbers say now, from when its instances are warm.
    pub(super) fn read(&mut self, fleet: &Fleet, batch: &Batch) -> Vec<(PushId, u32, Evidence)> {
        self.by_push.retain(|id, _| fleet.push(*id).is_some_and(Push::is_forward));
        let mut found = Vec::new();
        for push in fleet.pushes().filter(|push| push.is_forward()) {
            let Some((stage, rule, arrived)) = begun(push) else { continue };
            let (id, entry) = (push.id(), push.cursor.entry);
            let begin = |known: Option<StageEvidence>| {
                let (subjects, terms) = (subjects(fleet, push, stage), terms(rule));
                match known {
                    Some(before) => before.next(subjects, terms, arrived),
                    None => StageEvidence::new(subjects, terms, arrived),
                }
            };
            let mut evidence = match self.by_push.remove(&id) {
                Some((known, evidence)) if known == entry => evidence,
                before => begin(before.map(|(_, evidence)| evidence)),
            };
            evidence.add(batch);
            if evidence.is_warm(batch.at) {
                found.push((id, entry, evidence.evidence()));
            }
            self.by_push.insert(id, (entry, evidence));
        }
        found
    }
}

/// The stage that a push is in with what it must show, and since when its last instance is there.
fn begun(push: &Push) -> Option<(&PlannedStage, &EvidenceRule, EngineTime)> {
    let stage = push.stage()?;
    Some((stage, stage.evidence.as_ref()?, push.cursor.arrived?))
}

fn terms(rule: &EvidenceRule) -> Terms {
    let margins = Margins { ruled_out: rule.rule_out.as_f64(), ..Margins::before_calibration(1.0) };
    Terms { levels: Levels::default(), margins, warm_up: rule.warm_up }
}

fn subjects(fleet: &Fleet, push: &Push, stage: &PlannedStage) -> Vec<Subject> {
    let moved = push.plan.moves.iter().filter(|part| stage.grants.contains_key(&part.service) && part.changes(&stage.environment));
    moved.filter_map(|part| subject(fleet, part, stage)).collect()
}

fn subject(fleet: &Fleet, part: &Move, stage: &PlannedStage) -> Option<Subject> {
    let declared = fleet.declaration().service(&part.service)?;
    let place = PlacementId::new(part.service.clone(), stage.environment.clone());
    let placement = fleet.placement_by_id(&place)?;
    // Where the whole of a service is to be on the new version, nothing is left beside it.
    let left = placement.cells.keys().any(|cell| stage.grant(&part.service, cell) < placement.size_in(cell));
    let old = part.from.get(&stage.environment).filter(|_| left).cloned();
    Some(Subject {
        service: part.service.clone(),
        environment: stage.environment.clone(),
        new: part.to.version.clone(),
        old,
        objectives: declared.objectives().collect(),
        limits: declared.thresholds.clone(),
    })
}
