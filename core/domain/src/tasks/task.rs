//! The task: one thing to be done for an account, by a user or by the customer.

use std::collections::HashMap;

use crate::filter::{Composed, Parts, RangeFilter, RefFilter, TextFilter, count, count_refs};
use crate::page::group;
use crate::prelude::*;
use crate::tasks::hindrance::{Hindrance, Why};
use sea_orm::QueryTrait;
use sea_orm::sea_query::SelectStatement;

/// One thing to be done.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "task")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TaskId,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub account_id: AccountId,
    pub journey_id: Option<JourneyId>,
    pub visit_id: Option<StageVisitId>,
    /// The key of its template within the version of the journey.
    pub template_key: Option<String>,
    pub origin: TaskOrigin,
    /// See [`crate::tasks::kind`].
    pub type_key: String,
    pub title: String,
    pub description: Option<String>,
    /// Tasks of one position open together; the next position opens when it is finished.
    pub position: i32,
    pub required: bool,
    pub status: TaskStatus,
    /// Why it is blocked: [`CRITICAL_RISK`], or why its plugin cannot serve it, as
    /// [`Hindrance::reason`](super::Hindrance::reason) says it.
    pub blocked_reason: Option<String>,
    pub assignee_rule: AssigneeRule,
    /// The account role, or the role of the contact, that the rule names.
    pub assignee_role_id: Option<OptionId>,
    pub assignee_user_id: Option<UserId>,
    pub assignee_contact_id: Option<ContactId>,
    /// A person chose the holder; changes of roles leave it alone (rule 11).
    pub assigned_by_hand: bool,
    /// How long it takes whoever does it, where that was estimated.
    pub effort_minutes: Option<i32>,
    pub due_on: Option<NaiveDate>,
    /// The due date that the template gave; rescheduling leaves it alone.
    pub original_due_on: Option<NaiveDate>,
    pub opened_at: Option<DateTime<Utc>>,
    pub finished_at: Option<DateTime<Utc>>,
    pub finished_by_id: Option<UserId>,
    /// Why it was skipped, cancelled or rescheduled.
    pub reason: Option<String>,
    pub waiting_on: Option<WaitingOn>,
    pub waiting_since: Option<NaiveDate>,
    pub waiting_reason: Option<String>,
    #[sea_orm(column_type = "JsonBinary")]
    pub config: Json,
    #[sea_orm(column_type = "JsonBinary")]
    pub outcome: Option<Json>,
    /// The risk whose action plan it is part of.
    pub risk_id: Option<RiskId>,
    /// The opportunity whose action plan it is part of.
    pub opportunity_id: Option<OpportunityId>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

noun!(Model, TaskId, account = |task: &Model| Some(task.account_id), personal = ["outcome"]);

impl Model {
    /// What blocks it, where something does.
    pub fn blocked_by(&self) -> Option<Blocker> {
        let is_risk = self.blocked_reason.as_deref() == Some(CRITICAL_RISK);
        let by = if is_risk { Blocker::CriticalRisk } else { Blocker::Plugin };
        (self.status == TaskStatus::Blocked).then_some(by)
    }

    /// Whether only its plugin keeps it from being done, which broke off and may not do so again.
    pub(crate) fn may_be_tried_again(&self) -> bool {
        let hindrance = self.blocked_reason.as_deref().and_then(Hindrance::parse);
        let has_failed = hindrance.is_some_and(|hindrance| hindrance.why == Why::Failed);
        self.status == TaskStatus::Blocked && self.opened_at.is_some() && has_failed
    }

    /// Where it is when it is opened again: one that never was open waits for its turn.
    pub(crate) fn reopened_status(&self) -> TaskStatus {
        if self.opened_at.is_some() { TaskStatus::Open } else { TaskStatus::Pending }
    }
}

/// The reason of a task that an open critical risk of the account blocks.
pub const CRITICAL_RISK: &str = "OPEN_CRITICAL_RISK";

/// The reason of a task that was done before its journey was taken over.
pub const ADOPTED: &str = "ADOPTED";

/// What can block a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blocker {
    /// The account has an open critical risk, and the template says that the task waits for it.
    CriticalRisk,
    /// Its plugin cannot serve it.
    Plugin,
}

/// Where a task is. *Overdue* is derived, never stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TaskStatus {
    /// Its position has not been reached.
    Pending,
    /// A plugin is opening it.
    Preparing,
    /// To be done.
    Open,
    /// Something keeps it from being done; see [`Model::blocked_by`].
    Blocked,
    /// Done.
    Done,
    /// Left out with a reason; counts as finished.
    Skipped,
    /// Called off.
    Cancelled,
}

impl TaskStatus {
    /// Done or skipped: what lets the next position open.
    pub fn is_finished(self) -> bool {
        matches!(self, Self::Done | Self::Skipped)
    }

