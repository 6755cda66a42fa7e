//! Pushes that are over, summed.

use crate::document::parse_period;
use crate::domain::explain::Moment;
use crate::domain::review::Review;
use crate::domain::time::Period;
use crate::plain;

use super::Global;
use super::exit::{Exit, say};
use super::gather::gather;
use super::preferences::zone_of;

/// How far back to look: `7d`, `12h`, `1h30m`.
pub(super) fn since(text: &str) -> Result<Period, String> {
    let period = parse_period(text);
    period.filter(|period| period.millis() > 0).ok_or_else(|| format!("{text:?} is no length of time; write 7d, or 12h"))
}

/// Prints them.
pub async fn run(global: &Global, since: Period, json: bool) -> Exit {
    let found = match zone_of(global) {
        Ok(zone) => gather(global).await.map(|gathered| (gathered, zone)),
        Err(exit) => Err(exit),
    };
    let (gathered, zone) = match found {
        Ok(found) => found,
        Err(exit) => return exit,
    };
    let moment = Moment { now: gathered.at.max(gathered.fleet.at()), zone };
    let review = Review::of(&gathered.fleet, &gathered.past, moment.now - since);
    say(if json { plain::pushes_json(&review) } else { plain::pushes_lines(&review, &moment) });
    gathered.exit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_while_is_days_or_any_length_of_time() {
        assert_eq!(since("7d"), Ok(Period::from_mins(7 * 24 * 60)));
        assert_eq!(since("12h"), Ok(Period::from_mins(12 * 60)));
        assert!(since("soon").is_err_and(|why| why.ends_with("write 7d, or 12h")) && since("0d").is_err());
    }
}
