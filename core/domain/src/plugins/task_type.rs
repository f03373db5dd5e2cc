//! The types of tasks that a workspace has: those of the platform, and those of its plugins.

use std::collections::{BTreeMap, BTreeSet};

use super::plugin::{self, PluginStatus};
use super::{PluginKind, version};
use crate::prelude::*;
use crate::tasks::kind;

/// A type of tasks.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskType {
    /// What templates and tasks call it.
    pub key: String,
    /// What the plugin says of itself; none for a type of the platform.
    pub manifest: Option<Json>,
}

/// The types that templates can use, in the order in which an interface offers them.
pub async fn usable(cx: &Cx<'_>) -> Result<Vec<TaskType>> {
    cx.require(Area::Templates, Access::Read)?;
    let core = kind::CORE.map(|key| TaskType { key: key.to_owned(), manifest: None });
    let enabled = installed(cx).filter(plugin::Column::Status.eq(PluginStatus::Enabled));
    let of_plugins = with_manifests(cx, enabled.order_by_asc(plugin::Column::Key)).await?;
    Ok(core.into_iter().chain(of_plugins).collect())
}

/// The types of plugins with these keys that are installed, also while they are disabled: whoever
/// reads a task may know what its type is.
pub async fn of_plugins(cx: &Cx<'_>, keys: &[String]) -> Result<Vec<TaskType>> {
    cx.require(Area::Tasks, Access::Read)?;
    let keys: Vec<_> = keys.iter().filter(|key| kind::is_of_plugin(key)).cloned().collect();
    match keys.is_empty() {
        true => Ok(Vec::new()),
        false => with_manifests(cx, installed(cx).filter(plugin::Column::Key.is_in(keys))).await,
    }
}

/// Those of the keys that name a type of an enabled plugin, with what it says of itself.
pub(crate) async fn enabled(cx: &Cx<'_>, keys: &BTreeSet<&str>) -> Result<BTreeMap<String, Json>> {
    if keys.is_empty() {
        return Ok(BTreeMap::new());
    }
    let enabled = installed(cx)
        .filter(plugin::Column::Status.eq(PluginStatus::Enabled))
        .filter(plugin::Column::Key.is_in(keys.iter().copied()));
    let types = with_manifests(cx, enabled).await?;
    Ok(types.into_iter().filter_map(|one| Some((one.key, one.manifest?))).collect())
}

fn installed(cx: &Cx<'_>) -> Select<plugin::Entity> {
    plugin::installed(cx).filter(plugin::Column::Kind.eq(PluginKind::TaskType))
}

async fn with_manifests(cx: &Cx<'_>, select: Select<plugin::Entity>) -> Result<Vec<TaskType>> {
    let plugins = select.all(&cx.db).await?;
    let ids: Vec<_> = plugins.iter().map(|plugin| plugin.active_version_id).collect();
    let mut manifests: BTreeMap<_, _> = match ids.is_empty() {
        true => BTreeMap::new(),
        false => version::in_workspace(cx, &ids).await?.into_iter().collect(),
    };
    let described = |plugin: plugin::Model| TaskType {
        manifest: manifests.remove(&plugin.active_version_id),
        key: plugin.key,
    };
    Ok(plugins.into_iter().map(described).collect())
}
