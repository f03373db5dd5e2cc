//! Dates as people keep them: local days, working weeks and holidays (rule 1). Pure.

use std::collections::BTreeSet;

use chrono::{
    DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc,
    Weekday,
};
use chrono_tz::Tz;
use sea_orm::{DeriveActiveEnum, EnumIter};

/// The days that count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DayKind {
    /// Every day.
    Calendar,
    /// Working days of the workspace.
    Business,
}

/// The working days of a week, Monday in the lowest of seven bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkingWeek(u8);

impl WorkingWeek {
    /// Monday to Friday.
    pub const MONDAY_TO_FRIDAY: Self = Self(0b001_1111);

    /// The week of these days; `None` without any day, for then no working day ever comes.
    pub fn of(days: impl IntoIterator<Item = Weekday>) -> Option<Self> {
        let bits = days.into_iter().fold(0, |bits, day| bits | 1 << day.num_days_from_monday());
        (bits != 0).then_some(Self(bits))
    }

    /// The week as it is stored; bits beyond the seventh and an empty week are refused.
    pub fn from_bits(bits: i32) -> Option<Self> {
        u8::try_from(bits).ok().filter(|bits| (1..=0b111_1111).contains(bits)).map(Self)
    }

    /// The week as it is stored.
    pub fn bits(self) -> i32 {
        self.0.into()
    }

    /// Whether people work on this day of the week.
    pub fn contains(self, day: Weekday) -> bool {
        self.0 & 1 << day.num_days_from_monday() != 0
    }

    /// The days, from Monday.
    pub fn days(self) -> Vec<Weekday> {
        (0..7u8).filter_map(|n| Weekday::try_from(n).ok()).filter(|d| self.contains(*d)).collect()
    }
}

/// No holiday list makes a working day further away than this: beyond it, days count as working.
const LONGEST_BREAK_DAYS: u64 = 400;

/// The calendar of a workspace.
#[derive(Clone, Debug)]
pub struct Calendar {
    zone: Tz,
    week: WorkingWeek,
    holidays: BTreeSet<NaiveDate>,
}

impl Calendar {
    /// A calendar of a zone, a working week and holidays.
    pub fn new(zone: Tz, week: WorkingWeek, holidays: BTreeSet<NaiveDate>) -> Self {
        Self { zone, week, holidays }
    }

    /// The local date of an instant.
    pub fn local_date(&self, at: DateTime<Utc>) -> NaiveDate {
        at.with_timezone(&self.zone).date_naive()
    }

    /// The first instant of a local date. Where midnight is skipped by daylight saving time, it
    /// is the first instant after the gap.
    pub fn start_of(&self, date: NaiveDate) -> DateTime<Utc> {
        self.instant(date.and_time(NaiveTime::MIN))
    }

    /// The instant of a local time; of one that comes twice the first, and of one that daylight
    /// saving time skips the first after the gap.
    pub fn instant(&self, local: NaiveDateTime) -> DateTime<Utc> {
        let quarters = (0..=8).map(|n| local + TimeDelta::minutes(15 * n));
        let zoned =
            quarters.filter_map(|time| self.zone.from_local_datetime(&time).earliest()).next();
        zoned.map_or_else(|| local.and_utc(), |zoned| zoned.with_timezone(&Utc))
    }

    /// Whether people work on this date.
    pub fn is_working_day(&self, date: NaiveDate) -> bool {
        self.week.contains(date.weekday()) && !self.holidays.contains(&date)
    }

    /// `anchor + days`; of `BUSINESS` days it is the nth working day after the anchor, and the
    /// anchor itself for none.
    pub fn add(&self, anchor: NaiveDate, days: u32, kind: DayKind) -> NaiveDate {
        match kind {
            DayKind::Calendar => plus(anchor, days.into()),
            DayKind::Business => {
                (0..days).fold(anchor, |date, _| self.working_day_from(date, plus))
            }
        }
    }

    /// `anchor − days`, counted like [`Self::add`].
    pub fn subtract(&self, anchor: NaiveDate, days: u32, kind: DayKind) -> NaiveDate {
        match kind {
            DayKind::Calendar => minus(anchor, days.into()),
            DayKind::Business => {
                (0..days).fold(anchor, |date, _| self.working_day_from(date, minus))
            }
        }
    }

    fn working_day_from(
        &self,
        date: NaiveDate,
        step: impl Fn(NaiveDate, u64) -> NaiveDate,
    ) -> NaiveDate {
        let mut next = (1..=LONGEST_BREAK_DAYS).map(|n| step(date, n));
        next.find(|d| self.is_working_day(*d)).unwrap_or_else(|| step(date, 1))
    }
}

/// The first date that is taken and kept: nobody was a customer before.
pub const FIRST_DATE: NaiveDate = day(1900, 1, 1);

/// The last date that is taken and kept. Dates of more digits would be sorted before all others
/// where they are kept as text.
pub const LAST_DATE: NaiveDate = day(2999, 12, 31);

const fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    match NaiveDate::from_ymd_opt(year, month, day) {
        Some(date) => date,
        None => NaiveDate::MIN,
    }
}

/// Whether a date can be taken.
pub fn is_kept(date: NaiveDate) -> bool {
    (FIRST_DATE..=LAST_DATE).contains(&date)
}

/// The date `days` later, or the last date that is kept.
pub fn plus(date: NaiveDate, days: u64) -> NaiveDate {
    let later = date.checked_add_days(Days::new(days)).unwrap_or(LAST_DATE);
    later.clamp(FIRST_DATE, LAST_DATE)
}

/// The date `days` earlier, or the first date that is kept.
pub fn minus(date: NaiveDate, days: u64) -> NaiveDate {
    let earlier = date.checked_sub_days(Days::new(days)).unwrap_or(FIRST_DATE);
    earlier.clamp(FIRST_DATE, LAST_DATE)
}

#[cfg(test)]
mod tests;
