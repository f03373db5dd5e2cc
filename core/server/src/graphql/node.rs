//! `node` and `nodes`: any record by its global id.
//!
//! A noun joins with one line in the table at the end; [`super::loader`] must know its id.

use async_graphql::dataloader::Loader;
use async_graphql::{Context, ID, Interface, Object};
use futures_util::future::join_all;
use jornada_domain::error::{Error, Problem, Result};
use jornada_domain::id::{Kind, TypedId};
use uuid::Uuid;

use super::id;
use super::loader::Loads;
use super::request::{Answer, call};

/// The objects, each under the name of its kind.
mod object {
    pub(super) use super::super::{
        account::Account, alert::Alert, assignment::AccountAssignment,
        attribute::AttributeDefinition, audit::AuditEntry, contact::Contact,
        deferred_item::DeferredItem, event::Event, external_ref::ExternalRef, goal::Goal,
        handoff::Handoff, health_model::HealthModel, health_model::HealthModelVersion,
        health_override::HealthOverride, health_run::HealthRun, holiday::Holiday,
        import_run::ImportRun, indicator::IndicatorEvaluation, interaction::Interaction, job::Job,
        journey::Journey, metric::Metric, metric_load::MetricLoad, milestone::Milestone,
        opportunity::Opportunity, option::Choice as Option, option::OptionSet, plugin::Plugin,
        plugin::PluginVersion, plugin::invocation::PluginInvocation, plugin::plan::PluginPlan,
        product::Product, pulse::Pulse, renewal::Renewal, revenue::RevenueMovement, risk::Risk,
        segment::Segment, selection_rule::SelectionRule, subscription::Subscription,
        success_plan::SuccessPlan, survey::Survey, survey_response::SurveyResponse, task::Task,
        team::Team, template::JourneyTemplate, template::JourneyTemplateVersion,
        template::StageTemplate, template::TaskTemplate, token::ApiToken, user::User,
        visit::StageVisit, workspace::Workspace,
    };
}

/// Ids in one call of `nodes`.
const MAX_NODES: usize = 100;

/// Makes the interface and the function that finds any record of it.
macro_rules! nodes {
    ($($kind:ident by $id:ident,)+) => {
        /// Whatever has an id.
        #[derive(Interface)]
        #[graphql(field(name = "id", ty = "ID", desc = "The global id; opaque, never reused."))]
        pub(super) enum Node {
            $($kind(object::$kind),)+
        }

        /// The record of a kind.
        pub(super) async fn find(ctx: &Context<'_>, kind: Kind, id: Uuid) -> Result<Option<Node>> {
            match kind {
                $(Kind::$kind => {
                    let row = load::<jornada_domain::id::$id>(ctx, id).await?;
                    Ok(row.map(|row| Node::$kind(object::$kind::from(row))))
                })+
            }
        }
    };
}

async fn load<I>(ctx: &Context<'_>, id: Uuid) -> Result<Option<<Loads as Loader<I>>::Value>>
where
    I: TypedId + std::hash::Hash + Eq,
    Loads: Loader<I, Error = Error>,
{
    call(ctx).loads.load_one(I::from(id)).await
}

async fn find_global(ctx: &Context<'_>, field: &str, id: &ID) -> Result<Node> {
    let (kind, uuid) = id::any(field, id)?;
    find(ctx, kind, uuid).await?.ok_or_else(|| Error::not_found(field, kind))
}

#[derive(Default)]
pub(super) struct NodeQuery;

#[Object]
impl NodeQuery {
    /// The record of a global id. An id of another workspace is not found.
    async fn node(&self, ctx: &Context<'_>, id: ID) -> Answer<Node> {
        Some(find_global(ctx, "id", &id).await)
    }

    /// The records of up to 100 global ids, in the order of the ids; null where there is none.
    async fn nodes(&self, ctx: &Context<'_>, ids: Vec<ID>) -> Answer<Vec<Answer<Node>>> {
        if ids.len() > MAX_NODES {
            let problem = Problem::too_many("ids", MAX_NODES, "values");
            return Some(Err(problem.into()));
        }
        let found = ids.iter().enumerate().map(|(place, id)| async move {
            Some(find_global(ctx, &format!("ids.{place}"), id).await)
        });
        Some(Ok(join_all(found).await))
    }
}

nodes! {
    Workspace by WorkspaceId,
    Holiday by HolidayId,
    User by UserId,
    Team by TeamId,
    ApiToken by ApiTokenId,
    Event by EventId,
    AuditEntry by AuditEntryId,
    Job by JobId,
    OptionSet by OptionSetId,
    Option by OptionId,
    AttributeDefinition by AttributeDefinitionId,
    Segment by SegmentId,
    Account by AccountId,
    AccountAssignment by AccountAssignmentId,
    Contact by ContactId,
    ExternalRef by ExternalRefId,
    Product by ProductId,
    Subscription by SubscriptionId,
    Renewal by RenewalId,
    RevenueMovement by RevenueMovementId,
    Metric by MetricId,
    MetricLoad by MetricLoadId,
    ImportRun by ImportRunId,
    Interaction by InteractionId,
    Survey by SurveyId,
    SurveyResponse by SurveyResponseId,
    Pulse by PulseId,
    SuccessPlan by SuccessPlanId,
    Goal by GoalId,
    Milestone by MilestoneId,
    Risk by RiskId,
    Opportunity by OpportunityId,
    Handoff by HandoffId,
    DeferredItem by DeferredItemId,
    HealthModel by HealthModelId,
    HealthModelVersion by HealthModelVersionId,
    HealthOverride by HealthOverrideId,
    HealthRun by HealthRunId,
    Plugin by PluginId,
    PluginVersion by PluginVersionId,
    PluginPlan by PluginPlanId,
    PluginInvocation by PluginInvocationId,
    JourneyTemplate by JourneyTemplateId,
    JourneyTemplateVersion by JourneyTemplateVersionId,
    StageTemplate by StageTemplateId,
    TaskTemplate by TaskTemplateId,
    SelectionRule by SelectionRuleId,
    Journey by JourneyId,
    StageVisit by StageVisitId,
    Task by TaskId,
    IndicatorEvaluation by IndicatorEvaluationId,
    Alert by AlertId,
}
