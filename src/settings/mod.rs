//! What a person prefers: the program's own values, overlaid by the settings file, the environment and the flags, in that order. Each
//! value knows who said it.
//!
//! Plain data for the console. May use `domain`, `document`, `safe`, and what `metrics` says of addresses; the folders come from the platform's conventions.

mod columns;
mod environment;
mod file;
mod folders;
mod keys;
mod locale;
mod metrics;
mod origin;
mod sources;
mod written;

pub use crate::document::{Fault, nearest};
pub use columns::{Column, Columned, Columns, line as columns_line};
pub use environment::{BadVariable, VARIABLES, environment};
pub use file::{ENTRIES, read};
pub use folders::{Folders, NoFolders};
pub use keys::KeyWish;
pub use locale::{Locale, terminal};
pub use metrics::{Access, Prometheus};
pub use origin::{Origin, Said};
pub use sources::Sources;
pub use written::SETTINGS_FILE;

/// How much may move by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Motion {
    /// A cell of the header turns with each heartbeat, and pages turn while watching.
    #[default]
    Full,
    /// Nothing turns: the age of the data is said in words and in coarse steps, and pages stay.
    Reduced,
}

impl Motion {
    /// The word in settings.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Reduced => "reduced",
        }
    }

    /// The motion this word means.
    pub fn named(word: &str) -> Option<Self> {
        [Self::Full, Self::Reduced].into_iter().find(|motion| motion.word() == word)
    }
}

/// One source's wishes; what it does not mention is `None`, and left to the source below.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layer {
    /// The theme's name, or its file.
    pub theme: Option<Said<String>>,
    /// Whether glyphs are drawn in ASCII.
    pub ascii: Option<Said<bool>>,
    /// Whether colours are used.
    pub colour: Option<Said<bool>>,
    /// The zone times are shown in: an IANA name, `UTC`, or `local`.
    pub zone: Option<Said<String>>,
    /// How much may move by itself.
    pub motion: Option<Said<Motion>>,
    /// Whether the mouse is listened to.
    pub mouse: Option<Said<bool>>,
    /// Keys of one's own; only the settings file has any.
    pub keys: Vec<KeyWish>,
    /// The columns chosen for lists; likewise.
    pub columns: Columns,
    /// The server that numbers come from; likewise.
    pub metrics: Option<Said<Prometheus>>,
}

/// What holds after every source was heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The theme's name, or its file.
    pub theme: Said<String>,
    /// Whether glyphs are drawn in ASCII.
    pub ascii: Said<bool>,
    /// Whether colours are used. Glyph and word carry every status without them.
    pub colour: Said<bool>,
    /// The zone times are shown in: an IANA name, `UTC`, or `local`.
    pub zone: Said<String>,
    /// How much may move by itself.
    pub motion: Said<Motion>,
    /// Whether the mouse is listened to.
    pub mouse: Said<bool>,
    /// Keys of one's own, in the order of their lines.
    pub keys: Vec<KeyWish>,
    /// The columns of lists that somebody chose some for.
    pub columns: Columns,
    /// The server that numbers come from; without one they come from the cells themselves.
    pub metrics: Option<Said<Prometheus>>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: Said::default_is("dark".to_owned()),
            ascii: Said::default_is(false),
            colour: Said::default_is(true),
            zone: Said::default_is("local".to_owned()),
            motion: Said::default_is(Motion::Full),
            mouse: Said::default_is(false),
            keys: Vec::new(),
            columns: Columns::new(),
            metrics: None,
        }
    }
}

impl Settings {
    /// The settings after each layer in turn has had its say, the last one heard winning.
    #[must_use]
    pub fn layered(layers: impl IntoIterator<Item = Layer>) -> Self {
        layers.into_iter().fold(Self::default(), |below, layer| Self {
            theme: layer.theme.unwrap_or(below.theme),
            ascii: layer.ascii.unwrap_or(below.ascii),
            colour: layer.colour.unwrap_or(below.colour),
            zone: layer.zone.unwrap_or(below.zone),
            motion: layer.motion.unwrap_or(below.motion),
            mouse: layer.mouse.unwrap_or(below.mouse),
            keys: if layer.keys.is_empty() { below.keys } else { layer.keys },
            columns: below.columns.into_iter().chain(layer.columns).collect(),
            metrics: layer.metrics.or(below.metrics),
        })
    }
}

const YES_OR_NO: &str = "1 or 0";
const ZONE: &str = "a zone such as Europe/Vienna, or UTC, or local";
const MOTION: &str = "full or reduced";

/// Whether a zone is known on this machine.
fn is_zone(name: &str) -> bool {
    matches!(name, "local" | "UTC") || jiff::tz::TimeZone::get(name).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_layer_that_says_something_wins_and_is_named() {
        let said = |value: &str, origin| Some(Said { value: value.to_owned(), origin });
        let line = Origin::File { file: "settings.toml".to_owned(), line: 2 };
        let file = Layer {
            theme: said("light", line.clone()),
            ascii: Some(Said { value: true, origin: line.clone() }),
            ..Layer::default()
        };
        let flags = Layer { theme: said("mono", Origin::Flag("--theme")), ..Layer::default() };
        let settings = Settings::layered([file, Layer::default(), flags]);
        assert_eq!((settings.theme.value.as_str(), settings.theme.origin.to_string()), ("mono", "--theme".to_owned()));
        assert_eq!((settings.ascii.value, settings.ascii.origin.to_string()), (true, "settings.toml:2".to_owned()));
        assert_eq!((settings.colour.value, settings.colour.origin), (true, Origin::Default));
    }
}
