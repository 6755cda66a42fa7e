//! `slo`: what a service owes its users, in one line or in a table.
//!
//! `slo = "availability 99.9 %, p99 < 300 ms, p99.9 < 1 s"` says it whole, for 30 days and with the budget untouched. The table says the
//! same where those differ: `{ objectives = "…", window_days = 28, budget_left = "61 %" }`, or `availability = "99.9 %"` alone.

use crate::document::{At, Percent, Table, nearest, parse_percent};
use crate::domain::slo::{LatencyObjective, Slo};

/// How it is written.
pub const WRITTEN: &str = r#""availability 99.9 %, p99 < 300 ms""#;

/// Over how many days, where nothing is said: what the burn rates of alerting are reckoned for.
const WINDOW_DAYS: u32 = 30;
/// The quantiles that may be limited, in percent. Beyond the last a budget is too small for its burning to be seen in an hour.
const QUANTILES: std::ops::RangeInclusive<f64> = 50.0..=99.9;
/// What a term may begin with, to find out what was meant.
const BEGINNINGS: [&str; 6] = ["availability", "p50", "p90", "p95", "p99", "p99.9"];

/// What a line says.
#[derive(Debug, Default, PartialEq)]
struct Line {
    availability: Option<f64>,
    latency: Vec<LatencyObjective>,
}

/// One of its terms.
enum Term {
    Availability(f64),
    Latency(LatencyObjective),
}

/// What is wrong, and what would be right.
type Wrong = (String, String);

/// The SLO of a table, or the one that holds where it has none.
pub fn read(owner: &Table<'_>, before: Option<&Slo>) -> Option<Slo> {
    if owner.is_table("slo") {
        return owner.table("slo").and_then(|table| of_table(&table));
    }
    if !owner.has("slo") {
        return before.cloned();
    }
    let text = owner.get::<String>("slo")?;
    let line = line(owner, "slo", &text)?;
    Some(Slo { availability: line.availability?, window_days: WINDOW_DAYS, budget_left: 1.0, latency: line.latency })
}

fn of_table(table: &Table<'_>) -> Option<Slo> {
    let objectives = table.get::<String>("objectives");
    let both = objectives.as_ref().filter(|_| table.has("availability"));
    if let Some(objectives) = both {
        let what = format!("{} has both \"availability\" and \"objectives\"", table.name());
        table.sheet().fault(objectives.line, &what, "write the availability as the first of the objectives");
    }
    let line = match &objectives {
        Some(text) => line(table, "objectives", text),
        None if table.has("objectives") => None,
        None => table.need::<Percent>("availability").map(|share| Line { availability: Some(share.value.0), latency: Vec::new() }),
    };
    let window_days = table.or("window_days", WINDOW_DAYS);
    let budget_left = table.or("budget_left", Percent(1.0)).0;
    table.close();
    let line = line?;
    Some(Slo { availability: line.availability?, window_days, budget_left, latency: line.latency })
}

/// Reads a line; every term that is wrong is reported. None where any is.
fn line(table: &Table<'_>, key: &str, text: &At<String>) -> Option<Line> {
    let mut line = Line::default();
    let mut wrong: Vec<Wrong> = text.split(',').filter_map(|written| take(&mut line, written.trim()).err()).collect();
    if wrong.is_empty() && line.availability.is_none() {
        let instead = "begin with availability 99.9 %, the share of requests that must succeed";
        wrong.push(("it says no availability".to_owned(), instead.to_owned()));
    }
    for (what, instead) in &wrong {
        table.sheet().fault(text.line, &format!("{key:?} in {}: {what}", table.name()), instead);
    }
    line.latency.sort_by(|one, other| other.allowed.total_cmp(&one.allowed));
    if !line.latency.is_sorted_by(|lower, higher| lower.limit <= higher.limit) {
        let what = "a higher quantile has a lower limit than one below it, which then never matters";
        let instead = "raise the one, or leave the other out";
        table.sheet().warn(text.line, &format!("{key:?} in {}: {what}", table.name()), instead);
    }
    wrong.is_empty().then_some(line)
}

/// Takes a term into a line.
fn take(line: &mut Line, written: &str) -> Result<(), Wrong> {
    let once = "leave one of them out".to_owned();
    match term(written)? {
        Term::Availability(_) if line.availability.is_some() => Err(("the availability is said twice".to_owned(), once)),
        Term::Availability(share) => {
            line.availability = Some(share);
            Ok(())
        }
        Term::Latency(slow) if line.latency.iter().any(|known| (known.allowed - slow.allowed).abs() < 1e-9) => {
            Err((format!("{written:?} limits a quantile that is limited before"), once))
        }
        Term::Latency(slow) => {
            line.latency.push(slow);
            Ok(())
        }
    }
}

