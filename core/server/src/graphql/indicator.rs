//! Indicators: values that decide what follows a stage.

use async_graphql::{ComplexObject, Context, SimpleObject};
use chrono::{DateTime, Utc};
use jornada_domain::id::{
    AccountId, IndicatorEvaluationId, JourneyId, StageVisitId, TaskId, UserId,
};
use jornada_domain::journeys::evaluation;
use jornada_domain::journeys::moving::Awaited;
use jornada_domain::tasks::IndicatorConfig;

use super::account::Account;
use super::id::GlobalId;
use super::journey::Journey;
use super::loader::{load_by_id, one};
use super::request::Answer;
use super::task::Task;
use super::user::User;
use super::visit::StageVisit;
use super::word::words;

/// What a template says about an indicator.
#[derive(SimpleObject)]
pub(super) struct Indicator {
    /// The name of the quantity.
    name: String,
    /// Where the value comes from.
    source: IndicatorSource,
    /// The key of the metric, where the value is one of a metric.
    metric_key: Option<String>,
    /// How the value is compared with the target.
    comparator: Comparator,
    /// What the value is compared with.
    target: f64,
    /// Whether it is evaluated in every later stage of the lap too: a failure there returns the
    /// journey to the previous stage.
    continuous: bool,
    /// How old a value may be, in days; null when it must be newer than the visit.
    max_age_days: Option<u32>,
    /// What a missing value means.
    on_missing: OnMissing,
    /// After how many days a missing value passes or fails.
    missing_after_days: u32,
}

impl From<IndicatorConfig> for Indicator {
    fn from(config: IndicatorConfig) -> Self {
        let IndicatorConfig {
            name,
            source,
            metric_key,
            comparator,
            target,
            continuous,
            max_age_days,
            on_missing,
            missing_after_days,
        } = config;
        Self {
            name,
            source: source.into(),
            metric_key,
            comparator: comparator.into(),
            target,
            continuous,
            max_age_days,
            on_missing: on_missing.into(),
            missing_after_days,
        }
    }
}

words! {
    /// Where the value of an indicator comes from.
    IndicatorSource = "jornada_domain::tasks::Source" {
        /// A person, who completes it as a task.
        Person,
        /// The latest point of a metric.
        Metric,
        /// The score of the last NPS response.
        Nps,
        /// The score of the last CSAT response.
        Csat,
        /// The plugin of a task, which asked for the stage to be repeated, or for a return; no
        /// template says so.
        Plugin,
    }
}

words! {
    /// How a value is compared with its target.
    Comparator = "jornada_domain::tasks::Comparator" {
        /// Greater.
        Gt,
        /// Greater or equal.
        Gte,
        /// Less.
        Lt,
        /// Less or equal.
        Lte,
        /// Equal.
        Eq,
        /// Not equal.
        Neq,
    }
}

words! {
    /// What a missing value means.
    OnMissing = "jornada_domain::tasks::OnMissing" {
        /// The journey waits for it.
        Wait,
        /// It counts as passed after some days.
        Pass,
        /// It counts as failed after some days.
        Fail,
    }
}

/// An indicator whose value a journey may be waiting for.
#[derive(SimpleObject)]
pub(super) struct AwaitedIndicator {
    /// The key of its task template, for `indicatorWaive`.
    key: String,
    /// The name of the quantity.
    name: String,
    /// Where its value comes from.
    source: IndicatorSource,
    /// Whether it is a continuous one of an earlier stage.
    is_carried: bool,
}

impl From<Awaited> for AwaitedIndicator {
    fn from(awaited: Awaited) -> Self {
        let Awaited { indicator_key, name, source, is_carried } = awaited;
        Self { key: indicator_key, name, source: source.into(), is_carried }
    }
}

/// What was observed of an indicator in a visit, and the verdict.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct IndicatorEvaluation {
    pub id: GlobalId<IndicatorEvaluationId>,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    #[graphql(skip)]
    account_id: AccountId,
    #[graphql(skip)]
    journey_id: JourneyId,
    #[graphql(skip)]
    visit_id: StageVisitId,
    #[graphql(skip)]
    task_id: Option<TaskId>,
    /// The key of its task template.
    indicator_key: String,
    /// The name of the quantity.
    name: String,
    /// Where the value came from.
    source: IndicatorSource,
    /// How the value was compared with the target.
    comparator: Comparator,
    /// What the value was compared with.
    target: f64,
    /// Whether it is a continuous one of an earlier stage.
    is_carried: bool,
    /// The value; null when there was none.
    observed: Option<f64>,
    /// When the value was recorded.
    observed_at: Option<DateTime<Utc>>,
    /// What it came to.
    verdict: Verdict,
    /// Why it was waived.
    reason: Option<String>,
    /// When it was evaluated.
    evaluated_at: DateTime<Utc>,
    #[graphql(skip)]
    evaluated_by_id: Option<UserId>,
}

#[ComplexObject]
impl IndicatorEvaluation {
    /// The account.
    async fn account(&self, ctx: &Context<'_>) -> Answer<Account> {
        one(ctx, Some(self.account_id)).await
    }

    /// The journey.
    async fn journey(&self, ctx: &Context<'_>) -> Answer<Journey> {
        one(ctx, Some(self.journey_id)).await
    }

    /// The visit at whose end it counts.
    async fn visit(&self, ctx: &Context<'_>) -> Answer<StageVisit> {
        one(ctx, Some(self.visit_id)).await
    }

    /// The task in which a person evaluated it.
    async fn task(&self, ctx: &Context<'_>) -> Answer<Task> {
        one(ctx, self.task_id).await
    }

    /// The person who evaluated or waived it.
    async fn evaluated_by(&self, ctx: &Context<'_>) -> Answer<User> {
        one(ctx, self.evaluated_by_id).await
    }
}

impl From<evaluation::Model> for IndicatorEvaluation {
    fn from(row: evaluation::Model) -> Self {
        let evaluation::Model {
            workspace_id: _,
            id,
            version,
            created_at,
            updated_at,
            account_id,
            journey_id,
            visit_id,
            task_id,
            indicator_key,
            name,
            source,
            comparator,
            target,
            carried,
            observed,
            observed_at,
            verdict,
            reason,
            evaluated_at,
            evaluated_by_id,
        } = row;
        Self {
            id: GlobalId(id),
            version,
            created_at,
            updated_at,
            account_id,
            journey_id,
            visit_id,
            task_id,
            indicator_key,
            name,
            source: source.into(),
            comparator: comparator.into(),
            target,
            is_carried: carried,
            observed,
            observed_at,
            verdict: verdict.into(),
            reason,
            evaluated_at,
            evaluated_by_id,
        }
    }
}

load_by_id!(IndicatorEvaluationId => evaluation::Model, evaluation::many);

words! {
    /// What an evaluation came to.
    Verdict = "evaluation::Verdict" {
        /// The value satisfied the target, or was missing for as long as the template allows.
        Passed,
        /// It did not.
        Failed,
        /// A person waived it with a reason.
        Waived,
        /// There was no value, and the decision fell without it.
        Missing,
    }
}
