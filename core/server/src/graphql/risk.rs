//! Risks of accounts, with their action plans.

use async_graphql::{
    ComplexObject, Context, ID, InputObject, MaybeUndefined, Object, SimpleObject,
};
use chrono::{DateTime, Utc};
use jornada_domain::accounts::external_ref;
use jornada_domain::error::{Error, Result};
use jornada_domain::id::{AccountId, RiskId, UserId};
use jornada_domain::journeys::risks::{self, NewRisk, RiskPatch};
use jornada_domain::money;
use jornada_domain::plans::risk::{self, RiskFilter};
use jornada_domain::tasks::task;

use super::account::Account;
use super::connection::{Connection, Paging};
use super::external_ref::ExternalRef;
use super::filter::{DateTimeFilter, IdFilter, WordFilter};
use super::id::{self, GlobalId};
use super::loader::{children, load_by_id, load_children, one};
use super::reading::Reading;
use super::request::{Answer, list, payload, read, write};
use super::scalar::Money;
use super::task::Task;
use super::user::User;
use super::word::words;

/// Why an account could be lost, and what became of it.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct Risk {
    pub id: GlobalId<RiskId>,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    #[graphql(skip)]
    account_id: AccountId,
    /// Where it was seen.
    source: SignalSource,
    /// What threatens, in a few words.
    title: String,
    /// What stands behind it.
    reason: Option<String>,
    /// How bad it is.
    severity: RiskSeverity,
    #[graphql(skip)]
    owner_id: Option<UserId>,
    /// What is at stake.
    amount: Option<Money>,
    /// Where it is.
    status: RiskStatus,
    /// What became of it, in the words of who closed it.
    resolution: Option<String>,
    /// Since when it is known.
    opened_at: DateTime<Utc>,
    /// When it was closed; null while it is open.
    closed_at: Option<DateTime<Utc>>,
}

#[ComplexObject]
impl Risk {
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

impl From<risk::Model> for Risk {
    fn from(row: risk::Model) -> Self {
        let risk::Model {
            workspace_id: _,
            id,
            version,
            created_at,
            updated_at,
            account_id,
            source,
            title,
            reason,
            severity,
            owner_id,
            amount_minor,
            currency,
            status,
            resolution,
            opened_at,
            closed_at,
            critical_until: _,
        } = row;
        Self {
            id: GlobalId(id),
            version,
            created_at,
            updated_at,
            account_id,
            source: source.into(),
            title,
            reason,
            severity: severity.into(),
            owner_id,
            amount: money::Money::of(amount_minor, currency).map(Money::from),
            status: status.into(),
            resolution,
            opened_at,
            closed_at,
        }
    }
}

load_by_id!(RiskId => risk::Model, risk::many);
load_children!(ActionsOf(RiskId) => task::Model, task::of_risks);
load_children!(RefsOf(RiskId) => external_ref::Model, external_ref::of_subjects);

words! {
    /// Where a risk or an opportunity was seen.
    SignalSource = "jornada_domain::plans::SignalSource" {
        /// Somebody noticed it.
        Person,
        /// The customer said it.
        Interaction,
        /// The customer answered a survey so.
        Survey,
        /// A metric shows it.
        Metric,
        /// The health score shows it.
        Health,
        /// A plugin found it.
        Plugin,
        /// Something else.
        Other,
    }
}

words! {
    /// How bad a risk is.
    RiskSeverity = "risk::Severity" {
        /// To be kept in mind.
        Low,
        /// To be seen to.
        Medium,
        /// To be seen to soon.
        High,
        /// The account is about to be lost; tasks that say so are blocked meanwhile.
        Critical,
    }
}

words! {
    /// Where a risk is.
    RiskStatus = "risk::RiskStatus" {
        /// It is there.
        Open,
        /// It was averted.
        Mitigated,
        /// It came true.
        Lost,
        /// It was none.
        Dismissed,
    }
}

/// What narrows a list of risks.
#[derive(InputObject)]
#[graphql(name = "RiskFilter")]
pub(super) struct RiskFilterInput {
    /// The customer.
    account_id: Option<IdFilter>,
    /// Where it is.
    status: Option<WordFilter<RiskStatus>>,
    /// How bad it is.
    severity: Option<WordFilter<RiskSeverity>>,
    /// Where it was seen.
    source: Option<WordFilter<SignalSource>>,
    /// Who sees to it.
    owner_id: Option<IdFilter>,
    /// Since when it is known.
    opened_at: Option<DateTimeFilter>,
}

impl TryFrom<RiskFilterInput> for RiskFilter {
    type Error = Error;

    fn try_from(input: RiskFilterInput) -> Result<Self> {
        let RiskFilterInput { account_id, status, severity, source, owner_id, opened_at } = input;
        let account_ids = account_id.map(|ids| ids.ids("filter.accountId")).transpose()?;
        let statuses = status.map(|words| words.words("filter.status")).transpose()?;
        let severities = severity.map(|words| words.words("filter.severity")).transpose()?;
        let sources = source.map(|words| words.words("filter.source")).transpose()?;
        Ok(Self {
            account_ids: account_ids.flatten(),
            statuses: statuses.flatten(),
            severities: severities.flatten(),
            sources: sources.flatten(),
            owner: owner_id.map(|ids| ids.reference("filter.ownerId")).transpose()?,
            opened_at: opened_at.map(Into::into),
        })
    }
}

#[derive(Default)]
pub(super) struct RiskQuery;

#[Object]
impl RiskQuery {
    /// One risk.
    async fn risk(&self, ctx: &Context<'_>, id: ID) -> Answer<Risk> {
        read(ctx, async |cx| risk::find(cx, id::parse("id", &id)?).await).await
    }

