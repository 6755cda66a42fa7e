//! `[plan.NAME]`: the way through the environments, and the standard way where none is written.
//!
//! The standard way and its least bakes follow what the largest places do: one box, 1 %, 10 %, 33 %, 100 %, a person before a
//! protected environment and before its last step, and clocks of 10 min, 1 h, 1 h, 4 h and 12 h that never shorten.

use std::collections::{BTreeMap, BTreeSet};

use super::evidence;
use super::groups::WrittenGroup;
use super::names::refers;
use super::people::People;
use crate::document::{At, Percent, Table};
use crate::domain::check::Check;
use crate::domain::environment::Environment;
use crate::domain::id::{CheckId, EnvironmentId, Role};
use crate::domain::service::Group;
use crate::domain::share::Share;
use crate::domain::stage::{Advance, ApprovalRule, Leg, Scope, Stage, StagePlan, emergency_bake};
use crate::domain::time::Period;

/// The plan of a group that names none.
pub const STANDARD: &str = "standard";

/// The shares of a protected environment in the standard plan, in percent, after its one box.
const STANDARD_SHARES: [f64; 4] = [1.0, 10.0, 33.0, 100.0];

/// The least bakes of the standard plan, in minutes: an unprotected environment's, then a protected one's five.
const STANDARD_BAKES: [i64; 6] = [10, 10, 60, 60, 240, 720];

/// How long a stage's instances may take to arrive where a spec does not say, in minutes.
const DEADLINE: i64 = 30;

/// A plan as written. An approval without roles is asked of the owners of whichever group follows the plan.
#[derive(Debug)]
pub struct Template {
    plan: StagePlan,
    /// Lines of its approvals, in the order of its stages.
    approvals: Vec<At<ApprovalRule>>,
    line: usize,
}

/// Every plan of the spec by name, always with `standard`.
pub fn read(
    root: &Table<'_>,
    environments: &[At<Environment>],
    groups: &[WrittenGroup],
    checks: &BTreeMap<CheckId, Check>,
) -> BTreeMap<String, Template> {
    let sheet = root.sheet();
    let mut plans = BTreeMap::new();
    if let Some(table) = root.table("plan") {
        for name in table.keys() {
            let Some(plan) = table.table(&name.value) else { continue };
            let plan = plan.named(format!("plan {:?}", name.value));
            let template = if name.value == STANDARD && !plan.has("leg") {
                standard(Some(&plan), environments, checks)
            } else {
                written(&plan, &name.value, environments, checks)
            };
            plan.close();
            plans.insert(name.value, template);
        }
        table.close();
    }
    plans.entry(STANDARD.to_owned()).or_insert_with(|| standard(None, environments, checks));
    for plan in groups.iter().filter_map(|group| group.plan.as_ref()) {
        refers(sheet, "plan", plan, plans.keys().map(String::as_str));
    }
    plans
}

fn standard(table: Option<&Table<'_>>, environments: &[At<Environment>], checks: &BTreeMap<CheckId, Check>) -> Template {
    let line = table.map_or(1, |table| table.line);
    let mut bakes: Vec<Period> = STANDARD_BAKES.into_iter().map(Period::from_mins).collect();
    let mut deadline = Period::from_mins(DEADLINE);
    let mut rule = At { value: ApprovalRule { needed: 1, roles: Vec::new() }, line };
    let mut alone = false;
    let mut asked_before = BTreeMap::new();
    if let Some(table) = table {
        deadline = table.or("deadline", deadline);
        rule = approval(table).unwrap_or(rule);
        alone = table.or("alone", false);
        asked_before = checks_by_environment(table, environments, checks);
        if let Some(own) = table.get::<Vec<Period>>("bakes") {
            if own.len() == bakes.len() {
                bakes = own.value;
            } else {
                let what = format!("{} has {} bakes", table.name(), own.len());
                let instead =
                    "write 6: for an unprotected environment, then for one box, 1 %, 10 %, 33 % and 100 % of a protected one";
                table.sheet().fault(own.line, &what, instead);
            }
        }
    }
    let shown = table.map(|table| evidence::Standard::read(table, bakes.get(1..).unwrap_or_default())).unwrap_or_default();
    let in_waves = table.is_some_and(|table| table.or("waves", false));
    let of = |share| if in_waves { Scope::Waves { share } } else { Scope::Share { share } };
    let stage = |name: String, scope, bake: Option<&Period>, asked: bool| Stage {
        name,
        scope,
        bake: bake.copied().unwrap_or_default(),
        deadline,
        advance: Advance::Auto,
        approval: asked.then(|| rule.value.clone()),
        alone: false,
        checks: Vec::new(),
        evidence: None,
    };
    let whole = || (Share::ALL.to_string(), Scope::Share { share: Share::ALL });
    let legs = environments.iter().map(|environment| {
        let mut stages: Vec<Stage> = if environment.protected {
            let one_box = stage("one box".to_owned(), Scope::OneBox, bakes.get(1), true);
            let rest = STANDARD_SHARES.iter().zip(bakes.iter().skip(2)).map(|(percent, bake)| {
                let share = Share::percent(*percent);
                stage(share.to_string(), of(share), Some(bake), share == Share::ALL)
            });
            std::iter::once(one_box).chain(rest).collect()
        } else {
            let (name, scope) = whole();
            vec![stage(name, scope, bakes.first(), false)]
        };
        for stage in &mut stages {
            stage.alone = alone && environment.protected;
        }
        if let (Some(first), Some(checks)) = (stages.first_mut(), asked_before.get(&environment.id)) {
            first.checks.clone_from(checks);
        }
        for (index, stage) in stages.iter_mut().enumerate() {
            stage.evidence = if environment.protected {
                shown.rule(index, stage.scope, stage.bake)
            } else {
                shown.usual(stage.scope, stage.bake)
            };
        }
        Leg { environment: environment.id.clone(), stages, keep: None }
    });
    let emergency_bake = table.map_or_else(emergency_bake, hurry);
    Template { plan: StagePlan { name: STANDARD.to_owned(), legs: legs.collect(), emergency_bake }, approvals: vec![rule], line }
}

