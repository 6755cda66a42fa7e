//! What the numbers of a stage say: written down where it is news, and what follows where it is bad.

use crate::domain::change::Fact;
use crate::domain::id::PushId;
use crate::domain::push::Push;
use crate::domain::requirement::RequirementKind;
use crate::domain::rollback::Trigger;
use crate::domain::time::EngineTime;
use crate::domain::verdict::{Evidence, Verdict};

use super::work::Work;

pub(super) fn learn(work: &mut Work<'_>, found: Vec<(PushId, u32, Evidence)>) {
    for (id, entry, evidence) in found {
        let Some(push) = work.push(id).filter(|push| push.cursor.entry == entry) else { continue };
        let known = push.evidence.as_ref().map(|gathered| &gathered.evidence);
        if known.is_some_and(|known| !evidence.is_news_after(known)) {
            continue;
        }
        let turned = known.is_none_or(|known| !known.verdict.same_kind(&evidence.verdict));
        let voided = turned.then(|| turned_bad(&evidence.verdict)).flatten().filter(|_| is_agreed_to(push));
        work.record(Fact::Gathered { push: id, entry, evidence: Box::new(evidence) });
        if let Some(why) = voided {
            work.record(Fact::ApprovalsSuperseded { push: id, why });
        }
    }
}

fn is_agreed_to(push: &Push) -> bool {
    push.is_forward() && (!push.approvals.is_empty() || push.promoted.is_some())
}

/// Why nothing that was agreed to counts any more, where a verdict has turned bad or blind.
fn turned_bad(verdict: &Verdict) -> Option<String> {
    match verdict {
        Verdict::Regressed { slice, .. } => Some(format!("{slice} regressed")),
        Verdict::SharedFault { slice, .. } => Some(format!("{slice} is beyond its limit, on the old version too")),
        Verdict::NoData { why } => Some(format!("the evidence has no data: {why}")),
        Verdict::Cleared { .. } | Verdict::Undecided { .. } => None,
    }
}

/// What sends a push back because its numbers are worse. Who waived the evidence while it was only undecided did not mean that.
pub(super) fn regressed(push: &Push, now: EngineTime) -> Option<Trigger> {
    let gathered = push.evidence.as_ref()?;
    let Verdict::Regressed { slice, seen, .. } = &gathered.evidence.verdict else { return None };
    let waiver = push.waiver_in_effect(&RequirementKind::Evidence, now);
    if waiver.is_some_and(|waiver| waiver.at >= gathered.since) {
        return None;
    }
    let environment = push.stage()?.environment.clone();
    Some(Trigger::Regressed { environment, slice: slice.clone(), seen: seen.clone() })
}
