//! What the numbers of each push's stage say, slice by slice.

use serde_json::{Value, json};

use super::status::Asked;
use crate::console::model::words;
use crate::domain::explain::{self, Moment};
use crate::domain::gauge::GaugeStanding;
use crate::domain::number::times;
use crate::domain::push::Push;
use crate::domain::requirement::{self, Requirement, RequirementKind};
use crate::domain::verdict::{Gathered, SliceEvidence, Verdict};

/// Of each push that is not over, its verdict, then its slices, the worst first.
pub fn verdict_lines(asked: Asked<'_>, moment: &Moment) -> String {
    let mut lines = Vec::new();
    for push in pushes(asked) {
        lines.push(format!("push {}, {}", words::push_name(push), explain::entered(push.stage())));
        lines.push(format!("  {}", said(asked, push)));
        let Some(gathered) = &push.evidence else { continue };
        lines.extend(gathered.evidence.slices.iter().map(slice_line));
        lines.extend(gathered.evidence.gauges.iter().flat_map(|gauges| &gauges.standings).map(gauge_line));
        if gathered.evidence.others > 0 {
            lines.push(format!("  {} more are looked at and say nothing against it", gathered.evidence.others));
        }
        lines.push(format!("  as of {}", moment.clock(gathered.at)));
    }
    if lines.is_empty() {
        lines.push("no push is on its way".to_owned());
    }
    lines.join("\n")
}

/// The same for scripts. A push without evidence has `verdict` null, and `why` says why.
pub fn verdict_json(asked: Asked<'_>) -> String {
    let all: Vec<Value> = pushes(asked).map(|push| push_json(asked, push)).collect();
    Value::Array(all).to_string()
}

fn push_json(asked: Asked<'_>, push: &Push) -> Value {
    let gathered = push.evidence.as_ref();
    let slices: Vec<Value> = gathered.iter().flat_map(|gathered| &gathered.evidence.slices).map(slice_json).collect();
    json!({
        "push": push.id(),
        "name": push.plan.name,
        "environment": push.environment(),
        "stage": push.stage().map(|stage| &stage.name),
        "why": said(asked, push),
        "verdict": gathered.map(|gathered| &gathered.evidence.verdict),
        "since": gathered.map(|gathered| gathered.since),
        "at": gathered.map(|gathered| gathered.at),
        "decides": gathered.and_then(Gathered::decides).map(|(half, most)| json!({
            "half": half,
            "nine_in_ten": most,
        })),
        "slices": slices,
        "gauges": gathered.and_then(|gathered| gathered.evidence.gauges.as_ref()),
        "others": gathered.map_or(0, |gathered| gathered.evidence.others),
    })
}

fn slice_json(slice: &SliceEvidence) -> Value {
    json!({
        "service": slice.slice.service,
        "bad": slice.slice.bad.to_string(),
        "named": slice.named,
        "n": slice.seen.requests,
        "seen": slice.seen.bad,
        "expected": slice.seen.expected,
        "ratio": slice.seen.ratio(),
        "ratio_95": slice.seen.ratio_interval().map(|(low, high)| [low, high]),
        "mostly_in": slice.seen.mostly_in,
        "worse": slice.worse,
        "fine": slice.fine,
    })
}

fn pushes(asked: Asked<'_>) -> impl Iterator<Item = &Push> {
    let Asked { known, query } = asked;
    known.fleet.pushes().filter(|push| push.is_open()).filter(move |push| known.means_push(query, push))
}

/// The verdict in a sentence.
fn said(asked: Asked<'_>, push: &Push) -> String {
    let fleet = asked.known.fleet;
    let is_evidence = |found: &Requirement| found.kind == RequirementKind::Evidence;
    if let Some(found) = requirement::of_gate(fleet, push, asked.known.now).into_iter().find(is_evidence) {
        return format!("{}: {}", word(push), found.why);
    }
    match (&push.evidence, push.stage()) {
        (Some(gathered), _) => match &gathered.evidence.verdict {
            Verdict::Regressed { slice, seen, .. } => format!("{}: {}", word(push), requirement::told(slice, seen)),
            _ => word(push).to_owned(),
        },
        (None, None) => "nothing: it has not begun".to_owned(),
        (None, Some(stage)) if stage.evidence.is_some() => "nothing: no evidence was gathered".to_owned(),
        (None, Some(_)) => "probes only: nobody is served there, so nothing is ruled out".to_owned(),
    }
}

const fn word(push: &Push) -> &'static str {
    let Some(gathered) = &push.evidence else { return "nothing yet" };
    match gathered.evidence.verdict {
        Verdict::Regressed { .. } => "REGRESSED",
        Verdict::Cleared { .. } => "cleared",
        Verdict::Undecided { .. } => "undecided",
        Verdict::NoData { .. } => "NO DATA",
        Verdict::SharedFault { .. } => "SHARED FAULT",
    }
}

/// `  CPU of blob: 47 % beside 46 %, 1×, 12 minutes compared; 8 % of the way to more`.
fn gauge_line(standing: &GaugeStanding) -> String {
    let seen = standing.seen.as_ref().map_or_else(
        || "not compared for a minute yet".to_owned(),
        |seen| format!("{}, {} minutes compared", seen.words(standing.gauge.metric), seen.blocks),
    );
    let percent = |part: f64| (part * 100.0).round();
    let growth = standing.growth.map(|growth| format!(", {}", growth.words(standing.gauge.metric))).unwrap_or_default();
    let stands = if standing.cleared >= 1.0 {
        "so much more is ruled out".to_owned()
    } else {
        format!("{} % of the way to more, {} % to a leak", percent(standing.worse.max(standing.late)), percent(standing.leaking))
    };
    format!("  {}: {seen}{growth}; {stands}", standing.gauge)
}

/// `  errors of blob: 35 of 20,170, 20.2 usual, 1.7× (1.2–2.4); 45 % of the way to worse`.
fn slice_line(slice: &SliceEvidence) -> String {
    let told = requirement::told(&slice.slice, &slice.seen);
    let interval = slice.seen.ratio_interval().filter(|_| slice.beside);
    let interval = interval.map(|(low, high)| format!(", 95 % {} to {}", times(low), times(high))).unwrap_or_default();
    let percent = |part: f64| (part * 100.0).round();
    let stands = match (slice.lean(), slice.named) {
        (lean, _) if lean < 0.0 => format!("{} % of the way to worse", percent(slice.worse)),
        (_, true) if slice.fine >= 1.0 => "cleared".to_owned(),
        (_, true) => format!("{} % of the way to cleared", percent(slice.fine)),
        _ => "shown only, no limit names it".to_owned(),
    };
    format!("  {told}{interval}; {stands}")
}