/// `emergency_bake = "25 %"`.
fn hurry(plan: &Table<'_>) -> Share {
    let Some(share) = plan.get::<Percent>("emergency_bake") else { return emergency_bake() };
    if share.0 <= 0.0 {
        let what = format!("{} leaves 0 % of its clocks in an emergency", plan.name());
        plan.sheet().fault(share.line, &what, "write how much of each clock is left, above 0 %, such as \"25 %\"");
    }
    Share::new(share.0)
}

/// `checks.production = ["change-board"]`: asked before the environment's first step.
fn checks_by_environment(
    table: &Table<'_>,
    environments: &[At<Environment>],
    checks: &BTreeMap<CheckId, Check>,
) -> BTreeMap<EnvironmentId, Vec<CheckId>> {
    let mut found = BTreeMap::new();
    if let Some(by_environment) = table.table("checks") {
        for name in by_environment.keys() {
            refers(table.sheet(), "environment", &name, environments.iter().map(|environment| environment.id.as_str()));
            found.insert(EnvironmentId::new(&name.value), super::checks::named(&by_environment, &name.value, checks));
        }
        by_environment.close();
    }
    found
}

fn written(table: &Table<'_>, name: &str, environments: &[At<Environment>], checks: &BTreeMap<CheckId, Check>) -> Template {
    let sheet = table.sheet();
    let mut legs = Vec::new();
    let mut approvals = Vec::new();
    let tables = table.tables("leg");
    if tables.is_empty() {
        table.missing("leg", "one [[plan.NAME.leg]] for each environment");
    }
    let mut seen = super::names::Names::new("a leg through environment");
    let common = evidence::common(table);
    for leg in tables {
        let environment = leg.need::<String>("environment");
        let known = environment.as_ref().and_then(|name| {
            seen.add(sheet, name);
            refers(sheet, "environment", name, environments.iter().map(|environment| environment.id.as_str()));
            environments.iter().find(|environment| environment.id.as_str() == name.value)
        });
        let stages = stages(&leg, known.is_some_and(|environment| environment.protected), (checks, &common), &mut approvals);
        let keep = keep(&leg, &stages);
        leg.close();
        if let Some(environment) = environment {
            legs.push(Leg { environment: EnvironmentId::new(&environment.value), stages, keep });
        }
    }
    legs.sort_by_key(|leg| environments.iter().position(|environment| environment.id == leg.environment));
    Template { plan: StagePlan { name: name.to_owned(), legs, emergency_bake: hurry(table) }, approvals, line: table.line }
}

