//! Stage visits: the passes of journeys through stages.

use async_graphql::{ComplexObject, Context, SimpleObject};
use chrono::{DateTime, Utc};
use jornada_domain::id::{AccountId, JourneyId, JourneyTemplateVersionId, StageVisitId};
use jornada_domain::journeys::{evaluation, progress, visit};
use jornada_domain::tasks::task;

use super::account::Account;
use super::connection::{Connection, Paging};
use super::id::GlobalId;
use super::indicator::IndicatorEvaluation;
use super::journey::{self, Journey};
use super::loader::{all, children, load_by_id, load_children, load_each, one};
use super::request::Answer;
use super::scalar::Date;
use super::task::Task;
use super::template::{JourneyTemplateVersion, StageTemplate};
use super::word::words;

/// One pass of a journey through a stage.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct StageVisit {
    pub id: GlobalId<StageVisitId>,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    #[graphql(skip)]
    journey_id: JourneyId,
    #[graphql(skip)]
    account_id: AccountId,
    #[graphql(skip)]
    version_id: JourneyTemplateVersionId,
    /// The key of the stage.
    stage_key: String,
    /// From 1, over the whole journey.
    number: i32,
    /// The lap of the journey, from 1.
    lap: i32,
    /// From 1: the how-manieth visit of the stage within the lap.
    attempt: i32,
    /// When the stage was entered.
    entered_at: DateTime<Utc>,
    /// The day on which the stage was entered.
    entered_on: Date,
    /// When a journey that ran before was taken over in this stage: its tasks count from here.
    adopted_at: Option<DateTime<Utc>>,
    /// The day on which the expected days will have passed; a pause of the account moves it.
    expected_until: Option<Date>,
    /// When the last required task was finished; null while one is not.
    tasks_done_at: Option<DateTime<Utc>>,
    /// When the stage was left; null while the journey is in it.
    exited_at: Option<DateTime<Utc>>,
    /// How it ended; null while it has not.
    outcome: Option<VisitOutcome>,
    /// What the person who moved or cancelled the journey gave as the reason.
    reason: Option<String>,
}

#[ComplexObject]
impl StageVisit {
    /// The journey.
    async fn journey(&self, ctx: &Context<'_>) -> Answer<Journey> {
        one(ctx, Some(self.journey_id)).await
    }

    /// The account.
    async fn account(&self, ctx: &Context<'_>) -> Answer<Account> {
        one(ctx, Some(self.account_id)).await
    }

    /// The version of the template that the journey followed in this visit. A visit that is open
    /// when its journey is migrated moves along; one that has ended stays with its own.
    async fn template_version(&self, ctx: &Context<'_>) -> Answer<JourneyTemplateVersion> {
        one(ctx, Some(self.version_id)).await
    }

    /// The stage, as the version that the journey followed in this visit describes it.
    async fn stage(&self, ctx: &Context<'_>) -> Answer<StageTemplate> {
        journey::stage_of(ctx, self.version_id, &self.stage_key).await
    }

    /// The tasks by position: as many as the stage has, and the indicators it carries.
    async fn tasks(&self, ctx: &Context<'_>) -> Answer<Vec<Task>> {
        tasks_of(ctx, self.id.0).await
    }

    /// What its indicators came to, in the order of their evaluation.
    async fn evaluations(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Answer<Connection<IndicatorEvaluation>> {
        children(ctx, EvaluationsOf(self.id.0), Paging { first, after, last, before }).await
    }

    /// The share of its tasks that are finished, 0 to 1, without cancelled ones; null without
    /// tasks.
    async fn completeness(&self, ctx: &Context<'_>) -> Answer<f64> {
        one(ctx, Some(CompletenessOf(self.id.0))).await
    }
}

impl From<visit::Model> for StageVisit {
    fn from(row: visit::Model) -> Self {
        let visit::Model {
            workspace_id: _,
            id,
            version,
            created_at,
            updated_at,
            journey_id,
            account_id,
            version_id,
            stage_key,
            number,
            lap,
            attempt,
            entered_at,
            entered_on,
            adopted_at,
            expected_until,
            paused_days: _,
            tasks_done_at,
            exited_at,
            outcome,
            reason,
        } = row;
        Self {
            id: GlobalId(id),
            version,
            created_at,
            updated_at,
            journey_id,
            account_id,
            version_id,
            stage_key,
            number,
            lap,
            attempt,
            entered_at,
            entered_on: Date(entered_on),
            adopted_at,
            expected_until: expected_until.map(Date),
            tasks_done_at,
            exited_at,
            outcome: outcome.map(VisitOutcome::from),
            reason,
        }
    }
}

load_by_id!(StageVisitId => visit::Model, visit::many);
load_each!(TasksOf(StageVisitId) => Vec<task::Model>, task::of_visits);
load_each!(CompletenessOf(StageVisitId) => f64, progress::of_visits);
load_children!(EvaluationsOf(StageVisitId) => evaluation::Model, evaluation::list_each);

/// The tasks of a visit by position.
pub(super) async fn tasks_of(ctx: &Context<'_>, id: StageVisitId) -> Answer<Vec<Task>> {
    all(ctx, TasksOf(id)).await
}

words! {
    /// How a visit ended.
    VisitOutcome = "visit::Outcome" {
        /// The journey went on.
        Advanced,
        /// An indicator of the stage failed: the stage again.
        Repeated,
        /// A continuous indicator failed: back to the previous stage.
        Regressed,
        /// A new lap began.
        Looped,
        /// A person moved the journey elsewhere.
        Skipped,
        /// The journey was called off.
        Cancelled,
    }
}
