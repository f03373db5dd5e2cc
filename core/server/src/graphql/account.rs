//! Accounts.

mod filter;
mod journeys;
mod lifecycle;
mod plans;
mod signals;

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use async_graphql::{
    ComplexObject, Context, ID, InputObject, MaybeUndefined, Object, SimpleObject,
};
use chrono::{DateTime, Utc};
use jornada_domain::accounts::account::{self, AccountPatch};
use jornada_domain::accounts::{assignment, contact, external_ref};
use jornada_domain::attributes::{Attribute, value};
use jornada_domain::error::{Error, Result};
use jornada_domain::id::{AccountId, OptionId, UserId};
use jornada_domain::money;
use jornada_domain::options::option;
use jornada_domain::revenue::{movement, renewal, subscription};

pub(super) use self::lifecycle::LifecycleMutation;

pub(super) use self::filter::AccountFilterInput;
use self::filter::{AccountOrderInput, query};
use self::journeys::Journeys;
use self::plans::Plans;
use self::signals::Signals;
use super::assignment::AccountAssignment;
use super::attribute::{self, AttributeInput, AttributeOrderInput, AttributeValue};
use super::channel::Channel;
use super::connection::{Connection, Paging};
use super::contact::Contact;
use super::external_ref::ExternalRef;
use super::health_score::HealthOf;
use super::id::{self, GlobalId};
use super::loader::{Loads, all, children, load_by_id, load_children, load_each, load_of, one};
use super::option::Choice;
use super::reading::Reading;
use super::renewal::Renewal;
use super::request::{Answer, call, list, payload, read, write};
use super::revenue::RevenueMovement;
use super::scalar::{Date, Money};
use super::subscription::Subscription;
use super::user::User;
use super::word::words;

/// A customer company.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct Account {
    pub id: GlobalId<AccountId>,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    /// What people call it.
    name: String,
    /// Where it stands as a customer.
    status: AccountStatus,
    #[graphql(skip)]
    parent_id: Option<AccountId>,
    /// A CNPJ without punctuation, or what another country calls its companies.
    tax_id: Option<String>,
    #[graphql(skip)]
    market_segment_id: Option<OptionId>,
    #[graphql(skip)]
    package_id: Option<OptionId>,
    /// The city.
    city: Option<String>,
    /// The state or region.
    region: Option<String>,
    /// The country, as the two letters of ISO 3166-1: `BR`.
    country: Option<String>,
    /// The time zone of the customer, as the IANA database names it.
    time_zone: Option<String>,
    /// When the customer wants to be contacted, in their words.
    contact_hours: Option<String>,
    /// How the customer wants to be contacted.
    preferred_channel: Option<Channel>,
    /// Since when it is a customer.
    customer_since: Option<Date>,
    /// Since when it is paused; null unless it is.
    paused_on: Option<Date>,
    /// Since when it is lost; null unless it is.
    churned_on: Option<Date>,
    /// Why it was lost.
    churn_reason: Option<String>,
    archived_at: Option<DateTime<Utc>>,
    #[graphql(flatten)]
    signals: Signals,
    #[graphql(flatten)]
    journeys: Journeys,
    #[graphql(flatten)]
    plans: Plans,
    #[graphql(flatten)]
    health: HealthOf,
}

impl From<account::Model> for Account {
    fn from(row: account::Model) -> Self {
        let account::Model {
            workspace_id: _,
            id,
            version,
            created_at,
            updated_at,
            name,
            name_folded: _,
            status,
            parent_id,
            tax_id,
            market_segment_id,
            package_id,
            city,
            region,
            country,
            time_zone,
            contact_hours,
            preferred_channel,
            customer_since,
            paused_on,
            paused_from: _,
            churned_on,
            churn_reason,
            archived_at,
        } = row;
        Self {
            id: GlobalId(id),
            version,
            created_at,
            updated_at,
            name,
            status: status.into(),
            parent_id,
            tax_id,
            market_segment_id,
            package_id,
            city,
            region,
            country,
            time_zone,
            contact_hours,
            preferred_channel: preferred_channel.map(Channel::from),
            customer_since: customer_since.map(Date),
            paused_on: paused_on.map(Date),
            churned_on: churned_on.map(Date),
            churn_reason,
            archived_at,
            signals: Signals(id),
            journeys: Journeys(id),
            plans: Plans(id),
            health: HealthOf(id),
        }
    }
}

words! {
    /// Where an account stands as a customer.
    AccountStatus = "account::AccountStatus" {
        /// Tries the product, without a contract.
        Trial,
        /// A customer.
        Active,
        /// A customer whose journeys stand still for a while.
        Paused,
        /// No customer any more.
        Churned,
    }
}

#[ComplexObject]
impl Account {
    /// The account that this one is a part of.
    async fn parent(&self, ctx: &Context<'_>) -> Answer<Account> {
        one(ctx, self.parent_id).await
    }

