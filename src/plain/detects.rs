//! What a stage could see, in words and as JSON.

use serde_json::{Value, json};

use crate::domain::time::Period;
use crate::domain::verdict::Compared;
use crate::evidence::power::{Detects, Told};

/// `can see, 9 times in 10: errors of blob 5 times worse within its 10 min; 3 times in 14 min, 2 times in 1 h 6 min`, and a warning where that is
/// less than its limit needs.
pub(super) fn lines(detects: &Detects, bake: Period) -> Vec<String> {
    match detects {
        Detects::NoUsers => vec!["can see: nothing of users, there are none".to_owned()],
        Detects::NothingBeside(slice) => {
            vec![format!("can see: limits only, nothing of {} is left beside it to compare with", slice.service)]
        }
        Detects::NothingNamed => vec!["can see: nothing by comparison, no limit on errors or latency is declared".to_owned()],
        Detects::Unknown { slice, requests: 0 } => vec![format!("can see: unknown, {} was not measured yet", named(slice))],
        Detects::Unknown { slice, requests } => {
            vec![format!("can see: unknown, {} showed nothing bad in {requests} requests", named(slice))]
        }
        Detects::Sees { slice, told, limit } => {
            let mut lines = vec![format!("can see, 9 times in 10: {} {}", named(slice), within(told, bake))];
            if let Some(limit) = limit.filter(|limit| limit.after.is_none_or(|after| after > bake)) {
                lines.push(format!(
                    "TOO SHORT to see what its limit forbids: {} {:.1} times worse shows after {}, it is watched for {bake}",
                    named(slice),
                    limit.ratio,
                    after(limit.after)
                ));
            }
            lines
        }
    }
}

/// The least that shows while the stage is watched, and how long the two next take.
fn within(told: &[Told], bake: Period) -> String {
    let shows = |told: &&Told| told.after.is_some_and(|after| after <= bake);
    let seen = told.iter().filter(shows).count();
    let later: Vec<_> =
        told.iter().skip(seen).take(2).map(|told| format!("{} times after {}", told.ratio, after(told.after))).collect();
    let first = match told.iter().rfind(shows) {
        Some(told) => format!("{} times worse within its {bake}", told.ratio),
        None => format!("not even 10 times worse within its {bake}"),
    };
    if later.is_empty() { first } else { format!("{first}; {}", later.join(", ")) }
}

fn after(after: Option<Period>) -> String {
    after.map_or_else(|| "more than a day".to_owned(), |after| after.to_string())
}

fn named(slice: &Compared) -> String {
    format!("{} of {}", slice.bad, slice.service)
}

/// The same. Lengths are in milliseconds.
pub(super) fn json(detects: &Detects) -> Value {
    let told = |told: &Told| json!({ "ratio": told.ratio, "after": told.after });
    match detects {
        Detects::NoUsers => json!({ "is": "no_users" }),
        Detects::NothingBeside(slice) => json!({ "is": "nothing_beside", "slice": slice }),
        Detects::NothingNamed => json!({ "is": "nothing_named" }),
        Detects::Unknown { slice, requests } => json!({ "is": "unknown", "slice": slice, "requests": requests }),
        Detects::Sees { slice, told: all, limit } => json!({
            "is": "sees",
            "slice": slice,
            "told": all.iter().map(told).collect::<Vec<_>>(),
            "limit": limit.as_ref().map(told),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::ServiceId;
    use crate::domain::verdict::Bad;

    fn sees(limit: Option<Told>) -> Detects {
        let told = [(10.0, Some(1)), (5.0, Some(4)), (3.0, Some(14)), (2.0, Some(66)), (1.5, None)]
            .map(|(ratio, minutes)| Told { ratio, after: minutes.map(Period::from_mins) });
        Detects::Sees { slice: Compared { service: ServiceId::new("blob"), bad: Bad::Errors }, told: told.into(), limit }
    }

    #[test]
    fn a_stage_says_what_shows_while_it_is_watched_and_what_would_take_longer() {
        assert_eq!(
            lines(&sees(None), Period::from_mins(10)),
            [
                "can see, 9 times in 10: errors of blob 5 times worse within its 10 min; 3 times after 14 min, 2 times after 1 h 6 min"
            ]
        );
        assert_eq!(
            lines(&sees(None), Period::from_secs(20)),
            [
                "can see, 9 times in 10: errors of blob not even 10 times worse within its 20 s; 10 times after 1 min, 5 times after 4 min"
            ]
        );
        assert!(
            lines(&sees(None), Period::from_mins(90)).concat().ends_with("within its 1 h 30 min; 1.5 times after more than a day")
        );
    }

    #[test]
    fn a_bake_too_short_for_its_limit_is_warned_of() {
        let limit = |minutes| Some(Told { ratio: 3.04, after: Some(Period::from_mins(minutes)) });
        let told = lines(&sees(limit(14)), Period::from_mins(10));
        assert_eq!(
            told.last().map(String::as_str),
            Some(
                "TOO SHORT to see what its limit forbids: errors of blob 3.0 times worse shows after 14 min, it is watched for 10 min"
            )
        );
        assert_eq!(lines(&sees(limit(14)), Period::from_mins(15)).len(), 1);
    }
}
