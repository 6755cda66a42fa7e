//! Pushes, orders, changes and figures in the words of the screens.

mod told;

pub use told::{Told, told};

pub use crate::domain::number::grouped;

use crate::domain::command::{Acknowledged, Order, Retried};
use crate::domain::fleet::Fleet;
use crate::domain::id::PushId;
use crate::domain::lane::Lane;
use crate::domain::metric::SliceId;
use crate::domain::push::Push;
use crate::domain::rollback::{RollbackPlan, RollbackStep, StepKind};

/// `storage v41→v42`: what a push is called, with its versions where it is now.
pub fn push_name(push: &Push) -> String {
    match push.environment().and_then(|environment| push.versions(environment)) {
        Some((from, to)) => format!("{} {from}→{to}", push.plan.name),
        None => push.plan.name.clone(),
    }
}

/// What a push is called, or that it is not known.
pub fn name_of(fleet: &Fleet, push: PushId) -> String {
    fleet.push(push).map_or_else(|| "a push not known here".to_owned(), |push| push.plan.name.clone())
}

/// People, in thousands from ten thousand on, since their number is worked out and not counted: `1,700`, `84,000`, `3.4 M`.
pub fn people(number: u64) -> String {
    match number {
        0..10_000 => grouped(number),
        10_000..1_000_000 => grouped((number as f64 / 1_000.0).round() as u64 * 1_000),
        _ => format!("{:.1} M", number as f64 / 1e6),
    }
}

/// A rate to three digits: `8.2`, `348`, `11,100`.
pub fn rate(rate: f64) -> String {
    if !rate.is_finite() || rate <= 0.0 {
        return "0".to_owned();
    }
    if rate < 10.0 {
        return format!("{rate:.1}");
    }
    let step = 10f64.powi((rate.log10().floor() as i32 - 2).max(0));
    grouped(((rate / step).round() * step) as u64)
}

/// So many of a thing: `1 commit`, `3 commits`.
pub fn counted(number: u32, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}

/// `24 in 3 batches`, `8 at once`; nothing where there is none.
pub fn batches(step: &RollbackStep) -> Option<String> {
    match (step.instances, step.batches) {
        (0, _) => None,
        (some, 0 | 1) => Some(format!("{some} at once")),
        (some, batches) => Some(format!("{some} in {batches} batches")),
    }
}

/// How long a step takes: `at once`, `1 min 30 s`.
pub fn takes(step: &RollbackStep) -> String {
    if step.takes.is_zero() { "at once".to_owned() } else { step.takes.to_string() }
}

/// The steps of a way back in which there is something to do.
pub fn steps(plan: &RollbackPlan) -> impl Iterator<Item = &RollbackStep> {
    plan.steps.iter().filter(|step| step.instances > 0 || step.kind == StepKind::Stop)
}

/// What an order asks for: `stop storage`.
pub fn order(fleet: &Fleet, order: &Order) -> String {
    let about = |verb: &str, push: PushId| format!("{verb} {}", name_of(fleet, push));
    match order {
        Order::Start { releases, lane, .. } => {
            let names: Vec<_> = releases.iter().map(|(service, version)| format!("{service} {version}")).collect();
            let lane = if matches!(lane, Lane::Emergency { .. }) { " in the emergency lane" } else { "" };
            format!("start {}{lane}", names.join(", "))
        }
        Order::Approve { push, .. } => about("approve", *push),
        Order::Reject { push, .. } => about("reject", *push),
        Order::Promote { push, .. } => about("promote", *push),
        Order::Hold { push, .. } => about("stop", *push),
        Order::HoldAll { .. } => "stop every push".to_owned(),
        Order::Resume { push, .. } => about("resume", *push),
        Order::RollBack { push, .. } => about("roll back", *push),
        Order::Acknowledge { what: Acknowledged::Push { push } } => about("acknowledge", *push),
        Order::Acknowledge { what: Acknowledged::Alert { slice } } => format!("acknowledge {}", slice_name(slice)),
        Order::Waive { push, requirement, .. } => about(&format!("waive {requirement} for"), *push),
        Order::Revoke { push } => about("take back the approval of", *push),
        Order::FixForward { push, .. } => about("fix forward", *push),
        Order::RollBackAlone { push, service, .. } => about(&format!("roll {service} back alone, of"), *push),
        Order::Drain { push, cell, .. } => about(&format!("drain {cell} of"), *push),
        Order::HaltRollback { push, .. } => about("halt the way back of", *push),
        Order::FlagOff { flag, .. } => format!("switch flag {flag} off"),
        Order::FlagOn { flag, .. } => format!("switch flag {flag} on"),
        Order::TakeOver { push } => about("take over", *push),
        Order::Note { push, .. } => about("write a note on", *push),
        Order::StrikeNote { push, .. } => about("strike a note out on", *push),
        Order::Retry { what: Retried::Push { push } } => about("try again", *push),
        Order::Retry { what: Retried::Placement { placement } } => format!("bring {placement} back to its target"),
    }
}

/// `errors of blob v42 in eu`.
pub fn slice_name(slice: &SliceId) -> String {
    format!("{} of {} {} in {}", slice.metric, slice.service, slice.version, slice.cell)
}

/// A step of a way back: `drain`, `gateway → v41`.
pub fn way_step(step: &StepKind) -> String {
    match step {
        StepKind::Stop => "stop".to_owned(),
        StepKind::FlagOff { flag } => format!("flag {flag} off"),
        StepKind::Drain => "drain".to_owned(),
        StepKind::SwitchBack { service, to } => format!("{service} traffic → {to}, warm"),
        StepKind::Reinstall { service, to } => format!("{service} → {to}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Period;

    #[test]
    fn figures_are_set_apart_by_thousands() {
        assert_eq!([999, 1_700, 84_321, 3_428_000].map(people), ["999", "1,700", "84,000", "3.4 M"]);
        assert_eq!([0.0, f64::NAN, 8.21, 348.4, 11_111.0, 28_391.0].map(rate), ["0", "0", "8.2", "348", "11,100", "28,400"]);
    }

    #[test]
    fn a_step_is_told_by_what_there_is_to_do() {
        let step = |instances, batches| RollbackStep { kind: StepKind::Drain, instances, batches, takes: Period::ZERO };
        assert_eq!(batches(&step(0, 0)), None);
        assert_eq!(batches(&step(8, 1)).as_deref(), Some("8 at once"));
        assert_eq!(batches(&step(24, 3)).as_deref(), Some("24 in 3 batches"));
        assert_eq!(takes(&step(8, 1)), "at once");
    }
}
