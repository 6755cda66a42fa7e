use crate::domain::journey::{Header, Journey, Kept, Method};
use crate::domain::time::Period;
use crate::engine::spec::read;

/// Twenty-one lines, and `extra` after them.
fn spec(thresholds: &str, extra: &str) -> String {
    format!(
        r#"[people]
ana = ["oncall"]
[[environment]]
name = "production"
cells = [{{ name = "ap", users = 10 }}, {{ name = "eu", users = 10 }}]
[[group]]
name = "shop"
services = ["front"]
owners = "oncall"
[[service]]
name = "front"
running = "v1"
rps_per_instance = 10
drain = "2s"
install = "5s"
slo = {{ availability = "99.9 %" }}
in.production = {{ instances = {{ ap = 2, eu = 3 }}, peak_rps = 20 }}
{thresholds}
[[release]]
service = "front"
version = "v1"
digest = "sha256:1"
{extra}"#
    )
}

/// A journey with these lines instead of those of the same keys.
fn journey(instead: &[(&str, &str)], steps: &str) -> String {
    let lines = [
        ("name", r#"name = "buy""#),
        ("group", r#"group = "shop""#),
        ("environment", r#"environment = "production""#),
        ("cells", r#"cells = { eu = "https://eu.shop.example" }"#),
    ];
    let known = lines.into_iter().map(|(key, line)| instead.iter().find(|(other, _)| *other == key).map_or(line, |(_, line)| line));
    let more = instead.iter().filter(|(key, _)| lines.iter().all(|(known, _)| known != key)).map(|(_, line)| *line);
    let lines: Vec<&str> = known.chain(more).collect();
    format!("[[journey]]\n{}\n{steps}", lines.join("\n"))
}

const STEP: &str = "[[journey.step]]\nurl = \"/\"\n";

fn sound(text: &str) -> Vec<Journey> {
    read("fleet.toml", &spec("", text)).unwrap_or_else(|faults| panic!("{faults:#?}")).value.journeys
}

/// The one fault there is, without its file.
fn fault(text: &str) -> String {
    let faults = read("fleet.toml", &spec("", text)).expect_err("a fault");
    let found: Vec<_> = faults.iter().map(|fault| fault.to_string().replace("fleet.toml:", "")).collect();
    assert_eq!(found.len(), 1, "{found:#?}");
    found[0].clone()
}

#[test]
fn a_journey_is_read_whole() {
    let steps = r#"
[[journey.step]]
name = "sign in"
method = "POST"
url = "/login"
headers = { Content-Type = "application/x-www-form-urlencoded" }
body = "user=probe&password=${password}"
expect = { status = 302 }

[[journey.step]]
url = "/basket?new=1"
expect = { text = "Your basket" }
keep = { basket = "/basket/id", csrf = { after = 'value="', before = '"' } }

[[journey.step]]
url = "https://pay.example/${basket}"
"#;
    let more = [
        ("every", "every = \"30s\"\ntimeout = \"2s\"\nwithin = \"3s\""),
        ("headers", "headers = { Authorization = \"Bearer ${token}\" }"),
        ("secrets", "secrets = { token = \"SHOP_TOKEN\", password = \"SHOP_PASSWORD\" }"),
    ];
    let found = sound(&journey(&more, steps)).remove(0);
    assert_eq!((found.name.as_str(), found.group.as_str(), found.environment.as_str()), ("buy", "shop", "production"));
    assert_eq!(
        found.cells.iter().map(|(cell, address)| format!("{cell} {address}")).collect::<Vec<_>>(),
        ["eu https://eu.shop.example"]
    );
    assert_eq!(
        (found.every, found.timeout, found.within),
        (Period::from_secs(30), Period::from_secs(2), Some(Period::from_secs(3)))
    );
    assert_eq!((found.longest(), found.counts_for()), (Period::from_secs(6), Period::from_secs(96)));
    assert_eq!(found.headers, [Header { name: "Authorization".into(), value: "Bearer ${token}".into() }]);
    let names: Vec<_> = found.steps.iter().map(|step| (step.name.as_str(), step.method, step.status)).collect();
    let get = Method::Get;
    assert_eq!(
        names,
        [("sign in", Method::Post, Some(302)), ("GET /basket", get, None), ("GET https://pay.example/${basket}", get, None)]
    );
    assert_eq!(found.steps[1].text.as_deref(), Some("Your basket"));
    assert_eq!(found.steps[1].keep["basket"], Kept::Pointer("/basket/id".into()));
    assert_eq!(found.steps[1].keep["csrf"], Kept::Between { after: "value=\"".into(), before: "\"".into() });
}

#[test]
fn one_address_is_that_of_every_cell_and_what_is_not_said_has_its_usual_length() {
    let found = sound(&journey(&[("cells", "address = \"http://shop.example:8080/app/\"")], STEP)).remove(0);
    let cells: Vec<_> = found.cells.iter().map(|(cell, address)| (cell.as_str(), address.as_str())).collect();
    assert_eq!(cells, [("ap", "http://shop.example:8080/app"), ("eu", "http://shop.example:8080/app")]);
    assert_eq!((found.every, found.timeout, found.within), (Period::from_secs(10), Period::from_secs(5), None));
}

#[test]
fn each_fault_of_a_journey_is_named_with_what_would_be_right() {
    let with = |key, line| fault(&journey(&[(key, line)], STEP));
    for (key, line, said) in [
        ("group", "group = \"shpo\"", "25: there is no group \"shpo\"; did you mean \"shop\"?"),
        ("environment", "environment = \"prod\"", "26: there is no environment \"prod\"; known are: production"),
        ("cells", "cells = { us = \"https://shop.example\" }", "27: there is no cell \"us\"; known are: ap, eu"),
        (
            "cells",
            "",
            "23: journey \"buy\" has no \"cells\"; add cells = { eu = \"https://eu.shop.example\" }, or address = \"https://…\" for all of them",
        ),
        (
            "address",
            "address = \"https://shop.example\"",
            "23: journey \"buy\" has both \"address\" and \"cells\"; leave one of them out: an address is that of every cell",
        ),
        (
            "cells",
            "cells = { eu = \"ftp://shop.example\" }",
            "27: the address \"eu\" in \"cells\" of journey \"buy\" is no http or https address; write one such as \"https://eu.shop.example\"",
        ),
        (
            "cells",
            "cells = { eu = \"https://lena:hunter2@shop.example\" }",
            "27: the address \"eu\" in \"cells\" of journey \"buy\" holds a user or a password; write a header instead, with its value from an \
             environment variable: addresses are shown and written down",
        ),
        (
            "cells",
            "cells = { eu = \"http://169.254.169.254\" }",
            "27: the address \"eu\" in \"cells\" of journey \"buy\" leads to a link-local address; write an address that users reach",
        ),
        (
            "cells",
            "cells = { eu = \"http://[fe80::1]:80\" }",
            "27: the address \"eu\" in \"cells\" of journey \"buy\" leads to a link-local address; write an address that users reach",
        ),
        ("every", "every = \"0s\"", "28: \"every\" in journey \"buy\" is no time at all; write a length of time above 0"),
        (
            "timeout",
            "timeout = \"2m\"",
            "28: \"timeout\" in journey \"buy\" is 2 min; write \"60s\" at most: what hangs longer keeps others from being tried",
        ),
        (
            "secrets",
            "secrets = { token = \"s3cr3t-t0ken\" }",
            "28: \"token\" in \"secrets\" of journey \"buy\" names no environment variable; write the variable's name, such as SHOP_TOKEN, never the \
             secret itself",
        ),
        (
            "headers",
            "headers = { Authorization = \"Bearer hunter2\" }",
            "28: \"Authorization\" in \"headers\" of journey \"buy\" is written out, and would stand in every recording; write secrets = { token = \
             \"SHOP_TOKEN\" } in the journey, and ${token} here",
        ),
        (
            "headers",
            "headers = { X = \"${tokn}\" }\nsecrets = { token = \"T\" }",
            "28: ${tokn} in header \"X\" of journey \"buy\" stands for nothing; did you mean ${token}?",
        ),
        (
            "headers",
            "headers = { Cookie = \"a=1\" }",
            "28: \"headers\" of journey \"buy\" sets \"Cookie\"; leave it out: it is set as it has to be, and cookies are kept from one step to the next",
        ),
        (
            "headers",
            "headers = { \"a b\" = \"1\" }",
            "28: \"a b\" in \"headers\" of journey \"buy\" is no name of a header; write letters, digits and hyphens",
        ),
        ("evry", "evry = \"5s\"", "28: journey \"buy\" has an unknown key \"evry\"; did you mean \"every\"?"),
    ] {
        assert_eq!(with(key, line), said);
    }
    let twice = fault(&format!("{0}{0}", journey(&[], STEP)));
    assert_eq!(twice, "31: journey \"buy\" is declared twice (first at line 24); give one of them another name");
    let none = fault(&journey(&[], ""));
    assert_eq!(none, "23: journey \"buy\" has no \"step\"; add step = at least one [[journey.step]] with its url");
    assert!(!with("headers", "headers = { Authorization = \"Bearer hunter2\" }").contains("hunter2"));
}

#[test]
fn each_fault_of_a_step_is_named_with_what_would_be_right() {
    let with = |lines: &str| {
        fault(&journey(&[("secrets", "secrets = { token = \"SHOP_TOKEN\" }")], &format!("[[journey.step]]\n{lines}\n")))
    };
    for (lines, said) in [
        ("name = \"home\"", "29: step 1 of journey \"buy\" has no \"url\"; add url = text in quotes"),
        (
            "url = \"shop\"",
            "30: the url of step 1 of journey \"buy\" is neither a path nor an address; write a path such as \"/login\", or a whole https address",
        ),
        (
            "url = \"//shop\"",
            "30: the url of step 1 of journey \"buy\" begins with two slashes; begin a path with one, or write the whole address",
        ),
        (
            "url = \"/?t=${token}\"",
            "30: the url of step 1 of journey \"buy\" holds a secret; send it in a header or in the body: addresses are written into logs on the way",
        ),
        (
            "url = \"https://${host}/\"",
            "30: the url of step 1 of journey \"buy\" has a host that is not written out; write the host; what was kept may stand behind the next slash",
        ),
        (
            "url = \"/${id}\"",
            "30: ${id} in the url of step 1 of journey \"buy\" stands for nothing; write it under \"secrets\" of the journey, or under \"keep\" of an \
             earlier step",
        ),
        ("url = \"/\"\nmethod = \"PSOT\"", "31: the method of step 1 of journey \"buy\" is \"PSOT\"; did you mean \"POST\"?"),
        (
            "url = \"/\"\nexpect = { status = 99 }",
            "31: the status in \"expect\" of step 1 of journey \"buy\" is 99; write one between 200 and 599",
        ),
        (
            "url = \"/\"\nkeep = { id = \"order.id\" }",
            "31: \"id\" in \"keep\" of step 1 of journey \"buy\" is no JSON pointer; begin it with a slash, such as \"/order/id\", or write { after = \"…\", \
             before = \"…\" }",
        ),
        (
            "url = \"/\"\nkeep = { token = \"/t\" }",
            "31: step 1 of journey \"buy\" keeps \"token\", which is the name of a secret; give it another name",
        ),
        (
            "url = \"/\"\nmethod = \"HEAD\"\nexpect = { text = \"x\" }",
            "29: step 1 of journey \"buy\" asks by HEAD, whose answer has no body, and has \"text\"; ask by GET",
        ),
    ] {
        assert_eq!(with(lines), said);
    }
    let elsewhere =
        journey(&[("headers", "headers = { Accept = \"text/html\" }")], "[[journey.step]]\nurl = \"https://other.example/\"\n");
    assert_eq!(
        fault(&elsewhere),
        "23: journey \"buy\" has headers, and none of its steps goes to a cell's own address; write them in the steps: no header goes to an \
         origin it was not written for"
    );
}

#[test]
fn a_limit_that_too_few_journeys_are_tried_for_is_a_warning() {
    let limit = "thresholds.journey_p90 = { limit = \"800ms\", for = \"30s\" }";
    let warned = |every: &str| {
        let text = spec(limit, &journey(&[("every", every)], STEP));
        let sound = read("fleet.toml", &text).unwrap_or_else(|faults| panic!("{faults:#?}"));
        sound.warnings.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(warned("every = \"10s\""), [""; 0]);
    assert_eq!(
        warned("every = \"60s\""),
        [
            "fleet.toml:24: journey \"buy\" is held to a limit on journey p90 that can never be judged: it takes 29 journeys in 10 min, and 10 are tried; \
          try it more often, or judge the limit over a longer time or from fewer"
        ]
    );
    let long = warned("every = \"10s\"\nwithin = \"9s\"");
    assert!(long.len() == 1 && long[0].contains("its timeout ends each of its steps after 5 s anyway"), "{long:?}");
}
