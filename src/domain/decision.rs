//! What people have to decide: now, and as far as can be told later. Console, lines, JSON and calls all say the same.

use serde::Serialize;

use super::drift;
use super::explain::{self, Moment};
use super::fleet::Fleet;
use super::forecast;
use super::id::{GateId, PersonId, PlacementId, PushId, Role};
use super::placement::Placement;
use super::push::{Course, Push, STOP_PATIENCE};
use super::requirement::{self, RequirementKind, RequirementState};
use super::stage::{Advance, ApprovalRule};
use super::status::{self, Status};
use super::time::EngineTime;

/// In which way a push needs a person. The order is that in which they are shown where nothing else decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DecisionKind {
    /// A stop was asked for and is not seen to work.
    NotStopped,
    /// It is not all back, and does not get there by itself.
    RollbackFailed,
    /// An approval of its gate is asked for.
    Approval,
    /// Everything is met; it is left by hand.
    Go,
    /// The numbers of its stage are still undecided after as long as they were given, or they show what only a person can weigh.
    Undecided,
    /// Its environment closes, or has closed, before it is through.
    Window,
    /// Somebody stopped it, and somebody must let it go on or take it back.
    Resume,
    /// Somebody changed instances by hand, and nothing is done about it until a person says so.
    Drift,
    /// It was rejected and is still exposed.
    WayBack,
    /// It went back, and nobody has said that they saw it.
    Seen,
}

impl DecisionKind {
    /// All of them, in order.
    pub const ALL: [Self; 10] = [
        Self::NotStopped,
        Self::RollbackFailed,
        Self::Approval,
        Self::Go,
        Self::Undecided,
        Self::Window,
        Self::Resume,
        Self::Drift,
        Self::WayBack,
        Self::Seen,
    ];
}

/// Something that a person has to decide.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// About which push; `None` where it is about what no push does.
    pub push: Option<PushId>,
    /// About which placement, where it is about one.
    pub placement: Option<PlacementId>,
    /// What it is called.
    pub name: String,
    /// In which way.
    pub kind: DecisionKind,
    /// Which occurrence of its gate a push stands before.
    pub gate: Option<GateId>,
    /// What is to be decided, in a few words: `enter 33 % in production`.
    pub words: String,
    /// Who can, and how far that is: `1 of 2, raj`.
    pub who: String,
    /// Since when it waits for them; where that lies ahead, from when on it will, at the earliest.
    pub since: EngineTime,
    /// When something else decides, where a clock does.
    pub until: Option<EngineTime>,
    /// What happens if nobody does.
    pub otherwise: String,
}

impl Decision {
    /// Whether it waits for a person now.
    pub fn is_due(&self, now: EngineTime) -> bool {
        self.since <= now
    }
}

/// Every decision that is due or can be told to become so: those due first, each in the order of the clock.
pub fn all(fleet: &Fleet, moment: &Moment) -> Vec<Decision> {
    let mut found: Vec<Decision> = fleet.pushes().flat_map(|push| of_push(fleet, push, moment)).collect();
    found.extend(fleet.touched().filter_map(|placement| strayed(fleet, placement, moment)));
    found.sort_by_key(|decision| (!decision.is_due(moment.now), decision.since, decision.kind, decision.push));
    found
}

/// What was changed by hand and waits for a person. Where a push is held because of it, that push says so; one that goes back puts
/// right whatever it finds.
fn strayed(fleet: &Fleet, placement: &Placement, moment: &Moment) -> Option<Decision> {
    let strays = drift::held(fleet, placement, moment.now);
    let since = strays.iter().map(|stray| stray.since).min()?;
    let told = |push: &Push| !push.is_forward() || push.holds.iter().any(drift::is_by_rule);
    if fleet.open_push_of(&placement.id.service).is_some_and(told) {
        return None;
    }
    let owner = drift::owner(fleet, placement);
    let otherwise = drift::explain(fleet, placement, moment).map(|said| said.otherwise).unwrap_or_default();
    Some(Decision {
        push: None,
        placement: Some(placement.id.clone()),
        name: placement.id.to_string(),
        kind: DecisionKind::Drift,
        gate: None,
        words: format!("changed by hand: {}", drift::told(placement, &strays)),
        who: owner.map_or_else(|| "anybody on call".to_owned(), |role| role.to_string()),
        since,
        until: None,
        otherwise,
    })
}