    /// The risks of the workspace, newest first.
    async fn risks(
        &self,
        ctx: &Context<'_>,
        filter: Option<RiskFilterInput>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Answer<Connection<Risk>> {
        let paging = Paging { first, after, last, before };
        list(ctx, paging, async move |cx, page| {
            let filter = filter.map(RiskFilter::try_from).transpose()?.unwrap_or_default();
            risk::list(cx, &filter, page).await
        })
        .await
    }
}

#[derive(Default)]
pub(super) struct RiskMutation;

#[Object]
impl RiskMutation {
    /// Notes a risk. A critical one blocks the tasks that must not be done meanwhile.
    async fn risk_create(
        &self,
        ctx: &Context<'_>,
        input: RiskCreateInput,
    ) -> Result<RiskCreatePayload> {
        write(ctx, async move |tx| {
            let mut reading = Reading::default();
            let new = input.read(&mut reading);
            reading.then(risks::open(tx, new).await)
        })
        .await
    }

    /// Changes an open risk.
    async fn risk_update(
        &self,
        ctx: &Context<'_>,
        input: RiskUpdateInput,
    ) -> Result<RiskUpdatePayload> {
        write(ctx, async move |tx| {
            let mut reading = Reading::default();
            let id = reading.id("id", &input.id);
            let patch = input.read(&mut reading);
            reading.then(risks::update(tx, id, patch).await)
        })
        .await
    }

    /// Closes an open risk. With the last critical one, the tasks that it blocked open.
    async fn risk_close(
        &self,
        ctx: &Context<'_>,
        input: RiskCloseInput,
    ) -> Result<RiskClosePayload> {
        write(ctx, async |tx| {
            let (id, status) = (id::parse("id", &input.id)?, input.status.into());
            risks::close(tx, id, status, &input.resolution).await
        })
        .await
    }

    /// Opens a closed risk again.
    async fn risk_reopen(
        &self,
        ctx: &Context<'_>,
        input: RiskReopenInput,
    ) -> Result<RiskReopenPayload> {
        write(ctx, async |tx| risks::reopen(tx, id::parse("id", &input.id)?).await).await
    }
}

/// A risk to be noted. An account has at most 100 open ones.
#[derive(InputObject)]
pub(super) struct RiskCreateInput {
    /// The customer.
    account_id: ID,
    /// Where it was seen.
    #[graphql(default_with = "SignalSource::Person")]
    source: SignalSource,
    /// What threatens: 1 to 200 characters.
    title: String,
    /// What stands behind it: up to 4,000 characters.
    reason: Option<String>,
    /// How bad it is.
    severity: RiskSeverity,
    /// Who sees to it.
    owner_id: Option<ID>,
    /// What is at stake; not less than nothing.
    amount: Option<Money>,
    /// Since when it is known, not in the future; now unless said.
    opened_at: Option<DateTime<Utc>>,
}

impl RiskCreateInput {
    fn read(self, reading: &mut Reading) -> NewRisk {
        NewRisk {
            account_id: reading.id("accountId", &self.account_id),
            source: self.source.into(),
            title: self.title,
            reason: self.reason,
            severity: self.severity.into(),
            owner_id: reading.some("ownerId", self.owner_id.as_ref()),
            amount: self.amount.map(Into::into),
            opened_at: self.opened_at,
        }
    }
}

/// Changes of a risk; what is left out stays as it is, null empties.
#[derive(InputObject)]
pub(super) struct RiskUpdateInput {
    id: ID,
    expected_version: Option<i64>,
    /// Where it was seen.
    source: MaybeUndefined<SignalSource>,
    /// What threatens: 1 to 200 characters.
    title: MaybeUndefined<String>,
    /// What stands behind it: up to 4,000 characters.
    reason: MaybeUndefined<String>,
    /// How bad it is.
    severity: MaybeUndefined<RiskSeverity>,
    /// Who sees to it.
    owner_id: MaybeUndefined<ID>,
    /// What is at stake; not less than nothing.
    amount: MaybeUndefined<Money>,
}

impl RiskUpdateInput {
    fn read(self, reading: &mut Reading) -> RiskPatch {
        RiskPatch {
            expected_version: self.expected_version,
            source: reading.kept("source", self.source).map(Into::into),
            title: reading.kept("title", self.title),
            reason: self.reason.into(),
            severity: reading.kept("severity", self.severity).map(Into::into),
            owner_id: reading.change("ownerId", self.owner_id),
            amount: self.amount.map_value(Into::into).into(),
        }
    }
}

/// A risk to be closed.
#[derive(InputObject)]
pub(super) struct RiskCloseInput {
    id: ID,
    /// What became of it; not `OPEN`.
    status: RiskStatus,
    /// What was done about it: 1 to 2,000 characters.
    resolution: String,
}

/// A risk to be opened again.
#[derive(InputObject)]
pub(super) struct RiskReopenInput {
    id: ID,
}

payload! {
    /// What came of noting a risk.
    RiskCreatePayload {
        /// The risk.
        risk: Risk,
    }
}

payload! {
    /// What came of changing a risk.
    RiskUpdatePayload {
        /// The risk as it is now.
        risk: Risk,
    }
}

payload! {
    /// What came of closing a risk.
    RiskClosePayload {
        /// The risk as it is now.
        risk: Risk,
    }
}

payload! {
    /// What came of opening a risk again.
    RiskReopenPayload {
        /// The risk as it is now.
        risk: Risk,
    }
}
