//! What goes down the wire to a terminal: the same console under every kind of it, never a cell that goes blank and comes back, no
//! frame that is old before it is seen, and all of it through tmux.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a broken test set-up must fail the test")]

mod support;

use std::collections::HashMap;
use std::process::Command;
use std::time::{Duration, Instant};

use support::needs;
use support::pty::{PATIENCE, Pty, Size};

const SIZE: Size = (80, 24);
/// A push that goes back by itself, twenty minutes of it in every second.
const REPLAY: [&str; 5] =
    ["replay", concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/recordings/rolled-back.jsonl"), "--speed", "600", "--zone=UTC"];
/// A frame stands between these.
const BEGIN: &str = "\u{1b}[?2026h";
const END: &str = "\u{1b}[?2026l";
const CLEAR: &str = "\u{1b}[2J";

/// The frames written, without what stands around them.
fn frames(bytes: &[u8]) -> Vec<Vec<u8>> {
    let text = String::from_utf8_lossy(bytes);
    text.split(BEGIN).skip(1).filter_map(|rest| rest.split_once(END)).map(|(frame, _)| frame.as_bytes().to_vec()).collect()
}

/// Plays frames to an emulator byte by byte. None but the one that begins with a clear screen empties a cell that it fills again, so
/// that a terminal that knows no brackets shows no flicker either.
fn nothing_flickers(bytes: &[u8]) -> usize {
    let (rows, columns) = (SIZE.1.try_into().unwrap(), SIZE.0.try_into().unwrap());
    let mut emulator = vt100::Parser::new(rows, columns, 0);
    let frames = frames(bytes);
    for frame in &frames {
        let text = String::from_utf8_lossy(frame);
        let began_anew = text.starts_with(CLEAR);
        let rest = text.strip_prefix(CLEAR).unwrap_or(&text);
        assert!(
            !["\u{1b}[2J", "\u{1b}[J", "\u{1b}[0J", "\u{1b}[K", "\u{1b}[0K"].iter().any(|erase| rest.contains(erase)),
            "{text:?}"
        );
        let mut touched: HashMap<(u16, u16), Vec<String>> = HashMap::new();
        for byte in frame {
            let before = emulator.screen().clone();
            emulator.process(&[*byte]);
            let (row, column) = emulator.screen().cursor_position();
            for at in [column.saturating_sub(1), column].map(|column| (row, column)) {
                let [was, is] =
                    [&before, emulator.screen()].map(|screen| screen.cell(at.0, at.1).map(|cell| cell.contents().to_owned()));
                if let (Some(was), Some(is)) = (was, is)
                    && was != is
                {
                    touched.entry(at).or_insert_with(|| vec![was]).push(is);
                }
            }
        }
        let blank = |text: &String| text.trim().is_empty();
        for (at, states) in touched.iter().filter(|_| !began_anew) {
            let between = states.get(1..states.len() - 1).unwrap_or_default();
            let ends = [states.first(), states.last()].into_iter().flatten().all(|end| !blank(end));
            assert!(!(ends && between.iter().any(blank)), "{at:?} goes {states:?}");
        }
    }
    frames.len()
}

#[test]
fn under_every_kind_of_terminal_it_draws_takes_keys_and_never_flickers() {
    for term in ["xterm-256color", "screen", "linux", "dumb"] {
        let mut pty = Pty::spawn(&REPLAY, SIZE, &[("TERM", term)]);
        pty.wait_for("REPLAY", PATIENCE);
        for (key, words) in [(b"2", "SAFE"), (b"3", "for others"), (b"4", "worst first"), (b"5", "Record"), (b"1", "production")] {
            pty.send(key);
            pty.wait_for(words, PATIENCE);
        }
        pty.send(b"q");
        assert!(pty.wait_exit(PATIENCE).success(), "{term}");
        let bytes = pty.bytes();
        let least = if term == "xterm-256color" { 6 } else { 5 };
        assert!(nothing_flickers(&bytes) >= least, "{term}");
        let text = String::from_utf8_lossy(&bytes);
        let colours: Vec<u8> = text.split("8;5;").skip(1).filter_map(|rest| rest.split([';', 'm']).next()?.parse().ok()).collect();
        match term {
            "dumb" => assert!(colours.is_empty(), "no colour for a terminal that promises nothing: {colours:?}"),
            "xterm-256color" => assert!(colours.iter().any(|colour| *colour > 15)),
            few => assert!(!colours.is_empty() && colours.iter().all(|colour| *colour < 16), "{few} has sixteen: {colours:?}"),
        }
    }
}

/// At ten thousand bytes a second. A key is a change too: until what it opens is seen whole, no more may come down the line than it
/// carries in a second. Counted in bytes, so that a machine that is busy itself changes nothing.
#[test]
fn at_the_end_of_a_slow_line_what_is_seen_is_a_second_old_at_most() {
    let behind = behind(10_000, "10", &[(b"2", "▌2 Push"), (b"4", "▌4 Signals"), (b"5", "▌5 Timeline"), (b"2", "▌2 Push")]);
    assert!(behind.iter().all(|behind| *behind <= 10_000), "{behind:?} bytes, more than a second of this line");
}

/// How many bytes come down a line of this rate from a key until what it opens is seen whole, for each key.
fn behind(rate: usize, speed: &'static str, keys: &[(&[u8], &str)]) -> Vec<usize> {
    let mut arguments = REPLAY;
    // Lived through in some twenty seconds, so that there is something to draw all along.
    arguments[3] = speed;
    let mut pty = Pty::at_the_end_of_a_slow_line(&arguments, SIZE, rate);
    pty.wait_for("REPLAY", PATIENCE);
    let mut behind = Vec::new();
    for (key, tab) in keys {
        // Long enough for a line that is written to without care to be full.
        let (from, since) = (pty.bytes().len(), Instant::now());
        let is_used = |pty: &Pty| pty.bytes().len() > from + 2 * rate || since.elapsed() > Duration::from_secs(2);
        pty.wait_until("the line in use", PATIENCE, is_used);
        let before = pty.bytes().len();
        pty.send(key);
        pty.wait_for(tab, PATIENCE);
        // The tab stands above the rest of its frame.
        let seen = pty.bytes().len().saturating_sub(rate / 50);
        let ends = |bytes: &[u8]| bytes.windows(END.len()).skip(seen).position(|window| window == END.as_bytes());
        pty.wait_until("all of its frame", PATIENCE, |pty| ends(&pty.bytes()).is_some());
        behind.push(seen + ends(&pty.bytes()).unwrap() - before);
    }
    behind
}

fn tmux(socket: &str, args: &[&str]) -> String {
    let output = Command::new("tmux").args(["-L", socket, "-f", "/dev/null"]).args(args).env("LC_ALL", "C.UTF-8").output().unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn in_tmux_it_draws_takes_keys_and_follows_the_size() {
    if !needs::tmux("in_tmux_it_draws_takes_keys_and_follows_the_size") {
        return;
    }
    let socket = format!("pushdeck-test-{}", std::process::id());
    let program = env!("CARGO_BIN_EXE_pushdeck");
    let command = format!("PUSHDECK_CONFIG_DIR=/nonexistent {program} {}", REPLAY.join(" "));
    tmux(&socket, &["new-session", "-d", "-s", "it", "-x", "80", "-y", "24", &command]);
    let shown = |words: &str| {
        let end = Instant::now() + PATIENCE;
        loop {
            let shown = tmux(&socket, &["capture-pane", "-p", "-t", "it"]);
            if shown.contains(words) {
                return shown;
            }
            if Instant::now() > end {
                tmux(&socket, &["kill-server"]);
                panic!("waited for {words:?} in tmux:\n{shown}");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    };
    shown("REPLAY");
    tmux(&socket, &["send-keys", "-t", "it", "2"]);
    shown("Back  ");
    tmux(&socket, &["send-keys", "-t", "it", "5"]);
    shown("Record");
    tmux(&socket, &["resize-window", "-t", "it", "-x", "120", "-y", "40"]);
    tmux(&socket, &["send-keys", "-t", "it", "?"]);
    let help = shown("Moving about");
    let rows = help.lines().count();
    tmux(&socket, &["send-keys", "-t", "it", "Escape"]);
    shown("Record");
    tmux(&socket, &["send-keys", "-t", "it", "q"]);
    let end = Instant::now() + PATIENCE;
    while tmux(&socket, &["list-sessions"]).contains("it:") && Instant::now() < end {
        std::thread::sleep(Duration::from_millis(20));
    }
    let left = tmux(&socket, &["list-sessions"]);
    tmux(&socket, &["kill-server"]);
    assert!(left.is_empty(), "it still runs: {left}");
    assert!(rows > 30, "{rows} rows of 40:\n{help}");
}
