//! Overrides: what people say of the health of accounts, in place of what is computed.

use async_graphql::{ComplexObject, Context, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use jornada_domain::error::Result;
use jornada_domain::health::health_override::{self, NewOverride};
use jornada_domain::id::{AccountId, HealthOverrideId, UserId};

use super::account::Account;
use super::id::{self, GlobalId};
use super::loader::{load_by_id, one};
use super::reading::Reading;
use super::request::{Answer, payload, read, write};
use super::scalar::Date;
use super::user::User;

/// What a person says of the health of an account, in place of what is computed. It survives every
/// computation until its day has passed or somebody ends it.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct HealthOverride {
    pub id: GlobalId<HealthOverrideId>,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    #[graphql(skip)]
    account_id: AccountId,
    /// 0 to 100.
    value: f64,
    /// Why.
    reason: String,
    #[graphql(skip)]
    author_id: Option<UserId>,
    /// The last day on which it counts; null until somebody ends it.
    expires_on: Option<Date>,
    /// When somebody ended it, or said something else.
    ended_at: Option<DateTime<Utc>>,
    #[graphql(skip)]
    ended_by_id: Option<UserId>,
}

#[ComplexObject]
impl HealthOverride {
    /// The customer.
    async fn account(&self, ctx: &Context<'_>) -> Answer<Account> {
        one(ctx, Some(self.account_id)).await
    }

    /// Who says so.
    async fn author(&self, ctx: &Context<'_>) -> Answer<User> {
        one(ctx, self.author_id).await
    }

    /// Who ended it.
    async fn ended_by(&self, ctx: &Context<'_>) -> Answer<User> {
        one(ctx, self.ended_by_id).await
    }
}

impl From<health_override::Model> for HealthOverride {
    fn from(row: health_override::Model) -> Self {
        let health_override::Model {
            workspace_id: _,
            id,
            version,
            created_at,
            updated_at,
            account_id,
            value,
            reason,
            author_id,
            expires_on,
            ended_at,
            ended_by_id,
        } = row;
        Self {
            id: GlobalId(id),
            version,
            created_at,
            updated_at,
            account_id,
            value,
            reason,
            author_id,
            expires_on: expires_on.map(Date),
            ended_at,
            ended_by_id,
        }
    }
}

load_by_id!(HealthOverrideId => health_override::Model, health_override::many);

#[derive(Default)]
pub(super) struct HealthOverrideQuery;

#[Object]
impl HealthOverrideQuery {
    /// One override, also one that has ended.
    async fn health_override(&self, ctx: &Context<'_>, id: ID) -> Answer<HealthOverride> {
        read(ctx, async |cx| health_override::find(cx, id::parse("id", &id)?).await).await
    }
}

#[derive(Default)]
pub(super) struct HealthOverrideMutation;

#[Object]
impl HealthOverrideMutation {
    /// Says how an account does, in place of what is computed and of what was said before.
    async fn health_override_set(
        &self,
        ctx: &Context<'_>,
        input: HealthOverrideSetInput,
    ) -> Result<HealthOverrideSetPayload> {
        write(ctx, async move |tx| {
            let HealthOverrideSetInput { account_id, value, reason, expires_on } = input;
            let mut reading = Reading::default();
            let account_id = reading.id("accountId", &account_id);
            let expires_on = expires_on.map(|Date(date)| date);
            let new = NewOverride { account_id, value, reason, expires_on };
            reading.then(health_override::set(tx, new).await)
        })
        .await
    }

    /// Ends an override: what is computed counts again.
    async fn health_override_end(
        &self,
        ctx: &Context<'_>,
        input: HealthOverrideEndInput,
    ) -> Result<HealthOverrideEndPayload> {
        write(ctx, async |tx| health_override::end(tx, id::parse("id", &input.id)?).await).await
    }
}

/// What a person says of the health of an account.
#[derive(InputObject)]
pub(super) struct HealthOverrideSetInput {
    /// The customer.
    account_id: ID,
    /// 0 to 100.
    value: f64,
    /// Why: up to 500 characters.
    reason: String,
    /// The last day on which it counts, today or later; until somebody ends it, where it is left
    /// out.
    expires_on: Option<Date>,
}

/// An override to be ended.
#[derive(InputObject)]
pub(super) struct HealthOverrideEndInput {
    id: ID,
}

payload! {
    /// What came of saying how an account does.
    HealthOverrideSetPayload {
        /// What is said.
        health_override: HealthOverride,
    }
}

payload! {
    /// What came of ending an override.
    HealthOverrideEndPayload {
        /// The override as it is now.
        health_override: HealthOverride,
    }
}
