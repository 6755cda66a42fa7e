//! Drift: instances that somebody changed behind the engine's back. Which they are, what was done to them, and what is done about it.
//!
//! An instance is marked in the fold when it is seen to change although no task is under way on it. It has strayed as long as what the
//! hand did to it is not what the target wants.

use serde::{Deserialize, Serialize};

use super::explain::{Explanation, Moment};
use super::fleet::Fleet;
use super::id::{CellId, EnvironmentId, Role, Version};
use super::person::Actor;
use super::placement::{Instance, Phase, Placement, Task};
use super::push::{Hold, Push};
use super::time::{EngineTime, Period};

/// What an environment does about drift.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DriftRule {
    /// What strayed is named and put right at once.
    Correct,
    /// What strayed is named and left alone until a person says so.
    Hold,
}

/// That an instance was changed by a hand. It counts while no task of the engine is under way on it, and until one is done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ByHand {
    /// The version it ran before.
    pub from: Version,
    /// When it was first seen to be another than the engine left it.
    pub since: EngineTime,
    /// Whether it has been named as it is now.
    pub named: bool,
    /// Whether a person has said that it is to be brought back.
    pub released: bool,
}

/// An instance that is not as the target wants it because somebody changed it by hand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stray {
    /// In which cell.
    pub cell: CellId,
    /// Its number there.
    pub index: u32,
    /// The version it ran before.
    pub from: Version,
    /// The version it runs, or is being started with.
    pub to: Version,
    /// Whether it was taken out of the balancer, or is on its way out of it.
    pub out: bool,
    /// When it was first seen to be another than the engine left it.
    pub since: EngineTime,
}

/// How the rule is named where it holds a push.
pub const RULE: &str = "drift = \"hold\"";

/// How long an instance may be on its way out of the balancer before that is what was done to it: until then it may be a restart by
/// hand, or the beginning of an installation.
const SETTLES_AFTER: Period = Period::from_secs(5);

/// Whether requests cannot reach it, or soon cannot, although its process did not die.
const fn is_out(phase: Phase) -> bool {
    matches!(phase, Phase::Draining | Phase::Drained | Phase::Stopped)
}

/// Whether an instance is seen to have been changed by a hand: another version, or out of the balancer, although nothing is under way on
/// it; or, where something is, a version that nobody asked for.
pub fn is_by_hand(known: &Instance, version: &Version, phase: Phase) -> bool {
    let goes_out = match known.phase {
        Phase::Draining | Phase::Drained => false,
        // So an instance stands too before it is first seen.
        Phase::Stopped => matches!(phase, Phase::Draining | Phase::Drained),
        _ => is_out(phase),
    };
    match &known.in_flight {
        None => known.version != *version || goes_out,
        Some(flight) => {
            known.version != *version
                && !matches!(&flight.task, Task::Install { version: asked } | Task::Warm { version: asked } if asked == version)
        }
    }
}

/// Every instance that strayed, those that are to be brought back among them, those only on their way out as well.
fn all(placement: &Placement) -> Vec<(Stray, &Instance, &ByHand)> {
    let mut found = Vec::new();
    for (cell, instances) in &placement.cells {
        if instances.iter().all(|instance| instance.by_hand.is_none()) {
            continue;
        }
        let new = placement.grant.as_ref().map(|grant| &grant.version).filter(|new| **new != placement.base);
        let granted = placement.granted_in(cell);
        let heading = placement.count_where(cell, |instance| Some(instance.heading_for()) == new);
        let (mut surplus, mut missing) = (heading.saturating_sub(granted), granted.saturating_sub(heading));
        for (index, instance) in (0..).zip(instances).filter(|(_, instance)| instance.in_flight.is_none()) {
            let Some(mark) = &instance.by_hand else { continue };
            let (on_new, on_base) = (Some(&instance.version) == new, instance.version == placement.base);
            let takes = |left: &mut u32| {
                let some = *left > 0;
                *left = left.saturating_sub(1);
                some
            };
            let one_side = placement.sides.is_none();
            let astray = (!on_new && !on_base)
                || is_out(instance.phase)
                || (one_side && on_new && takes(&mut surplus))
                || (one_side && on_base && Some(&mark.from) == new && takes(&mut missing));
            if astray {
                let (from, to, out) = (mark.from.clone(), instance.version.clone(), is_out(instance.phase));
                let since = mark.since;
                found.push((Stray { cell: cell.clone(), index, from, to, out, since }, instance, mark));
            }
        }
    }
    found
}

/// Whether it is clear by now what was done to an instance.
fn is_settled(stray: &Stray, instance: &Instance, now: EngineTime) -> bool {
    stray.from != stray.to || instance.phase == Phase::Drained || now.since(stray.since) >= SETTLES_AFTER
}

/// What strayed in a placement, whatever is done about it.
pub fn of(placement: &Placement, now: EngineTime) -> Vec<Stray> {
    all(placement).into_iter().filter(|(stray, instance, _)| is_settled(stray, instance, now)).map(|(stray, ..)| stray).collect()
}

