use super::*;
use crate::domain::stage::Scope;

const DEMO: &str = include_str!("../../../fixtures/specs/demo.toml");

/// The smallest spec without fault, and with `extra` after it.
fn small(extra: &str) -> String {
    format!(
        r#"[people]
ana = ["oncall"]
[[environment]]
name = "staging"
cells = [{{ name = "lab" }}]
[[environment]]
name = "production"
after = ["staging"]
protected = true
cells = [{{ name = "ap", weight = 1, users = 10 }}, {{ name = "eu", weight = 3, users = 10 }}]
[[group]]
name = "web"
services = ["site"]
owners = "oncall"
[[service]]
name = "site"
running = "v1"
rps_per_instance = 10
drain = "2s"
install = "5s"
slo = {{ availability = "99.9 %" }}
in.staging = {{ instances = 1, peak_rps = 1 }}
in.production = {{ instances = {{ ap = 2, eu = 3 }}, peak_rps = 20 }}
[[release]]
service = "site"
version = "v1"
digest = "sha256:1"
{extra}"#
    )
}

fn faults(text: &str) -> Vec<String> {
    read("fleet.toml", text).err().unwrap_or_default().iter().map(ToString::to_string).collect()
}

#[test]
fn the_demo_is_without_fault_and_large() {
    let sound = read("demo.toml", DEMO).unwrap_or_else(|faults| panic!("{faults:#?}"));
    assert_eq!(sound.warnings, []);
    let declared = sound.value;
    assert_eq!((declared.services.len(), declared.groups.len()), (17, 4));
    let instances: u32 = declared.services.iter().flat_map(|service| &service.deployments).flat_map(|place| &place.instances).sum();
    assert!(instances > 2_000, "{instances}");
    for place in declared.services.iter().flat_map(|service| &service.deployments) {
        let capacity = f64::from(place.instances.iter().sum::<u32>()) * place.rps_per_instance;
        assert!(place.peak_rps < 0.75 * capacity, "{place:?}");
    }
    let storage = declared.group(&"storage".into()).expect("the group");
    assert_eq!(storage.plan, "standard (oncall-storage)");
    assert!(declared.plans.contains_key("standard"));
}

#[test]
fn the_standard_way_goes_by_one_box_and_asks_twice() {
    let declared = read("fleet.toml", &small("")).expect("a sound spec").value;
    let plan = &declared.plans["standard"];
    let names: Vec<&str> = plan.legs[1].stages.iter().map(|stage| stage.name.as_str()).collect();
    assert_eq!(names, ["one box", "1 %", "10 %", "33 %", "100 %"]);
    assert_eq!(plan.legs[1].stages[0].scope, Scope::OneBox);
    let asked: Vec<bool> = plan.legs[1].stages.iter().map(|stage| stage.approval.is_some()).collect();
    assert_eq!(asked, [true, false, false, false, true]);
    assert_eq!(plan.legs[1].stages[0].approval.as_ref().expect("asked").roles, ["oncall".into()]);
    assert_eq!(declared.services[0].deployments[1].instances, [2, 3]);
}

#[test]
fn every_fault_is_found_in_one_reading() {
    let text = small("")
        .replace("owners = \"oncall\"", "owners = \"oncal\"\nhops = [\"cache\"]\nplan = \"slow\"")
        .replace("after = [\"staging\"]", "after = [\"stagign\"]")
        .replace("ap = 2", "ap = 0")
        .replace("drain = \"2s\"", "drian = \"2s\"")
        .replace("\"5s\"", "\"5 seconds\"");
    let found = faults(&text);
    for expected in [
        "fleet.toml:8: there is no environment \"stagign\"; did you mean \"staging\"?",
        "fleet.toml:15: hop \"cache\" is no service of group \"web\"; name only services of this group, in the order a request meets them",
        "fleet.toml:16: there is no plan \"slow\"; known are: standard",
        "fleet.toml:17: service \"site\" has no \"drain\"; add drain = \"5s\", here or in [defaults]",
        "fleet.toml:21: service \"site\" has an unknown key \"drian\"; did you mean \"drain\"?",
    ] {
        assert!(found.iter().any(|fault| fault == expected), "{expected}\nis not among\n{found:#?}");
    }
    assert!(found.iter().any(|fault| fault.starts_with("fleet.toml:22: \"install\"") && fault.contains("5 seconds")), "{found:#?}");
    assert!(found.iter().any(|fault| fault.starts_with("fleet.toml:25:") && fault.contains("0 instances")), "{found:#?}");
    assert_eq!(found.len(), 7, "{found:#?}");
}

