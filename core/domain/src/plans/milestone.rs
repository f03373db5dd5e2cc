//! Milestones: what a customer and we celebrate on the way to a goal.

use std::collections::HashMap;

use super::{goal, success_plan};
use crate::prelude::*;

/// A point on the way of an account to its success.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "milestone")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MilestoneId,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub plan_id: SuccessPlanId,
    pub account_id: AccountId,
    /// The goal that it leads to; without one it belongs to the whole plan.
    pub goal_id: Option<GoalId>,
    pub title: String,
    pub note: Option<String>,
    pub due_on: Option<NaiveDate>,
    /// When it was reached: now, or the beginning of an earlier day.
    pub reached_at: Option<DateTime<Utc>>,
    pub archived_at: Option<DateTime<Utc>>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

noun!(Model, MilestoneId, account = |row: &Model| Some(row.account_id));

/// A milestone to be set.
#[derive(Clone, Debug)]
pub struct NewMilestone {
    pub plan_id: SuccessPlanId,
    pub goal_id: Option<GoalId>,
    pub title: String,
    pub note: Option<String>,
    pub due_on: Option<NaiveDate>,
}

/// Changes of a milestone; `None` leaves a field as it is.
#[derive(Clone, Debug, Default)]
pub struct MilestonePatch {
    pub expected_version: Option<i64>,
    pub goal_id: Option<Option<GoalId>>,
    pub title: Option<String>,
    pub note: Option<Option<String>>,
    pub due_on: Option<Option<NaiveDate>>,
}

/// Milestones of a plan that were not put away.
const MOST: u64 = 200;

fn visible(cx: &Cx<'_>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(cx.workspace_id()))
}

fn live(cx: &Cx<'_>) -> Select<Entity> {
    visible(cx).filter(Column::ArchivedAt.is_null())
}

fn by_due() -> [Order<Column>; 2] {
    [Order::asc(Column::DueOn).null_as("9999-12-31"), Order::asc(Column::Id)]
}

/// The milestones of each of these plans and of their goals, the first due first.
pub async fn of_plans(
    cx: &Cx<'_>,
    plans: &[SuccessPlanId],
    args: &PageArgs,
) -> Result<HashMap<SuccessPlanId, Page<Model>>> {
    cx.require(Area::Plans, Access::Read)?;
    page_each(cx, live(cx), Column::PlanId, plans, &by_due(), args).await
}

/// The milestones of each of these goals, the first due first.
pub async fn of_goals(
    cx: &Cx<'_>,
    goals: &[GoalId],
    args: &PageArgs,
) -> Result<HashMap<GoalId, Page<Model>>> {
    cx.require(Area::Plans, Access::Read)?;
    page_each(cx, live(cx), Column::GoalId, goals, &by_due(), args).await
}

/// One milestone, also one that was put away.
pub async fn find(cx: &Cx<'_>, id: MilestoneId) -> Result<Model> {
    cx.require(Area::Plans, Access::Read)?;
    find_in(cx, id).await
}

/// The milestones of these ids that exist.
pub async fn many(cx: &Cx<'_>, ids: &[MilestoneId]) -> Result<Vec<Model>> {
    cx.require(Area::Plans, Access::Read)?;
    Ok(visible(cx).filter(Column::Id.is_in(ids.iter().copied())).all(&cx.db).await?)
}

async fn find_in(cx: &Cx<'_>, id: MilestoneId) -> Result<Model> {
    let row = visible(cx).filter(Column::Id.eq(id)).one(&cx.db).await?;
    row.ok_or_else(|| Error::not_found("id", Kind::Milestone))
}

/// A milestone that was not put away, with its account locked.
async fn lock(tx: &Tx<'_>, id: MilestoneId) -> Result<Model> {
    let plan_id = find_in(tx, id).await?.plan_id;
    success_plan::lock(tx, plan_id, "id").await?;
    let row = find_in(tx, id).await?;
    super::require_live(row.archived_at)?;
    Ok(row)
}