/// `keep = "30m"`: how long blue stays warm, where the first stage is `warm = true`. The two belong together.
fn keep(leg: &Table<'_>, stages: &[Stage]) -> Option<Period> {
    let (sheet, found) = (leg.sheet(), leg.get::<Period>("keep"));
    let warm = stages.first().is_some_and(|stage| stage.scope == Scope::Warm);
    let Some(keep) = found else {
        // One that is no length of time was reported.
        if warm && !leg.has("keep") {
            let what = "a leg warms green and does not say how long blue is kept";
            sheet.fault(leg.line, what, "write keep = \"30m\": how long blue stays warm after green has taken 100 %");
        }
        return None;
    };
    if !warm {
        let instead = "put { warm = true, bake = \"5m\" } before its stages, or leave keep out";
        sheet.fault(keep.line, "a leg keeps blue and warms no green", instead);
        return None;
    }
    if keep.value.is_zero() {
        let instead = "write how long blue stays warm after green has taken 100 %, above 0";
        sheet.fault(keep.line, "keep is 0: blue would be gone at once", instead);
    }
    if stages.last().is_none_or(|last| last.scope.share() < Share::ALL) {
        let to = stages.last().filter(|last| last.scope != Scope::Warm).map_or("no traffic at all", |last| &last.name);
        let what = format!("a blue/green leg ends with green at {to}");
        sheet.fault(keep.line, &what, "end its stages with share = \"100 %\": then blue can be let go");
    }
    Some(keep.value)
}

