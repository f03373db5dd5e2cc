//! Success plans: why accounts bought, and what success means to them.

use async_graphql::{
    ComplexObject, Context, ID, InputObject, MaybeUndefined, Object, SimpleObject,
};
use chrono::{DateTime, Utc};
use jornada_domain::error::Result;
use jornada_domain::id::{AccountId, SuccessPlanId};
use jornada_domain::plans::success_plan::{self, SuccessPlanPatch, Words};
use jornada_domain::plans::{goal, milestone};

use super::account::Account;
use super::connection::{Connection, Paging};
use super::goal::Goal;
use super::id::{self, GlobalId};
use super::loader::{children, load_by_id, load_children, one};
use super::milestone::Milestone;
use super::reading::Reading;
use super::request::{Answer, payload, read, write};

/// Why an account bought, and what success means to it.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct SuccessPlan {
    pub id: GlobalId<SuccessPlanId>,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    archived_at: Option<DateTime<Utc>>,
    #[graphql(skip)]
    account_id: AccountId,
    /// What hurts.
    pains: Option<String>,
    /// What they bought it for.
    purchase_reason: Option<String>,
    /// What success means to them.
    success_criteria: Option<String>,
    /// How the value will be measured, as agreed with them.
    value_measure: Option<String>,
}

#[ComplexObject]
impl SuccessPlan {
    /// The customer.
    async fn account(&self, ctx: &Context<'_>) -> Answer<Account> {
        one(ctx, Some(self.account_id)).await
    }

    /// The outcomes that the customer wants, the first due first.
    async fn goals(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Answer<Connection<Goal>> {
        children(ctx, GoalsOf(self.id.0), Paging { first, after, last, before }).await
    }

    /// The milestones of the plan and of its goals, the first due first.
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

impl From<success_plan::Model> for SuccessPlan {
    fn from(row: success_plan::Model) -> Self {
        let success_plan::Model {
            workspace_id: _,
            id,
            version,
            created_at,
            updated_at,
            account_id,
            pains,
            purchase_reason,
            success_criteria,
            value_measure,
            archived_at,
        } = row;
        Self {
            id: GlobalId(id),
            version,
            created_at,
            updated_at,
            archived_at,
            account_id,
            pains,
            purchase_reason,
            success_criteria,
            value_measure,
        }
    }
}

load_by_id!(SuccessPlanId => success_plan::Model, success_plan::many);
load_children!(GoalsOf(SuccessPlanId) => goal::Model, goal::of_plans);
load_children!(MilestonesOf(SuccessPlanId) => milestone::Model, milestone::of_plans);

#[derive(Default)]
pub(super) struct SuccessPlanQuery;

#[Object]
impl SuccessPlanQuery {
    /// One success plan, also one that was put away.
    async fn success_plan(&self, ctx: &Context<'_>, id: ID) -> Answer<SuccessPlan> {
        read(ctx, async |cx| success_plan::find(cx, id::parse("id", &id)?).await).await
    }
}

#[derive(Default)]
pub(super) struct SuccessPlanMutation;

#[Object]
impl SuccessPlanMutation {
    /// Begins the success plan of an account, which has one at a time.
    async fn success_plan_create(
        &self,
        ctx: &Context<'_>,
        input: SuccessPlanCreateInput,
    ) -> Result<SuccessPlanCreatePayload> {
        write(ctx, async move |tx| {
            let mut reading = Reading::default();
            let account_id = reading.id("accountId", &input.account_id);
            reading.then(success_plan::create(tx, account_id, input.into()).await)
        })
        .await
    }

    /// Changes a success plan.
    async fn success_plan_update(
        &self,
        ctx: &Context<'_>,
        input: SuccessPlanUpdateInput,
    ) -> Result<SuccessPlanUpdatePayload> {
        write(ctx, async move |tx| {
            let id = id::parse("id", &input.id)?;
            success_plan::update(tx, id, input.into()).await
        })
        .await
    }

    /// Puts a success plan away, with its goals and milestones; the account may begin another one.
    async fn success_plan_archive(
        &self,
        ctx: &Context<'_>,
        input: SuccessPlanArchiveInput,
    ) -> Result<SuccessPlanArchivePayload> {
        write(ctx, async |tx| success_plan::archive(tx, id::parse("id", &input.id)?).await).await
    }
}

/// A success plan to be begun; each text up to 10,000 characters.
#[derive(InputObject)]
pub(super) struct SuccessPlanCreateInput {
    /// The customer.
    account_id: ID,
    /// What hurts.
    pains: Option<String>,
    /// What they bought it for.
    purchase_reason: Option<String>,
    /// What success means to them.
    success_criteria: Option<String>,
    /// How the value will be measured, as agreed with them.
    value_measure: Option<String>,
}

impl From<SuccessPlanCreateInput> for Words {
    fn from(input: SuccessPlanCreateInput) -> Self {
        Self {
            pains: input.pains,
            purchase_reason: input.purchase_reason,
            success_criteria: input.success_criteria,
            value_measure: input.value_measure,
        }
    }
}

/// Changes of a success plan, each text up to 10,000 characters; what is left out stays as it is,
/// null empties.
#[derive(InputObject)]
pub(super) struct SuccessPlanUpdateInput {
    id: ID,
    expected_version: Option<i64>,
    /// What hurts.
    pains: MaybeUndefined<String>,
    /// What they bought it for.
    purchase_reason: MaybeUndefined<String>,
    /// What success means to them.
    success_criteria: MaybeUndefined<String>,
    /// How the value will be measured, as agreed with them.
    value_measure: MaybeUndefined<String>,
}

impl From<SuccessPlanUpdateInput> for SuccessPlanPatch {
    fn from(input: SuccessPlanUpdateInput) -> Self {
        Self {
            expected_version: input.expected_version,
            pains: input.pains.into(),
            purchase_reason: input.purchase_reason.into(),
            success_criteria: input.success_criteria.into(),
            value_measure: input.value_measure.into(),
        }
    }
}

/// A success plan to be put away.
#[derive(InputObject)]
pub(super) struct SuccessPlanArchiveInput {
    id: ID,
}

payload! {
    /// What came of beginning a success plan.
    SuccessPlanCreatePayload {
        /// The plan.
        success_plan: SuccessPlan,
    }
}

payload! {
    /// What came of changing a success plan.
    SuccessPlanUpdatePayload {
        /// The plan as it is now.
        success_plan: SuccessPlan,
    }
}

payload! {
    /// What came of putting a success plan away.
    SuccessPlanArchivePayload {
        /// The plan as it is now.
        success_plan: SuccessPlan,
    }
}
