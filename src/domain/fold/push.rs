//! What happens to one push.

use super::super::change::Fact;
use super::super::fleet::Fleet;
use super::super::id::PushId;
use super::super::push::{BakeClock, Course, Push, StopWatch, WAITS_KEPT, Wait};
use super::super::rollback::Rollback;
use super::super::time::EngineTime;

impl Fleet {
    pub(super) fn apply_to_push(&mut self, fact: &Fact, at: EngineTime) {
        match fact {
            Fact::PushRequested { plan } => self.request(plan),
            Fact::StageEntered { push, stage } => self.enter(*push, *stage, at),
            Fact::StageArrived { push } => self.with(*push, |push| push.cursor.arrived = Some(at)),
            Fact::BakeRuns { push } => self.with(*push, |push| {
                push.cursor.bake.running_since = Some(at);
                push.cursor.bake.stopped = None;
            }),
            Fact::BakeStopped { push, why } => self.with(*push, |push| {
                push.cursor.bake = BakeClock { ran: push.cursor.bake.elapsed(at), running_since: None, stopped: Some(why.clone()) };
            }),
            Fact::Approved { push, approval } => self.with(*push, |push| push.approvals.push(approval.clone())),
            Fact::ApprovalsSuperseded { push, .. } => self.with(*push, |push| {
                push.approvals.clear();
                push.promoted = None;
            }),
            Fact::Promoted { push, gate, by } => self.with(*push, |push| push.promoted = Some((*gate, by.clone()))),
            Fact::Rejected { push, rejection } => self.with(*push, |push| push.rejection = Some(rejection.clone())),
            Fact::Held { push, hold } => self.with(*push, |push| push.holds.push(hold.clone())),
            Fact::StopTold { push, tries } => self.with(*push, |push| match &mut push.stop {
                Some(stop) if stop.observed.is_none() => stop.tries = *tries,
                stop => *stop = Some(StopWatch { asked: at, tries: *tries, answer: None, observed: None }),
            }),
            Fact::StopAnswered { push, answer } => self.with(*push, |push| {
                if let Some(stop) = &mut push.stop {
                    stop.answer = Some(answer.clone());
                }
            }),
            Fact::StopObserved { push } => self.with(*push, |push| {
                if let Some(stop) = &mut push.stop {
                    stop.observed = Some(at);
                }
            }),
            Fact::Resumed { push, .. } => self.with(*push, |push| {
                push.holds.clear();
                push.stop = None;
                // A stage's deadline does not run while the push is held.
                if push.cursor.arrived.is_none() {
                    push.cursor.entered = at;
                }
            }),
            Fact::PushAcknowledged { push, seen } => self.with(*push, |push| push.acknowledged = Some(seen.clone())),
            Fact::Checked { push, name, look } => self.with(*push, |push| {
                push.checks.insert(name.clone(), look.clone());
            }),
            Fact::CheckedAgain { push, gate, name, asked } => self.with(*push, |push| {
                if let Some(look) = push.checks.get_mut(name).filter(|look| look.gate == *gate) {
                    look.asked = *asked;
                }
            }),
            Fact::Awaited { push, requirement } => self.with(*push, |push| {
                push.waits.push(Wait { requirement: requirement.clone(), since: at, met: None });
                if push.waits.len() > WAITS_KEPT {
                    push.waits.remove(0);
                }
            }),
            Fact::AwaitEnded { push, requirement, met } => self.with(*push, |push| {
                if let Some(index) = push.waits.iter().rposition(|wait| wait.requirement == *requirement && wait.met.is_none()) {
                    match push.waits.get_mut(index) {
                        Some(wait) if *met => wait.met = Some(at),
                        // What ended otherwise says nothing about how long it takes.
                        _ => drop(push.waits.remove(index)),
                    }
                }
            }),
            Fact::Harmed { push, harm } => self.with(*push, |push| push.harm = *harm),
            Fact::WayBack { push, plan } => self.with(*push, |push| push.way_back = Some(plan.clone())),
            Fact::RollbackDecided { push, rollback } => self.go_back(*push, rollback),
            Fact::RollbackStepDone { push, step } => self.with_rollback(*push, |rollback| {
                if let Some(finished) = rollback.finished.get_mut(*step as usize) {
                    *finished = Some(at);
                }
            }),
            Fact::UsersSafe { push } => self.with_rollback(*push, |rollback| rollback.users_safe = Some(at)),
            Fact::RolledBack { push } => self.with(*push, |push| {
                if let Some(rollback) = push.course.rollback().cloned().map(Box::new) {
                    push.course = Course::RolledBack { rollback, at };
                }
            }),
            Fact::RollbackFailed { push, stuck } => self.with(*push, |push| {
                if let Some(rollback) = push.course.rollback().cloned().map(Box::new) {
                    push.course = Course::RollbackFailed { rollback, at, stuck: stuck.clone() };
                }
            }),
            Fact::PushConverged { push } => self.converge(*push, at),
            _ => {}
        }
    }

    pub(super) fn with(&mut self, id: PushId, change: impl FnOnce(&mut Push)) {
        if let Some(push) = self.pushes.get_mut(&id) {
            change(push);
        }
    }

    fn with_rollback(&mut self, id: PushId, change: impl FnOnce(&mut Rollback)) {
        self.with(id, |push| match &mut push.course {
            Course::Back { rollback } | Course::RolledBack { rollback, .. } | Course::RollbackFailed { rollback, .. } => {
                change(rollback);
            }
            Course::Forward | Course::Converged { .. } => {}
        });
    }
}
