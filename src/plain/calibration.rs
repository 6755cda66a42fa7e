//! The calibration as a table and as JSON.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::domain::time::Period;
use crate::evidence::calibration::{Calibration, Foretold, GaugeDelay, Power, Row};

/// For people.
pub fn calibration_lines(found: &Calibration) -> String {
    let mut text = String::new();
    let runs = found.false_alarms.first().map_or(0, |row| row.runs);
    let _ = writeln!(text, "Each stage lived through {runs} times, 20 bad events due in 5 minutes where nothing else is said.");
    let _ = writeln!(text, "\n{:<54} {:>8} {:>8} {:>9}", "no worse, and called worse", "allowed", "found", "at most*");
    for row in &found.false_alarms {
        let _ = writeln!(text, "{}", against(row.name, row));
    }
    let _ = writeln!(
        text,
        "\n{:<54} {:>8} {:>8} {:>9}",
        "as bad as what is to be ruled out, and cleared", "allowed", "found", "at most*"
    );
    for row in &found.wrong_clears {
        let _ = writeln!(text, "{}", against(row.name, row));
    }
    let _ = writeln!(text, "\n* the level and three standard deviations of chance");
    for (r0, rows) in &found.power {
        let heading = format!("bad events due until it is called worse (0.1 %, r0 {r0})");
        let _ = writeln!(text, "\n{heading:<54} {:>13} {:>14}", "half", "nine in ten");
        for Power { ratio, half, nine_in_ten, .. } in rows {
            let _ = writeln!(text, "{:<54} {:>13} {:>14}", format!("{ratio} times as bad"), due(*half), due(*nine_in_ten));
        }
    }
    let _ = writeln!(
        text,
        "\n{:<38} {:>14} {:>14} {:>14}",
        "decided by the nine-in-ten mark", "shown at once", "after 1 min", "after 5 min"
    );
    for looks in found.foretold.chunk_by(|one, next| one.ratio == next.ratio) {
        let name = looks.first().map_or_else(String::new, named);
        let shares: String = looks.iter().fold(String::new(), |line, look| {
            let share = if look.runs >= 20 { percent(look.share()) } else { "too few".to_owned() };
            format!("{line} {share:>14}")
        });
        let _ = writeln!(text, "{name:<38}{shares}");
    }
    gauges(found, &mut text);
    text
}

fn gauges(found: &Calibration, text: &mut String) {
    let _ = writeln!(
        text,
        "\n{:<54} {:>8} {:>8} {:>9}",
        "gauges that are no worse, and called worse or leaking", "allowed", "found", "at most*"
    );
    for row in &found.gauges {
        let _ = writeln!(text, "{}", against(row.name, row));
    }
    let _ = writeln!(text, "\n{:<54} {:>13} {:>14}", "gauges, until they are called worse (0.1 %)", "half", "nine in ten");
    let in_words = |time: Option<Period>| time.map_or_else(|| "not in time".to_owned(), |time| time.to_string());
    for GaugeDelay { name, half, nine_in_ten, .. } in &found.gauge_delays {
        let _ = writeln!(text, "{name:<54} {:>13} {:>14}", in_words(*half), in_words(*nine_in_ten));
    }
}

/// For scripts.
pub fn calibration_json(found: &Calibration) -> String {
    let level = |name: &str, row: &dyn Row| {
        let (found, runs) = row.counted();
        json!({ "name": name, "level": row.level(), "runs": runs, "found": found, "keeps": row.keeps() })
    };
    let power = |(r0, rows): &(f64, Vec<Power>)| {
        let rows: Vec<Value> = rows
            .iter()
            .map(|row| json!({ "ratio": row.ratio, "half": row.half, "nine_in_ten": row.nine_in_ten, "runs": row.runs }))
            .collect();
        json!({ "r0": r0, "due": rows })
    };
    let foretold = |look: &Foretold| json!({ "ratio": look.ratio, "after_seconds": look.after.secs(), "runs": look.runs, "by_then": look.by_then });
    let seconds = |time: Option<Period>| time.map(Period::secs);
    let delay = |row: &GaugeDelay| json!({ "name": row.name, "half_seconds": seconds(row.half), "nine_in_ten_seconds": seconds(row.nine_in_ten), "runs": row.runs });
    let all = json!({
        "keeps": found.keeps(),
        "false_alarms": found.false_alarms.iter().map(|row| level(row.name, row)).collect::<Vec<_>>(),
        "wrong_clears": found.wrong_clears.iter().map(|row| level(row.name, row)).collect::<Vec<_>>(),
        "power": found.power.iter().map(power).collect::<Vec<_>>(),
        "gauges": found.gauges.iter().map(|row| level(row.name, row)).collect::<Vec<_>>(),
        "gauge_delays": found.gauge_delays.iter().map(delay).collect::<Vec<_>>(),
        "foretold": found.foretold.iter().map(foretold).collect::<Vec<_>>(),
    });
    format!("{all:#}")
}

fn against(name: &str, row: &dyn Row) -> String {
    let mark = if row.keeps() { "" } else { "  TOO OFTEN" };
    format!("{name:<54} {:>8} {:>8} {:>9}{mark}", percent(row.level()), percent(row.share()), percent(row.most()))
}

fn named(look: &Foretold) -> String {
    match look.ratio {
        None => "releases as they are believed to be".to_owned(),
        Some(1.0) => "as good as the old version".to_owned(),
        Some(ratio) => format!("{ratio} times as bad"),
    }
}

fn due(events: Option<f64>) -> String {
    events.map_or_else(|| "not in time".to_owned(), |events| format!("{events:.1}"))
}

fn percent(share: f64) -> String {
    format!("{:.2} %", share * 100.0)
}
