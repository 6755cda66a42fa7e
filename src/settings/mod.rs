//! What a person prefers: the program's own values, overlaid by the settings file, the environment and the flags, in that order.
//!
//! Plain data for the console. May use `domain`, `document` and `safe`; the folders come from the platform's conventions.

mod file;
mod folders;

pub use file::read;
pub use folders::{Folders, NoFolders};

/// One source's wishes; what it does not mention is `None`, and left to the source below.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layer {
    /// The theme's name.
    pub theme: Option<String>,
    /// Whether glyphs are drawn in ASCII.
    pub ascii: Option<bool>,
    /// Whether colours are used.
    pub colour: Option<bool>,
    /// The zone times are shown in: an IANA name, `UTC`, or `local`.
    pub zone: Option<String>,
}

/// What holds after every source was heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The theme's name.
    pub theme: String,
    /// Whether glyphs are drawn in ASCII.
    pub ascii: bool,
    /// Whether colours are used. Glyph and word carry every status without them.
    pub colour: bool,
    /// The zone times are shown in: an IANA name, `UTC`, or `local`.
    pub zone: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self { theme: "dark".to_owned(), ascii: false, colour: true, zone: "local".to_owned() }
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
        })
    }
}

/// A variable of the environment that does not say what it should.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name} is {value:?}; set it to {expected}, or unset it")]
pub struct BadVariable {
    /// The variable.
    pub name: &'static str,
    /// Its value, made safe to show.
    pub value: String,
    /// What it may be.
    pub expected: &'static str,
}

const YES_OR_NO: &str = "1 or 0";
const ZONE: &str = "a zone such as Europe/Vienna, or UTC, or local";

/// The environment's layer: `PUSHDECK_THEME`, `PUSHDECK_ASCII`, `PUSHDECK_COLOUR`, `PUSHDECK_ZONE`, and `NO_COLOR`, which by its
/// convention turns colour off when it is set to anything but nothing. `PUSHDECK_COLOUR` is the more particular and wins over it.
///
/// # Errors
/// Every variable that does not say what it should.
pub fn environment(variable: impl Fn(&str) -> Option<String>) -> Result<Layer, Vec<BadVariable>> {
    let mut faults = Vec::new();
    let mut bad = |name, value: &str, expected| faults.push(BadVariable { name, value: crate::safe::clean(value), expected });
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    let mut yes = |name: &'static str| match set(name)?.as_str() {
        "1" | "true" | "yes" => Some(true),
        "0" | "false" | "no" => Some(false),
        other => {
            bad(name, other, YES_OR_NO);
            None
        }
    };
    let ascii = yes("PUSHDECK_ASCII");
    let colour = yes("PUSHDECK_COLOUR").or_else(|| set("NO_COLOR").map(|_| false));
    let zone = set("PUSHDECK_ZONE");
    if let Some(zone) = zone.as_deref().filter(|zone| !is_zone(zone)) {
        bad("PUSHDECK_ZONE", zone, ZONE);
    }
    if faults.is_empty() { Ok(Layer { theme: set("PUSHDECK_THEME"), ascii, colour, zone }) } else { Err(faults) }
}

/// Whether a zone is known on this machine.
fn is_zone(name: &str) -> bool {
    matches!(name, "local" | "UTC") || jiff::tz::TimeZone::get(name).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_layer_that_says_something_wins() {
        let file = Layer { theme: Some("light".to_owned()), ascii: Some(true), ..Layer::default() };
        let flags = Layer { theme: Some("mono".to_owned()), ..Layer::default() };
        let settings = Settings::layered([file, Layer::default(), flags]);
        assert_eq!((settings.theme.as_str(), settings.ascii, settings.colour), ("mono", true, true));
    }

    #[test]
    fn no_color_holds_unless_colour_is_asked_for_by_name() {
        let only = |set: &'static [(&str, &str)]| {
            environment(move |name| set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
        };
        assert_eq!(only(&[("NO_COLOR", "1")]).map(|layer| layer.colour), Ok(Some(false)));
        assert_eq!(only(&[("NO_COLOR", "")]).map(|layer| layer.colour), Ok(None));
        assert_eq!(only(&[("NO_COLOR", "1"), ("PUSHDECK_COLOUR", "1")]).map(|layer| layer.colour), Ok(Some(true)));
        let faults = only(&[("PUSHDECK_ASCII", "maybe"), ("PUSHDECK_ZONE", "Mars/Olympus")]).expect_err("two faults");
        assert_eq!(faults.iter().map(|fault| fault.name).collect::<Vec<_>>(), ["PUSHDECK_ASCII", "PUSHDECK_ZONE"]);
    }
}
