//! What the Signals screen has to show: every metric of the selection, the worst first.

use std::collections::BTreeMap;

use crate::domain::fleet::Fleet;
use crate::domain::id::{CellId, EnvironmentId, PlacementId, ServiceId, Version};
use crate::domain::metric::{Judgement, Metric, SliceId, Standing, Threshold};
use crate::domain::placement::Placement;
use crate::domain::push::Push;
use crate::domain::time::EngineTime;
use crate::evidence::series::{Scope, Signals};

/// The identity of a chart: one metric of a service in an environment.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChartKey {
    /// The service and where it runs.
    pub placement: PlacementId,
    /// What is measured.
    pub metric: Metric,
}

impl ChartKey {
    /// The chart that a slice is part of.
    pub fn of(slice: &SliceId) -> Self {
        Self { placement: slice.placement(), metric: slice.metric }
    }
}

/// What a chart shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// Which.
    pub key: ChartKey,
    /// The version that a push brings, where one does. Journeys are not told apart by version, so of them there is none.
    pub new: Option<Version>,
    /// What runs beside it, or alone.
    pub old: Version,
    /// Its group, which its users' journey is named after.
    pub journey: String,
    /// The environment's cells, in the order declared.
    pub cells: Vec<CellId>,
    /// The limit it is held to.
    pub limit: Option<Threshold>,
    /// Every judged slice of it with how it stands, the worst first.
    pub judged: Vec<(SliceId, Judgement)>,
    /// Whether an alert is up that nobody has acknowledged.
    pub alert: bool,
}

impl Chart {
    /// Whether it is of that metric of the journeys of a group's users in an environment.
    fn is_journey(&self, metric: Metric, group: Option<&str>, environment: &EnvironmentId) -> bool {
        metric.is_of_journeys()
            && self.key.metric == metric
            && group == Some(&self.journey)
            && self.key.placement.environment == *environment
    }

    /// What it is of: its service, or the group whose users' journey it is.
    pub fn whose(&self) -> &str {
        if self.key.metric.is_of_journeys() { &self.journey } else { self.key.placement.service.as_str() }
    }

    /// The slice that stands worst, where it does not stand well.
    pub fn worst(&self) -> Option<&(SliceId, Judgement)> {
        self.judged.first().filter(|(_, judgement)| !matches!(judgement.standing, Standing::Within { .. }))
    }

    /// The cells it is drawn for: the one where it stands worst, or all of them where it stands well everywhere.
    pub fn shown_cells(&self) -> &[CellId] {
        let worst = self.worst().and_then(|(slice, _)| self.cells.iter().position(|cell| *cell == slice.cell));
        worst.and_then(|at| self.cells.get(at..=at)).unwrap_or(&self.cells)
    }

    /// What is to be read of one of its versions.
    pub fn scope<'a>(&'a self, version: &'a Version, cells: &'a [CellId]) -> Scope<'a> {
        Scope { placement: &self.key.placement, cells: Some(cells), version, journey: Some(&self.journey) }
    }

    /// The version that is looked at first: the new one, where there is one.
    pub fn leading(&self) -> &Version {
        self.new.as_ref().unwrap_or(&self.old)
    }

    /// The same chart of one cell alone, with what was judged there.
    #[must_use]
    pub fn of_cell(&self, cell: &CellId) -> Self {
        let judged = self.judged.iter().filter(|(slice, _)| slice.cell == *cell).cloned().collect();
        Self { cells: vec![cell.clone()], judged, ..self.clone() }
    }

    /// Its cells, the worst first; of equals in the order declared.
    pub fn cells_worst_first(&self) -> Vec<&CellId> {
        let mut cells: Vec<_> = self.cells.iter().collect();
        let place = |cell: &CellId| {
            self.judged
                .iter()
                .position(|(slice, judgement)| slice.cell == *cell && !matches!(judgement.standing, Standing::Within { .. }))
        };
        cells.sort_by_key(|cell| place(cell).unwrap_or(usize::MAX));
        cells
    }
}

/// The charts: with an alert first, then beyond the limit, without data, with a fault that the old version has too, too few to judge,
/// not judged, within, held to no limit, never read; of equals, what belongs to a new version first.
pub(super) fn charts(fleet: &Fleet, signals: &Signals, services: &[ServiceId], now: EngineTime) -> Vec<Chart> {
    let declaration = fleet.declaration();
    let wanted = || declaration.services.iter().filter(|service| services.is_empty() || services.contains(&service.id));
    let mut found: Vec<Chart> = Vec::new();
    // Where users are comes first: the environment furthest on the way.
    for environment in declaration.environments.iter().rev() {
        let cells: Vec<_> = environment.cells.iter().map(|cell| cell.id.clone()).collect();
        for metric in Metric::ALL {
            for service in wanted() {
                let Some(placement) = fleet.placement(&service.id, &environment.id) else { continue };
                let key = ChartKey { placement: placement.id.clone(), metric };
                let [new, old] = versions(fleet, signals, placement);
                let new = new.filter(|_| !metric.is_of_journeys());
                let limit = fleet.threshold(&service.id, metric).cloned();
                let journey = service.group.to_string();
                let Some(old) = old else { continue };
                // Users' journeys are the group's: one chart for all of it, by the first service that holds them to a limit.
                let is_same = |chart: &&mut Chart| chart.is_journey(metric, Some(&journey), &environment.id);
                if let Some(known) = found.iter_mut().find(is_same) {
                    if known.limit.is_none() && limit.is_some() {
                        (known.key, known.limit) = (key, limit);
                    }
                    continue;
                }
                found.push(Chart { key, new, old, journey, cells: cells.clone(), limit, judged: Vec::new(), alert: false });
            }
        }
    }
    take_judgements(fleet, &mut found, now);
    found.retain(|chart| {
        let Chart { key, journey, .. } = chart;
        !chart.judged.is_empty() || chart.limit.is_some() || signals.says(key.metric, &key.placement, journey)
    });
    for chart in &mut found {
        let (alert, new) = (|slice: &SliceId| fleet.alert(slice).is_some(), chart.new.clone());
        chart.judged.sort_by_key(|(slice, judgement)| {
            // Of what stands well the latest to have come to do so.
            (!alert(slice), rank(&judgement.standing), Some(&slice.version) != new.as_ref(), std::cmp::Reverse(judgement.since))
        });
    }
    // Stable: of equals, the order of identities stays, so that charts do not dance.
    found.sort_by_key(|chart| {
        let is_read = signals.says(chart.key.metric, &chart.key.placement, &chart.journey);
        let unjudged = match (is_read, &chart.limit) {
            (false, _) => NOT_READ,
            (true, Some(_)) => NOT_JUDGED,
            (true, None) => NO_LIMIT,
        };
        let standing = chart.judged.first().map_or(unjudged, |(_, judgement)| rank(&judgement.standing));
        (!chart.alert, standing, chart.new.is_none() && !is_pushed(fleet, chart))
    });
    found
}

