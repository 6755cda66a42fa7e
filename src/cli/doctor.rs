//! What holds and who said so, what the terminal can do, and what is wrong.

use std::io::IsTerminal as _;

use crate::console::keymap::{Access, Keymap};
use crate::console::runtime::{Clipboard, Within, terminal_size};
use crate::evidence::delta::TIME;
use crate::metrics::prometheus::{CELL, ENVIRONMENT};
use crate::settings::{Locale, Prometheus, Said, Settings};

use super::Global;
use super::exit::{Exit, say};
use super::preferences::{depth, folders, server, sources, theme, variable, zone};
use super::settings::{columns, told};

/// Prints it. The answer is no where anything is wrong.
pub async fn run(global: &Global) -> Exit {
    let (settings, mut wrong) = examined(global);
    say("settings");
    match folders() {
        Some(folders) => {
            let file = folders.settings();
            let there = if file.exists() { "" } else { " (not there; `pushdeck settings init` writes one)" };
            say(format!("  file       {}{there}", file.display()));
        }
        None => say(format!("  file       none: {}", crate::settings::NoFolders)),
    }
    told(&settings).iter().for_each(say);
    say("\nterminal");
    terminal(&settings).iter().for_each(say);
    if let Some(said) = &settings.metrics {
        say("\nmetrics");
        match prometheus(said).await {
            Ok(answer) => say(format!("  {:<10} {answer}", "prometheus")),
            Err(why) => wrong.push(why),
        }
    }
    if wrong.is_empty() {
        say("\nNothing is wrong.");
        return Exit::Done;
    }
    say("\nwrong");
    for line in &wrong {
        say(format!("  {line}"));
    }
    Exit::No
}

/// What holds as far as it can be read, and every fault.
fn examined(global: &Global) -> (Settings, Vec<String>) {
    let mut wrong = Vec::new();
    let sources = sources(global).unwrap_or_else(|mut faults| {
        wrong.append(&mut faults);
        crate::settings::Sources { file: folders().map(|folders| folders.settings()), ..Default::default() }
    });
    let settings = sources.settled().unwrap_or_else(|faults| {
        wrong.extend(faults.iter().map(ToString::to_string));
        sources.without_file()
    });
    if let Err(faults) = Keymap::with(Access::Operate, &settings.keys) {
        wrong.extend(faults.iter().map(ToString::to_string));
    }
    if let Err(why) = theme(&settings) {
        wrong.extend(why.lines().map(str::to_owned));
    }
    wrong.extend(zone(&settings.zone.value).err());
    (settings, wrong)
}

/// What the server that the settings name knows of cells, or what is wrong with it.
async fn prometheus(said: &Said<Prometheus>) -> Result<String, String> {
    let query = format!("{TIME}{{{ENVIRONMENT}!=\"\",{CELL}!=\"\"}}");
    let found = server(said)?.instant(&query, None).await;
    match found.map_err(|why| format!("Prometheus at {}: {why} (said by {})", said.value.url, said.origin))?.len() {
        0 => Ok(format!("answers, and scrapes no target with {TIME}, {ENVIRONMENT} and {CELL} yet")),
        1 => Ok("answers, and scrapes 1 cell".to_owned()),
        many => Ok(format!("answers, and scrapes {many} cells")),
    }
}

fn terminal(settings: &Settings) -> Vec<String> {
    let size = match terminal_size() {
        _ if !std::io::stdout().is_terminal() => "standard output is no terminal".to_owned(),
        (0, 0) => "it does not say".to_owned(),
        (columns, rows) => format!("{columns} x {rows}"),
    };
    let (depth, why) = depth(settings);
    let locale = Locale::of(variable);
    let promise = if locale.is_utf8() { "UTF-8" } else { "no UTF-8 is promised" };
    let glyphs = if settings.ascii.value { "ASCII" } else { "Unicode" };
    columns(vec![
        ("size", size, String::new()),
        ("TERM", variable("TERM").unwrap_or_else(|| "not set".to_owned()), String::new()),
        ("colours", depth.word().to_owned(), why),
        ("glyphs", glyphs.to_owned(), format!("{}: {promise}", locale.words())),
        ("within", within(), String::new()),
        ("clipboard", clipboard(), String::new()),
    ])
}

fn within() -> String {
    let set = |name: &str| variable(name).is_some_and(|value| !value.is_empty());
    let seen = [("TMUX", "tmux"), ("STY", "screen"), ("SSH_CONNECTION", "ssh")];
    let seen: Vec<_> = seen.into_iter().filter(|(name, _)| set(name)).map(|(_, word)| word).collect();
    if seen.is_empty() { "no tmux, screen or ssh is seen".to_owned() } else { seen.join(", ") }
}

fn clipboard() -> String {
    let clipboard = Clipboard::here();
    let osc = match clipboard.within {
        Within::Nothing => "OSC 52, if the terminal allows it",
        Within::Tmux => "OSC 52 through tmux, if set-clipboard or allow-passthrough is on",
        Within::Screen => "OSC 52 through screen, if the terminal allows it",
    };
    let tools = clipboard.tools.iter().map(|tool| tool.name);
    tools.chain([osc]).collect::<Vec<_>>().join("; then ")
}
