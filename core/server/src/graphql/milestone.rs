//! Milestones of success plans.

use async_graphql::{
    ComplexObject, Context, ID, InputObject, MaybeUndefined, Object, SimpleObject,
};
use chrono::{DateTime, Utc};
use jornada_domain::error::Result;
use jornada_domain::id::{AccountId, GoalId, MilestoneId, SuccessPlanId};
use jornada_domain::plans::milestone::{self, MilestonePatch, NewMilestone};

use super::account::Account;
use super::goal::Goal;
use super::id::{self, GlobalId};
use super::loader::{load_by_id, one};
use super::reading::Reading;
use super::request::{Answer, payload, read, write};
use super::scalar::Date;
use super::success_plan::SuccessPlan;

/// A point on the way of a customer to its success; reaching it is celebrated.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct Milestone {
    pub id: GlobalId<MilestoneId>,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    archived_at: Option<DateTime<Utc>>,
    #[graphql(skip)]
    plan_id: SuccessPlanId,
    #[graphql(skip)]
    account_id: AccountId,
    #[graphql(skip)]
    goal_id: Option<GoalId>,
    /// What is reached.
    title: String,
    /// What there is to say about it.
    note: Option<String>,
    /// Until when.
    due_on: Option<Date>,
    /// When it was reached; the beginning of the day where only the day was told.
    reached_at: Option<DateTime<Utc>>,
}

#[ComplexObject]
impl Milestone {
    /// The plan that it stands in.
    async fn success_plan(&self, ctx: &Context<'_>) -> Answer<SuccessPlan> {
        one(ctx, Some(self.plan_id)).await
    }

    /// The customer.
    async fn account(&self, ctx: &Context<'_>) -> Answer<Account> {
        one(ctx, Some(self.account_id)).await
    }

    /// The goal that it leads to; null for one of the whole plan.
    async fn goal(&self, ctx: &Context<'_>) -> Answer<Goal> {
        one(ctx, self.goal_id).await
    }
}

impl From<milestone::Model> for Milestone {
    fn from(row: milestone::Model) -> Self {
        let milestone::Model {
            workspace_id: _,
            id,
            version,
            created_at,
            updated_at,
            plan_id,
            account_id,
            goal_id,
            title,
            note,
            due_on,
            reached_at,
            archived_at,
        } = row;
        Self {
            id: GlobalId(id),
            version,
            created_at,
            updated_at,
            archived_at,
            plan_id,
            account_id,
            goal_id,
            title,
            note,
            due_on: due_on.map(Date),
            reached_at,
        }
    }
}

load_by_id!(MilestoneId => milestone::Model, milestone::many);

#[derive(Default)]
pub(super) struct MilestoneQuery;

#[Object]
impl MilestoneQuery {
    /// One milestone, also one that was put away.
    async fn milestone(&self, ctx: &Context<'_>, id: ID) -> Answer<Milestone> {
        read(ctx, async |cx| milestone::find(cx, id::parse("id", &id)?).await).await
    }
}

#[derive(Default)]
pub(super) struct MilestoneMutation;

#[Object]
impl MilestoneMutation {
    /// Sets a milestone of a success plan or of one of its goals.
    async fn milestone_create(
        &self,
        ctx: &Context<'_>,
        input: MilestoneCreateInput,
    ) -> Result<MilestoneCreatePayload> {
        write(ctx, async move |tx| {
            let mut reading = Reading::default();
            let new = input.read(&mut reading);
            reading.then(milestone::create(tx, new).await)
        })
        .await
    }

    /// Changes a milestone.
    async fn milestone_update(
        &self,
        ctx: &Context<'_>,
        input: MilestoneUpdateInput,
    ) -> Result<MilestoneUpdatePayload> {
        write(ctx, async move |tx| {
            let mut reading = Reading::default();
            let id = reading.id("id", &input.id);
            let patch = input.read(&mut reading);
            reading.then(milestone::update(tx, id, patch).await)
        })
        .await
    }