/// The next decision a person will have to make, by the clock; one that is due already where there is one.
pub fn next(fleet: &Fleet, moment: &Moment) -> Option<Decision> {
    all(fleet, moment).into_iter().next()
}

/// What people have to decide about one push now. Its sentences say nothing of the clock on the wall.
pub fn due_of(fleet: &Fleet, push: &Push, now: EngineTime) -> Vec<Decision> {
    let moment = Moment { now, zone: jiff::tz::TimeZone::UTC };
    let mut found = decided(fleet, push, &moment, false);
    found.retain(|decision| decision.is_due(now));
    found
}

/// What people have to decide about one push.
fn of_push(fleet: &Fleet, push: &Push, moment: &Moment) -> Vec<Decision> {
    decided(fleet, push, moment, true)
}

/// The same, with what lies ahead or without.
fn decided(fleet: &Fleet, push: &Push, moment: &Moment, ahead: bool) -> Vec<Decision> {
    let on = On { fleet, push, moment };
    let mut found = Vec::new();
    found.extend(push.not_stopped(moment.now).map(|stop| {
        let words = "NOT STOPPED: something still moves".to_owned();
        on.decision(DecisionKind::NotStopped, words, on.owner(), stop.asked + STOP_PATIENCE)
    }));
    match &push.course {
        Course::RollbackFailed { at, stuck, .. } if push.acknowledged.is_none() => {
            let words = format!("ROLLBACK FAILED, {} instances not back", stuck.len());
            found.push(on.decision(DecisionKind::RollbackFailed, words, on.owner(), *at));
        }
        Course::RolledBack { at, .. } if push.acknowledged.is_none() => {
            found.push(on.decision(DecisionKind::Seen, rolled_back(push), on.owner(), *at));
        }
        Course::Forward => found.extend(on.forward(ahead)),
        _ => {}
    }
    found
}

/// `rolled back, harm 210 failed`.
fn rolled_back(push: &Push) -> String {
    let failed = push.harm.failed.max(0.0).round() as u64;
    if failed > 0 { format!("rolled back, harm {failed} failed") } else { "rolled back".to_owned() }
}

/// One push at one moment.
struct On<'a> {
    fleet: &'a Fleet,
    push: &'a Push,
    moment: &'a Moment,
}

