//! What stands in the timeline of an account.

use async_graphql::{ComplexObject, Context, InputObject, SimpleObject, Union};
use chrono::{DateTime, Utc};
use jornada_domain::accounts::{account, assignment};
use jornada_domain::error::{Error, Result};
use jornada_domain::feedback::response;
use jornada_domain::id::{
    AccountAssignmentId, AccountId, DeferredItemId, GoalId, HandoffId, IndicatorEvaluationId,
    InteractionId, JourneyId, Kind, MilestoneId, OpportunityId, PulseId, RenewalId,
    RevenueMovementId, RiskId, StageVisitId, SurveyResponseId, TaskId,
};
use jornada_domain::interactions;
use jornada_domain::journeys::{evaluation, journey, visit};
use jornada_domain::plans::{deferred_item, goal, handoff, milestone, opportunity, pulse, risk};
use jornada_domain::revenue::{movement, renewal};
use jornada_domain::tasks::task;
use jornada_domain::timeline::{self, EntryKind, TimelineFilter};
use uuid::Uuid;

use super::account::Account;
use super::assignment::AccountAssignment;
use super::deferred_item::DeferredItem;
use super::filter::{DateTimeFilter, WordFilter};
use super::goal::Goal;
use super::handoff::Handoff;
use super::indicator::IndicatorEvaluation;
use super::interaction::Interaction;
use super::journey::Journey;
use super::loader::one;
use super::milestone::Milestone;
use super::opportunity::Opportunity;
use super::pulse::Pulse;
use super::renewal::Renewal;
use super::request::Answer;
use super::revenue::RevenueMovement;
use super::risk::Risk;
use super::survey_response::SurveyResponse;
use super::task::Task;
use super::visit::StageVisit;
use super::word::words;

/// One thing that happened with an account.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct TimelineEntry {
    /// What happened.
    kind: TimelineKind,
    /// When it happened.
    occurred_at: DateTime<Utc>,
    #[graphql(skip)]
    record: Uuid,
    #[graphql(skip)]
    entry: EntryKind,
}

#[ComplexObject]
impl TimelineEntry {
    /// The record that tells more.
    async fn subject(&self, ctx: &Context<'_>) -> Answer<TimelineSubject> {
        let id = self.record;
        match self.entry.subject() {
            Kind::Interaction => one(ctx, Some(InteractionId(id))).await,
            Kind::SurveyResponse => one(ctx, Some(SurveyResponseId(id))).await,
            Kind::Task => one(ctx, Some(TaskId(id))).await,
            Kind::IndicatorEvaluation => one(ctx, Some(IndicatorEvaluationId(id))).await,
            Kind::StageVisit => one(ctx, Some(StageVisitId(id))).await,
            Kind::Journey => one(ctx, Some(JourneyId(id))).await,
            Kind::AccountAssignment => one(ctx, Some(AccountAssignmentId(id))).await,
            Kind::Pulse => one(ctx, Some(PulseId(id))).await,
            Kind::Milestone => one(ctx, Some(MilestoneId(id))).await,
            Kind::Goal => one(ctx, Some(GoalId(id))).await,
            Kind::Handoff => one(ctx, Some(HandoffId(id))).await,
            Kind::Risk => one(ctx, Some(RiskId(id))).await,
            Kind::Opportunity => one(ctx, Some(OpportunityId(id))).await,
            Kind::DeferredItem => one(ctx, Some(DeferredItemId(id))).await,
            Kind::Account => one(ctx, Some(AccountId(id))).await,
            Kind::Renewal => one(ctx, Some(RenewalId(id))).await,
            Kind::RevenueMovement => one(ctx, Some(RevenueMovementId(id))).await,
            _ => None,
        }
    }
}

impl From<timeline::Model> for TimelineEntry {
    fn from(row: timeline::Model) -> Self {
        let timeline::Model { account_id: _, occurred_at, kind, record_id, id: _ } = row;
        Self { kind: kind.into(), occurred_at, record: record_id, entry: kind }
    }
}

