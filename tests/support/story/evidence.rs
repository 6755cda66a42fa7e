//! The same push where its stages are judged by evidence.

use pushdeck::domain::change::Fact;
use pushdeck::domain::number::Times;
use pushdeck::domain::push::PushPlan;
use pushdeck::domain::stage::EvidenceRule;
use pushdeck::domain::time::{EngineTime, Period};
use pushdeck::domain::verdict::{Bad, Compared, Evidence, Seen, SliceEvidence, Verdict, When};

use super::{STORAGE, Story, Teller, clock};

/// How much worse each stage of production rules out, from one box to 100 %.
const RULED_OUT: [f64; 5] = [10.0, 5.0, 1.5, 1.5, 1.5];

/// At 10 % since 13:51: blob leans worse, everything else is cleared. 14:32.
pub fn leaning() -> Story {
    let mut teller = judged();
    gather(&mut teller, clock(14, 31, 30), undecided());
    teller.finish(clock(14, 32, 0), None)
}

/// The same three hours after that: it had its time, and a person decides. 17:35.
pub fn undecided_for_long() -> Story {
    let mut teller = judged();
    gather(&mut teller, clock(17, 31, 30), undecided());
    teller.finish(clock(17, 35, 0), None)
}

/// At 10 %, everything cleared. 14:32.
pub fn cleared() -> Story {
    let mut teller = judged();
    gather(&mut teller, clock(14, 20, 0), all_cleared(1.5));
    teller.finish(clock(14, 32, 0), None)
}

fn judged() -> Teller {
    let mut teller = Teller::begin();
    teller.declare();
    teller.others();
    teller.request_judged(by_evidence);
    let times = [(8, 20), (8, 45), (10, 21), (13, 51)];
    for (stage, (hour, minute)) in (0..).zip(times) {
        let arrived = clock(hour, minute, 0);
        teller.walk(stage, arrived - Period::from_mins(5), arrived);
        if let Some(ratio) = (stage as usize).checked_sub(1).and_then(|before| RULED_OUT.get(before)).filter(|_| stage < 3) {
            gather(&mut teller, arrived + Period::from_mins(10), all_cleared(*ratio));
        }
    }
    teller
}

/// Evidence in each stage of production, where there are users.
fn by_evidence(plan: &mut PushPlan) {
    let production = plan.stages.iter_mut().filter(|stage| stage.environment.as_str() == "production");
    for (stage, ratio) in production.zip(RULED_OUT) {
        let (warm_up, rule_out) = (Period::from_mins(2), Times::new(ratio));
        stage.evidence = Some(EvidenceRule { warm_up, rule_out, by: Period::from_mins(180) });
    }
}

fn gather(teller: &mut Teller, at: EngineTime, evidence: Evidence) {
    let entry = teller.entry(STORAGE);
    teller.tell(at, Fact::Gathered { push: STORAGE, entry, evidence: Box::new(evidence) });
}

fn compared(service: &str, bad: Bad) -> Compared {
    Compared { service: service.into(), bad }
}

fn slice(slice: Compared, seen: (u64, u64, f64), (worse, fine): (f64, f64)) -> SliceEvidence {
    let (requests, bad, expected) = seen;
    SliceEvidence { slice, named: true, seen: Seen { requests, bad, expected, mostly_in: None }, worse, fine, beside: true }
}

fn blob_slow() -> SliceEvidence {
    let slow = slice(compared("blob", Bad::slower_than(1.5)), (20_170, 35, 20.2), (0.45, 0.0));
    SliceEvidence { seen: Seen { mostly_in: Some("eu".into()), ..slow.seen }, ..slow }
}

fn others() -> Vec<SliceEvidence> {
    let errors = |service| slice(compared(service, Bad::Errors), (10_100_000, 2_020, 2_030.0), (0.0, 1.0));
    let slow = |service| slice(compared(service, Bad::slower_than(0.3)), (10_100_000, 50_400, 50_500.0), (0.0, 1.0));
    ["blob", "gateway", "index"].into_iter().flat_map(|service| [errors(service), slow(service)]).collect()
}

fn undecided() -> Evidence {
    let worst = blob_slow();
    let when = When { p50: Some(Period::from_mins(31)), p90: Some(Period::from_mins(131)) };
    let verdict = Verdict::Undecided { lean: -0.45, worst: worst.slice.clone(), seen: worst.seen.clone(), when };
    Evidence { verdict, slices: std::iter::once(worst).chain(others()).collect(), others: 11, gauges: None }
}

fn all_cleared(ratio: f64) -> Evidence {
    Evidence { verdict: Verdict::Cleared { ruled_out: Some(ratio) }, slices: others(), others: 12, gauges: None }
}
