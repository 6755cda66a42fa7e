//! What a piece of the screen means.

/// A meaning; a [`Theme`](super::Theme) gives each its look. Views name these and never a colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// The ground everything is drawn on; fills a frame before anything else.
    Base,
    /// Ordinary text.
    Text,
    /// Passed, met, folded: there if looked for.
    Dim,
    /// What the eye should find first among text.
    Strong,
    /// Good: converged, cleared.
    Good,
    /// On its way by itself: converging, baking.
    Moving,
    /// Waits for something or somebody.
    Waiting,
    /// Failed, regressed, alerting.
    Bad,
    /// The loudest: rollback failed, out of step, NOT STOPPED.
    Loud,
    /// Shown from data that is too old.
    Stale,
    /// The bar beside the selection.
    Cursor,
    /// Laid over the whole selected row.
    Selected,
    /// Headings of columns and panes.
    Heading,
    /// The mode in row 1: OPERATE, WATCH, SIMULATED. Likewise the one mark among many that the cursor is on.
    Mode,
    /// Lines between things.
    Rule,
    /// A curve of the new version.
    SparkNew,
    /// A curve of the old version.
    SparkOld,
    /// A limit drawn into a chart.
    Threshold,
    /// Where a curve has no data.
    Gap,
    /// A key in the footer or the help.
    Key,
    /// The word behind a key.
    Word,
    /// The ground of a dialog.
    Dialog,
    /// The frame of a dialog.
    Frame,
    /// A field to type into.
    Field,
    /// The code to be typed to confirm.
    Code,
    /// What a dialog covers: laid over the screen beneath it.
    Shade,
}

impl Role {
    /// Every role with its name in theme files, in their order.
    pub const ALL: [(Self, &'static str); 26] = [
        (Self::Base, "base"),
        (Self::Text, "text"),
        (Self::Dim, "dim"),
        (Self::Strong, "strong"),
        (Self::Good, "good"),
        (Self::Moving, "moving"),
        (Self::Waiting, "waiting"),
        (Self::Bad, "bad"),
        (Self::Loud, "loud"),
        (Self::Stale, "stale"),
        (Self::Cursor, "cursor"),
        (Self::Selected, "selected"),
        (Self::Heading, "heading"),
        (Self::Mode, "mode"),
        (Self::Rule, "rule"),
        (Self::SparkNew, "spark_new"),
        (Self::SparkOld, "spark_old"),
        (Self::Threshold, "threshold"),
        (Self::Gap, "gap"),
        (Self::Key, "key"),
        (Self::Word, "word"),
        (Self::Dialog, "dialog"),
        (Self::Frame, "frame"),
        (Self::Field, "field"),
        (Self::Code, "code"),
        (Self::Shade, "shade"),
    ];

    /// The role a theme file names.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(role, _)| *role)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_listed_in_their_order() {
        assert!(Role::ALL.iter().enumerate().all(|(at, (role, _))| *role as usize == at));
    }
}
