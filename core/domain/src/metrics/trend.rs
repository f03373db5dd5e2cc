//! By which part a metric grew: whole periods of its grain that have ended, held against as many
//! before them. Pure.
//!
//! Periods without a point are unknown, not zero, so sums of periods are never compared: 5 points
//! against 6 would look like a loss. What is compared is the mean of the points, for every metric.
//! A trend says nothing where less than half of the periods of either side has a point, nor where
//! the earlier side reaches beyond what is kept.

use chrono::Months;

use super::metric::Grain;
use super::point::start_of_period;
use crate::calendar;
use crate::prelude::*;

/// The periods of the two sides, by their first days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sides {
    /// How many periods each side has.
    pub periods: u64,
    /// The first period of the earlier side.
    pub before: NaiveDate,
    /// The first period of the later side.
    pub since: NaiveDate,
    /// The first period that is too late.
    pub end: NaiveDate,
}

impl Sides {
    /// The periods of some days that have ended by `until` and before today: so many days up to
    /// yesterday, whole weeks, or whole months, of which 30 days are one. At least one.
    pub fn of(grain: Grain, days: i32, until: NaiveDate, today: NaiveDate) -> Self {
        // The period of the day after the last one that counts has not ended.
        let end = start_of_period(calendar::plus(until, 1).min(today), grain);
        let days = u64::from(days.unsigned_abs());
        let periods = match grain {
            Grain::Day => days,
            Grain::Week => days / 7,
            Grain::Month => days / 30,
        };
        let periods = periods.max(1);
        let (since, before) = (back(end, periods, grain), back(end, 2 * periods, grain));
        Self { periods, before, since, end }
    }
}

/// The first day of the period so many periods before.
fn back(start: NaiveDate, periods: u64, grain: Grain) -> NaiveDate {
    match grain {
        Grain::Day => calendar::minus(start, periods),
        Grain::Week => calendar::minus(start, 7 * periods),
        Grain::Month => {
            let months = Months::new(u32::try_from(periods).unwrap_or(u32::MAX));
            start.checked_sub_months(months).unwrap_or(NaiveDate::MIN)
        }
    }
}

/// The points of one side.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Side {
    /// How many of its periods have a point.
    pub count: i64,
    /// Their sum.
    pub sum: Option<f64>,
}

impl Side {
    /// The mean of the points, where at least half of the periods has one.
    fn mean(&self, periods: u64) -> Option<f64> {
        let count = u64::try_from(self.count).unwrap_or_default();
        let is_covered = count > 0 && 2 * count >= periods;
        self.sum.filter(|_| is_covered).map(|sum| sum / self.count as f64)
    }
}

/// By which part the mean of the periods grew: 0.25 is a quarter more. Unknown where a side has
/// too few points, where the earlier one begins before `earliest`, the first period that is kept,
/// and where it was zero.
pub fn trend(sides: Sides, before: Side, now: Side, earliest: Option<NaiveDate>) -> Option<f64> {
    if earliest.is_some_and(|earliest| sides.before < earliest) {
        return None;
    }
    change(before.mean(sides.periods)?, now.mean(sides.periods)?)
}

