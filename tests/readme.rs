//! The README says what the program does: its key table is the program's own, and what it points at is there.
//!
//! `UPDATE_README=1 cargo test --test readme its_key_table` writes the key table anew.
#![expect(clippy::unwrap_used, reason = "a README that cannot be read has failed")]

use std::path::{Path, PathBuf};

use pushdeck::console::keymap::readme_table;
use pushdeck::console::theme::{ColourDepth, SHIPPED, Theme};
use pushdeck::settings::{ENTRIES, VARIABLES};

const BEGIN: &str = "<!-- keys -->\n";
const END: &str = "<!-- /keys -->";

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn readme() -> String {
    std::fs::read_to_string(root().join("README.md")).unwrap()
}

#[test]
fn its_key_table_is_the_programs() {
    let text = readme();
    let (before, rest) = text.split_once(BEGIN).expect("a README with the mark at which the keys begin");
    let (table, after) = rest.split_once(END).expect("a README with the mark at which the keys end");
    let wanted = format!("\n{}\n", readme_table());
    if std::env::var_os("UPDATE_README").is_some() {
        std::fs::write(root().join("README.md"), [before, BEGIN, &wanted, END, after].concat()).unwrap();
    } else {
        assert_eq!(table, wanted, "the keys have changed: UPDATE_README=1 cargo test --test readme its_key_table");
    }
}

#[test]
fn what_it_points_at_is_there() {
    let text = readme();
    let links = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let local: Vec<_> = links.filter(|link| !link.contains("://") && !link.starts_with('#')).collect();
    assert!(local.len() >= 5, "{local:?}");
    for link in local {
        assert!(root().join(link).exists(), "{link}");
    }
}

#[test]
fn it_names_every_scenario() {
    let text = readme();
    for file in std::fs::read_dir(root().join("fixtures/scenarios")).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        assert!(text.contains(&format!("| `{name}` |")), "{name} of {}", Path::new(&path).display());
    }
}

#[test]
fn its_settings_are_the_programs() {
    let text = readme();
    for entry in ENTRIES.iter().filter(|entry| !matches!(**entry, "keys" | "columns" | "metrics")) {
        assert!(text.contains(&format!("| `{entry}` | `PUSHDECK_{}`", entry.to_uppercase())), "{entry}");
    }
    assert!(text.contains("| `[keys]` |") && text.contains("| `[columns]` |"));
    for variable in VARIABLES {
        assert!(text.contains(&format!("`{variable}`")), "{variable}");
    }
    for theme in &SHIPPED {
        assert!(text.contains(&format!("| `{}` |", theme.name)), "{}", theme.name);
    }
    let theme = text.split("```toml\nbased_on").nth(1).and_then(|rest| rest.split("```").next()).expect("a theme");
    assert!(Theme::parse("README.md", &format!("based_on{theme}"), ColourDepth::True).is_ok());
}
