//! Subscriptions of accounts. Not those of GraphQL.

use async_graphql::{
    ComplexObject, Context, ID, InputObject, MaybeUndefined, Object, SimpleObject,
};
use chrono::{DateTime, Utc};
use jornada_domain::accounts::external_ref;
use jornada_domain::error::{Error, Result};
use jornada_domain::id::{AccountId, OptionId, SubscriptionId};
use jornada_domain::journeys::signals;
use jornada_domain::metrics::point::SubjectKind;
use jornada_domain::revenue::subscription::{
    self, NewSubscription, SubscriptionFilter, SubscriptionPatch,
};

use super::account::Account;
use super::connection::{Connection, Paging};
use super::external_ref::ExternalRef;
use super::filter::{DateFilter, IdFilter};
use super::id::{self, GlobalId};
use super::loader::{children, load_by_id, load_children, one};
use super::metric_window::{DAYS, MetricWindow, window};
use super::option::Choice;
use super::reading::Reading;
use super::request::{Answer, list, payload, read, write};
use super::scalar::{Date, Money};
use super::word::words;

/// What an account pays for.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct Subscription {
    pub id: GlobalId<SubscriptionId>,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    #[graphql(skip)]
    account_id: AccountId,
    #[graphql(skip)]
    package_id: Option<OptionId>,
    /// What people call it.
    name: String,
    /// The first day.
    starts_on: Date,
    /// The last day; without one it runs until it is cancelled.
    ends_on: Option<Date>,
    /// The last day on which the customer can say that they will not renew.
    notice_on: Option<Date>,
    /// The day from which it no longer counts, whatever its last day.
    cancelled_on: Option<Date>,
    /// What is paid per interval.
    amount: Money,
    /// How often the amount is paid.
    interval: BillingInterval,
}

impl From<subscription::Model> for Subscription {
    fn from(row: subscription::Model) -> Self {
        let subscription::Model {
            workspace_id: _,
            id,
            version,
            created_at,
            updated_at,
            account_id,
            package_id,
            name,
            starts_on,
            ends_on,
            notice_on,
            cancelled_on,
            amount_minor,
            currency,
            interval,
        } = row;
        Self {
            id: GlobalId(id),
            version,
            created_at,
            updated_at,
            account_id,
            package_id,
            name,
            starts_on: Date(starts_on),
            ends_on: ends_on.map(Date),
            notice_on: notice_on.map(Date),
            cancelled_on: cancelled_on.map(Date),
            amount: Money::new(amount_minor, currency),
            interval: interval.into(),
        }
    }
}

words! {
    /// How often an amount is paid.
    BillingInterval = "subscription::BillingInterval" {
        /// Every month.
        Month,
        /// Every three months.
        Quarter,
        /// Every year.
        Year,
        /// Once.
        OneOff,
    }
}

#[ComplexObject]
impl Subscription {
    /// Who pays.
    async fn account(&self, ctx: &Context<'_>) -> Answer<Account> {
        one(ctx, Some(self.account_id)).await
    }

    /// The package: an option of the set `package`.
    async fn package(&self, ctx: &Context<'_>) -> Answer<Choice> {
        one(ctx, self.package_id).await
    }

