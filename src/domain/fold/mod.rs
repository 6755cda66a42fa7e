//! The one fold: from a fleet and a change to the next fleet.

use super::change::{Change, Fact};
use super::fleet::Fleet;

mod aside;
mod calls;
mod course;
mod flag;
mod push;
mod sign;
mod world;

impl Fleet {
    /// Takes one change in. What it names and the fleet does not know is left alone: a recording may begin in the middle.
    pub fn apply(&mut self, change: &Change) {
        self.seq = change.seq;
        self.at = change.at;
        if let (Some(push), true) = (change.fact.push(), change.fact.is_material()) {
            self.with(push, |push| push.revision += 1);
        }
        match &change.fact {
            Fact::EngineStarted { engine, epoch } => self.engine = Some((*engine, *epoch)),
            Fact::Declared { declaration } => self.declare(declaration, change.at),
            Fact::FeedChanged { feed, state } => {
                self.feeds.insert(*feed, state.clone());
            }
            Fact::Observed { observations } => observations.iter().for_each(|seen| self.observe(seen, change.at)),
            Fact::Traffic { placement, cell, rps } => {
                self.traffic.insert((placement.clone(), cell.clone()), *rps);
            }
            Fact::Commanded { command, outcome } => {
                self.commands.insert(command.id, ((**command).clone(), outcome.clone(), change.at));
                self.acted(command, outcome, change.at);
            }
            Fact::Issued { operations, .. } => operations.iter().for_each(|operation| self.issue(operation, change.at)),
            Fact::OperationFailed { id, instance, why } => {
                if let Some(flight) = self.instance_mut(instance).and_then(|instance| instance.in_flight.as_mut())
                    && flight.id == *id
                {
                    flight.failed = Some(why.clone());
                }
            }
            Fact::Withdrawn { id, instance } => {
                if let Some(instance) = self.instance_mut(instance)
                    && instance.in_flight.as_ref().is_some_and(|flight| flight.id == *id)
                {
                    instance.in_flight = None;
                }
            }
            Fact::Drifted { placement, strays } => {
                if let Some(placement) = self.placements.get_mut(placement) {
                    placement.name_strays(strays);
                }
            }
            Fact::DriftReleased { placement, .. } => {
                if let Some(placement) = self.placements.get_mut(placement) {
                    placement.release_strays();
                }
            }
            Fact::FlagSwitched { .. } | Fact::FlagTold { .. } | Fact::FlagSeen { .. } => self.switch(&change.fact, change.at),
            Fact::Judged { slice, judgement } => {
                self.judged.insert(slice.clone(), judgement.clone());
            }
            Fact::Forgotten { slice } => {
                self.judged.remove(slice);
            }
            Fact::AlertRaised { alert } => {
                self.alert_is_sign(alert, change.at);
                self.alerts.insert(alert.slice.clone(), alert.clone());
            }
            Fact::AlertEnded { slice } => {
                self.end_sign(slice);
                self.alerts.remove(slice);
            }
            Fact::AlertAcknowledged { slice, seen } => {
                if let Some(alert) = self.alerts.get_mut(slice) {
                    alert.acknowledged = Some(seen.clone());
                }
            }
            Fact::BurnChanged { budget, burn } => {
                let since = self.burns.iter().find(|(known, _)| known.budget == **budget).map_or(change.at, |(_, since)| *since);
                self.burns.retain(|(known, _)| known.budget != **budget);
                self.burns.extend(burn.iter().map(|burn| ((**burn).clone(), since)));
            }
            Fact::Called { call } => self.note_call(call, change.at),
            Fact::CallFailed { about, why } => self.call_failed(about, why),
            fact => self.apply_to_push(fact, change.at),
        }
        self.reindex(change);
        self.memo.clear();
    }
}
