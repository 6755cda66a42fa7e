//! The console and the wall.

use std::io::IsTerminal as _;
use std::path::Path;

use jiff::tz::TimeZone;

use crate::backend::recording::{Recorded, Replayed};
use crate::console::runtime::{Hands, Looks, Nobody, Wall, run};
use crate::console::theme::{ColourDepth, TerminalEnv, Theme};
use crate::domain::time::Period;
use crate::settings::{self, Folders, Layer, Settings};

use super::Global;
use super::exit::{Exit, complain};
use super::open::{self, Uri};

/// The console, for somebody who may act where the backend lets them.
pub async fn operate(global: &Global, uri: Uri) -> Exit {
    let looks = match prepared(global) {
        Ok(looks) => looks,
        Err(exit) => return exit,
    };
    let ended = match uri {
        Uri::Demo { scenario, seed, speed } => match open::demo(global, scenario, seed, speed) {
            Ok(demo) => run(&demo.clone(), Hands::Operate(demo), global.actor(), looks).await,
            Err(exit) => return exit,
        },
        // Nothing can be asked of a recording: it is watched, though by a person with a keyboard.
        Uri::Recording(file) => {
            let wall = Wall { kiosk: false, cycle: None };
            run(&Recorded::new(&file), Hands::<Nobody>::Watch(wall), global.actor(), looks).await
        }
    };
    match ended {
        Ok(()) => Exit::Done,
        Err(why) => complain(why, Exit::Misuse),
    }
}

/// A recording, from its beginning. Nothing can be asked of it.
pub async fn replay(global: &Global, file: &Path, speed: f64) -> Exit {
    let looks = match open::speed(speed).and_then(|()| open::readable(file)).and_then(|()| prepared(global)) {
        Ok(looks) => looks,
        Err(exit) => return exit,
    };
    let wall = Wall { kiosk: false, cycle: None };
    match run(&Replayed::new(file, speed), Hands::<Nobody>::Watch(wall), global.actor(), looks).await {
        Ok(()) => Exit::Done,
        Err(why) => complain(why, Exit::Misuse),
    }
}

/// The wall.
pub async fn watch(global: &Global, kiosk: bool, cycle: u32) -> Exit {
    let (uri, looks) = match (open::uri(global), prepared(global)) {
        (Ok(uri), Ok(looks)) => (uri, looks),
        (Err(exit), _) | (_, Err(exit)) => return exit,
    };
    let hands = Hands::<Nobody>::Watch(Wall { kiosk, cycle: Some(Period::from_secs(i64::from(cycle))) });
    let ended = match uri {
        Uri::Demo { scenario, seed, speed } => match open::demo(global, scenario, seed, speed) {
            Ok(demo) => run(&demo, hands, global.actor(), looks).await,
            Err(exit) => return exit,
        },
        Uri::Recording(file) => run(&Recorded::new(&file), hands, global.actor(), looks).await,
    };
    match ended {
        Ok(()) => Exit::Done,
        Err(why) => complain(why, Exit::Misuse),
    }
}

/// A terminal to draw on, and how to draw.
fn prepared(global: &Global) -> Result<Looks, Exit> {
    if !std::io::stdin().is_terminal() || !std::io::stdout().is_terminal() {
        let why = "the console needs a terminal, and this is none; `pushdeck status` and `pushdeck events` print lines";
        return Err(complain(why, Exit::Misuse));
    }
    let settings = settings(global)?;
    let (no_color, colorterm, term) = (variable("NO_COLOR"), variable("COLORTERM"), variable("TERM"));
    let depth = ColourDepth::of(TerminalEnv {
        no_color_flag: !settings.colour || settings.theme == "mono",
        no_color: no_color.as_deref(),
        colorterm: colorterm.as_deref(),
        term: term.as_deref(),
    });
    let theme = Theme::for_depth(depth).map_err(|why| complain(why, Exit::Misuse))?;
    Ok(Looks { theme, ascii: settings.ascii, zone: zone(&settings.zone)? })
}

/// The zone clock times are said in.
pub(super) fn zone(name: &str) -> Result<TimeZone, Exit> {
    match name {
        "UTC" => Ok(TimeZone::UTC),
        "local" => Ok(TimeZone::system()),
        name => TimeZone::get(name).map_err(|why| {
            complain(format!("there is no zone {name:?}: {why}; write UTC, local, or a name such as Europe/Vienna"), Exit::Misuse)
        }),
    }
}

/// What holds after defaults, file, environment and flags have been heard.
pub(super) fn settings(global: &Global) -> Result<Settings, Exit> {
    let file = from_file()?;
    let environment =
        settings::environment(variable).map_err(|faults| faults.iter().fold(Exit::Misuse, |exit, fault| complain(fault, exit)))?;
    if let Some(theme) = global.theme.as_deref().filter(|theme| !matches!(*theme, "dark" | "mono")) {
        return Err(complain(format!("there is no theme {theme:?}; there are dark and mono"), Exit::Misuse));
    }
    let flags = Layer {
        theme: global.theme.clone(),
        ascii: global.ascii.then_some(true),
        colour: global.no_color.then_some(false),
        zone: global.zone.clone(),
    };
    Ok(Settings::layered([file, environment, flags]))
}

/// The settings file's wishes; none where there is no file.
fn from_file() -> Result<Layer, Exit> {
    let Ok(folders) = Folders::find(variable) else { return Ok(Layer::default()) };
    let path = folders.settings();
    let Ok(text) = std::fs::read_to_string(&path) else { return Ok(Layer::default()) };
    settings::read(&path.display().to_string(), &text)
        .map(|sound| sound.value)
        .map_err(|faults| faults.iter().fold(Exit::Misuse, |exit, fault| complain(fault, exit)))
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
