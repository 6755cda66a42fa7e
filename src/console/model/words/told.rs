//! Changes in words.

use crate::console::model::timeline::Tone;
use crate::domain::call::CallLevel;
use crate::domain::change::{Change, Fact};
use crate::domain::check::Answer;
use crate::domain::command::{Order, Outcome};
use crate::domain::drift;
use crate::domain::explain;
use crate::domain::feed::FeedState;
use crate::domain::fleet::Fleet;
use crate::domain::id::PushId;
use crate::domain::metric::{Judgement, SliceId, Standing};
use crate::domain::number::times;
use crate::domain::push::Push;
use crate::domain::requirement;
use crate::domain::verdict::Verdict;

use super::{grouped, order, push_name, slice_name, way_step};

/// A change in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Who did it: a person, or `by itself`; empty where nobody did.
    pub who: String,
    /// What, in a sentence without its end.
    pub text: String,
    /// How much it should catch the eye.
    pub tone: Tone,
    /// Whether it belongs on a timeline, or is one of the many small steps in between.
    pub matters: bool,
}

impl Told {
    fn small(text: impl Into<String>) -> Self {
        Self { who: String::new(), text: text.into(), tone: Tone::Plain, matters: false }
    }

    fn of(tone: Tone, text: impl Into<String>) -> Self {
        Self { who: String::new(), text: text.into(), tone, matters: true }
    }

    fn by(self, who: &impl ToString) -> Self {
        Self { who: who.to_string(), ..self }
    }
}

/// A change in words, told of the fleet that it has already been folded into.
pub fn told(fleet: &Fleet, change: &Change) -> Told {
    match &change.fact {
        Fact::EngineStarted { epoch, .. } => Told::of(Tone::Plain, format!("the engine started, run {epoch}")),
        Fact::Declared { declaration } => Told::of(
            Tone::Plain,
            format!(
                "a spec was taken up: {} services in {} environments",
                declaration.services.len(),
                declaration.environments.len()
            ),
        ),
        Fact::FeedChanged { feed, state: FeedState::Live } => Told::of(Tone::Good, format!("{} live", feed.word())),
        Fact::FeedChanged { feed, state: FeedState::Lost { why, .. } } => {
            Told::of(Tone::Bad, format!("{} lost: {why}", feed.word()))
        }
        Fact::Observed { observations } => Told::small(format!("{} instances were seen in another state", observations.len())),
        Fact::Traffic { placement, cell, rps } => {
            Told::small(format!("{placement} takes {} requests/s in {cell}", grouped(rps.max(0.0).round() as u64)))
        }
        Fact::Commanded { command, outcome } => commanded(fleet, &command.order, outcome).by(&command.actor),
        Fact::Issued { operations, .. } => Told::small(format!("{} tasks were issued", operations.len())),
        Fact::OperationFailed { instance, why, .. } => {
            Told { matters: true, tone: Tone::Bad, ..Told::small(format!("a task on {instance} did not work: {why}")) }
        }
        Fact::Withdrawn { instance, .. } => Told::small(format!("a task on {instance} was taken back")),
        Fact::Drifted { placement, strays } => {
            let held = fleet.placement_by_id(placement).filter(|placement| !drift::held(fleet, placement, change.at).is_empty());
            let what = fleet.placement_by_id(placement).map_or_else(|| placement.to_string(), |known| drift::told(known, strays));
            let then = if held.is_some() { "nothing is done to them until somebody says so" } else { "they are put right" };
            Told::of(Tone::Waiting, format!("changed by hand in {}: {what}; {then}", placement.environment))
        }
        Fact::DriftReleased { placement, by } => {
            Told::of(Tone::Plain, format!("what was changed by hand in {placement} is brought back to its target")).by(by)
        }
        Fact::FlagSwitched { flag, on, by } => {
            Told::of(Tone::Waiting, format!("flag {flag} switched {}", if *on { "on" } else { "off" })).by(by)
        }
        Fact::FlagTold { flag, tries } => Told::small(format!("the flag service was told of {flag}, try {tries}")),
        Fact::FlagSeen { flag, taken, of } if taken == of => {
            Told::of(Tone::Plain, format!("flag {flag}: {taken} of {of} have taken it"))
        }
        Fact::FlagSeen { flag, taken, of } => Told::small(format!("flag {flag}: {taken} of {of} have taken it")),
        Fact::Judged { slice, judgement } => judged(slice, judgement),
        Fact::Forgotten { slice } => Told::small(format!("{} is gone", slice_name(slice))),
        Fact::AlertRaised { alert } => Told::of(
            Tone::Bad,
            format!("alert: {} {}", slice_name(&alert.slice), alert.slice.metric.against(alert.value, alert.limit)),
        ),
        Fact::AlertEnded { slice } => Told::of(Tone::Good, format!("alert over: {}", slice_name(slice))),
        Fact::AlertAcknowledged { slice, seen } => Told::of(Tone::Plain, format!("alert seen: {}", slice_name(slice))).by(&seen.by),
        Fact::BurnChanged { burn: Some(burn), .. } => match burn.beside {
            Some(beside) => {
                let beside = times(beside);
                Told::of(Tone::Bad, format!("alert: {burn}; the old version beside it too, {beside}: not this release"))
            }
            None => Told::of(Tone::Bad, format!("alert: {burn}")),
        },
        Fact::BurnChanged { budget, burn: None } => {
            let (what, place) = (budget.objective.name(), &budget.placement);
            Told::of(Tone::Good, format!("alert over: budget burn, {what} of {} {}", place.service, budget.version))
        }
        Fact::Called { call } => {
            let verb = if call.level == CallLevel::Call { "calls" } else { "tells" };
            let again = if call.escalation > 0 { " again" } else { "" };
            // Once is enough: with the first of them.
            let first = fleet.calls().map(|called| called.at).min() == fleet.called(&call.about).map(|called| called.at);
            let nobody = if first && fleet.declaration().notify.is_none() { "; nobody is configured to be called" } else { "" };
            let tone = if call.level == CallLevel::Call { Tone::Waiting } else { Tone::Plain };
            Told::of(tone, format!("{verb} {}{again}: {}{nobody}", call.to, call.text))
        }
        Fact::CallFailed { why, .. } => Told::of(Tone::Loudest, format!("nobody could be called: {why}")),
        fact => of_push(fleet, fact),
    }
}