fn stages(
    leg: &Table<'_>,
    protected: bool,
    (checks, common): (&BTreeMap<CheckId, Check>, &evidence::Common),
    approvals: &mut Vec<At<ApprovalRule>>,
) -> Vec<Stage> {
    let sheet = leg.sheet();
    let mut found = Vec::new();
    let mut before: Option<Percent> = None;
    let tables = leg.tables("stages");
    if tables.is_empty() {
        leg.missing("stages", r#"[{ share = "100 %", bake = "1h" }], at least one"#);
    }
    for (index, table) in tables.into_iter().enumerate() {
        let one_box = table.or("one_box", false);
        let warm = is_warm(&table, index, one_box);
        let share = if one_box || warm { table.get::<Percent>("share") } else { table.need::<Percent>("share") };
        if let (true, Some(share)) = (one_box, &share) {
            sheet.fault(share.line, "a stage has both one_box and share", "leave out one of them");
        }
        if let Some(share) = share.as_ref().filter(|_| !one_box && !warm) {
            if before.is_some_and(|before| share.value < before) {
                let what =
                    format!("the share falls to {} after {}", Share::new(share.0), Share::new(before.map_or(0.0, |share| share.0)));
                sheet.fault(share.line, &what, "let shares rise from stage to stage, or stay");
            }
            if share.0 <= 0.0 {
                sheet.fault(share.line, "a stage exposes 0 %", "write a share above 0 %, or one_box = true");
            }
            before = Some(share.value);
        } else if let (true, Some(_)) = (one_box, before) {
            sheet.fault(table.line, "one box comes after a share", "put the one box first");
        }
        let in_waves = table.get::<bool>("waves");
        if let (true, Some(line)) = (one_box, in_waves.as_ref().filter(|waves| waves.value).map(|waves| waves.line)) {
            sheet.fault(line, "one box is in one cell and cannot go in waves", "leave out waves, or write a share");
        }
        let in_waves = in_waves.is_some_and(|waves| waves.value);
        let scope = match share {
            _ if warm => Scope::Warm,
            Some(share) if !one_box && in_waves => Scope::Waves { share: Share::new(share.0) },
            Some(share) if !one_box => Scope::Share { share: Share::new(share.0) },
            _ => Scope::OneBox,
        };
        let named = match scope {
            Scope::OneBox => "one box".to_owned(),
            Scope::Warm => "warm".to_owned(),
            Scope::Share { share } | Scope::Waves { share } => share.to_string(),
        };
        let name = table.or("name", named);
        let bake = table.need::<Period>("bake").map(|bake| bake.value).unwrap_or_default();
        let deadline = table.or("deadline", Period::from_mins(DEADLINE));
        let advance = advance(&table);
        let approval = approval(&table);
        let alone = table.or("alone", false);
        let checks = super::checks::named(&table, "checks", checks);
        let evidence = evidence::of_stage(&table, scope, bake, common);
        table.close();
        if let (Some(rule), Advance::Hand, true) = (&approval, advance, protected) {
            let what = format!("stage {name:?} is left by hand and asks for an approval: two dialogs for one step");
            sheet.warn(rule.line, &what, "leave out one of advance = \"hand\" and approval");
        }
        approvals.extend(approval.clone());
        let approval = approval.map(|rule| rule.value);
        found.push(Stage { name, scope, bake, deadline, advance, approval, alone, checks, evidence });
    }
    found
}

/// `warm = true`: green is installed and takes no traffic. It comes first, and exposes nobody.
fn is_warm(table: &Table<'_>, index: usize, one_box: bool) -> bool {
    let Some(warm) = table.get::<bool>("warm").filter(|warm| warm.value) else { return false };
    let others = [(one_box, "one_box"), (table.has("share"), "share"), (table.has("waves"), "waves")];
    if let Some((_, other)) = others.into_iter().find(|(has, _)| *has) {
        let what = format!("a stage has both warm and {other}");
        table.sheet().fault(warm.line, &what, "leave out one of them: green takes no traffic while it is warmed");
    } else if index > 0 {
        table.sheet().fault(warm.line, "green is warmed after another stage", "put { warm = true, ... } first");
    }
    true
}

fn advance(table: &Table<'_>) -> Advance {
    let Some(word) = table.get::<String>("advance") else { return Advance::Auto };
    match word.as_str() {
        "auto" => Advance::Auto,
        "hand" => Advance::Hand,
        other => {
            table.sheet().fault(word.line, &format!("advance is {other:?}"), "write \"auto\" or \"hand\"");
            Advance::Auto
        }
    }
}

fn approval(owner: &Table<'_>) -> Option<At<ApprovalRule>> {
    let table = owner.table("approval")?;
    let needed = table.get::<u32>("needed").unwrap_or(At { value: 1, line: table.line });
    let roles = table.get::<Vec<String>>("roles").map_or_else(Vec::new, |roles| roles.value);
    table.close();
    if *needed == 0 {
        table.sheet().fault(needed.line, "an approval needs 0 people", "write at least 1, or leave the approval out");
    }
    let roles = roles.iter().map(|role| Role::new(role)).collect();
    Some(At { value: ApprovalRule { needed: *needed, roles }, line: needed.line })
}

/// Checks that for every approval there are people enough who may give it.
pub fn check_people(root: &Table<'_>, plans: &BTreeMap<String, Template>, groups: &[WrittenGroup], people: &People) {
    let mut reported = BTreeSet::new();
    for written in groups {
        let Some(template) = plans.get(&written.group.plan) else { continue };
        for rule in &template.approvals {
            let roles = if rule.roles.is_empty() { vec![written.group.owners.clone()] } else { rule.roles.clone() };
            let have = people.with_any(&roles);
            if have >= rule.needed as usize || !reported.insert((rule.line, roles.clone())) {
                continue;
            }
            let names: Vec<&str> = roles.iter().map(Role::as_str).collect();
            let what = format!("an approval needs {} of {}, whom {have} people are", rule.needed, names.join(" or "));
            let line = if rule.line == template.line { written.line } else { rule.line };
            root.sheet().fault(line, &what, "add people to [people], or ask for fewer");
        }
    }
}

/// The plans with every approval asked of somebody, and the groups each with the plan that is its own.
///
/// A plan that leaves an approval to the owners, and is followed by groups of several owners, becomes one plan for each of them,
/// `standard (oncall-storage)`; under its plain name any of those owners may then approve.
pub fn settle(plans: &BTreeMap<String, Template>, groups: &[WrittenGroup]) -> (BTreeMap<String, StagePlan>, Vec<Group>) {
    let mut settled = BTreeMap::new();
    let mut out: Vec<Group> = groups.iter().map(|written| written.group.clone()).collect();
    for (name, template) in plans {
        let open = template
            .plan
            .legs
            .iter()
            .flat_map(|leg| &leg.stages)
            .any(|stage| matches!(&stage.approval, Some(rule) if rule.roles.is_empty()));
        let followed: BTreeSet<Role> = out.iter().filter(|group| group.plan == *name).map(|group| group.owners.clone()).collect();
        let owners = if followed.is_empty() { out.iter().map(|group| group.owners.clone()).collect() } else { followed };
        settled.insert(name.clone(), asked_of(&template.plan, name, &owners));
        if open && owners.len() > 1 {
            for group in out.iter_mut().filter(|group| group.plan == *name) {
                group.plan = format!("{name} ({})", group.owners);
                let own = BTreeSet::from([group.owners.clone()]);
                settled.entry(group.plan.clone()).or_insert_with(|| asked_of(&template.plan, &group.plan, &own));
            }
        }
    }
    (settled, out)
}

fn asked_of(plan: &StagePlan, name: &str, owners: &BTreeSet<Role>) -> StagePlan {
    let mut plan = StagePlan { name: name.to_owned(), ..plan.clone() };
    for rule in plan.legs.iter_mut().flat_map(|leg| &mut leg.stages).filter_map(|stage| stage.approval.as_mut()) {
        if rule.roles.is_empty() {
            rule.roles = owners.iter().cloned().collect();
        }
    }
    plan
}
