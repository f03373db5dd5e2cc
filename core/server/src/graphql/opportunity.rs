//! Opportunities with accounts, with their action plans.

use async_graphql::{
    ComplexObject, Context, ID, InputObject, MaybeUndefined, Object, SimpleObject,
};
use chrono::{DateTime, Utc};
use jornada_domain::accounts::external_ref;
use jornada_domain::error::{Error, Result};
use jornada_domain::id::{AccountId, OpportunityId, UserId};
use jornada_domain::money;
use jornada_domain::plans::opportunity::{
    self, NewOpportunity, OpportunityFilter, OpportunityPatch,
};
use jornada_domain::tasks::task;

use super::account::Account;
use super::connection::{Connection, Paging};
use super::external_ref::ExternalRef;
use super::filter::{DateFilter, DateTimeFilter, IdFilter, WordFilter};
use super::id::{self, GlobalId};
use super::loader::{children, load_by_id, load_children, one};
use super::reading::Reading;
use super::request::{Answer, list, payload, read, write};
use super::risk::SignalSource;
use super::scalar::{Date, Money};
use super::task::Task;
use super::user::User;
use super::word::words;

/// What more could be done with an account, and what became of it.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct Opportunity {
    pub id: GlobalId<OpportunityId>,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    #[graphql(skip)]
    account_id: AccountId,
    /// Where it was seen.
    source: SignalSource,
    /// What could be done.
    kind: OpportunityKind,
    /// The same in a few words.
    title: String,
    /// What stands behind it.
    reason: Option<String>,
    #[graphql(skip)]
    owner_id: Option<UserId>,
    /// What it would bring.
    amount: Option<Money>,
    /// When it is expected to be taken.
    expected_on: Option<Date>,
    /// Where it is.
    status: OpportunityStatus,
    /// What became of it, in the words of who closed it.
    resolution: Option<String>,
    /// Since when it is known.
    opened_at: DateTime<Utc>,
    /// When it was closed; null while it is open.
    closed_at: Option<DateTime<Utc>>,
}

#[ComplexObject]
impl Opportunity {
    /// The customer.
    async fn account(&self, ctx: &Context<'_>) -> Answer<Account> {
        one(ctx, Some(self.account_id)).await
    }

    /// Who sees to it.
    async fn owner(&self, ctx: &Context<'_>) -> Answer<User> {
        one(ctx, self.owner_id).await
    }