fn commanded(fleet: &Fleet, asked: &Order, outcome: &Outcome) -> Told {
    let asked = order(fleet, asked);
    match outcome {
        Outcome::Accepted { .. } => Told::small(format!("asked to {asked}")),
        Outcome::Refused { why, .. } => Told::of(Tone::Waiting, format!("was refused to {asked}: {why}")),
        Outcome::Superseded { by } => Told::of(Tone::Waiting, format!("asked to {asked}; {by} came first")),
        Outcome::Unknown { why } => Told::of(Tone::Bad, format!("asked to {asked}; unknown what became of it: {why}")),
    }
}

fn arrived(name: &str, push: Option<&Push>) -> String {
    format!("{name}: all instances of {} have arrived", explain::entered(push.and_then(Push::stage)))
}

fn judged(slice: &SliceId, judgement: &Judgement) -> Told {
    let name = slice_name(slice);
    match &judgement.standing {
        Standing::Within { value } => Told::small(format!("{name} is within its limit: {}", slice.metric.show(*value))),
        Standing::Beyond { value, limit } => {
            Told::of(Tone::Waiting, format!("{name} is beyond its limit: {}", slice.metric.against(*value, *limit)))
        }
        Standing::SharedFault { value, limit, base } => Told::of(
            Tone::Waiting,
            format!(
                "{name} is beyond its limit: {}; the old version there too, {}: not this release",
                slice.metric.against(*value, *limit),
                slice.metric.show(*base)
            ),
        ),
        Standing::TooFew { n, need } => Told::small(format!("{name}: {n} of {need} requests, too few to judge")),
        // One line for each metric in each cell would bury the rest: that a feed is lost, or a bake stands still, is said once.
        Standing::NoData { why } => Told { tone: Tone::Waiting, ..Told::small(format!("{name}: no data, {why}")) },
    }
}

