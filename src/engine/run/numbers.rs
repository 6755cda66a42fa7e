//! From a tick's numbers to what the engine is told about them.

use std::collections::BTreeMap;

use crate::domain::environment::Environment;
use crate::domain::feed::{Feed, FeedState};
use crate::domain::fleet::Fleet;
use crate::domain::id::{CellId, EnvironmentId, PlacementId, PushId, Version};
use crate::domain::journey::Journey;
use crate::domain::metric::{Metric, SliceId, Standing, Threshold};
use crate::domain::placement::Placement;
use crate::domain::push::Push;
use crate::domain::requirement;
use crate::domain::time::{EngineTime, Period};
use crate::engine::effect::Input;
use crate::evidence::burn::BurnLedger;
use crate::evidence::harm::{Arms, HarmTally};
use crate::evidence::judge::{self, Subject};
use crate::evidence::reading::Batch;
use crate::evidence::series::{Scope, Signals, Span};

use super::burned;
use super::stages::Stages;

/// Rounds without an answer after which a cell, or the journeys, count as lost: data older than three intervals is stale.
const LOST_AFTER: u32 = 3;
/// How much of the newest tick goes into the smoothed traffic.
const SMOOTHING: f64 = 0.2;

/// What is remembered of the numbers between ticks.
#[derive(Clone, Debug, Default)]
pub(super) struct Numbers {
    signals: Signals,
    budgets: BurnLedger,
    tallies: BTreeMap<PushId, HarmTally>,
    traffic: BTreeMap<(PlacementId, CellId), f64>,
    /// Per cell that gave nothing: since when, how often in a row, and why.
    silent: BTreeMap<(EnvironmentId, CellId), Silence>,
    journeys_missed: Option<Silence>,
    stages: Stages,
}

#[derive(Clone, Debug)]
struct Silence {
    since: EngineTime,
    rounds: u32,
    why: String,
}

impl Numbers {
    pub(super) fn read(&mut self, fleet: &Fleet, batch: &Batch, now: EngineTime) -> Vec<Input> {
        self.signals.ingest(batch);
        let mut inputs = vec![self.metrics_feed(batch), self.probes_feed(fleet, batch)];
        inputs.push(Input::Traffic(self.traffic(batch)));
        inputs.push(Input::Harmed(self.harm(fleet, batch, now)));
        self.budgets.ingest(batch, fleet.declaration());
        inputs.push(Input::Burned(burned::burned(&self.budgets, fleet, now)));
        inputs.push(Input::Judged(self.judge(fleet, now)));
        inputs.push(Input::Gathered(self.stages.read(fleet, batch)));
        inputs
    }

    fn metrics_feed(&mut self, batch: &Batch) -> Input {
        let missing = |environment: &EnvironmentId, cell: &CellId| {
            batch.missing.iter().any(|gone| gone.environment == *environment && gone.cell == *cell)
        };
        self.silent.retain(|(environment, cell), _| missing(environment, cell));
        for gone in &batch.missing {
            let silence = self.silent.entry((gone.environment.clone(), gone.cell.clone())).or_insert_with(|| Silence {
                since: batch.at,
                rounds: 0,
                why: gone.why.clone(),
            });
            silence.rounds += 1;
        }
        let lost: Vec<_> = self.silent.iter().filter(|(_, silence)| silence.rounds >= LOST_AFTER).collect();
        let state = match lost.iter().map(|(_, silence)| silence).min_by_key(|silence| silence.since) {
            None => FeedState::Live,
            Some(first) => {
                let cells: Vec<_> = lost.iter().map(|((environment, cell), _)| format!("{cell} of {environment}")).collect();
                FeedState::Lost { since: first.since, why: format!("{}: {}", cells.join(", "), first.why) }
            }
        };
        Input::Feed { feed: Feed::Metrics, state }
    }

    /// Journeys that are tried over HTTP are rarer than rounds: until the next is overdue nothing is missing.
    fn probes_feed(&mut self, fleet: &Fleet, batch: &Batch) -> Input {
        let due = fleet.declaration().journeys.iter().map(Journey::counts_for).min().unwrap_or_default();
        if batch.journeys.iter().any(|journey| journey.attempts > 0) {
            self.journeys_missed = None;
        } else {
            let why = "no journey was tried".to_owned();
            self.journeys_missed.get_or_insert(Silence { since: batch.at, rounds: 0, why }).rounds += 1;
        }
        let state = match &self.journeys_missed {
            Some(silence) if silence.rounds >= LOST_AFTER && batch.at.since(silence.since) >= due => {
                FeedState::Lost { since: silence.since, why: silence.why.clone() }
            }
            _ => FeedState::Live,
        };
        Input::Feed { feed: Feed::Probes, state }
    }

    fn traffic(&mut self, batch: &Batch) -> Vec<(PlacementId, CellId, f64)> {
        if batch.over.is_zero() {
            return Vec::new();
        }
        let mut ticks: BTreeMap<(PlacementId, CellId), f64> = BTreeMap::new();
        for reading in &batch.readings {
            let key = (PlacementId::new(reading.service.clone(), reading.environment.clone()), reading.cell.clone());
            *ticks.entry(key).or_default() += reading.requests as f64 / batch.over.secs_f64();
        }
        for (key, rps) in ticks {
            self.traffic.entry(key).and_modify(|smooth| *smooth += SMOOTHING * (rps - *smooth)).or_insert(rps);
        }
        self.traffic.iter().map(|((placement, cell), rps)| (placement.clone(), cell.clone(), *rps)).collect()
    }