    /// What the points of a metric of the subscription say about some days, and about as many
    /// days before.
    async fn metric_window(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The key of the metric.")] key: String,
        #[graphql(desc = "How many days: 1 to 1100.", default_with = "DAYS")] days: i32,
        #[graphql(desc = "The last of them; today when left out.")] until: Option<Date>,
    ) -> Answer<MetricWindow> {
        window(ctx, SubjectKind::Subscription, self.id.0.into(), key, days, until).await
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

load_by_id!(SubscriptionId => subscription::Model, subscription::many);
load_children!(RefsOf(SubscriptionId) => external_ref::Model, external_ref::of_subjects);

#[derive(Default)]
pub(super) struct SubscriptionQuery;

#[Object]
impl SubscriptionQuery {
    /// One subscription.
    async fn subscription(&self, ctx: &Context<'_>, id: ID) -> Answer<Subscription> {
        read(ctx, async |cx| subscription::find(cx, id::parse("id", &id)?).await).await
    }

    /// The subscriptions of the workspace, the first to end first.
    async fn subscriptions(
        &self,
        ctx: &Context<'_>,
        filter: Option<SubscriptionFilterInput>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Answer<Connection<Subscription>> {
        let paging = Paging { first, after, last, before };
        list(ctx, paging, async move |cx, page| {
            let filter = filter.map(SubscriptionFilter::try_from).transpose()?.unwrap_or_default();
            subscription::list(cx, &filter, page).await
        })
        .await
    }
}

/// What narrows a list of subscriptions.
#[derive(InputObject)]
#[graphql(name = "SubscriptionFilter")]
pub(super) struct SubscriptionFilterInput {
    /// Who pays.
    account_id: Option<IdFilter>,
    /// The package.
    package_id: Option<IdFilter>,
    /// The last day; subscriptions without one are left out.
    ends_on: Option<DateFilter>,
    /// Only those that are cancelled today, or only those that still count.
    is_cancelled: Option<bool>,
}

impl TryFrom<SubscriptionFilterInput> for SubscriptionFilter {
    type Error = Error;

    fn try_from(input: SubscriptionFilterInput) -> Result<Self> {
        let SubscriptionFilterInput { account_id, package_id, ends_on, is_cancelled } = input;
        let account_ids = account_id.map(|filter| filter.ids("filter.accountId")).transpose()?;
        let package_ids = package_id.map(|filter| filter.ids("filter.packageId")).transpose()?;
        Ok(Self {
            account_ids: account_ids.flatten(),
            package_ids: package_ids.flatten(),
            ends_on: ends_on.map(Into::into),
            is_cancelled,
        })
    }
}

#[derive(Default)]
pub(super) struct SubscriptionMutation;

#[Object]
impl SubscriptionMutation {
    /// Adds a subscription to an account. Its last day starts journeys, and moves what refers to
    /// the end of the subscription.
    async fn subscription_create(
        &self,
        ctx: &Context<'_>,
        input: SubscriptionCreateInput,
    ) -> Result<SubscriptionCreatePayload> {
        write(ctx, async move |tx| {
            let mut reading = Reading::default();
            let new = input.read(&mut reading);
            reading.then(signals::create_subscription(tx, new).await)
        })
        .await
    }

    /// Changes a subscription. Its last day starts journeys, and moves what refers to the end of
    /// the subscription.
    async fn subscription_update(
        &self,
        ctx: &Context<'_>,
        input: SubscriptionUpdateInput,
    ) -> Result<SubscriptionUpdatePayload> {
        write(ctx, async move |tx| {
            let mut reading = Reading::default();
            let id = reading.id("id", &input.id);
            let patch = input.read(&mut reading);
            reading.then(signals::update_subscription(tx, id, patch).await)
        })
        .await
    }
}

/// A subscription to be added.
#[derive(InputObject)]
pub(super) struct SubscriptionCreateInput {
    /// Who pays.
    account_id: ID,
    /// An option of the set `package`.
    package_id: Option<ID>,
    /// What people call it: 1 to 200 characters.
    name: String,
    /// The first day.
    starts_on: Date,
    /// The last day; without one it runs until it is cancelled.
    ends_on: Option<Date>,
    /// The last day on which the customer can say that they will not renew; not after the last
    /// day.
    notice_on: Option<Date>,
    /// The day from which it no longer counts, whatever its last day.
    cancelled_on: Option<Date>,
    /// What is paid per interval; not less than nothing.
    amount: Money,
    /// How often the amount is paid.
    interval: BillingInterval,
}

impl SubscriptionCreateInput {
    fn read(self, reading: &mut Reading) -> NewSubscription {
        NewSubscription {
            account_id: reading.id("accountId", &self.account_id),
            package_id: reading.some("packageId", self.package_id.as_ref()),
            name: self.name,
            starts_on: self.starts_on.into(),
            ends_on: self.ends_on.map(Into::into),
            notice_on: self.notice_on.map(Into::into),
            cancelled_on: self.cancelled_on.map(Into::into),
            amount_minor: self.amount.amount_minor.0,
            currency: self.amount.currency,
            interval: self.interval.into(),
        }
    }
}

/// Changes of a subscription; what is left out stays as it is, null empties.
#[derive(InputObject)]
pub(super) struct SubscriptionUpdateInput {
    id: ID,
    expected_version: Option<i64>,
    /// An option of the set `package`.
    package_id: MaybeUndefined<ID>,
    /// What people call it: 1 to 200 characters.
    name: MaybeUndefined<String>,
    /// The first day.
    starts_on: MaybeUndefined<Date>,
    /// The last day; without one it runs until it is cancelled.
    ends_on: MaybeUndefined<Date>,
    /// The last day on which the customer can say that they will not renew; not after the last
    /// day.
    notice_on: MaybeUndefined<Date>,
    /// The day from which it no longer counts, whatever its last day.
    cancelled_on: MaybeUndefined<Date>,
    /// What is paid per interval; not less than nothing.
    amount: MaybeUndefined<Money>,
    /// How often the amount is paid.
    interval: MaybeUndefined<BillingInterval>,
}

impl SubscriptionUpdateInput {
    fn read(self, reading: &mut Reading) -> SubscriptionPatch {
        let (amount_minor, currency) = match reading.kept("amount", self.amount) {
            Some(Money { amount_minor, currency }) => (Some(amount_minor.0), Some(currency)),
            None => (None, None),
        };
        SubscriptionPatch {
            expected_version: self.expected_version,
            package_id: reading.change("packageId", self.package_id),
            name: reading.kept("name", self.name),
            starts_on: reading.kept("startsOn", self.starts_on).map(Into::into),
            ends_on: self.ends_on.map_value(Into::into).into(),
            notice_on: self.notice_on.map_value(Into::into).into(),
            cancelled_on: self.cancelled_on.map_value(Into::into).into(),
            amount_minor,
            currency,
            interval: reading.kept("interval", self.interval).map(Into::into),
        }
    }
}

payload! {
    /// What came of adding a subscription.
    SubscriptionCreatePayload {
        /// The subscription.
        subscription: Subscription,
    }
}

payload! {
    /// What came of changing a subscription.
    SubscriptionUpdatePayload {
        /// The subscription as it is now.
        subscription: Subscription,
    }
}
