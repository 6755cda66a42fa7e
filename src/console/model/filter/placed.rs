//! What is known, and a service in one cell of an environment, as a query asks about it.

use crate::domain::fleet::Fleet;
use crate::domain::id::CellId;
use crate::domain::metric::Metric;
use crate::domain::placement::Placement;
use crate::domain::push::Push;
use crate::domain::status::{self, Status};
use crate::domain::time::{EngineTime, Period};
use crate::evidence::series::{Measured, Scope, Signals, Span};
use crate::query::{Field, Query, Subject};

use super::super::words;
use super::subjects::Pushed;

/// Over how long a metric is measured for a query: long enough for a quantile, short enough to be about now.
const OVER: Period = Period::from_secs(60);

/// What a query is answered from.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// Every fact.
    pub fleet: &'a Fleet,
    /// What was measured.
    pub signals: &'a Signals,
    /// Now.
    pub now: EngineTime,
}

impl Known<'_> {
    /// Whether a query means a placement in one of its cells.
    pub fn means_placement(self, query: &Query, placement: &Placement) -> bool {
        let environment = self.fleet.declaration().environment(&placement.id.environment);
        let mut cells = environment.into_iter().flat_map(|environment| &environment.cells).map(|cell| &cell.id).peekable();
        let at = |cell| Placed { known: self, placement, cell };
        if cells.peek().is_none() { query.means(&at(None)) } else { cells.any(|cell| query.means(&at(Some(cell)))) }
    }

    /// Whether a query means a push.
    pub fn means_push(self, query: &Query, push: &Push) -> bool {
        query.means(&Pushed { known: self, push })
    }
}

/// A service in one cell: what is asked of cell and metric is asked of the same cell.
#[derive(Clone, Copy, Debug)]
pub(super) struct Placed<'a> {
    /// What is known.
    pub known: Known<'a>,
    /// The service in its environment.
    pub placement: &'a Placement,
    /// The cell; `None` where it has none.
    pub cell: Option<&'a CellId>,
}

impl Subject for Placed<'_> {
    fn values(&self, field: Field) -> Vec<String> {
        let (Known { fleet, now, .. }, id) = (self.known, &self.placement.id);
        match field {
            Field::Environment => vec![id.environment.to_string()],
            Field::Status => spelled(status::of_placement(fleet, self.placement, now)),
            Field::Group => fleet.declaration().group_of(&id.service).map(|group| group.id.to_string()).into_iter().collect(),
            Field::Service => vec![id.service.to_string()],
            Field::Push => fleet.push_at(id).map(words::push_name).into_iter().collect(),
            Field::Cell => self.cell.map(ToString::to_string).into_iter().collect(),
            Field::Version => self.placement.current().into_keys().map(ToString::to_string).collect(),
            Field::Who => Vec::new(),
            Field::Kind => vec!["service".to_owned()],
        }
    }

    fn measured(&self, metric: Metric) -> Vec<f64> {
        let Known { fleet, signals, now } = self.known;
        let journey = fleet.declaration().group_of(&self.placement.id.service).map(|group| group.id.as_str());
        let cells = self.cell.map(std::slice::from_ref);
        let span = Span { now, over: OVER.max(signals.tick_length()) };
        let of = |version| {
            let scope = Scope { placement: &self.placement.id, cells, version: &version, journey };
            value(&signals.measure(metric, &scope, span))
        };
        signals.versions(&self.placement.id).into_iter().filter_map(of).collect()
    }

    fn words(&self) -> String {
        self.placement.id.to_string()
    }
}

/// A status by each of the words it may be asked for: the one on screens, and the one in JSON.
pub(super) fn spelled(status: Status) -> Vec<String> {
    let json = serde_json::to_value(status).ok().and_then(|value| value.as_str().map(str::to_owned));
    std::iter::once(status.word().to_owned()).chain(json).collect()
}

/// What was measured, where it is known.
fn value(measured: &Measured) -> Option<f64> {
    match measured {
        Measured::Value { value, .. } | Measured::AtLeast { value, .. } => Some(*value),
        Measured::TooFew { .. } | Measured::NoData { .. } => None,
    }
}
