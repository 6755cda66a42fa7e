//! The program as a person meets it: the real binary on a real terminal, every wait a poll for a state.
#![expect(clippy::unwrap_used, reason = "a broken test set-up must fail the test")]

mod support;

use std::process::{Command, Output};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use support::pty::{NOWHERE, PATIENCE, Pty, Size};

const SIZE: Size = (100, 40);
const CLEAR: &str = "\u{1b}[2J";
/// Longer than the silence a question wants before it is answered.
const DELIBERATE: Duration = Duration::from_millis(400);

fn console(args: &[&str]) -> Pty {
    let all = [args, &["--as", "lena", "--zone", "UTC"]].concat();
    Pty::spawn(&all, SIZE, &[])
}

/// A demo in which storage is on its way by the time this returns.
fn pushing(args: &[&str]) -> Pty {
    let pty = console(&[&["demo", "canary-regression"], args].concat());
    pty.wait_for("s stop", PATIENCE);
    pty.wait_for(if args.contains(&"--ascii") { "~" } else { "◐" }, PATIENCE);
    pty
}

fn last_row(pty: &Pty) -> String {
    pty.screen().lines().last().unwrap_or_default().trim_end().to_owned()
}

fn kill(pty: &Pty) {
    kill_process(Pid::from_raw(pty.id().cast_signed()).unwrap(), Signal::TERM).unwrap();
}

fn given_back(pty: &mut Pty) {
    assert_eq!(pty.wait_exit(PATIENCE).exit_code(), 0);
    for (sequence, what) in [
        ("\u{1b}[?1049h", "taken"),
        ("\u{1b}[?1049l", "alternate screen left"),
        ("\u{1b}[?25h", "cursor shown"),
        ("\u{1b}[?2004l", "pastes no longer marked"),
    ] {
        assert_eq!(pty.count(sequence), 1, "{what}");
    }
    pty.look(|screen| assert!(!screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste()));
}

/// Runs pushdeck without a terminal.
fn run(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pushdeck"));
    command.args(args).env_clear().env("PUSHDECK_CONFIG_DIR", NOWHERE).output().unwrap()
}

/// The parameters of every sequence that sets how text looks.
fn looks(bytes: &[u8]) -> Vec<u32> {
    let text = String::from_utf8_lossy(bytes);
    let sequences = text.split("\u{1b}[").skip(1).filter_map(|rest| {
        let (parameters, after) = rest.split_at(rest.find(|character: char| !matches!(character, '0'..='9' | ';' | ':'))?);
        after.starts_with('m').then(|| parameters.to_owned())
    });
    sequences.flat_map(|parameters| parameters.split([';', ':']).map(|one| one.parse().unwrap_or(0)).collect::<Vec<_>>()).collect()
}

#[test]
fn the_demo_opens_on_a_fleet_at_work_and_says_that_it_is_one() {
    let mut pty = console(&["demo"]);
    pty.wait_for("storage v41→v42", PATIENCE);
    // A frame arrives in pieces; this is the last line of the first.
    pty.wait_for("Back  ", PATIENCE);
    let shown = pty.screen();
    assert!(shown.starts_with(" SIMULATED · OPERATE  demo:steady"), "{shown}");
    for wanted in ["lena", "feeds live", "streaming v7→v8", "checkout v9→v10", "accounts", "staging", "production", "Why", "Back"]
    {
        assert!(shown.contains(wanted), "{wanted} in\n{shown}");
    }
    pty.send(b"2");
    pty.wait_for("Exposure", PATIENCE);
    pty.send(b"q");
    given_back(&mut pty);
    let title = String::from_utf8_lossy(&pty.bytes()).into_owned();
    assert!(title.contains("\u{1b}]0;pushdeck OPERATE · SIMULATED: nothing real will change · demo:steady"), "the title");
}

