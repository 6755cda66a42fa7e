//! The weekly hours in which things may go forward in an environment.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use jiff::civil::{Date, Weekday};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use super::time::EngineTime;

/// The zones that come with the program. The system's own may be older, newer or missing, and a replay must be exact everywhere.
static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// A named time zone, such as `Europe/Berlin`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Zone(TimeZone);

impl Zone {
    /// The zone of this name; `None` where there is none.
    pub fn named(name: &str) -> Option<Self> {
        ZONES.get(name).ok().map(Self)
    }

    /// Its name.
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// What turns instants into clock times.
    pub fn time_zone(&self) -> &TimeZone {
        &self.0
    }
}

/// A text that is no zone, or no time of day.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not {expected}")]
pub struct NotATime {
    text: String,
    expected: &'static str,
}

impl TryFrom<String> for Zone {
    type Error = NotATime;

    fn try_from(text: String) -> Result<Self, NotATime> {
        Self::named(&text).ok_or(NotATime { text, expected: "a time zone" })
    }
}

impl From<Zone> for String {
    fn from(zone: Zone) -> Self {
        zone.name().to_owned()
    }
}

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is what it is called")]
pub enum Day {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

impl Day {
    /// All seven, from Monday.
    pub const ALL: [Self; 7] = [Self::Mon, Self::Tue, Self::Wed, Self::Thu, Self::Fri, Self::Sat, Self::Sun];

    /// As a spec writes it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Mon => "mon",
            Self::Tue => "tue",
            Self::Wed => "wed",
            Self::Thu => "thu",
            Self::Fri => "fri",
            Self::Sat => "sat",
            Self::Sun => "sun",
        }
    }

    const fn of(day: Weekday) -> Self {
        match day {
            Weekday::Monday => Self::Mon,
            Weekday::Tuesday => Self::Tue,
            Weekday::Wednesday => Self::Wed,
            Weekday::Thursday => Self::Thu,
            Weekday::Friday => Self::Fri,
            Weekday::Saturday => Self::Sat,
            Weekday::Sunday => Self::Sun,
        }
    }
}

/// A time of day to the minute, `00:00` to `24:00`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TimeOfDay(u16);

impl FromStr for TimeOfDay {
    type Err = NotATime;

    fn from_str(text: &str) -> Result<Self, NotATime> {
        let wrong = || NotATime { text: text.to_owned(), expected: "a time of day between 00:00 and 24:00" };
        let (hours, minutes) = text.split_once(':').ok_or_else(wrong)?;
        let two = |digits: &str| {
            (digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit())).then(|| digits.parse::<u16>().ok()).flatten()
        };
        let (hours, minutes) = (two(hours).ok_or_else(wrong)?, two(minutes).ok_or_else(wrong)?);
        let all = hours * 60 + minutes;
        if minutes < 60 && all <= 1_440 { Ok(Self(all)) } else { Err(wrong()) }
    }
}

impl TryFrom<String> for TimeOfDay {
    type Error = NotATime;

    fn try_from(text: String) -> Result<Self, NotATime> {
        text.parse()
    }
}

impl From<TimeOfDay> for String {
    fn from(time: TimeOfDay) -> Self {
        time.to_string()
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{:02}:{:02}", self.0 / 60, self.0 % 60))
    }
}

/// The hours of a week in which things may go forward, by the clocks of a zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// Whose clocks.
    pub zone: Zone,
    /// On which days. Never empty.
    pub days: BTreeSet<Day>,
    /// From when on each of them.
    pub from: TimeOfDay,
    /// Until when, that moment not included. After `from`.
    pub to: TimeOfDay,
}

/// Whether a window is open at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hours {
    /// It is.
    Open {
        /// When it closes; `None` where it is open day and night.
        closes: Option<EngineTime>,
    },
    /// It is not.
    Shut {
        /// Since when, as far as that lies within the last week.
        since: Option<EngineTime>,
        /// When it opens.
        opens: Option<EngineTime>,
    },
}

