//! From a URI to a backend.

use std::path::{Path, PathBuf};

use crate::backend::demo::{CannotOpen, Demo, Options};

use super::Global;
use super::exit::{Exit, complain};
use super::preferences;
use crate::engine::run::live::Outside;

/// What may be looked at.
#[derive(Clone, Debug, PartialEq)]
pub enum Uri {
    /// `demo:SCENARIO?seed=N&speed=X`.
    Demo {
        /// Which; the default one where none is named.
        scenario: Option<String>,
        /// Where its randomness begins.
        seed: Option<u64>,
        /// How many times faster than the wall.
        speed: f64,
    },
    /// `recording:FILE`.
    Recording(PathBuf),
}

/// What a URI that cannot be opened is told.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadUri {
    /// Of no kind that is known.
    #[error("{0:?} is no backend; write demo:SCENARIO or recording:FILE")]
    Kind(String),
    /// Of a demo, with something that is not known.
    #[error("{0:?} is nothing a demo takes; write demo:SCENARIO?seed=7&speed=60")]
    Parameter(String),
    /// A speed that no clock can run at.
    #[error("the speed is {0}; give one between 0.1 and 600")]
    Speed(String),
}

impl Uri {
    /// Reads a URI.
    pub fn read(text: &str) -> Result<Self, BadUri> {
        if let Some(file) = text.strip_prefix("recording:").filter(|file| !file.is_empty()) {
            return Ok(Self::Recording(PathBuf::from(file)));
        }
        let rest = text.strip_prefix("demo:").ok_or_else(|| BadUri::Kind(text.to_owned()))?;
        let (name, parameters) = rest.split_once('?').unwrap_or((rest, ""));
        let (mut seed, mut rate) = (None, 1.0);
        for parameter in parameters.split('&').filter(|parameter| !parameter.is_empty()) {
            let unknown = || BadUri::Parameter(parameter.to_owned());
            match parameter.split_once('=') {
                Some(("seed", value)) => seed = Some(value.parse().map_err(|_| unknown())?),
                Some(("speed", value)) => rate = value.parse().map_err(|_| unknown())?,
                _ => return Err(unknown()),
            }
        }
        Ok(Self::Demo { scenario: (!name.is_empty()).then(|| name.to_owned()), seed, speed: rate })
    }
}

/// What the flags ask for; the demo where they ask for nothing.
pub fn uri(global: &Global) -> Result<Uri, Exit> {
    let text = global.backend.as_deref().unwrap_or("demo:");
    let uri = Uri::read(text).map_err(|why| complain(why, Exit::Misuse))?;
    if matches!(uri, Uri::Recording(_)) {
        nothing_to_expose(global)?;
    }
    Ok(uri)
}

/// A recording has no cells that could be scraped.
pub fn nothing_to_expose(global: &Global) -> Result<(), Exit> {
    match global.expose {
        Some(_) => Err(complain("a recording has no cells to expose; leave out --expose, or look at a demo", Exit::Misuse)),
        None => Ok(()),
    }
}

/// Whether a clock can run so many times as fast as the wall's.
pub fn speed(rate: f64) -> Result<(), Exit> {
    if (0.1..=600.0).contains(&rate) { Ok(()) } else { Err(complain(BadUri::Speed(rate.to_string()), Exit::Misuse)) }
}

/// Whether a file is there to be read.
pub fn readable(file: &Path) -> Result<(), Exit> {
    let why = match std::fs::File::open(file).and_then(|opened| opened.metadata()) {
        Ok(about) if about.is_file() => return Ok(()),
        Ok(_) => "it is no file".to_owned(),
        Err(why) => why.to_string(),
    };
    Err(complain(format!("{} cannot be read: {why}; name a file made with --record", file.display()), Exit::Unreachable))
}

/// Opens a demo.
pub fn demo(global: &Global, scenario: Option<String>, seed: Option<u64>, rate: f64) -> Result<Demo, Exit> {
    speed(rate)?;
    let outside = Outside { prometheus: preferences::prometheus(global)?, expose: global.expose };
    let options = Options { scenario, seed, speed: rate, actor: global.actor(), record: global.record.clone(), outside };
    Demo::open(&options).map_err(|why| match why {
        CannotOpen::Begin(_) | CannotOpen::Broken(_) => complain(why, Exit::Unreachable),
        CannotOpen::NoScenario { .. } | CannotOpen::Faulty(_) | CannotOpen::Recording(_) => complain(why, Exit::Misuse),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uri_says_which_scenario_how_fast_and_from_which_seed() {
        let demo = |scenario: Option<&str>, seed, speed| Ok(Uri::Demo { scenario: scenario.map(str::to_owned), seed, speed });
        assert_eq!(Uri::read("demo:"), demo(None, None, 1.0));
        assert_eq!(Uri::read("demo:no-data?seed=7&speed=60"), demo(Some("no-data"), Some(7), 60.0));
        assert_eq!(Uri::read("recording:a b.jsonl"), Ok(Uri::Recording(PathBuf::from("a b.jsonl"))));
        assert_eq!(Uri::read("demo:?sped=60"), Err(BadUri::Parameter("sped=60".to_owned())));
        assert_eq!(Uri::read("https://x"), Err(BadUri::Kind("https://x".to_owned())));
    }
}