impl On<'_> {
    fn decision(&self, kind: DecisionKind, words: String, who: String, since: EngineTime) -> Decision {
        let push = self.push;
        let otherwise = explain::push(self.fleet, push, self.moment).otherwise;
        Decision {
            push: Some(push.id()),
            placement: None,
            name: push.plan.name.clone(),
            kind,
            gate: Some(push.gate()),
            words,
            who,
            since,
            until: None,
            otherwise,
        }
    }

    fn owner(&self) -> String {
        owners(self.fleet, self.push).first().map_or_else(|| "anybody on call".to_owned(), Role::to_string)
    }

    fn here(&self) -> String {
        let stage = self.push.stage();
        stage.map_or_else(|| "before its first step".to_owned(), |stage| format!("at {} in {}", stage.name, stage.environment))
    }

    fn forward(&self, ahead: bool) -> Vec<Decision> {
        let push = self.push;
        if let Some(rejection) = &push.rejection {
            let words = format!("rejected by {}, still {}", rejection.by, self.here());
            let found = self.decision(DecisionKind::WayBack, words, self.owner(), rejection.at);
            return push.acknowledged.is_none().then_some(found).into_iter().collect();
        }
        let mut found: Vec<Decision> = self.cut().into_iter().collect();
        // Where a rule holds it besides somebody, the rule's reason is the one that nobody knows of.
        if let Some(hold) = push.holds.iter().find(|hold| hold.by.person().is_none()).or_else(|| push.holds.first()) {
            // A person knows why they stopped it; a rule says so.
            let why = hold.reason.as_ref().filter(|_| hold.by.person().is_none()).map(|why| format!(", {why}")).unwrap_or_default();
            let words = format!("stopped {}{why}", self.here());
            found.push(self.decision(DecisionKind::Resume, words, format!("by {}", hold.holder()), hold.since));
            return found;
        }
        found.extend(self.undecided());
        found.extend(self.at_gate());
        if ahead {
            found.extend(self.ahead());
        }
        found
    }

    /// The environment it is in closes before it is through: somebody decides whether it stays, goes back, or is let pass.
    fn cut(&self) -> Option<Decision> {
        let foreseen = self.push.foreseen.as_ref()?;
        let returns = self
            .fleet
            .declaration()
            .environment(&foreseen.cut.environment)
            .is_some_and(super::environment::Environment::returns_at_window_end);
        let shut = foreseen.cut.closes <= self.moment.now;
        let opens = || {
            let schedule = self.fleet.declaration().schedule(&foreseen.cut.environment, Some(&self.push.plan.group));
            schedule.opens(self.moment.now)
        };
        let here = self.push.stage().map_or_else(String::new, |stage| format!(" at {}", stage.name));
        let words = if returns { format!("let it pass{here}, or it goes back") } else { format!("stay{here} or go back") };
        let decision = self.decision(DecisionKind::Window, words, self.owner(), foreseen.since);
        Some(Decision { until: if shut { opens() } else { Some(foreseen.cut.closes) }, ..decision })
    }

    /// The numbers had their time and do not say: somebody decides whether to wait, to go on without them, or to go back.
    fn undecided(&self) -> Option<Decision> {
        let Self { fleet, push, moment } = *self;
        let rule = push.stage()?.evidence.as_ref()?;
        let found =
            requirement::of_gate(fleet, push, moment.now).into_iter().find(|found| found.kind == RequirementKind::Evidence)?;
        let leak = push.evidence.as_ref().and_then(|gathered| Some((gathered.since, gathered.evidence.leak()?)));
        let (since, words) = match (found.state, leak) {
            (RequirementState::Unmet, Some((since, leak))) => (since, format!("{leak}: go back, or go on with it")),
            (RequirementState::Pending, _) => {
                let since = requirement::late_since(push, rule).filter(|since| *since <= moment.now)?;
                (since, format!("undecided {}: wait, go on without it, or go back", self.here()))
            }
            _ => return None,
        };
        Some(self.decision(DecisionKind::Undecided, words, self.owner(), since))
    }

    /// What its gate asks of people now.
    fn at_gate(&self) -> Option<Decision> {
        let Self { fleet, push, moment } = *self;
        if status::of_push(fleet, push, moment.now) == Status::Ready {
            let since = push.cursor.arrived.map_or(push.cursor.entered, |at| at.max(self.bake_end()));
            let words = format!("your go for {}", explain::entered(push.next_stage()));
            return Some(self.decision(DecisionKind::Go, words, self.owner(), since.min(moment.now)));
        }
        let rule = push.approval_rule().filter(|rule| (given(push).count() as u32) < rule.needed)?;
        requirement::approval_is_asked(fleet, push, moment.now).then(|| {
            let since = (self.bake_end() - super::push::APPROVAL_LIFE).max(push.cursor.arrived.unwrap_or(push.cursor.entered));
            let words = format!("enter {}", explain::entered(push.next_stage()));
            self.decision(DecisionKind::Approval, words, asked_of(rule, push), since.min(moment.now))
        })
    }

    /// What later gates will ask of people, and this one where it does not yet.
    fn ahead(&self) -> Vec<Decision> {
        let Self { fleet, push, moment } = *self;
        let asked_now = self.at_gate().is_some();
        // Where something is in the way that no clock clears, nobody can say when people will be asked.
        let blocked = requirement::of_gate(fleet, push, moment.now).iter().any(|found| {
            let clears = matches!(found.kind, RequirementKind::Window) && found.due.is_some();
            found.state > RequirementState::Pending && !clears
        });
        if blocked || requirement::blind(fleet).is_some() || status::dying(fleet, push) > 0 {
            return Vec::new();
        }
        let forecast = forecast::of_push(fleet, push, moment.now);
        let stages = forecast.stages.iter().filter(|ahead| !(asked_now && push.next_index() == Some(ahead.stage)));
        stages
            .filter_map(|ahead| {
                let (stage, since) = (push.plan.stages.get(ahead.stage as usize)?, ahead.asked?);
                // What is not asked yet is not due, however near it is.
                let since = since.max(moment.now + super::time::Period::from_millis(1));
                let before = ahead.stage.checked_sub(1).and_then(|before| push.plan.stages.get(before as usize));
                let by_hand = before.is_some_and(|before| before.advance == Advance::Hand);
                let (kind, words, who) = match &stage.approval {
                    Some(rule) => {
                        let roles = rule.roles.iter().map(Role::as_str).collect::<Vec<_>>().join(" or ");
                        (
                            DecisionKind::Approval,
                            format!("enter {}", explain::entered(Some(stage))),
                            format!("{} of {roles}", rule.needed),
                        )
                    }
                    None if by_hand => (DecisionKind::Go, format!("your go for {}", explain::entered(Some(stage))), self.owner()),
                    None => return None,
                };
                let otherwise = before.map_or_else(
                    || "it does not begin".to_owned(),
                    |before| format!("it stays at {} in {}", before.name, before.environment),
                );
                Some(Decision { otherwise, ..self.decision(kind, words, who, since) })
            })
            .collect()
    }

    /// When the stage's minimum clock was over, or will be if it goes on running.
    fn bake_end(&self) -> EngineTime {
        let Some(stage) = self.push.stage() else { return self.push.plan.requested };
        let bake = &self.push.cursor.bake;
        bake.running_since.map_or(self.moment.now, |since| since + stage.bake.less(bake.ran))
    }
}

