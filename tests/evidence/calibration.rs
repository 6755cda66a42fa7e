//! How often a verdict is wrong, and how long it takes to be right.

use pushdeck::evidence::calibration::{self, Row};

const SEED: u64 = 20_250;

fn keep<R: Row + std::fmt::Debug>(rows: &[R]) {
    let broken: Vec<_> =
        rows.iter().filter(|row| !row.keeps()).map(|row| format!("{row:?}: {} of {}", row.share(), row.most())).collect();
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn a_release_that_is_no_worse_is_called_worse_no_more_often_than_it_may_be() {
    keep(&calibration::false_alarms(1_000, SEED));
}

#[test]
fn a_release_that_is_as_bad_as_what_is_ruled_out_is_not_cleared() {
    keep(&calibration::wrong_clears(400, SEED));
}

#[test]
fn it_takes_no_more_to_see_a_fault_than_published() {
    // Λ90 at α = 0.1 %, an r0 of 1 and no more dispersion than Poisson.
    let published = [(1.5, 136.0), (2.0, 39.0), (3.0, 12.0), (5.0, 3.9), (10.0, 1.2)];
    for (found, (ratio, due)) in calibration::power(1.0, Some(1.0), 2_000, SEED).iter().zip(published) {
        let seen = found.nine_in_ten.unwrap();
        assert!((found.ratio - ratio).abs() < 1e-9 && (seen / due - 1.0).abs() <= 0.1, "{found:?}, published {due}");
    }
}

#[test]
fn verdicts_come_when_they_were_said_to_come() {
    let all = calibration::foretold(300, SEED);
    for found in all.iter().filter(|found| found.ratio.is_none() && found.runs >= 100) {
        assert!((0.85..=0.95).contains(&found.share()), "{found:?}");
    }
    assert!(all.iter().filter(|found| found.ratio.is_none()).map(|found| found.runs).sum::<u32>() > 400, "{all:?}");
}
