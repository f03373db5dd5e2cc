//! Deferred items: what was left out of implementations.

use async_graphql::{
    ComplexObject, Context, ID, InputObject, MaybeUndefined, Object, SimpleObject,
};
use chrono::{DateTime, Utc};
use jornada_domain::error::{Error, Result};
use jornada_domain::id::{AccountId, DeferredItemId, JourneyId, TaskId, UserId};
use jornada_domain::journeys::review::{self, NewDeferredItem};
use jornada_domain::plans::deferred_item::{self, DeferredItemFilter, DeferredItemPatch};

use super::account::Account;
use super::connection::{Connection, Paging};
use super::filter::{IdFilter, WordFilter};
use super::id::{self, GlobalId};
use super::journey::Journey;
use super::loader::{load_by_id, one};
use super::reading::Reading;
use super::request::{Answer, list, payload, read, write};
use super::task::Task;
use super::user::User;
use super::word::words;

/// Something that was left out of the implementation, to be reviewed in adoption.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct DeferredItem {
    pub id: GlobalId<DeferredItemId>,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    #[graphql(skip)]
    account_id: AccountId,
    #[graphql(skip)]
    journey_id: Option<JourneyId>,
    /// The key of the stage out of which it was left.
    stage_key: Option<String>,
    /// What was left out.
    title: String,
    /// What there is to say about it.
    note: Option<String>,
    /// Where it is.
    status: DeferredStatus,
    /// What was decided, in the words of who did.
    decision: Option<String>,
    /// When it was decided.
    decided_at: Option<DateTime<Utc>>,
    #[graphql(skip)]
    decided_by_id: Option<UserId>,
    #[graphql(skip)]
    review_task_id: Option<TaskId>,
}

#[ComplexObject]
impl DeferredItem {
    /// The customer.
    async fn account(&self, ctx: &Context<'_>) -> Answer<Account> {
        one(ctx, Some(self.account_id)).await
    }

    /// The journey out of which it was left.
    async fn journey(&self, ctx: &Context<'_>) -> Answer<Journey> {
        one(ctx, self.journey_id).await
    }

    /// Who decided.
    async fn decided_by(&self, ctx: &Context<'_>) -> Answer<User> {
        one(ctx, self.decided_by_id).await
    }

    /// The task in which it is reviewed; null until the account comes to adoption.
    async fn review_task(&self, ctx: &Context<'_>) -> Answer<Task> {
        one(ctx, self.review_task_id).await
    }
}

impl From<deferred_item::Model> for DeferredItem {
    fn from(row: deferred_item::Model) -> Self {
        let deferred_item::Model {
            workspace_id: _,
            id,
            version,
            created_at,
            updated_at,
            account_id,
            journey_id,
            stage_key,
            title,
            note,
            status,
            decision,
            decided_at,
            decided_by_id,
            review_task_id,
        } = row;
        Self {
            id: GlobalId(id),
            version,
            created_at,
            updated_at,
            account_id,
            journey_id,
            stage_key,
            title,
            note,
            status: status.into(),
            decision,
            decided_at,
            decided_by_id,
            review_task_id,
        }
    }
}

load_by_id!(DeferredItemId => deferred_item::Model, deferred_item::many);

words! {
    /// Where a deferred item is.
    DeferredStatus = "deferred_item::DeferredStatus" {
        /// Nobody has decided about it.
        Open,
        /// It is in use now, or will be.
        Adopted,
        /// It stays on the list for later.
        Kept,
        /// Nobody needs it.
        Dropped,
    }
}

/// What narrows a list of deferred items.
#[derive(InputObject)]
#[graphql(name = "DeferredItemFilter")]
pub(super) struct DeferredItemFilterInput {
    /// The customer.
    account_id: Option<IdFilter>,
    /// Where it is.
    status: Option<WordFilter<DeferredStatus>>,
}

impl TryFrom<DeferredItemFilterInput> for DeferredItemFilter {
    type Error = Error;

    fn try_from(input: DeferredItemFilterInput) -> Result<Self> {
        let DeferredItemFilterInput { account_id, status } = input;
        let account_ids = account_id.map(|ids| ids.ids("filter.accountId")).transpose()?;
        let statuses = status.map(|words| words.words("filter.status")).transpose()?;
        Ok(Self { account_ids: account_ids.flatten(), statuses: statuses.flatten() })
    }
}

#[derive(Default)]
pub(super) struct DeferredItemQuery;

