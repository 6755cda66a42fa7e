//! The console without a terminal: the story of one push, as its figures, its screens and their behaviour at every size.
#![expect(clippy::expect_used, reason = "a broken test set-up must fail the test")]

mod ahead;
mod columns;
mod cuts;
mod errors;
#[path = "../support/frame.rs"]
mod frame;
mod glyphs;
mod hands;
mod instances;
mod looks;
mod moments;
mod orders;
mod push;
mod reach;
mod screens;
mod selected;
mod short;
mod signals;
mod sizes;
#[path = "../support/story.rs"]
mod story;
mod time;
mod told;
mod wall;