    /// The accounts that are parts of this one and not archived, by name.
    async fn children(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Answer<Connection<Account>> {
        children(ctx, ChildrenOf(self.id.0), Paging { first, after, last, before }).await
    }

    /// The market segment: an option of the set `market_segment`.
    async fn market_segment(&self, ctx: &Context<'_>) -> Answer<Choice> {
        one(ctx, self.market_segment_id).await
    }

    /// The package: an option of the set `package`.
    async fn package(&self, ctx: &Context<'_>) -> Answer<Choice> {
        one(ctx, self.package_id).await
    }

    /// Who is the customer success manager of the account now.
    async fn csm(&self, ctx: &Context<'_>) -> Answer<User> {
        match call(ctx).loads.load_one(CsmOf(self.id.0)).await {
            Ok(user_id) => one(ctx, user_id).await,
            Err(error) => Some(Err(error)),
        }
    }

    /// Who looks after the account in which role, those who will and those who did; the latest
    /// first.
    async fn assignments(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Answer<Connection<AccountAssignment>> {
        children(ctx, AssignmentsOf(self.id.0), Paging { first, after, last, before }).await
    }

    /// The people at the account who are not archived, by name.
    async fn contacts(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Answer<Connection<Contact>> {
        children(ctx, ContactsOf(self.id.0), Paging { first, after, last, before }).await
    }

    /// What the account pays for and paid for, the first to end first.
    async fn subscriptions(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Answer<Connection<Subscription>> {
        children(ctx, SubscriptionsOf(self.id.0), Paging { first, after, last, before }).await
    }

    /// The attributes that have a value, in the order in which they were defined.
    async fn attributes(&self, ctx: &Context<'_>) -> Answer<Vec<AttributeValue>> {
        all(ctx, AttributesOf(self.id.0)).await
    }

    /// What the account pays a year, one amount for each currency.
    async fn recurring_revenue(&self, ctx: &Context<'_>) -> Answer<Vec<Money>> {
        all(ctx, RecurringOf(self.id.0)).await
    }

    /// The changes of what it pays, the latest first.
    async fn revenue_movements(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Answer<Connection<RevenueMovement>> {
        children(ctx, MovementsOf(self.id.0), Paging { first, after, last, before }).await
    }

    /// The ends of its subscriptions and what became of them, the first to end first.
    async fn renewals(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Answer<Connection<Renewal>> {
        children(ctx, RenewalsOf(self.id.0), Paging { first, after, last, before }).await
    }

    /// The next end of a subscription of which nothing has become yet.
    async fn next_renewal(&self, ctx: &Context<'_>) -> Answer<Renewal> {
        one(ctx, Some(NextRenewalOf(self.id.0))).await
    }

    /// What other systems call the account, by system.
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

load_by_id!(AccountId => account::Model, account::many);
load_children!(ChildrenOf(AccountId) => account::Model, account::of_parents);
load_children!(AssignmentsOf(AccountId) => assignment::Model, assignment::of_accounts);
load_children!(ContactsOf(AccountId) => contact::Model, contact::of_accounts);
load_children!(SubscriptionsOf(AccountId) => subscription::Model, subscription::of_accounts);
load_each!(AttributesOf(AccountId) => Vec<Attribute>, value::of_accounts);
load_each!(RecurringOf(AccountId) => Vec<money::Money>, movement::recurring_of);
load_children!(MovementsOf(AccountId) => movement::Model, movement::of_accounts);
load_children!(RenewalsOf(AccountId) => renewal::Model, renewal::of_accounts);
load_of!(NextRenewalOf(AccountId) => renewal::Model, renewal::next_of, account_id);
load_children!(RefsOf(AccountId) => external_ref::Model, external_ref::of_subjects);

/// Finds the customer success manager of an account.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct CsmOf(AccountId);

impl Loader<CsmOf> for Loads {
    type Value = UserId;
    type Error = Error;

    async fn load(&self, keys: &[CsmOf]) -> Result<HashMap<CsmOf, UserId>> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = assignment::current_in_role(&self.cx(), option::CSM, &ids).await?;
        Ok(rows.into_iter().map(|row| (CsmOf(row.account_id), row.user_id)).collect())
    }
}

#[derive(Default)]
pub(super) struct AccountQuery;

#[Object]
impl AccountQuery {
    /// One account.
    async fn account(&self, ctx: &Context<'_>, id: ID) -> Answer<Account> {
        read(ctx, async |cx| account::find(cx, id::parse("id", &id)?).await).await
    }

    /// The account that another system calls so.
    async fn account_by_external_ref(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The key of the other system, like `hubspot`.")] system: String,
        #[graphql(desc = "What it calls the account.")] external_id: String,
    ) -> Answer<Account> {
        read(ctx, async |cx| account::by_external_ref(cx, &system, &external_id).await).await
    }

    /// The accounts of the workspace, by name unless another order is said.
    async fn accounts(
        &self,
        ctx: &Context<'_>,
        filter: Option<AccountFilterInput>,
        order_by: Option<AccountOrderInput>,
        order_by_attribute: Option<AttributeOrderInput>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Answer<Connection<Account>> {
        let paging = Paging { first, after, last, before };
        list(ctx, paging, async move |cx, page| {
            account::list(cx, &query(filter, order_by, order_by_attribute)?, page).await
        })
        .await
    }
}

#[derive(Default)]
pub(super) struct AccountMutation;

#[Object]
impl AccountMutation {
    /// Changes an account, but not its status.
    async fn account_update(
        &self,
        ctx: &Context<'_>,
        input: AccountUpdateInput,
    ) -> Result<AccountUpdatePayload> {
        write(ctx, async move |tx| {
            let mut reading = Reading::default();
            let id = reading.id("id", &input.id);
            let patch = input.read(&mut reading);
            reading.then(account::update(tx, id, patch).await)
        })
        .await
    }

    /// Puts an account away. Only a churned one can be: for the others, journeys may run.
    async fn account_archive(
        &self,
        ctx: &Context<'_>,
        input: AccountArchiveInput,
    ) -> Result<AccountArchivePayload> {
        write(ctx, async |tx| account::archive(tx, id::parse("id", &input.id)?).await).await
    }

    /// Takes an archived account back, churned as it was.
    async fn account_restore(
        &self,
        ctx: &Context<'_>,
        input: AccountRestoreInput,
    ) -> Result<AccountRestorePayload> {
        write(ctx, async |tx| account::restore(tx, id::parse("id", &input.id)?).await).await
    }
}

/// Changes of an account; what is left out stays as it is, null empties.
#[derive(InputObject)]
pub(super) struct AccountUpdateInput {
    id: ID,
    expected_version: Option<i64>,
    /// What people call it: 1 to 200 characters.
    name: MaybeUndefined<String>,
    /// The account that this one is a part of.
    parent_id: MaybeUndefined<ID>,
    /// Up to 40 characters. In Brazil, or where no country is said, what looks like a CNPJ must be
    /// one, with or without its punctuation.
    tax_id: MaybeUndefined<String>,
    /// An option of the set `market_segment`.
    market_segment_id: MaybeUndefined<ID>,
    /// An option of the set `package`.
    package_id: MaybeUndefined<ID>,
    /// The city: up to 120 characters.
    city: MaybeUndefined<String>,
    /// The state or region: up to 120 characters.
    region: MaybeUndefined<String>,
    /// The country, as the two letters of ISO 3166-1: `BR`.
    country: MaybeUndefined<String>,
    /// The time zone of the customer, as the IANA database names it.
    time_zone: MaybeUndefined<String>,
    /// When the customer wants to be contacted: up to 200 characters.
    contact_hours: MaybeUndefined<String>,
    /// How the customer wants to be contacted.
    preferred_channel: MaybeUndefined<Channel>,
    /// Since when it is a customer.
    customer_since: MaybeUndefined<Date>,
    /// Values of attributes; those that are not named stay as they are.
    attributes: Option<Vec<AttributeInput>>,
}

impl AccountUpdateInput {
    fn read(self, reading: &mut Reading) -> AccountPatch {
        AccountPatch {
            expected_version: self.expected_version,
            name: reading.kept("name", self.name),
            parent_id: reading.change("parentId", self.parent_id),
            tax_id: self.tax_id.into(),
            market_segment_id: reading.change("marketSegmentId", self.market_segment_id),
            package_id: reading.change("packageId", self.package_id),
            city: self.city.into(),
            region: self.region.into(),
            country: self.country.into(),
            time_zone: self.time_zone.into(),
            contact_hours: self.contact_hours.into(),
            preferred_channel: self.preferred_channel.map_value(Into::into).into(),
            customer_since: self.customer_since.map_value(Into::into).into(),
            attributes: attribute::read(self.attributes, reading),
        }
    }
}

/// An account to be put away.
#[derive(InputObject)]
pub(super) struct AccountArchiveInput {
    id: ID,
}

/// An account to be taken back.
#[derive(InputObject)]
pub(super) struct AccountRestoreInput {
    id: ID,
}

payload! {
    /// What came of changing an account.
    AccountUpdatePayload {
        /// The account as it is now.
        account: Account,
    }
}

payload! {
    /// What came of putting an account away.
    AccountArchivePayload {
        /// The account as it is now.
        account: Account,
    }
}

payload! {
    /// What came of taking an account back.
    AccountRestorePayload {
        /// The account as it is now.
        account: Account,
    }
}
