//! `settings.toml`.

use super::{Columns, KeyWish, Layer, MOTION, Motion, Origin, Said, ZONE, columns, is_zone, keys, metrics};
use crate::document::{self, At, Checked, Sound};

/// What may stand in a settings file.
pub const ENTRIES: [&str; 9] = ["theme", "ascii", "colour", "zone", "motion", "mouse", "keys", "columns", "metrics"];

/// Reads a settings file. `file` is its name for messages.
///
/// # Errors
/// Every fault in it, in the order of the lines.
pub fn read(file: &str, text: &str) -> Checked<Sound<Layer>> {
    document::read(file, text, |root| {
        let zone = root.get::<String>("zone");
        if let Some(zone) = zone.as_ref().filter(|zone| !is_zone(zone)) {
            root.sheet().fault(zone.line, &format!("there is no zone {:?} on this machine", zone.value), &format!("write {ZONE}"));
        }
        let motion = root.get::<String>("motion").and_then(|word| {
            let motion = Motion::named(&word);
            if motion.is_none() {
                root.sheet().fault(word.line, &format!("{:?} is no motion", word.value), &format!("write {MOTION}"));
            }
            motion.map(|value| At { value, line: word.line })
        });
        Some(Layer {
            theme: said(file, root.get("theme")),
            ascii: said(file, root.get("ascii")),
            colour: said(file, root.get("colour")),
            zone: said(file, zone),
            motion: said(file, motion),
            mouse: said(file, root.get("mouse")),
            keys: wishes(file, root),
            columns: chosen(file, root),
            metrics: root.table("metrics").and_then(|table| metrics::metrics(file, &table)),
        })
    })
}

fn said<T>(file: &str, found: Option<At<T>>) -> Option<Said<T>> {
    found.map(|found| Said { value: found.value, origin: Origin::File { file: file.to_owned(), line: found.line } })
}

fn wishes(file: &str, root: &document::Table<'_>) -> Vec<KeyWish> {
    root.table("keys").map(|table| keys::keys(file, &table)).unwrap_or_default()
}

fn chosen(file: &str, root: &document::Table<'_>) -> Columns {
    root.table("columns").map(|table| columns::columns(file, &table)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_may_say_as_little_as_it_likes() {
        let layer = read("settings.toml", "zone = \"UTC\"\n").expect("sound").value;
        let origin = Origin::File { file: "settings.toml".to_owned(), line: 1 };
        assert_eq!(layer, Layer { zone: Some(Said { value: "UTC".to_owned(), origin }), ..Layer::default() });
    }

    #[test]
    fn every_fault_has_its_line() {
        let text = "themes = \"x\"\nascii = 1\nzone = \"Mars/Olympus\"\nmotion = \"some\"\n[keys]\nstop = 3\n";
        let faults = read("settings.toml", text).expect_err("five faults");
        assert_eq!(faults.iter().map(|fault| fault.line).collect::<Vec<_>>(), [1, 2, 3, 4, 6], "{faults:#?}");
    }

    #[test]
    fn keys_are_one_or_several_or_none() {
        let text = "[keys]\napprove = \"F5\"\nstop = [\"s\", \"F12\"]\n\"take over\" = []\n";
        let keys = read("settings.toml", text).expect("sound").value.keys;
        let told: Vec<_> = keys.iter().map(|wish| (wish.action.as_str(), wish.keys.join(" "), wish.line)).collect();
        assert_eq!(told, [("approve", "F5".to_owned(), 2), ("stop", "s F12".to_owned(), 3), ("take over", String::new(), 4)]);
    }

    #[test]
    fn the_file_that_is_written_says_what_holds_anyway() {
        let sound = read("settings.toml", crate::settings::SETTINGS_FILE).expect("sound");
        assert_eq!((sound.value, sound.warnings), (Layer::default(), Vec::new()));
        let awake: String = crate::settings::SETTINGS_FILE
            .lines()
            .map(|line| {
                line.strip_prefix("# ").filter(|line| line.contains(" = ") || line.starts_with('[')).unwrap_or_default().to_owned()
                    + "\n"
            })
            .collect::<String>();
        let layer = read("settings.toml", &awake).unwrap_or_else(|faults| panic!("{faults:#?}\n{awake}")).value;
        let said = crate::settings::Settings::layered([layer]);
        let defaults = crate::settings::Settings::default();
        assert_eq!((&said.theme.value, said.ascii.value, said.colour.value), (&defaults.theme.value, false, true));
        assert_eq!((&said.zone.value, said.motion.value, said.mouse.value), (&defaults.zone.value, Motion::Full, false));
        assert_eq!(said.columns.len(), crate::settings::Columned::ALL.len());
        assert_eq!(said.metrics.map(|said| said.value.url), Some("https://prometheus.example.com".to_owned()));
        for entry in ENTRIES {
            assert!(crate::settings::SETTINGS_FILE.contains(entry), "{entry}");
        }
    }
}
