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
    let mut script = acts.map(|act| format!("[[act]]\nat = \"1s\"\nby = \"ana\"\n{act} = \"storage\"\n")).concat();
    script += "[[act]]\nat = \"2s\"\nby = \"ana\"\nbring_back = \"blob@production\"\n";
    for what in ["version = \"v40\"", "out = true"] {
        script += "[[act]]\nat = \"3s\"\nby = \"lena\"\nby_hand = { service = \"blob\", environment = \"production\", cell = \"ap\", instances = 2, ";
        script += what;
        script += " }\n";
    }
    let faults = [
        "errors = { times = 2 }",
        "slow = { times = 1.5 }",
        "crash = { after = \"3s\" }",
        "metrics_vanish = { after = \"3s\" }",
        "stuck = {}",
        "tail = { share = \"0.3 %\", times = 40, above_share = \"5 %\", cells = [\"us\"] }",
        "leak = { per_minute = \"30 %\" }",
    ];
    let shared = "[[shared_fault]]\nservices = [\"blob\"]\nfrom = \"1m\"\nfor = \"30s\"\nslow = { times = 3, cells = [\"eu\"] }\n";
    let faults = faults.map(|fault| format!("[[fault]]\nservice = \"blob\"\nversion = \"v42\"\n{fault}\n")).concat();
    let freeze = "[[freeze]]\nname = \"f\"\nfrom = \"1m\"\nuntil = \"2m\"\nenvironments = [\"production\"]\nat_end = \"return\"\n\
        exceptions = [{ group = \"storage\", by = \"ana\", until = \"90s\", reason = \"r\" }]\n";
    let text = format!(
        "about = \"x\"\nstart = \"00:00\"\nfast_forward = \"90s\"\ndeaf_driver = {{ from = \"10s\", for = \"30s\" }}\n{script}{faults}{shared}{freeze}\
        [[act]]\nat = \"2s\"\nby = \"ana\"\nwaive = {{ group = \"storage\", requirement = \"p99\", reason = \"r\", lasts = \"10m\" }}\n\
        [[act]]\nat = \"3s\"\nby = \"ana\"\nstart = {{ group = \"storage\", version = \"v42\", emergency = \"e\" }}\n\
        [[outage]]\nenvironment = \"production\"\ncell = \"eu\"\nshare = \"20 %\"\nfrom = \"1m\"\nfor = \"2m\"\n\
        [[expect]]\npush = \"storage\"\nby = \"1m\"\nstatus = \"held\"\nnever_stage = \"33 %\"\nharm_failed_at_least = 1\n\
        harm_failed_at_most = 9\nusers_safe = true\nblind = false\ndetected_within = \"30s\"\n\
        requirement = \"window\"\nstate = \"unmet\"\ndecision = \"window\"\n\
         never_status = \"rolling-back\"\ntrigger_metric = \"p999\"\ntrigger_cell = \"eu\"\ndrifted = true\nheld = true\nshared_fault = true\n"
    );
    let scenario = read("x", "x.toml", &text, declared).unwrap_or_else(|faults| panic!("{faults:#?}")).value;
    let group = || "storage".into();
    let by_hand = |version: Option<&str>| HandChange {
        placement: "blob@production".parse().expect("a placement"),
        cell: "ap".into(),
        instances: 2,
        version: version.map(Into::into),
    };
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
            Act::BringBack { group: group(), placement: "blob@production".parse().expect("a placement") },
            Act::Waive {
                group: group(),
                requirement: RequirementKind::Threshold { metric: Metric::P99 },
                reason: "r".to_owned(),
                lasts: Period::from_mins(10)
            },
            Act::ByHand { change: by_hand(Some("v40")) },
            Act::ByHand { change: by_hand(None) },
            started,
        ]
    );
    assert_eq!(scenario.outages.len(), 1);
    assert_eq!((scenario.outages[0].share, scenario.outages[0].lasts), (Share::percent(20.0), Period::from_mins(2)));
    assert_eq!(scenario.deaf_driver, Some(Deafness { from: Period::from_secs(10), lasts: Period::from_secs(30) }));
    assert_eq!(scenario.faults.0.len(), 7);
    assert_eq!(scenario.faults.0[5].fault, Fault::Tail { share: 0.003, times: 40.0, above_share: 0.05 });
    assert_eq!(scenario.faults.0[5].cells, ["us".into()]);
    assert_eq!(scenario.faults.0[6].fault, Fault::Leak { per_minute: 0.3 });
    let [shared] = &scenario.shared_faults[..] else { panic!("one shared fault") };
    assert!(
        shared.reaches(&"blob".into(), &"staging".into(), &"eu".into())
            && !shared.reaches(&"index".into(), &"production".into(), &"eu".into())
    );
    assert_eq!((shared.from, shared.lasts), (Period::from_mins(1), Period::from_secs(30)));
    assert_eq!(scenario.faults.0[1].fault, Fault::Slow { times: 1.5, above_share: 0.0 });
    assert_eq!(scenario.expect.len(), 15);
    let mut declaration = scenario.declaration.clone();
    scenario.freezes[0].declare(&mut declaration, crate::domain::time::EngineTime::from_millis(0));
    let exceptions = &declaration.freezes[0].exceptions;
    assert_eq!((exceptions[0].until.millis(), declaration.environments[1].returns_at_window_end()), (90_000, true));
    assert!(scenario.expect.iter().any(|expected| expected.what == Expected::DetectedWithin(Period::from_secs(30))));
}

