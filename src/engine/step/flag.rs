//! Flags: told at once, told again with growing pauses until every instance was seen to have taken the switch.

use crate::domain::change::Fact;
use crate::domain::id::{FlagId, PushId};
use crate::domain::person::Actor;
use crate::domain::time::Period;
use crate::engine::effect::Effect;

use super::work::Work;

/// By how much longer the flag service has before each further telling, beyond what the switch is declared to take.
const AGAIN_AFTER: Period = Period::from_secs(2);
/// The most tries that still lengthen the pause: at most every half minute.
const LONGEST: u32 = 15;

/// Switches off every flag that a push going back stands behind and that is on.
pub(super) fn off(work: &mut Work<'_>, id: PushId, by: &Actor) {
    let Some(push) = work.push(id) else { return };
    let on: Vec<FlagId> =
        work.fleet().flags_of(push).into_iter().filter(|(_, state)| state.on).map(|(flag, _)| flag.id.clone()).collect();
    for flag in on {
        work.record(Fact::FlagSwitched { flag, on: false, by: by.clone() });
    }
}

/// Tells the flag service whatever it has not been told, or what was not seen to come of it in time.
pub(super) fn tell(work: &mut Work<'_>) {
    let now = work.now;
    let due: Vec<_> = work
        .fleet()
        .flags()
        .filter(|(_, state)| state.is_switching())
        .filter(|(_, state)| state.told.is_none_or(|(tries, at)| now >= at + AGAIN_AFTER * tries.min(LONGEST)))
        .map(|(flag, state)| (flag.id.clone(), state.on, state.told.map_or(0, |(tries, _)| tries) + 1))
        .collect();
    for (flag, on, tries) in due {
        work.record(Fact::FlagTold { flag: flag.clone(), tries });
        work.effect(Effect::Flag { flag, on });
    }
}

/// Takes in how far a switch has come. What was seen of an earlier one says nothing of the last.
pub(super) fn learn(work: &mut Work<'_>, flag: FlagId, on: bool, seen: (u32, u32)) {
    let is_news =
        work.fleet().flag(&flag).is_some_and(|(_, state)| state.is_switching() && state.on == on && state.seen != Some(seen));
    if is_news {
        work.record(Fact::FlagSeen { flag, taken: seen.0, of: seen.1 });
    }
}
