//! `evidence`: what the numbers of a stage must show before it is left, and by when.

use crate::document::{At, FromDocument, Table};
use crate::domain::number::Times;
use crate::domain::stage::{EvidenceRule, Scope, WARM_UP};
use crate::domain::time::Period;

/// What a plan says for all of its stages.
#[derive(Clone, Debug)]
pub(super) struct Common {
    /// Whether anything is compared at all.
    asked: bool,
    warm_up: Period,
}

impl Default for Common {
    fn default() -> Self {
        Self { asked: true, warm_up: WARM_UP }
    }
}

/// `evidence.warm_up` of a plan whose stages say the rest, or `evidence = false` where there is too little traffic to compare anything.
pub(super) fn common(plan: &Table<'_>) -> Common {
    if let Some(asked) = switch(plan) {
        return Common { asked, ..Common::default() };
    }
    let Some(table) = plan.table("evidence") else { return Common::default() };
    let common = Common { asked: true, warm_up: table.or("warm_up", WARM_UP) };
    table.close();
    common
}

/// `evidence = false`: thresholds alone judge.
fn switch(owner: &Table<'_>) -> Option<bool> {
    let is_switch = owner.has("evidence") && !owner.is_table("evidence");
    is_switch.then(|| owner.or("evidence", true))
}

/// `evidence = { rule_out = 3, by = "4h", warm_up = "2m" }` of a stage; what is not said is as usual. Nobody meets a green side that is
/// being warmed: there are no numbers to judge.
pub(super) fn of_stage(stage: &Table<'_>, scope: Scope, bake: Period, common: &Common) -> Option<EvidenceRule> {
    let usual = EvidenceRule { warm_up: common.warm_up, ..EvidenceRule::usual(scope, bake) };
    let asked = switch(stage).unwrap_or(common.asked || stage.is_table("evidence")) && scope != Scope::Warm;
    let Some(table) = stage.is_table("evidence").then(|| stage.table("evidence")).flatten() else {
        return asked.then_some(usual);
    };
    if scope == Scope::Warm {
        let instead = "leave evidence out: no request reaches green while it is warmed";
        stage.sheet().fault(table.line, "a warm stage asks for evidence", instead);
    }
    let rule_out = table.get::<f64>("rule_out");
    let by = table.get::<Period>("by");
    let rule = EvidenceRule {
        warm_up: table.or("warm_up", usual.warm_up),
        rule_out: rule_out.as_ref().map_or(usual.rule_out, |ratio| Times::new(ratio.value)),
        by: by.as_ref().map_or(usual.by, |by| by.value),
    };
    table.close();
    check_ratio(&table, rule_out.as_ref());
    check_by(&table, by.as_ref(), bake);
    asked.then_some(rule)
}

/// `evidence` of the standard plan, whose stages are not written one by one: `rule_out` and `by` are lists, a number for each stage of a
/// protected environment.
#[derive(Debug, Default)]
pub(super) struct Standard {
    common: Common,
    rule_out: Vec<At<f64>>,
    by: Vec<At<Period>>,
}

impl Standard {
    /// Of a plan with clocks this long, each for one stage.
    pub(super) fn read(plan: &Table<'_>, bakes: &[Period]) -> Self {
        if let Some(asked) = switch(plan) {
            return Self { common: Common { asked, ..Common::default() }, ..Self::default() };
        }
        let Some(table) = plan.table("evidence") else { return Self::default() };
        let found = Self {
            common: Common { asked: true, warm_up: table.or("warm_up", WARM_UP) },
            rule_out: each(&table, "rule_out", bakes.len(), "[5, 3, 1.5, 1.5, 1.5]"),
            by: each(&table, "by", bakes.len(), r#"["1h", "3h", "3h", "12h", "36h"]"#),
        };
        table.close();
        found.rule_out.iter().for_each(|ratio| check_ratio(&table, Some(ratio)));
        found.by.iter().zip(bakes).for_each(|(by, bake)| check_by(&table, Some(by), *bake));
        found
    }

    /// What a stage of an environment that is not protected is held to.
    pub(super) fn usual(&self, scope: Scope, bake: Period) -> Option<EvidenceRule> {
        let usual = EvidenceRule { warm_up: self.common.warm_up, ..EvidenceRule::usual(scope, bake) };
        self.common.asked.then_some(usual)
    }

    /// What the stage of that number is held to.
    pub(super) fn rule(&self, index: usize, scope: Scope, bake: Period) -> Option<EvidenceRule> {
        let usual = EvidenceRule::usual(scope, bake);
        let rule = EvidenceRule {
            warm_up: self.common.warm_up,
            rule_out: self.rule_out.get(index).map_or(usual.rule_out, |ratio| Times::new(ratio.value)),
            by: self.by.get(index).map_or(usual.by, |by| by.value),
        };
        self.common.asked.then_some(rule)
    }
}

/// A list with one entry for each stage, or nothing.
fn each<T: FromDocument>(table: &Table<'_>, key: &str, stages: usize, written: &str) -> Vec<At<T>> {
    let Some(list) = table.list::<T>(key) else { return Vec::new() };
    if list.value.len() == stages {
        return list.value;
    }
    let what = format!("{} has {} numbers in {key}", table.name(), list.value.len());
    let instead = format!("write one for each of the {stages} stages of a protected environment, such as {written}");
    table.sheet().fault(list.line, &what, &instead);
    Vec::new()
}

fn check_ratio(table: &Table<'_>, ratio: Option<&At<f64>>) {
    if let Some(ratio) = ratio.filter(|ratio| ratio.value <= 1.0 || !ratio.value.is_finite()) {
        let what = format!("rule_out is {}", ratio.value);
        table.sheet().fault(
            ratio.line,
            &what,
            "write how many times as bad as the old version is to be ruled out, above 1, such as 2",
        );
    }
}

fn check_by(table: &Table<'_>, by: Option<&At<Period>>, bake: Period) {
    if let Some(by) = by.filter(|by| by.value < bake) {
        let what = format!("a person is to decide after {}, and the stage bakes for {bake}", by.value);
        table.sheet().fault(by.line, &what, "write at least as long as the bake: until then nothing is late");
    }
}