#[test]
fn a_push_is_stopped_by_one_key_and_resumed_by_a_code() {
    let mut pty = pushing(&[]);
    pty.send(b"s");
    pty.wait_for("‖ stopped", PATIENCE);
    pty.wait_for("u resume", PATIENCE);
    pty.send(b"u");
    pty.wait_for("Simulated: nothing real will change.", PATIENCE);
    pty.wait_for("Armed.", PATIENCE);
    let shown = pty.screen();
    let code: String = shown.split("Type ").nth(1).unwrap().chars().take(4).collect();
    // Enter alone does nothing. On a slow machine keys may arrive together after all, and then count for nothing.
    pty.type_slowly("\r");
    for _ in 0..10 {
        if pty.screen().contains(&format!("press Enter:  {code}")) {
            break;
        }
        pty.type_slowly(&format!("\u{7f}\u{7f}\u{7f}\u{7f}{code}"));
    }
    pty.press_until(b"\r", "the push resumed", DELIBERATE, |pty| !pty.screen().contains("press Enter"));
    pty.wait_gone("‖ stopped", PATIENCE);
    pty.wait_for("s stop", PATIENCE);
}

#[test]
fn a_push_goes_back_in_two_keys() {
    // In it nothing goes back for minutes, which could come before the key.
    let mut pty = console(&["demo", "capacity-squeeze", "--speed", "5"]);
    pty.wait_for("s stop", PATIENCE);
    pty.wait_for("◐", PATIENCE);
    assert!(pty.screen().starts_with(" SIMULATED · OPERATE ×5 "), "{}", pty.screen());
    pty.send(b"r");
    pty.wait_for("Enter runs it, Esc leaves it stopped", PATIENCE);
    pty.press_until(b"\r", "the way back begun", DELIBERATE, |pty| !pty.screen().contains("Enter runs it"));
    // A stroke that came after the question was gone has opened what is selected.
    pty.send(b"1");
    pty.wait_for("◁ back on v41", PATIENCE);
    pty.send(b"5");
    pty.wait_for("lena took it back", PATIENCE);
}

#[test]
fn every_size_is_drawn_and_none_is_the_end() {
    let mut pty = pushing(&[]);
    for (columns, rows) in [(80, 24), (60, 15), (20, 5), (1, 1), (300, 100), (80, 24)] {
        let cleared = pty.count(CLEAR);
        pty.resize((columns, rows));
        pty.wait_until("a new frame", PATIENCE, |pty| pty.count(CLEAR) > cleared);
        if columns >= 60 {
            pty.wait_until("head and foot", PATIENCE, |pty| {
                pty.screen().starts_with(" SIMULATED · OPERATE ") && last_row(pty).ends_with("? help")
            });
        }
    }
}

#[test]
fn every_way_out_gives_the_terminal_back() {
    for out in [&b"q"[..], b"\x03", b"\x1a and then a signal"] {
        let mut pty = console(&["demo", "crash-loop"]);
        pty.wait_for("feeds live", PATIENCE);
        assert!(pty.look(|screen| screen.alternate_screen() && screen.hide_cursor() && screen.bracketed_paste()));
        if out.len() == 1 {
            pty.send(out);
        } else {
            pty.send(b"\x1a");
            pty.wait_for("no shell here could continue this console", PATIENCE);
            kill(&pty);
        }
        given_back(&mut pty);
    }
}

#[test]
fn without_colours_not_one_is_sent_and_emphasis_stays() {
    /// Flags, and what the environment says.
    type Ways<'a> = [(&'a [&'a str], &'a [(&'a str, &'a str)]); 3];
    let plain: Ways<'_> =
        [(&[], &[("NO_COLOR", "1"), ("COLORTERM", "truecolor")]), (&["--no-color"], &[]), (&["--theme", "mono"], &[])];
    for (flags, env) in plain {
        let pty = Pty::spawn(&[&["demo", "canary-regression"], flags].concat(), SIZE, env);
        pty.wait_for("s stop", PATIENCE);
        let looks = looks(&pty.bytes());
        assert!(looks.contains(&7) && looks.contains(&1), "{looks:?}");
        // 39 and 49 are no colours: they give the terminal its own back.
        let is_colour = |look: &u32| matches!(look, 30..=38 | 40..=48 | 90..=107);
        assert!(!looks.iter().any(is_colour), "{flags:?} {env:?}: {looks:?}");
    }
    let colourful = pushing(&[]);
    assert!(looks(&colourful.bytes()).contains(&38));
}

