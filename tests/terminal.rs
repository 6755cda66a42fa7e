//! The terminal is given back exactly once, whatever happens: a small console of this file's own, on a real terminal.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a broken test set-up must fail the test")]

mod support;

use std::path::Path;
use std::thread;

use pushdeck::console::keymap::Key;
use pushdeck::console::runtime::{
    Input, Screen, Signal, Signals, TerminalGuard, buffered_stdout, install_panic_hook, read_input, terminal_size,
};
use pushdeck::console::theme::{ColourDepth, Role, Theme};
use pushdeck::console::view::kit::Painter;
use rustix::process::{Pid, Signal as Number, kill_process};
use support::pty::{PATIENCE, Pty};

/// Says to the program under test what it is to do; without it, it is no program under test.
const PART: &str = "PUSHDECK_TERMINAL_PART";
const LEAVE: &str = "\u{1b}[?1049l";
const ENTER: &str = "\u{1b}[?1049h";

/// This test binary, run again on a terminal with only the test below.
fn arguments() -> (String, [&'static str; 4]) {
    let program = std::env::current_exe().unwrap().to_str().unwrap().to_owned();
    (program, ["--exact", "the_program_under_test", "--nocapture", "--test-threads=1"])
}

fn play(part: &str) -> Pty {
    let (program, arguments) = arguments();
    Pty::command(&program, &arguments, (100, 10), &[(PART, part)])
}

fn kill(pty: &Pty, number: Number) {
    kill_process(Pid::from_raw(pty.id().cast_signed()).unwrap(), number).unwrap();
}

#[test]
fn the_program_under_test() {
    let Ok(part) = std::env::var(PART) else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    runtime.block_on(console(&part));
}

async fn console(part: &str) {
    let mut panics = install_panic_hook();
    let mut signals = Signals::take().unwrap();
    let guard = TerminalGuard::enter().unwrap();
    let mut screen = Screen::new(buffered_stdout(), terminal_size(), false);
    let mut input = read_input();
    let say = |screen: &mut Screen<_>, text: &str| {
        let theme = Theme::for_depth(ColourDepth::Indexed).unwrap();
        screen
            .draw(|buffer| {
                let mut painter = Painter::new(buffer, &theme);
                painter.fill(Role::Base);
                painter.text(0, 0, text, Role::Strong);
            })
            .unwrap()
    };
    say(&mut screen, "drawn");
    match part {
        "panic" => panic!("the drawing thread"),
        "panic elsewhere" => {
            drop(thread::spawn(|| panic!("a\u{1b}[2Jnother thread")).join());
        }
        _ => {}
    }
    loop {
        tokio::select! {
            biased;
            signal = signals.next() => match signal {
                Signal::Terminate | Signal::Hangup => return,
                Signal::Suspend => drop(guard.suspend().unwrap()),
                Signal::Continue => {
                    guard.reenter().unwrap();
                    screen.invalidate();
                    say(&mut screen, "drawn again");
                }
                Signal::Resize => {
                    let (columns, rows) = terminal_size();
                    screen.resize((columns, rows));
                    say(&mut screen, &format!("{columns} by {rows}"));
                }
            },
            Some(report) = panics.recv() => drop(say(&mut screen, &format!("report: {}", report.message))),
            Some(event) = input.recv() => match event {
                Input::Key(stroke) if stroke.key == Key::char('q') => return,
                Input::Key(stroke) if stroke.key == Key::ctrl('z') => {
                    if !guard.suspend().unwrap() {
                        say(&mut screen, "nobody could continue us");
                    }
                }
                other => drop(say(&mut screen, &format!("{other:?}"))),
            },
        }
    }
}

fn given_back_once(pty: &Pty) {
    assert_eq!((pty.count(ENTER), pty.count(LEAVE)), (1, 1));
    pty.look(|screen| {
        assert!(!screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste());
    });
}

#[test]
fn quitting_gives_the_terminal_back() {
    let mut pty = play("quit");
    pty.wait_for("drawn", PATIENCE);
    assert!(pty.look(|screen| screen.alternate_screen() && screen.hide_cursor() && screen.bracketed_paste()));
    pty.send(b"q");
    assert!(pty.wait_exit(PATIENCE).success());
    given_back_once(&pty);
}

#[test]
fn a_panic_of_the_drawing_thread_gives_it_back_and_is_readable() {
    let mut pty = play("panic");
    assert!(!pty.wait_exit(PATIENCE).success());
    given_back_once(&pty);
    let written = String::from_utf8_lossy(&pty.bytes()).into_owned();
    let after = written.split(LEAVE).nth(1).unwrap();
    assert!(after.contains("the drawing thread") && !after.contains("drawn"), "{after:?}");
}

#[test]
fn a_panic_elsewhere_is_a_report_and_drawing_goes_on() {
    let mut pty = play("panic elsewhere");
    pty.wait_for("nother thread at tests", PATIENCE);
    assert_eq!(pty.count(LEAVE), 0);
    pty.send(b"q");
    assert!(pty.wait_exit(PATIENCE).success());
    given_back_once(&pty);
}

#[test]
fn signals_give_it_back() {
    for number in [Number::TERM, Number::INT, Number::HUP] {
        let mut pty = play("wait");
        pty.wait_for("drawn", PATIENCE);
        kill(&pty, number);
        assert!(pty.wait_exit(PATIENCE).success(), "{number:?}");
        given_back_once(&pty);
    }
}

#[test]
fn a_paste_that_never_ends_cannot_deafen_signals() {
    let mut pty = play("wait");
    pty.wait_for("drawn", PATIENCE);
    pty.send(b"\x1b[200~paste y\r\x1b[201~");
    pty.wait_for("Paste(\"paste y", PATIENCE);
    pty.send(b"\x1b[200~y\r\x03");
    pty.resize((60, 12));
    pty.wait_for("60 by 12", PATIENCE);
    kill(&pty, Number::TERM);
    assert!(pty.wait_exit(PATIENCE).success());
    given_back_once(&pty);
}

#[test]
fn any_size_is_drawn() {
    let mut pty = play("wait");
    pty.wait_for("drawn", PATIENCE);
    pty.resize((1, 1));
    pty.resize((200, 60));
    pty.wait_for("200 by 60", PATIENCE);
    pty.send(b"q");
    assert!(pty.wait_exit(PATIENCE).success());
}

#[test]
fn without_a_shell_to_continue_us_suspending_is_refused() {
    let mut pty = play("wait");
    pty.wait_for("drawn", PATIENCE);
    pty.send(b"\x1a");
    pty.wait_for("nobody could continue us", PATIENCE);
    pty.send(b"q");
    assert!(pty.wait_exit(PATIENCE).success());
    given_back_once(&pty);
}

#[test]
fn a_shell_can_suspend_and_continue_us() {
    assert!(Path::new("/bin/sh").exists(), "every Unix has one");
    let (program, arguments) = arguments();
    let script = format!("'{program}' {}; echo STOPPED; read answer; fg; echo OVER", arguments.join(" "));
    let mut pty = Pty::command("/bin/sh", &["-mc", &script], (100, 10), &[(PART, "wait")]);
    pty.wait_for("drawn", PATIENCE);
    pty.send(b"\x1a");
    pty.wait_for("STOPPED", PATIENCE);
    assert!(pty.look(|screen| !screen.alternate_screen() && !screen.hide_cursor()));
    pty.send(b"\r");
    pty.wait_for("drawn again", PATIENCE);
    pty.send(b"q");
    pty.wait_for("OVER", PATIENCE);
    pty.wait_exit(PATIENCE);
    assert_eq!((pty.count(ENTER), pty.count(LEAVE)), (2, 2));
}
