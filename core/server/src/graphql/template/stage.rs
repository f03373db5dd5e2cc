//! The stages of a version and their tasks.

use async_graphql::{ComplexObject, Context, SimpleObject};
use chrono::{DateTime, Utc};
use jornada_domain::id::{
    JourneyTemplateVersionId, OptionId, StageTemplateId, TaskTemplateId, UserId,
};
use jornada_domain::journeys::blueprint::Plan;
use jornada_domain::journeys::{stage_template, task_template};
use jornada_domain::tasks::due;
use serde_json::Value as Json;

use super::JourneyTemplateVersion;
use crate::graphql::id::GlobalId;
use crate::graphql::indicator::Indicator;
use crate::graphql::loader::{all, load_by_id, load_each, one};
use crate::graphql::option::Choice;
use crate::graphql::request::Answer;
use crate::graphql::selection_rule::StartAnchor;
use crate::graphql::task::{AssigneeRule, TaskType};
use crate::graphql::user::User;
use crate::graphql::word::words;

/// One stage of a version: what must happen in it, how long it lasts, and what follows.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(in crate::graphql) struct StageTemplate {
    pub id: GlobalId<StageTemplateId>,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    #[graphql(skip)]
    version_id: JourneyTemplateVersionId,
    /// What it is known by in all versions: journeys migrate by it. Unique in the version.
    key: String,
    /// What people call it.
    name: String,
    /// From 0, in the order of the journey.
    position: i32,
    /// The phase of the relationship.
    phase: Phase,
    /// How long it is expected to last, in days; null when nothing is expected.
    expected_days: Option<i32>,
    /// When it ends.
    exit: StageExit,
    /// The date that it begins by; null when it begins as soon as the journey comes to it.
    starts_at: Option<StartAnchor>,
    /// How many days before that date.
    starts_days_before: i32,
    /// What follows it.
    then: StageThen,
    /// The key of the stage with which the next lap starts.
    loop_to: Option<String>,
}

#[ComplexObject]
impl StageTemplate {
    /// The version of the template that it stands in.
    async fn template_version(&self, ctx: &Context<'_>) -> Answer<JourneyTemplateVersion> {
        one(ctx, Some(self.version_id)).await
    }

    /// The tasks by position, at most 100.
    async fn tasks(&self, ctx: &Context<'_>) -> Answer<Vec<TaskTemplate>> {
        all(ctx, TasksOf(self.id.0)).await
    }
}

impl From<stage_template::Model> for StageTemplate {
    fn from(row: stage_template::Model) -> Self {
        let stage_template::Model {
            workspace_id: _,
            id,
            version,
            created_at,
            updated_at,
            version_id,
            key,
            name,
            position,
            phase,
            expected_days,
            exit,
            starts_at,
            starts_days_before,
            then,
            loop_to,
        } = row;
        Self {
            id: GlobalId(id),
            version,
            created_at,
            updated_at,
            version_id,
            key,
            name,
            position,
            phase: phase.into(),
            expected_days,
            exit: exit.into(),
            starts_at: starts_at.map(StartAnchor::from),
            starts_days_before,
            then: then.into(),
            loop_to,
        }
    }
}

load_by_id!(StageTemplateId => stage_template::Model, stage_template::many);
load_each!(TasksOf(StageTemplateId) => Vec<task_template::Model>, task_template::of_stages);

words! {
    /// The phase of the relationship with a customer.
    Phase = "stage_template::Phase" {
        /// From the sale until the customer flies alone.
        Onboarding,
        /// The rest of the relationship.
        Ongoing,
    }
}

words! {
    /// When a stage ends.
    StageExit = "stage_template::Exit" {
        /// When its required tasks are finished.
        WhenDone,
        /// Then, but not before its expected days have passed.
        NotBefore,
    }
}

words! {
    /// What follows a stage that was passed.
    StageThen = "stage_template::Then" {
        /// The next stage.
        Next,
        /// Nothing: the journey is complete.
        Complete,
        /// A new lap, from this stage or an earlier one.
        LoopTo,
    }
}