/// How many days around a moment are looked at: two weeks ahead, since the one hour a week may fall into the hour that clocks skip.
const DAYS: std::ops::RangeInclusive<i64> = -8..=15;

impl Window {
    /// Whether it is open at a moment.
    pub fn at(&self, now: EngineTime) -> Hours {
        let spans = self.spans(now);
        let horizon = spans.last().map(|(_, closes)| *closes);
        if let Some((_, closes)) = spans.iter().find(|(opens, closes)| *opens <= now && now < *closes) {
            // A stretch that reaches as far as was looked has no end.
            let endless = Some(*closes) == horizon && spans.len() == 1;
            return Hours::Open { closes: (!endless).then_some(*closes) };
        }
        Hours::Shut {
            since: spans.iter().map(|(_, closes)| *closes).filter(|closes| *closes <= now).max(),
            opens: spans.iter().map(|(opens, _)| *opens).find(|opens| *opens > now),
        }
    }

    /// The stretches around a moment in which it is open, in order; those that touch are one.
    fn spans(&self, now: EngineTime) -> Vec<(EngineTime, EngineTime)> {
        let zone = self.zone.time_zone();
        let today = Timestamp::from_millisecond(now.millis()).unwrap_or(Timestamp::UNIX_EPOCH).to_zoned(zone.clone()).date();
        let mut spans: Vec<(EngineTime, EngineTime)> = Vec::new();
        for date in DAYS.filter_map(|days| today.checked_add(days.days()).ok()) {
            if !self.days.contains(&Day::of(date.weekday())) {
                continue;
            }
            let (Some(opens), Some(closes)) = (instant(date, self.from, zone), instant(date, self.to, zone)) else { continue };
            match spans.last_mut() {
                Some(last) if last.1 >= opens => last.1 = last.1.max(closes),
                // Where clocks skip the whole of it, it does not open that day.
                _ if opens < closes => spans.push((opens, closes)),
                _ => {}
            }
        }
        spans
    }
}

