//! Settings, themes, keys, clipboard and mouse as a person meets them: the program on a terminal, with a folder of its own.
#![expect(clippy::unwrap_used, reason = "a broken test set-up must fail the test")]

mod support;

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use support::pty::{PATIENCE, Pty, Size};

const SIZE: Size = (100, 40);

/// A config folder of one test's own.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("preferences-{name}"));
        drop(fs::remove_dir_all(&path));
        fs::create_dir_all(path.join("themes")).unwrap();
        Self(path)
    }

    fn write(&self, file: &str, text: &str) {
        // As editors do it, so that nobody reads half of it.
        let new = self.0.join("new");
        fs::write(&new, text).unwrap();
        fs::rename(new, self.0.join(file)).unwrap();
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }

    fn console(&self, args: &[&str], env: &[(&str, &str)]) -> Pty {
        let all = [&["demo", "canary-regression", "--as", "lena"], args].concat();
        Pty::spawn(&all, SIZE, &[&[("PUSHDECK_CONFIG_DIR", self.path())], env].concat())
    }

    fn run(&self, args: &[&str], env: &[(&str, &str)]) -> (i32, String, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pushdeck"));
        let Output { status, stdout, stderr } = command
            .args(args)
            .env_clear()
            .env("PUSHDECK_CONFIG_DIR", &self.0)
            .env("TERM", "xterm-256color")
            .envs(env.iter().copied())
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (status.code().unwrap(), text(stdout), text(stderr))
    }
}

#[test]
fn a_first_settings_file_is_written_once_and_is_without_fault() {
    let folder = Folder::new("init");
    let file = format!("{}/settings.toml", folder.path());
    let (code, said, _) = folder.run(&["settings"], &[]);
    assert!(code == 0 && said.starts_with(&format!("{file} (not there; `pushdeck settings init` writes one)")), "{said}");
    assert_eq!(folder.run(&["settings", "init"], &[]).0, 0);
    let (code, _, why) = folder.run(&["settings", "init"], &[]);
    assert!(code == 2 && why.contains("is there already, and stays as it is"), "{why}");
    let (code, said, why) = folder.run(&["doctor"], &[]);
    assert!(code == 0 && said.contains("Nothing is wrong."), "{said}{why}");
}

#[test]
fn doctor_says_who_said_what_and_what_is_wrong() {
    let folder = Folder::new("doctor");
    folder.write(
        "settings.toml",
        "theme = \"light\"\nmouse = true\n[keys]\napprove = \"F5\"\n[columns]\nfleet = [\"next\", \"moon\"]\n",
    );
    let file = format!("{}/settings.toml", folder.path());
    let env = [("PUSHDECK_ASCII", "1"), ("TMUX", "/tmp/tmux"), ("LANG", "de_AT.UTF-8")];
    let (code, said, _) = folder.run(&["doctor", "--zone", "UTC", "--theme", "high-contrast"], &env);
    assert_eq!(code, 0, "{said}");
    let line = |name: &str| said.lines().find(|line| line.trim_start().starts_with(name)).unwrap_or_default().to_owned();
    for (name, parts) in [
        ("theme", vec!["high-contrast", "--theme"]),
        ("ascii", vec!["yes", "PUSHDECK_ASCII"]),
        ("colour", vec!["yes", "default"]),
        ("zone", vec!["UTC", "--zone"]),
        ("mouse", vec!["yes", &format!("{file}:2")]),
        ("key", vec!["approve: F5", &format!("{file}:4")]),
        ("columns", vec!["fleet: next, moon", &format!("{file}:6")]),
        ("TERM", vec!["xterm-256color"]),
        ("colours", vec!["256", "TERM is"]),
        ("glyphs", vec!["ASCII", "LANG is \"de_AT.UTF-8\": UTF-8"]),
        ("within", vec!["tmux"]),
        ("clipboard", vec!["OSC 52 through tmux"]),
    ] {
        let line = line(name);
        assert!(parts.iter().all(|part| line.contains(part)), "{parts:?} in {line:?}\n{said}");
    }
    folder.write("settings.toml", "theme = \"pink\"\nasci = true\n[keys]\napprove = \"x\"\n");
    let (code, said, _) = folder.run(&["doctor"], &[("PUSHDECK_MOTION", "some")]);
    assert!(code == 1, "{said}");
    for wrong in
        [&format!("{file}:2: the document has an unknown key \"asci\"; did you mean \"ascii\"?"), "PUSHDECK_MOTION is \"some\""]
    {
        assert!(said.contains(wrong), "{wrong} in\n{said}");
    }
    folder.write("settings.toml", "theme = \"pink\"\n[keys]\napprove = \"x\"\n");
    let (code, said, _) = folder.run(&["check", &file], &[]);
    assert!(code == 2 && said.contains(&format!("{file}:3: `x` is bound both")), "{said}");
    let (code, said, _) = folder.run(&["doctor"], &[]);
    assert!(
        code == 1 && said.contains("there is no theme \"pink\"") && said.contains(&format!("{file}:3: `x` is bound both")),
        "{said}"
    );
}

