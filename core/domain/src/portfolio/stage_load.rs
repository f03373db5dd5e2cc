//! How much is going on in each stage: accounts, tasks, and the effort that they take (F4: "see the
//! need of resources per stage").

use std::collections::BTreeMap;

use sea_orm::QueryTrait;
use sea_orm::sea_query::{Expr, ExprTrait};

use super::summary::Summed;
use super::{Due, TaskCounts, due};
use crate::journeys::journey::{Column, Entity, JourneyStatus};
use crate::journeys::stage_template;
use crate::prelude::*;
use crate::tasks::{TaskStatus, task};

/// How much is going on in one stage of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StageLoad {
    pub template_id: JourneyTemplateId,
    pub stage_key: String,
    /// What people call it; of several names in different versions one.
    pub stage_name: String,
    /// How many accounts have a running journey there.
    pub accounts: u64,
    /// Their open tasks in such journeys.
    pub tasks: TaskCounts,
    /// What these journeys still take in this stage.
    pub effort: Effort,
}

/// How long tasks take whoever does them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Effort {
    /// Minutes of the open tasks.
    pub open_minutes: u64,
    /// Minutes of the tasks whose turn comes later in the visits that are under way.
    pub coming_minutes: u64,
    /// Open and coming tasks of which nobody estimated how long they take.
    pub unestimated: u64,
}

type Loads = BTreeMap<(JourneyTemplateId, String), StageLoad>;

/// Stages of one answer.
const MOST_STAGES: u64 = 1000;

/// The load of each stage of each template in which somebody is, in two statements.
pub async fn stage_load(cx: &Cx<'_>, of: &Summed) -> Result<Vec<StageLoad>> {
    cx.require(Area::Journeys, Access::Read)?;
    cx.require(Area::Tasks, Access::Read)?;
    let running = [JourneyStatus::Active, JourneyStatus::Waiting, JourneyStatus::Held];
    let journeys = Entity::find()
        .filter(Column::WorkspaceId.eq(cx.workspace_id()))
        .filter(Column::Status.is_in(running))
        .filter(Column::AccountId.in_subquery(of.0.clone()));
    let mut loads = accounts(cx, journeys.clone()).await?;
    add_tasks(cx, journeys, &mut loads).await?;
    Ok(loads.into_values().collect())
}

async fn accounts(cx: &Cx<'_>, mut journeys: Select<Entity>) -> Result<Loads> {
    let distinct = Expr::col((Entity, Column::AccountId)).count_distinct();
    let of_version = Condition::all()
        .add(stage_template::Column::WorkspaceId.eq(cx.workspace_id()))
        .add(stage_template::Column::VersionId.into_expr().equals((Entity, Column::VersionId)))
        .add(stage_template::Column::Key.into_expr().equals((Entity, Column::StageKey)));
    QueryTrait::query(&mut journeys).inner_join(stage_template::Entity, of_version);
    let rows = journeys
        .select_only()
        .columns([Column::TemplateId, Column::StageKey])
        .column_as(distinct, "accounts")
        .column_as(stage_template::Column::Name.max(), "name")
        .group_by(Column::TemplateId)
        .group_by(Column::StageKey)
        .limit(MOST_STAGES)
        .into_tuple::<(JourneyTemplateId, String, i64, String)>();
    let mut loads = Loads::new();
    for (template_id, stage_key, accounts, stage_name) in rows.all(&cx.db).await? {
        let key = (template_id, stage_key.clone());
        let load = StageLoad {
            template_id,
            stage_key,
            stage_name,
            accounts: accounts.unsigned_abs(),
            tasks: TaskCounts::default(),
            effort: Effort::default(),
        };
        loads.insert(key, load);
    }
    Ok(loads)
}

/// What the tasks of one stage, status and due day come to.
#[derive(FromQueryResult)]
struct TaskSum {
    template_id: JourneyTemplateId,
    stage_key: String,
    status: TaskStatus,
    due: Due,
    count: i64,
    estimated: i64,
    minutes: Option<i64>,
}

async fn add_tasks(cx: &Cx<'_>, mut journeys: Select<Entity>, loads: &mut Loads) -> Result<()> {
    use TaskStatus::{Blocked, Open, Pending, Preparing};
    let of_journey = Condition::all()
        .add(Expr::col((task::Entity, task::Column::WorkspaceId)).eq(cx.workspace_id()))
        .add(task::Column::JourneyId.into_expr().equals((Entity, Column::Id)));
    QueryTrait::query(&mut journeys).inner_join(task::Entity, of_journey);
    let rows = journeys
        .filter(task::Column::Status.is_in([Pending, Preparing, Open, Blocked]))
        .select_only()
        .columns([Column::TemplateId, Column::StageKey])
        .column_as(task::Column::Status, "status")
        .column_as(due(cx, cx.today().await?), "due")
        .column_as(task::Column::Id.count(), "count")
        .column_as(task::Column::EffortMinutes.count(), "estimated")
        .column_as(task::Column::EffortMinutes.sum(), "minutes")
        .group_by(Column::TemplateId)
        .group_by(Column::StageKey)
        .group_by(task::Column::Status)
        .group_by(Expr::col(Alias::new("due")))
        .into_model::<TaskSum>();
    for row in rows.all(&cx.db).await? {
        let Some(load) = loads.get_mut(&(row.template_id, row.stage_key)) else { continue };
        let minutes = row.minutes.unwrap_or_default().unsigned_abs();
        load.effort.unestimated += row.count.abs_diff(row.estimated);
        if row.status == Pending {
            load.effort.coming_minutes += minutes;
        } else {
            load.effort.open_minutes += minutes;
            load.tasks.add(row.due, row.count);
        }
    }
    Ok(())
}