    /// Nothing will happen to it any more, short of reopening.
    pub fn is_closed(self) -> bool {
        self.is_finished() || self == Self::Cancelled
    }
}

/// Why a task exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TaskOrigin {
    /// A template asked for it.
    Journey,
    /// A playbook asked for it.
    Playbook,
    /// A person wrote it down.
    AdHoc,
}

/// Who holds a task (rule 11).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AssigneeRule {
    /// The same user for all customers.
    FixedUser,
    /// Whoever holds a role at the account, usually the CSM.
    AccountRole,
    /// The customer: the contact with a role, else the primary one.
    Customer,
}

/// Whom an open task waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum WaitingOn {
    /// The customer.
    Customer,
    /// Somebody else.
    ThirdParty,
}

/// What narrows a list of tasks; what is given must all hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct TaskFilter {
    /// Only tasks of these accounts.
    pub account_ids: Option<Vec<AccountId>>,
    /// Which user holds it.
    pub assignee: Option<RefFilter<UserId>>,
    /// Only tasks that nobody holds, neither a user nor a contact; or only the others.
    pub is_unassigned: Option<bool>,
    /// The journey it belongs to.
    pub journey: Option<RefFilter<JourneyId>>,
    /// The visit it belongs to.
    pub visit: Option<RefFilter<StageVisitId>>,
    /// Only tasks in these states.
    pub statuses: Option<Vec<TaskStatus>>,
    /// Only tasks of these origins.
    pub origins: Option<Vec<TaskOrigin>>,
    /// The kind.
    pub type_key: Option<TextFilter>,
    /// The due date lies there; tasks without one are left out.
    pub due_on: Option<RangeFilter<NaiveDate>>,
    /// The last change lies there.
    pub updated_at: Option<RangeFilter<DateTime<Utc>>>,
    /// The filters that this one is composed of.
    pub parts: Parts<TaskFilter>,
}

/// Which tasks, and in which order; it ends in the id.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct TaskQuery {
    pub filter: TaskFilter,
    pub order: TaskOrder,
    pub is_descending: bool,
}

/// By what tasks are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum TaskOrder {
    /// The due date; those without one come last, in both directions.
    #[default]
    DueOn,
    /// The last change.
    UpdatedAt,
    /// The place in the stage.
    Position,
}

impl Composed for TaskFilter {
    fn parts(&self) -> &Parts<Self> {
        &self.parts
    }

    fn values(&self) -> usize {
        count(&self.account_ids)
            + count_refs(&self.assignee)
            + count_refs(&self.journey)
            + count_refs(&self.visit)
            + count(&self.statuses)
            + count(&self.origins)
            + self.type_key.as_ref().map_or(0, |key| count(&key.one_of))
    }

    fn own(&self, _: &Cx<'_>) -> Condition {
        let filter = self.clone();
        Condition::all()
            .add_option(filter.account_ids.map(|ids| Column::AccountId.is_in(ids)))
            .add_option(filter.assignee.map(|ids| ids.condition(Column::AssigneeUserId)))
            .add_option(filter.is_unassigned.map(unassigned))
            .add_option(filter.journey.map(|ids| ids.condition(Column::JourneyId)))
            .add_option(filter.visit.map(|ids| ids.condition(Column::VisitId)))
            .add_option(filter.statuses.map(|statuses| Column::Status.is_in(statuses)))
            .add_option(filter.origins.map(|origins| Column::Origin.is_in(origins)))
            .add_option(filter.type_key.map(|key| key.condition(Column::TypeKey)))
            .add_option(filter.due_on.map(|range| range.condition(Column::DueOn)))
            .add_option(filter.updated_at.map(|range| range.condition(Column::UpdatedAt)))
    }
}

fn unassigned(is_unassigned: bool) -> Condition {
    let nobody = Condition::all()
        .add(Column::AssigneeUserId.is_null())
        .add(Column::AssigneeContactId.is_null());
    if is_unassigned { nobody } else { nobody.not() }
}

impl TaskQuery {
    fn keys(&self) -> [Order<Column>; 2] {
        let direction = if self.is_descending { Order::desc } else { Order::asc };
        let last = if self.is_descending { "0001-01-01" } else { "9999-12-31" };
        let key = match self.order {
            TaskOrder::DueOn => direction(Column::DueOn).null_as(last),
            TaskOrder::UpdatedAt => direction(Column::UpdatedAt),
            TaskOrder::Position => direction(Column::Position),
        };
        [key, direction(Column::Id)]
    }
}

pub(crate) fn visible(cx: &Cx<'_>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(cx.workspace_id()))
}

/// One task.
pub async fn find(cx: &Cx<'_>, id: TaskId) -> Result<Model> {
    cx.require(Area::Tasks, Access::Read)?;
    find_in(cx, id, "id").await
}

