//! What a session looks like and is driven by, and how it hears of changes to that.

use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime};

use jiff::tz::TimeZone;

use crate::console::theme::Theme;
use crate::settings::{Columns, KeyWish, Motion};

/// What a session looks like, and by which keys it is driven.
pub struct Looks {
    /// Colours.
    pub theme: Theme,
    /// Whether glyphs are drawn in ASCII.
    pub ascii: bool,
    /// The zone clock times are said in.
    pub zone: TimeZone,
    /// Keys of one's own.
    pub keys: Vec<KeyWish>,
    /// The columns chosen for lists.
    pub columns: Columns,
    /// How much may move by itself.
    pub motion: Motion,
    /// Whether the mouse is listened to.
    pub mouse: bool,
    /// The files of the user's that all this was read from; none where nobody wrote one.
    pub files: Vec<PathBuf>,
}

/// Reads everything anew; what is wrong with it, in a sentence.
pub type Again = Box<dyn Fn() -> Result<Looks, String>>;

/// Between two looks at the files.
const BETWEEN: Duration = Duration::from_secs(1);

/// Files that are looked at once a second: whether their time or size has changed. Without files there is nothing to wake up for.
#[derive(Debug)]
pub(super) struct Watched {
    files: Vec<(PathBuf, Option<Mark>)>,
    looked: Instant,
}

type Mark = (SystemTime, u64);

impl Watched {
    pub fn new(files: Vec<PathBuf>, now: Instant) -> Self {
        let marked = |file: PathBuf| {
            let mark = mark(&file);
            (file, mark)
        };
        Self { files: files.into_iter().map(marked).collect(), looked: now }
    }

    /// Looks at these from now on. What was known of a file stays: it may have changed again since it was read.
    pub fn turn_to(&mut self, files: Vec<PathBuf>) {
        let known = std::mem::take(&mut self.files);
        let marked = |file: PathBuf| {
            let mark = known.iter().find(|(other, _)| *other == file).map_or_else(|| mark(&file), |(_, mark)| *mark);
            (file, mark)
        };
        self.files = files.into_iter().map(marked).collect();
    }

    /// When to look next.
    pub fn due(&self) -> Option<Instant> {
        (!self.files.is_empty()).then(|| self.looked + BETWEEN)
    }

    /// The first file that has changed since the last look, if it is time to look.
    pub fn changed(&mut self, now: Instant) -> Option<PathBuf> {
        if self.due().is_none_or(|due| now < due) {
            return None;
        }
        self.looked = now;
        let mut found = None;
        for (file, known) in &mut self.files {
            let mark = mark(file);
            if mark != *known {
                *known = mark;
                found.get_or_insert_with(|| file.clone());
            }
        }
        found
    }
}

fn mark(file: &std::path::Path) -> Option<Mark> {
    let found = std::fs::metadata(file).ok()?;
    Some((found.modified().ok()?, found.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_seen_once_and_not_looked_for_more_than_once_a_second() {
        let folder = std::env::temp_dir().join(format!("pushdeck-watched-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join("a.toml");
        std::fs::write(&file, "one").unwrap();
        let start = Instant::now();
        let mut watched = Watched::new(vec![file.clone()], start);
        std::fs::write(&file, "other").unwrap();
        assert_eq!(watched.changed(start + Duration::from_millis(999)), None);
        assert_eq!(watched.changed(start + BETWEEN), Some(file.clone()));
        assert_eq!(watched.changed(start + BETWEEN * 2), None);
        std::fs::write(&file, "and another").unwrap();
        watched.turn_to(vec![file.clone()]);
        assert_eq!(watched.changed(start + BETWEEN * 3), Some(file.clone()), "what changed after it was read is not lost");
        std::fs::remove_file(&file).unwrap();
        assert_eq!(watched.changed(start + BETWEEN * 4), Some(file));
        assert_eq!(Watched::new(Vec::new(), start).due(), None);
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
