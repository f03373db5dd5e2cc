//! For how long points are kept, by the grain of their metric, and the job that deletes older ones.
//!
//! A point is never deleted while it says something about the present: the freshness of its metric
//! counts where it is longer. What is not kept is not taken either: it would be gone by tomorrow.

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::metric::{self, Grain};
use super::point;
use crate::calendar;
use crate::job::{self, Work};
use crate::prelude::*;
use crate::workspace;

/// Days for which points are kept; `None` for ever.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retention {
    /// Points of days.
    pub daily: Option<i32>,
    /// Points of weeks.
    pub weekly: Option<i32>,
    /// Points of months.
    pub monthly: Option<i32>,
}

/// Changes of the retention: `None` leaves a grain as it is, `Some(None)` keeps its points for
/// ever.
#[derive(Clone, Copy, Debug, Default)]
pub struct RetentionPatch {
    pub expected_version: Option<i64>,
    pub daily: Option<Option<i32>>,
    pub weekly: Option<Option<i32>>,
    pub monthly: Option<Option<i32>>,
}

/// A point lives at least as long as the longest period.
pub const MIN_DAYS: i32 = 31;

/// A hundred years.
pub const MAX_DAYS: i32 = 36_500;

impl Retention {
    /// The retention of a workspace.
    pub fn of(workspace: &workspace::Model) -> Self {
        Self {
            daily: workspace.daily_points_days,
            weekly: workspace.weekly_points_days,
            monthly: workspace.monthly_points_days,
        }
    }

    fn days(&self, grain: Grain) -> Option<i32> {
        match grain {
            Grain::Day => self.daily,
            Grain::Week => self.weekly,
            Grain::Month => self.monthly,
        }
    }

    /// The first day of the earliest period whose point of a metric is kept, if there is one.
    pub fn earliest(&self, metric: &metric::Model, today: NaiveDate) -> Option<NaiveDate> {
        self.earliest_of(metric.grain, metric.freshness_days, today)
    }

    pub(super) fn earliest_of(
        &self,
        grain: Grain,
        freshness: i32,
        today: NaiveDate,
    ) -> Option<NaiveDate> {
        let days = self.days(grain)?.max(freshness).unsigned_abs();
        Some(point::start_of_period(calendar::minus(today, days.into()), grain))
    }
}

/// Deletes what has been kept long enough, some subjects of a metric at a time.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Prune {
    /// The day whose run it is: there is one a day.
    pub on: NaiveDate,
    /// The metric and subject up to which the run has come.
    pub after: Option<(MetricId, Uuid)>,
    /// How many points the run has deleted.
    pub deleted: u64,
}

impl Work for Prune {
    const KIND: &'static str = "metric.prune";

    fn unique_key(&self) -> Option<String> {
        let place = self.after.map(|(metric, subject)| format!("{metric}:{subject}"));
        Some(format!("{}:{}", self.on, place.unwrap_or_default()))
    }
}

/// Subjects of one job. With three years of days each, that deletes some hundred thousand rows,
/// which takes seconds and thus much less than a lease.
const SUBJECTS: u64 = 200;

/// Changes for how long points are kept. What is too old is deleted by job, from now on daily.
pub async fn update(tx: &Tx<'_>, patch: RetentionPatch) -> Result<workspace::Model> {
    tx.require(Area::Workspace, Access::Write)?;
    let before = workspace::current(tx).await?;
    store::expect_version(&before, patch.expected_version)?;
    let mut checks = Checks::new();
    let mut kept = |field: &str, days: Option<Option<i32>>, now: Option<i32>| {
        if let Some(Some(days)) = days {
            checks.range(field, days, MIN_DAYS, MAX_DAYS);
        }
        Set(days.unwrap_or(now))
    };
    let row = workspace::ActiveModel {
        daily_points_days: kept("dailyDays", patch.daily, before.daily_points_days),
        weekly_points_days: kept("weeklyDays", patch.weekly, before.weekly_points_days),
        monthly_points_days: kept("monthlyDays", patch.monthly, before.monthly_points_days),
        ..Default::default()
    };
    checks.finish()?;
    let row = store::update(tx, &before, row, Fact::Updated).await?;
    ask_for(tx, &row).await?;
    Ok(row)
}