/// One task of a stage: what is to be done, by whom and until when.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(in crate::graphql) struct TaskTemplate {
    pub id: GlobalId<TaskTemplateId>,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    #[graphql(skip)]
    stage_id: StageTemplateId,
    /// What it is known by in all versions: journeys migrate by it. Unique in the version.
    key: String,
    /// What is to be done: a verb and its context.
    title: String,
    /// How it is done.
    description: Option<String>,
    /// From 0; tasks of one position open together, when those before them are finished.
    position: i32,
    /// What kind of task it is, like `core.interaction`.
    type_key: String,
    /// Whether the stage cannot end without it. An indicator that a person evaluates always is.
    required: bool,
    /// From where its duration counts.
    anchor: DueAnchor,
    /// The longest time it may take, in days; null for no due date.
    duration_days: Option<i32>,
    /// Which days count.
    day_kind: DayKind,
    /// Whether it is blocked while the account has an open critical risk.
    blocked_by_risk: bool,
    /// How long it takes whoever does it, in minutes; null where nobody estimated it.
    effort_minutes: Option<i32>,
    /// Who is responsible for it.
    assignee_rule: AssigneeRule,
    #[graphql(skip)]
    assignee_user_id: Option<UserId>,
    #[graphql(skip)]
    assignee_role_id: Option<OptionId>,
    /// What its type needs to know, as `configSchema` of the type describes it.
    config: Json,
    /// What it evaluates, where it is an indicator.
    indicator: Option<Indicator>,
}

#[ComplexObject]
impl TaskTemplate {
    /// The stage that it stands in.
    async fn stage(&self, ctx: &Context<'_>) -> Answer<StageTemplate> {
        one(ctx, Some(self.stage_id)).await
    }

    /// What kind of task it is; null where no such kind is known.
    #[graphql(name = "type")]
    async fn task_type(&self, ctx: &Context<'_>) -> Answer<TaskType> {
        TaskType::of(ctx, &self.type_key).await
    }

    /// The user that the rule names.
    async fn assignee_user(&self, ctx: &Context<'_>) -> Answer<User> {
        one(ctx, self.assignee_user_id).await
    }

    /// The account role, or the role of the contact, that the rule names.
    async fn assignee_role(&self, ctx: &Context<'_>) -> Answer<Choice> {
        one(ctx, self.assignee_role_id).await
    }
}

impl From<task_template::Model> for TaskTemplate {
    fn from(row: task_template::Model) -> Self {
        let plan = Plan::new(row);
        let indicator = plan.indicator().cloned().map(Indicator::from);
        let task_template::Model {
            workspace_id: _,
            id,
            version,
            created_at,
            updated_at,
            version_id: _,
            stage_id,
            key,
            title,
            description,
            position,
            type_key,
            required,
            anchor,
            duration_days,
            day_kind,
            assignee_rule,
            assignee_user_id,
            assignee_role_id,
            config,
            blocked_by_risk,
            effort_minutes,
        } = plan.row;
        Self {
            id: GlobalId(id),
            version,
            created_at,
            updated_at,
            stage_id,
            key,
            title,
            description,
            position,
            type_key,
            required,
            anchor: anchor.into(),
            duration_days,
            day_kind: day_kind.into(),
            assignee_rule: assignee_rule.into(),
            assignee_user_id,
            assignee_role_id,
            config,
            blocked_by_risk,
            effort_minutes,
            indicator,
        }
    }
}

load_by_id!(TaskTemplateId => task_template::Model, task_template::many);

words! {
    /// From where the duration of a task counts.
    DueAnchor = "due::Anchor" {
        /// The day on which the previous position was finished; for the first one, the day on
        /// which the stage was entered.
        Previous,
        /// The day on which the stage was entered.
        StageEntry,
        /// The last day of the subscription, backwards.
        SubscriptionEnd,
    }
}

words! {
    /// Which days count.
    DayKind = "jornada_domain::calendar::DayKind" {
        /// Every day.
        Calendar,
        /// The working days of the workspace.
        Business,
    }
}