fn change(before: f64, now: f64) -> Option<f64> {
    if before == 0.0 {
        return None;
    }
    Some((now - before) / before.abs()).filter(|change| change.is_finite())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const GRAINS: [Grain; 3] = [Grain::Day, Grain::Week, Grain::Month];

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn whole_periods_that_have_ended_are_compared_by_hand() {
        use Grain::{Day, Month, Week};
        // 20 January 2026 is a Tuesday.
        for (grain, days, until, today, expected) in [
            (Day, 7, "2026-01-20", "2026-01-20", "7: 2026-01-06 2026-01-13 2026-01-20"),
            (Day, 1, "2026-01-20", "2026-01-20", "1: 2026-01-18 2026-01-19 2026-01-20"),
            (Day, 2, "2026-01-10", "2026-01-20", "2: 2026-01-07 2026-01-09 2026-01-11"),
            (Day, 2, "2026-02-10", "2026-01-20", "2: 2026-01-16 2026-01-18 2026-01-20"),
            (Week, 14, "2026-01-20", "2026-01-20", "2: 2025-12-22 2026-01-05 2026-01-19"),
            (Week, 30, "2026-01-20", "2026-01-20", "4: 2025-11-24 2025-12-22 2026-01-19"),
            // On a Sunday its week has not ended; on the Monday after it has.
            (Week, 7, "2026-01-18", "2026-01-18", "1: 2025-12-29 2026-01-05 2026-01-12"),
            (Week, 7, "2026-01-19", "2026-01-19", "1: 2026-01-05 2026-01-12 2026-01-19"),
            (Week, 7, "2026-01-18", "2026-01-20", "1: 2026-01-05 2026-01-12 2026-01-19"),
            (Month, 30, "2026-01-20", "2026-01-20", "1: 2025-11-01 2025-12-01 2026-01-01"),
            (Month, 30, "2026-01-31", "2026-01-31", "1: 2025-11-01 2025-12-01 2026-01-01"),
            (Month, 30, "2026-01-31", "2026-02-01", "1: 2025-12-01 2026-01-01 2026-02-01"),
            (Month, 90, "2026-03-31", "2026-04-02", "3: 2025-10-01 2026-01-01 2026-04-01"),
            (Month, 365, "2026-01-20", "2026-01-20", "12: 2024-01-01 2025-01-01 2026-01-01"),
            (Month, 1, "2026-01-20", "2026-01-20", "1: 2025-11-01 2025-12-01 2026-01-01"),
        ] {
            let sides = Sides::of(grain, days, day(until), day(today));
            let Sides { periods, before, since, end } = sides;
            let told = format!("{periods}: {before} {since} {end}");
            assert_eq!(told, expected, "{grain:?} {days} {until} {today}");
        }
    }

    #[test]
    fn means_are_compared_where_enough_is_known_by_hand() {
        let sides = Sides::of(Grain::Day, 7, day("2026-01-20"), day("2026-01-20"));
        let side = |count, sum| Side { count, sum: Some(sum) };
        let of = |before, now| trend(sides, before, now, None);
        // Five points of 10 a day, and six: nothing has changed.
        assert_eq!(of(side(6, 60.0), side(5, 50.0)), Some(0.0));
        assert_eq!(of(side(7, 70.0), side(7, 105.0)), Some(0.5));
        assert_eq!(of(side(4, 40.0), side(4, 30.0)), Some(-0.25));
        assert_eq!(of(side(3, 30.0), side(7, 70.0)), None, "less than half before");
        assert_eq!(of(side(7, 70.0), side(3, 30.0)), None, "less than half now");
        assert_eq!(of(side(7, 0.0), side(7, 70.0)), None, "of zero there is no part");
        assert_eq!(of(Side::default(), side(7, 70.0)), None);
        let kept_from = |date| trend(sides, side(7, 70.0), side(7, 70.0), Some(day(date)));
        assert_eq!(kept_from("2026-01-06"), Some(0.0));
        assert_eq!(kept_from("2026-01-07"), None, "what was before is not kept");
    }

    proptest! {
        #[test]
        fn both_sides_have_the_same_number_of_whole_periods_that_have_ended(
            days in 1i32..1100, offset in 0u64..4000, ago in 0u64..400,
        ) {
            let today = calendar::plus(day("2020-01-01"), offset);
            let until = calendar::minus(today, ago);
            for grain in GRAINS {
                let sides = Sides::of(grain, days, until, today);
                let Sides { periods, before, since, end } = sides;
                for start in [before, since, end] {
                    prop_assert_eq!(start_of_period(start, grain), start);
                }
                prop_assert_eq!(back(end, periods, grain), since);
                prop_assert_eq!(back(since, periods, grain), before);
                prop_assert!(end <= today && end <= calendar::plus(until, 1));
                let next = match grain {
                    Grain::Day => calendar::plus(end, 1),
                    Grain::Week => calendar::plus(end, 7),
                    Grain::Month => start_of_period(calendar::plus(end, 31), grain),
                };
                prop_assert!(next > today || next > calendar::plus(until, 1), "it has not ended");
            }
        }

        #[test]
        fn a_change_tells_the_direction_and_leads_from_the_one_value_to_the_other(
            before in -1e9..1e9, now in -1e9..1e9,
        ) {
            let Some(change) = change(before, now) else { return Ok(()) };
            prop_assert_eq!(change > 0.0, now > before);
            let there = before + change * before.abs();
            prop_assert!((there - now).abs() <= 1e-6 * (1.0 + now.abs() + before.abs()));
        }

        #[test]
        fn a_change_is_a_number_or_unknown(before in any::<f64>(), now in any::<f64>()) {
            prop_assert!(change(before, now).is_none_or(f64::is_finite));
        }
    }

    #[test]
    fn without_a_value_before_there_is_no_change() {
        assert_eq!(change(0.0, 5.0), None);
        assert_eq!(change(-0.0, 5.0), None);
        assert_eq!(change(f64::MIN_POSITIVE, 1e300), None);
        assert_eq!(change(4.0, 5.0), Some(0.25));
        assert_eq!(change(-4.0, -5.0), Some(-0.25));
    }
}
