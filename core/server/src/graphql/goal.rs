//! Goals of success plans.

use async_graphql::{
    ComplexObject, Context, ID, InputObject, MaybeUndefined, Object, SimpleObject,
};
use chrono::{DateTime, Utc};
use jornada_domain::error::Result;
use jornada_domain::id::{AccountId, GoalId, MetricId, SuccessPlanId};
use jornada_domain::plans::goal::{self, GoalPatch, NewGoal};
use jornada_domain::plans::milestone;

use super::account::Account;
use super::connection::{Connection, Paging};
use super::id::{self, GlobalId};
use super::loader::{children, load_by_id, load_children, load_each, one};
use super::metric::Metric;
use super::milestone::Milestone;
use super::reading::Reading;
use super::request::{Answer, payload, read, write};
use super::scalar::Date;
use super::success_plan::SuccessPlan;
use super::word::words;

/// An outcome that a customer wants.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct Goal {
    pub id: GlobalId<GoalId>,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    #[graphql(skip)]
    plan_id: SuccessPlanId,
    #[graphql(skip)]
    account_id: AccountId,
    /// The outcome, in the words of the customer.
    outcome: String,
    #[graphql(skip)]
    metric_id: Option<MetricId>,
    /// The value when it was set, in the unit of the metric.
    start_value: Option<f64>,
    /// The value that is wanted, in the unit of the metric.
    target_value: Option<f64>,
    /// Until when.
    due_on: Option<Date>,
    /// Where it is.
    status: GoalStatus,
    /// What a person said when it was closed.
    resolution: Option<String>,
    /// When it was achieved, missed or dropped.
    closed_at: Option<DateTime<Utc>>,
}

#[ComplexObject]
impl Goal {
    /// The plan that it stands in.
    async fn success_plan(&self, ctx: &Context<'_>) -> Answer<SuccessPlan> {
        one(ctx, Some(self.plan_id)).await
    }

    /// The customer.
    async fn account(&self, ctx: &Context<'_>) -> Answer<Account> {
        one(ctx, Some(self.account_id)).await
    }

    /// What measures it; without one, a person sets the current value.
    async fn metric(&self, ctx: &Context<'_>) -> Answer<Metric> {
        one(ctx, self.metric_id).await
    }

    /// The value now: that of the last period of the metric for the account, else what a person
    /// set. Needs the right to read metrics where there is one.
    async fn current_value(&self, ctx: &Context<'_>) -> Answer<f64> {
        one(ctx, Some(ValueOf(self.id.0))).await
    }

    /// How far it is from its start to its target, from 0 to 1, upwards or downwards; null without
    /// all three values.
    async fn progress(&self, ctx: &Context<'_>) -> Answer<f64> {
        let current: Answer<f64> = one(ctx, Some(ValueOf(self.id.0))).await;
        match current? {
            Ok(now) => goal::progress(self.start_value, Some(now), self.target_value).map(Ok),
            Err(error) => Some(Err(error)),
        }
    }

    /// The milestones on the way to it, the first due first.
    async fn milestones(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Answer<Connection<Milestone>> {
        children(ctx, MilestonesOf(self.id.0), Paging { first, after, last, before }).await
    }
}

impl From<goal::Model> for Goal {
    fn from(row: goal::Model) -> Self {
        let goal::Model {
            workspace_id: _,
            id,
            version,
            created_at,
            updated_at,
            plan_id,
            account_id,
            outcome,
            metric_id,
            start_value,
            current_value: _,
            target_value,
            due_on,
            status,
            resolution,
            closed_at,
        } = row;
        Self {
            id: GlobalId(id),
            version,
            created_at,
            updated_at,
            plan_id,
            account_id,
            outcome,
            metric_id,
            start_value,
            target_value,
            due_on: due_on.map(Date),
            status: status.into(),
            resolution,
            closed_at,
        }
    }
}

load_by_id!(GoalId => goal::Model, goal::many);
load_each!(ValueOf(GoalId) => f64, goal::values);
load_children!(MilestonesOf(GoalId) => milestone::Model, milestone::of_goals);

words! {
    /// Where a goal is.
    GoalStatus = "goal::GoalStatus" {
        /// It is being worked on.
        Open,
        /// It was attained.
        Achieved,
        /// It was not attained in time.
        Missed,
        /// Nobody wants it any more.
        Dropped,
    }
}

#[derive(Default)]
pub(super) struct GoalQuery;

#[Object]
impl GoalQuery {
    /// One goal.
    async fn goal(&self, ctx: &Context<'_>, id: ID) -> Answer<Goal> {
        read(ctx, async |cx| goal::find(cx, id::parse("id", &id)?).await).await
    }
}

#[derive(Default)]
pub(super) struct GoalMutation;

#[Object]
impl GoalMutation {
    /// Sets a goal of a success plan.
    async fn goal_create(
        &self,
        ctx: &Context<'_>,
        input: GoalCreateInput,
    ) -> Result<GoalCreatePayload> {
        write(ctx, async move |tx| {
            let mut reading = Reading::default();
            let new = input.read(&mut reading);
            reading.then(goal::create(tx, new).await)
        })
        .await
    }