fn of_push(fleet: &Fleet, fact: &Fact) -> Told {
    let push = fact.push().and_then(|id| fleet.push(id));
    let name = push.map_or_else(|| "a push not known here".to_owned(), |push| push.plan.name.clone());
    let reason = |reason: &Option<String>| reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
    match fact {
        Fact::PushRequested { plan } => {
            let called = |id: &PushId| fleet.push(*id).map_or_else(|| "a push not known here".to_owned(), Push::called);
            let replaces: Vec<_> = plan.before.replaces.iter().map(called).collect();
            let and = match (replaces.is_empty(), &plan.before.ahead) {
                (false, _) => format!("; it takes the place of {}", replaces.join(", ")),
                (true, Some(ahead)) => format!("; it follows {}", called(ahead)),
                (true, None) => String::new(),
            };
            let name = push.map_or_else(|| plan.name.clone(), push_name);
            Told::of(Tone::Plain, format!("{name} asked for{and}")).by(&plan.requested_by)
        }
        Fact::FixedForward { releases, by, .. } => {
            let fixes: Vec<_> = releases.iter().map(|fix| format!("{} {}", fix.service, fix.version)).collect();
            Told::of(Tone::Waiting, format!("{name}: {} takes the place of what is in flight", fixes.join(", "))).by(by)
        }
        Fact::StageEntered { stage, .. } => Told::of(
            Tone::Plain,
            format!("{name} goes to {}", explain::entered(push.and_then(|push| push.plan.stages.get(*stage as usize)))),
        ),
        Fact::StageArrived { .. } => Told::of(Tone::Good, arrived(&name, push)),
        Fact::BakeRuns { .. } => Told::small(format!("{name}: the bake's clock runs")),
        Fact::BakeStopped { why, .. } => Told::of(Tone::Waiting, format!("{name}: the bake's clock stands still, {why}")),
        Fact::Approved { approval, .. } => Told::of(Tone::Good, format!("{name} approved")).by(&approval.by),
        Fact::ApprovalsSuperseded { why, .. } => {
            Told::of(Tone::Waiting, format!("{name}: approvals given so far do not count any more, {why}"))
        }
        Fact::ApprovalRevoked { of, by, .. } => Told::of(Tone::Waiting, format!("{name}: {of}'s approval was taken back")).by(by),
        Fact::ApprovalExpired { of, .. } => {
            Told::of(Tone::Waiting, format!("{name}: {of}'s approval was not used in time and is asked for again"))
        }
        Fact::Waived { waiver, .. } => {
            let (left, second) =
                (waiver.at.until(waiver.until), if waiver.needs_second { ", which takes a second person" } else { "" });
            let text = format!("{name}: waives {} for {left}{second}: {}", waiver.requirement, waiver.reason);
            Told::of(Tone::Bad, text).by(&waiver.by)
        }
        Fact::WaiverSeconded { requirement, by, .. } => {
            Told::of(Tone::Bad, format!("{name}: {requirement} is waived, as the second person")).by(by)
        }
        Fact::WaiverEnded { requirement, .. } => {
            Told::of(Tone::Waiting, format!("{name}: the waiver of {requirement} has run out; it is required again"))
        }
        Fact::Skipped { skipped, .. } => Told::of(Tone::Bad, format!("{name} went on without {skipped}")),
        Fact::Promoted { by, .. } => Told::of(Tone::Good, format!("{name} promoted")).by(by),
        Fact::Rejected { rejection, .. } => {
            Told::of(Tone::Bad, format!("{name} rejected{}", reason(&rejection.reason))).by(&rejection.by)
        }
        Fact::Held { hold, .. } => Told::of(Tone::Waiting, format!("{name} stopped{}", reason(&hold.reason))).by(&hold.by),
        Fact::WentApart { service, apart, .. } => {
            Told::of(Tone::Loudest, format!("{name}: {service} goes back alone: {}", apart.reason)).by(&apart.by)
        }
        Fact::CellDrained { drained, .. } => {
            let text = format!("{name}: {} is drained, its instances kept{}", drained.cell, reason(&drained.reason));
            Told::of(Tone::Waiting, text).by(&drained.by)
        }
        Fact::StopTold { tries, .. } if *tries > 1 => {
            Told::of(Tone::Bad, format!("{name}: not stopped yet, told for the {tries}th time"))
        }
        Fact::StopTold { .. } => Told::small(format!("{name}: told to stop")),
        Fact::StopAnswered { answer, .. } => Told::of(Tone::Bad, format!("{name}: the answer to the stop was: {answer}")),
        Fact::StopObserved { .. } => Told::of(Tone::Plain, format!("{name}: nothing moves any more")),
        Fact::BlueLetGo { environment, .. } => Told::of(
            Tone::Plain,
            format!("{name}: blue is let go in {environment}, green alone serves; from here a way back installs anew"),
        ),
        Fact::Resumed { by, .. } => Told::of(Tone::Plain, format!("{name} resumed")).by(by),
        Fact::WayBack { .. } => Told::small(format!("{name}: the way back was worked out anew")),
        Fact::RollbackDecided { rollback, .. } => {
            Told::of(Tone::Bad, format!("{name} goes back: {}", explain::trigger(&rollback.trigger)))
        }
        Fact::RollbackHalted { hold, .. } => {
            Told::of(Tone::Bad, format!("{name}: the way back halted{}", reason(&hold.reason))).by(&hold.by)
        }
        Fact::RollbackStepDone { step, .. } => {
            let steps = push.and_then(|push| push.course.rollback()).map(|rollback| rollback.plan.steps.as_slice());
            let done = steps
                .and_then(|steps| steps.get(*step as usize))
                .map_or_else(|| format!("step {}", step + 1), |step| way_step(&step.kind));
            Told::of(Tone::Plain, format!("{name}: {done}, done"))
        }
        Fact::UsersSafe { .. } => Told::of(Tone::Good, format!("{name}: users SAFE, no request on the new version")),
        Fact::RolledBack { .. } => Told::of(Tone::Waiting, format!("{name} is rolled back")),
        Fact::RollbackFailed { stuck, .. } => {
            Told::of(Tone::Loudest, format!("{name}: ROLLBACK FAILED, {} instances are not back", stuck.len()))
        }
        Fact::PushConverged { .. } => Told::of(Tone::Good, format!("{name} is converged")),
        Fact::PushAcknowledged { seen, .. } => Told::of(Tone::Plain, format!("{name}: seen")).by(&seen.by),
        Fact::Harmed { .. } | Fact::Gathered { .. } => of_its_numbers(&name, push, fact),
        _ => of_its_waiting(name, fact),
    }
}

