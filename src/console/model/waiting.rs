//! Whatever waits for a person: yours first, then by the time left.

use crate::domain::decision::{self, Decision};
use crate::domain::fleet::Fleet;
use crate::domain::id::{GateId, PersonId, PlacementId, PushId};
use crate::domain::time::EngineTime;

use super::filter::{self, Waits};
use super::screen::Screen;
use super::{Model, words};

pub use crate::domain::decision::DecisionKind as WaitingFor;
pub(super) use crate::domain::decision::{given, may_approve};

/// The identity of something that waits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WaitingKey {
    /// Which push, where one waits.
    pub push: Option<PushId>,
    /// Which placement, where none does.
    pub placement: Option<PlacementId>,
    /// For what.
    pub what: WaitingFor,
}

/// Something that waits for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingRow {
    /// Its identity.
    pub key: WaitingKey,
    /// Which occurrence of its gate a push stands before.
    pub gate: Option<GateId>,
    /// Whether whoever sits here can do something about it.
    pub yours: bool,
    /// `cart v9→v10`.
    pub name: String,
    /// What it waits for, in a few words: `enter production, one box`.
    pub words: String,
    /// Who can do it, and how far that is: `1 of 2, raj`.
    pub who: String,
    /// Since when it has waited.
    pub since: EngineTime,
    /// When something else decides, where a clock does. Approvals are not asked for with an end.
    pub until: Option<EngineTime>,
}

/// Those that the screen lists.
pub(super) fn listed(model: &Model) -> Vec<WaitingRow> {
    let query = filter::query(model, Screen::Waiting);
    let is_meant = |row: &&WaitingRow| query.is_none_or(|query| query.means(&Waits { known: filter::known(model), row }));
    model.rows.waiting.iter().filter(is_meant).cloned().collect()
}

/// Everything that waits: what is the actor's first, then by the time left, then the longest waiting.
pub(super) fn rows(fleet: &Fleet, decisions: &[Decision], actor: &PersonId, now: EngineTime) -> Vec<WaitingRow> {
    let due = decisions.iter().filter(|decision| decision.is_due(now));
    let mut rows: Vec<WaitingRow> = due
        .map(|decision| WaitingRow {
            key: WaitingKey { push: decision.push, placement: decision.placement.clone(), what: decision.kind },
            gate: decision.gate,
            yours: decision::may_decide(fleet, decision, actor),
            name: decision.push.and_then(|push| fleet.push(push)).map_or_else(|| decision.name.clone(), words::push_name),
            words: decision.words.clone(),
            who: decision.who.clone(),
            since: decision.since,
            until: decision.until,
        })
        .collect();
    rows.sort_by_cached_key(|row| (!row.yours, row.until.is_none(), row.until, row.key.what, row.since, row.key.clone()));
    rows
}