/// Gives every chart what was judged of it.
fn take_judgements(fleet: &Fleet, charts: &mut [Chart], now: EngineTime) {
    let places: BTreeMap<ChartKey, usize> = charts.iter().zip(0..).map(|(chart, at)| (chart.key.clone(), at)).collect();
    for (slice, judgement) in fleet.judgements() {
        let chart = if slice.metric.is_of_journeys() {
            let group = fleet.declaration().service(&slice.service).map(|service| service.group.as_str());
            charts.iter_mut().find(|chart| chart.is_journey(slice.metric, group, &slice.environment))
        } else {
            places.get(&ChartKey::of(slice)).and_then(|at| charts.get_mut(*at))
        };
        let Some(chart) = chart else { continue };
        chart.judged.push((slice.clone(), judgement.clone()));
        chart.alert |= fleet.alert(slice).is_some_and(|alert| !alert.is_acknowledged(now));
    }
}

fn is_pushed(fleet: &Fleet, chart: &Chart) -> bool {
    fleet.open_push_of(&chart.key.placement.service).is_some_and(|push| push.has_been_in(&chart.key.placement.environment))
}

/// The new version and the old one: what the service's push brings there and what it takes the place of. Once it is over, as long as
/// both are still to be seen. Without a push there, what runs.
fn versions(fleet: &Fleet, signals: &Signals, placement: &Placement) -> [Option<Version>; 2] {
    let id = &placement.id;
    let push = fleet.open_push_of(&id.service).or_else(|| fleet.last_push_of(&id.service));
    let both = push.filter(|push| push.has_been_in(&id.environment)).and_then(|push| {
        let part = push.move_of(&id.service).filter(|part| part.changes(&id.environment))?;
        let [new, old] = [&part.to.version, part.from.get(&id.environment)?];
        let seen = push.is_open() || (signals.remembers(id, new) && signals.remembers(id, old));
        (seen && new != old).then(|| [Some(new.clone()), Some(old.clone())])
    });
    both.unwrap_or_else(|| [None, placement.observed.then(|| placement.ordered().clone())])
}

/// Where a chart stands of which nothing was judged: before what is known to be well.
const NOT_JUDGED: u8 = 4;
/// Where one stands that is held to nothing: it can never be judged.
const NO_LIMIT: u8 = 6;
/// Where one stands of which nothing was ever read: there is nothing to see.
const NOT_READ: u8 = 7;

const fn rank(standing: &Standing) -> u8 {
    match standing {
        Standing::Beyond { .. } => 0,
        Standing::NoData { .. } => 1,
        Standing::SharedFault { .. } => 2,
        Standing::TooFew { .. } => 3,
        Standing::Within { .. } => 5,
    }
}

/// What happened to a push that a curve can be read against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// More instances may carry the new version.
    Stage,
    /// What was in flight was replaced by a fix.
    Fix,
    /// It goes back.
    Back,
}

/// A deed, when it was, and its words: `10 %`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marker {
    /// What.
    pub deed: Deed,
    /// When.
    pub at: EngineTime,
    /// In a word or two.
    pub words: String,
}

/// What happened to the push of a placement in its environment, oldest first.
pub fn markers(fleet: &Fleet, placement: &PlacementId) -> Vec<Marker> {
    let push = fleet.open_push_of(&placement.service).or_else(|| fleet.last_push_of(&placement.service));
    let mut found = push.map(|push| of_push(push, placement)).unwrap_or_default();
    found.sort_by_key(|marker| marker.at);
    found
}

fn of_push(push: &Push, placement: &PlacementId) -> Vec<Marker> {
    let here = push.passages.iter().filter(|passage| passage.environment == placement.environment);
    let stages = here.map(|passage| Marker { deed: Deed::Stage, at: passage.entered, words: passage.name.clone() });
    let fix = push.fix.as_ref().map(|fix| Marker { deed: Deed::Fix, at: fix.at, words: "fix".to_owned() });
    let rollback = push.course.rollback().filter(|_| push.has_been_in(&placement.environment));
    let back = rollback.map(|rollback| Marker { deed: Deed::Back, at: rollback.decided, words: "back".to_owned() });
    stages.chain(fix).chain(back).collect()
}
