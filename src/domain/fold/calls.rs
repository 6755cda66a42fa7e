//! Calls that were made, and whether they led to anything.

use super::super::call::{Call, CallKey, CallLevel, Called};
use super::super::command::{Command, Order, Outcome, Retried};
use super::super::fleet::Fleet;
use super::super::time::EngineTime;

impl Fleet {
    pub(super) fn note_call(&mut self, call: &Call, at: EngineTime) {
        let known = self.calls.entry(call.about.clone());
        let called = known.or_insert_with(|| Called { call: call.clone(), at, last: at, failed: None, acted: None });
        called.call = call.clone();
        called.last = at;
        called.failed = None;
    }

    pub(super) fn call_failed(&mut self, about: &CallKey, why: &str) {
        if let Some(called) = self.calls.get_mut(about) {
            called.failed = Some(why.to_owned());
        }
    }

    /// An accepted command about what a call was about is what the call led to. A note decides nothing.
    pub(super) fn acted(&mut self, command: &Command, outcome: &Outcome, at: EngineTime) {
        if !matches!(outcome, Outcome::Accepted { .. }) || matches!(command.order, Order::Note { .. } | Order::StrikeNote { .. }) {
            return;
        }
        let push = command.order.push();
        for called in self.calls.values_mut().filter(|called| called.call.level == CallLevel::Call && called.acted.is_none()) {
            let same = match (&called.call.about, &command.order) {
                (CallKey::Drift { placement, .. }, Order::Retry { what: Retried::Placement { placement: asked } }) => {
                    placement == asked
                }
                (CallKey::Drift { .. }, _) => false,
                (_, Order::HoldAll { .. }) => true,
                (about, _) => push.is_some() && about.push() == push,
            };
            if same {
                called.acted = Some((command.actor.clone(), at));
            }
        }
    }
}
