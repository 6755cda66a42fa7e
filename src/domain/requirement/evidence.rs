//! The numbers show that the new version is not worse than the old one beside it.

use super::super::number::{grouped, times};
use super::super::push::Push;
use super::super::stage::{EvidenceRule, PlannedStage};
use super::super::time::{EngineTime, Period};
use super::super::verdict::{Compared, Gathered, LEANS, Seen, Verdict};
use super::{Requirement, RequirementKind, RequirementState};

pub(super) fn of(push: &Push, stage: &PlannedStage, now: EngineTime) -> Option<Requirement> {
    let rule = stage.evidence.as_ref()?;
    let found = |state, why: String, who: &str| Requirement::new(RequirementKind::Evidence, state, why, who.to_owned());
    let Some(arrived) = push.cursor.arrived else {
        let why = format!("{} worse is to be ruled out, from when the last instance has arrived", rule.rule_out);
        return Some(found(RequirementState::Pending, why, "the numbers"));
    };
    let Some(gathered) = &push.evidence else {
        let left = now.until(arrived + rule.warm_up);
        let why = if left.is_zero() {
            "the first numbers are awaited".to_owned()
        } else {
            format!("new instances get warm, {left} more")
        };
        return Some(found(RequirementState::Pending, why, "the numbers"));
    };
    Some(match &gathered.evidence.verdict {
        Verdict::Cleared { ruled_out } => match gathered.evidence.leak() {
            Some(leak) => found(RequirementState::Unmet, leak, "a person: go back (r), or waive it (w)"),
            None => found(RequirementState::Met, cleared(gathered, *ruled_out), "the numbers"),
        },
        Verdict::Regressed { slice, seen, late } => {
            let when = if *late { ", of late" } else { "" };
            found(RequirementState::Unmet, format!("worse{when}: {}", told(slice, seen)), "nobody: it goes back by itself")
        }
        Verdict::SharedFault { slice, new, old, allowed } => {
            let percent = |share: f64| format!("{:.2} %", share * 100.0);
            let why = format!(
                "{slice}: {} on the new version and {} on the old one, {} allowed: not this release",
                percent(*new),
                percent(*old),
                percent(*allowed)
            );
            found(RequirementState::Unmet, why, "whoever mends what old and new stand on")
        }
        Verdict::NoData { why } => found(RequirementState::Broken, format!("no data, {why}"), "whoever brings the numbers back"),
        Verdict::Undecided { lean, worst, seen, .. } => {
            let leading = if *lean <= -LEANS { "leans worse: " } else { "" };
            let open = format!("{leading}{}", told(worst, seen));
            let late = late_since(push, rule).filter(|since| *since <= now);
            let why = match late {
                Some(_) => format!("undecided after {}, {open}", rule.by),
                None => format!("{open}; {}", outlook(gathered, now)),
            };
            let who = if late.is_some() { "a person: wait, waive it (w) or go back (r)" } else { "the numbers" };
            let due = gathered.decides().and_then(|(_, latest)| latest).filter(|_| late.is_none());
            Requirement { due, ..found(RequirementState::Pending, why, who) }
        }
    })
}

/// From when on a verdict that is still undecided is a person's to make up for.
pub fn late_since(push: &Push, rule: &EvidenceRule) -> Option<EngineTime> {
    push.cursor.arrived.map(|arrived| arrived + rule.by)
}

/// `2× worse is ruled out in 9 comparisons`.
fn cleared(gathered: &Gathered, ruled_out: Option<f64>) -> String {
    let named = gathered.evidence.slices.iter().filter(|slice| slice.named).count();
    let comparisons = format!("{named} comparison{}", if named == 1 { "" } else { "s" });
    let more = gathered.evidence.gauges.as_ref().and_then(|gauges| gauges.verdict.against());
    let more = more.map(|more| format!("; it uses more, {more}")).unwrap_or_default();
    match ruled_out {
        Some(ratio) => format!("{} worse is ruled out in {comparisons}{more}", times(ratio)),
        None => format!("no old version is left to compare with; within its limits in {comparisons}"),
    }
}

/// `p99.9 of blob: 35 slower than 1 s where 20 are usual, of 20,170, mostly in eu`.
pub fn told(slice: &Compared, seen: &Seen) -> String {
    let place = seen.mostly_in.as_ref().map(|cell| format!(", mostly in {cell}")).unwrap_or_default();
    let usual = match seen.expected {
        none if none < 0.05 => "none".to_owned(),
        few if few < 10.0 => format!("{few:.1}"),
        many => grouped(many.round() as u64),
    };
    let ratio = seen.ratio().filter(|ratio| *ratio > 1.0).map(|ratio| format!(", {}", times(ratio))).unwrap_or_default();
    let of = format!("{slice}{ratio}");
    format!("{of}: {} where {usual} are usual, of {}{place}", grouped(seen.bad), grouped(seen.requests))
}

/// `decided in 31 min to 2 h 11 min`.
fn outlook(gathered: &Gathered, now: EngineTime) -> String {
    let left = |at: EngineTime| now.until(at).max(Period::from_secs(1));
    match gathered.decides() {
        Some((half, Some(most))) if half < most => format!("decided in {} to {}", left(half), left(most)),
        Some((_, Some(most))) => format!("decided in about {}", left(most)),
        Some((half, None)) => format!("decided in {} at the earliest, perhaps not within a day", left(half)),
        None => "too few to decide within a day".to_owned(),
    }
}
