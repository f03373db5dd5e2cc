//! What stands in the timeline of an account.

use async_graphql::{ComplexObject, Context, InputObject, SimpleObject, Union};
use chrono::{DateTime, Utc};
use jornada_domain::accounts::assignment;
use jornada_domain::error::{Error, Result};
use jornada_domain::feedback::response;
use jornada_domain::id::{
    AccountAssignmentId, DeferredItemId, GoalId, HandoffId, IndicatorEvaluationId, InteractionId,
    JourneyId, MilestoneId, OpportunityId, PulseId, RiskId, StageVisitId, SurveyResponseId, TaskId,
};
use jornada_domain::interactions;
use jornada_domain::journeys::{evaluation, journey, visit};
use jornada_domain::plans::{deferred_item, goal, handoff, milestone, opportunity, pulse, risk};
use jornada_domain::tasks::task;
use jornada_domain::timeline::{self, EntryKind, TimelineFilter};
use uuid::Uuid;

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
use super::request::Answer;
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
        match self.entry {
            EntryKind::Interaction => one(ctx, Some(InteractionId(id))).await,
            EntryKind::SurveyResponse => one(ctx, Some(SurveyResponseId(id))).await,
            EntryKind::TaskFinished => one(ctx, Some(TaskId(id))).await,
            EntryKind::IndicatorEvaluated => one(ctx, Some(IndicatorEvaluationId(id))).await,
            EntryKind::StageEntered | EntryKind::StageExited => {
                one(ctx, Some(StageVisitId(id))).await
            }
            EntryKind::JourneyStarted | EntryKind::JourneyEnded => {
                one(ctx, Some(JourneyId(id))).await
            }
            EntryKind::Assigned => one(ctx, Some(AccountAssignmentId(id))).await,
            EntryKind::Pulse => one(ctx, Some(PulseId(id))).await,
            EntryKind::MilestoneReached => one(ctx, Some(MilestoneId(id))).await,
            EntryKind::GoalAchieved => one(ctx, Some(GoalId(id))).await,
            EntryKind::HandoffAccepted => one(ctx, Some(HandoffId(id))).await,
            EntryKind::RiskOpened | EntryKind::RiskClosed => one(ctx, Some(RiskId(id))).await,
            EntryKind::OpportunityOpened | EntryKind::OpportunityClosed => {
                one(ctx, Some(OpportunityId(id))).await
            }
            EntryKind::DeferredItemDecided => one(ctx, Some(DeferredItemId(id))).await,
        }
    }
}

impl From<timeline::Model> for TimelineEntry {
    fn from(row: timeline::Model) -> Self {
        let timeline::Model { account_id: _, occurred_at, kind, id } = row;
        Self { kind: kind.into(), occurred_at, record: id, entry: kind }
    }
}

/// Makes the union of what an entry can be about.
macro_rules! subjects {
    ($($object:ident of $row:ty,)+) => {
        /// The record that tells more about an entry.
        #[derive(Union)]
        #[expect(clippy::large_enum_variant, reason = "it lives while one entry is resolved")]
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
        /// A goal was achieved.
        GoalAchieved,
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
        /// A visit of a stage ended.
        StageExited,
        /// A journey was completed or called off.
        JourneyEnded,
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
