//! Subscriptions of accounts. Not those of GraphQL.

use async_graphql::{
    ComplexObject, Context, ID, InputObject, MaybeUndefined, Object, SimpleObject,
};
use chrono::{DateTime, Utc};
use jornada_domain::accounts::external_ref;
use jornada_domain::attributes::{Attribute, value};
use jornada_domain::error::{Error, Result};
use jornada_domain::id::{AccountId, OptionId, ProductId, SubscriptionId};
use jornada_domain::journeys::signals;
use jornada_domain::metrics::point::SubjectKind;
use jornada_domain::revenue::subscription::{
    self, NewSubscription, SubscriptionFilter, SubscriptionPatch, Why,
};
use jornada_domain::revenue::{Line, lines_of};

use super::account::Account;
use super::attribute::{
    self, AttributeFilterInput, AttributeInput, AttributeOrderInput, AttributeValue, conditions,
};
use super::connection::{Connection, Paging};
use super::external_ref::ExternalRef;
use super::filter::{DateFilter, IdFilter};
use super::id::{self, GlobalId};
use super::loader::{all, children, load_by_id, load_children, load_each, one};
use super::metric_window::{DAYS, MetricWindow, window};
use super::option::Choice;
use super::product::Product;
use super::reading::Reading;
use super::request::{Answer, call, list, payload, read, write};
use super::scalar::{Date, Long, Money};
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

    /// The products, at most 100; where there are any, what they cost adds up to the amount.
    async fn lines(&self, ctx: &Context<'_>) -> Answer<Vec<SubscriptionLine>> {
        Some(self.priced(ctx).await)
    }

    /// The attributes that have a value, in the order in which they were defined.
    async fn attributes(&self, ctx: &Context<'_>) -> Answer<Vec<AttributeValue>> {
        all(ctx, AttributesOf(self.id.0)).await
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
impl Subscription {
    async fn priced(&self, ctx: &Context<'_>) -> Result<Vec<SubscriptionLine>> {
        let lines = call(ctx).loads.load_one(LinesOf(self.id.0)).await?.unwrap_or_default();
        let price = |line: Line| SubscriptionLine {
            product_id: line.product_id,
            quantity: line.quantity,
            amount: Money::new(line.amount_minor, self.amount.currency.clone()),
        };
        Ok(lines.into_iter().map(price).collect())
    }
}

/// A product on a subscription.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct SubscriptionLine {
    #[graphql(skip)]
    product_id: ProductId,
    /// How many.
    quantity: i32,
    /// What all of them cost per interval.
    amount: Money,
}

#[ComplexObject]
impl SubscriptionLine {
    /// The product.
    async fn product(&self, ctx: &Context<'_>) -> Answer<Product> {
        one(ctx, Some(self.product_id)).await
    }
}

load_each!(LinesOf(SubscriptionId) => Vec<Line>, lines_of);
load_each!(AttributesOf(SubscriptionId) => Vec<Attribute>, value::of_subscriptions);
load_children!(RefsOf(SubscriptionId) => external_ref::Model, external_ref::of_subjects);

#[derive(Default)]
pub(super) struct SubscriptionQuery;

#[Object]
impl SubscriptionQuery {
    /// One subscription.
    async fn subscription(&self, ctx: &Context<'_>, id: ID) -> Answer<Subscription> {
        read(ctx, async |cx| subscription::find(cx, id::parse("id", &id)?).await).await
    }

    /// The subscriptions of the workspace, the first to end first unless an attribute is said.
    async fn subscriptions(
        &self,
        ctx: &Context<'_>,
        filter: Option<SubscriptionFilterInput>,
        order_by_attribute: Option<AttributeOrderInput>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Answer<Connection<Subscription>> {
        let paging = Paging { first, after, last, before };
        list(ctx, paging, async move |cx, page| {
            let filter = filter.map(SubscriptionFilter::try_from).transpose()?.unwrap_or_default();
            let by_attribute = order_by_attribute.map(Into::into);
            subscription::list(cx, &filter, by_attribute.as_ref(), page).await
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
    /// Conditions on attributes, which all hold: at most 20.
    attributes: Option<Vec<AttributeFilterInput>>,
}

impl TryFrom<SubscriptionFilterInput> for SubscriptionFilter {
    type Error = Error;

    fn try_from(input: SubscriptionFilterInput) -> Result<Self> {
        let SubscriptionFilterInput { account_id, package_id, ends_on, is_cancelled, attributes } =
            input;
        let account_ids = account_id.map(|filter| filter.ids("filter.accountId")).transpose()?;
        let package_ids = package_id.map(|filter| filter.ids("filter.packageId")).transpose()?;
        Ok(Self {
            account_ids: account_ids.flatten(),
            package_ids: package_ids.flatten(),
            ends_on: ends_on.map(Into::into),
            is_cancelled,
            attributes: conditions(attributes, "filter.attributes")?,
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
    /// The products, at most 100; what they cost adds up to the amount.
    #[graphql(default)]
    lines: Vec<SubscriptionLineInput>,
    /// Values of attributes.
    attributes: Option<Vec<AttributeInput>>,
    /// Whether it came from customer success.
    #[graphql(default)]
    cs_sourced: bool,
    /// Why: up to 500 characters; stands with the movement of recurring revenue.
    reason: Option<String>,
}

/// A product on a subscription.
#[derive(InputObject)]
pub(super) struct SubscriptionLineInput {
    /// The product; each stands on one line.
    product_id: ID,
    /// How many: at least 1.
    #[graphql(default = 1)]
    quantity: i32,
    /// What all of them cost per interval, in the smallest unit of the currency of the
    /// subscription.
    amount_minor: Long,
}

/// The lines in the field `lines` of an input.
pub(super) fn lines(inputs: Vec<SubscriptionLineInput>, reading: &mut Reading) -> Vec<Line> {
    let inputs = inputs.into_iter().enumerate();
    let line = |(place, SubscriptionLineInput { product_id, quantity, amount_minor })| {
        let product_id = reading.id(&format!("lines.{place}.productId"), &product_id);
        Line { product_id, quantity, amount_minor: amount_minor.into() }
    };
    inputs.map(line).collect()
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
            lines: lines(self.lines, reading),
            why: Why { cs_sourced: self.cs_sourced, reason: self.reason, effective_on: None },
            attributes: attribute::read(self.attributes, reading),
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
    /// All products, at most 100; what they cost adds up to the amount, and without an amount is
    /// the amount.
    lines: MaybeUndefined<Vec<SubscriptionLineInput>>,
    /// Values of attributes; those that are not named stay as they are.
    attributes: Option<Vec<AttributeInput>>,
    /// Whether customer success had a part in the change.
    #[graphql(default)]
    cs_sourced: bool,
    /// Why: up to 500 characters; stands with the movement of recurring revenue.
    reason: Option<String>,
    /// From when on a change of the amount holds, today unless said; an earlier day needs the
    /// header `Jornada-Origin: BACKFILL`, and lies not before its last movement.
    effective_on: Option<Date>,
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
            lines: reading.kept("lines", self.lines).map(|each| lines(each, reading)),
            why: Why {
                cs_sourced: self.cs_sourced,
                reason: self.reason,
                effective_on: self.effective_on.map(Into::into),
            },
            attributes: attribute::read(self.attributes, reading),
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
