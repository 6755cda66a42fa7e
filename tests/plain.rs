//! Announced lines, through a pipe: no terminal, no escapes, nothing said twice, and an end.
#![expect(clippy::unwrap_used, reason = "a broken test set-up must fail the test")]

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

fn announcing(args: &[&str]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pushdeck"));
    command.args(args).args(["--zone", "UTC"]).env_clear().env("PUSHDECK_CONFIG_DIR", "/nonexistent");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap()
}

#[test]
fn a_push_that_goes_back_is_announced_in_words_and_a_signal_ends_it() {
    let mut child = announcing(&["--plain", "--as", "lena", "--backend", "demo:canary-regression?speed=60"]);
    let mut said = Vec::new();
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        said.push(line.unwrap());
        if said.last().is_some_and(|line| line.contains(": rolled back")) {
            break;
        }
    }
    assert!(said[0].contains("demo:canary-regression, simulated: nothing real will change. "), "{said:#?}");
    assert!(said.iter().any(|line| line.contains("push storage v41 to v42, production: ")), "{said:#?}");
    assert!(said.iter().any(|line| line.contains(": rolled back")), "{said:#?}");
    let mut times: BTreeMap<&String, u32> = BTreeMap::new();
    for line in &said {
        let (clock, words) = line.split_once(' ').unwrap();
        assert!(clock.len() == 8 && clock.matches(':').count() == 2 && !words.is_empty(), "{line}");
        assert!(!line.contains('\u{1b}') && !line.contains('→'), "{line}");
        *times.entry(line).or_default() += 1;
    }
    assert!(times.values().all(|times| *times == 1), "{said:#?}");
    kill_process(Pid::from_raw(child.id().cast_signed()).unwrap(), Signal::TERM).unwrap();
    child.wait().unwrap();
}

#[test]
fn a_wall_is_announced_too_and_a_signal_ends_it() {
    let mut child = announcing(&["watch", "--plain", "--backend", "demo:canary-regression"]);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.next().unwrap().unwrap().contains("demo:canary-regression, simulated"));
    assert!(lines.map_while(Result::ok).any(|line| line.contains("push storage")));
    kill_process(Pid::from_raw(child.id().cast_signed()).unwrap(), Signal::TERM).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