#[test]
fn each_single_fault_is_named() {
    let cases = [
        (
            small("[[release]]\nservice = \"site\"\nversion = \"v1\"\ndigest = \"sha256:2\"\n"),
            "release site v1 is declared twice (first at line 26)",
        ),
        (small("").replace("services = [\"site\"]", "services = [\"site\", \"site\"]"), "declared twice"),
        (small("").replace("services = [\"site\"]", "services = []"), "is empty"),
        (small("").replace("cells = [{ name = \"lab\" }]", "cells = []"), "has no \"cells\""),
        (
            small("").replace("name = \"staging\"\n", "name = \"staging\"\nafter = [\"production\"]\n"),
            "in a circle: staging after production after staging",
        ),
        (small("").replace("owners = \"oncall\"", "owners = \"oncall\"\nreleases = \"trian\""), "releases is \"trian\""),
        (
            small("").replace("owners = \"oncall\"", "owners = \"oncall\"\nmost_in_flight = 2"),
            "most_in_flight is said of a group whose newer releases replace what is in flight",
        ),
        (
            small("").replace("owners = \"oncall\"", "owners = \"oncall\"\nreleases = \"train\"\nmost_in_flight = 0"),
            "most_in_flight is 0",
        ),
        (small("").replace("running = \"v1\"", "running = \"v0\""), "runs v0, of which there is no release"),
        (small("").replace("ana = [\"oncall\"]", "ana = [\"other\"]"), "needs 1 of oncall, whom 0 people are"),
        (
            small("[defaults.thresholds]\nerors = { limit = \"1 %\", for = \"1s\" }\n"),
            "a threshold on an unknown metric \"erors\"; did you mean \"errors\"?",
        ),
        (small("[plan.standard]\nbakes = [\"1s\"]\n"), "has 1 bakes"),
        (small("[plan.standard.approval]\nneeded = 0\n"), "needs 0 people"),
        (small("[plan.standard.approval]\nroles = []\n"), "is empty"),
        (
            small(
                "[plan.own]\n[[plan.own.leg]]\nenvironment = \"production\"\nstages = [{ share = \"10 %\", bake = \"1s\" }, { share = \"5 %\", bake = \"1s\" }]\n",
            ),
            "the share falls to 5 % after 10 %",
        ),
        (
            small("[plan.own]\n[[plan.own.leg]]\nenvironment = \"production\"\nstages = [{ share = \"110 %\", bake = \"1s\" }]\n"),
            "no share between 0 % and 100 %",
        ),
        (
            small("[[environment]]\nname = \"staging\"\ncells = [{ name = \"x\" }]\n"),
            "environment \"staging\" is declared twice (first at line 4)",
        ),
    ];
    for (text, expected) in cases {
        let found = faults(&text);
        assert!(found.iter().any(|fault| fault.contains(expected)), "{expected}\nis not among\n{found:#?}");
    }
}

#[test]
fn releases_replace_each_other_unless_they_are_a_train() {
    use crate::domain::service::Succession;
    for (written, meant) in [
        ("", Succession::Replace),
        ("releases = \"replace\"", Succession::Replace),
        ("releases = \"train\"", Succession::Train { most: 3 }),
        ("releases = \"train\"\nmost_in_flight = 2", Succession::Train { most: 2 }),
    ] {
        let text = small("").replace("owners = \"oncall\"", &format!("owners = \"oncall\"\n{written}"));
        assert_eq!(read("fleet.toml", &text).expect("a sound spec").value.groups[0].releases, meant, "{written}");
    }
}

#[test]
fn hand_and_approval_together_are_a_warning() {
    let plan = "[plan.own]\n[[plan.own.leg]]\nenvironment = \"production\"\nstages = [{ share = \"100 %\", bake = \"1s\", advance = \"hand\", approval = {} }]\n";
    let sound = read("fleet.toml", &small(plan)).expect("a sound spec");
    assert_eq!(sound.warnings.len(), 1, "{:?}", sound.warnings);
}

#[test]
fn a_spec_that_lost_any_line_is_read_or_refused_with_lines_that_exist() {
    let lines: Vec<&str> = DEMO.lines().collect();
    for lost in (0..lines.len()).step_by(3) {
        let text: Vec<&str> = lines.iter().enumerate().filter(|(at, _)| *at != lost).map(|(_, line)| *line).collect();
        if let Err(faults) = read("demo.toml", &text.join("\n")) {
            assert!(!faults.is_empty(), "refused without a fault when line {} is lost", lost + 1);
            assert!(faults.iter().all(|fault| (1..=lines.len()).contains(&fault.line)), "{faults:#?}");
        }
    }
}
