//! What a window or a freeze makes of a push, in sentences.

use super::super::environment::Environment;
use super::super::fleet::Fleet;
use super::super::push::Push;
use super::super::requirement::{Requirement, RequirementKind, RequirementState};
use super::super::stage::PlannedStage;
use super::super::time::{EngineTime, Period};
use super::Moment;

impl Moment {
    /// A clock time to the minute, with its day where that is another one: `16:00`, `Mon 09:00`, `4 Jan 09:00`.
    pub fn day_clock(&self, at: EngineTime) -> String {
        let day = |at: EngineTime| at.format(&self.zone, "%F");
        match self.now.until(at) {
            _ if day(self.now) == day(at) => at.hh_mm(&self.zone),
            left if left < Period::from_mins(6 * 24 * 60) => at.format(&self.zone, "%a %H:%M"),
            _ => at.format(&self.zone, "%-d %b %H:%M"),
        }
    }
}

/// The stage whose environment a window requirement is about: the one the push still moves in, else the next.
pub(super) fn of_window(push: &Push, shut_here: bool) -> Option<&PlannedStage> {
    push.stage().filter(|_| shut_here).or_else(|| push.next_stage())
}

/// What becomes of a push whose environment closes, or has closed, before it is through; `None` where that is not what happens first.
pub(super) fn cut_short(fleet: &Fleet, push: &Push, stuck: Option<&Requirement>, here: &str, moment: &Moment) -> Option<String> {
    let cut = &push.foreseen.as_ref()?.cut;
    let bad =
        |stuck: &Requirement| matches!(stuck.kind, RequirementKind::Threshold { .. }) && stuck.state == RequirementState::Unmet;
    if stuck.is_some_and(bad) {
        return None;
    }
    let at = moment.day_clock(cut.closes);
    if fleet.declaration().environment(&cut.environment).is_some_and(Environment::returns_at_window_end) {
        return Some(format!("it goes back by itself at {at}: {} ends its time in {}", cut.by.words(), cut.environment));
    }
    let opens = fleet.declaration().schedule(&cut.environment, Some(&push.plan.group)).opens(cut.closes.max(moment.now));
    let until = opens.map_or_else(|| "for good".to_owned(), |opens| format!("until {}", moment.day_clock(opens)));
    let by = cut.by.words();
    Some(match (moment.now < cut.closes, stuck) {
        (true, None) => format!("it goes on by itself until {at}; then {by} keeps it where it is {until}"),
        (true, Some(_)) => format!("it stays {here}; {by} at {at} keeps it there {until}"),
        (false, _) => format!("it stays {here}; {by} keeps it there {until}"),
    })
}
