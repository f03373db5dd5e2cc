//! Tasks: what is to be done for accounts.

mod filter;
mod kind;
mod work;

use async_graphql::{ComplexObject, Context, ID, Object, SimpleObject};
use chrono::{DateTime, Utc};
use jornada_domain::id::{
    AccountId, ContactId, JourneyId, OpportunityId, OptionId, RiskId, StageVisitId, TaskId, UserId,
};
use jornada_domain::plans::deferred_item;
use jornada_domain::portfolio::{self, Due};
use jornada_domain::tasks::task;
use serde_json::Value as Json;

pub(super) use self::filter::{TaskFilterInput, TaskOrderInput, query};
pub(super) use self::kind::{TaskType, TaskTypeQuery};
pub(super) use self::work::TaskMutation;
use super::account::Account;
use super::connection::{Connection, Paging};
use super::contact::Contact;
use super::deferred_item::DeferredItem;
use super::id::{self, GlobalId};
use super::journey::Journey;
use super::loader::{children, load_by_id, load_children, load_each, one};
use super::opportunity::Opportunity;
use super::option::Choice;
use super::portfolio::TaskDue;
use super::request::{Answer, call, list, read};
use super::risk::Risk;
use super::scalar::Date;
use super::user::User;
use super::visit::StageVisit;
use super::word::words;
use crate::messages;

/// One thing to be done for an account, by a user or by the customer.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct Task {
    pub id: GlobalId<TaskId>,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    #[graphql(skip)]
    account_id: AccountId,
    #[graphql(skip)]
    journey_id: Option<JourneyId>,
    #[graphql(skip)]
    visit_id: Option<StageVisitId>,
    /// The key of its template within the version of the journey.
    template_key: Option<String>,
    /// Why there is such a task.
    origin: TaskOrigin,
    /// What kind of task it is, like `core.interaction`.
    type_key: String,
    /// What is to be done: a verb and its context.
    title: String,
    /// How it is done.
    description: Option<String>,
    /// Tasks of one position open together, when those before them are finished.
    position: i32,
    /// Whether the stage cannot end without it.
    required: bool,
    /// Where it is.
    status: TaskStatus,
    /// What blocks it; null unless something does.
    blocked_by: Option<TaskBlocker>,
    #[graphql(skip)]
    blocked_reason: Option<String>,
    /// Who is responsible for it.
    assignee_rule: AssigneeRule,
    #[graphql(skip)]
    assignee_role_id: Option<OptionId>,
    #[graphql(skip)]
    assignee_user_id: Option<UserId>,
    #[graphql(skip)]
    assignee_contact_id: Option<ContactId>,
    /// Whether a person chose who holds it: changes of roles leave it alone.
    assigned_by_hand: bool,
    /// Until when it is to be done.
    due_on: Option<Date>,
    /// How long it takes whoever does it, in minutes; null where nobody estimated it.
    effort_minutes: Option<i32>,
    /// Until when the template wanted it done; rescheduling leaves it alone.
    original_due_on: Option<Date>,
    /// When its position was reached.
    opened_at: Option<DateTime<Utc>>,
    /// When it was done, skipped or cancelled.
    finished_at: Option<DateTime<Utc>>,
    #[graphql(skip)]
    finished_by_id: Option<UserId>,
    /// Why it was skipped, cancelled or rescheduled.
    reason: Option<String>,
    /// Whom it waits for.
    waiting_on: Option<WaitingOn>,
    /// Since when it waits.
    waiting_since: Option<Date>,
    /// Why it waits.
    waiting_reason: Option<String>,
    /// What its type needs to know, as `configSchema` of the type describes it.
    config: Json,
    /// What doing it brought, as `outcomeSchema` of the type describes it.
    outcome: Option<Json>,
    #[graphql(skip)]
    risk_id: Option<RiskId>,
    #[graphql(skip)]
    opportunity_id: Option<OpportunityId>,
}

#[ComplexObject]
impl Task {
    /// The account.
    async fn account(&self, ctx: &Context<'_>) -> Answer<Account> {
        one(ctx, Some(self.account_id)).await
    }

    /// The journey that it belongs to; null for one of its own.
    async fn journey(&self, ctx: &Context<'_>) -> Answer<Journey> {
        one(ctx, self.journey_id).await
    }

    /// The visit that it belongs to; null for one of its own.
    async fn visit(&self, ctx: &Context<'_>) -> Answer<StageVisit> {
        one(ctx, self.visit_id).await
    }

    /// Why it is blocked, in the language of the caller.
    async fn blocked_reason(&self, ctx: &Context<'_>) -> Option<String> {
        let reason = self.blocked_reason.as_deref()?;
        Some(messages::of_blocked(call(ctx).locale(), reason))
    }

    /// What kind of task it is; null where no such kind is known.
    #[graphql(name = "type")]
    async fn task_type(&self, ctx: &Context<'_>) -> Answer<TaskType> {
        TaskType::of(ctx, &self.type_key).await
    }

    /// The user who holds it.
    async fn assignee_user(&self, ctx: &Context<'_>) -> Answer<User> {
        one(ctx, self.assignee_user_id).await
    }

    /// The contact who holds it.
    async fn assignee_contact(&self, ctx: &Context<'_>) -> Answer<Contact> {
        one(ctx, self.assignee_contact_id).await
    }

    /// The account role, or the role of the contact, that its rule names.
    async fn assignee_role(&self, ctx: &Context<'_>) -> Answer<Choice> {
        one(ctx, self.assignee_role_id).await
    }

