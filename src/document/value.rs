//! The kinds of value a document may hold, and how each is written.

use toml::de::DeValue;

use crate::domain::time::{EngineTime, Period};

/// A value that can be read from a document.
pub trait FromDocument: Sized {
    /// How it is written, as the end of "write …".
    const WRITTEN: &'static str;

    /// The value, or what is wrong with it: `None` where it is of another kind altogether.
    fn from_document(value: &DeValue<'_>) -> Result<Self, Option<String>>;
}

impl FromDocument for String {
    const WRITTEN: &'static str = "text in quotes";

    fn from_document(value: &DeValue<'_>) -> Result<Self, Option<String>> {
        let text = value.as_str().ok_or(None)?;
        if text.trim().is_empty() { Err(Some("is empty".to_owned())) } else { Ok(text.to_owned()) }
    }
}

impl FromDocument for bool {
    const WRITTEN: &'static str = "true or false";

    fn from_document(value: &DeValue<'_>) -> Result<Self, Option<String>> {
        value.as_bool().ok_or(None)
    }
}

impl FromDocument for u64 {
    const WRITTEN: &'static str = "a whole number, 0 or more";

    fn from_document(value: &DeValue<'_>) -> Result<Self, Option<String>> {
        let number = value.as_integer().ok_or(None)?;
        Self::from_str_radix(number.as_str(), number.radix()).map_err(|_| Some(format!("is {number}")))
    }
}

impl FromDocument for u32 {
    const WRITTEN: &'static str = "a whole number between 0 and 4294967295";

    fn from_document(value: &DeValue<'_>) -> Result<Self, Option<String>> {
        let number = value.as_integer().ok_or(None)?;
        Self::from_str_radix(number.as_str(), number.radix()).map_err(|_| Some(format!("is {number}")))
    }
}

impl FromDocument for f64 {
    const WRITTEN: &'static str = "a number, 0 or more";

    fn from_document(value: &DeValue<'_>) -> Result<Self, Option<String>> {
        let number: Self = match value {
            DeValue::Float(number) => number.as_str().parse().map_err(|_| None)?,
            DeValue::Integer(number) => {
                u32::from_document(value).map(Self::from).or_else(|_| number.as_str().parse()).map_err(|_| None)?
            }
            _ => return Err(None),
        };
        if number.is_finite() && number >= 0.0 { Ok(number) } else { Err(Some(format!("is {number}"))) }
    }
}

impl FromDocument for Period {
    const WRITTEN: &'static str = r#"a length of time such as "45s", "10m", "1h" or "1h30m""#;

    fn from_document(value: &DeValue<'_>) -> Result<Self, Option<String>> {
        let text = value.as_str().ok_or(None)?;
        parse_period(text).ok_or_else(|| Some(format!("is {text:?}, which is no length of time")))
    }
}

impl FromDocument for EngineTime {
    const WRITTEN: &'static str = "a date and time with its zone, such as 2026-11-13T10:00:00Z";

    fn from_document(value: &DeValue<'_>) -> Result<Self, Option<String>> {
        let text = value.as_datetime().ok_or(None)?.to_string();
        let time: jiff::Timestamp = text.parse().map_err(|_| Some(format!("is {text}")))?;
        Ok(Self::from_millis(time.as_millisecond()))
    }
}

/// A day as it is written, `2026-11-12`: its first moment in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Date(pub EngineTime);

impl FromDocument for Date {
    const WRITTEN: &'static str = "a date, such as 2026-11-12";

    fn from_document(value: &DeValue<'_>) -> Result<Self, Option<String>> {
        let text = value.as_datetime().filter(|value| value.time.is_none()).ok_or(None)?.to_string();
        let time: jiff::Timestamp = format!("{text}T00:00:00Z").parse().map_err(|_| Some(format!("is {text}")))?;
        Ok(Self(EngineTime::from_millis(time.as_millisecond())))
    }
}

/// A part of a whole as it is written by hand, `"99.9 %"`, held as a share of 1.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Percent(pub f64);

impl FromDocument for Percent {
    const WRITTEN: &'static str = r#"a share between "0 %" and "100 %""#;

