//! The settings file: where it is, what holds, and a first one to begin with.

use std::fs;
use std::io::{self, Write as _};

use clap::Subcommand;

use crate::console::theme::Choice;
use crate::settings::{SETTINGS_FILE, Settings};

use super::Global;
use super::exit::{Exit, complain, say};
use super::preferences::{folders, settings, themes};

/// What to do with the settings.
#[derive(Clone, Copy, Debug, Subcommand)]
pub enum Command {
    /// Write a settings file with every entry explained, where there is none
    Init,
}

/// Does it.
pub fn run(global: &Global, command: Option<Command>) -> Exit {
    let Some(folders) = folders() else { return complain(crate::settings::NoFolders, Exit::Misuse) };
    let file = folders.settings();
    if let Some(Command::Init) = command {
        return match begin(&file) {
            Ok(()) => {
                say(format!("written: {}", file.display()));
                Exit::Done
            }
            Err(why) if why.kind() == io::ErrorKind::AlreadyExists => {
                complain(format!("{} is there already, and stays as it is", file.display()), Exit::Misuse)
            }
            Err(why) => complain(format!("{} cannot be written: {why}", file.display()), Exit::Misuse),
        };
    }
    let settings = match settings(global) {
        Ok(settings) => settings,
        Err(exit) => return exit,
    };
    let missing = if file.exists() { "" } else { " (not there; `pushdeck settings init` writes one)" };
    say(format!("{}{missing}\n", file.display()));
    told(&settings).iter().for_each(say);
    Exit::Done
}

/// Never over a file that is there.
fn begin(file: &std::path::Path) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::File::create_new(file)?.write_all(SETTINGS_FILE.as_bytes())
}

/// Each setting with its value and who said it, in columns.
pub(super) fn told(settings: &Settings) -> Vec<String> {
    let yes = |yes: bool| if yes { "yes" } else { "no" }.to_owned();
    let own = Choice::named(&settings.theme.value, themes().as_deref()).is_ok_and(|choice| choice.file().is_some());
    let theme = if own { format!("{} (yours)", settings.theme.value) } else { settings.theme.value.clone() };
    let mut rows = vec![
        ("theme", theme, settings.theme.origin.to_string()),
        ("ascii", yes(settings.ascii.value), settings.ascii.origin.to_string()),
        ("colour", yes(settings.colour.value), settings.colour.origin.to_string()),
        ("zone", settings.zone.value.clone(), settings.zone.origin.to_string()),
        ("motion", settings.motion.value.word().to_owned(), settings.motion.origin.to_string()),
        ("mouse", yes(settings.mouse.value), settings.mouse.origin.to_string()),
    ];
    for wish in &settings.keys {
        let keys = if wish.keys.is_empty() { "no key".to_owned() } else { wish.keys.join(", ") };
        rows.push(("key", format!("{}: {keys}", wish.action), format!("{}:{}", wish.file, wish.line)));
    }
    if settings.keys.is_empty() {
        rows.push(("keys", "the usual ones".to_owned(), "default".to_owned()));
    }
    for (list, said) in &settings.columns {
        let words: Vec<_> = said.value.iter().map(ToString::to_string).collect();
        let words = if words.is_empty() { "none".to_owned() } else { words.join(", ") };
        rows.push(("columns", format!("{}: {words}", list.word()), said.origin.to_string()));
    }
    if settings.columns.is_empty() {
        rows.push(("columns", "all".to_owned(), "default".to_owned()));
    }
    rows.push(match &settings.metrics {
        Some(said) => ("metrics", said.value.to_string(), said.origin.to_string()),
        None => ("metrics", "from the cells".to_owned(), "default".to_owned()),
    });
    columns(rows)
}

/// Three columns, each as wide as its widest.
pub(super) fn columns(rows: Vec<(&'static str, String, String)>) -> Vec<String> {
    let rows: Vec<_> =
        rows.into_iter().map(|(name, value, said)| (name, crate::safe::clean(&value), crate::safe::clean(&said))).collect();
    let widest = rows.iter().map(|(_, value, _)| value.chars().count()).max().unwrap_or(0).min(40);
    rows.into_iter().map(|(name, value, said)| format!("  {name:<10} {value:<widest$}  {said}").trim_end().to_owned()).collect()
}