#[Object]
impl DeferredItemQuery {
    /// One deferred item.
    async fn deferred_item(&self, ctx: &Context<'_>, id: ID) -> Answer<DeferredItem> {
        read(ctx, async |cx| deferred_item::find(cx, id::parse("id", &id)?).await).await
    }

    /// The deferred items of the workspace, oldest first.
    async fn deferred_items(
        &self,
        ctx: &Context<'_>,
        filter: Option<DeferredItemFilterInput>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Answer<Connection<DeferredItem>> {
        let paging = Paging { first, after, last, before };
        list(ctx, paging, async move |cx, page| {
            let filter = filter.map(DeferredItemFilter::try_from).transpose()?.unwrap_or_default();
            deferred_item::list(cx, &filter, page).await
        })
        .await
    }
}

#[derive(Default)]
pub(super) struct DeferredItemMutation;

#[Object]
impl DeferredItemMutation {
    /// Leaves something out of the implementation. When the account comes to adoption, its CSM
    /// gets the task to review it.
    async fn deferred_item_create(
        &self,
        ctx: &Context<'_>,
        input: DeferredItemCreateInput,
    ) -> Result<DeferredItemCreatePayload> {
        write(ctx, async move |tx| {
            let mut reading = Reading::default();
            let new = input.read(&mut reading);
            reading.then(review::defer(tx, new).await)
        })
        .await
    }

    /// Changes an item about which nobody has decided.
    async fn deferred_item_update(
        &self,
        ctx: &Context<'_>,
        input: DeferredItemUpdateInput,
    ) -> Result<DeferredItemUpdatePayload> {
        write(ctx, async move |tx| {
            let mut reading = Reading::default();
            let id = reading.id("id", &input.id);
            let patch = DeferredItemPatch {
                expected_version: input.expected_version,
                title: reading.kept("title", input.title),
                note: input.note.into(),
            };
            reading.then(deferred_item::update(tx, id, patch).await)
        })
        .await
    }

    /// Decides about an item; deciding again changes the decision. The review is completed by hand.
    async fn deferred_item_decide(
        &self,
        ctx: &Context<'_>,
        input: DeferredItemDecideInput,
    ) -> Result<DeferredItemDecidePayload> {
        write(ctx, async |tx| {
            let (id, status) = (id::parse("id", &input.id)?, input.status.into());
            deferred_item::decide(tx, id, status, &input.decision).await
        })
        .await
    }
}

/// Something to be left out. An account has at most 100 items about which nobody has decided.
#[derive(InputObject)]
pub(super) struct DeferredItemCreateInput {
    /// The customer.
    account_id: ID,
    /// The journey out of which it is left; the primary one unless said.
    journey_id: Option<ID>,
    /// The key of the stage out of which it is left; the one in which the journey is unless said.
    stage_key: Option<String>,
    /// What is left out: 1 to 200 characters.
    title: String,
    /// What there is to say about it: up to 4,000 characters.
    note: Option<String>,
}

impl DeferredItemCreateInput {
    fn read(self, reading: &mut Reading) -> NewDeferredItem {
        NewDeferredItem {
            account_id: reading.id("accountId", &self.account_id),
            journey_id: reading.some("journeyId", self.journey_id.as_ref()),
            stage_key: self.stage_key,
            title: self.title,
            note: self.note,
        }
    }
}

/// Changes of a deferred item; what is left out stays as it is, null empties.
#[derive(InputObject)]
pub(super) struct DeferredItemUpdateInput {
    id: ID,
    expected_version: Option<i64>,
    /// What is left out: 1 to 200 characters.
    title: MaybeUndefined<String>,
    /// What there is to say about it: up to 4,000 characters.
    note: MaybeUndefined<String>,
}

/// A decision about a deferred item.
#[derive(InputObject)]
pub(super) struct DeferredItemDecideInput {
    id: ID,
    /// What becomes of it; not `OPEN`.
    status: DeferredStatus,
    /// Why: 1 to 2,000 characters.
    decision: String,
}

payload! {
    /// What came of leaving something out.
    DeferredItemCreatePayload {
        /// The item.
        deferred_item: DeferredItem,
    }
}

payload! {
    /// What came of changing a deferred item.
    DeferredItemUpdatePayload {
        /// The item as it is now.
        deferred_item: DeferredItem,
    }
}

payload! {
    /// What came of deciding about a deferred item.
    DeferredItemDecidePayload {
        /// The item as it is now.
        deferred_item: DeferredItem,
    }
}
