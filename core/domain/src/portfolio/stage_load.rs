//! How much is going on in each stage: accounts, tasks, and the effort that they take (F4: "see the
//! need of resources per stage").

use std::collections::HashMap;

use sea_orm::QueryTrait;
use sea_orm::sea_query::{Expr, ExprTrait};

use super::TaskCounts;
use super::summary::Summed;
use crate::journeys::journey::{Column, Entity, JourneyStatus};
use crate::journeys::{stage_template, template};
use crate::prelude::*;
use crate::tasks::agenda::{Due, due};
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

/// Stages of one answer; of more, the first in the order.
const MOST_STAGES: u64 = 1000;

/// The load of each stage of each template in which somebody is, in two statements: the templates
/// by name, and the stages in the order of the journey. Where versions differ in it, the last of
/// the places that a stage has counts.
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
    Ok(loads)
}

async fn accounts(cx: &Cx<'_>, mut journeys: Select<Entity>) -> Result<Vec<StageLoad>> {
    let distinct = Expr::col((Entity, Column::AccountId)).count_distinct();
    let of_version = Condition::all()
        .add(stage_template::Column::WorkspaceId.eq(cx.workspace_id()))
        .add(stage_template::Column::VersionId.into_expr().equals((Entity, Column::VersionId)))
        .add(stage_template::Column::Key.into_expr().equals((Entity, Column::StageKey)));
    let of_template = Condition::all()
        .add(template::Column::WorkspaceId.into_expr().eq(cx.workspace_id()))
        .add(template::Column::Id.into_expr().equals((Entity, Column::TemplateId)));
    QueryTrait::query(&mut journeys)
        .inner_join(stage_template::Entity, of_version)
        .inner_join(template::Entity, of_template);
    let template_name = (template::Entity, template::Column::Name);
    let rows = journeys
        .select_only()
        .columns([Column::TemplateId, Column::StageKey])
        .column_as(distinct, "accounts")
        .column_as(stage_template::Column::Name.max(), "name")
        .group_by(Column::TemplateId)
        .group_by(Column::StageKey)
        .group_by(Expr::col(template_name))
        .order_by_asc(Expr::col(template_name))
        .order_by_asc(Column::TemplateId)
        .order_by_asc(stage_template::Column::Position.max())
        .order_by_asc(Column::StageKey)
        .limit(MOST_STAGES)
        .into_tuple::<(JourneyTemplateId, String, i64, String)>();
    let loads = rows.all(&cx.db).await?.into_iter().map(|row| {
        let (template_id, stage_key, accounts, stage_name) = row;
        StageLoad {
            template_id,
            stage_key,
            stage_name,
            accounts: accounts.unsigned_abs(),
            tasks: TaskCounts::default(),
            effort: Effort::default(),
        }
    });
    Ok(loads.collect())
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

async fn add_tasks(
    cx: &Cx<'_>,
    mut journeys: Select<Entity>,
    loads: &mut [StageLoad],
) -> Result<()> {
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
    let places = loads.iter().enumerate();
    let places: HashMap<_, _> =
        places.map(|(n, load)| ((load.template_id, load.stage_key.clone()), n)).collect();
    for row in rows.all(&cx.db).await? {
        let place = places.get(&(row.template_id, row.stage_key));
        let Some(load) = place.and_then(|place| loads.get_mut(*place)) else { continue };
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
