//! Every fault of a file, in one go.

use std::path::Path;

use crate::backend::demo;
use crate::console::keymap::{Access, Keymap};
use crate::console::theme::{ColourDepth, Theme};
use crate::document::Fault;
use crate::engine::spec::{self, scenario};
use crate::settings;

use super::exit::{Exit, complain, say};

/// What a file can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Spec,
    Scenario,
    Settings,
    Theme,
}

impl Kind {
    const fn word(self) -> &'static str {
        match self {
            Self::Spec => "spec",
            Self::Scenario => "scenario",
            Self::Settings => "settings",
            Self::Theme => "theme",
        }
    }

    /// By what stands in it: each kind has tables that no other has. A file with none of them is taken for a spec.
    fn of(text: &str) -> Self {
        let table: toml::Table = text.parse().unwrap_or_default();
        let any = |keys: &[&str]| keys.iter().any(|key| table.contains_key(*key));
        if any(&["about", "act", "expect", "fault", "fast_forward"]) {
            Self::Scenario
        } else if any(&["environment", "service", "group", "release", "people"]) {
            Self::Spec
        } else if any(&["role", "based_on"]) {
            Self::Theme
        } else if any(&settings::ENTRIES) {
            Self::Settings
        } else {
            Self::Spec
        }
    }
}

/// Checks a file and says everything that is wrong with it.
pub fn run(path: &Path) -> Exit {
    let file = path.display().to_string();
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(why) => return complain(format!("{file} cannot be read: {why}"), Exit::Misuse),
    };
    let kind = Kind::of(&text);
    let found = match kind {
        Kind::Spec => spec::read(&file, &text).map(|sound| sound.warnings),
        Kind::Settings => settings::read(&file, &text).and_then(|sound| {
            // Names of keys and actions are known to the key table alone.
            Keymap::with(Access::Operate, &sound.value.keys).map(|_| sound.warnings)
        }),
        Kind::Theme => return theme(&file, &text),
        Kind::Scenario => {
            let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
            scenario::read(&name, &file, &text, |spec| beside(path, spec)).map(|sound| sound.warnings)
        }
    };
    report(&file, kind, found)
}

fn report(file: &str, kind: Kind, found: Result<Vec<Fault>, Vec<Fault>>) -> Exit {
    match found {
        Ok(warnings) => {
            for warning in &warnings {
                say(format!("warning: {warning}"));
            }
            say(format!("{file}: a {} without fault", kind.word()));
            Exit::Done
        }
        Err(faults) => {
            for fault in &faults {
                say(fault);
            }
            complain(format!("{file} has {} as a {}", count(faults.len()), kind.word()), Exit::Misuse)
        }
    }
}

fn count(faults: usize) -> String {
    if faults == 1 { "1 fault".to_owned() } else { format!("{faults} faults") }
}

fn theme(file: &str, text: &str) -> Exit {
    match Theme::parse(file, text, ColourDepth::True) {
        Ok(_) => report(file, Kind::Theme, Ok(Vec::new())),
        Err(why) => {
            say(&why);
            complain(format!("{file} has faults as a theme"), Exit::Misuse)
        }
    }
}

/// The spec a scenario names: a file beside it, or in the folder `specs` beside its own, or one that comes with the program.
fn beside(scenario: &Path, name: &str) -> Option<crate::domain::declaration::Declaration> {
    let folder = scenario.parent()?;
    let near = [folder.join(format!("{name}.toml")), folder.join("../specs").join(format!("{name}.toml"))];
    // Beside it may lie a scenario that is called like its spec: what counts is the first that is one.
    let sound = |path: &std::path::PathBuf| {
        let text = std::fs::read_to_string(path).ok()?;
        spec::read(name, &text).ok().map(|sound| sound.value)
    };
    near.iter().find_map(sound).or_else(|| demo::declared(name))
}
