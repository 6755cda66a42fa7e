//! The instances behind a chart, one by one as they said it when asked: in which order they are listed, and the one the arrows are at.

use crate::domain::id::CellId;
use crate::domain::metric::Metric;
use crate::evidence::instances::{InstanceReading, Instances};

use super::signal_charts::Chart;
use super::signal_place::{Split, Told};
use super::{Model, Screen};

/// One of the instances of a placement: its cell, and its number there.
pub(super) type Which = (CellId, u32);

/// Instances as they are listed.
#[derive(Clone, Debug)]
pub struct ListedInstances<'a> {
    /// What they are ordered by: the chart's metric, or errors where that is not told apart by instance.
    pub by: Metric,
    /// Those first that do not answer, then those with the largest value.
    pub rows: Vec<&'a InstanceReading>,
    /// The place of the one the arrows are at; the first where nobody moved them.
    pub selected: usize,
}

impl Model {
    /// The instances behind a chart, as they are listed.
    pub fn instances_listed<'a>(&self, chart: &Chart, known: &'a Instances) -> ListedInstances<'a> {
        let metric = chart.key.metric;
        let by = if known.readings.iter().any(|one| one.value(metric).is_some()) { metric } else { Metric::Errors };
        let mut rows: Vec<_> = known.readings.iter().collect();
        let value = |one: &InstanceReading| one.value(by).unwrap_or(-1.0);
        rows.sort_by(|a, b| a.up.cmp(&b.up).then(value(b).total_cmp(&value(a))));
        let at = self.place.signals.instance.as_ref();
        let selected = at.and_then(|(cell, index)| rows.iter().position(|one| one.cell == *cell && one.index == *index));
        ListedInstances { by, rows, selected: selected.unwrap_or(0) }
    }
}

/// Moves the arrows by so many instances, as far as there are some. Whether instances are what is listed.
pub(super) fn step(model: &mut Model, by: isize) -> bool {
    if model.screen() != Screen::Signals || model.opened_chart() != Some(Split::Instances) {
        return false;
    }
    let Some(chart) = model.selected_chart() else { return false };
    let Told::Known(known) = model.instances_of(&chart.key.placement) else { return false };
    let ListedInstances { rows, selected, .. } = model.instances_listed(chart, known);
    let at = selected.saturating_add_signed(by).min(rows.len().saturating_sub(1));
    model.place.signals.instance = rows.get(at).map(|one| (one.cell.clone(), one.index));
    true
}
