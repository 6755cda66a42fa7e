//! Changes, one line each.

use jiff::tz::TimeZone;

use crate::console::model::words;
use crate::domain::change::Change;
use crate::domain::fleet::Fleet;

/// A change in words, told of the fleet it has already been folded into: `14:32:07  #88  storage stopped (lena)`.
pub fn event_line(fleet: &Fleet, change: &Change, zone: &TimeZone) -> String {
    let told = words::told(fleet, change);
    let who = if told.who.is_empty() { String::new() } else { format!(" ({})", told.who) };
    format!("{}  #{}  {}{who}", change.at.hh_mm_ss(zone), change.seq, told.text)
}

/// A change as one line of JSON, as the journal holds it. `None` where it has no JSON form, such as a figure that is not a number.
pub fn event_json(change: &Change) -> Option<String> {
    serde_json::to_string(change).ok()
}