/// The demo, with a check in it.
fn with_board(name: &str) -> Option<Declaration> {
    let check = "\n[check.board]\nurl = \"http://localhost/\"\nwho = \"oncall-storage\"\n";
    crate::engine::spec::read(name, &format!("{}{check}", builtin::spec(name)?)).ok().map(|sound| sound.value)
}

#[test]
fn checks_answer_commits_are_shared_and_requirements_are_expected() {
    let text = "about = \"x\"\nstart = \"14:20\"\ncommits = { \"cart@v10\" = \"7e29210\" }\n\
        [[check]]\nname = \"board\"\npasses_from = \"40s\"\nsilent_from = \"2m\"\n\
        [[expect]]\npush = \"storage\"\nby = \"1m\"\nrequirement = \"board\"\nstate = \"broken\"\n";
    let scenario = read("x", "x.toml", text, with_board).unwrap_or_else(|faults| panic!("{faults:#?}")).value;
    let check = &scenario.checks[0];
    assert_eq!((check.passes_from, check.fails_from), (Some(Period::from_secs(40)), None));
    let cart = scenario.declaration.release(&"cart".into(), &"v10".into()).expect("declared");
    assert_eq!(cart.commit, "7e29210");
    let state = crate::domain::requirement::RequirementState::Broken;
    assert_eq!(scenario.expect[0].what, Expected::Requirement { word: "board".to_owned(), state });
}

