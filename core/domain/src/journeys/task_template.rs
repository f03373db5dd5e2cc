//! The task of a template: what is to be done in a stage, by whom and until when.

use std::collections::{HashMap, HashSet};

use super::{template, version};
use crate::calendar::DayKind;
use crate::page::group;
use crate::prelude::*;
use crate::tasks::AssigneeRule;
use crate::tasks::due::Anchor;

/// One task of a stage.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "task_template")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TaskTemplateId,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub version_id: JourneyTemplateVersionId,
    pub stage_id: StageTemplateId,
    /// Stable over versions, and unique in one: journeys migrate by it.
    pub key: String,
    /// A verb and its context (F4).
    pub title: String,
    pub description: Option<String>,
    /// From 0; tasks of one position open together.
    pub position: i32,
    pub type_key: String,
    pub required: bool,
    pub anchor: Anchor,
    /// The longest time the task may take; without it, it has no due date.
    pub duration_days: Option<i32>,
    pub day_kind: DayKind,
    pub assignee_rule: AssigneeRule,
    pub assignee_user_id: Option<UserId>,
    /// An account role, or a contact role for `CUSTOMER`.
    pub assignee_role_id: Option<OptionId>,
    #[sea_orm(column_type = "JsonBinary")]
    pub config: Json,
    /// Growth waits: it is blocked while the account has an open critical risk.
    pub blocked_by_risk: bool,
    /// How long it takes whoever does it.
    pub effort_minutes: Option<i32>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

noun!(Model, TaskTemplateId);

fn visible(cx: &Cx<'_>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(cx.workspace_id()))
}

/// The tasks of each of these stages by position.
pub async fn of_stages(
    cx: &Cx<'_>,
    stage_ids: &[StageTemplateId],
) -> Result<HashMap<StageTemplateId, Vec<Model>>> {
    cx.require(Area::Templates, Access::Read)?;
    let select = visible(cx).filter(Column::StageId.is_in(stage_ids.iter().copied()));
    let ordered = select.order_by_asc(Column::Position).order_by_asc(Column::Id);
    Ok(group(ordered.all(&cx.db).await?, |row| Some(row.stage_id)))
}

/// The tasks of these ids, in no order.
pub async fn many(cx: &Cx<'_>, ids: &[TaskTemplateId]) -> Result<Vec<Model>> {
    cx.require(Area::Templates, Access::Read)?;
    Ok(visible(cx).filter(Column::Id.is_in(ids.iter().copied())).all(&cx.db).await?)
}

pub(crate) async fn in_versions(
    cx: &Cx<'_>,
    version_ids: &[JourneyTemplateVersionId],
) -> Result<Vec<Model>> {
    let select = visible(cx).filter(Column::VersionId.is_in(version_ids.iter().copied()));
    Ok(select.order_by_asc(Column::Position).order_by_asc(Column::Id).all(&cx.db).await?)
}

pub(crate) async fn delete_all(tx: &Tx<'_>, version_id: JourneyTemplateVersionId) -> Result<()> {
    Entity::delete_many()
        .filter(Column::WorkspaceId.eq(tx.workspace_id()))
        .filter(Column::VersionId.eq(version_id))
        .exec(&tx.db)
        .await?;
    Ok(())
}

/// The users whom a version names as fixed holders.
pub(crate) async fn users_named(
    cx: &Cx<'_>,
    version_id: JourneyTemplateVersionId,
) -> Result<Vec<UserId>> {
    let tasks = in_versions(cx, &[version_id]).await?;
    Ok(tasks.into_iter().filter_map(|task| task.assignee_user_id).collect())
}

/// Demands that no template that may still be used names this user as a fixed holder; the problems
/// name each task that does.
pub(crate) async fn require_unnamed(cx: &Cx<'_>, user_id: UserId, field: &str) -> Result<()> {
    let naming = visible(cx)
        .filter(Column::AssigneeUserId.eq(user_id))
        .filter(Column::VersionId.in_subquery(version::live_ids(cx)))
        .order_by_asc(Column::Id);
    let tasks = naming.all(&cx.db).await?;
    let ids: Vec<_> = tasks.iter().map(|task| task.version_id).collect();
    let versions = version::in_workspace(cx, &ids).await?;
    let (mut checks, mut told) = (Checks::new(), HashSet::new());
    for task in &tasks {
        let of_task = versions.iter().find(|version| version.id == task.version_id);
        let Some(template_id) = of_task.map(|version| version.template_id) else { continue };
        // A draft often names the same as the version that it was copied from.
        if told.insert((template_id, &task.key)) {
            let template = template::find_in(cx, template_id, field).await?.name;
            let problem = Problem::new(field, Code::StandsInTemplate);
            checks.push(problem.with("template", template).with("task", &task.title));
        }
    }
    checks.finish()
}
