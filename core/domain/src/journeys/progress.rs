//! Progress: where journeys stand, as a portfolio shows it. Derived, never stored.

use std::collections::HashMap;

use super::journey::{self, JourneyStatus};
use super::pace::{Pace, pace};
use super::{stage_template, visit};
use crate::accounts::account;
use crate::prelude::*;
use crate::tasks::{TaskStatus, task};

/// Where a journey stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Progress {
    pub journey_id: JourneyId,
    pub status: JourneyStatus,
    /// The stage that it is in, waits for, or ended in.
    pub stage_key: String,
    /// What people call the stage.
    pub stage_name: String,
    /// The visit that is open.
    pub visit_id: Option<StageVisitId>,
    /// The share of the tasks of the visit that are finished, 0 to 1; `None` without tasks.
    pub completeness: Option<f64>,
    pub pace: Pace,
}

/// How many tasks of a visit are in a state.
#[derive(FromQueryResult)]
struct Counted {
    visit_id: StageVisitId,
    status: TaskStatus,
    count: i64,
}

/// The progress of these journeys, in as many statements for many as for one.
pub async fn of_journeys(cx: &Cx<'_>, ids: &[JourneyId]) -> Result<Vec<Progress>> {
    let journeys = journey::many(cx, ids).await?;
    let visits = visit::open_of(cx, ids).await?;
    let visit_ids: Vec<_> = visits.iter().map(|visit| visit.id).collect();
    let shares = of_visits(cx, &visit_ids).await?;
    let stages = stage_names(cx, &journeys).await?;
    let paused = paused_since(cx, &journeys).await?;
    let today = cx.today().await?;
    let visits: HashMap<_, _> = visits.into_iter().map(|row| (row.journey_id, row)).collect();
    let progress = |journey: journey::Model| {
        let visit = visits.get(&journey.id);
        // While an account is paused, time stands still.
        let today = paused.get(&journey.account_id).copied().unwrap_or(today);
        let entered_on = visit.map_or(today, |visit| visit.entered_on);
        let until = visit.and_then(|visit| visit.expected_until);
        let stage = stages.get(&(journey.version_id, journey.stage_key.clone()));
        Progress {
            journey_id: journey.id,
            status: journey.status,
            stage_name: stage.unwrap_or(&journey.stage_key).clone(),
            stage_key: journey.stage_key,
            visit_id: visit.map(|visit| visit.id),
            completeness: visit.and_then(|visit| shares.get(&visit.id).copied()),
            pace: pace(journey.status, entered_on, until, today),
        }
    };
    Ok(journeys.into_iter().map(progress).collect())
}

/// The share of the tasks of each of these visits that are finished, 0 to 1; visits without tasks
/// are left out.
pub async fn of_visits(
    cx: &Cx<'_>,
    visit_ids: &[StageVisitId],
) -> Result<HashMap<StageVisitId, f64>> {
    cx.require(Area::Journeys, Access::Read)?;
    let select = task::visible(cx)
        .filter(task::Column::VisitId.is_in(visit_ids.iter().copied()))
        .select_only()
        .columns([task::Column::VisitId, task::Column::Status])
        .column_as(task::Column::Id.count(), "count")
        .group_by(task::Column::VisitId)
        .group_by(task::Column::Status);
    let mut counts: HashMap<_, Vec<_>> = HashMap::new();
    for row in select.into_model::<Counted>().all(&cx.db).await? {
        let of_visit = counts.entry(row.visit_id).or_default();
        of_visit.push((row.status, row.count.unsigned_abs()));
    }
    Ok(counts.into_iter().filter_map(|(id, of)| Some((id, completeness(&of)?))).collect())
}

/// What people call the stages of the versions of these journeys, by version and key.
async fn stage_names(
    cx: &Cx<'_>,
    journeys: &[journey::Model],
) -> Result<HashMap<(JourneyTemplateVersionId, String), String>> {
    let versions: Vec<_> = journeys.iter().map(|journey| journey.version_id).collect();
    let stages = stage_template::in_versions(cx, &versions).await?;
    Ok(stages.into_iter().map(|stage| ((stage.version_id, stage.key), stage.name)).collect())
}

async fn paused_since(
    cx: &Cx<'_>,
    journeys: &[journey::Model],
) -> Result<HashMap<AccountId, NaiveDate>> {
    let paused = account::Entity::find()
        .filter(account::Column::WorkspaceId.eq(cx.workspace_id()))
        .filter(account::Column::Id.is_in(journeys.iter().map(|journey| journey.account_id)))
        .filter(account::Column::PausedOn.is_not_null());
    let rows = paused.all(&cx.db).await?;
    Ok(rows.into_iter().filter_map(|row| Some((row.id, row.paused_on?))).collect())
}

/// The share of finished tasks among those that were not cancelled, 0 to 1 (rule 15); `None`
/// without any.
pub fn completeness(counts: &[(TaskStatus, u64)]) -> Option<f64> {
    let sum = |counts_in: fn(TaskStatus) -> bool| {
        counts.iter().filter(|(status, _)| counts_in(*status)).map(|(_, n)| n).sum::<u64>()
    };
    let all = sum(|status| status != TaskStatus::Cancelled);
    (all != 0).then(|| sum(TaskStatus::is_finished) as f64 / all as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use TaskStatus::{Cancelled, Done, Open, Pending, Skipped};

    #[test]
    fn cancelled_tasks_do_not_count_and_skipped_ones_are_finished() {
        assert_eq!(completeness(&[(Done, 1), (Skipped, 1), (Open, 1), (Pending, 1)]), Some(0.5));
        assert_eq!(completeness(&[(Done, 2), (Cancelled, 7)]), Some(1.0));
        assert_eq!(completeness(&[(Cancelled, 7)]), None);
        assert_eq!(completeness(&[]), None);
    }
}