#[test]
fn what_is_wrong_with_checks_commits_and_requirements_is_said() {
    let text = "about = \"x\"\nstart = \"14:20\"\ncommits = { \"cart@v11\" = \"7e29210\" }\n\
        [[check]]\nname = \"bored\"\n\
        [[expect]]\npush = \"storage\"\nby = \"1m\"\nrequirement = \"bored\"\nstate = \"open\"\n\
        [[expect]]\npush = \"storage\"\nby = \"1m\"\nstate = \"met\"\n";
    let faults = read("x", "x.toml", text, with_board).expect_err("faults");
    let said: Vec<String> = faults.iter().map(ToString::to_string).collect();
    for expected in [
        "x.toml:3: there is no release \"cart@v11\"",
        "x.toml:4: a check does not say how it answers",
        "x.toml:5: there is no check \"bored\"; did you mean \"board\"?",
        "x.toml:9: there is no requirement \"bored\"; did you mean \"board\"?",
        "x.toml:10: there is no state \"open\"",
        "x.toml:11: a \"expect\" has no \"requirement\"",
    ] {
        assert!(said.iter().any(|fault| fault.starts_with(expected)), "{expected}\nis not among\n{said:#?}");
    }
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
fn one_service_is_taken_back_alone_by_group_name_and_reason() {
    let act = |alone: &str| {
        let text = format!(
            "about = \"x\"\nstart = \"00:00\"\n[[act]]\nat = \"1s\"\nby = \"ana\"\nrollback_alone = {{ group = \"storage\", {alone} }}\n"
        );
        read("x", "x.toml", &text, declared)
    };
    let alone = Act::RollbackAlone { group: "storage".into(), service: "blob".into(), reason: "odd logs".to_owned() };
    let scenario = act("service = \"blob\", reason = \"odd logs\"").unwrap_or_else(|faults| panic!("{faults:#?}")).value;
    assert_eq!(scenario.script.first().map(|act| &act.act), Some(&alone));
    let faults = act("service = \"blub\"").expect_err("faults");
    let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
    assert_eq!(
        faults,
        [
            "x.toml:6: \"rollback_alone\" of a \"act\" has no \"reason\"; add reason = text in quotes",
            "x.toml:6: there is no service of the group \"blub\"; did you mean \"blob\"?"
        ]
    );
}

#[test]
fn draining_halting_and_trying_again_are_scripted_by_group_and_reason() {
    let act = |what: &str| {
        let text = format!("about = \"x\"\nstart = \"00:00\"\n[[act]]\nat = \"1s\"\nby = \"ana\"\n{what}\n");
        read("x", "x.toml", &text, declared)
    };
    let one = |what: &str| {
        let scenario = act(what).unwrap_or_else(|faults| panic!("{faults:#?}")).value;
        scenario.script.first().map(|act| act.act.clone()).expect("an act")
    };
    let (group, reason) = (crate::domain::id::GroupId::new("storage"), "odd logs".to_owned());
    assert_eq!(one("retry = \"storage\""), Act::Retry { group: group.clone() });
    assert_eq!(
        one("halt_rollback = { group = \"storage\", reason = \"odd logs\" }"),
        Act::HaltRollback { group: group.clone(), reason: reason.clone() }
    );
    let drain = |cell: &str| format!("drain = {{ group = \"storage\", cell = \"{cell}\", reason = \"odd logs\" }}");
    assert_eq!(one(&drain("eu")), Act::Drain { group, cell: "eu".into(), reason });
    let cases = [
        (drain("eo"), "x.toml:6: there is no cell \"eo\"; did you mean \"eu\"?"),
        (
            "halt_rollback = { group = \"storage\" }".to_owned(),
            "x.toml:6: \"halt_rollback\" of a \"act\" has no \"reason\"; add reason = text in quotes",
        ),
        ("retry = \"storrage\"".to_owned(), "x.toml:6: there is no group \"storrage\"; did you mean \"storage\"?"),
    ];
    for (what, fault) in cases {
        let faults = act(&what).expect_err("faults");
        assert_eq!(faults.iter().map(ToString::to_string).collect::<Vec<_>>(), [fault]);
    }
}

#[test]
fn what_a_hand_cannot_do_and_what_nobody_can_share_is_a_fault() {
    let hand = |what: &str| format!("[[act]]\nat = \"1s\"\nby = \"ana\"\n{what}\n");
    let cases = [
        (
            hand("by_hand = { service = \"blob\", environment = \"production\", cell = \"ap\", instances = 81, version = \"v1\" }"),
            "81 instances of blob are changed in ap, which has 80; write a number from 1 to 80",
        ),
        (
            hand("by_hand = { service = \"blob\", environment = \"production\", cell = \"lab\", instances = 1, out = true }"),
            "there is no cell \"lab\"",
        ),
        (
            hand("by_hand = { service = \"blob\", environment = \"production\", cell = \"ap\", instances = 1 }"),
            "a change by hand does one thing; write version",
        ),
        (hand("bring_back = \"blob\""), "bring_back is \"blob\"; write a service and its environment"),
        (hand("bring_back = \"blub@production\""), "there is no service \"blub\"; did you mean \"blob\"?"),
        (
            "[[shared_fault]]\nfrom = \"1s\"\nfor = \"1s\"\ncrash = { after = \"1s\" }\n".to_owned(),
            "a fault does not say what goes wrong; write one of errors, slow, tail",
        ),
        (
            "[[fault]]\nservice = \"blob\"\nversion = \"v42\"\nslow = { times = 2, environments = [\"staging\"], cells = [\"eu\"] }\n".to_owned(),
            "there is no cell \"eu\"",
        ),
        ("[[fault]]\nservice = \"blob\"\nversion = \"v42\"\nleak = { per_minute = \"0 %\" }\n".to_owned(), "leaks nothing"),
        ("[[expect]]\npush = \"storage\"\nby = \"1s\"\ntrigger_metric = \"p99.9\"\n".to_owned(), "there is no metric \"p99.9\""),
    ];
    for (text, expected) in cases {
        let text = format!("about = \"x\"\nstart = \"14:20\"\n{text}");
        let faults = read("x", "x.toml", &text, declared).expect_err("a fault");
        assert!(faults.iter().any(|fault| fault.to_string().contains(expected)), "{expected}\nis not among\n{faults:#?}");
    }
}

#[test]
fn a_scenario_may_declare_releases_of_its_own() {
    let with = |release: &str| {
        let act = "[[act]]\nat = \"1s\"\nby = \"ana\"\nfix_forward = { group = \"storage\", versions = { blob = \"v42.1\" } }\n";
        format!(
            "about = \"x\"\nstart = \"14:20\"\n{release}{act}[[expect]]\npush = \"storage\"\nversion = \"v42.1\"\nby = \"1m\"\nstatus = \"held\"\n"
        )
    };
    let release = |service: &str, version: &str| {
        format!("[[release]]\nservice = \"{service}\"\nversion = \"{version}\"\ndigest = \"sha256:1\"\nbased_on = \"v42\"\n")
    };
    let text = with(&release("blob", "v42.1"));
    let scenario = read("x", "x.toml", &text, declared).unwrap_or_else(|faults| panic!("{faults:#?}")).value;
    assert!(scenario.declaration.release(&"blob".into(), &"v42.1".into()).is_some());
    assert!(matches!(&scenario.script[0].act, Act::FixForward { versions, .. } if versions.len() == 1));
    assert_eq!(scenario.expect[0].version, Some("v42.1".into()));
    for (text, expected) in [
        (with(""), "there is no release of blob \"v42.1\""),
        (with(&release("blob", "v42")), "release blob v42 is declared already"),
        (with(&release("blub", "v42.1")), "there is no service \"blub\""),
    ] {
        let faults = read("x", "x.toml", &text, declared).expect_err("a fault");
        assert!(faults.iter().any(|fault| fault.to_string().contains(expected)), "{expected}: {faults:#?}");
    }
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
    let of = |environment: &str| faults.of(&"blob".into(), &environment.into(), None).len();
    assert_eq!((of("production"), of("staging")), (1, 0));
}

#[test]
fn the_statuses_that_can_be_expected_are_those_there_are() {
    let words: Vec<String> = crate::domain::status::Status::ALL.into_iter().map(expectations::status_word).collect();
    for word in ["waiting-approval", "out-of-step", "replaced"] {
        assert!(words.contains(&word.to_owned()), "{words:?}");
    }
}

#[test]
fn each_fault_of_a_freeze_is_named() {
    let text = "about = \"x\"\nstart = \"14:20\"\n[[freeze]]\nname = \"f\"\nfrom = \"2m\"\nuntil = \"1m\"\nenvironments = [\"prod\"]\n\
        exceptions = [{ group = \"storrage\", by = \"anna\", until = \"1m\", reason = \"r\" }]\n\
        [[expect]]\npush = \"storage\"\nby = \"1m\"\nrequirement = { kind = \"window\", state = \"umnet\" }\n[[expect]]\npush = \"storage\"\n\
        by = \"1m\"\ndecision = \"windows\"\n";
    let faults = read("x", "x.toml", text, declared).expect_err("faults");
    let lines: Vec<usize> = faults.iter().map(|fault| fault.line).collect();
    assert_eq!(lines, [3, 6, 7, 8, 8, 12, 16], "{faults:#?}");
}