    /// Who did, skipped or cancelled it.
    async fn finished_by(&self, ctx: &Context<'_>) -> Answer<User> {
        one(ctx, self.finished_by_id).await
    }

    /// The risk whose action plan it is part of.
    async fn risk(&self, ctx: &Context<'_>) -> Answer<Risk> {
        one(ctx, self.risk_id).await
    }

    /// The opportunity whose action plan it is part of.
    async fn opportunity(&self, ctx: &Context<'_>) -> Answer<Opportunity> {
        one(ctx, self.opportunity_id).await
    }

    /// What was left out of the implementation and is reviewed by it, oldest first: it is not
    /// finished before all of that is decided.
    async fn deferred_items(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Answer<Connection<DeferredItem>> {
        children(ctx, DeferredOf(self.id.0), Paging { first, after, last, before }).await
    }

    /// When it is due; null unless it is to be done.
    async fn due_state(&self, ctx: &Context<'_>) -> Answer<TaskDue> {
        one(ctx, Some(DueOf(self.id.0))).await
    }

    /// Whether it is to be done and was due before today; never in a paused account.
    async fn is_overdue(&self, ctx: &Context<'_>) -> Answer<bool> {
        let due = one::<_, TaskDue>(ctx, Some(DueOf(self.id.0))).await.transpose();
        Some(due.map(|due| due == Some(TaskDue::Overdue)))
    }
}

impl From<task::Model> for Task {
    fn from(row: task::Model) -> Self {
        let blocked_by = row.blocked_by().map(TaskBlocker::from);
        let task::Model {
            workspace_id: _,
            id,
            version,
            created_at,
            updated_at,
            account_id,
            journey_id,
            visit_id,
            template_key,
            origin,
            type_key,
            title,
            description,
            position,
            required,
            status,
            blocked_reason,
            assignee_rule,
            assignee_role_id,
            assignee_user_id,
            assignee_contact_id,
            assigned_by_hand,
            due_on,
            effort_minutes,
            original_due_on,
            opened_at,
            finished_at,
            finished_by_id,
            reason,
            waiting_on,
            waiting_since,
            waiting_reason,
            config,
            outcome,
            risk_id,
            opportunity_id,
        } = row;
        Self {
            id: GlobalId(id),
            version,
            created_at,
            updated_at,
            account_id,
            journey_id,
            visit_id,
            template_key,
            origin: origin.into(),
            type_key,
            title,
            description,
            position,
            required,
            status: status.into(),
            blocked_by,
            blocked_reason,
            assignee_rule: assignee_rule.into(),
            assignee_role_id,
            assignee_user_id,
            assignee_contact_id,
            assigned_by_hand,
            due_on: due_on.map(Date),
            effort_minutes,
            original_due_on: original_due_on.map(Date),
            opened_at,
            finished_at,
            finished_by_id,
            reason,
            waiting_on: waiting_on.map(WaitingOn::from),
            waiting_since: waiting_since.map(Date),
            waiting_reason,
            config,
            outcome,
            risk_id,
            opportunity_id,
        }
    }
}

load_by_id!(TaskId => task::Model, task::many);
load_children!(DeferredOf(TaskId) => deferred_item::Model, deferred_item::of_tasks);
load_each!(DueOf(TaskId) => Due, portfolio::due_of);

words! {
    /// Where a task is.
    TaskStatus = "task::TaskStatus" {
        /// Its position has not been reached.
        Pending,
        /// A plugin is opening it.
        Preparing,
        /// To be done.
        Open,
        /// Something keeps it from being done.
        Blocked,
        /// Done.
        Done,
        /// Left out with a reason; counts as finished.
        Skipped,
        /// Called off.
        Cancelled,
    }
}

words! {
    /// What blocks a task.
    TaskBlocker = "task::Blocker" {
        /// The account has an open critical risk, and the template says that the task waits for it.
        CriticalRisk,
        /// Its plugin cannot serve it.
        Plugin,
    }
}

words! {
    /// Why there is a task.
    TaskOrigin = "task::TaskOrigin" {
        /// A template asked for it.
        Journey,
        /// A playbook asked for it.
        Playbook,
        /// A person wrote it down.
        AdHoc,
    }
}

words! {
    /// Who is responsible for a task.
    AssigneeRule = "task::AssigneeRule" {
        /// The same user for all customers.
        FixedUser,
        /// Whoever holds a role at the account.
        AccountRole,
        /// The customer: the contact with a role, else the primary one.
        Customer,
    }
}

words! {
    /// Whom a task waits for.
    WaitingOn = "task::WaitingOn" {
        /// The customer.
        Customer,
        /// Somebody else.
        ThirdParty,
    }
}

#[derive(Default)]
pub(super) struct TaskQuery;

#[Object]
impl TaskQuery {
    /// One task.
    async fn task(&self, ctx: &Context<'_>, id: ID) -> Answer<Task> {
        read(ctx, async |cx| task::find(cx, id::parse("id", &id)?).await).await
    }

    /// The tasks of the workspace, the earliest due date first unless another order is said.
    async fn tasks(
        &self,
        ctx: &Context<'_>,
        filter: Option<TaskFilterInput>,
        order_by: Option<TaskOrderInput>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Answer<Connection<Task>> {
        let paging = Paging { first, after, last, before };
        list(ctx, paging, async move |cx, page| {
            task::list(cx, &query(filter, order_by)?, page).await
        })
        .await
    }
}
