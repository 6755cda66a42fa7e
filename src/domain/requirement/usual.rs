//! What keeps a push besides clocks, and how long that has usually kept one.

use super::super::fleet::Fleet;
use super::super::time::{EngineTime, Period};
use super::{Requirement, RequirementKind, is_asked};

/// From how few waits nothing is said.
const FEWEST: usize = 3;

/// The requirements that a push now waits for: it has arrived, its clock has run, and they do not hold. An approval counts from when
/// it is asked for.
pub fn awaited(requirements: &[Requirement], now: EngineTime) -> Vec<RequirementKind> {
    let of_the_push =
        |kind: &RequirementKind| matches!(kind, RequirementKind::Arrived | RequirementKind::Bake | RequirementKind::Evidence);
    let (approvals, others): (Vec<_>, Vec<_>) = requirements.iter().partition(|found| found.kind == RequirementKind::Approval);
    let stands = others.iter().filter(|found| of_the_push(&found.kind)).all(|found| found.state.lets_pass());
    let asked = is_asked(others.iter().copied(), now);
    let open = |found: &&&Requirement| !found.state.lets_pass() && !of_the_push(&found.kind);
    let kept = others.iter().filter(|_| stands).filter(open);
    kept.chain(approvals.iter().filter(|_| asked).filter(open)).map(|found| found.kind.clone()).collect()
}

/// How long a push that waited for a requirement of this kind has usually waited in this engine's life: the median over the waits of
/// all pushes still known that ended by its being met.
pub fn usually(fleet: &Fleet, kind: &RequirementKind) -> Option<Period> {
    let waits = fleet.pushes.values().flat_map(|push| &push.waits).filter(|wait| wait.requirement == *kind);
    let mut lengths: Vec<Period> = waits.filter_map(|wait| wait.met.map(|met| met - wait.since)).collect();
    if lengths.len() < FEWEST {
        return None;
    }
    lengths.sort_unstable();
    lengths.get(lengths.len() / 2).copied()
}