/// `1 of 2, raj`: how many were given of how many, and who gave them, or who may.
fn asked_of(rule: &ApprovalRule, push: &Push) -> String {
    let given: Vec<&str> = given(push).map(PersonId::as_str).collect();
    let roles = || rule.roles.iter().map(Role::as_str).collect::<Vec<_>>().join(" or ");
    let names = if given.is_empty() { roles() } else { given.join(", ") };
    format!("{} of {}, {names}", given.len(), rule.needed)
}

/// Who has approved the gate a push stands before.
pub fn given(push: &Push) -> impl Iterator<Item = &PersonId> {
    push.approvals.iter().filter(|approval| approval.is_for(push)).map(|approval| &approval.by)
}

/// Whether a person's approval would count: they have a role that is asked for, did not ask for the push, and have not given it yet.
pub fn may_approve(fleet: &Fleet, push: &Push, person: &PersonId) -> bool {
    push.approval_rule().is_some_and(|rule| fleet.declaration().has_role(person, &rule.roles))
        && push.fix.as_ref().is_none_or(|fix| fix.by.person() != Some(person))
        && push.plan.requested_by.person() != Some(person)
        && given(push).all(|by| by != person)
}

/// Whether a person can do something about a decision.
pub fn may_decide(fleet: &Fleet, decision: &Decision, person: &PersonId) -> bool {
    let strayed = decision.placement.as_ref().and_then(|placement| fleet.placement_by_id(placement));
    if let Some(placement) = strayed {
        return drift::owner(fleet, placement).is_none_or(|owner| fleet.declaration().has_role(person, &[owner]));
    }
    let Some(push) = decision.push.and_then(|push| fleet.push(push)) else { return false };
    let owns = fleet.declaration().has_role(person, &owners(fleet, push)) || push.plan.requested_by.person() == Some(person);
    match decision.kind {
        DecisionKind::Approval => may_approve(fleet, push, person),
        DecisionKind::Resume => owns || push.holds.first().is_some_and(|hold| hold.by.person() == Some(person)),
        _ => owns,
    }
}

fn owners(fleet: &Fleet, push: &Push) -> Vec<Role> {
    fleet.declaration().group(&push.plan.group).map(|group| group.owners.clone()).into_iter().collect()
}
