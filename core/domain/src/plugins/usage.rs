//! What uses a plugin: what would stand still without it.

use super::{PluginKind, plugin};
use crate::health::definition::Scorer;
use crate::health::{model, version as model_version};
use crate::journeys::{task_template, version};
use crate::prelude::*;
use crate::tasks::{agenda, task};
use sea_orm::QueryTrait;

/// What uses a plugin.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Usage {
    /// The health models in use of which the active version, or the candidate, is scored by it.
    pub health_models: Vec<model::Model>,
    /// Tasks of published templates that are of its type.
    pub task_templates: u64,
    /// Open tasks of its type.
    pub open_tasks: u64,
}

/// What uses a plugin now.
pub async fn of(cx: &Cx<'_>, plugin: &plugin::Model) -> Result<Usage> {
    cx.require(Area::Plugins, Access::Read)?;
    Ok(match plugin.kind {
        PluginKind::HealthScore => {
            Usage { health_models: scored_by(cx, plugin.id).await?, ..Default::default() }
        }
        PluginKind::TaskType => Usage {
            health_models: Vec::new(),
            task_templates: crate::page::count(cx, templates(cx, &plugin.key)).await?,
            open_tasks: open_tasks(cx, &plugin.key).await?,
        },
    })
}

pub(super) async fn scored_by(cx: &Cx<'_>, plugin_id: PluginId) -> Result<Vec<model::Model>> {
    let mut models = model::live(cx).await?;
    let versions_of = |row: &model::Model| [Some(row.active_version_id), row.candidate_version_id];
    let ids: Vec<_> = models.iter().flat_map(versions_of).flatten().collect();
    let mut uses = Vec::new();
    for version in model_version::many(cx, &ids).await? {
        if matches!(version.definition()?.scorer, Scorer::Plugin(by) if by.plugin_id == plugin_id) {
            uses.push(version.id);
        }
    }
    models.retain(|row| versions_of(row).into_iter().flatten().any(|id| uses.contains(&id)));
    Ok(models)
}

/// The tasks of published templates that are of a type.
pub(super) fn templates(cx: &Cx<'_>, key: &str) -> Select<task_template::Entity> {
    let published = version::Entity::find()
        .filter(version::Column::WorkspaceId.eq(cx.workspace_id()))
        .filter(version::Column::Status.eq(version::VersionStatus::Published))
        .select_only()
        .column(version::Column::Id)
        .into_query();
    task_template::Entity::find()
        .filter(task_template::Column::WorkspaceId.eq(cx.workspace_id()))
        .filter(task_template::Column::TypeKey.eq(key))
        .filter(task_template::Column::VersionId.in_subquery(published))
}

async fn open_tasks(cx: &Cx<'_>, key: &str) -> Result<u64> {
    crate::page::count(cx, agenda::open_tasks(cx).filter(task::Column::TypeKey.eq(key))).await
}
