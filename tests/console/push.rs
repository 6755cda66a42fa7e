//! The Push screen at every moment of the story: it never panics, cuts nothing without saying so, and answers first what is asked first.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "helpers of tests; one of them is there to be looked at"
)]

use crate::story::{self, Story};
use jiff::tz::TimeZone;
use proptest::prelude::*;
use pushdeck::console::theme::{ColourDepth, Theme};
use pushdeck::console::view::kit::Painter;
use pushdeck::console::view::push::{self, Seen};
use pushdeck::domain::explain::Moment;
use pushdeck::domain::id::PushId;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// A moment's name and how it is told.
type Moments = [(&'static str, fn() -> Story); 16];

const MOMENTS: Moments = [
    ("before the first step", story::before_the_first_step),
    ("moving", story::moving),
    ("at ten percent", story::at_ten_percent),
    ("waiting for approval", story::waiting_for_approval),
    ("held", story::held),
    ("not stopped", story::not_stopped),
    ("no data", story::no_data),
    ("exposed", story::exposed),
    ("going back", story::going_back),
    ("rollback failed", story::rollback_failed),
    ("rolled back", story::rolled_back),
    ("converged", story::converged),
    ("waived", story::waived),
    ("converged without all", story::converged_without_all),
    ("flag going off", story::flag_going_off),
    ("others", story::at_ten_percent),
];

fn drawn(story: &Story, push: Option<PushId>, (width, height): (u16, u16)) -> Vec<String> {
    let theme = Theme::for_depth(ColourDepth::Mono).unwrap();
    let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
    let moment = Moment { now: story.now, zone: TimeZone::UTC };
    let seen = Seen { fleet: &story.fleet, signals: &story.signals, push, moment: &moment, pinned: &[], selected: None };
    push::draw(&mut Painter::new(&mut buffer, &theme), &seen);
    let row = |y| (0..width).map(|x| buffer[(x, y)].symbol()).collect::<String>().trim_end().to_owned();
    (0..height).map(row).collect()
}

fn pushes(name: &str) -> Vec<Option<PushId>> {
    if name == "others" { vec![Some(story::CART), Some(story::LOGIN), Some(story::DRM), None] } else { vec![Some(story::STORAGE)] }
}

/// `cargo test --test console push::look -- --ignored --nocapture` shows every moment.
#[test]
#[ignore = "to be looked at by a person"]
fn look() {
    for (name, tell) in MOMENTS {
        let story = tell();
        for push in pushes(name) {
            for size in [(80, 20), (160, 44), (60, 11)] {
                println!("=== {name} {}×{}", size.0, size.1);
                println!("{}", drawn(&story, push, size).join("\n"));
            }
        }
    }
}

fn has(lines: &[String], wanted: &str) -> bool {
    lines.iter().any(|line| line.contains(wanted))
}

#[test]
fn a_push_under_way_answers_at_both_sizes() {
    let story = story::at_ten_percent();
    for size in [(80, 20), (160, 44)] {
        let lines = drawn(&story, Some(story::STORAGE), size);
        for wanted in [
            "storage v41→v42",
            "PRODUCTION",
            "◐ baking",
            "84 of 840",
            "11,100 27 %",
            "28,400 69 %",
            "1 h 37 min",
            "38 min",
            "15 slow, 0 failed",
        ] {
            assert!(has(&lines, wanted), "{wanted} at {size:?}\n{}", lines.join("\n"));
        }
        assert!(has(&lines, "ends 14:51"), "{}", lines.join("\n"));
    }
}

#[test]
fn the_first_word_of_a_way_back_is_whether_users_are_safe() {
    for size in [(60, 11), (80, 20), (160, 44)] {
        let safe = drawn(&story::going_back(), Some(story::STORAGE), size);
        assert!(safe[1].starts_with(" Users SAFE since 15:07"), "{}", safe.join("\n"));
        let exposed = drawn(&story::exposed(), Some(story::STORAGE), size);
        assert!(exposed[1].starts_with(" Users EXPOSED since 13:51"), "{}", exposed.join("\n"));
    }
    let lines = drawn(&story::going_back(), Some(story::STORAGE), (80, 20));
    assert!(has(&lines, "16 of 24") && has(&lines, "772 ready") && has(&lines, "84 of 84"), "{}", lines.join("\n"));
    let failed = drawn(&story::rollback_failed(), Some(story::STORAGE), (80, 20));
    assert!(has(&failed, "blob eu#18") && has(&failed, "runbook storage/back"), "{}", failed.join("\n"));
}

#[test]
fn what_never_folds_is_there_at_the_least_size() {
    let lines = |story: Story| drawn(&story, Some(story::STORAGE), (60, 11));
    let stopped = lines(story::not_stopped());
    assert!(has(&stopped, "NOT STOPPED") && has(&stopped, "told 3 times"), "{}", stopped.join("\n"));
    let silent = lines(story::no_data());
    assert!(has(&silent, "clock stands still"), "{}", silent.join("\n"));
    assert!(has(&silent, "users safe after 45 s"), "{}", silent.join("\n"));
}

#[test]
fn minutes_without_numbers_are_a_gap_in_the_curve() {
    let lines = drawn(&story::at_ten_percent(), Some(story::STORAGE), (160, 44));
    let row = lines.iter().find(|line| line.starts_with(" p99.9      blob eu")).unwrap();
    assert_eq!(row.matches('┄').count(), 2, "3 min, most of one column of 2 min 15 s in each of two curves: {row}");
    let silent = drawn(&story::no_data(), Some(story::STORAGE), (160, 44));
    let row = silent.iter().find(|line| line.starts_with(" errors     ")).unwrap();
    assert!(row.contains("no data   ") && row.contains("▂┄"), "{row}");
}

#[test]
fn no_push_is_said_calmly() {
    let lines = drawn(&story::at_ten_percent(), None, (80, 20));
    assert!(has(&lines, "No push here"), "{}", lines.join("\n"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn no_size_panics_at_any_moment(width in 0u16..=300, height in 0u16..=100, which in 0usize..MOMENTS.len()) {
        let (name, tell) = MOMENTS[which];
        let story = tell();
        for push in pushes(name) {
            for size in [(width, height), (width % 20, height % 8)] {
                drawn(&story, push, size);
            }
        }
    }
}

/// What was waived or skipped never folds, and never looks like met.
#[test]
fn exceptions_stay_in_sight_to_the_end() {
    for size in [(80, 19), (160, 44)] {
        let rows = drawn(&story::waived(), Some(story::STORAGE), size);
        let has = |rows: &[String], what: &str| rows.iter().any(|row| row.contains("⊘") && row.contains(what));
        assert!(has(&rows, "p99.9") && has(&rows, "mia and omar"), "{size:?}\n{}", rows.join("\n"));
        assert!(has(&rows, "skipped: errors at 1 %"), "{size:?}\n{}", rows.join("\n"));
        let rows = drawn(&story::converged_without_all(), Some(story::STORAGE), size);
        assert!(has(&rows, "skipped: errors at 1 % in production, by mia: a known client"), "{size:?}\n{}", rows.join("\n"));
        assert!(rows.iter().any(|row| row.contains("Why   converged; skipped: errors")), "{size:?}\n{}", rows.join("\n"));
    }
}

#[test]
fn a_flag_is_first_on_the_way_back_and_one_that_is_off_is_seen_on_the_way_forward() {
    for size in [(80, 20), (160, 44)] {
        let before = drawn(&story::at_ten_percent(), Some(story::STORAGE), size);
        let first = if size.0 < 100 { "r now: flag blob_v2 off, users" } else { "flag blob_v2 off first, users" };
        assert!(has(&before, &format!("{first} safe after 45 s, all on v41")), "{}", before.join("\n"));
        let going = drawn(&story::flag_going_off(), Some(story::STORAGE), size);
        assert!(has(&going, " Flag  blob_v2 goes OFF: 312 of 492 instances have taken it; since 14:31:50"), "{}", going.join("\n"));
        let back = drawn(&story::exposed(), Some(story::STORAGE), size);
        let row = back.iter().find(|row| row.contains("flag blob_v2 off")).expect("a step");
        assert!(row.contains("312 of 492"), "{row}");
    }
    let wide = drawn(&story::at_ten_percent(), Some(story::STORAGE), (160, 44));
    assert!(has(&wide, "covers the new read path only; last tried 12 Nov"), "{}", wide.join("\n"));
}
