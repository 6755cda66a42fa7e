use super::*;
use crate::domain::drift::DriftRule;
use crate::domain::stage::Scope;
use crate::domain::time::Period;

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
fn drift_is_left_to_a_person_where_mistakes_hurt_and_put_right_elsewhere_unless_the_spec_says_otherwise() {
    let rules = |text: &str| {
        let declared = read("fleet.toml", text).expect("a sound spec").value;
        declared.environments.iter().map(|environment| environment.drift).collect::<Vec<_>>()
    };
    assert_eq!(rules(&small("")), [DriftRule::Correct, DriftRule::Hold]);
    let other = small("").replace("protected = true", "protected = true\ndrift = \"correct\"");
    assert_eq!(
        rules(&other.replace("name = \"staging\"\n", "name = \"staging\"\ndrift = \"hold\"\n")),
        [DriftRule::Hold, DriftRule::Correct]
    );
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
        (small("[plan.standard]\nevidence = { rule_out = [2, 2] }\n"), "has 2 numbers in rule_out"),
        (small("[plan.standard]\nevidence = { rule_out = [5, 3, 1, 1.5, 1.5] }\n"), "rule_out is 1"),
        (
            small("[plan.standard]\nevidence = { by = [\"1m\", \"3h\", \"3h\", \"12h\", \"36h\"] }\n"),
            "a person is to decide after 1 min, and the stage bakes for 10 min",
        ),
        (
            small(
                "[plan.own]\n[[plan.own.leg]]\nenvironment = \"production\"\nkeep = \"1m\"\nstages = [{ warm = true, bake = \"1s\", evidence = { by = \"1m\" } }, { share = \"100 %\", bake = \"1s\" }]\n",
            ),
            "a warm stage asks for evidence",
        ),
        (small("[plan.standard]\nemergency_bake = \"0 %\"\n"), "leaves 0 % of its clocks in an emergency"),
        (small("[plan.standard]\nemergency_bake = \"quarter\"\n"), "no share between 0 % and 100 %"),
        (
            small("").replace("name = \"staging\"\n", "name = \"staging\"\nwaive_alone_up_to = \"10 %\"\n"),
            "environment \"staging\" has waive_alone_up_to and is not protected",
        ),
        (
            small("").replace("protected = true", "protected = true\ndrift = \"holds\""),
            "fleet.toml:10: drift is \"holds\"; did you mean \"hold\"?",
        ),
        (
            small("").replace("protected = true", "protected = true\ndrift = \"ignore\""),
            "write \"correct\" (put right at once) or \"hold\"",
        ),
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

/// A sound check, and after it a plan whose only stage names these.
fn with_check(named: &str) -> String {
    small(&format!(
        "[check.board]\nurl = \"https://changes.example/1\"\nevery = \"20s\"\ntimeout = \"3s\"\nwho = \"oncall\"\n\
         [plan.own]\n[[plan.own.leg]]\nenvironment = \"production\"\nstages = [{{ share = \"100 %\", bake = \"1s\", checks = [{named}] }}]\n"
    ))
}

#[test]
fn checks_and_alone_are_read() {
    let text = with_check("\"board\"").replace(
        "who = \"oncall\"",
        "who = \"oncall\"\ntext = \"warm the caches\"\nexpect = { pointer = \"/state\", value = \"done\" }",
    );
    let text = format!("{text}[plan.standard]\nalone = true\nchecks.production = [\"board\"]\n");
    let declared = read("fleet.toml", &text).unwrap_or_else(|faults| panic!("{faults:#?}")).value;
    let check = &declared.checks[&"board".into()];
    assert_eq!((check.every, check.timeout), (Period::from_secs(20), Period::from_secs(3)));
    assert_eq!(check.kind().word(), "board");
    assert_eq!(check.text.as_deref(), Some("warm the caches"));
    assert_eq!(check.expect.as_ref().map(|expect| expect.value.as_str()), Some("done"));
    assert_eq!(declared.plans["own"].legs[0].stages[0].checks, ["board".into()]);
    let legs = &declared.plans["standard"].legs;
    let alone: Vec<bool> = legs.iter().flat_map(|leg| &leg.stages).map(|stage| stage.alone).collect();
    assert_eq!(alone, [false, true, true, true, true, true]);
    let asked: Vec<usize> = legs.iter().flat_map(|leg| &leg.stages).map(|stage| stage.checks.len()).collect();
    assert_eq!(asked, [0, 1, 0, 0, 0, 0]);
}

#[test]
fn each_fault_of_a_check_is_named() {
    let sound = || with_check("\"board\"");
    let cases = [
        (with_check("\"bord\""), "there is no check \"bord\"; did you mean \"board\"?"),
        (with_check("\"board\", \"board\""), "names the check \"board\" twice; name it once"),
        (
            sound().replace("https://changes.example/1", "ftp://changes"),
            "the url of check \"board\" is \"ftp://changes\"; write an http or https address",
        ),
        (sound().replace("https://changes.example/1", "https:// x"), "write an http or https address"),
        (sound().replace("\"20s\"", "\"0s\""), "\"every\" in check \"board\" is no time at all; write a length of time above 0"),
        (sound().replace("\"3s\"", "\"0s\""), "\"timeout\" in check \"board\" is no time at all"),
        (
            sound().replace("who = \"oncall\"", "who = \"nobody\""),
            "can be cleared by nobody, whom no people are; name a role that somebody in [people] has",
        ),
        (sound().replace("who = \"oncall\"\n", ""), "check \"board\" has no \"who\""),
        (
            sound().replace("[check.board]", "[check.bake]"),
            "a check is called \"bake\", which is what the engine calls a requirement of its own; give it another name",
        ),
        (
            sound().replace("who = \"oncall\"", "who = \"oncall\"\nexpect = { pointer = \"state\", value = \"x\" }"),
            "is no JSON pointer; begin it with a slash",
        ),
        (sound().replace("every =", "evry ="), "unknown key \"evry\"; did you mean \"every\"?"),
        (format!("{}[plan.standard]\nchecks.prod = [\"board\"]\n", sound()), "there is no environment \"prod\""),
    ];
    for (text, expected) in cases {
        let found = faults(&text);
        assert!(found.iter().any(|fault| fault.contains(expected)), "{expected}\nis not among\n{found:#?}");
    }
}

#[test]
fn how_far_one_person_and_an_emergency_go_is_declared() {
    let text = small("[plan.standard]\nemergency_bake = \"10 %\"\n");
    let text = text.replace("protected = true\n", "protected = true\nwaive_alone_up_to = \"5 %\"\n");
    let declared = read("fleet.toml", &text).expect("a sound spec").value;
    assert_eq!(declared.plans["standard"].emergency_bake.to_string(), "10 %");
    assert_eq!(declared.environments[1].waive_alone_up_to.to_string(), "5 %");
    let silent = read("fleet.toml", &small("")).expect("a sound spec").value;
    assert_eq!(silent.plans["standard"].emergency_bake.to_string(), "25 %");
    assert_eq!(silent.environments[1].waive_alone_up_to.to_string(), "1 %");
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

const WINDOW: &str = "window = { zone = \"Europe/Berlin\", days = [\"mon\", \"fri\"], from = \"09:00\", to = \"16:00\" }\n";
const FREEZE: &str = "[[freeze]]\nname = \"quarter-end\"\nfrom = 2026-12-28T16:00:00+01:00\nuntil = 2027-01-04T09:00:00+01:00\n\
    environments = [\"production\"]\n\
    exceptions = [{ group = \"web\", by = \"ana\", until = 2026-12-29T12:00:00Z, reason = \"a fix\" }]\n";

/// The small spec with a window in production, said to hold, and a freeze.
fn closing() -> String {
    small(FREEZE).replace("protected = true\n", &format!("protected = true\nat_window_end = \"hold\"\n{WINDOW}"))
}

#[test]
fn windows_and_freezes_are_read() {
    let declared = read("fleet.toml", &closing()).unwrap_or_else(|faults| panic!("{faults:#?}")).value;
    let production = &declared.environments[1];
    let window = production.window.as_ref().expect("a window");
    assert_eq!((window.zone.name(), window.days.len(), window.to.to_string().as_str()), ("Europe/Berlin", 2, "16:00"));
    assert!(!production.returns_at_window_end() && declared.environments[0].window.is_none());
    let freeze = &declared.freezes[0];
    let end = jiff::civil::date(2027, 1, 4).at(8, 0, 0, 0).to_zoned(jiff::tz::TimeZone::UTC).expect("a time");
    assert_eq!(freeze.until.millis(), end.timestamp().as_millisecond());
    assert!(freeze.binds_from(Some(&"web".into())) > freeze.from && freeze.binds_from(None) == freeze.from);
}

#[test]
fn each_fault_of_a_window_or_freeze_is_named() {
    let cases = [
        (closing().replace("Europe/Berlin", "Europe/Berlim"), "there is no time zone \"Europe/Berlim\""),
        (closing().replace("\"fri\"", "\"fir\""), "there is no day \"fir\"; known are: mon, tue"),
        (closing().replace("[\"mon\", \"fri\"]", "[]"), "is empty"),
        (closing().replace("\"16:00\"", "\"08:00\""), "the window is from 09:00 to 08:00; let it end after it begins"),
        (closing().replace("\"16:00\"", "\"4 pm\""), "is \"4 pm\"; write a time of day such as \"09:00\""),
        (closing().replace("zone = ", "zoen = "), "unknown key \"zoen\""),
        (closing().replace("= \"hold\"", "= \"stay\""), "at_window_end is \"stay\"; write \"hold\" or \"return\""),
        (
            closing().replace("at_window_end = \"hold\"\n", ""),
            "environment \"production\" is protected and has a window, and does not say what becomes of a push that is half way when it \
             closes; add at_window_end = \"hold\" (it stays, and goes on by itself when it opens) or \"return\" (it goes back)",
        ),
        (small(FREEZE), "environment \"production\" is protected and is named by freeze \"quarter-end\""),
        (
            closing().replace("environments = [\"production\"]", "environments = [\"prodution\"]"),
            "there is no environment \"prodution\"",
        ),
        (closing().replace("2027-01-04", "2026-01-04"), "freeze \"quarter-end\" ends before it begins"),
        (closing().replace("2027-01-04T09:00:00+01:00", "2027-01-04"), "write a date and time with its zone"),
        (closing().replace("group = \"web\"", "group = \"wbe\""), "there is no group \"wbe\""),
        (closing().replace("by = \"ana\"", "by = \"anna\""), "there is no person \"anna\""),
        (closing().replace(", reason = \"a fix\"", ""), "has no \"reason\""),
        (format!("{}{FREEZE}", closing()), "freeze \"quarter-end\" is declared twice"),
    ];
    for (text, expected) in cases {
        let found = faults(&text);
        assert!(found.iter().any(|fault| fault.contains(expected)), "{expected}\nis not among\n{found:#?}");
    }
}

/// A second service of the group, and a release of the first that says these things of itself.
fn with_sibling(says: &str) -> String {
    let extra = format!(
        "[[release]]\nservice = \"site\"\nversion = \"v2\"\ndigest = \"sha256:2\"\n{says}\n\
         [[release]]\nservice = \"data\"\nversion = \"v1\"\ndigest = \"sha256:3\"\n\
         [[service]]\nname = \"data\"\nrunning = \"v1\"\nrps_per_instance = 10\ndrain = \"2s\"\ninstall = \"5s\"\n\
         slo = {{ availability = \"99.9 %\" }}\nin.staging = {{ instances = 1, peak_rps = 1 }}\n\
         in.production = {{ instances = {{ ap = 2, eu = 3 }}, peak_rps = 20 }}\n"
    );
    small(&extra).replace("services = [\"site\"]", "services = [\"site\", \"data\"]")
}

fn what_is_wrong(says: &str) -> Vec<String> {
    faults(&with_sibling(says)).iter().map(|fault| fault.split_once(": ").map_or("", |(_, said)| said).to_owned()).collect()
}

#[test]
fn a_release_says_beside_what_it_was_tested() {
    let sound =
        read("fleet.toml", &with_sibling("works_with = { data = [\"v1\"] }")).unwrap_or_else(|faults| panic!("{faults:#?}"));
    let release = sound.value.release(&"site".into(), &"v2".into()).expect("the release").clone();
    assert_eq!(release.works_with.get(&"data".into()), Some(&vec!["v1".into()]));
    assert_eq!(what_is_wrong("works_with = { dta = [\"v1\"] }"), ["there is no sibling \"dta\"; did you mean \"data\"?"]);
    assert_eq!(what_is_wrong("works_with = { data = [\"v7\"] }"), ["there is no release of data \"v7\"; did you mean \"v1\"?"]);
    assert_eq!(
        what_is_wrong("works_with = { data = [] }"),
        ["works_with names no version of \"data\"; name those it was tested beside, or leave the sibling out"]
    );
}

#[test]
fn a_release_says_what_it_changes_besides_programs_and_who_let_it_through() {
    let says = "author = \"ana\"\napprovers = [\"raj\", \"mia\"]\nconfig = \"time-out 1.5 s\"\nmigration = \"format 7\"";
    let sound = read("fleet.toml", &with_sibling(says)).unwrap_or_else(|faults| panic!("{faults:#?}"));
    let release = sound.value.release(&"site".into(), &"v2".into()).expect("the release").clone();
    assert!(release.told().ends_with("config: time-out 1.5 s; migration: format 7"), "{}", release.told());
    assert_eq!(release.people_of(), "by ana, approved by raj, mia");
    assert_eq!(what_is_wrong("config = \" \""), ["\"config\" in a \"release\" is empty; write text in quotes"]);
    assert_eq!(
        what_is_wrong("author = \"ana\"\napprovers = [\"ana\"]"),
        ["ana is author and approver of a release; name somebody else who looked at it, or leave approvers out"]
    );
    let wrong = what_is_wrong("migration = true");
    assert!(wrong.len() == 1 && wrong[0].contains("\"migration\""), "{wrong:?}");
}

#[test]
fn a_one_way_door_says_from_where_on_and_what_to_do_instead() {
    let says = "one_way = true\none_way_from = \"10 %\"\ninstead = \"fix forward\"";
    let sound = read("fleet.toml", &with_sibling(says)).unwrap_or_else(|faults| panic!("{faults:#?}"));
    let one_way = sound.value.release(&"site".into(), &"v2".into()).and_then(|release| release.one_way.clone()).expect("a door");
    assert_eq!((one_way.from.as_deref(), one_way.instead.as_str()), (Some("10 %"), "fix forward"));
    assert_eq!(
        what_is_wrong("one_way = true"),
        [
            "a \"release\" has no \"instead\"; add instead = \"fix forward; see runbook …\", since nobody can go back past a one-way release"
        ]
    );
    assert_eq!(
        what_is_wrong("one_way_from = \"10 %\""),
        ["a \"release\" has \"one_way_from\" and is not one-way; add one_way = true, or leave it out"]
    );
    let wrong = what_is_wrong("one_way = true\none_way_from = \"11 %\"\ninstead = \"fix forward\"");
    assert!(wrong.len() == 1 && wrong[0].starts_with("there is no stage \"11 %\"; did you mean"), "{wrong:?}");
}

#[test]
fn people_are_called_by_a_program_or_a_signed_webhook_and_by_nothing_that_cannot_work() {
    let declared = |extra: &str| read("fleet.toml", &small(extra)).expect("a sound spec").value.notify;
    assert_eq!(declared(""), None);
    let both = declared("[notify]\ncommand = [\"page\", \"-x\"]\nwebhook = { url = \"https://pager/x\", secret_env = \"KEY\" }\n");
    let both = both.expect("how people are called");
    assert_eq!(both.command.expect("a command"), ["page", "-x"]);
    assert_eq!(both.webhook.expect("a webhook").secret_env, "KEY");
    for (extra, expected) in [
        ("[notify]\n", "\"notify\" of the document has no \"command\"; add command = [\"page\","),
        ("[notify]\ncommand = []\n", "the command of notify is empty"),
        ("[notify]\nwebhook = { url = \"ftp://x\", secret_env = \"KEY\" }\n", "write an http or https address"),
        ("[notify]\nwebhook = { url = \"https://x\" }\n", "has no \"secret_env\""),
        ("[notify]\nwebhook = { url = \"https://x\", secret_env = \"s3 cret!\" }\n", "never the secret itself"),
        ("[notify]\ncommand = [\"page\"]\ncomand = 1\n", "unknown key \"comand\""),
    ] {
        let found = faults(&small(extra));
        assert!(found.len() == 1 && found[0].contains(expected), "{expected}\nis not\n{found:#?}");
    }
}

#[test]
fn a_blue_green_leg_warms_green_first_and_says_how_long_blue_is_kept() {
    let spec = |rest: &str| {
        let leg = format!("[[plan.standard.leg]]\nenvironment = \"production\"\n{rest}\n");
        small(&format!(
            "{leg}[[plan.standard.leg]]\nenvironment = \"staging\"\nstages = [{{ share = \"100 %\", bake = \"1m\" }}]\n"
        ))
    };
    let all = "{ share = \"100 %\", bake = \"1m\" }";
    let warm = "{ warm = true, bake = \"1m\" }";
    let sound =
        read("fleet.toml", &spec(&format!("keep = \"30m\"\nstages = [{warm}, {{ share = \"10 %\", bake = \"1m\" }}, {all}]")));
    let declared = sound.unwrap_or_else(|faults| panic!("{faults:#?}")).value;
    let leg = declared.plans["standard"].legs.iter().find(|leg| leg.environment.as_str() == "production").expect("the leg");
    assert_eq!((leg.keep, leg.stages[0].scope), (Some(Period::from_mins(30)), Scope::Warm));
    assert_eq!(leg.stages[0].name, "warm");
    let service = declared.service(&"site".into()).expect("the service");
    assert!(declared.has_two_sides(service, &"production".into()) && !declared.has_two_sides(service, &"staging".into()));
    for (rest, expected) in [
        (format!("stages = [{warm}, {all}]"), "does not say how long blue is kept; write keep = \"30m\""),
        (format!("keep = \"30m\"\nstages = [{all}]"), "a leg keeps blue and warms no green; put { warm = true"),
        (format!("keep = \"0s\"\nstages = [{warm}, {all}]"), "keep is 0: blue would be gone at once"),
        (format!("keep = \"soon\"\nstages = [{warm}, {all}]"), "soon"),
        (
            format!("keep = \"30m\"\nstages = [{warm}, {{ share = \"50 %\", bake = \"1m\" }}]"),
            "a blue/green leg ends with green at 50 %; end its stages with share = \"100 %\"",
        ),
        (format!("keep = \"30m\"\nstages = [{warm}]"), "a blue/green leg ends with green at no traffic at all"),
        (format!("keep = \"30m\"\nstages = [{warm}, {warm}, {all}]"), "green is warmed after another stage; put { warm = true"),
        (
            format!("keep = \"30m\"\nstages = [{{ warm = true, share = \"10 %\", bake = \"1m\" }}, {all}]"),
            "a stage has both warm and share; leave out one of them",
        ),
        (
            format!("keep = \"30m\"\nstages = [{{ warm = true, one_box = true, bake = \"1m\" }}, {all}]"),
            "a stage has both warm and one_box",
        ),
        (
            format!("keep = \"30m\"\nstages = [{{ warm = true, waves = true, bake = \"1m\" }}, {all}]"),
            "a stage has both warm and waves",
        ),
    ] {
        let found = faults(&spec(&rest));
        assert!(
            found.len() == 1 && found[0].contains(expected) && found[0].contains("fleet.toml"),
            "{expected}\nis not\n{found:#?}"
        );
    }
}

#[test]
fn the_blue_green_spec_is_without_fault() {
    let sound = read("blue-green.toml", include_str!("../../../fixtures/specs/blue-green.toml"));
    assert_eq!(sound.unwrap_or_else(|faults| panic!("{faults:#?}")).warnings, []);
}

#[test]
fn logs_are_read_and_may_be_said_once_for_all() {
    use crate::domain::logs::{LogSource, Logs};
    let logs = |text: &str| read("fleet.toml", text).unwrap_or_else(|faults| panic!("{faults:#?}")).value.services[0].logs.clone();
    assert_eq!(logs(&small("")), None);
    let file = "file = \"/var/log/{environment}/{cell}-{instance}.log\"";
    let from = LogSource::File("/var/log/{environment}/{cell}-{instance}.log".to_owned());
    let own = small("").replace("drain = \"2s\"", &format!("drain = \"2s\"\nlogs = {{ {file}, error = [\"Oops\"] }}"));
    assert_eq!(logs(&own), Some(Logs { from: from.clone(), error: vec!["Oops".to_owned()] }));
    assert_eq!(logs(&small(&format!("[defaults.logs]\n{file}\n"))), Some(Logs { from, error: Vec::new() }));
    let command = small("[defaults.logs]\ncommand = [\"journalctl\", \"--quiet\"]\n");
    assert_eq!(logs(&command).map(|logs| logs.from), Some(LogSource::Command(vec!["journalctl".to_owned(), "--quiet".to_owned()])));
    assert_eq!(
        logs(&small("[defaults.logs]\ncell = \"/logs\"\n")).map(|logs| logs.from),
        Some(LogSource::Cell("/logs".to_owned()))
    );
}

#[test]
fn each_fault_of_logs_is_named_with_what_would_be_right() {
    for (logs, expected) in [
        (
            "",
            "fleet.toml:28: \"logs\" of \"defaults\" of the document has no \"file\"; add file = \"/var/log/{service}/{cell}-{instance}.log\", or command = [\"…\"], or cell = \"/logs\"",
        ),
        ("flie = \"/x\"", "has an unknown key \"flie\"; did you mean \"file\"?"),
        ("cell = \"/logs\"\ncommand = [\"x\"]", "has both \"command\" and \"cell\"; its lines are read in one place"),
        ("command = []", "is empty; write the program first, then its arguments"),
        ("cell = \"logs\"", "fleet.toml:29: the path \"logs\" does not begin with a slash; write it in full, such as \"/logs\""),
        (
            "file = \"/var/{servise}-{instance}\"",
            "fleet.toml:29: the path \"/var/{servise}-{instance}\" has an unknown {servise}; did you mean {service}?",
        ),
        (
            "file = \"/var/{environment}/{instance}\"",
            "two instances of service \"site\" would be read from one file, /var/production/0; put {cell} or {service} into its path",
        ),
        ("cell = \"/logs\"\nerror = []", "fleet.toml:30: \"error\" in \"logs\" of"),
        ("cell = \"/logs\"\nerror = [\" \"]", "has no word in it; write words such as [\"ERROR\", \"FATAL\"]"),
    ] {
        let found = faults(&small(&format!("[defaults.logs]\n{logs}\n")));
        assert!(found.iter().any(|fault| fault.contains(expected)), "{expected}\nis not among\n{found:#?}");
    }
}

/// What the stages of production are held to: so many times as bad, and by when, in minutes.
fn evidence_of(text: &str, plan: &str) -> Vec<Option<(f64, i64)>> {
    let found = read("fleet.toml", text).unwrap().value;
    let stages = found.plans[plan].legs.iter().find(|leg| leg.environment.as_str() == "production").unwrap();
    let told = |rule: &crate::domain::stage::EvidenceRule| (rule.rule_out.as_f64(), rule.by.secs() / 60);
    stages.stages.iter().map(|stage| stage.evidence.as_ref().map(told)).collect()
}

#[test]
fn every_stage_asks_for_evidence_unless_it_is_switched_off() {
    let usual = [(5.0, 30), (3.0, 180), (1.5, 180), (1.5, 720), (1.5, 2_160)].map(Some);
    assert_eq!(evidence_of(&small(""), "standard"), usual);
    let own = "[plan.standard]\nevidence = { rule_out = [9, 3, 1.5, 1.5, 1.5] }\n";
    assert_eq!(evidence_of(&small(own), "standard").first(), Some(&Some((9.0, 30))));
    assert_eq!(evidence_of(&small("[plan.standard]\nevidence = false\n"), "standard"), [None; 5]);
    let written = "[plan.own]\nevidence = false\n[[plan.own.leg]]\nenvironment = \"production\"\nstages = [{ share = \"10 %\", bake = \"1m\" }, \
                   { share = \"100 %\", bake = \"1m\", evidence = { rule_out = 4, by = \"1h\" } }]\n";
    assert_eq!(evidence_of(&small(written), "own"), [None, Some((4.0, 60))]);
}