fn term(text: &str) -> Result<Term, Wrong> {
    if text.is_empty() {
        return Err(("there is nothing between two commas".to_owned(), format!("write {WRITTEN}")));
    }
    if let Some(share) = text.strip_prefix("availability") {
        return availability(share.trim()).map(Term::Availability);
    }
    match text.strip_prefix('p').filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit())) {
        Some(rest) => latency(text, rest).map(Term::Latency),
        None => Err(unknown(text)),
    }
}

fn unknown(text: &str) -> Wrong {
    let word = text.split_whitespace().next().unwrap_or(text);
    let instead = match nearest(word, BEGINNINGS) {
        Some(meant) => format!("did you mean {meant}?"),
        None => format!("each part is an availability or a quantile of latency, such as {WRITTEN}"),
    };
    (format!("{text:?} names nothing that can be owed"), instead)
}

fn availability(text: &str) -> Result<f64, Wrong> {
    let instead = "write availability 99.9 %".to_owned();
    match parse_percent(text) {
        Some(share) if share >= 1.0 => Err((
            format!("an availability of {text} leaves no request that may fail"),
            "write less than 100 %, such as availability 99.99 %".to_owned(),
        )),
        Some(share) if share > 0.0 => Ok(share),
        Some(_) => Err((format!("an availability of {text} promises nothing"), instead)),
        None if text.is_empty() => Err(("the availability has no share".to_owned(), instead)),
        None => Err((format!("the availability is {text:?}, which is no share"), instead)),
    }
}

fn latency(text: &str, rest: &str) -> Result<LatencyObjective, Wrong> {
    let Some((quantile, limit)) = rest.split_once('<') else {
        return Err((format!("{text:?} has no limit"), "write the limit behind a <, as in p99 < 300 ms".to_owned()));
    };
    let quantile = quantile.trim();
    let Some(percent) = quantile.parse::<f64>().ok().filter(|percent| QUANTILES.contains(percent)) else {
        return Err((format!("p{quantile} is no quantile from p50 to p99.9"), "write p99 or p99.9, for example".to_owned()));
    };
    let limit = limit.trim();
    let Some(seconds) = seconds(limit) else {
        return Err((format!("the limit of p{quantile} is {limit:?}"), "write a time above 0 in ms or s, as in 300 ms".to_owned()));
    };
    Ok(LatencyObjective::of(percent, seconds))
}