/// What strayed in a placement and has not been named as it is now.
pub fn unnamed(placement: &Placement, now: EngineTime) -> Vec<Stray> {
    all(placement)
        .into_iter()
        .filter(|(stray, instance, mark)| !mark.named && is_settled(stray, instance, now))
        .map(|(stray, ..)| stray)
        .collect()
}

/// Whether nobody but a person touches what strays in an environment.
fn holds(fleet: &Fleet, environment: &EnvironmentId) -> bool {
    fleet.declaration().environment(environment).is_some_and(|environment| environment.drift == DriftRule::Hold)
}

/// What strayed in a placement and is left alone until a person says so.
pub fn held(fleet: &Fleet, placement: &Placement, now: EngineTime) -> Vec<Stray> {
    if !holds(fleet, &placement.id.environment) {
        return Vec::new();
    }
    all(placement)
        .into_iter()
        .filter(|(stray, instance, mark)| !mark.released && is_settled(stray, instance, now))
        .map(|(stray, ..)| stray)
        .collect()
}

/// The instances of a cell that nothing may be done to, and how many of them had a place that is granted to the new version.
pub fn untouchable(fleet: &Fleet, placement: &Placement, cell: &CellId) -> (Vec<u32>, u32) {
    if !holds(fleet, &placement.id.environment) {
        return (Vec::new(), 0);
    }
    let strays = all(placement);
    let here: Vec<_> = strays.iter().filter(|(stray, _, mark)| stray.cell == *cell && !mark.released).collect();
    let new = placement.grant.as_ref().map(|grant| &grant.version);
    let placed = here.iter().filter(|(stray, ..)| Some(&stray.from) == new).count() as u32;
    (here.into_iter().map(|(stray, ..)| stray.index).collect(), placed)
}

/// The first placement of a push in an environment in which drift is held, with what strayed there.
pub fn in_the_way<'f>(
    fleet: &'f Fleet,
    push: &Push,
    environment: &EnvironmentId,
    now: EngineTime,
) -> Option<(&'f Placement, Vec<Stray>)> {
    push.plan
        .moves
        .iter()
        .filter_map(|part| fleet.placement(&part.service, environment))
        .map(|placement| (placement, held(fleet, placement, now)))
        .find(|(_, strays)| !strays.is_empty())
}

/// Held drift that keeps a push from being resumed: where it is, and, where that is what holds it, where it would go next.
pub fn keeps_held<'f>(fleet: &'f Fleet, push: &Push, now: EngineTime) -> Option<(&'f Placement, Vec<Stray>)> {
    let next = push.next_stage().filter(|_| push.holds.iter().any(is_by_rule));
    [push.stage(), next].into_iter().flatten().find_map(|stage| in_the_way(fleet, push, &stage.environment, now))
}

/// Whether a hold is that of held drift.
pub fn is_by_rule(hold: &Hold) -> bool {
    matches!(&hold.by, Actor::Rule { rule } if rule == RULE)
}

/// Who may have drift brought back: those who answer for the service's group.
pub fn owner(fleet: &Fleet, placement: &Placement) -> Option<Role> {
    fleet.declaration().group_of(&placement.id.service).map(|group| group.owners.clone())
}

/// What was done to which instances: `blob 78 and 79 in ap, v41 → v9; blob 4 in eu, out of the balancer`.
pub fn told(placement: &Placement, strays: &[Stray]) -> String {
    let mut alike: Vec<(&Stray, Vec<u32>)> = Vec::new();
    for stray in strays {
        let same =
            |known: &Stray| (&known.cell, &known.from, &known.to, known.out) == (&stray.cell, &stray.from, &stray.to, stray.out);
        match alike.iter_mut().find(|(known, _)| same(known)) {
            Some((_, numbers)) => numbers.push(stray.index),
            None => alike.push((stray, vec![stray.index])),
        }
    }
    let service = &placement.id.service;
    let parts: Vec<String> = alike
        .into_iter()
        .map(|(stray, found)| {
            let version = if stray.from == stray.to { String::new() } else { format!(", {} → {}", stray.from, stray.to) };
            let out = if stray.out { ", out of the balancer" } else { "" };
            format!("{service} {} in {}{version}{out}", numbers(&found), stray.cell)
        })
        .collect();
    parts.join("; ")
}

/// `3`, `3 and 4`, `3, 5 and 9`, `3 to 9`.
fn numbers(found: &[u32]) -> String {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for number in found {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == *number => *last = *number,
            _ => runs.push((*number, *number)),
        }
    }
    let mut words: Vec<String> = runs
        .into_iter()
        .flat_map(|(first, last)| match last - first {
            0 => vec![first.to_string()],
            1 => vec![first.to_string(), last.to_string()],
            _ => vec![format!("{first} to {last}")],
        })
        .collect();
    match words.pop() {
        Some(last) if !words.is_empty() => format!("{} and {last}", words.join(", ")),
        last => last.unwrap_or_default(),
    }
}

