//! Recurring revenue: its movements, and what they add up to.

mod report;

use async_graphql::{
    ComplexObject, Context, ID, InputObject, MaybeUndefined, Object, SimpleObject,
};
use chrono::{DateTime, Utc};
use jornada_domain::error::{Error, Result};
use jornada_domain::id::{AccountId, ProductId, RevenueMovementId, SubscriptionId};
use jornada_domain::revenue::movement::{self, MovementFilter, MovementPatch};

pub(super) use self::report::ReportQuery;

use super::account::Account;
use super::connection::{Connection, Paging};
use super::filter::{DateFilter, IdFilter, WordFilter};
use super::id::GlobalId;
use super::loader::{load_by_id, one};
use super::product::Product;
use super::reading::Reading;
use super::request::{Answer, list, payload, write};
use super::scalar::{Date, Money};
use super::subscription::Subscription;
use super::word::words;

/// A change of recurring revenue, written on the day on which it took effect. Recurring revenue is
/// what is paid in a year; what is paid once does not recur.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct RevenueMovement {
    pub id: GlobalId<RevenueMovementId>,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    #[graphql(skip)]
    account_id: AccountId,
    #[graphql(skip)]
    subscription_id: SubscriptionId,
    #[graphql(skip)]
    product_id: Option<ProductId>,
    /// What moved.
    kind: RevenueMovementKind,
    /// The day on which it took effect.
    happened_on: Date,
    /// How much a year, never negative.
    amount: Money,
    /// How much more the subscription brings a year, or less where it is negative. Of a renewal
    /// under the same subscription nothing; where another takes over, what the one no longer brings
    /// and the other brings instead.
    delta: Money,
    /// Whether it came from customer success.
    cs_sourced: bool,
    /// Why.
    reason: Option<String>,
}

#[ComplexObject]
impl RevenueMovement {
    /// Who pays.
    async fn account(&self, ctx: &Context<'_>) -> Answer<Account> {
        one(ctx, Some(self.account_id)).await
    }

    /// What is paid for.
    async fn subscription(&self, ctx: &Context<'_>) -> Answer<Subscription> {
        one(ctx, Some(self.subscription_id)).await
    }

    /// The product, where the lines of the subscription tell it.
    async fn product(&self, ctx: &Context<'_>) -> Answer<Product> {
        one(ctx, self.product_id).await
    }
}

impl From<movement::Model> for RevenueMovement {
    fn from(row: movement::Model) -> Self {
        let movement::Model {
            workspace_id: _,
            id,
            version,
            created_at,
            updated_at,
            account_id,
            subscription_id,
            product_id,
            kind,
            happened_on,
            happened_at: _,
            amount_minor,
            delta_minor,
            currency,
            cs_sourced,
            reason,
        } = row;
        Self {
            id: GlobalId(id),
            version,
            created_at,
            updated_at,
            account_id,
            subscription_id,
            product_id,
            kind: kind.into(),
            happened_on: Date(happened_on),
            amount: Money::new(amount_minor, currency.clone()),
            delta: Money::new(delta_minor, currency),
            cs_sourced,
            reason,
        }
    }
}

load_by_id!(RevenueMovementId => movement::Model, movement::many);

words! {
    /// What moved.
    RevenueMovementKind = "movement::MovementKind" {
        /// An account that paid nothing pays.
        New,
        /// More of what was there.
        Upgrade,
        /// Less of it, while the account stays.
        Downgrade,
        /// Something else in addition.
        CrossSell,
        /// The account pays nothing any more.
        Churn,
        /// What was there goes on: under the same subscription, or under one that takes over.
        Renewal,
    }
}

#[derive(Default)]
pub(super) struct RevenueQuery;

#[Object]
impl RevenueQuery {
    /// The movements of recurring revenue, the latest first.
    async fn revenue_movements(
        &self,
        ctx: &Context<'_>,
        filter: Option<RevenueMovementFilterInput>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Answer<Connection<RevenueMovement>> {
        let paging = Paging { first, after, last, before };
        list(ctx, paging, async move |cx, page| {
            let filter = filter.map(MovementFilter::try_from).transpose()?.unwrap_or_default();
            movement::list(cx, &filter, page).await
        })
        .await
    }
}

/// What narrows a list of movements.
#[derive(InputObject)]
#[graphql(name = "RevenueMovementFilter")]
pub(super) struct RevenueMovementFilterInput {
    /// Who pays.
    account_id: Option<IdFilter>,
    /// What moved.
    kind: Option<WordFilter<RevenueMovementKind>>,
    /// The day on which it took effect.
    happened_on: Option<DateFilter>,
    /// Only what came from customer success, or only what did not.
    cs_sourced: Option<bool>,
}

impl TryFrom<RevenueMovementFilterInput> for MovementFilter {
    type Error = Error;

    fn try_from(input: RevenueMovementFilterInput) -> Result<Self> {
        let RevenueMovementFilterInput { account_id, kind, happened_on, cs_sourced } = input;
        let account_ids = account_id.map(|filter| filter.ids("filter.accountId")).transpose()?;
        let kinds = kind.map(|filter| filter.words("filter.kind")).transpose()?;
        Ok(Self {
            account_ids: account_ids.flatten(),
            kinds: kinds.flatten(),
            happened_on: happened_on.map(Into::into),
            cs_sourced,
        })
    }
}

#[derive(Default)]
pub(super) struct RevenueMutation;

#[Object]
impl RevenueMutation {
    /// Says of a movement where it came from and why; what moved is up to the subscription.
    async fn revenue_movement_update(
        &self,
        ctx: &Context<'_>,
        input: RevenueMovementUpdateInput,
    ) -> Result<RevenueMovementUpdatePayload> {
        write(ctx, async move |tx| {
            let mut reading = Reading::default();
            let id = reading.id("id", &input.id);
            let patch = MovementPatch {
                expected_version: input.expected_version,
                cs_sourced: reading.kept("csSourced", input.cs_sourced),
                reason: input.reason.into(),
            };
            reading.then(movement::update(tx, id, patch).await)
        })
        .await
    }
}

/// What is known of a movement; what is left out stays as it is, null empties.
#[derive(InputObject)]
pub(super) struct RevenueMovementUpdateInput {
    id: ID,
    expected_version: Option<i64>,
    /// Whether it came from customer success.
    cs_sourced: MaybeUndefined<bool>,
    /// Why: up to 500 characters.
    reason: MaybeUndefined<String>,
}

payload! {
    /// What came of changing a movement.
    RevenueMovementUpdatePayload {
        /// The movement as it is now.
        revenue_movement: RevenueMovement,
    }
}
