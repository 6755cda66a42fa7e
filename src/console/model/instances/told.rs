//! What is said above and below the marks.

use unicode_width::UnicodeWidthStr;

use super::kind::{Health, Kind, On};
use super::picture::Picture;
use super::{Strand, Strip};
use crate::console::model::words::grouped;
use crate::domain::explain::Moment;
use crate::domain::fleet::Fleet;
use crate::domain::id::{InstanceId, Version};
use crate::domain::time::{EngineTime, Period};

/// What the marks mean, with how many there are of each: the worst first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Legend {
    /// As many to a line as there is room for.
    pub lines: Vec<Vec<(Kind, String)>>,
    /// How many instances are not well.
    pub unwell: usize,
}

/// Columns between two of them, and those of the mark before each.
pub(super) const BETWEEN: usize = 5;

/// Beyond this a day of the week says nothing any more.
const WEEK: Period = Period::from_mins(6 * 24 * 60);

impl Legend {
    pub(super) fn of(picture: &Picture, width: usize) -> Self {
        let counts = picture.counts();
        let unwell = counts.iter().filter(|(kind, _)| !kind.is_well()).map(|(_, count)| count).sum();
        let mut lines: Vec<Vec<(Kind, String)>> = Vec::new();
        let mut used = 0;
        for (kind, count) in counts {
            let words = format!("{} {}", grouped(count as u64), said(kind, &version(picture, kind.on)));
            let takes = words.width() + BETWEEN;
            match lines.last_mut() {
                Some(line) if used + takes <= width => line.push((kind, words)),
                _ => {
                    used = 0;
                    lines.push(vec![(kind, words)]);
                }
            }
            used += takes;
        }
        Self { lines, unwell }
    }
}

/// How the version of a mark is called where several services may be meant.
fn version(picture: &Picture, on: On) -> String {
    let one = |versions: &[Version], otherwise: &str| match versions {
        [version] => version.to_string(),
        _ => otherwise.to_owned(),
    };
    match on {
        On::New => one(&picture.new, "its new version"),
        On::Old if picture.new.is_empty() => one(&picture.old, "its version"),
        On::Old => one(&picture.old, "its old version"),
        On::Other => "another version".to_owned(),
    }
}

/// A kind in words.
pub(super) fn said(kind: Kind, version: &str) -> String {
    let word = kind.health.word();
    match kind.health {
        Health::Unknown => word.to_owned(),
        Health::Crashed | Health::Serving | Health::StandingBy => format!("{word} on {version}"),
        _ => format!("{word}, on {version}"),
    }
}

/// How an instance is called: `blob 17 in eu`.
pub(in crate::console::model) fn name(id: &InstanceId) -> String {
    format!("{} {} in {}", id.placement.service, id.index, id.cell)
}

/// Since when, with the day where it is another.
pub(in crate::console::model) fn since(moment: &Moment, at: EngineTime) -> String {
    if moment.now.since(at) < WEEK { moment.day_clock(at) } else { at.format(&moment.zone, "%-d %b %H:%M") }
}

/// What the strip shows, and how much a mark stands for.
pub fn title(strip: &Strip) -> (String, String) {
    let (scope, picture) = (strip.scope(), strip.picture());
    let count = grouped(picture.count() as u64);
    let of = format!("{} in {}", scope.name, scope.environment);
    let title = match (strip.is_inside(), picture.strands.first(), picture.cells.first()) {
        (true, Some(Strand { label, .. }), Some(cell)) => format!("Instances of {of}: {count} of {label} in {cell}"),
        _ if picture.count() == 0 => format!("Instances of {of}: none runs there"),
        _ => format!("Instances of {of}: {count}"),
    };
    let each = match strip.layout().each {
        0 | 1 => "each mark is one instance".to_owned(),
        each => format!("each mark: the worst of {each} instances"),
    };
    (title, each)
}

/// What the mark of the cursor stands for.
pub fn detail(strip: &Strip, fleet: &Fleet, moment: &Moment) -> String {
    let Some(cursor) = strip.cursor() else { return String::new() };
    let selected = strip.selected();
    let worst = selected.iter().min_by_key(|(_, kind)| kind.rank());
    let (Some((index, kind)), Some((first, _)), Some((last, _))) = (worst, selected.first(), selected.last()) else {
        return String::new();
    };
    let id = InstanceId { index: *index, ..cursor.clone() };
    let Some(instance) = fleet.instance(&id) else { return String::new() };
    let when = if kind.health == Health::Unknown { String::new() } else { format!(" since {}", since(moment, instance.since)) };
    let state = format!("{}{when}", said(*kind, instance.version.as_str()));
    if selected.len() == 1 {
        return format!("{}: {state}", name(&id));
    }
    let many = format!("{} {first} to {last} in {}: {} instances", id.placement.service, id.cell, selected.len());
    let same = selected.iter().all(|(_, other)| other == kind);
    if same {
        format!("{many}, each {}", said(*kind, instance.version.as_str()))
    } else {
        format!("{many}; the worst is {index}, {state}")
    }
}
