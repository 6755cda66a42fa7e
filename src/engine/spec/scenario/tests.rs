use super::*;
use crate::engine::spec::builtin;

fn declared(name: &str) -> Option<Declaration> {
    crate::engine::spec::read(name, builtin::spec(name)?).ok().map(|sound| sound.value)
}

#[test]
fn every_scenario_that_comes_along_is_without_fault() {
    for name in builtin::scenario_names() {
        let text = builtin::scenario(name).expect("its text");
        let scenario = read(name, name, text, declared).unwrap_or_else(|faults| panic!("{faults:#?}")).value;
        assert!(!scenario.expect.is_empty(), "{name} expects nothing");
        assert!(!scenario.script.is_empty(), "{name} does nothing");
    }
}

#[test]
fn a_version_for_the_whole_group_is_one_for_each_service() {
    let text = "about = \"x\"\nstart = \"14:20\"\n[[act]]\nat = \"1s\"\nby = \"ana\"\nstart = { group = \"storage\", version = \"v42\" }\n";
    let scenario = read("x", "x.toml", text, declared).expect("a sound scenario").value;
    assert_eq!(scenario.start, Period::from_mins(14 * 60 + 20));
    assert!(matches!(&scenario.script[0].act, Act::Start { versions, .. } if versions.len() == 3));
}

#[test]
fn what_is_not_in_the_spec_is_a_fault() {
    let text = "about = \"x\"\nstart = \"25:00\"\n[[fault]]\nservice = \"blub\"\nversion = \"v42\"\nslow = { times = 2 }\n\
        [[act]]\nat = \"1s\"\nby = \"nobody\"\nhold = \"storrage\"\n[[expect]]\npush = \"storage\"\nby = \"1m\"\nstatus = \"rolledback\"\n";
    let faults = read("x", "x.toml", text, declared).expect_err("faults");
    let lines: Vec<usize> = faults.iter().map(|fault| fault.line).collect();
    assert_eq!(lines, [2, 4, 9, 10, 14], "{faults:#?}");
}