/// What is measured of a push.
fn of_its_numbers(name: &str, push: Option<&Push>, fact: &Fact) -> Told {
    match fact {
        Fact::Harmed { harm, .. } => Told::small(format!(
            "{name}: harm so far {} failed, {} slow",
            grouped(harm.failed.max(0.0).round() as u64),
            grouped(harm.slow.max(0.0).round() as u64)
        )),
        Fact::Gathered { evidence, .. } => {
            let gathered = push.and_then(|push| push.evidence.as_ref());
            verdict(name, &evidence.verdict, gathered.is_none_or(|gathered| gathered.at == gathered.since))
        }
        _ => Told::small(name.to_owned()),
    }
}

/// What the numbers of a stage say. That they say the same as before, from more requests, is a small step.
fn verdict(name: &str, verdict: &Verdict, is_new: bool) -> Told {
    let (tone, text) = match verdict {
        Verdict::Cleared { ruled_out: Some(ratio) } => (Tone::Good, format!("{} worse is ruled out", times(*ratio))),
        Verdict::Cleared { ruled_out: None } => (Tone::Good, "within its limits".to_owned()),
        Verdict::Regressed { slice, seen, .. } => (Tone::Bad, format!("worse: {}", requirement::told(slice, seen))),
        Verdict::SharedFault { slice, .. } => (Tone::Bad, format!("{slice} beyond the limit, old and new alike")),
        Verdict::NoData { why } => (Tone::Bad, format!("no data, {why}")),
        Verdict::Undecided { worst, seen, .. } => (Tone::Plain, format!("undecided, {}", requirement::told(worst, seen))),
    };
    Told { matters: is_new, ..Told::of(tone, format!("{name}, evidence: {text}")) }
}

/// What a push waits for, what others say of it, and who answers for it.
fn of_its_waiting(name: String, fact: &Fact) -> Told {
    match fact {
        Fact::CutForeseen { cut: Some(cut), .. } => {
            Told::of(Tone::Waiting, format!("{name} cannot reach {} in {} before {}", cut.stage, cut.environment, cut.by.words()))
        }
        Fact::CutForeseen { cut: None, .. } => Told::small(format!("{name} is through before anything closes")),
        Fact::Checked { name: check, look, .. } => match &look.answer {
            Answer::Passed => Told::of(Tone::Good, format!("{name}: {check} passed")),
            Answer::Failed { why } => Told::of(Tone::Waiting, format!("{name}: {check} did not pass: {why}")),
            Answer::Broken { why } => Told::of(Tone::Bad, format!("{name}: {check} cannot be asked: {why}")),
        },
        Fact::CheckedAgain { name: check, .. } => Told::small(format!("{name}: {check} answers as before")),
        Fact::Awaited { requirement, .. } => Told::small(format!("{name} waits for {requirement}")),
        Fact::AwaitEnded { requirement, met: true, .. } => Told::small(format!("{name}: {requirement} is met")),
        Fact::AwaitEnded { requirement, .. } => Told::small(format!("{name} no longer waits for {requirement} alone")),
        Fact::TakenOver { by, .. } => Told::of(Tone::Plain, format!("{name}: {by} drives")).by(by),
        Fact::Noted { note, .. } => Told::of(Tone::Plain, format!("{name}, note: {}", note.text)).by(&note.by),
        Fact::NoteStruck { by, .. } => Told::of(Tone::Plain, format!("{name}: a note was struck out")).by(by),
        _ => Told::small(name),
    }
}