    /// Changes an open goal.
    async fn goal_update(
        &self,
        ctx: &Context<'_>,
        input: GoalUpdateInput,
    ) -> Result<GoalUpdatePayload> {
        write(ctx, async move |tx| {
            let mut reading = Reading::default();
            let id = reading.id("id", &input.id);
            let patch = input.read(&mut reading);
            reading.then(goal::update(tx, id, patch).await)
        })
        .await
    }

    /// Closes an open goal: it was achieved, missed or dropped.
    async fn goal_close(
        &self,
        ctx: &Context<'_>,
        input: GoalCloseInput,
    ) -> Result<GoalClosePayload> {
        write(ctx, async |tx| {
            let (id, status) = (id::parse("id", &input.id)?, input.status.into());
            goal::close(tx, id, status, input.resolution.as_deref()).await
        })
        .await
    }

    /// Opens a closed goal again.
    async fn goal_reopen(
        &self,
        ctx: &Context<'_>,
        input: GoalReopenInput,
    ) -> Result<GoalReopenPayload> {
        write(ctx, async |tx| goal::reopen(tx, id::parse("id", &input.id)?).await).await
    }
}

/// A goal to be set. A plan has at most 100.
#[derive(InputObject)]
pub(super) struct GoalCreateInput {
    /// The plan.
    success_plan_id: ID,
    /// The outcome, in the words of the customer: 1 to 500 characters.
    outcome: String,
    /// What measures it.
    metric_id: Option<ID>,
    /// The value when it is set.
    start_value: Option<f64>,
    /// The value now, where no metric says it.
    current_value: Option<f64>,
    /// The value that is wanted.
    target_value: Option<f64>,
    /// Until when.
    due_on: Option<Date>,
}

impl GoalCreateInput {
    fn read(self, reading: &mut Reading) -> NewGoal {
        NewGoal {
            plan_id: reading.id("successPlanId", &self.success_plan_id),
            outcome: self.outcome,
            metric_id: reading.some("metricId", self.metric_id.as_ref()),
            start_value: self.start_value,
            current_value: self.current_value,
            target_value: self.target_value,
            due_on: self.due_on.map(Into::into),
        }
    }
}

/// Changes of a goal; what is left out stays as it is, null empties.
#[derive(InputObject)]
pub(super) struct GoalUpdateInput {
    id: ID,
    expected_version: Option<i64>,
    /// The outcome, in the words of the customer: 1 to 500 characters.
    outcome: MaybeUndefined<String>,
    /// What measures it; a value that was set by hand goes with it.
    metric_id: MaybeUndefined<ID>,
    /// The value when it was set.
    start_value: MaybeUndefined<f64>,
    /// The value now, where no metric says it.
    current_value: MaybeUndefined<f64>,
    /// The value that is wanted.
    target_value: MaybeUndefined<f64>,
    /// Until when.
    due_on: MaybeUndefined<Date>,
}

impl GoalUpdateInput {
    fn read(self, reading: &mut Reading) -> GoalPatch {
        GoalPatch {
            expected_version: self.expected_version,
            outcome: reading.kept("outcome", self.outcome),
            metric_id: reading.change("metricId", self.metric_id),
            start_value: self.start_value.into(),
            current_value: self.current_value.into(),
            target_value: self.target_value.into(),
            due_on: self.due_on.map_value(Into::into).into(),
        }
    }
}

/// A goal to be closed.
#[derive(InputObject)]
pub(super) struct GoalCloseInput {
    id: ID,
    /// What became of it; not `OPEN`.
    status: GoalStatus,
    /// What there is to say about it: up to 2,000 characters.
    resolution: Option<String>,
}

/// A goal to be opened again.
#[derive(InputObject)]
pub(super) struct GoalReopenInput {
    id: ID,
}

payload! {
    /// What came of setting a goal.
    GoalCreatePayload {
        /// The goal.
        goal: Goal,
    }
}

payload! {
    /// What came of changing a goal.
    GoalUpdatePayload {
        /// The goal as it is now.
        goal: Goal,
    }
}

payload! {
    /// What came of closing a goal.
    GoalClosePayload {
        /// The goal as it is now.
        goal: Goal,
    }
}

payload! {
    /// What came of opening a goal again.
    GoalReopenPayload {
        /// The goal as it is now.
        goal: Goal,
    }
}
