//! What many accounts come to: those of a portfolio, of a segment, or of the workspace.

use async_graphql::{ComplexObject, Context, Object, SimpleObject};
use jornada_domain::id::JourneyTemplateId;
use jornada_domain::portfolio::stage_load::{Effort, StageLoad, stage_load};
use jornada_domain::portfolio::summary::{self, Paces, RenewalsDue, Summed};

use super::TaskCounts;
use crate::graphql::account::{AccountFilterInput, AccountStatus};
use crate::graphql::health_model::HealthBandCounts;
use crate::graphql::loader::one;
use crate::graphql::request::{Answer, read};
use crate::graphql::scalar::{Long, Money};
use crate::graphql::survey_response::Nps;
use crate::graphql::template::JourneyTemplate;

#[derive(Default)]
pub(in crate::graphql) struct SummaryQuery;

#[Object]
impl SummaryQuery {
    /// What the accounts of the workspace come to, or those that a filter keeps: name a segment
    /// there for its summary. Archived accounts are left out.
    async fn accounts_summary(
        &self,
        ctx: &Context<'_>,
        filter: Option<AccountFilterInput>,
    ) -> Answer<AccountsSummary> {
        read(ctx, async move |cx| {
            let filter = filter.map(|filter| filter.parse("filter")).transpose()?;
            summary::of_filter(cx, &filter.unwrap_or_default()).await
        })
        .await
    }
}

/// What many accounts come to. Each field asks for itself.
pub(super) struct AccountsSummary(Summed);

impl From<Summed> for AccountsSummary {
    fn from(of: Summed) -> Self {
        Self(of)
    }
}

/// What many accounts come to. Each field asks for itself.
#[Object]
impl AccountsSummary {
    /// How many accounts stand where; a status that none has is left out.
    async fn accounts(&self, ctx: &Context<'_>) -> Answer<Vec<StatusCount>> {
        many(read(ctx, async |cx| Ok(Rows(summary::accounts(cx, &self.0).await?))).await)
    }

    /// How many open tasks they have, whoever holds them.
    async fn task_counts(&self, ctx: &Context<'_>) -> Answer<TaskCounts> {
        read(ctx, async |cx| summary::tasks(cx, &self.0).await).await
    }

    /// The net promoter score of the newest answer of each contact within the last twelve months;
    /// the answers of an account that name no contact count as those of one.
    async fn nps(&self, ctx: &Context<'_>) -> Answer<Nps> {
        read(ctx, async |cx| summary::nps(cx, &self.0).await).await
    }

    /// How many primary journeys have which pace.
    async fn paces(&self, ctx: &Context<'_>) -> Answer<PaceCounts> {
        read(ctx, async |cx| summary::paces(cx, &self.0).await).await
    }

    /// How many of them are in which band of health, as people see it.
    async fn health(&self, ctx: &Context<'_>) -> Answer<HealthBandCounts> {
        read(ctx, async |cx| summary::health(cx, &self.0).await).await
    }

    /// What they pay a year, one amount for each currency.
    async fn recurring_revenue(&self, ctx: &Context<'_>) -> Answer<Vec<Money>> {
        many(read(ctx, async |cx| Ok(Rows(summary::recurring(cx, &self.0).await?))).await)
    }

    /// The renewals of which nothing has become yet and whose subscription ends within some days.
    async fn renewals_due(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many days to look ahead: 1 to 1,100.", default = 90)] days: i32,
    ) -> Answer<RenewalsDueSummary> {
        // What is negative is outside the range, too.
        let days = u64::try_from(days).unwrap_or_default();
        read(ctx, async |cx| summary::renewals_due(cx, &self.0, days).await).await
    }

    /// How many accounts and open tasks are in each stage of each template, at most 1,000 stages:
    /// the templates by name, and the stages in the order of the journey.
    async fn stages(&self, ctx: &Context<'_>) -> Answer<Vec<StageLoadSummary>> {
        many(read(ctx, async |cx| Ok(Rows(stage_load(cx, &self.0).await?))).await)
    }
}

