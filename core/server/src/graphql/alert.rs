//! Alerts: the inbox of a user.

use async_graphql::{ComplexObject, Context, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use jornada_domain::error::Result;
use jornada_domain::id::{AccountId, AlertId, JourneyId, RenewalId, TaskId};
use jornada_domain::journeys::alert;

use super::account::Account;
use super::connection::{Connection, Paging};
use super::id::{self, GlobalId};
use super::journey::Journey;
use super::loader::{load_by_id, one};
use super::renewal::Renewal;
use super::request::{Answer, list, payload, write};
use super::task::Task;
use super::word::words;

/// Something that a user must look at.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct Alert {
    pub id: GlobalId<AlertId>,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    /// What it is about.
    kind: AlertKind,
    /// What the plugin of a task says; null for every other kind.
    message: Option<String>,
    /// When it was raised.
    raised_at: DateTime<Utc>,
    /// When the user had read it; null while it is new.
    read_at: Option<DateTime<Utc>>,
    #[graphql(skip)]
    account_id: Option<AccountId>,
    #[graphql(skip)]
    journey_id: Option<JourneyId>,
    #[graphql(skip)]
    renewal_id: Option<RenewalId>,
    #[graphql(skip)]
    task_id: Option<TaskId>,
}

#[ComplexObject]
impl Alert {
    /// The account that it is about.
    async fn account(&self, ctx: &Context<'_>) -> Answer<Account> {
        one(ctx, self.account_id).await
    }

    /// The journey that it is about.
    async fn journey(&self, ctx: &Context<'_>) -> Answer<Journey> {
        one(ctx, self.journey_id).await
    }

    /// The renewal that it is about.
    async fn renewal(&self, ctx: &Context<'_>) -> Answer<Renewal> {
        one(ctx, self.renewal_id).await
    }

    /// The task whose plugin says something.
    async fn task(&self, ctx: &Context<'_>) -> Answer<Task> {
        one(ctx, self.task_id).await
    }
}

impl From<alert::Model> for Alert {
    fn from(row: alert::Model) -> Self {
        let alert::Model {
            workspace_id: _,
            id,
            version,
            created_at,
            updated_at,
            user_id: _,
            account_id,
            journey_id,
            renewal_id,
            task_id,
            kind,
            message,
            raised_at,
            read_at,
        } = row;
        Self {
            id: GlobalId(id),
            version,
            created_at,
            updated_at,
            kind: kind.into(),
            raised_at,
            read_at,
            account_id,
            journey_id,
            renewal_id,
            task_id,
            message,
        }
    }
}

load_by_id!(AlertId => alert::Model, alert::many);

words! {
    /// What an alert is about.
    AlertKind = "alert::AlertKind" {
        /// The loop guard stopped a journey: a person must move it.
        JourneyHeld,
        /// A subscription ends soon: its renewal is to be spoken about.
        RenewalDue,
        /// The plugin of a task says something.
        PluginNotice,
    }
}

#[derive(Default)]
pub(super) struct AlertQuery;

#[Object]
impl AlertQuery {
    /// The alerts of the user of the credential, newest first.
    async fn alerts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only alerts that are new.", default)] unread: bool,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Answer<Connection<Alert>> {
        let paging = Paging { first, after, last, before };
        list(ctx, paging, async |cx, page| alert::list_own(cx, unread, page).await).await
    }
}

#[derive(Default)]
pub(super) struct AlertMutation;

#[Object]
impl AlertMutation {
    /// Notes that the user has read an alert of their own.
    async fn alert_read(
        &self,
        ctx: &Context<'_>,
        input: AlertReadInput,
    ) -> Result<AlertReadPayload> {
        write(ctx, async |tx| alert::mark_read(tx, id::parse("id", &input.id)?).await).await
    }
}

/// An alert that was read.
#[derive(InputObject)]
pub(super) struct AlertReadInput {
    id: ID,
}

payload! {
    /// What came of reading an alert.
    AlertReadPayload {
        /// The alert as it is now.
        alert: Alert,
    }
}