/// Asks for the first run of [`Prune`], from which on there is one a day.
pub(crate) async fn ask_for(tx: &Tx<'_>, workspace: &workspace::Model) -> Result<()> {
    if Retention::of(workspace) == Retention::default() {
        return Ok(());
    }
    job::enqueue(tx, &Prune { on: tx.today().await?, after: None, deleted: 0 }, tx.now)
}

/// Runs [`Prune`]: goes on with the next subjects, or is done for the day. A run that deleted
/// something tells so once, at its end.
pub async fn prune(tx: &Tx<'_>, work: Prune) -> Result<()> {
    tx.require(Area::Metrics, Access::Write)?;
    let workspace = workspace::current(tx).await?;
    let retention = Retention::of(&workspace);
    let today = tx.today().await?;
    let metrics = metric::all_after(tx, work.after.map(|(metric, _)| metric)).await?;
    for metric in metrics {
        let Some(earliest) = retention.earliest(&metric, today) else { continue };
        let after = work.after.filter(|(id, _)| *id == metric.id).map(|(_, subject)| subject);
        let subjects = point::next_subjects(tx, metric.id, after, SUBJECTS).await?;
        let Some(last) = subjects.last() else { continue };
        let deleted = point::delete_before(tx, metric.id, &subjects, earliest).await?;
        let after = Some((metric.id, *last));
        let next = Prune { on: work.on, after, deleted: work.deleted + deleted };
        return job::enqueue(tx, &next, tx.now);
    }
    if work.deleted > 0 {
        let changes = [("points", json!({ "deleted": work.deleted }))].into();
        store::tell_batch(tx, &workspace, None, Fact::Pruned, &changes);
    }
    if retention == Retention::default() {
        return Ok(());
    }
    let tomorrow = today.checked_add_days(Days::new(1)).unwrap_or(today);
    let next = Prune { on: tomorrow, after: None, deleted: 0 };
    job::enqueue(tx, &next, tx.calendar().await?.start_of(tomorrow))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::window;
    use super::*;

    proptest! {
        #[test]
        fn a_point_that_is_fresh_or_young_enough_is_kept(
            age in 0u64..3000, days in MIN_DAYS..2000, freshness in 1i32..2000,
        ) {
            let today: NaiveDate = "2026-01-20".parse().unwrap();
            let kept = Retention { daily: Some(days), weekly: Some(days), monthly: Some(days) };
            for grain in [Grain::Day, Grain::Week, Grain::Month] {
                let period = point::start_of_period(calendar::minus(today, age), grain);
                let earliest = kept.earliest_of(grain, freshness, today).unwrap();
                let is_fresh = !window::is_stale(period, grain, freshness, today);
                let is_young = age <= days.unsigned_abs().into();
                prop_assert!(period >= earliest || !(is_fresh || is_young));
                prop_assert_eq!(point::start_of_period(earliest, grain), earliest);
            }
        }
    }

    #[test]
    fn without_a_number_of_days_points_are_kept_for_ever() {
        let today = "2026-01-20".parse().unwrap();
        let kept = Retention { weekly: Some(31), ..Retention::default() };
        assert_eq!(kept.earliest_of(Grain::Day, 1, today), None);
        // Saturday 20 December 2025 is 31 days before, in the week of Monday 15.
        assert_eq!(kept.earliest_of(Grain::Week, 1, today), "2025-12-15".parse().ok());
        assert_eq!(kept.earliest_of(Grain::Week, 62, today), "2025-11-17".parse().ok());
    }
}