/// `300 ms`, `1.5 s`: above 0 and not beyond an hour, which no request is given.
fn seconds(text: &str) -> Option<f64> {
    let (number, scale) = match text.strip_suffix("ms") {
        Some(number) => (number, 1e-3),
        None => (text.strip_suffix('s')?, 1.0),
    };
    let number = number.trim_end();
    let plain = number.chars().all(|c| c.is_ascii_digit() || c == '.');
    let seconds = number.parse::<f64>().ok().filter(|_| plain)? * scale;
    (seconds > 0.0 && seconds <= 3_600.0).then_some(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{self, Checked, Sound};

    fn read_line(text: &str) -> Checked<Sound<Slo>> {
        document::read("fleet.toml", text, |root| read(root, None))
    }

    fn faults(text: &str) -> Vec<String> {
        read_line(text).err().unwrap_or_default().iter().map(ToString::to_string).collect()
    }

    fn slo(text: &str) -> Slo {
        read_line(text).unwrap_or_else(|faults| panic!("{text}: {faults:#?}")).value
    }

    #[test]
    fn a_line_says_it_whole_and_a_table_says_it_with_window_and_budget() {
        let latency = vec![LatencyObjective::of(99.0, 0.3), LatencyObjective::of(99.9, 1.0)];
        let whole = Slo { availability: 0.999, window_days: 30, budget_left: 1.0, latency };
        assert_eq!(slo(r#"slo = "availability 99.9 %, p99 < 300 ms, p99.9 < 1 s""#), whole);
        assert_eq!(slo(r#"slo = "p99.9<1s, availability 99.9%,p99 <0.3 s""#), whole);
        let table =
            r#"slo = { objectives = "availability 99.9 %, p99 < 300 ms, p99.9 < 1 s", window_days = 28, budget_left = "61 %" }"#;
        assert_eq!(slo(table), Slo { window_days: 28, budget_left: 0.61, ..whole });
        let old = slo(r#"slo = { availability = "99.5 %", window_days = 30, budget_left = "61 %" }"#);
        assert_eq!(old, Slo { availability: 0.995, window_days: 30, budget_left: 0.61, latency: Vec::new() });
        assert_eq!(slo(r#"slo = "availability 99 %, p50 < 2.5 ms""#).latency, [LatencyObjective::of(50.0, 0.0025)]);
    }

    #[test]
    fn every_fault_of_a_line_is_named_and_says_what_would_be_right() {
        let said = |line: &str, expected: &str| {
            let found = faults(&format!("\nslo = {line}\n"));
            assert_eq!(found, [format!("fleet.toml:2: \"slo\" in the document{expected}")], "{line}");
        };
        said("3", " is an integer; write text in quotes");
        said("\" \"", " is empty; write text in quotes");
        said(r#""availability""#, ": the availability has no share; write availability 99.9 %");
        said(r#""availability 99.9""#, ": the availability is \"99.9\", which is no share; write availability 99.9 %");
        said(r#""availability 0 %""#, ": an availability of 0 % promises nothing; write availability 99.9 %");
        said(
            r#""availability 100 %""#,
            ": an availability of 100 % leaves no request that may fail; write less than 100 %, such as availability 99.99 %",
        );
        said(r#""availability 99 %, availability 98 %""#, ": the availability is said twice; leave one of them out");
        said(
            r#""p99 < 300 ms""#,
            ": it says no availability; begin with availability 99.9 %, the share of requests that must succeed",
        );
        said(r#""availability 99 %,""#, &format!(": there is nothing between two commas; write {WRITTEN}"));
        said(r#""availabilty 99 %""#, ": \"availabilty 99 %\" names nothing that can be owed; did you mean availability?");
        said(
            r#""availability 99 %, throughput 5""#,
            &format!(
                ": \"throughput 5\" names nothing that can be owed; each part is an availability or a quantile of latency, such as {WRITTEN}"
            ),
        );
        said(
            r#""availability 99 %, p99 > 300 ms""#,
            ": \"p99 > 300 ms\" has no limit; write the limit behind a <, as in p99 < 300 ms",
        );
        for quantile in ["p10", "p99.99", "p9x"] {
            let expected = format!(": {quantile} is no quantile from p50 to p99.9; write p99 or p99.9, for example");
            said(&format!("\"availability 99 %, {quantile} < 1 s\""), &expected);
        }
        for limit in ["", "0 s", "300", "2 h", "-1 s", "1e3 s", "= 3 s"] {
            let expected = format!(": the limit of p99 is {limit:?}; write a time above 0 in ms or s, as in 300 ms");
            said(&format!("\"availability 99 %, p99 < {limit}\""), &expected);
        }
        said(
            r#""availability 99 %, p99 < 1 s, p99.0 < 2 s""#,
            ": \"p99.0 < 2 s\" limits a quantile that is limited before; leave one of them out",
        );
    }

    #[test]
    fn a_table_says_its_objectives_one_way() {
        let both = faults(r#"slo = { availability = "99 %", objectives = "availability 99 %" }"#);
        assert_eq!(
            both,
            ["fleet.toml:1: \"slo\" of the document has both \"availability\" and \"objectives\"; write the availability as the \
              first of the objectives"]
        );
        let neither = faults("slo = { window_days = 3 }");
        assert_eq!(
            neither,
            [
                "fleet.toml:1: \"slo\" of the document has no \"availability\"; add availability = a share between \"0 %\" and \"100 %\""
            ]
        );
        let wrong = faults(r#"slo = { objectives = "availability 99 %, p98 300 ms" }"#);
        assert_eq!(
            wrong,
            [
                "fleet.toml:1: \"objectives\" in \"slo\" of the document: \"p98 300 ms\" has no limit; write the limit behind a <, as \
              in p99 < 300 ms"
            ]
        );
    }

    #[test]
    fn a_limit_that_never_matters_is_pointed_out() {
        let sound = read_line(r#"slo = "availability 99 %, p99 < 1 s, p99.9 < 300 ms""#).expect("no fault");
        let warnings: Vec<_> = sound.warnings.iter().map(ToString::to_string).collect();
        assert_eq!(
            warnings,
            [
                "fleet.toml:1: \"slo\" in the document: a higher quantile has a lower limit than one below it, which then never matters; \
              raise the one, or leave the other out"
            ]
        );
    }
}
