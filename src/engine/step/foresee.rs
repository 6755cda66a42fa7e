//! The plan's check against windows and freezes, at every change in flight.

use crate::domain::change::Fact;
use crate::domain::forecast;
use crate::domain::id::PushId;

use super::work::Work;

/// Records when it can first be told that the environment a push is in closes before it is through, and when that is no longer so.
pub(super) fn foresee(work: &mut Work<'_>, id: PushId) {
    let Some(push) = work.push(id) else { return };
    let cut = forecast::cut_here(work.fleet(), push, work.now).map(|conflict| conflict.cut);
    if push.foreseen.as_ref().map(|known| &known.cut) != cut.as_ref() {
        work.record(Fact::CutForeseen { push: id, cut });
    }
}
