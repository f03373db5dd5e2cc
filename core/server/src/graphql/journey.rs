//! Journeys: the runs of templates for accounts.

mod adoption;
mod filter;
mod moves;

use std::collections::{BTreeSet, HashMap};

use async_graphql::dataloader::Loader;
use async_graphql::{ComplexObject, Context, ID, Object, SimpleObject};
use chrono::{DateTime, Utc};
use jornada_domain::error::{Error, Result};
use jornada_domain::id::{
    AccountId, JourneyId, JourneyTemplateId, JourneyTemplateVersionId, SubscriptionId,
};
use jornada_domain::journeys::journey::{self, JourneyFilter};
use jornada_domain::journeys::moving::{self, Awaited};
use jornada_domain::journeys::progress::{self, Progress};
use jornada_domain::journeys::{stage_template, visit};

pub(super) use self::adoption::JourneyAdoptionInput;
pub(super) use self::filter::JourneyFilterInput;
pub(super) use self::moves::JourneyMutation;
use super::account::Account;
use super::connection::{Connection, Paging};
use super::id::{self, GlobalId};
use super::indicator::AwaitedIndicator;
use super::loader::{Loads, all, children, load_by_id, load_children, load_each, load_of, one};
use super::request::{Answer, call, list, read};
use super::scalar::Date;
use super::subscription::Subscription;
use super::task::Task;
use super::template::{JourneyTemplate, JourneyTemplateVersion, StageTemplate};
use super::visit::{StageVisit, tasks_of};
use super::word::words;

/// One run of a version of a template for an account.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct Journey {
    pub id: GlobalId<JourneyId>,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    #[graphql(skip)]
    account_id: AccountId,
    #[graphql(skip)]
    template_id: JourneyTemplateId,
    #[graphql(skip)]
    version_id: JourneyTemplateVersionId,
    /// Whether it stands for the account in the portfolio; at most one journey of an account does.
    is_primary: bool,
    /// Where it is.
    status: JourneyStatus,
    /// The key of the stage that it is in, waits for, or ended in.
    stage_key: String,
    /// From 1; a loop and a move by a person start a new one.
    lap: i32,
    /// The key of the stage that the lap started with: no journey returns to a stage before it.
    lap_stage_key: String,
    /// What it waits for; null unless it is waiting.
    waiting_for: Option<WaitingFor>,
    /// The day on which time alone changes something.
    wakes_on: Option<Date>,
    /// When it began.
    started_at: DateTime<Utc>,
    /// When it came to its end or was called off.
    ended_at: Option<DateTime<Utc>>,
    /// Why it was called off.
    reason: Option<String>,
    #[graphql(skip)]
    subscription_id: Option<SubscriptionId>,
}

#[ComplexObject]
impl Journey {
    /// The account.
    async fn account(&self, ctx: &Context<'_>) -> Answer<Account> {
        one(ctx, Some(self.account_id)).await
    }

    /// The template.
    async fn template(&self, ctx: &Context<'_>) -> Answer<JourneyTemplate> {
        one(ctx, Some(self.template_id)).await
    }

    /// The version of the template that it follows.
    async fn template_version(&self, ctx: &Context<'_>) -> Answer<JourneyTemplateVersion> {
        one(ctx, Some(self.version_id)).await
    }

    /// The stage that it is in, waits for, or ended in.
    async fn stage(&self, ctx: &Context<'_>) -> Answer<StageTemplate> {
        stage_of(ctx, self.version_id, &self.stage_key).await
    }

    /// Whether it moves as its plan expects. While the account is paused, time stands still.
    async fn pace(&self, ctx: &Context<'_>) -> Answer<Pace> {
        let progress = call(ctx).loads.load_one(ProgressOf(self.id.0)).await.transpose()?;
        Some(progress.map(|progress| progress.pace.into()))
    }

    /// The share of the tasks of the current visit that are finished, 0 to 1, without cancelled
    /// ones; null without a visit or tasks.
    async fn completeness(&self, ctx: &Context<'_>) -> Answer<f64> {
        let progress = call(ctx).loads.load_one(ProgressOf(self.id.0)).await.transpose()?;
        progress.map(|progress| progress.completeness).transpose()
    }

    /// The visit of the stage that it is in; null while it waits for a stage, is held, or has
    /// ended.
    async fn current_visit(&self, ctx: &Context<'_>) -> Answer<StageVisit> {
        one(ctx, Some(OpenVisitOf(self.id.0))).await
    }

