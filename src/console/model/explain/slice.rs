//! A judged slice: one metric of one version of a service in one cell.

use crate::domain::explain::meaning;
use crate::domain::metric::{SliceId, Standing};

use super::super::{Model, words};
use super::{Page, push};

/// The slice, then the push that brings its version, where one does.
pub(super) fn page(model: &Model, slice: &SliceId) -> Page {
    let (fleet, moment) = (model.fleet(), model.moment());
    let is = format!(
        "{}, of {} {} in {}, {}: the smallest thing that is judged",
        meaning::metric(slice.metric),
        slice.service,
        slice.version,
        slice.cell,
        slice.environment
    );
    let limit = fleet.threshold(&slice.service, slice.metric);
    let limit = limit.map(|limit| {
        let limit_text = slice.metric.show(limit.limit);
        format!(
            "{limit_text}; it counts as crossed after {} without a break, and is not judged below {} requests",
            limit.sustained, limit.least
        )
    });
    let judged = fleet.judgement(slice);
    let stands = judged.map_or_else(|| "it was not judged yet".to_owned(), |judged| standing(slice, &judged.standing));
    let since = judged.map(|judged| moment.day_clock(judged.since)).unwrap_or_default();
    let page = Page::new(words::slice_name(slice))
        .with("What it is", [("", is), ("Limit", limit.unwrap_or_else(|| "none is declared".to_owned()))])
        .with("How it stands", [("", stands), ("Since", since)]);
    match fleet.push_at(&slice.placement()).filter(|push| push.brings(&slice.service, &slice.environment, &slice.version)) {
        Some(of) => page.and(push::page(model, of.id())),
        None => page,
    }
}

fn standing(slice: &SliceId, standing: &Standing) -> String {
    let show = |value: &f64| slice.metric.show(*value);
    match standing {
        Standing::Within { value } => format!("within its limit, at {}", show(value)),
        Standing::Beyond { value, limit } => format!("beyond its limit: {}, limit {}", show(value), show(limit)),
        Standing::SharedFault { value, limit, base } => format!(
            "beyond its limit: {}, limit {}; the old version beside it is at {}, so it is not this release's doing",
            show(value),
            show(limit),
            show(base)
        ),
        Standing::TooFew { n, need } => format!("not judged: {n} requests were seen, and it takes {need}"),
        Standing::NoData { why } => format!("not known: {why}. No data is never good"),
    }
}
