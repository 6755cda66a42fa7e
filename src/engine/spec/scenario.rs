//! A scenario: a spec, versions that misbehave, what scripted people do and when, and what should come of it.

mod acts;
mod checks;
mod commits;
mod expectations;
mod fault;
mod freeze;
mod outage;

pub use acts::{Act, HandChange, ScriptedAct};
pub use checks::ScriptedCheck;
pub use expectations::{Expectation, Expected};
pub use fault::{Fault, Faults, SharedFault, VersionFault};
pub use freeze::{ScenarioException, ScenarioFreeze};
pub use outage::Outage;

use crate::document::{self, Checked, Sound, nearest};
use crate::domain::declaration::Declaration;
use crate::domain::time::Period;

/// The spec of a scenario that names none.
const DEFAULT_SPEC: &str = "demo";

/// A driver that hears nothing for a while: orders to targets get no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deafness {
    /// From when, since the scenario began.
    pub from: Period,
    /// For how long.
    pub lasts: Period,
}

/// Everything a run needs to be repeated exactly.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// Its name: the file's, without folder and ending.
    pub name: String,
    /// What it shows, in a sentence.
    pub about: String,
    /// The name of its spec.
    pub spec: String,
    /// What that spec declares.
    pub declaration: Declaration,
    /// Where the simulation's randomness begins.
    pub seed: u64,
    /// The time of day at which it begins, since midnight UTC.
    pub start: Period,
    /// How much of it has passed when a console opens on it.
    pub fast_forward: Period,
    /// Versions that misbehave.
    pub faults: Faults,
    /// What is bad for every version alike, and when.
    pub shared_faults: Vec<SharedFault>,
    /// Hosts that are lost for a while.
    pub outages: Vec<Outage>,
    /// When the driver is deaf, if it ever is.
    pub deaf_driver: Option<Deafness>,
    /// How checks by others answer.
    pub checks: Vec<ScriptedCheck>,
    /// In the order written.
    pub freezes: Vec<ScenarioFreeze>,
    /// In order of time.
    pub script: Vec<ScriptedAct>,
    /// In order of time.
    pub expect: Vec<Expectation>,
}

/// Reads a scenario. `name` is what it is called and `file` its name for messages; `spec` finds what a named spec declares, and is
/// asked once.
///
/// # Errors
/// Every fault in it, in the order of the lines.
pub fn read(name: &str, file: &str, text: &str, spec: impl FnOnce(&str) -> Option<Declaration>) -> Checked<Sound<Scenario>> {
    document::read(file, text, |root| {
        let about = root.need::<String>("about");
        let named = root.get::<String>("spec");
        let seed = root.or("seed", 1);
        let start = root.need::<String>("start").and_then(|at| {
            let parsed = time_of_day(&at);
            if parsed.is_none() {
                root.sheet().fault(at.line, &format!("start is {:?}", at.value), "write a time of day such as \"14:20\"");
            }
            parsed
        });
        let fast_forward = root.or("fast_forward", Period::ZERO);
        let deaf_driver = root.table("deaf_driver").and_then(|table| {
            let (from, lasts) = (table.or("from", Period::ZERO), table.need::<Period>("for"));
            table.close();
            Some(Deafness { from, lasts: lasts?.value })
        });
        let spec_name = named.as_ref().map_or(DEFAULT_SPEC, |name| name.value.as_str());
        let mut declaration = spec(spec_name);
        let is_known = declaration.is_some();
        if !is_known {
            let line = named.as_ref().map_or(1, |name| name.line);
            let instead = match nearest(spec_name, [DEFAULT_SPEC]) {
                Some(meant) => format!("did you mean {meant:?}?"),
                None => "name a spec that is there and without fault".to_owned(),
            };
            root.sheet().fault(line, &format!("there is no spec {spec_name:?}"), &instead);
        }
        let mut known = declaration.take().unwrap_or_default();
        super::releases::more(root, &mut known, is_known);
        let overridden = commits::read(root, is_known.then_some(&known));
        let known = commits::apply(known, &overridden);
        let declaration = is_known.then(|| known.clone());
        let faults = fault::read(root, declaration.is_some().then_some(&known));
        let shared_faults = fault::read_shared(root, declaration.is_some().then_some(&known));
        let outages = outage::read(root, declaration.is_some().then_some(&known));
        let checks = checks::read(root, declaration.is_some().then_some(&known));
        let freezes = freeze::read(root, declaration.is_some().then_some(&known));
        let script = acts::read(root, declaration.is_some().then_some(&known));
        let expect = expectations::read(root, declaration.is_some().then_some(&known));
        let (name, spec) = (name.to_owned(), spec_name.to_owned());
        let (about, start, declaration) = (about?.value, start?, declaration?);
        Some(Scenario {
            name,
            about,
            spec,
            declaration,
            seed,
            start,
            fast_forward,
            faults,
            shared_faults,
            outages,
            deaf_driver,
            checks,
            freezes,
            script,
            expect,
        })
    })
}

/// `14:20` as the time since midnight.
fn time_of_day(text: &str) -> Option<Period> {
    let time = jiff::civil::Time::strptime("%H:%M", text).ok()?;
    Some(Period::from_mins(i64::from(time.hour()) * 60 + i64::from(time.minute())))
}

#[cfg(test)]
mod tests;