#[test]
fn ascii_is_all_there_is_where_it_is_asked_for() {
    let mut pty = pushing(&["--ascii"]);
    for screen in [b"2", b"3", b"4", b"5", b"?"] {
        let written = pty.bytes().len();
        pty.send(screen);
        pty.wait_until("another screen", PATIENCE, |pty| pty.bytes().len() > written);
    }
    pty.wait_for("Moving about", PATIENCE);
    let bytes = pty.bytes();
    assert!(bytes.is_ascii(), "{:?}", String::from_utf8_lossy(&bytes).chars().find(|character| !character.is_ascii()));
}

#[test]
fn a_wall_shows_and_does_nothing_else() {
    let mut pty = console(&["watch", "--backend", "demo:canary-regression"]);
    pty.wait_for("omar drives. ", PATIENCE);
    assert!(pty.screen().starts_with(" SIMULATED · WATCH "), "{}", pty.screen());
    assert!(pty.screen().contains("▌0 Wall") && pty.screen().contains("███"), "{}", pty.screen());
    pty.send(b"srRapuxSn\x13\r");
    pty.send(b"?");
    pty.wait_for("Moving about", PATIENCE);
    // The frame may arrive in pieces: what the help covers says "approves".
    pty.wait_gone("approves", PATIENCE);
    let help = pty.screen();
    for acting in ["Acting on", "roll back", "(acts:", "approve"] {
        assert!(!help.contains(acting), "{acting} in\n{help}");
    }
    pty.send(b"\x1b");
    pty.wait_gone("Moving about", PATIENCE);
    assert!(!pty.screen().contains("stopped"), "{}", pty.screen());
    pty.send(b"q");
    given_back(&mut pty);
}

#[test]
fn a_kiosk_listens_to_no_keyboard_but_to_signals() {
    let mut pty = console(&["watch", "--kiosk", "--backend", "demo:canary-regression"]);
    pty.wait_for("omar drives. ", PATIENCE);
    pty.send(b"q\x03\x1aq?");
    let cleared = pty.count(CLEAR);
    pty.resize((100, 30));
    pty.wait_until("a new frame", PATIENCE, |pty| pty.count(CLEAR) > cleared);
    pty.wait_for("omar drives. ", PATIENCE);
    assert!(!pty.screen().contains("Moving about"));
    kill(&pty);
    given_back(&mut pty);
}

#[test]
fn without_a_terminal_the_console_says_what_would_work() {
    for args in [&["demo"][..], &["watch"], &[]] {
        let output = run(args);
        assert_eq!(output.status.code(), Some(2));
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains("needs a terminal") && said.contains("pushdeck status"), "{said}");
        assert!(output.stdout.is_empty() && !said.contains('\u{1b}'), "{said:?}");
    }
}

#[test]
fn what_cannot_be_opened_is_said_before_the_terminal_is_taken() {
    for (args, said) in [
        (&["demo", "no-such"][..], "there is no scenario \"no-such\"; there are steady, canary-regression"),
        (&["demo", "--speed", "0"], "the speed is 0; give one between 0.1 and 600"),
        (&["--backend", "https://x"], "is no backend"),
        (&["--theme", "pink"], "there is no theme"),
    ] {
        let mut pty = console(args);
        assert_eq!(pty.wait_exit(PATIENCE).exit_code(), 2);
        assert!(pty.screen().contains(said), "{}", pty.screen());
        assert_eq!(pty.count("\u{1b}[?1049h"), 0);
    }
}

fn json(output: &Output) -> serde_json::Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_push_is_told_of_before_it_starts() {
    let releases = ["drm@v8", "manifest@v8", "transcode@v8", "thumbs@v8", "playback@v8"];
    let plan = |more: &[&str]| run(&[&["plan", "--backend", "demo:steady", "--zone", "UTC"], more, &releases].concat());
    let told = plan(&["--json"]);
    assert_eq!(told.status.code(), Some(0));
    let told = json(&told);
    let granted: Vec<_> = told["stages"].as_array().unwrap().iter().map(|stage| stage["granted"].as_u64().unwrap()).collect();
    assert_eq!((granted, &told["can_start"]), (vec![20, 5, 15, 62, 207, 648], &true.into()));
    assert_eq!(told["stages"][1]["people"][0]["what"], "1 approval");
    assert_eq!(told["releases"][0]["commits"], 6);
    let lines = String::from_utf8(plan(&[]).stdout).unwrap();
    assert!(lines.starts_with("push streaming: could start now\n") && lines.contains("preflight feeds, met: all live"), "{lines}");
}