/// Makes the union of what an entry can be about.
macro_rules! subjects {
    ($($object:ident of $row:ty,)+) => {
        /// The record that tells more about an entry.
        #[derive(Union)]
        pub(super) enum TimelineSubject {
            $($object($object),)+
        }

        $(
            impl From<$row> for TimelineSubject {
                fn from(row: $row) -> Self {
                    Self::$object(row.into())
                }
            }
        )+
    };
}

subjects! {
    Interaction of interactions::Model,
    SurveyResponse of response::Model,
    Task of task::Model,
    IndicatorEvaluation of evaluation::Model,
    StageVisit of visit::Model,
    Journey of journey::Model,
    AccountAssignment of assignment::Model,
    Pulse of pulse::Model,
    Milestone of milestone::Model,
    Goal of goal::Model,
    Handoff of handoff::Model,
    Risk of risk::Model,
    Opportunity of opportunity::Model,
    DeferredItem of deferred_item::Model,
    Account of account::Model,
    Renewal of renewal::Model,
    RevenueMovement of movement::Model,
}

words! {
    /// What happened with an account.
    TimelineKind = "timeline::EntryKind" {
        /// We met the customer.
        Interaction,
        /// The customer answered a survey.
        SurveyResponse,
        /// Somebody said what they make of the account.
        Pulse,
        /// A task was done or skipped.
        TaskFinished,
        /// An indicator was evaluated.
        IndicatorEvaluated,
        /// A milestone was reached.
        MilestoneReached,
        /// A goal was set.
        GoalSet,
        /// A goal was achieved.
        GoalAchieved,
        /// A goal was missed or given up.
        GoalClosed,
        /// A goal that had come to its end is worked on again.
        GoalReopened,
        /// Something was left out, to be reviewed later.
        DeferredItemCreated,
        /// It was decided what becomes of something that was left out.
        DeferredItemDecided,
        /// A risk was closed.
        RiskClosed,
        /// An opportunity was won or lost.
        OpportunityClosed,
        /// A risk was seen.
        RiskOpened,
        /// An opportunity was seen.
        OpportunityOpened,
        /// A closed risk is open again.
        RiskReopened,
        /// A closed opportunity is open again.
        OpportunityReopened,
        /// An account that tried the product became a customer.
        AccountActivated,
        /// The account was paused.
        AccountPaused,
        /// A paused or lost account goes on.
        AccountResumed,
        /// The account was lost.
        AccountChurned,
        /// A subscription was renewed.
        RenewalWon,
        /// A subscription will not be renewed, or was not.
        RenewalLost,
        /// Recurring revenue was won, grew, shrank or was lost.
        RevenueMoved,
        /// A visit of a stage ended.
        StageExited,
        /// A journey was completed or called off.
        JourneyEnded,
        /// Somebody was asked to take the account over.
        HandoffRequested,
        /// A handoff was declined.
        HandoffDeclined,
        /// A handoff was called off.
        HandoffCancelled,
        /// A handoff was accepted.
        HandoffAccepted,
        /// Somebody took on a role.
        Assigned,
        /// A journey began.
        JourneyStarted,
        /// A visit of a stage began.
        StageEntered,
    }
}

/// What narrows a timeline.
#[derive(InputObject)]
#[graphql(name = "TimelineFilter")]
pub(super) struct TimelineFilterInput {
    /// What happened.
    kind: Option<WordFilter<TimelineKind>>,
    /// When it happened.
    occurred_at: Option<DateTimeFilter>,
}

impl TryFrom<TimelineFilterInput> for TimelineFilter {
    type Error = Error;

    fn try_from(input: TimelineFilterInput) -> Result<Self> {
        let TimelineFilterInput { kind, occurred_at } = input;
        let kinds = kind.map(|kind| kind.words("filter.kind")).transpose()?.flatten();
        Ok(Self { kinds, occurred_at: occurred_at.map(Into::into) })
    }
}