/// When clocks show this. A time that clocks skip is the same length after the last one before; of one that they show twice it is the
/// first.
fn instant(date: Date, time: TimeOfDay, zone: &TimeZone) -> Option<EngineTime> {
    let (date, minutes) = if time.0 == 1_440 { (date.tomorrow().ok()?, 0) } else { (date, time.0) };
    let at = date.at((minutes / 60) as i8, (minutes % 60) as i8, 0, 0).to_zoned(zone.clone()).ok()?;
    Some(EngineTime::from_millis(at.timestamp().as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(zone: &str, days: &[Day], from: &str, to: &str) -> Window {
        Window {
            zone: Zone::named(zone).unwrap(),
            days: days.iter().copied().collect(),
            from: from.parse().unwrap(),
            to: to.parse().unwrap(),
        }
    }

    fn at(text: &str) -> EngineTime {
        EngineTime::from_millis(text.parse::<Timestamp>().unwrap().as_millisecond())
    }

    const WORKDAYS: [Day; 5] = [Day::Mon, Day::Tue, Day::Wed, Day::Thu, Day::Fri];

    #[test]
    fn it_opens_at_its_first_moment_and_is_shut_at_its_last() {
        let window = window("Europe/Berlin", &WORKDAYS, "09:00", "16:00");
        let (opens, closes) = (at("2026-11-19T08:00:00Z"), at("2026-11-19T15:00:00Z"));
        let shut = |opens| Hours::Shut { since: Some(at("2026-11-18T15:00:00Z")), opens: Some(opens) };
        assert_eq!(window.at(at("2026-11-19T07:59:59.999Z")), shut(opens));
        assert_eq!(window.at(opens), Hours::Open { closes: Some(closes) });
        assert_eq!(window.at(at("2026-11-19T14:59:59.999Z")), Hours::Open { closes: Some(closes) });
        let after = Hours::Shut { since: Some(closes), opens: Some(at("2026-11-20T08:00:00Z")) };
        assert_eq!(window.at(closes), after);
    }

    #[test]
    fn from_friday_on_it_opens_on_monday() {
        let window = window("Europe/Berlin", &WORKDAYS, "09:00", "16:00");
        let (friday, monday) = (at("2026-11-20T15:00:00Z"), at("2026-11-23T08:00:00Z"));
        for now in ["2026-11-20T15:00:00Z", "2026-11-21T12:00:00Z", "2026-11-23T07:59:00Z"] {
            assert_eq!(window.at(at(now)), Hours::Shut { since: Some(friday), opens: Some(monday) }, "{now}");
        }
        assert_eq!(window.at(monday), Hours::Open { closes: Some(at("2026-11-23T15:00:00Z")) });
    }

    #[test]
    fn it_follows_the_clocks_of_its_zone_over_a_change() {
        let window = window("Europe/Berlin", &WORKDAYS, "09:00", "16:00");
        // On Sunday 29 March 2026 clocks go from 02:00 to 03:00: nine o'clock is an hour earlier by UTC from then on.
        assert_eq!(window.at(at("2026-03-27T07:59:00Z")), {
            let (since, opens) = (at("2026-03-26T15:00:00Z"), at("2026-03-27T08:00:00Z"));
            Hours::Shut { since: Some(since), opens: Some(opens) }
        });
        let opens = at("2026-03-30T07:00:00Z");
        assert_eq!(window.at(at("2026-03-28T12:00:00Z")), {
            Hours::Shut { since: Some(at("2026-03-27T15:00:00Z")), opens: Some(opens) }
        });
        assert_eq!(window.at(opens), Hours::Open { closes: Some(at("2026-03-30T14:00:00Z")) });
    }

    #[test]
    fn hours_that_clocks_skip_are_not_there_and_hours_they_show_twice_are_both_open() {
        let night = window("Europe/Berlin", &[Day::Sun], "02:10", "02:50");
        assert_eq!(night.at(at("2026-03-29T00:30:00Z")), {
            let (since, opens) = (at("2026-03-22T01:50:00Z"), at("2026-03-29T01:10:00Z"));
            Hours::Shut { since: Some(since), opens: Some(opens) }
        });
        let across = window("Europe/Berlin", &[Day::Sun], "01:30", "04:00");
        // 25 October 2026: from 02:00 to 03:00 twice. It is open for three and a half hours.
        let (opens, closes) = (at("2026-10-24T23:30:00Z"), at("2026-10-25T03:00:00Z"));
        assert_eq!(across.at(opens), Hours::Open { closes: Some(closes) });
        assert_eq!(across.at(at("2026-10-25T01:30:00Z")), Hours::Open { closes: Some(closes) });
    }

    #[test]
    fn days_that_touch_are_one_stretch_and_all_of_them_have_no_end() {
        let weekend = window("UTC", &[Day::Sat, Day::Sun], "00:00", "24:00");
        assert_eq!(weekend.at(at("2026-11-21T12:00:00Z")), Hours::Open { closes: Some(at("2026-11-23T00:00:00Z")) });
        let always = window("UTC", &Day::ALL, "00:00", "24:00");
        assert_eq!(always.at(at("2026-11-21T12:00:00Z")), Hours::Open { closes: None });
    }

    #[test]
    fn times_of_day_are_written_with_two_digits_each() {
        assert_eq!("09:05".parse::<TimeOfDay>().map(|time| time.to_string()), Ok("09:05".to_owned()));
        assert!("24:00".parse::<TimeOfDay>().is_ok());
        for wrong in ["9:00", "09.00", "24:01", "12:60", "+1:00", "", "noon"] {
            assert!(wrong.parse::<TimeOfDay>().is_err(), "{wrong}");
        }
        assert_eq!(Zone::named("Europe/Berlin").map(String::from), Some("Europe/Berlin".to_owned()));
        assert_eq!(Zone::named("Europe/Berlim"), None);
    }
}
