//! `[check.NAME]`: what others are asked before a step, or what a person does before one.

use std::collections::BTreeMap;

use super::names::refers;
use super::people::People;
use crate::document::{At, Table};
use crate::domain::check::{Check, Expected};
use crate::domain::id::{CheckId, Role};
use crate::domain::requirement::RequirementKind;
use crate::domain::time::Period;
use crate::safe;

/// How often a check is asked where a spec does not say, in seconds.
const EVERY: i64 = 30;

/// How long an answer may take where a spec does not say, in seconds.
const TIMEOUT: i64 = 5;

/// Every check by name.
pub fn read(root: &Table<'_>, people: &People) -> BTreeMap<CheckId, Check> {
    let mut checks = BTreeMap::new();
    if let Some(table) = root.table("check") {
        for name in table.keys() {
            let Some(body) = table.table(&name.value) else { continue };
            let body = body.named(format!("check {:?}", name.value));
            if RequirementKind::words().any(|word| word == name.value) {
                let what = format!("a check is called {:?}, which is what the engine calls a requirement of its own", name.value);
                root.sheet().fault(name.line, &what, "give it another name");
            }
            if let Some(check) = check(&body, &name.value, people) {
                checks.insert(check.id.clone(), check);
            }
        }
        table.close();
    }
    checks
}

/// The checks that a key of `owner` names.
pub fn named(owner: &Table<'_>, key: &str, known: &BTreeMap<CheckId, Check>) -> Vec<CheckId> {
    let names = owner.list::<String>(key).map_or_else(Vec::new, |list| list.value);
    let mut found: Vec<CheckId> = Vec::new();
    for name in &names {
        let id = CheckId::new(&name.value);
        if found.contains(&id) {
            owner.sheet().fault(name.line, &format!("{} names the check {:?} twice", owner.name(), name.value), "name it once");
        }
        refers(owner.sheet(), "check", name, known.keys().map(CheckId::as_str));
        found.push(id);
    }
    found
}

fn check(table: &Table<'_>, name: &str, people: &People) -> Option<Check> {
    let sheet = table.sheet();
    let url = table.need::<String>("url");
    let (every, timeout) = (period(table, "every", EVERY), period(table, "timeout", TIMEOUT));
    let who = table.need::<String>("who");
    let text = table.get::<String>("text").map(|text| safe::clean(&text.value));
    let expect = table.table("expect").and_then(|table| expect(&table));
    table.close();
    if let Some(url) = url.as_ref().filter(|url| !is_http(&url.value)) {
        sheet.fault(url.line, &format!("the url of {} is {:?}", table.name(), url.value), "write an http or https address");
    }
    if let Some(who) = &who
        && people.with_any(&[Role::new(&who.value)]) == 0
    {
        let what = format!("{} can be cleared by {}, whom no people are", table.name(), who.value);
        sheet.fault(who.line, &what, "name a role that somebody in [people] has");
    }
    let (url, who) = (url?.value, Role::new(&who?.value));
    Some(Check { id: CheckId::new(name), url, every, timeout, who, text, expect })
}

fn expect(table: &Table<'_>) -> Option<Expected> {
    let (pointer, value) = (table.need::<String>("pointer"), table.need::<String>("value"));
    table.close();
    let pointer = pointer?;
    if !pointer.value.starts_with('/') {
        let what = format!("the pointer {:?} is no JSON pointer", pointer.value);
        table.sheet().fault(pointer.line, &what, "begin it with a slash, such as \"/change/state\"");
    }
    Some(Expected { pointer: pointer.value, value: value?.value })
}

/// A length of time above zero.
fn period(table: &Table<'_>, key: &str, seconds: i64) -> Period {
    let Some(At { value, line }) = table.get::<Period>(key) else { return Period::from_secs(seconds) };
    if value.is_zero() {
        table.sheet().fault(line, &format!("{key:?} in {} is no time at all", table.name()), "write a length of time above 0");
    }
    value
}

/// Whether a text is an http or https address that names a host.
pub(super) fn is_http(url: &str) -> bool {
    let rest = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"));
    rest.is_some_and(|rest| {
        rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '[') && !rest.contains(char::is_whitespace)
    })
}