    /// All visits, the first one first.
    async fn visits(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Answer<Connection<StageVisit>> {
        children(ctx, VisitsOf(self.id.0), Paging { first, after, last, before }).await
    }

    /// The tasks of the current visit by position; none without one.
    async fn tasks(&self, ctx: &Context<'_>) -> Answer<Vec<Task>> {
        match call(ctx).loads.load_one(OpenVisitOf(self.id.0)).await {
            Ok(None) => Some(Ok(Vec::new())),
            Ok(Some(visit)) => tasks_of(ctx, visit.id).await,
            Err(error) => Some(Err(error)),
        }
    }

    /// The indicators of the current visit that are read from data and have no verdict yet: what a
    /// journey that waits for an indicator may be waiting for.
    async fn awaited_indicators(&self, ctx: &Context<'_>) -> Answer<Vec<AwaitedIndicator>> {
        all(ctx, AwaitedOf(self.id.0)).await
    }

    /// The subscription whose end its dates refer to; null for the next one of the account to end.
    async fn subscription(&self, ctx: &Context<'_>) -> Answer<Subscription> {
        one(ctx, self.subscription_id).await
    }
}

impl From<journey::Model> for Journey {
    fn from(row: journey::Model) -> Self {
        let journey::Model {
            workspace_id: _,
            id,
            version,
            created_at,
            updated_at,
            account_id,
            template_id,
            version_id,
            is_primary,
            status,
            stage_key,
            lap,
            lap_stage_key,
            waiting_for,
            wakes_on,
            started_at,
            ended_at,
            reason,
            subscription_id,
            anchored_to: _,
            start_key: _,
        } = row;
        Self {
            id: GlobalId(id),
            version,
            created_at,
            updated_at,
            account_id,
            template_id,
            version_id,
            is_primary,
            status: status.into(),
            stage_key,
            lap,
            lap_stage_key,
            waiting_for: waiting_for.map(WaitingFor::from),
            wakes_on: wakes_on.map(Date),
            started_at,
            ended_at,
            reason,
            subscription_id,
        }
    }
}

load_by_id!(JourneyId => journey::Model, journey::many);
load_children!(VisitsOf(JourneyId) => visit::Model, visit::list_each);
load_of!(OpenVisitOf(JourneyId) => visit::Model, visit::open_of, journey_id);
load_of!(ProgressOf(JourneyId) => Progress, progress::of_journeys, journey_id);
load_each!(AwaitedOf(JourneyId) => Vec<Awaited>, moving::awaited);

/// Finds a stage of a version by its key.
#[derive(Clone, PartialEq, Eq, Hash)]
struct StageOf(JourneyTemplateVersionId, String);

impl Loader<StageOf> for Loads {
    type Value = stage_template::Model;
    type Error = Error;

    async fn load(&self, keys: &[StageOf]) -> Result<HashMap<StageOf, stage_template::Model>> {
        let versions: BTreeSet<_> = keys.iter().map(|key| key.0).collect();
        let stages = stage_template::of_versions(&self.cx(), &Vec::from_iter(versions)).await?;
        let stages = stages.into_values().flatten();
        Ok(stages.map(|row| (StageOf(row.version_id, row.key.clone()), row)).collect())
    }
}

/// The stage of a version that has this key.
pub(super) async fn stage_of(
    ctx: &Context<'_>,
    version_id: JourneyTemplateVersionId,
    key: &str,
) -> Answer<StageTemplate> {
    one(ctx, Some(StageOf(version_id, key.to_owned()))).await
}

words! {
    /// Where a journey is.
    JourneyStatus = "journey::JourneyStatus" {
        /// There are tasks to be done.
        Active,
        /// It waits for a date or a value.
        Waiting,
        /// The loop guard stopped it: a person must move it.
        Held,
        /// It came to its end.
        Completed,
        /// It was called off.
        Cancelled,
    }
}

words! {
    /// What a waiting journey waits for.
    WaitingFor = "journey::WaitingFor" {
        /// The expected days of the stage to pass.
        MinimumDuration,
        /// The date that the stage begins by.
        Anchor,
        /// The value of an indicator.
        Indicator,
    }
}

words! {
    /// Whether a journey moves as its plan expects.
    Pace = "jornada_domain::journeys::Pace" {
        /// Within the expected days of its visit.
        OnTrack,
        /// The visit is older than expected.
        Behind,
        /// Behind by as much again, or held.
        Stuck,
    }
}

#[derive(Default)]
pub(super) struct JourneyQuery;

#[Object]
impl JourneyQuery {
    /// One journey.
    async fn journey(&self, ctx: &Context<'_>, id: ID) -> Answer<Journey> {
        read(ctx, async |cx| journey::find(cx, id::parse("id", &id)?).await).await
    }

    /// The journeys of the workspace, oldest first.
    async fn journeys(
        &self,
        ctx: &Context<'_>,
        filter: Option<JourneyFilterInput>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Answer<Connection<Journey>> {
        let paging = Paging { first, after, last, before };
        list(ctx, paging, async move |cx, page| {
            let filter = filter.map(JourneyFilter::try_from).transpose()?.unwrap_or_default();
            journey::list(cx, &filter, page).await
        })
        .await
    }
}
