//! What holds after defaults, file, environment and flags have been heard, and what a console makes of it.

use std::path::PathBuf;

use jiff::tz::TimeZone;

use crate::console::keymap::{self, Keymap};
use crate::console::runtime::{Again, Looks};
use crate::console::theme::{Choice, ColourDepth, TerminalEnv, Theme};
use crate::metrics::prometheus::{Credentials, Identity, Kept, Options, Server};
use crate::settings::{self, Access, Folders, Layer, Motion, Said, Settings, Sources};

use super::Global;
use super::exit::{Exit, complain};

/// Everything that says something about settings.
pub(super) fn sources(global: &Global) -> Result<Sources, Vec<String>> {
    let environment =
        settings::environment(variable).map_err(|faults| faults.iter().map(ToString::to_string).collect::<Vec<_>>())?;
    Ok(Sources {
        file: folders().map(|folders| folders.settings()),
        below: settings::terminal(variable),
        above: vec![environment, flags(global)],
    })
}

fn flags(global: &Global) -> Layer {
    Layer {
        theme: Said::by_flag("--theme", global.theme.clone()),
        ascii: Said::by_flag("--ascii", global.ascii.then_some(true)),
        colour: Said::by_flag("--no-color", global.no_color.then_some(false)),
        zone: Said::by_flag("--zone", global.zone.clone()),
        motion: Said::by_flag("--reduced-motion", global.reduced_motion.then_some(Motion::Reduced)),
        mouse: Said::by_flag("--mouse", global.mouse.then_some(true)),
        keys: Vec::new(),
        columns: settings::Columns::new(),
        metrics: None,
    }
}

/// What holds.
pub(super) fn settings(global: &Global) -> Result<Settings, Exit> {
    let told = |faults: Vec<String>| faults.iter().fold(Exit::Misuse, |exit, fault| complain(fault, exit));
    let sources = sources(global).map_err(told)?;
    sources.settled().map_err(|faults| told(faults.iter().map(ToString::to_string).collect()))
}

/// The Prometheus server that the settings name, ready to be asked.
pub(super) fn prometheus(global: &Global) -> Result<Option<Server>, Exit> {
    let Some(said) = settings(global)?.metrics else { return Ok(None) };
    server(&said).map(Some).map_err(|why| complain(why, Exit::Misuse))
}

/// A server as the settings name it, or why it cannot be asked and who said so.
pub(super) fn server(said: &Said<settings::Prometheus>) -> Result<Server, String> {
    let settings::Prometheus { url, access, ca, client } = said.value.clone();
    let credentials = match access {
        Access::Open => Credentials::None,
        Access::BearerFile(file) => Credentials::Bearer(Kept::File(file)),
        Access::BearerVariable(name) => Credentials::Bearer(Kept::Variable(name)),
        Access::Basic(user, name) => Credentials::Basic { user, password: Kept::Variable(name) },
    };
    let identity = client.map(|(certificate, key)| Identity { certificate, key });
    Server::new(&Options { url, credentials, ca, identity }).map_err(|why| format!("{why} (said by {})", said.origin))
}

/// The zone clock times are said in.
pub(super) fn zone_of(global: &Global) -> Result<TimeZone, Exit> {
    zone(&settings(global)?.zone.value).map_err(|why| complain(why, Exit::Misuse))
}

/// A zone by its name.
pub(super) fn zone(name: &str) -> Result<TimeZone, String> {
    match name {
        "UTC" => Ok(TimeZone::UTC),
        "local" => Ok(TimeZone::system()),
        name => TimeZone::get(name)
            .map_err(|why| format!("there is no zone {name:?}: {why}; write UTC, local, or a name such as Europe/Vienna")),
    }
}

/// The colours of this terminal under these settings, and why.
pub(super) fn depth(settings: &Settings) -> (ColourDepth, String) {
    let (no_color, colorterm, term) = (variable("NO_COLOR"), variable("COLORTERM"), variable("TERM"));
    // Whoever asks for colour by name has overruled NO_COLOR already.
    let no_color = no_color.filter(|_| !settings.colour.value);
    ColourDepth::told(TerminalEnv {
        no_color_flag: !settings.colour.value && no_color.is_none(),
        no_color: no_color.as_deref(),
        colorterm: colorterm.as_deref(),
        term: term.as_deref(),
        in_screen: variable("STY").is_some_and(|value| !value.is_empty()),
    })
}

/// Lets colours through where they are asked for by name: the terminal's library keeps them back by itself as long as `NO_COLOR` is set.
pub(super) fn let_colours_through(settings: &Settings) {
    if settings.colour.value {
        crossterm::style::force_color_output(true);
    }
}

/// The theme that is asked for, and its file where it is one's own.
pub(super) fn theme(settings: &Settings) -> Result<(Theme, Option<PathBuf>), String> {
    let said = |why: String| format!("{why} (said by {})", settings.theme.origin);
    let choice = Choice::named(&settings.theme.value, themes().as_deref()).map_err(|why| said(why.to_string()))?;
    let theme = choice.load(depth(settings).0).map_err(|why| why.to_string())?;
    Ok((theme, choice.file().map(std::path::Path::to_owned)))
}

/// What a console looks like, and how it reads that again.
pub(super) fn looks(global: &Global) -> Result<(Looks, Again), Exit> {
    let sources = sources(global).map_err(|faults| faults.iter().fold(Exit::Misuse, |exit, fault| complain(fault, exit)))?;
    let_colours_through(&sources.settled().unwrap_or_else(|_| sources.without_file()));
    let looks = dressed(&sources).map_err(|why| why.lines().fold(Exit::Misuse, |exit, fault| complain(fault, exit)))?;
    Ok((looks, Box::new(move || dressed(&sources))))
}

fn dressed(sources: &Sources) -> Result<Looks, String> {
    let lines = |faults: Vec<settings::Fault>| faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    let settings = sources.settled().map_err(lines)?;
    Keymap::with(keymap::Access::Operate, &settings.keys).map_err(lines)?;
    let (theme, own) = theme(&settings)?;
    Ok(Looks {
        theme,
        ascii: settings.ascii.value,
        zone: zone(&settings.zone.value)?,
        keys: settings.keys,
        columns: settings.columns,
        motion: settings.motion.value,
        mouse: settings.mouse.value,
        files: sources.present().map(std::path::Path::to_owned).into_iter().chain(own).collect(),
    })
}

/// The folder of one's own themes.
pub(super) fn themes() -> Option<PathBuf> {
    folders().map(|folders| folders.themes())
}

pub(super) fn folders() -> Option<Folders> {
    Folders::find(variable).ok()
}

pub(super) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
