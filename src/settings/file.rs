//! `settings.toml`.

use super::{Layer, ZONE, is_zone};
use crate::document::{self, Checked, Sound};

/// Reads a settings file. `file` is its name for messages.
///
/// # Errors
/// Every fault in it, in the order of the lines.
pub fn read(file: &str, text: &str) -> Checked<Sound<Layer>> {
    document::read(file, text, |root| {
        let theme = root.get::<String>("theme").map(|theme| theme.value);
        let ascii = root.get::<bool>("ascii").map(|ascii| ascii.value);
        let colour = root.get::<bool>("colour").map(|colour| colour.value);
        let zone = root.get::<String>("zone");
        if let Some(zone) = zone.as_ref().filter(|zone| !is_zone(zone)) {
            root.sheet().fault(zone.line, &format!("there is no zone {:?} on this machine", zone.value), &format!("write {ZONE}"));
        }
        Some(Layer { theme, ascii, colour, zone: zone.map(|zone| zone.value) })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_may_say_as_little_as_it_likes() {
        let layer = read("settings.toml", "zone = \"UTC\"\n").expect("sound").value;
        assert_eq!(layer, Layer { zone: Some("UTC".to_owned()), ..Layer::default() });
    }

    #[test]
    fn every_fault_has_its_line() {
        let faults = read("settings.toml", "themes = \"x\"\nascii = 1\nzone = \"Mars/Olympus\"\n").expect_err("three faults");
        assert_eq!(faults.iter().map(|fault| fault.line).collect::<Vec<_>>(), [1, 2, 3], "{faults:#?}");
    }
}
