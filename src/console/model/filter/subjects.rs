//! Rows as a query asks about them.

use crate::domain::fleet::Fleet;
use crate::domain::metric::{Judgement, Metric, SliceId, Standing};
use crate::domain::push::Push;
use crate::domain::status;
use crate::query::{Field, Subject};

use super::super::signal_charts::Chart;
use super::super::timeline::TimelineRow;
use super::super::waiting::WaitingRow;
use super::super::words;
use super::placed::{Known, Placed, spelled};

/// A push.
pub struct Pushed<'a> {
    /// What is known.
    pub known: Known<'a>,
    /// Which.
    pub push: &'a Push,
}

impl Subject for Pushed<'_> {
    fn values(&self, field: Field) -> Vec<String> {
        let (Known { fleet, now, .. }, push) = (self.known, self.push);
        let moves = push.plan.moves.iter();
        match field {
            Field::Environment => push.environment().map(ToString::to_string).into_iter().collect(),
            Field::Status => spelled(status::of_push(fleet, push, now)),
            Field::Group => vec![push.plan.group.to_string()],
            Field::Service => moves.map(|part| part.service.to_string()).collect(),
            Field::Push => vec![words::push_name(push)],
            Field::Cell => push.stage().into_iter().flat_map(|stage| stage.grants.values()).flat_map(granted).collect(),
            Field::Version => moves.map(|part| part.to.version.to_string()).collect(),
            Field::Who => {
                let driver = push.driver.as_ref().map(|driver| driver.by.to_string());
                std::iter::once(push.plan.requested_by.to_string()).chain(driver).collect()
            }
            Field::Kind => vec!["push".to_owned()],
        }
    }

    fn measured(&self, metric: Metric) -> Vec<f64> {
        let Some(environment) = self.push.environment() else { return Vec::new() };
        let placements = self.push.plan.moves.iter().filter_map(|part| self.known.fleet.placement(&part.service, environment));
        placements.flat_map(|placement| Placed { known: self.known, placement, cell: None }.measured(metric)).collect()
    }

    fn words(&self) -> String {
        words::push_name(self.push)
    }
}

fn granted(cells: &std::collections::BTreeMap<crate::domain::id::CellId, u32>) -> Vec<String> {
    cells.iter().filter(|(_, granted)| **granted > 0).map(|(cell, _)| cell.to_string()).collect()
}

/// Something that waits.
pub struct Waits<'a> {
    /// What is known.
    pub known: Known<'a>,
    /// Which.
    pub row: &'a WaitingRow,
}

impl Waits<'_> {
    fn push(&self) -> Option<Pushed<'_>> {
        let push = self.row.key.push.and_then(|push| self.known.fleet.push(push))?;
        Some(Pushed { known: self.known, push })
    }
}

impl Subject for Waits<'_> {
    fn values(&self, field: Field) -> Vec<String> {
        match (field, &self.row.key.placement) {
            (Field::Who, _) => vec![self.row.who.clone()],
            (Field::Kind, _) => {
                let kind = serde_json::to_value(self.row.key.what).ok().and_then(|kind| kind.as_str().map(str::to_owned));
                kind.into_iter().collect()
            }
            (Field::Environment, Some(placement)) => vec![placement.environment.to_string()],
            (Field::Service, Some(placement)) => vec![placement.service.to_string()],
            (field, _) => self.push().map(|push| push.values(field)).unwrap_or_default(),
        }
    }

    fn measured(&self, metric: Metric) -> Vec<f64> {
        self.push().map(|push| push.measured(metric)).unwrap_or_default()
    }

    fn words(&self) -> String {
        format!("{} {}", self.row.name, self.row.words)
    }
}

/// A chart.
pub struct Charted<'a> {
    /// What is known.
    pub known: Known<'a>,
    /// Which.
    pub chart: &'a Chart,
}

impl Subject for Charted<'_> {
    fn values(&self, field: Field) -> Vec<String> {
        let (fleet, chart) = (self.known.fleet, self.chart);
        let placement = &chart.key.placement;
        match field {
            Field::Environment => vec![placement.environment.to_string()],
            Field::Status => chart.judged.iter().map(|(_, judged)| standing(&judged.standing).to_owned()).collect(),
            Field::Group => {
                fleet.declaration().group_of(&placement.service).map(|group| group.id.to_string()).into_iter().collect()
            }
            Field::Service => vec![placement.service.to_string()],
            Field::Push => fleet.push_at(placement).map(words::push_name).into_iter().collect(),
            Field::Cell => chart.cells.iter().map(ToString::to_string).collect(),
            Field::Version => chart.new.iter().chain([&chart.old]).map(ToString::to_string).collect(),
            Field::Who => Vec::new(),
            Field::Kind => vec![chart.key.metric.word().to_owned()],
        }
    }

    fn measured(&self, metric: Metric) -> Vec<f64> {
        let of_slice = |(_, judged): &(SliceId, Judgement)| match &judged.standing {
            Standing::Within { value } | Standing::Beyond { value, .. } | Standing::SharedFault { value, .. } => Some(*value),
            Standing::TooFew { .. } | Standing::NoData { .. } => None,
        };
        if metric == self.chart.key.metric { self.chart.judged.iter().filter_map(of_slice).collect() } else { Vec::new() }
    }

    fn words(&self) -> String {
        format!("{} {}", self.chart.key.metric, self.chart.whose())
    }
}

/// How a slice stands, in words.
const fn standing(standing: &Standing) -> &'static str {
    match standing {
        Standing::Within { .. } => "within",
        Standing::Beyond { .. } => "beyond",
        Standing::SharedFault { .. } => "shared fault",
        Standing::TooFew { .. } => "too few",
        Standing::NoData { .. } => "no data",
    }
}

/// Something that happened.
pub struct Told<'a> {
    /// Every fact, as far as it is known now.
    pub fleet: &'a Fleet,
    /// What happened.
    pub row: &'a TimelineRow,
}

impl Subject for Told<'_> {
    fn values(&self, field: Field) -> Vec<String> {
        let (fleet, row) = (self.fleet, self.row);
        let push = row.push.and_then(|push| fleet.push(push));
        match field {
            Field::Environment => row.environment.iter().map(ToString::to_string).collect(),
            Field::Service => row.services.iter().map(ToString::to_string).collect(),
            Field::Group => {
                let groups = row.services.iter().filter_map(|service| fleet.declaration().group_of(service));
                groups.map(|group| group.id.to_string()).collect()
            }
            Field::Push => push.map(words::push_name).into_iter().collect(),
            Field::Version => push.into_iter().flat_map(|push| &push.plan.moves).map(|part| part.to.version.to_string()).collect(),
            Field::Who => Some(row.who.clone()).filter(|who| !who.is_empty()).into_iter().collect(),
            Field::Kind => vec![row.kind.word().to_owned()],
            // What status or cell it had then was not written down with it.
            Field::Status | Field::Cell => Vec::new(),
        }
    }

    fn measured(&self, _: Metric) -> Vec<f64> {
        Vec::new()
    }

    fn words(&self) -> String {
        self.row.text.clone()
    }
}
