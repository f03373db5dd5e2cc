//! What an account shows of the signals it gives: interactions, answers, metrics and its timeline.

use async_graphql::{Context, ID, Object};
use jornada_domain::feedback::response::{self, ResponseFilter};
use jornada_domain::id::AccountId;
use jornada_domain::interactions::{self, InteractionFilter};
use jornada_domain::metrics::point::SubjectKind;
use jornada_domain::timeline::{self, TimelineFilter};

use crate::graphql::connection::{Connection, Paging};
use crate::graphql::filter::DateFilter;
use crate::graphql::interaction::{Interaction, InteractionFilterInput, Sentiment};
use crate::graphql::loader::{load_children, load_of, narrowed, one};
use crate::graphql::metric::{MetricPoint, series};
use crate::graphql::metric_window::{DAYS, MetricWindow, window};
use crate::graphql::request::Answer;
use crate::graphql::scalar::Date;
use crate::graphql::survey_response::{SurveyResponse, SurveyResponseFilterInput};
use crate::graphql::timeline::{TimelineEntry, TimelineFilterInput};

/// The signals of an account.
pub(super) struct Signals(pub(super) AccountId);

load_children! {
    InteractionsOf(AccountId, InteractionFilter) => interactions::Model, interactions::list_each
}
load_of!(LastTouchOf(AccountId) => interactions::Model, interactions::last_touch, account_id);
load_of!(LastFeltOf(AccountId) => interactions::Model, interactions::last_felt, account_id);
load_children!(ResponsesOf(AccountId, ResponseFilter) => response::Model, response::list_each);
load_of!(LastNpsOf(AccountId) => response::Model, response::last_nps, account_id);
load_children!(EntriesOf(AccountId, TimelineFilter) => timeline::Model, timeline::list_each);

/// The signals of an account.
#[Object]
impl Signals {
    /// When and how we met the customer, newest first, without what was put away.
    async fn interactions(
        &self,
        ctx: &Context<'_>,
        filter: Option<InteractionFilterInput>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Answer<Connection<Interaction>> {
        let paging = Paging { first, after, last, before };
        let filter = filter.map(InteractionFilter::try_from).transpose();
        narrowed(ctx, filter, |filter| InteractionsOf(self.0, filter), paging).await
    }

    /// The last touch: the newest interaction.
    async fn last_interaction(&self, ctx: &Context<'_>) -> Answer<Interaction> {
        one(ctx, Some(LastTouchOf(self.0))).await
    }

    /// How the customer felt when somebody last said so.
    async fn last_sentiment(&self, ctx: &Context<'_>) -> Answer<Sentiment> {
        let found: Answer<Interaction> = one(ctx, Some(LastFeltOf(self.0))).await;
        found?.map(|interaction| interaction.sentiment).transpose()
    }

    /// What the customer answered to surveys, newest first.
    async fn survey_responses(
        &self,
        ctx: &Context<'_>,
        filter: Option<SurveyResponseFilterInput>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Answer<Connection<SurveyResponse>> {
        let paging = Paging { first, after, last, before };
        let filter = filter.map(ResponseFilter::try_from).transpose();
        narrowed(ctx, filter, |filter| ResponsesOf(self.0, filter), paging).await
    }

    /// The newest answer to an NPS question.
    async fn last_nps(&self, ctx: &Context<'_>) -> Answer<SurveyResponse> {
        one(ctx, Some(LastNpsOf(self.0))).await
    }

    /// The values of a metric for the account itself, earliest first; `last: 1` is the present one.
    async fn metric_series(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The metric.")] metric_id: ID,
        #[graphql(desc = "Only periods that begin then.")] period: Option<DateFilter>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Answer<Connection<MetricPoint>> {
        let paging = Paging { first, after, last, before };
        series(ctx, self.0.into(), &metric_id, period, paging).await
    }

    /// What the points of a metric of the account itself say about some days, and about as many
    /// days before.
    async fn metric_window(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The key of the metric.")] key: String,
        #[graphql(desc = "How many days: 1 to 1100.", default_with = "DAYS")] days: i32,
        #[graphql(desc = "The last of them; today when left out.")] until: Option<Date>,
    ) -> Answer<MetricWindow> {
        window(ctx, SubjectKind::Account, self.0.into(), key, days, until).await
    }

    /// What happened, newest first: interactions, answers, pulses, finished tasks, stages,
    /// indicators, journeys, milestones, goals, handoffs, risks, opportunities and who took on a
    /// role. Needs the right to read whatever is asked for.
    async fn timeline(
        &self,
        ctx: &Context<'_>,
        filter: Option<TimelineFilterInput>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Answer<Connection<TimelineEntry>> {
        let paging = Paging { first, after, last, before };
        let filter = filter.map(TimelineFilter::try_from).transpose();
        narrowed(ctx, filter, |filter| EntriesOf(self.0, filter), paging).await
    }
}
