//! What happens to one push.

use super::super::change::Fact;
use super::super::duty::Driver;
use super::super::fleet::Fleet;
use super::super::id::PushId;
use super::super::push::{BakeClock, Course, Foreseen, Push, StopWatch, Voided, WAITS_KEPT, Wait};
use super::super::rollback::Rollback;
use super::super::time::EngineTime;

impl Fleet {
    pub(super) fn apply_to_push(&mut self, fact: &Fact, at: EngineTime) {
        match fact {
            Fact::PushRequested { plan } => self.request(plan),
            Fact::StageEntered { push, stage } => self.enter(*push, *stage, at),
            Fact::StageArrived { push } => self.with(*push, |push| {
                push.cursor.arrived = Some(at);
                push.pass_arrived(at);
            }),
            Fact::BakeRuns { push } => self.with(*push, |push| {
                push.cursor.bake.running_since = Some(at);
                push.cursor.bake.stopped = None;
            }),
            Fact::BakeStopped { push, why } => self.with(*push, |push| {
                push.cursor.bake = BakeClock { ran: push.cursor.bake.elapsed(at), running_since: None, stopped: Some(why.clone()) };
            }),
            Fact::Approved { push, approval } => self.with(*push, |push| push.approvals.push(approval.clone())),
            Fact::ApprovalsSuperseded { push, why } => self.with(*push, |push| {
                let by: Vec<_> = push.approvals.drain(..).map(|approval| approval.by).collect();
                if !by.is_empty() {
                    push.voided = Some(Voided { by, why: why.clone() });
                    push.round += 1;
                }
                push.promoted = None;
            }),
            Fact::ApprovalRevoked { push, of, .. } | Fact::ApprovalExpired { push, of } => self.with(*push, |push| {
                push.approvals.retain(|approval| approval.by != *of);
                push.promoted = None;
                push.round += 1;
            }),
            Fact::Waived { push, waiver } => self.with(*push, |push| {
                // One of an earlier gate may still have an effect, and a wish for another must not end it.
                push.waivers.retain(|known| known.requirement != waiver.requirement || known.gate != waiver.gate);
                push.waivers.push(waiver.clone());
            }),
            Fact::WaiverSeconded { push, requirement, by, until } => self.with(*push, |push| {
                if let Some(waiver) =
                    push.waivers.iter_mut().find(|waiver| waiver.requirement == *requirement && !waiver.is_agreed())
                {
                    waiver.seconded = Some(by.clone());
                    waiver.until = *until;
                }
            }),
            Fact::WaiverEnded { push, requirement } => {
                self.with(*push, |push| push.waivers.retain(|waiver| waiver.requirement != *requirement || at < waiver.until));
            }
            Fact::Skipped { push, skipped } => self.with(*push, |push| push.skipped.push((**skipped).clone())),
            Fact::Promoted { push, gate, by } => self.with(*push, |push| push.promoted = Some((*gate, by.clone()))),
            Fact::FixedForward { push, releases, by } => self.fix(*push, releases, by, at),
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
            Fact::Resumed { push, .. } => self.resume(*push, at),
            Fact::WentApart { push, service, apart } => self.take_apart(*push, service, apart),
            Fact::CellDrained { push, drained } => self.with(*push, |push| push.drained.push(drained.clone())),
            Fact::PushAcknowledged { push, seen } => self.with(*push, |push| push.acknowledged = Some(seen.clone())),
            Fact::Harmed { push, harm } => self.with(*push, |push| push.harm = *harm),
            Fact::WayBack { push, plan } => self.with(*push, |push| push.way_back = Some(plan.clone())),
            Fact::RollbackDecided { push, rollback } => self.go_back(*push, rollback),
            Fact::RollbackHalted { push, hold } => self.with_rollback(*push, |rollback| rollback.halted = Some(hold.clone())),
            Fact::RollbackStepDone { push, step } => self.with_rollback(*push, |rollback| {
                if let Some(finished) = rollback.finished.get_mut(*step as usize) {
                    *finished = Some(at);
                }
            }),
            Fact::UsersSafe { push } => self.with_rollback(*push, |rollback| rollback.users_safe = Some(at)),
            Fact::RolledBack { push } => {
                self.with(*push, |push| {
                    if let Some(rollback) = push.course.rollback().cloned().map(Box::new) {
                        push.course = Course::RolledBack { rollback, at };
                    }
                });
                self.stop_green(*push);
            }
            Fact::BlueLetGo { push, environment } => self.let_blue_go(*push, environment),
            Fact::RollbackFailed { push, stuck } => self.with(*push, |push| {
                if let Some(rollback) = push.course.rollback().cloned().map(Box::new) {
                    push.course = Course::RollbackFailed { rollback, at, stuck: stuck.clone() };
                    push.acknowledged = None;
                }
            }),
            Fact::PushConverged { push } => self.converge(*push, at),
            fact => self.apply_to_waiting(fact, at),
        }
    }

    /// Who answers for a push, what is written on it, and what it waits for.
    fn apply_to_waiting(&mut self, fact: &Fact, at: EngineTime) {
        match fact {
            Fact::Gathered { push, entry, evidence } => self.with(*push, |push| push.gather(*entry, evidence, at)),
            Fact::TakenOver { push, by } => {
                self.with(*push, |push| push.driver = Some(Driver { by: by.clone(), since: at }));
            }
            Fact::Noted { push, note } => self.with(*push, |push| push.notes.push(note.clone())),
            Fact::NoteStruck { push, note, by } => self.with(*push, |push| {
                if let Some(note) = push.notes.get_mut(*note as usize) {
                    note.struck = Some(by.clone());
                }
            }),
            Fact::CutForeseen { push, cut } => self.with(*push, |push| {
                let known = push.foreseen.take();
                push.foreseen = cut.as_ref().map(|cut| {
                    // That another step is the first to be cut is no new decision.
                    let same = |known: &Foreseen| known.cut.environment == cut.environment && known.cut.closes == cut.closes;
                    let since = known.filter(same).map_or(at, |known| known.since);
                    Foreseen { cut: cut.clone(), since }
                });
            }),
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
            Course::Forward | Course::Converged { .. } | Course::Replaced { .. } => {}
        });
    }
}
