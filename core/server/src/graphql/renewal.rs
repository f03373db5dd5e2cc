//! Renewals: what becomes of a subscription at its end.

use async_graphql::{ComplexObject, Context, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use jornada_domain::error::{Error, Result};
use jornada_domain::id::{AccountId, RenewalId, SubscriptionId, UserId};
use jornada_domain::journeys::signals;
use jornada_domain::revenue::renewal::{self, RenewalFilter, Won};
use jornada_domain::revenue::subscription::Why;

use super::account::Account;
use super::connection::{Connection, Paging};
use super::filter::{DateFilter, IdFilter, WordFilter};
use super::id::{self, GlobalId};
use super::loader::{load_by_id, one};
use super::reading::Reading;
use super::request::{Answer, list, payload, read, write};
use super::scalar::{Date, Long};
use super::subscription::{Subscription, SubscriptionLineInput, lines};
use super::user::User;
use super::word::words;

/// The end of a subscription, and what becomes of it. A subscription with an end that has not
/// passed has one that is open; whoever looks after the account is alerted 90, 30 and 7 days before
/// the last day for notice, or before the end where there is none.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct Renewal {
    pub id: GlobalId<RenewalId>,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    #[graphql(skip)]
    subscription_id: SubscriptionId,
    #[graphql(skip)]
    account_id: AccountId,
    /// The last day of the subscription.
    ends_on: Date,
    /// The last day on which the customer can say that they will not renew.
    notice_on: Option<Date>,
    /// What came of it.
    status: RenewalStatus,
    /// When that was decided.
    decided_on: Option<Date>,
    #[graphql(skip)]
    decided_by_id: Option<UserId>,
    /// The last day that was agreed on.
    renewed_until: Option<Date>,
    /// Why it was renewed or lost.
    reason: Option<String>,
}

#[ComplexObject]
impl Renewal {
    /// The subscription.
    async fn subscription(&self, ctx: &Context<'_>) -> Answer<Subscription> {
        one(ctx, Some(self.subscription_id)).await
    }

    /// Who pays.
    async fn account(&self, ctx: &Context<'_>) -> Answer<Account> {
        one(ctx, Some(self.account_id)).await
    }

    /// Who decided; null where the end came first.
    async fn decided_by(&self, ctx: &Context<'_>) -> Answer<User> {
        one(ctx, self.decided_by_id).await
    }
}

impl From<renewal::Model> for Renewal {
    fn from(row: renewal::Model) -> Self {
        let renewal::Model {
            workspace_id: _,
            id,
            version,
            created_at,
            updated_at,
            subscription_id,
            account_id,
            ends_on,
            notice_on,
            status,
            decided_on,
            decided_at: _,
            decided_by_id,
            renewed_until,
            reason,
        } = row;
        Self {
            id: GlobalId(id),
            version,
            created_at,
            updated_at,
            subscription_id,
            account_id,
            ends_on: Date(ends_on),
            notice_on: notice_on.map(Date),
            status: status.into(),
            decided_on: decided_on.map(Date),
            decided_by_id,
            renewed_until: renewed_until.map(Date),
            reason,
        }
    }
}

load_by_id!(RenewalId => renewal::Model, renewal::many);

words! {
    /// What came of a renewal.
    RenewalStatus = "renewal::RenewalStatus" {
        /// Nothing yet.
        Open,
        /// The subscription goes on.
        Renewed,
        /// It ends, or ended.
        Lost,
        /// There is no end any more.
        Cancelled,
    }
}

#[derive(Default)]
pub(super) struct RenewalQuery;

#[Object]
impl RenewalQuery {
    /// One renewal.
    async fn renewal(&self, ctx: &Context<'_>, id: ID) -> Answer<Renewal> {
        read(ctx, async |cx| renewal::find(cx, id::parse("id", &id)?).await).await
    }