/// Sets a milestone.
pub async fn create(tx: &Tx<'_>, new: NewMilestone) -> Result<Model> {
    tx.require(Area::Plans, Access::Write)?;
    let mut checks = Checks::new();
    let plan = checks.keep(success_plan::lock(tx, new.plan_id, "successPlanId").await)?;
    if let Some(plan) = &plan {
        let of_plan = live(tx).filter(Column::PlanId.eq(plan.id));
        checks.keep(super::require_room(tx, of_plan, MOST, "successPlanId").await)?;
    }
    let row = checked(tx, checks, &new).await?;
    let plan = plan.ok_or_else(|| Error::not_found("successPlanId", Kind::SuccessPlan))?;
    let row = ActiveModel { plan_id: Set(plan.id), account_id: Set(plan.account_id), ..row };
    store::insert(tx, row, Fact::Created).await
}

/// Changes a milestone.
pub async fn update(tx: &Tx<'_>, id: MilestoneId, patch: MilestonePatch) -> Result<Model> {
    tx.require(Area::Plans, Access::Write)?;
    let before = lock(tx, id).await?;
    store::expect_version(&before, patch.expected_version)?;
    let after = NewMilestone {
        plan_id: before.plan_id,
        goal_id: patch.goal_id.unwrap_or(before.goal_id),
        title: patch.title.unwrap_or_else(|| before.title.clone()),
        note: patch.note.unwrap_or_else(|| before.note.clone()),
        due_on: patch.due_on.unwrap_or(before.due_on),
    };
    let row = checked(tx, Checks::new(), &after).await?;
    store::update(tx, &before, row, Fact::Updated).await
}

/// Notes that a milestone was reached, today or on an earlier day. Noting it again changes the day.
pub async fn reach(tx: &Tx<'_>, id: MilestoneId, on: Option<NaiveDate>) -> Result<Model> {
    tx.require(Area::Plans, Access::Write)?;
    let before = lock(tx, id).await?;
    let today = tx.today().await?;
    let on = on.unwrap_or(today);
    if on > today {
        return Err(Problem::new("reachedOn", Code::TooLate).with("max", today).into());
    }
    let at = tx.instant_of(on).await?;
    let row = ActiveModel { reached_at: Set(Some(at)), ..Default::default() };
    store::update(tx, &before, row, Fact::Reached).await
}

/// Takes back that a milestone was reached.
pub async fn reopen(tx: &Tx<'_>, id: MilestoneId) -> Result<Model> {
    tx.require(Area::Plans, Access::Write)?;
    let before = lock(tx, id).await?;
    let row = ActiveModel { reached_at: Set(None), ..Default::default() };
    store::update(tx, &before, row, Fact::Reopened).await
}

/// Puts a milestone away.
pub async fn archive(tx: &Tx<'_>, id: MilestoneId) -> Result<Model> {
    tx.require(Area::Plans, Access::Write)?;
    let before = find_in(tx, id).await?;
    let archived_at = before.archived_at.or(Some(tx.now));
    let row = ActiveModel { archived_at: Set(archived_at), ..Default::default() };
    store::update(tx, &before, row, Fact::Archived).await
}

async fn checked(tx: &Tx<'_>, mut checks: Checks, new: &NewMilestone) -> Result<ActiveModel> {
    let title = checks.text("title", &new.title, 200);
    let note = checks.maybe_prose("note", new.note.as_deref(), 4000);
    if let Some(id) = new.goal_id
        && let Some(goal) = checks.keep(goal::find_in(tx, id, "goalId").await)?
    {
        checks.ensure(goal.plan_id == new.plan_id, || {
            Problem::new("goalId", Code::Contradiction).with("with", "successPlanId")
        });
    }
    checks.finish()?;
    Ok(ActiveModel {
        goal_id: Set(new.goal_id),
        title: Set(title),
        note: Set(note),
        due_on: Set(new.due_on),
        ..Default::default()
    })
}