/// Rows of the domain on their way to a list.
struct Rows<R>(Vec<R>);

/// A list of few rows.
struct Listed<T>(Vec<T>);

impl<R, T: From<R>> From<Rows<R>> for Listed<T> {
    fn from(Rows(rows): Rows<R>) -> Self {
        Self(rows.into_iter().map(T::from).collect())
    }
}

fn many<T>(answer: Answer<Listed<T>>) -> Answer<Vec<T>> {
    answer.map(|found| found.map(|Listed(rows)| rows))
}

/// How many accounts stand somewhere.
#[derive(SimpleObject)]
pub(super) struct StatusCount {
    /// Where.
    status: AccountStatus,
    /// How many.
    count: Long,
}

impl<S: Into<AccountStatus>> From<(S, u64)> for StatusCount {
    fn from((status, count): (S, u64)) -> Self {
        Self { status: status.into(), count: count.into() }
    }
}

/// How many journeys have which pace.
#[derive(SimpleObject)]
pub(super) struct PaceCounts {
    /// Within the expected days of their visit.
    on_track: Long,
    /// Whose visit is older than expected.
    behind: Long,
    /// Behind by as much again, or held.
    stuck: Long,
}

impl From<Paces> for PaceCounts {
    fn from(Paces { on_track, behind, stuck }: Paces) -> Self {
        Self { on_track: on_track.into(), behind: behind.into(), stuck: stuck.into() }
    }
}

/// Renewals of which nothing has become yet.
#[derive(SimpleObject)]
pub(super) struct RenewalsDueSummary {
    /// How many.
    count: Long,
    /// What their subscriptions bring a year, one amount for each currency.
    recurring_revenue: Vec<Money>,
}

impl From<RenewalsDue> for RenewalsDueSummary {
    fn from(RenewalsDue { count, recurring }: RenewalsDue) -> Self {
        let recurring_revenue = recurring.into_iter().map(Into::into).collect();
        Self { count: count.into(), recurring_revenue }
    }
}

/// How much is going on in one stage of a template.
#[derive(SimpleObject)]
#[graphql(complex, name = "StageLoad")]
pub(super) struct StageLoadSummary {
    #[graphql(skip)]
    template_id: JourneyTemplateId,
    /// The key of the stage.
    stage_key: String,
    /// What people call the stage; of several names in different versions one.
    stage_name: String,
    /// How many accounts have a running journey there.
    accounts: Long,
    /// The open tasks of such journeys.
    task_counts: TaskCounts,
    /// What these journeys still take in this stage.
    effort: EffortSummary,
}

/// How long tasks take whoever does them.
#[derive(SimpleObject)]
#[graphql(name = "Effort")]
pub(super) struct EffortSummary {
    /// Minutes of the open tasks.
    open_minutes: Long,
    /// Minutes of the tasks whose turn comes later in the visits that are under way.
    coming_minutes: Long,
    /// Open and coming tasks of which nobody estimated how long they take.
    unestimated: Long,
}

impl From<Effort> for EffortSummary {
    fn from(effort: Effort) -> Self {
        let Effort { open_minutes, coming_minutes, unestimated } = effort;
        Self {
            open_minutes: open_minutes.into(),
            coming_minutes: coming_minutes.into(),
            unestimated: unestimated.into(),
        }
    }
}

#[ComplexObject]
impl StageLoadSummary {
    /// The template.
    async fn template(&self, ctx: &Context<'_>) -> Answer<JourneyTemplate> {
        one(ctx, Some(self.template_id)).await
    }
}

impl From<StageLoad> for StageLoadSummary {
    fn from(load: StageLoad) -> Self {
        let StageLoad { template_id, stage_key, stage_name, accounts, tasks, effort } = load;
        let (accounts, task_counts, effort) = (accounts.into(), tasks.into(), effort.into());
        Self { template_id, stage_key, stage_name, accounts, task_counts, effort }
    }
}