    /// The renewals of the workspace, the first to end first.
    async fn renewals(
        &self,
        ctx: &Context<'_>,
        filter: Option<RenewalFilterInput>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Answer<Connection<Renewal>> {
        let paging = Paging { first, after, last, before };
        list(ctx, paging, async move |cx, page| {
            let filter = filter.map(RenewalFilter::try_from).transpose()?.unwrap_or_default();
            renewal::list(cx, &filter, page).await
        })
        .await
    }
}

/// What narrows a list of renewals.
#[derive(InputObject)]
#[graphql(name = "RenewalFilter")]
pub(super) struct RenewalFilterInput {
    /// Who pays.
    account_id: Option<IdFilter>,
    /// What came of it.
    status: Option<WordFilter<RenewalStatus>>,
    /// The last day of the subscription.
    ends_on: Option<DateFilter>,
}

impl TryFrom<RenewalFilterInput> for RenewalFilter {
    type Error = Error;

    fn try_from(input: RenewalFilterInput) -> Result<Self> {
        let RenewalFilterInput { account_id, status, ends_on } = input;
        let account_ids = account_id.map(|filter| filter.ids("filter.accountId")).transpose()?;
        let statuses = status.map(|filter| filter.words("filter.status")).transpose()?;
        Ok(Self {
            account_ids: account_ids.flatten(),
            statuses: statuses.flatten(),
            ends_on: ends_on.map(Into::into),
        })
    }
}

#[derive(Default)]
pub(super) struct RenewalMutation;

#[Object]
impl RenewalMutation {
    /// Renews a subscription. What hangs on its end moves, and what it brings more or less than
    /// before moves recurring revenue from the day on which it was decided.
    async fn renewal_win(
        &self,
        ctx: &Context<'_>,
        input: RenewalWinInput,
    ) -> Result<RenewalWinPayload> {
        write(ctx, async move |tx| {
            let mut reading = Reading::default();
            let id = reading.id("id", &input.id);
            let won = input.read(&mut reading);
            reading.then(signals::win_renewal(tx, id, won).await)
        })
        .await
    }

    /// Notes that a subscription will not be renewed: it counts until its last day.
    async fn renewal_lose(
        &self,
        ctx: &Context<'_>,
        input: RenewalLoseInput,
    ) -> Result<RenewalLosePayload> {
        write(ctx, async |tx| {
            let decided_on = input.decided_on.map(Into::into);
            let id = id::parse("id", &input.id)?;
            signals::lose_renewal(tx, id, &input.reason, decided_on).await
        })
        .await
    }
}

/// What was agreed on.
#[derive(InputObject)]
pub(super) struct RenewalWinInput {
    id: ID,
    /// The new last day of the subscription, behind the one so far.
    ends_on: Date,
    /// The new last day on which the customer can say that they will not renew.
    notice_on: Option<Date>,
    /// What is paid per interval from now on, in the smallest unit of the currency of the
    /// subscription; as before unless said.
    amount_minor: Option<Long>,
    /// All products from now on, at most 100; as before unless said.
    lines: Option<Vec<SubscriptionLineInput>>,
    /// Whether customer success had a part in what is brought in addition.
    #[graphql(default)]
    cs_sourced: bool,
    /// Why: up to 500 characters.
    reason: Option<String>,
    /// The day on which it was decided; today unless said. An earlier day needs the header
    /// `Jornada-Origin: BACKFILL`.
    decided_on: Option<Date>,
}

impl RenewalWinInput {
    fn read(self, reading: &mut Reading) -> Won {
        Won {
            ends_on: self.ends_on.into(),
            notice_on: self.notice_on.map(Into::into),
            amount_minor: self.amount_minor.map(Into::into),
            lines: self.lines.map(|each| lines(each, reading)),
            why: Why {
                cs_sourced: self.cs_sourced,
                reason: self.reason,
                effective_on: self.decided_on.map(Into::into),
            },
        }
    }
}

/// A renewal that was lost.
#[derive(InputObject)]
pub(super) struct RenewalLoseInput {
    id: ID,
    /// Why: 1 to 500 characters.
    reason: String,
    /// The day on which it was decided; today unless said. An earlier day needs the header
    /// `Jornada-Origin: BACKFILL`.
    decided_on: Option<Date>,
}

payload! {
    /// What came of renewing a subscription.
    RenewalWinPayload {
        /// The renewal as it is now.
        renewal: Renewal,
    }
}

payload! {
    /// What came of losing a renewal.
    RenewalLosePayload {
        /// The renewal as it is now.
        renewal: Renewal,
    }
}
