//! The alerts that are up: what, where, since when, and who has seen it.

use serde_json::{Value, json};

use crate::domain::alert::Alert;
use crate::domain::burn::Burn;
use crate::domain::explain::Moment;
use crate::domain::fleet::Fleet;
use crate::domain::number::times;
use crate::domain::time::EngineTime;

/// A line for each, or that there is none.
pub fn alerts_lines(fleet: &Fleet, moment: &Moment) -> String {
    let burns = fleet.burns().map(|(burn, since)| burn_line(burn, since, moment));
    let lines: Vec<String> = fleet.alerts().map(|alert| line(alert, moment)).chain(burns).collect();
    if lines.is_empty() { format!("no alert is up at {}", moment.now.hh_mm_ss(&moment.zone)) } else { lines.join("\n") }
}

/// The same as JSON: values in the metric's unit, times in milliseconds since 1970.
pub fn alerts_json(fleet: &Fleet, moment: &Moment) -> String {
    let alerts: Vec<Value> = fleet.alerts().map(|alert| value(alert, moment)).collect();
    let burns: Vec<Value> = fleet.burns().map(|(burn, since)| burn_value(burn, since)).collect();
    json!({ "at": moment.now, "alerts": alerts, "burns": burns }).to_string()
}

/// `p99 of blob v42 in eu: budget burn 15× over 1 h, and over the last 5 min; since 14:32:07; the old version beside it too, 14×: not this release`
fn burn_line(burn: &Burn, since: EngineTime, moment: &Moment) -> String {
    let beside = burn.beside.map(|rate| format!("; the old version beside it too, {}: not this release", times(rate)));
    format!("{burn}; since {}{}", since.hh_mm_ss(&moment.zone), beside.unwrap_or_default())
}

fn burn_value(burn: &Burn, since: EngineTime) -> Value {
    let Burn { budget, cell, rate, over, beside, .. } = burn;
    json!({
        "service": budget.placement.service,
        "environment": budget.placement.environment,
        "cell": cell,
        "version": budget.version,
        "objective": budget.objective.name(),
        "rate": rate,
        "over": over,
        "beside": beside,
        "since": since,
    })
}

/// `errors of blob v42 in eu, production: 1.20 %, limit 0.30 %; since 14:32:07, for 2 min; nobody has seen it`
fn line(alert: &Alert, moment: &Moment) -> String {
    let (slice, since) = (&alert.slice, alert.since);
    let seen = match alert.acknowledged.as_ref() {
        Some(seen) if alert.is_acknowledged(moment.now) => format!("seen by {} at {}", seen.by, seen.at.hh_mm(&moment.zone)),
        Some(seen) => format!("seen by {} at {}, and asks again", seen.by, seen.at.hh_mm(&moment.zone)),
        None => "nobody has seen it".to_owned(),
    };
    format!(
        "{} of {} {} in {}, {}: {}; since {}, for {}; {seen}",
        slice.metric,
        slice.service,
        slice.version,
        slice.cell,
        slice.environment,
        slice.metric.against(alert.value, alert.limit),
        since.hh_mm_ss(&moment.zone),
        moment.now.since(since),
    )
}

fn value(alert: &Alert, moment: &Moment) -> Value {
    let slice = &alert.slice;
    json!({
        "service": slice.service,
        "environment": slice.environment,
        "cell": slice.cell,
        "version": slice.version,
        "metric": slice.metric,
        "value": alert.value,
        "limit": alert.limit,
        "since": alert.since,
        "acknowledged": alert.acknowledged.as_ref().filter(|_| alert.is_acknowledged(moment.now)),
    })
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;
    use crate::domain::alert::Acknowledgement;
    use crate::domain::burn::Budget;
    use crate::domain::change::{Change, Fact};
    use crate::domain::metric::{Metric, SliceId};
    use crate::domain::slo::Objective;
    use crate::domain::time::Period;
    use crate::domain::verdict::Bad;

    fn at(minutes: i64) -> EngineTime {
        EngineTime::from_millis(0) + Period::from_mins(minutes)
    }

    fn moment(minutes: i64) -> Moment {
        Moment { now: at(minutes), zone: TimeZone::UTC }
    }

    #[test]
    fn a_burning_budget_is_an_alert_too() {
        let mut fleet = Fleet::default();
        let budget = Budget {
            placement: "blob@production".parse().unwrap(),
            version: "v42".into(),
            objective: Objective { bad: Bad::slower_than(0.3), allowed: 0.01 },
        };
        let (over, confirmed) = (Period::from_mins(60), Period::from_mins(5));
        let burn = Burn { budget: budget.clone(), cell: None, rate: 15.0, over, confirmed, beside: Some(14.0) };
        let seq = fleet.seq();
        fleet.apply(&Change { seq, at: at(61), fact: Fact::BurnChanged { budget: budget.into(), burn: Some(burn.into()) } });
        assert_eq!(
            alerts_lines(&fleet, &moment(65)),
            "p99 of blob v42 in production: budget burn 15× over 1 h, and over the last 5 min; since 01:01:00; the old version \
             beside it too, 14×: not this release"
        );
        let told: Value = serde_json::from_str(&alerts_json(&fleet, &moment(65))).unwrap();
        assert_eq!((&told["burns"][0]["objective"], &told["burns"][0]["rate"]), (&json!("p99"), &json!(15.0)));
    }

    #[test]
    fn an_alert_says_where_since_when_and_who_has_seen_it() {
        let mut fleet = Fleet::default();
        assert_eq!(alerts_lines(&fleet, &moment(61)), "no alert is up at 01:01:00");
        let slice = SliceId {
            service: "blob".into(),
            environment: "production".into(),
            cell: "eu".into(),
            version: "v42".into(),
            metric: Metric::Errors,
        };
        let alert = Alert { slice: slice.clone(), value: 0.012, limit: 0.003, since: at(60), acknowledged: None };
        let apply = |fleet: &mut Fleet, seq, fact| fleet.apply(&Change { seq, at: at(61), fact });
        let seq = fleet.seq();
        apply(&mut fleet, seq, Fact::AlertRaised { alert });
        let line = "errors of blob v42 in eu, production: 1.20 %, limit 0.30 %; since 01:00:00, for 5 min; ";
        assert_eq!(alerts_lines(&fleet, &moment(65)), format!("{line}nobody has seen it"));
        let seen = Acknowledgement { by: "lena".into(), at: at(62) };
        apply(&mut fleet, seq, Fact::AlertAcknowledged { slice, seen });
        assert_eq!(alerts_lines(&fleet, &moment(65)), format!("{line}seen by lena at 01:02"));
        let told: Value = serde_json::from_str(&alerts_json(&fleet, &moment(65))).unwrap();
        assert_eq!((&told["alerts"][0]["metric"], &told["alerts"][0]["acknowledged"]["by"]), (&json!("errors"), &json!("lena")));
        assert!(alerts_lines(&fleet, &moment(95)).ends_with("seen by lena at 01:02, and asks again"));
        let told: Value = serde_json::from_str(&alerts_json(&fleet, &moment(95))).unwrap();
        assert_eq!((&told["alerts"][0]["acknowledged"], told["at"].as_i64()), (&Value::Null, Some(95 * 60_000)));
    }
}
