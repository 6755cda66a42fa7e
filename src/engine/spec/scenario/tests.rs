use super::*;
use crate::domain::lane::Lane;
use crate::domain::metric::Metric;
use crate::domain::requirement::RequirementKind;
use crate::domain::share::Share;
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

#[test]
fn everything_a_scenario_can_say_is_read() {
    let acts = ["approve", "hold", "resume", "rollback", "revoke"];
    let script = acts.map(|act| format!("[[act]]\nat = \"1s\"\nby = \"ana\"\n{act} = \"storage\"\n")).concat();
    let faults = [
        "errors = { times = 2 }",
        "slow = { times = 1.5 }",
        "crash = { after = \"3s\" }",
        "metrics_vanish = { after = \"3s\" }",
        "stuck = {}",
    ];
    let faults = faults.map(|fault| format!("[[fault]]\nservice = \"blob\"\nversion = \"v42\"\n{fault}\n")).concat();
    let text = format!(
        "about = \"x\"\nstart = \"00:00\"\nfast_forward = \"90s\"\ndeaf_driver = {{ from = \"10s\", for = \"30s\" }}\n{script}{faults}\
        [[act]]\nat = \"2s\"\nby = \"ana\"\nwaive = {{ group = \"storage\", requirement = \"p99\", reason = \"r\", lasts = \"10m\" }}\n\
        [[act]]\nat = \"3s\"\nby = \"ana\"\nstart = {{ group = \"storage\", version = \"v42\", emergency = \"e\" }}\n\
        [[outage]]\nenvironment = \"production\"\ncell = \"eu\"\nshare = \"20 %\"\nfrom = \"1m\"\nfor = \"2m\"\n\
        [[expect]]\npush = \"storage\"\nby = \"1m\"\nstatus = \"held\"\nnever_stage = \"33 %\"\nharm_failed_at_least = 1\n\
        harm_failed_at_most = 9\nusers_safe = true\nblind = false\ndetected_within = \"30s\"\n"
    );
    let scenario = read("x", "x.toml", &text, declared).unwrap_or_else(|faults| panic!("{faults:#?}")).value;
    let group = || "storage".into();
    let did: Vec<Act> = scenario.script.into_iter().map(|act| act.act).collect();
    let versions = ["index", "blob", "gateway"].map(|service| (service.into(), "v42".into())).into();
    let started = Act::Start { group: group(), versions, lane: Lane::Emergency { reason: "e".to_owned() } };
    assert_eq!(
        did,
        [
            Act::Approve { group: group() },
            Act::Hold { group: group() },
            Act::Resume { group: group() },
            Act::Rollback { group: group() },
            Act::Revoke { group: group() },
            Act::Waive {
                group: group(),
                requirement: RequirementKind::Threshold { metric: Metric::P99 },
                reason: "r".to_owned(),
                lasts: Period::from_mins(10)
            },
            started,
        ]
    );
    assert_eq!(scenario.outages.len(), 1);
    assert_eq!((scenario.outages[0].share, scenario.outages[0].lasts), (Share::percent(20.0), Period::from_mins(2)));
    assert_eq!(scenario.deaf_driver, Some(Deafness { from: Period::from_secs(10), lasts: Period::from_secs(30) }));
    assert_eq!(scenario.faults.0.len(), 5);
    assert_eq!(scenario.faults.0[1].fault, Fault::Slow { times: 1.5 });
    assert_eq!(scenario.expect.len(), 7);
    assert!(scenario.expect.iter().any(|expected| expected.what == Expected::DetectedWithin(Period::from_secs(30))));
}

#[test]
fn what_cannot_be_waived_and_cells_that_are_not_there_are_faults() {
    let text = "about = \"x\"\nstart = \"14:20\"\n[[act]]\nat = \"1s\"\nby = \"ana\"\n\
        waive = { group = \"storage\", requirement = \"approval\", reason = \"r\", lasts = \"1m\" }\n\
        [[outage]]\nenvironment = \"production\"\ncell = \"eux\"\nshare = \"20 %\"\nfrom = \"1m\"\nfor = \"2m\"\n";
    let faults = read("x", "x.toml", text, declared).expect_err("faults");
    let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), 2, "{told:#?}");
    assert!(told[0].contains("requirement that can be waived \"approval\""), "{told:#?}");
    assert!(told[1].contains("cell \"eux\"; did you mean \"eu\"?"), "{told:#?}");
}

#[test]
fn a_scenario_of_an_unknown_spec_says_so_once() {
    let faults = read("x", "x.toml", "about = \"x\"\nspec = \"dmo\"\nstart = \"14:20\"\n", declared).expect_err("a fault");
    assert_eq!(
        faults.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["x.toml:2: there is no spec \"dmo\"; did you mean \"demo\"?"]
    );
}

#[test]
fn a_fault_shows_only_in_the_environments_it_names() {
    let text = "about = \"x\"\nstart = \"14:20\"\n[[fault]]\nservice = \"blob\"\nversion = \"v42\"\n\
        stuck = { environments = [\"production\"] }\n";
    let faults = read("x", "x.toml", text, declared).unwrap_or_else(|faults| panic!("{faults:#?}")).value.faults;
    let of = |environment: &str| faults.of(&"blob".into(), &environment.into()).len();
    assert_eq!((of("production"), of("staging")), (1, 0));
}

#[test]
fn the_statuses_that_can_be_expected_are_those_there_are() {
    let words: Vec<String> = crate::domain::status::Status::ALL.into_iter().map(expectations::status_word).collect();
    assert!(words.contains(&"waiting-approval".to_owned()) && !words.contains(&"out-of-step".to_owned()), "{words:?}");
}
