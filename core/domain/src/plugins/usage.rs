//! What uses a plugin: what would stand still without it.

use super::{PluginKind, plugin};
use crate::health::by_plugin::ByPlugin;
use crate::health::definition::Scorer;
use crate::health::score::Role;
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
            let scored = scored_by(cx, plugin.id).await?;
            let mut health_models: Vec<_> = scored.into_iter().map(|one| one.model).collect();
            health_models.dedup_by_key(|model| model.id);
            Usage { health_models, ..Default::default() }
        }
        PluginKind::TaskType => Usage {
            health_models: Vec::new(),
            task_templates: crate::page::count(cx, templates(cx, &plugin.key)).await?,
            open_tasks: open_tasks(cx, &plugin.key).await?,
        },
    })
}

/// A health model of which a version is scored by a plugin.
pub struct ScoredBy {
    /// The model.
    pub model: model::Model,
    /// Where the version stands in it.
    pub role: Role,
    /// How it is scored.
    pub by: ByPlugin,
}

/// The health models that a plugin scores, by their active versions and their candidates, in two
/// statements.
pub async fn scored_by(cx: &Cx<'_>, plugin_id: PluginId) -> Result<Vec<ScoredBy>> {
    cx.require(Area::Plugins, Access::Read)?;
    let models = model::live(cx).await?;
    let of_roles = models.iter().flat_map(|model| {
        let version = move |role| Some((model, role, model.version_in(role)?));
        [Role::Active, Role::Candidate].into_iter().filter_map(version)
    });
    let of_roles: Vec<_> = of_roles.collect();
    let ids: Vec<_> = of_roles.iter().map(|(_, _, id)| *id).collect();
    let versions = model_version::many(cx, &ids).await?;
    let mut found = Vec::new();
    for (model, role, id) in of_roles {
        let Some(version) = versions.iter().find(|version| version.id == id) else { continue };
        if let Scorer::Plugin(by) = version.definition()?.scorer
            && by.plugin_id == plugin_id
        {
            found.push(ScoredBy { model: model.clone(), role, by });
        }
    }
    Ok(found)
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