#[test]
fn what_is_wrong_with_settings_is_said_before_the_terminal_is_taken() {
    let folder = Folder::new("start");
    for (text, wanted) in [
        ("[keys]\napprove = \"x\"\n", "settings.toml:2: `x` is bound both to \"approve\" and to \"reject\""),
        ("zone = \"Mars\"\n", "settings.toml:1: there is no zone \"Mars\""),
        ("\ntheme = \"pink\"\n", "settings.toml:2)"),
        ("[columns]\nfleet = [\"nxt\"]\n", "settings.toml:2: \"nxt\" is no column of \"fleet\"; did you mean \"next\"?"),
        ("[keys]\nstop = []\n", "settings.toml:2: \"stop\" would have no key"),
    ] {
        folder.write("settings.toml", text);
        let mut pty = folder.console(&[], &[]);
        assert_eq!(pty.wait_exit(PATIENCE).exit_code(), 2);
        let said = pty.screen().replace('\n', "");
        assert!(said.contains(wanted), "{wanted} in\n{said}");
        assert_eq!(pty.count("\u{1b}[?1049h"), 0);
    }
}

#[test]
fn keys_of_ones_own_work_and_are_printed() {
    let folder = Folder::new("keys");
    folder.write("settings.toml", "[keys]\nstop = [\"F12\", \"s\"]\nshow_the_push = [\"2\", \"F2\"]\n");
    let (code, said, _) = folder.run(&["keys"], &[]);
    assert!(code == 0 && said.contains("| `F12`, `s` | stop |") && said.contains("| `2`, `F2` | show the push |"), "{said}");
    let mut pty = folder.console(&[], &[]);
    pty.wait_for("F12 stop", PATIENCE);
    pty.wait_for("◐", PATIENCE);
    pty.send(b"\x1b[24~");
    pty.wait_for("‖ stopped", PATIENCE);
    pty.send(b"q");
    pty.wait_exit(PATIENCE);
}

#[test]
fn a_running_console_takes_up_what_is_saved_and_keeps_what_held_where_it_is_wrong() {
    let folder = Folder::new("reload");
    folder.write("themes/mine.toml", "based_on = \"dark\"\n");
    folder.write("settings.toml", "theme = \"mine\"\n");
    let mut pty = folder.console(&[], &[("COLORTERM", "truecolor")]);
    pty.wait_for("feeds live", PATIENCE);
    pty.wait_for("◐", PATIENCE);
    assert_eq!(pty.count("48;2;1;2;3"), 0);
    folder.write("themes/mine.toml", "based_on = \"dark\"\n[role]\nbase = { fg = \"#ffffff\", bg = \"#010203\" }\n");
    pty.wait_until("the new ground", PATIENCE, |pty| pty.count("48;2;1;2;3") > 0);
    pty.wait_for("taken up: ", PATIENCE);
    folder.write("themes/mine.toml", "based_on = \"dark\"\n[role]\nbass = { fg = \"#ffffff\" }\n");
    pty.wait_for("not taken up, all stays as it was", PATIENCE);
    // A long path is broken wherever the line ends.
    let says = |pty: &Pty, words: &str| pty.screen().replace(char::is_whitespace, "").contains(words);
    pty.wait_until("the line", PATIENCE, |pty| says(pty, "mine.toml:3:unknownrole`bass`"));
    folder.write("settings.toml", "ascii = true\n[keys]\nstop = [\"F12\", \"s\"]\n");
    pty.wait_for("F12 stop", PATIENCE);
    pty.wait_gone("◐", PATIENCE);
    folder.write("settings.toml", "ascii = 3\n");
    pty.wait_until("the line", PATIENCE, |pty| says(pty, "settings.toml:1:\"ascii\""));
    assert!(pty.screen().contains("F12 stop"));
    folder.write("settings.toml", "[columns]\nfleet = [\"prod\", \"next\"]\n");
    pty.wait_for("hidden · C", PATIENCE);
    pty.wait_until("the environment", PATIENCE, |pty| says(pty, "settings.toml:2:thisfleethasnoenvironment\"prod\""));
    pty.send(b"q");
    assert_eq!(pty.wait_exit(PATIENCE).exit_code(), 0);
}

