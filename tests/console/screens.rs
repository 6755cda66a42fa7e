//! Screens as a person sees them, words and looks, at every size. `INSTA_UPDATE=always` takes a change up; every one of them is to be
//! read first. A file holds one moment in one look, at all sizes.

use std::fmt::Write as _;

use crate::frame::{drawn_in, text, told};
use crate::looks::Look;
use crate::moments::MOMENTS;
use crate::story;
use pushdeck::console::keymap::Access;
use pushdeck::console::model::Model;
use pushdeck::console::theme::ColourDepth;

/// The size the screens were drawn for, of which one look is enough.
const DRAWN: (u16, u16) = (160, 48);

/// Compares what is seen at a moment with its snapshots: in colour by roles, without colour and beyond ASCII by emphasis.
pub fn are_as_they_were_read(name: &str, models: &[Model]) {
    for look in [Look::Dark, Look::Mono] {
        let mut all = String::new();
        // The largest of the sizes that screens were drawn for is read in colour.
        for model in models.iter().filter(|model| look == Look::Dark || model.size() != DRAWN) {
            let (buffer, (columns, rows)) = (look.drawn(model), model.size());
            write!(all, "{columns}×{rows}\n{}\n\n{}\n", text(&buffer), look.runs(&buffer)).expect("a string takes everything");
        }
        let mut settings = insta::Settings::clone_current();
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_snapshot!(format!("{name}_{}", look.name()), all));
    }
}

#[test]
fn moments_have_names_of_their_own() {
    let mut names: Vec<_> = MOMENTS.iter().map(|moment| moment.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), MOMENTS.len());
}

#[test]
fn metric_lines_that_could_not_be_read_are_counted_in_the_first_row() {
    let mut story = story::at_ten_percent();
    if let Some(last) = story.batches.last_mut() {
        last.unreadable = 3;
    }
    let shown = text(&drawn_in(&told(&story, Access::Operate, "lena", (160, 48)), ColourDepth::Mono));
    assert!(shown.lines().next().is_some_and(|row| row.contains("3 metric lines unread")), "{shown}");
}
