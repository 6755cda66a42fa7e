//! A chart: one metric of a service in an environment, and how each of its cells stands.

use crate::domain::explain::meaning;
use crate::domain::metric::{Judgement, SliceId, Standing};

use super::super::Model;
use super::super::signal_charts::ChartKey;
use super::parts::listed;
use super::{Page, push};

/// The chart, then the push that brings a version to it, where one does.
pub(super) fn page(model: &Model, key: &ChartKey) -> Page {
    let fleet = model.fleet();
    let (service, environment) = (&key.placement.service, &key.placement.environment);
    let is =
        format!("{}, of {service} in {environment}: each version in each cell is judged by itself", meaning::metric(key.metric));
    let limit = fleet.threshold(service, key.metric).map(|limit| {
        let shown = key.metric.show(limit.limit);
        format!(
            "{shown}; it counts as crossed after {} without a break, and is not judged below {} {}",
            limit.sustained,
            limit.least,
            key.metric.counts()
        )
    });
    let is_of = |slice: &SliceId| slice.metric == key.metric && slice.placement() == key.placement;
    let judged = fleet.judgements().filter(|(slice, _)| is_of(slice)).map(|(slice, judged)| stands(model, slice, judged));
    let judged: Vec<_> = judged.collect();
    let judged = if judged.is_empty() { vec!["it was not judged yet".to_owned()] } else { judged };
    let page = Page::new(format!("{} of {service} in {environment}", key.metric))
        .with("What it is", [("", is), ("Limit", limit.unwrap_or_else(|| "none is declared".to_owned()))])
        .with("How it stands", listed("", judged));
    let page = match super::requirement::last_failure(model, &key.placement, key.metric) {
        Some(failure) => page.with("Last failure", [("", failure)]),
        None => page,
    };
    match fleet.push_at(&key.placement).filter(|push| push.is_open()) {
        Some(of) => page.and(push::page(model, of.id())),
        None => page,
    }
}

fn stands(model: &Model, slice: &SliceId, judged: &Judgement) -> String {
    let show = |value: &f64| slice.metric.show(*value);
    // The figures are those of when it came to stand so.
    let how = match &judged.standing {
        Standing::Within { value } => format!("within its limit, first at {}", show(value)),
        Standing::Beyond { value, limit } => format!("beyond its limit, first at {}", slice.metric.against(*value, *limit)),
        Standing::SharedFault { value, limit, base } => format!(
            "beyond its limit, first at {}; the old version beside it was at {}, so it is not this release's doing",
            slice.metric.against(*value, *limit),
            show(base)
        ),
        Standing::TooFew { need, .. } => format!("not judged: it takes {need} {}, and there are fewer", slice.metric.counts()),
        Standing::NoData { why } => format!("not known: {why}. No data is never good"),
    };
    format!("{} in {}: {how}, since {}", slice.version, slice.cell, model.moment().day_clock(judged.since))
}
