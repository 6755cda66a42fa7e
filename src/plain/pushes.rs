//! Pushes that are over, each on a line, and what they come to.

use crate::console::model::words;
use crate::domain::card::{Card, Ending};
use crate::domain::explain::Moment;
use crate::domain::review::Review;
use crate::domain::time::Period;

/// The review, in lines.
pub fn pushes_lines(review: &Review, moment: &Moment) -> String {
    let mut lines: Vec<String> = review.pushes.iter().map(|card| push_line(card, moment)).collect();
    let since = review.since.format(&moment.zone, "%F %H:%M");
    if lines.is_empty() {
        lines.push(format!("no push was over since {since}"));
    } else {
        let (failed, slow) = (count(review.failed), count(review.slow));
        let Review { converged, rolled_back, replaced, .. } = review;
        lines.push(format!("since {since}: {converged} converged, {rolled_back} rolled back, {replaced} replaced"));
        lines.push(format!("harm: {failed} failed, {slow} slow"));
        lines.push(format!("calls: {}, {} without action{}", review.called, review.calls_without_action, nobody_called(review)));
        let medians = [
            ("to converge", review.median_to_converge),
            ("to detect", review.median_detect),
            ("to decide", review.median_decide),
            ("to users safe", review.median_users_safe),
            ("to all back", review.median_all_back),
        ];
        let known: Vec<String> =
            medians.iter().filter_map(|(what, median)| median.map(|median| format!("{what} {median}"))).collect();
        if !known.is_empty() {
            lines.push(format!("median times: {}", known.join(", ")));
        }
    }
    for alert in &review.alerts {
        let (service, metric) = (&alert.service, alert.metric);
        lines.push(format!("alert {metric} of {service}: raised {} times, {} without action", alert.raised, alert.without_action));
    }
    lines.join("\n")
}

/// The review as JSON.
pub fn pushes_json(review: &Review) -> String {
    serde_json::to_string(review).unwrap_or_default()
}

fn push_line(card: &Card, moment: &Moment) -> String {
    let ending = match card.ending {
        Ending::Converged => "converged",
        Ending::RolledBack => "rolled back",
        Ending::Replaced => "replaced",
    };
    let harm = if card.requests == 0 {
        "no request met it".to_owned()
    } else if card.is_within_chance {
        "no harm beyond chance".to_owned()
    } else {
        let budget = card.budget.map(|share| format!(", {} of the budget", burned(share))).unwrap_or_default();
        format!("{} failed, {} slow{budget}", count(card.failed), count(card.slow))
    };
    let back = card.back.as_ref().map(|back| {
        let named = |what: &str, period: Option<Period>| period.map(|period| format!(", {what} {period}")).unwrap_or_default();
        let by = back.by.as_deref().unwrap_or("itself");
        let times =
            [named("detected after", back.detect), named("decided after", back.decide), named("users safe after", back.users_safe)];
        format!("; by {by}{}, all back after {}", times.concat(), back.all_back)
    });
    let ended = card.ended.format(&moment.zone, "%F %H:%M");
    let (took, back, calls) = (card.ended.since(card.asked), back.unwrap_or_default(), card.calls.words());
    format!("{ended} {} {ending} after {took}; {harm}{back}; {calls}", card.called)
}

/// Where nobody is configured to be called, that is said once.
fn nobody_called(review: &Review) -> &'static str {
    let shown = review.called > 0 && review.pushes.iter().all(|card| !card.calls_somebody);
    if shown { "; nobody is configured to be called, they were only shown" } else { "" }
}

/// `under 0.01 %`, `about 1.25 %`.
fn burned(share: f64) -> String {
    if share < 0.0001 { "under 0.01 %".to_owned() } else { format!("about {:.2} %", share * 100.0) }
}

fn count(requests: f64) -> String {
    words::grouped(requests.max(0.0).round() as u64)
}