    /// Notes that a milestone was reached. Noting it again corrects the day.
    async fn milestone_reach(
        &self,
        ctx: &Context<'_>,
        input: MilestoneReachInput,
    ) -> Result<MilestoneReachPayload> {
        write(ctx, async |tx| {
            let (id, on) = (id::parse("id", &input.id)?, input.reached_on.map(Into::into));
            milestone::reach(tx, id, on).await
        })
        .await
    }

    /// Takes back that a milestone was reached.
    async fn milestone_reopen(
        &self,
        ctx: &Context<'_>,
        input: MilestoneReopenInput,
    ) -> Result<MilestoneReopenPayload> {
        write(ctx, async |tx| milestone::reopen(tx, id::parse("id", &input.id)?).await).await
    }

    /// Puts a milestone away.
    async fn milestone_archive(
        &self,
        ctx: &Context<'_>,
        input: MilestoneArchiveInput,
    ) -> Result<MilestoneArchivePayload> {
        write(ctx, async |tx| milestone::archive(tx, id::parse("id", &input.id)?).await).await
    }
}

/// A milestone to be set. A plan has at most 200.
#[derive(InputObject)]
pub(super) struct MilestoneCreateInput {
    /// The plan.
    success_plan_id: ID,
    /// The goal of the plan that it leads to; the whole plan unless said.
    goal_id: Option<ID>,
    /// What is to be reached: 1 to 200 characters.
    title: String,
    /// What there is to say about it: up to 4,000 characters.
    note: Option<String>,
    /// Until when.
    due_on: Option<Date>,
}

impl MilestoneCreateInput {
    fn read(self, reading: &mut Reading) -> NewMilestone {
        NewMilestone {
            plan_id: reading.id("successPlanId", &self.success_plan_id),
            goal_id: reading.some("goalId", self.goal_id.as_ref()),
            title: self.title,
            note: self.note,
            due_on: self.due_on.map(Into::into),
        }
    }
}

/// Changes of a milestone; what is left out stays as it is, null empties.
#[derive(InputObject)]
pub(super) struct MilestoneUpdateInput {
    id: ID,
    expected_version: Option<i64>,
    /// The goal of its plan that it leads to.
    goal_id: MaybeUndefined<ID>,
    /// What is to be reached: 1 to 200 characters.
    title: MaybeUndefined<String>,
    /// What there is to say about it: up to 4,000 characters.
    note: MaybeUndefined<String>,
    /// Until when.
    due_on: MaybeUndefined<Date>,
}

impl MilestoneUpdateInput {
    fn read(self, reading: &mut Reading) -> MilestonePatch {
        MilestonePatch {
            expected_version: self.expected_version,
            goal_id: reading.change("goalId", self.goal_id),
            title: reading.kept("title", self.title),
            note: self.note.into(),
            due_on: self.due_on.map_value(Into::into).into(),
        }
    }
}

/// A milestone that was reached.
#[derive(InputObject)]
pub(super) struct MilestoneReachInput {
    id: ID,
    /// On which day, not in the future; today unless said.
    reached_on: Option<Date>,
}

/// A milestone that was not reached after all.
#[derive(InputObject)]
pub(super) struct MilestoneReopenInput {
    id: ID,
}

/// A milestone to be put away.
#[derive(InputObject)]
pub(super) struct MilestoneArchiveInput {
    id: ID,
}

payload! {
    /// What came of setting a milestone.
    MilestoneCreatePayload {
        /// The milestone.
        milestone: Milestone,
    }
}

payload! {
    /// What came of changing a milestone.
    MilestoneUpdatePayload {
        /// The milestone as it is now.
        milestone: Milestone,
    }
}

payload! {
    /// What came of noting that a milestone was reached.
    MilestoneReachPayload {
        /// The milestone as it is now.
        milestone: Milestone,
    }
}

payload! {
    /// What came of taking back that a milestone was reached.
    MilestoneReopenPayload {
        /// The milestone as it is now.
        milestone: Milestone,
    }
}

payload! {
    /// What came of putting a milestone away.
    MilestoneArchivePayload {
        /// The milestone as it is now.
        milestone: Milestone,
    }
}
