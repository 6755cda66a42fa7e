//! Whether so many bad events can be chance.

use std::f64::consts::PI;

/// How often a burn may be seen where the budget burns just as fast as the limit and not faster: once in ten thousand looks. Where it
/// burns as it should, a 14th of that, it is never seen.
const LEVEL: f64 = 1e-4;

/// Whether `seen` events are more than chance makes of `due` expected ones: `P(X ≥ seen) ≤ 10⁻⁴` for a Poisson X of that mean. That is the
/// exact lower bound of a Poisson count (Garwood 1936), and on the safe side for a count of requests, whose upper tail beyond its
/// mean is the lighter one (Anderson and Samuels 1967).
pub(super) fn is_beyond_chance(seen: u64, due: f64) -> bool {
    let count = seen as f64;
    if seen == 0 || due.is_nan() || count < due + 1.0 {
        return false;
    }
    if due <= 0.0 {
        return true;
    }
    // The tail is its first term times 1 + m/(x+1) + m²/((x+1)(x+2)) + …, whose parts shrink since m < x.
    let first = (count * due.ln() - due - ln_factorial(seen)).exp();
    let (mut part, mut tail) = (1.0, 1.0);
    let mut next = count + 1.0;
    while first * tail <= LEVEL && part > 1e-12 {
        part *= due / next;
        tail += part;
        next += 1.0;
    }
    first * tail <= LEVEL
}

/// `ln n!`, by Stirling's series from 10 on, where it is exact to nine digits.
fn ln_factorial(n: u64) -> f64 {
    if n < 10 {
        return (2..=n).map(|factor| (factor as f64).ln()).sum();
    }
    let n = n as f64;
    (n + 0.5) * n.ln() - n + 0.5 * (2.0 * PI).ln() + 1.0 / (12.0 * n) - 1.0 / (360.0 * n.powi(3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factorials_are_right_on_both_sides_of_the_seam() {
        for (n, expected) in [(0, 0.0), (1, 0.0), (5, 120.0_f64.ln()), (9, 362_880.0_f64.ln()), (10, 3_628_800.0_f64.ln())] {
            assert!((ln_factorial(n) - expected).abs() < 1e-8, "{n}");
        }
        assert!((ln_factorial(100) - 363.739_375_555_563_5).abs() < 1e-8);
    }

    #[test]
    fn the_bound_is_the_tail_of_the_poisson_distribution() {
        // By the distribution itself: the least count whose tail is at most 1 in 10,000.
        let least = |due: f64| (0..10_000_u64).find(|seen| is_beyond_chance(*seen, due)).unwrap();
        for due in [0.001_f64, 0.05, 0.5, 1.0, 3.7, 14.4, 60.0, 400.0] {
            let (mut term, mut below, mut seen) = ((-due).exp(), 0.0_f64, 0_u64);
            while 1.0 - below > LEVEL {
                below += term;
                seen += 1;
                term *= due / seen as f64;
            }
            assert_eq!(least(due), seen, "{due}");
        }
        assert_eq!((least(0.0432), is_beyond_chance(1, 0.0432)), (3, false));
        assert!(!is_beyond_chance(0, 0.0) && is_beyond_chance(1, 0.0) && !is_beyond_chance(1, f64::NAN));
        assert!(!is_beyond_chance(1_000_100, 1e6) && is_beyond_chance(1_004_000, 1e6));
    }
}
