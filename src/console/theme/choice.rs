//! Which theme: one that comes with the program, or a file of one's own.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::depth::ColourDepth;
use super::shipped::{self, SHIPPED, Shipped};
use super::source::{Fault, ThemeError};
use super::styles::Theme;

/// A theme that was chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// One that comes with the program.
    Shipped(&'static Shipped),
    /// One's own.
    Own(PathBuf),
}

/// A name that no theme has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no theme {name:?}; there are {there}")]
pub struct NoTheme {
    /// What was asked for.
    pub name: String,
    /// What there is, one's own last.
    pub there: String,
}

impl Choice {
    /// The theme of this name, or of this file where it is a path or ends in `.toml`. One's own come before those of the program, so
    /// that `dark.toml` in one's own folder can mend the shipped one.
    ///
    /// # Errors
    /// Where there is none, with those there are.
    pub fn named(name: &str, folder: Option<&Path>) -> Result<Self, NoTheme> {
        if name.contains(std::path::MAIN_SEPARATOR) || is_theme(Path::new(name)) {
            return Ok(Self::Own(PathBuf::from(name)));
        }
        let own = own(folder);
        if let Some((_, file)) = own.iter().find(|(known, _)| known == name) {
            return Ok(Self::Own(file.clone()));
        }
        shipped::named(name).map(Self::Shipped).ok_or_else(|| {
            let shipped = SHIPPED.iter().map(|theme| theme.name.to_owned());
            let there = shipped.chain(own.into_iter().map(|(name, _)| format!("{name} (yours)"))).collect::<Vec<_>>().join(", ");
            NoTheme { name: crate::safe::clean(name), there }
        })
    }

    /// The file, where it is one's own and may change.
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::Shipped(_) => None,
            Self::Own(file) => Some(file),
        }
    }

    /// Reads it, for a terminal of this depth.
    ///
    /// # Errors
    /// Every mistake of the file, with line and reason.
    pub fn load(&self, depth: ColourDepth) -> Result<Theme, ThemeError> {
        match self {
            Self::Shipped(theme) => Theme::parse(theme.file, theme.text, depth),
            Self::Own(path) => {
                let file = path.display().to_string();
                let text = std::fs::read_to_string(path).map_err(|why| ThemeError {
                    file: file.clone(),
                    faults: vec![Fault { line: 0, what: format!("cannot be read: {why}") }],
                })?;
                Theme::parse(&file, &text, depth)
            }
        }
    }
}

/// One's own themes in a folder, by name.
pub fn own(folder: Option<&Path>) -> Vec<(String, PathBuf)> {
    let entries = folder.and_then(|folder| std::fs::read_dir(folder).ok()).into_iter().flatten().flatten();
    let themes = entries.map(|entry| entry.path()).filter(|path| is_theme(path));
    let mut found: Vec<_> = themes.filter_map(|path| Some((path.file_stem()?.to_str()?.to_owned(), path))).collect();
    found.sort();
    found
}

fn is_theme(path: &Path) -> bool {
    path.extension() == Some(OsStr::new("toml"))
}