#[test]
fn a_plan_of_what_is_not_there_says_what_was_probably_meant() {
    for (asked, code, sentence) in [
        ("indx@v42", 2, "there is no service \"indx\"; did you mean index?"),
        ("drm@v88", 2, "drm has no release \"v88\"; did you mean v8?"),
        ("index", 2, "\"index\" names no release; write SERVICE@VERSION, as in index@v42"),
        ("drm@v7", 1, "drm runs v7 everywhere already; name another version"),
    ] {
        let output = run(&["plan", asked]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!((output.status.code(), said.trim_end()), (Some(code), format!("pushdeck: {sentence}").as_str()));
    }
}

#[test]
fn status_is_one_answer_a_program_can_read() {
    let status = json(&run(&["status", "--json", "--backend", "demo:canary-regression"]));
    assert_eq!(status["pushes"][0]["name"], "storage");
    assert!(status["placements"].as_array().unwrap().len() >= 17 * 2);
    let output = run(&["status", "--backend", "demo:canary-regression"]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.starts_with("push storage v41→v42: ") && !said.contains('\u{1b}'), "{said}");
    assert_eq!(run(&["status", "--backend", "recording:no-such-file"]).status.code(), Some(6));
}

#[test]
fn what_was_recorded_can_be_read_and_watched() {
    let file = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("recorded.jsonl");
    drop(std::fs::remove_file(&file));
    let file = file.to_str().unwrap();
    let mut pty = pushing(&["--record", file]);
    pty.send(b"s");
    pty.wait_for("‖ stopped", PATIENCE);
    pty.send(b"q");
    given_back(&mut pty);
    let backend = format!("recording:{file}");
    assert_eq!(json(&run(&["status", "--json", "--backend", &backend]))["pushes"][0]["status"], "held");
    let events = String::from_utf8(run(&["events", "--json", "--backend", &backend]).stdout).unwrap();
    let numbers = events.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["seq"].as_u64().unwrap());
    assert!(numbers.enumerate().all(|(nth, seq)| seq == nth as u64 + 1), "{events}");
    let mut replay = console(&["--backend", &backend]);
    replay.wait_for("‖ stopped", PATIENCE);
    assert!(replay.screen().starts_with(" REPLAY "), "{}", replay.screen());
    replay.send(b"u");
    replay.send(b"?");
    replay.wait_for("Moving about", PATIENCE);
    assert!(!replay.screen().contains("(acts:"), "{}", replay.screen());
    replay.send(b"q");
    given_back(&mut replay);
    // What there is already is never written over.
    let mut again = console(&["demo", "--record", file]);
    assert_eq!(again.wait_exit(PATIENCE).exit_code(), 2);
}

#[test]
fn check_lists_every_fault_with_its_line() {
    let faulty = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("faulty.toml");
    let spec = std::fs::read_to_string("fixtures/specs/demo.toml").unwrap();
    let line = |wanted: &str| spec.lines().position(|line| line == wanted).unwrap() + 1;
    let lines = [line("after = [\"staging\"]"), line("deadline = \"3m\""), line("commits = 9")];
    let broken = spec
        .replacen("after = [\"staging\"]", "after = [\"stageing\"]", 1)
        .replacen("deadline = \"3m\"", "deadline = \"soon\"", 1)
        .replacen("commits = 9", "comits = 9", 1);
    std::fs::write(&faulty, broken).unwrap();
    let file = faulty.to_str().unwrap();
    let output = run(&["check", file]);
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    for (line, what) in lines.into_iter().zip(["stageing", "soon", "comits"]) {
        let fault = said.lines().find(|fault| fault.starts_with(&format!("{file}:{line}")));
        assert!(fault.is_some_and(|fault| fault.contains(what)), "{what} at {line} in\n{said}");
    }
    assert!(said.contains("has 3 faults as a spec"), "{said}");
}

#[test]
fn what_comes_with_the_program_is_without_fault() {
    for folder in ["fixtures/specs", "fixtures/scenarios", "themes"] {
        for file in std::fs::read_dir(folder).unwrap() {
            let output = run(&["check", file.unwrap().path().to_str().unwrap()]);
            let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
            assert!(output.status.success() && said.contains("without fault"), "{said}");
        }
    }
}