pub(crate) async fn find_in(cx: &Cx<'_>, id: TaskId, field: &str) -> Result<Model> {
    let row = visible(cx).filter(Column::Id.eq(id)).one(&cx.db).await?;
    row.ok_or_else(|| Error::not_found(field, Kind::Task))
}

/// The tasks of these ids, in no order.
pub async fn many(cx: &Cx<'_>, ids: &[TaskId]) -> Result<Vec<Model>> {
    cx.require(Area::Tasks, Access::Read)?;
    Ok(visible(cx).filter(Column::Id.is_in(ids.iter().copied())).all(&cx.db).await?)
}

/// A page of tasks.
pub async fn list(cx: &Cx<'_>, query: &TaskQuery, args: &PageArgs) -> Result<Page<Model>> {
    cx.require(Area::Tasks, Access::Read)?;
    page(cx, visible(cx).filter(query.filter.condition(cx)?), &query.keys(), args).await
}

/// A page of tasks for each account.
pub async fn of_accounts(
    cx: &Cx<'_>,
    account_ids: &[AccountId],
    query: &TaskQuery,
    args: &PageArgs,
) -> Result<HashMap<AccountId, Page<Model>>> {
    cx.require(Area::Tasks, Access::Read)?;
    let select = visible(cx).filter(query.filter.condition(cx)?);
    page_each(cx, select, Column::AccountId, account_ids, &query.keys(), args).await
}

/// A page of the tasks that each of these users holds.
pub async fn of_users(
    cx: &Cx<'_>,
    user_ids: &[UserId],
    query: &TaskQuery,
    args: &PageArgs,
) -> Result<HashMap<UserId, Page<Model>>> {
    cx.require(Area::Tasks, Access::Read)?;
    let select = visible(cx).filter(query.filter.condition(cx)?);
    page_each(cx, select, Column::AssigneeUserId, user_ids, &query.keys(), args).await
}

/// A page of the action plan of each of these risks, the first due first.
pub async fn of_risks(
    cx: &Cx<'_>,
    risk_ids: &[RiskId],
    args: &PageArgs,
) -> Result<HashMap<RiskId, Page<Model>>> {
    cx.require(Area::Tasks, Access::Read)?;
    let keys = TaskQuery::default().keys();
    page_each(cx, visible(cx), Column::RiskId, risk_ids, &keys, args).await
}

/// A page of the action plan of each of these opportunities, the first due first.
pub async fn of_opportunities(
    cx: &Cx<'_>,
    opportunity_ids: &[OpportunityId],
    args: &PageArgs,
) -> Result<HashMap<OpportunityId, Page<Model>>> {
    cx.require(Area::Tasks, Access::Read)?;
    let keys = TaskQuery::default().keys();
    page_each(cx, visible(cx), Column::OpportunityId, opportunity_ids, &keys, args).await
}

/// All tasks of each of these visits by position; a visit has hardly more than its stage.
pub async fn of_visits(
    cx: &Cx<'_>,
    visit_ids: &[StageVisitId],
) -> Result<HashMap<StageVisitId, Vec<Model>>> {
    cx.require(Area::Tasks, Access::Read)?;
    Ok(group(in_visits(cx, visit_ids).await?, |row| row.visit_id))
}

pub(crate) async fn in_visits(cx: &Cx<'_>, visit_ids: &[StageVisitId]) -> Result<Vec<Model>> {
    let select = visible(cx).filter(Column::VisitId.is_in(visit_ids.iter().copied()));
    let ordered = select.order_by_asc(Column::Position).order_by_asc(Column::Id);
    Ok(ordered.all(&cx.db).await?)
}

fn not_closed(cx: &Cx<'_>) -> Select<Entity> {
    use TaskStatus::{Blocked, Open, Pending, Preparing};
    let is_live = Column::Status.is_in([Pending, Preparing, Open, Blocked]);
    visible(cx).filter(is_live).order_by_asc(Column::Id)
}

/// The tasks that are not closed.
pub(crate) async fn live(cx: &Cx<'_>, filter: Condition) -> Result<Vec<Model>> {
    Ok(not_closed(cx).filter(filter).all(&cx.db).await?)
}

/// The tasks that a user holds and that are not closed, locked. Those of a journey are asked for
/// under its lock.
pub(crate) async fn lock_held_by(tx: &Tx<'_>, user_id: UserId) -> Result<Vec<Model>> {
    let held = not_closed(tx).filter(Column::AssigneeUserId.eq(user_id));
    Ok(store::locked(held).all(&tx.db).await?)
}

/// The ids of the journeys in which a user holds a task that is not closed, as a subquery.
pub(crate) fn journeys_held_by(cx: &Cx<'_>, user_id: UserId) -> SelectStatement {
    let held = not_closed(cx).filter(Column::AssigneeUserId.eq(user_id));
    held.filter(Column::JourneyId.is_not_null())
        .select_only()
        .column(Column::JourneyId)
        .into_query()
}
