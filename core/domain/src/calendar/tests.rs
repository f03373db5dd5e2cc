//! Calendars: examples of the documents, and laws.

use chrono::{NaiveDate, TimeZone, Utc, Weekday};
use proptest::prelude::*;

use super::*;

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn sao_paulo(holidays: &[&str]) -> Calendar {
    let holidays = holidays.iter().map(|text| date(text)).collect();
    Calendar::new(chrono_tz::America::Sao_Paulo, WorkingWeek::MONDAY_TO_FRIDAY, holidays)
}

#[test]
fn three_days_after_23_january_is_26_january() {
    let due = sao_paulo(&[]).add(date("2026-01-23"), 3, DayKind::Calendar);
    assert_eq!(due, date("2026-01-26"));
}

#[test]
fn business_days_skip_weekends_and_holidays() {
    let calendar = sao_paulo(&["2026-01-26"]);
    assert_eq!(calendar.add(date("2026-01-23"), 1, DayKind::Business), date("2026-01-27"));
    assert_eq!(calendar.add(date("2026-01-24"), 0, DayKind::Business), date("2026-01-24"));
    assert_eq!(calendar.subtract(date("2026-01-27"), 1, DayKind::Business), date("2026-01-23"));
}

#[test]
fn the_local_date_is_the_date_on_the_wall() {
    let late_evening = Utc.with_ymd_and_hms(2026, 1, 24, 2, 30, 0).unwrap();
    assert_eq!(sao_paulo(&[]).local_date(late_evening), date("2026-01-23"));
}

#[test]
fn a_day_whose_midnight_is_skipped_starts_after_the_gap() {
    // Brazil's last change to daylight saving time, on 4 November 2018.
    let start = sao_paulo(&[]).start_of(date("2018-11-04"));
    assert_eq!(start, Utc.with_ymd_and_hms(2018, 11, 4, 3, 0, 0).unwrap());
}

#[test]
fn a_week_without_days_is_no_week() {
    assert_eq!(WorkingWeek::of([]), None);
    assert_eq!(WorkingWeek::from_bits(0), None);
    assert_eq!(WorkingWeek::from_bits(128), None);
    assert_eq!(WorkingWeek::of([Weekday::Sun]).unwrap().days(), vec![Weekday::Sun]);
}

proptest! {
    #[test]
    fn adding_never_goes_back_and_more_days_never_come_earlier(
        offset in 0u64..20_000, days in 0u32..200, bits in 1i32..=127, business: bool,
    ) {
        let week = WorkingWeek::from_bits(bits).unwrap();
        let calendar = Calendar::new(chrono_tz::UTC, week, BTreeSet::new());
        let anchor = plus(date("1990-01-01"), offset);
        let kind = if business { DayKind::Business } else { DayKind::Calendar };
        let due = calendar.add(anchor, days, kind);
        prop_assert!(due >= anchor);
        prop_assert!(calendar.add(anchor, days + 1, kind) > due);
        prop_assert!(calendar.subtract(anchor, days, kind) <= anchor);
        if business && days > 0 {
            prop_assert!(calendar.is_working_day(due));
        }
    }

    #[test]
    fn the_start_of_a_day_is_on_that_day(offset in 0u64..20_000, zone in 0usize..600) {
        let zone = chrono_tz::TZ_VARIANTS[zone % chrono_tz::TZ_VARIANTS.len()];
        let calendar = Calendar::new(zone, WorkingWeek::MONDAY_TO_FRIDAY, BTreeSet::new());
        let day = plus(date("1980-01-01"), offset);
        prop_assert!(calendar.local_date(calendar.start_of(day)) >= day);
        prop_assert!(calendar.local_date(calendar.start_of(day)) <= plus(day, 1));
    }
}
