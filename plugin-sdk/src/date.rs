//! Calendar dates. A plugin has no clock, and needs no time zones: the host tells it which day it
//! is in the workspace.
//!
//! ```
//! use jornada_plugin_sdk::date::Date;
//!
//! let renewal: Date = "2026-12-31".parse()?;
//! assert_eq!(renewal.plus_days(-60).to_string(), "2026-11-01");
//! # Ok::<(), String>(())
//! ```

use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// A day of the Gregorian calendar, from the year 1 to 9999. In JSON it is `YYYY-MM-DD`.
///
/// ```
/// use jornada_plugin_sdk::prelude::*;
///
/// let kick_off: Date = "2026-01-23".parse()?;
/// assert_eq!(kick_off.plus_days(3).to_string(), "2026-01-26");
/// assert_eq!(kick_off.days_until("2026-03-01".parse()?), 37);
/// assert!(kick_off < "2026-02-01".parse()?);
/// # Ok::<(), String>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    /// Days since the first of March of the year 0.
    days: i32,
}

/// Days of 400 years.
const ERA: i32 = 146_097;

/// The first and the last day that there are.
const FIRST: i32 = days_of(1, 1, 1);
const LAST: i32 = days_of(9999, 12, 31);

/// Counts in years that begin in March, so that the leap day is the last one. Pure.
const fn days_of(year: i32, month: i32, day: i32) -> i32 {
    let year = if month <= 2 { year - 1 } else { year };
    let month = if month <= 2 { month + 9 } else { month - 3 };
    let of_years = 365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    of_years + (153 * month + 2) / 5 + day - 1
}

impl Date {
    /// The day so many days later; earlier where they are negative. It stops at the first and the
    /// last day that there are.
    ///
    /// ```
    /// use jornada_plugin_sdk::date::Date;
    ///
    /// let signed: Date = "2024-02-28".parse()?;
    /// assert_eq!(signed.plus_days(2).to_string(), "2024-03-01");
    /// assert_eq!(signed.plus_days(-28).to_string(), "2024-01-31");
    /// # Ok::<(), String>(())
    /// ```
    #[must_use]
    pub fn plus_days(self, days: i32) -> Self {
        Self { days: self.days.saturating_add(days).clamp(FIRST, LAST) }
    }

    /// How many days it is from this one to the other; negative if the other is earlier.
    ///
    /// ```
    /// use jornada_plugin_sdk::date::Date;
    ///
    /// let (today, due): (Date, Date) = ("2026-01-23".parse()?, "2026-02-01".parse()?);
    /// assert_eq!(today.days_until(due), 9);
    /// assert_eq!(due.days_until(today), -9);
    /// # Ok::<(), String>(())
    /// ```
    pub fn days_until(self, other: Self) -> i32 {
        other.days - self.days
    }

    /// Year, month and day.
    fn parts(self) -> (i32, i32, i32) {
        let (era, day) = (self.days.div_euclid(ERA), self.days.rem_euclid(ERA));
        let year = (day - day / 1460 + day / 36_524 - day / (ERA - 1)) / 365;
        let day = day - (365 * year + year / 4 - year / 100);
        let month = (5 * day + 2) / 153;
        let day = day - (153 * month + 2) / 5 + 1;
        let year = year + 400 * era;
        if month < 10 { (year, month + 3, day) } else { (year + 1, month - 9, day) }
    }
}

impl FromStr for Date {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |range: std::ops::Range<usize>| -> Option<i32> {
            let digits = text.get(range)?;
            digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
        };
        let hyphens = text.len() == 10 && [4, 7].iter().all(|at| text.as_bytes()[*at] == b'-');
        let parts = number(0..4).zip(number(5..7)).zip(number(8..10));
        parts
            .filter(|((_, month), _)| hyphens && (1..=12).contains(month))
            .map(|((year, month), day)| (Self { days: days_of(year, month, day) }, year, day))
            .filter(|(date, year, day)| *year >= 1 && date.parts().2 == *day)
            .map(|(date, _, _)| date)
            .ok_or_else(|| format!("{text:?} is no date like 2026-01-23"))
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.parts();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

impl JsonSchema for Date {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Date".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "format": "date"})
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn days_that_there_are_not_are_refused() {
        for text in [
            "2026-02-29",
            "2026-13-01",
            "2026-00-10",
            "2026-01-00",
            "2026-01-32",
            "2026-1-1",
            "",
            "0000-01-01",
            "2026/01/01",
            "2026-01-01T00:00:00Z",
            "+026-01-01",
            "２026-01-1",
            "1900-02-29",
        ] {
            assert!(text.parse::<Date>().is_err(), "{text}");
        }
        for text in ["2024-02-29", "2000-02-29", "0001-01-01", "9999-12-31", "2026-12-31"] {
            assert_eq!(text.parse::<Date>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn the_calendar_ends_where_it_says() {
        let first: Date = "0001-01-01".parse().unwrap();
        assert_eq!(first.plus_days(-1), first);
        assert_eq!(first.plus_days(i32::MAX).to_string(), "9999-12-31");
    }

    proptest! {
        #[test]
        fn each_day_follows_the_one_before(days in FIRST..LAST) {
            let (one, next) = (Date { days }, Date { days: days + 1 });
            let text = one.to_string();
            prop_assert_eq!(text.parse::<Date>().unwrap(), one);
            prop_assert!(text < next.to_string());
            prop_assert_eq!(one.plus_days(1), next);
            prop_assert_eq!(one.days_until(next), 1);
        }
    }
}