    fn from_document(value: &DeValue<'_>) -> Result<Self, Option<String>> {
        let text = value.as_str().ok_or(None)?;
        parse_percent(text)
            .filter(|share| (0.0..=1.0).contains(share))
            .map(Self)
            .ok_or_else(|| Some(format!("is {text:?}, which is no share between 0 % and 100 %")))
    }
}

impl<T: FromDocument> FromDocument for Vec<T> {
    const WRITTEN: &'static str = "a list";

    fn from_document(value: &DeValue<'_>) -> Result<Self, Option<String>> {
        let mut all = Self::new();
        for item in value.as_array().ok_or(None)? {
            all.push(T::from_document(item.get_ref()).map_err(|what| {
                let what = what.unwrap_or_else(|| format!("is {}", kind(item.get_ref())));
                Some(format!("has an entry that {what}; each entry is {}", T::WRITTEN))
            })?);
        }
        if all.is_empty() { Err(Some("is empty".to_owned())) } else { Ok(all) }
    }
}

/// `10 %` as 0.1. What has no percent sign, or is no finite number, is none.
pub fn parse_percent(text: &str) -> Option<f64> {
    // The point is moved in the text, not by a division: 99.9 % is then exactly the number that is written 0.999.
    format!("{}e-2", text.trim().strip_suffix('%')?.trim()).parse().ok()
}

/// `45s`, `10m`, `1h30m`, `300 ms`: whole or decimal numbers, each with its unit, the larger unit first. Days are `d`.
pub fn parse_period(text: &str) -> Option<Period> {
    let mut rest = text.trim();
    let mut millis = 0.0_f64;
    let mut last = f64::INFINITY;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let number_ends = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, after) = rest.split_at_checked(number_ends)?;
        let after = after.trim_start();
        let unit_ends = after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len());
        let (unit, after) = after.split_at_checked(unit_ends)?;
        let scale = match unit {
            "d" => 86_400_000.0,
            "h" => 3_600_000.0,
            "m" | "min" => 60_000.0,
            "s" => 1_000.0,
            "ms" => 1.0,
            _ => return None,
        };
        if scale >= last {
            return None;
        }
        last = scale;
        millis += number.parse::<f64>().ok()? * scale;
        rest = after.trim_start();
    }
    // A thousand years is beyond any bake, and far inside what a period can hold.
    (millis < 3.2e13).then(|| Period::from_millis(millis.round() as i64))
}

/// What a value is, with its article.
pub(super) fn kind(value: &DeValue<'_>) -> String {
    let article = if matches!(value, DeValue::Integer(_) | DeValue::Array(_)) { "an" } else { "a" };
    format!("{article} {}", value.type_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_are_written_as_people_say_them() {
        assert_eq!(parse_period("45s"), Some(Period::from_secs(45)));
        assert_eq!(parse_period("1h30m"), Some(Period::from_mins(90)));
        assert_eq!(parse_period("300 ms"), Some(Period::from_millis(300)));
        assert_eq!(parse_period("1.5 s"), Some(Period::from_millis(1_500)));
        assert_eq!(parse_period("1h 30m"), Some(Period::from_mins(90)));
        for wrong in ["", "45", "s", "-1s", "10x", "1m1h", "1s1s", "1.2.3s", "9999999999999d"] {
            assert_eq!(parse_period(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_share_needs_its_percent_sign() {
        assert_eq!(parse_percent("99.9 %"), Some(0.999));
        assert_eq!(parse_percent("1%"), Some(0.01));
        assert_eq!(parse_percent("0.1"), None);
        assert_eq!(parse_percent("NaN %"), None);
    }
}