    fn harm(&mut self, fleet: &Fleet, batch: &Batch, now: EngineTime) -> Vec<(PushId, crate::domain::harm::Harm)> {
        let open: Vec<&Push> = fleet.pushes().filter(|push| push.is_open()).collect();
        self.tallies.retain(|id, _| open.iter().any(|push| push.id() == *id));
        open.into_iter()
            .map(|push| {
                let places: Vec<_> = push
                    .plan
                    .moves
                    .iter()
                    .flat_map(|part| part.from.iter().map(move |(environment, from)| (part, environment, from)))
                    .filter(|(_, environment, _)| fleet.declaration().environment(environment).is_some_and(Environment::has_users))
                    .filter(|(_, environment, _)| push.has_been_in(environment))
                    .flat_map(|(part, environment, from)| {
                        let place = PlacementId::new(part.service.clone(), environment.clone());
                        let brought = part.replaced.iter().chain([&part.to.version]).filter(move |brought| *brought != from);
                        brought.map(move |brought| (place.clone(), from, brought))
                    })
                    .collect();
                let arms: Vec<Arms<'_>> = places
                    .iter()
                    .map(|(placement, old, new)| Arms {
                        placement,
                        old,
                        new,
                        slow: fleet.threshold(&placement.service, Metric::P999).map(|threshold| threshold.limit),
                    })
                    .collect();
                let tally = self.tallies.entry(push.id()).or_default();
                tally.add(batch, &self.signals, &arms);
                (push.id(), tally.harm(now))
            })
            .collect()
    }

    fn judge(&self, fleet: &Fleet, now: EngineTime) -> Vec<(SliceId, Standing)> {
        let mut found = Vec::new();
        for placement in fleet.placements() {
            let Some(service) = fleet.declaration().service(&placement.id.service) else { continue };
            let Some(group) = fleet.declaration().group(&service.group) else { continue };
            let thresholds: Vec<Threshold> =
                Metric::ALL.into_iter().filter_map(|metric| requirement::limit(fleet, &service.id, metric)).cloned().collect();
            for version in placement.current().into_keys() {
                let cells: Vec<CellId> =
                    placement.cells.keys().filter(|cell| self.can_be_judged(placement, cell, version, now)).cloned().collect();
                // Beside the version before it in the same cell a fault that both suffer can be told from its own.
                let beside = |cell: &CellId| *version != placement.base && placement.serving_version_in(cell, &placement.base) > 0;
                let (beside, alone): (Vec<CellId>, Vec<CellId>) = cells.into_iter().partition(beside);
                for (cells, old) in [(beside, Some(&placement.base)), (alone, None)] {
                    let subject = Subject { placement: &placement.id, version, old, cells: &cells, journey: group.id.as_str() };
                    found.extend(judge::judge(&self.signals, &subject, &thresholds, now));
                }
            }
        }
        found
    }

    /// Whether a version has served in a cell for long enough that numbers of it are due. Before that their absence means nothing.
    fn can_be_judged(&self, placement: &Placement, cell: &CellId, version: &Version, now: EngineTime) -> bool {
        let due = (self.signals.tick_length() * LOST_AFTER).max(Period::from_secs(3));
        let serving =
            placement.cells.get(cell).into_iter().flatten().filter(|instance| instance.version == *version && instance.serves());
        let Some(first) = serving.map(|instance| instance.since).min() else { return false };
        let cells = std::slice::from_ref(cell);
        let scope = Scope { placement: &placement.id, cells: Some(cells), version, journey: None };
        now.since(first) >= due || self.signals.window(&scope, Span { now, over: due }).is_some()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use uuid::Uuid;

    use super::super::core::Core;
    use super::*;
    use crate::domain::declaration::Declaration;
    use crate::domain::id::EngineId;
    use crate::domain::journey::{Method, Step};

    /// After how many seconds without a journey, a round in each, the probes count as lost.
    fn lost_after(journeys: Vec<Journey>) -> Option<i64> {
        let declaration = Declaration { journeys, ..Declaration::default() };
        let (core, _) = Core::begin(EngineId(Uuid::nil()), 1, declaration, EngineTime::default());
        let mut numbers = Numbers::default();
        (0..200).find(|second| {
            let batch = Batch { at: EngineTime::from_millis(second * 1_000), ..Batch::default() };
            matches!(numbers.probes_feed(core.fleet(), &batch), Input::Feed { state: FeedState::Lost { .. }, .. })
        })
    }

    #[test]
    fn probes_that_are_rarer_than_rounds_are_lost_when_the_third_is_overdue() {
        let step = Step {
            name: "home".to_owned(),
            method: Method::Get,
            url: "/".to_owned(),
            headers: Vec::new(),
            body: None,
            status: None,
            text: None,
            keep: BTreeMap::new(),
        };
        let journey = Journey {
            name: "home".to_owned(),
            group: "shop".into(),
            environment: "production".into(),
            cells: BTreeMap::new(),
            every: Period::from_secs(10),
            timeout: Period::from_secs(5),
            within: None,
            headers: Vec::new(),
            secrets: BTreeMap::new(),
            steps: vec![step],
        };
        assert_eq!((lost_after(Vec::new()), lost_after(vec![journey])), (Some(2), Some(35)));
    }
}