    /// The action plan: its tasks, the first due first.
    async fn tasks(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Answer<Connection<Task>> {
        children(ctx, ActionsOf(self.id.0), Paging { first, after, last, before }).await
    }

    /// What other systems call it, by system.
    async fn external_refs(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Answer<Connection<ExternalRef>> {
        children(ctx, RefsOf(self.id.0), Paging { first, after, last, before }).await
    }
}

impl From<opportunity::Model> for Opportunity {
    fn from(row: opportunity::Model) -> Self {
        let opportunity::Model {
            workspace_id: _,
            id,
            version,
            created_at,
            updated_at,
            account_id,
            source,
            kind,
            title,
            reason,
            owner_id,
            amount_minor,
            currency,
            expected_on,
            status,
            resolution,
            opened_at,
            closed_at,
        } = row;
        Self {
            id: GlobalId(id),
            version,
            created_at,
            updated_at,
            account_id,
            source: source.into(),
            kind: kind.into(),
            title,
            reason,
            owner_id,
            amount: money::Money::of(amount_minor, currency).map(Money::from),
            expected_on: expected_on.map(Date),
            status: status.into(),
            resolution,
            opened_at,
            closed_at,
        }
    }
}

load_by_id!(OpportunityId => opportunity::Model, opportunity::many);
load_children!(ActionsOf(OpportunityId) => task::Model, task::of_opportunities);
load_children!(RefsOf(OpportunityId) => external_ref::Model, external_ref::of_subjects);

words! {
    /// What could be done.
    OpportunityKind = "opportunity::OpportunityKind" {
        /// More of what they have.
        Upgrade,
        /// Something that they do not have yet.
        CrossSell,
        /// Another term.
        Renewal,
        /// They speak well of us to others.
        Reference,
    }
}

words! {
    /// Where an opportunity is.
    OpportunityStatus = "opportunity::OpportunityStatus" {
        /// It is there.
        Open,
        /// It was taken.
        Won,
        /// It was not.
        Lost,
    }
}

/// What narrows a list of opportunities.
#[derive(InputObject)]
#[graphql(name = "OpportunityFilter")]
pub(super) struct OpportunityFilterInput {
    /// The customer.
    account_id: Option<IdFilter>,
    /// Where it is.
    status: Option<WordFilter<OpportunityStatus>>,
    /// What could be done.
    kind: Option<WordFilter<OpportunityKind>>,
    /// Where it was seen.
    source: Option<WordFilter<SignalSource>>,
    /// Who sees to it.
    owner_id: Option<IdFilter>,
    /// Since when it is known.
    opened_at: Option<DateTimeFilter>,
    /// When it is expected to be taken; those without a day are left out.
    expected_on: Option<DateFilter>,
}

impl TryFrom<OpportunityFilterInput> for OpportunityFilter {
    type Error = Error;

    fn try_from(input: OpportunityFilterInput) -> Result<Self> {
        let OpportunityFilterInput {
            account_id,
            status,
            kind,
            source,
            owner_id,
            opened_at,
            expected_on,
        } = input;
        let account_ids = account_id.map(|ids| ids.ids("filter.accountId")).transpose()?;
        let statuses = status.map(|words| words.words("filter.status")).transpose()?;
        let kinds = kind.map(|words| words.words("filter.kind")).transpose()?;
        let sources = source.map(|words| words.words("filter.source")).transpose()?;
        Ok(Self {
            account_ids: account_ids.flatten(),
            statuses: statuses.flatten(),
            kinds: kinds.flatten(),
            sources: sources.flatten(),
            owner: owner_id.map(|ids| ids.reference("filter.ownerId")).transpose()?,
            opened_at: opened_at.map(Into::into),
            expected_on: expected_on.map(Into::into),
        })
    }
}

#[derive(Default)]
pub(super) struct OpportunityQuery;

#[Object]
impl OpportunityQuery {
    /// One opportunity.
    async fn opportunity(&self, ctx: &Context<'_>, id: ID) -> Answer<Opportunity> {
        read(ctx, async |cx| opportunity::find(cx, id::parse("id", &id)?).await).await
    }

    /// The opportunities of the workspace, newest first.
    async fn opportunities(
        &self,
        ctx: &Context<'_>,
        filter: Option<OpportunityFilterInput>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Answer<Connection<Opportunity>> {
        let paging = Paging { first, after, last, before };
        list(ctx, paging, async move |cx, page| {
            let filter = filter.map(OpportunityFilter::try_from).transpose()?.unwrap_or_default();
            opportunity::list(cx, &filter, page).await
        })
        .await
    }
}

#[derive(Default)]
pub(super) struct OpportunityMutation;

#[Object]
impl OpportunityMutation {
    /// Notes an opportunity.
    async fn opportunity_create(
        &self,
        ctx: &Context<'_>,
        input: OpportunityCreateInput,
    ) -> Result<OpportunityCreatePayload> {
        write(ctx, async move |tx| {
            let mut reading = Reading::default();
            let new = input.read(&mut reading);
            reading.then(opportunity::create(tx, new).await)
        })
        .await
    }

    /// Changes an open opportunity.
    async fn opportunity_update(
        &self,
        ctx: &Context<'_>,
        input: OpportunityUpdateInput,
    ) -> Result<OpportunityUpdatePayload> {
        write(ctx, async move |tx| {
            let mut reading = Reading::default();
            let id = reading.id("id", &input.id);
            let patch = input.read(&mut reading);
            reading.then(opportunity::update(tx, id, patch).await)
        })
        .await
    }

    /// Closes an open opportunity: it was won or lost.
    async fn opportunity_close(
        &self,
        ctx: &Context<'_>,
        input: OpportunityCloseInput,
    ) -> Result<OpportunityClosePayload> {
        write(ctx, async |tx| {
            let (id, status) = (id::parse("id", &input.id)?, input.status.into());
            opportunity::close(tx, id, status, input.resolution.as_deref()).await
        })
        .await
    }

    /// Opens a closed opportunity again.
    async fn opportunity_reopen(
        &self,
        ctx: &Context<'_>,
        input: OpportunityReopenInput,
    ) -> Result<OpportunityReopenPayload> {
        write(ctx, async |tx| opportunity::reopen(tx, id::parse("id", &input.id)?).await).await
    }
}

/// An opportunity to be noted. An account has at most 100 open ones.
#[derive(InputObject)]
pub(super) struct OpportunityCreateInput {
    /// The customer.
    account_id: ID,
    /// Where it was seen.
    #[graphql(default_with = "SignalSource::Person")]
    source: SignalSource,
    /// What could be done.
    kind: OpportunityKind,
    /// The same in a few words: 1 to 200 characters.
    title: String,
    /// What stands behind it: up to 4,000 characters.
    reason: Option<String>,
    /// Who sees to it.
    owner_id: Option<ID>,
    /// What it would bring; not less than nothing.
    amount: Option<Money>,
    /// When it is expected to be taken.
    expected_on: Option<Date>,
    /// Since when it is known, not in the future; now unless said.
    opened_at: Option<DateTime<Utc>>,
}

impl OpportunityCreateInput {
    fn read(self, reading: &mut Reading) -> NewOpportunity {
        NewOpportunity {
            account_id: reading.id("accountId", &self.account_id),
            source: self.source.into(),
            kind: self.kind.into(),
            title: self.title,
            reason: self.reason,
            owner_id: reading.some("ownerId", self.owner_id.as_ref()),
            amount: self.amount.map(Into::into),
            expected_on: self.expected_on.map(Into::into),
            opened_at: self.opened_at,
        }
    }
}

/// Changes of an opportunity; what is left out stays as it is, null empties.
#[derive(InputObject)]
pub(super) struct OpportunityUpdateInput {
    id: ID,
    expected_version: Option<i64>,
    /// Where it was seen.
    source: MaybeUndefined<SignalSource>,
    /// What could be done.
    kind: MaybeUndefined<OpportunityKind>,
    /// The same in a few words: 1 to 200 characters.
    title: MaybeUndefined<String>,
    /// What stands behind it: up to 4,000 characters.
    reason: MaybeUndefined<String>,
    /// Who sees to it.
    owner_id: MaybeUndefined<ID>,
    /// What it would bring; not less than nothing.
    amount: MaybeUndefined<Money>,
    /// When it is expected to be taken.
    expected_on: MaybeUndefined<Date>,
}

impl OpportunityUpdateInput {
    fn read(self, reading: &mut Reading) -> OpportunityPatch {
        OpportunityPatch {
            expected_version: self.expected_version,
            source: reading.kept("source", self.source).map(Into::into),
            kind: reading.kept("kind", self.kind).map(Into::into),
            title: reading.kept("title", self.title),
            reason: self.reason.into(),
            owner_id: reading.change("ownerId", self.owner_id),
            amount: self.amount.map_value(Into::into).into(),
            expected_on: self.expected_on.map_value(Into::into).into(),
        }
    }
}

/// An opportunity to be closed.
#[derive(InputObject)]
pub(super) struct OpportunityCloseInput {
    id: ID,
    /// What became of it; not `OPEN`.
    status: OpportunityStatus,
    /// What there is to say about it: up to 2,000 characters.
    resolution: Option<String>,
}

/// An opportunity to be opened again.
#[derive(InputObject)]
pub(super) struct OpportunityReopenInput {
    id: ID,
}

payload! {
    /// What came of noting an opportunity.
    OpportunityCreatePayload {
        /// The opportunity.
        opportunity: Opportunity,
    }
}

payload! {
    /// What came of changing an opportunity.
    OpportunityUpdatePayload {
        /// The opportunity as it is now.
        opportunity: Opportunity,
    }
}

payload! {
    /// What came of closing an opportunity.
    OpportunityClosePayload {
        /// The opportunity as it is now.
        opportunity: Opportunity,
    }
}

payload! {
    /// What came of opening an opportunity again.
    OpportunityReopenPayload {
        /// The opportunity as it is now.
        opportunity: Opportunity,
    }
}
