//! The judge that most teams run today, to be measured against: Mann-Whitney on a series of points a minute, looked at every minute from
//! the tenth point on, the new version beside a baseline of the same size.

use pushdeck::domain::time::Period;
use pushdeck::evidence::calibration::power;
use rand::SeedableRng as _;
use rand_distr::{Distribution as _, Poisson};
use rand_pcg::Pcg64Mcg;

/// Of a standard normal distribution, for an interval of 98 %.
const Z: f64 = 2.326;
/// The least effect, as a share of the estimated shift.
const EFFECT: f64 = 0.25;
const FIRST_LOOK: usize = 10;

/// Whether a metric is "High": the lower end of the interval of the shift exceeds a quarter of the shift, and the mean is higher.
fn is_high(new: &[f64], base: &[f64]) -> bool {
    let mut shifts: Vec<f64> = new.iter().flat_map(|a| base.iter().map(move |b| a - b)).collect();
    shifts.sort_by(f64::total_cmp);
    let (n, m) = (new.len() as f64, base.len() as f64);
    let cut = (n * m / 2.0 - Z * (n * m * (n + m + 1.0) / 12.0).sqrt()).floor().max(0.0) as usize;
    let [low, middle] = [cut, shifts.len() / 2].map(|place| shifts.get(place).copied().unwrap());
    let mean = |series: &[f64]| series.iter().sum::<f64>() / series.len() as f64;
    low > 0.0 && low > EFFECT * middle && mean(new) > mean(base)
}

/// After how many minutes it says so of a release so many times as bad, where so many bad events are due in a minute.
fn minutes(due: f64, ratio: f64, rng: &mut Pcg64Mcg) -> Option<usize> {
    let mut draw = |mean: f64| Poisson::new(mean).unwrap().sample(rng);
    let (mut new, mut base) = (Vec::new(), Vec::new());
    (1..=120).find(|minute| {
        new.push(draw(due * ratio));
        base.push(draw(due));
        *minute >= FIRST_LOOK && is_high(&new, &base)
    })
}

#[test]
fn a_fault_is_found_in_half_the_time_that_a_peeked_rank_test_takes() {
    let due = 20.0 / 5.0;
    for found in power(1.0, Some(1.0), 400, 3).into_iter().filter(|found| found.ratio >= 2.0) {
        let mut times: Vec<_> =
            (0..400).map(|run| minutes(due, found.ratio, &mut Pcg64Mcg::seed_from_u64(run)).unwrap_or(usize::MAX)).collect();
        times.sort_unstable();
        let theirs = Period::from_mins(times.get(200).copied().unwrap() as i64);
        let ours = Period::from_secs_f64(found.half.unwrap() / due * 60.0);
        assert!(ours.secs() * 2 <= theirs.secs(), "{} times as bad: {ours} against {theirs}", found.ratio);
    }
}