#[test]
fn what_is_selected_is_copied_and_the_way_is_said() {
    let folder = Folder::new("copy");
    for (env, said, sequence) in [
        (&[][..], "copied by OSC 52: the terminal may not allow it", "\u{1b}]52;c;"),
        (&[("TMUX", "/tmp/x,1,0")], "copied by OSC 52 through tmux", "\u{1b}Ptmux;\u{1b}\u{1b}]52;c;"),
        (&[("STY", "1.pts")], "copied by OSC 52 through screen", "\u{1b}P\u{1b}]52;c;"),
    ] {
        let mut pty = folder.console(&[], env);
        pty.wait_for("feeds live", PATIENCE);
        pty.wait_for("Back  ", PATIENCE);
        pty.send(b"y");
        pty.wait_for(said, PATIENCE);
        assert!(pty.count(sequence) == 1, "{said}");
    }
}

#[test]
fn tmux_takes_what_is_copied() {
    let (folder, server) = (Folder::new("tmux"), format!("pushdeck-{}", std::process::id()));
    let tmux = |args: &[&str]| {
        let mut command = Command::new("tmux");
        command.args(["-L", &server, "-f", "/dev/null"]).args(args).env("PUSHDECK_CONFIG_DIR", folder.path());
        command.output().ok().map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let program = format!("TERM=screen-256color {} demo canary-regression --as lena", env!("CARGO_BIN_EXE_pushdeck"));
    // Where there is no tmux, there is nothing to be shown.
    if tmux(&["new-session", "-d", "-x", "100", "-y", "30", &program]).is_none() {
        return;
    }
    let seen = |args: &[&str], wanted: &str| {
        let end = Instant::now() + PATIENCE;
        while !tmux(args).unwrap().contains(wanted) {
            assert!(Instant::now() < end, "{wanted:?} in\n{}", tmux(args).unwrap());
            std::thread::sleep(Duration::from_millis(50));
        }
    };
    tmux(&["set", "-s", "set-clipboard", "on"]);
    seen(&["capture-pane", "-p"], "Back  ");
    tmux(&["send-keys", "y"]);
    seen(&["capture-pane", "-p"], "copied by OSC 52 through tmux");
    seen(&["show-buffer"], "storage v41");
    seen(&["display-message", "-p", "#T"], "pushdeck OPERATE");
    tmux(&["kill-server"]);
}

#[test]
fn the_mouse_is_listened_to_only_where_it_is_wanted_and_given_back() {
    let folder = Folder::new("mouse");
    let on = "\u{1b}[?1000h";
    let off = "\u{1b}[?1000l";
    let mut without = folder.console(&[], &[]);
    without.wait_for("feeds live", PATIENCE);
    without.send(b"q");
    without.wait_exit(PATIENCE);
    assert_eq!((without.count(on), without.count(off)), (0, 0));
    let mut pty = folder.console(&["--mouse"], &[]);
    pty.wait_for("feeds live", PATIENCE);
    assert_eq!(pty.count(on), 1);
    // Coming back from a stop takes everything anew, and the window's title too.
    let title = "\u{1b}]0;pushdeck OPERATE";
    assert_eq!(pty.count(title), 1);
    kill_process(Pid::from_raw(pty.id().cast_signed()).unwrap(), Signal::CONT).unwrap();
    pty.wait_until("the title again", PATIENCE, |pty| pty.count(title) == 2);
    assert_eq!((pty.count(off), pty.count(on)), (1, 2));
    pty.wait_for("5 Timeline", PATIENCE);
    let column = pty.screen().lines().nth(1).unwrap().split("5 Timeline").next().unwrap().chars().count() + 1;
    pty.send(format!("\u{1b}[<0;{column};2M\u{1b}[<0;{column};2m").as_bytes());
    pty.wait_for("▌5 Timeline", PATIENCE);
    pty.send(b"q");
    assert_eq!(pty.wait_exit(PATIENCE).exit_code(), 0);
    assert_eq!((pty.count(on), pty.count(off), pty.count("\u{1b}]0;\u{7}\u{1b}[23;0t")), (2, 2, 2));
}

#[test]
fn a_linux_console_gets_sixteen_colours_and_ascii_where_its_locale_has_no_more() {
    let folder = Folder::new("linux");
    let mut pty = folder.console(&[], &[("TERM", "linux"), ("LANG", "C")]);
    pty.wait_for("feeds live", PATIENCE);
    pty.wait_for("~ ", PATIENCE);
    pty.send(b"q");
    pty.wait_exit(PATIENCE);
    let bytes = pty.bytes();
    assert!(bytes.is_ascii());
    let text = String::from_utf8(bytes).unwrap();
    assert!(text.contains("38;5;7") && !text.contains("38;2;"), "the sixteen alone");
    let sequences = text.split("38;5;").skip(1).filter_map(|rest| rest.split(['m', ';']).next()?.parse::<u8>().ok());
    assert!(sequences.into_iter().all(|colour| colour < 16));
}

#[test]
fn colour_that_is_asked_for_by_name_comes_through_no_color() {
    let folder = Folder::new("colour");
    let mut pty = folder.console(&[], &[("NO_COLOR", "1"), ("PUSHDECK_COLOUR", "1")]);
    pty.wait_for("feeds live", PATIENCE);
    pty.send(b"q");
    pty.wait_exit(PATIENCE);
    assert!(pty.count("\u{1b}[38;5;") > 10);
}

#[test]
fn themes_are_listed_with_ones_own_and_shown_on_a_terminal() {
    let folder = Folder::new("themes");
    folder.write("themes/night.toml", "based_on = \"dark\"\n");
    let (code, said, _) = folder.run(&["themes"], &[]);
    assert!(code == 0 && said.is_ascii() && !said.contains('\u{1b}'), "{said}");
    let names: Vec<_> = said.lines().map(|line| line.split("  ").next().unwrap()).collect();
    assert_eq!(names, ["dark", "light", "high-contrast", "tritanopia", "16-colour", "mono", "inherit", "night"]);
    assert!(said.contains("night  yours, "), "{said}");
    let mut pty = Pty::spawn(&["themes"], (100, 60), &[("PUSHDECK_CONFIG_DIR", folder.path())]);
    assert_eq!(pty.wait_exit(PATIENCE).exit_code(), 0);
    assert!(pty.screen().contains("◆ waiting") && pty.count("\u{1b}[38;5;") > 10, "{}", pty.screen());
    folder.write("themes/night.toml", "based_on = \"dark\"\nrole = 3\n");
    let (code, _, why) = folder.run(&["themes"], &[]);
    assert!(code == 1 && why.contains("night.toml:2: `role` has the wrong type"), "{why}");
}

#[test]
fn every_shell_has_completions() {
    let folder = Folder::new("completions");
    for shell in ["bash", "zsh", "fish", "nushell"] {
        let (code, said, _) = folder.run(&["completions", shell], &[]);
        assert!(code == 0 && said.contains("doctor") && said.contains("reduced-motion"), "{shell}");
    }
    let (code, page, _) = folder.run(&["man"], &[]);
    assert!(code == 0 && page.contains(".TH pushdeck"), "{page}");
}