/// Why a placement with drift is as it is, and what becomes of it; `None` where nothing strayed.
pub fn explain(fleet: &Fleet, placement: &Placement, moment: &Moment) -> Option<Explanation> {
    let strays = of(placement, moment.now);
    let since = strays.iter().map(|stray| stray.since).min()?;
    let why = format!("changed by hand since {}: {}", moment.clock(since), told(placement, &strays));
    let left = held(fleet, placement, moment.now);
    let owner = owner(fleet, placement).map_or_else(|| "anybody on call".to_owned(), |role| format!("anybody of {role}"));
    if left.is_empty() {
        return Some(Explanation {
            why,
            next: "the engine puts them right as capacity allows".to_owned(),
            otherwise: "it keeps trying".to_owned(),
            back: String::new(),
            who: "the engine, by itself".to_owned(),
        });
    }
    let held_push = fleet.open_push_of(&placement.id.service).filter(|push| push.holds.iter().any(is_by_rule));
    Some(Explanation {
        why,
        next: format!("nothing is done to them until somebody has {} brought back to its target (retry)", placement.id),
        otherwise: match held_push {
            Some(push) => format!("they stay as they are, and {} stays held", push.plan.name),
            None => "they stay as they are; other work goes on".to_owned(),
        },
        back: "retry puts these instances on what the target wants, as capacity allows".to_owned(),
        who: owner,
    })
}

/// What a hand did where a push is over, if it did anything.
pub fn explain_over(fleet: &Fleet, push: &Push, moment: &Moment) -> Option<Explanation> {
    let places = push.plan.moves.iter().flat_map(|part| part.from.keys().filter_map(|place| fleet.placement(&part.service, place)));
    places.into_iter().find_map(|placement| explain(fleet, placement, moment))
}

/// Why a push held by the rule is held, and how it goes on; `None` where another hold came later.
pub fn explain_hold(fleet: &Fleet, push: &Push, moment: &Moment) -> Option<Explanation> {
    let hold = push.holds.last().filter(|hold| is_by_rule(hold))?;
    let since = moment.clock(hold.since);
    Some(match keeps_held(fleet, push, moment.now) {
        Some((placement, strays)) => Explanation {
            why: format!("held by the rule {RULE} since {since}: changed by hand, {}", told(placement, &strays)),
            next: format!(
                "somebody has {} brought back to its target (retry), then u resumes; r takes the push back",
                placement.id
            ),
            who: owner(fleet, placement).map_or_else(|| "anybody on call".to_owned(), |role| format!("anybody of {role}")),
            ..Explanation::default()
        },
        None => Explanation {
            why: format!(
                "held by the rule {RULE} since {since}; what was changed by hand is as it should be again, or on its way there"
            ),
            next: "nothing moves until somebody resumes it (u) or takes it back (r)".to_owned(),
            who: "anybody on call".to_owned(),
            ..Explanation::default()
        },
    })
}

impl Placement {
    /// Marks an instance that a hand has changed. Comes before the observation is taken in.
    pub(in crate::domain) fn mark_by_hand(&mut self, cell: &CellId, index: u32, seen: (&Version, Phase), at: EngineTime) {
        let strayed = all(self).iter().any(|(stray, ..)| stray.cell == *cell && stray.index == index);
        let Some(known) = self.cells.get_mut(cell).and_then(|instances| instances.get_mut(index as usize)) else { return };
        // What changes again under a hand is told from where the engine left it.
        let (from, since) = match &known.by_hand {
            Some(mark) if strayed => (mark.from.clone(), mark.since),
            _ => (known.version.clone(), at),
        };
        if is_by_hand(known, seen.0, seen.1) {
            known.by_hand = Some(ByHand { from, since, named: false, released: false });
        }
    }

    /// Notes that strays were named.
    pub(in crate::domain) fn name_strays(&mut self, strays: &[Stray]) {
        for stray in strays {
            let instance = self.cells.get_mut(&stray.cell).and_then(|instances| instances.get_mut(stray.index as usize));
            if let Some(mark) = instance.and_then(|instance| instance.by_hand.as_mut()) {
                mark.named = true;
            }
        }
    }

    /// A person said that what strayed is to be brought back.
    pub(in crate::domain) fn release_strays(&mut self) {
        let marks = self.cells.values_mut().flatten().filter_map(|instance| instance.by_hand.as_mut());
        marks.for_each(|mark| mark.released = true);
    }

    /// Takes the marks off where what the hand did has become the base.
    pub(in crate::domain) fn accept_strays(&mut self) {
        let base = &self.base;
        for instance in self.cells.values_mut().flatten().filter(|instance| instance.version == *base && instance.serves()) {
            instance.by_hand = None;
        }
    }
}
