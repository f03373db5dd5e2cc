//! Plugins that are installed: which version runs, what it may do, and whether it is called.

use std::collections::BTreeSet;

use serde_json::json;

use super::{PluginKind, version};
use crate::journeys::by_plugin;
use crate::prelude::*;
use crate::tasks::hindrance::{Hindrance, Why};

/// Something that somebody else wrote, and that runs here.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "plugin")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PluginId,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// `publisher.name`.
    pub key: String,
    pub kind: PluginKind,
    pub status: PluginStatus,
    pub active_version_id: PluginVersionId,
    /// What ran before, and can run again.
    pub previous_version_id: Option<PluginVersionId>,
    /// The kinds of operations that it may ask for, as a JSON array.
    #[sea_orm(column_type = "JsonBinary")]
    pub grants: Json,
    /// When it was uninstalled.
    pub archived_at: Option<DateTime<Utc>>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

noun!(Model, PluginId);

/// Whether a plugin is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PluginStatus {
    /// It is.
    Enabled,
    /// It is not; what needs it waits.
    Disabled,
}

/// Plugins of a workspace.
const MOST_PLUGINS: u64 = 100;

impl Model {
    /// The kinds of operations that it may ask for.
    pub fn grants(&self) -> BTreeSet<String> {
        serde_json::from_value(self.grants.clone()).unwrap_or_default()
    }

    /// Refuses what needs the plugin while it is disabled, and after it was uninstalled.
    pub fn require_callable(&self, field: &str) -> Result<()> {
        match self.hindrance() {
            None => Ok(()),
            Some(hindrance) => Err(hindrance.refusal(field).into()),
        }
    }

    /// Why it is not called; nothing where it is.
    pub fn hindrance(&self) -> Option<Hindrance> {
        let why = match (self.archived_at, self.status) {
            (Some(_), _) => Why::Uninstalled,
            (None, PluginStatus::Disabled) => Why::Disabled,
            (None, PluginStatus::Enabled) => return None,
        };
        Some(Hindrance::new(why, &self.key))
    }
}

fn visible(cx: &Cx<'_>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(cx.workspace_id()))
}

pub(super) fn installed(cx: &Cx<'_>) -> Select<Entity> {
    visible(cx).filter(Column::ArchivedAt.is_null())
}

/// One plugin, also one that was uninstalled.
pub async fn find(cx: &Cx<'_>, id: PluginId) -> Result<Model> {
    cx.require(Area::Plugins, Access::Read)?;
    let row = visible(cx).filter(Column::Id.eq(id)).one(&cx.db).await?;
    row.ok_or_else(|| Error::not_found("id", Kind::Plugin))
}

/// The plugins of these ids, in no order.
pub async fn many(cx: &Cx<'_>, ids: &[PluginId]) -> Result<Vec<Model>> {
    cx.require(Area::Plugins, Access::Read)?;
    Ok(visible(cx).filter(Column::Id.is_in(ids.iter().copied())).all(&cx.db).await?)
}

/// The plugins that are installed, by key.
pub async fn list(cx: &Cx<'_>, args: &PageArgs) -> Result<Page<Model>> {
    cx.require(Area::Plugins, Access::Read)?;
    page(cx, installed(cx), &[Order::asc(Column::Key), Order::asc(Column::Id)], args).await
}

/// The plugin of a key, if it is installed.
pub async fn by_key(cx: &Cx<'_>, key: &str) -> Result<Option<Model>> {
    cx.require(Area::Plugins, Access::Read)?;
    Ok(installed(cx).filter(Column::Key.eq(key)).one(&cx.db).await?)
}

/// A plugin of this key that is, or was, of another kind.
pub(super) async fn of_other_kind(
    cx: &Cx<'_>,
    key: &str,
    kind: PluginKind,
) -> Result<Option<Model>> {
    let of_key = visible(cx).filter(Column::Key.eq(key)).filter(Column::Kind.ne(kind));
    Ok(of_key.limit(1).one(&cx.db).await?)
}

/// The type of tasks that is called so, if it is installed.
pub(crate) async fn task_type(cx: &Cx<'_>, key: &str) -> Result<Option<Model>> {
    Ok(of_task_type(cx, key).one(&cx.db).await?)
}

/// The same; nobody changes it until the transaction ends.
pub(crate) async fn hold_task_type(tx: &Tx<'_>, key: &str) -> Result<Option<Model>> {
    Ok(store::held(of_task_type(tx, key)).one(&tx.db).await?)
}

fn of_task_type(cx: &Cx<'_>, key: &str) -> Select<Entity> {
    installed(cx).filter(Column::Key.eq(key)).filter(Column::Kind.eq(PluginKind::TaskType))
}

/// A plugin that may be called now, of this kind.
pub async fn callable(cx: &Cx<'_>, id: PluginId, kind: PluginKind) -> Result<Model> {
    cx.require(Area::Plugins, Access::Read)?;
    let row = visible(cx).filter(Column::Id.eq(id)).filter(Column::Kind.eq(kind));
    let row = row.one(&cx.db).await?.ok_or_else(|| Error::not_found("pluginId", Kind::Plugin))?;
    row.require_callable("pluginId")?;
    Ok(row)
}

async fn lock(tx: &Tx<'_>, id: PluginId) -> Result<Model> {
    let row = store::locked(installed(tx).filter(Column::Id.eq(id))).one(&tx.db).await?;
    row.ok_or_else(|| Error::not_found("id", Kind::Plugin))
}

/// What is installed, or takes the place of what was, with these rights.
pub(super) struct Install<'i> {
    pub(super) key: &'i str,
    pub(super) kind: PluginKind,
    pub(super) number: &'i str,
    pub(super) digest: &'i str,
    pub(super) manifest: &'i Json,
    pub(super) grants: &'i BTreeSet<String>,
}

/// Installs a version. The one before stays, to go back to. A plugin that was uninstalled comes
/// back as itself, so that what was scored by it, or is of its type, goes on.
pub(super) async fn install(tx: &Tx<'_>, of: Install<'_>) -> Result<Model> {
    let of_key = visible(tx).filter(Column::Key.eq(of.key)).filter(Column::Kind.eq(of.kind));
    let before = store::locked(of_key).one(&tx.db).await?;
    let plugin_id = before.as_ref().map_or_else(|| tx.new_id(), |row| row.id);
    let known = version::of_digest(tx, plugin_id, of.digest).await?;
    let version_id = known.as_ref().map_or_else(|| tx.new_id(), |row| row.id);
    let row = ActiveModel {
        active_version_id: Set(version_id),
        grants: Set(json!(of.grants)),
        status: Set(PluginStatus::Enabled),
        archived_at: Set(None),
        ..Default::default()
    };
    let row = match &before {
        None => {
            let in_use = crate::page::count(tx, installed(tx)).await?;
            if in_use >= MOST_PLUGINS {
                return Err(Problem::too_many("", MOST_PLUGINS, "items").into());
            }
            let row = ActiveModel {
                id: Set(plugin_id),
                key: Set(of.key.to_owned()),
                kind: Set(of.kind),
                ..row
            };
            let made = store::insert(tx, row, Fact::Installed).await;
            made.map_err(|error| error.on_unique("key"))?
        }
        Some(before) => {
            let previous = (before.active_version_id != version_id)
                .then_some(before.active_version_id)
                .or(before.previous_version_id);
            let row = ActiveModel { previous_version_id: Set(previous), ..row };
            store::update(tx, before, row, Fact::Installed).await?
        }
    };
    heed(tx, &row)?;
    if known.is_none() {
        let new = version::ActiveModel {
            id: Set(version_id),
            plugin_id: Set(plugin_id),
            number: Set(of.number.to_owned()),
            digest: Set(of.digest.to_owned()),
            manifest: Set(of.manifest.clone()),
            ..Default::default()
        };
        store::insert(tx, new, Fact::Created).await?;
    }
    Ok(row)
}

/// Lets the version before run again, and the other way round: in-flight calls end as they began.
/// It may do what it was granted when it was installed.
pub async fn roll_back(tx: &Tx<'_>, id: PluginId) -> Result<Model> {
    tx.require(Area::Plugins, Access::Write)?;
    let before = lock(tx, id).await?;
    let none = || Error::not_found("id", Kind::PluginVersion);
    let previous = before.previous_version_id.ok_or_else(none)?;
    let grants = super::asked(&version::find_in(tx, previous).await?.manifest);
    let row = ActiveModel {
        active_version_id: Set(previous),
        previous_version_id: Set(Some(before.active_version_id)),
        grants: Set(json!(grants)),
        ..Default::default()
    };
    change(tx, &before, row, Fact::RolledBack).await
}

/// Calls a plugin no longer: what needs it waits, and is shown as blocked.
pub async fn disable(tx: &Tx<'_>, id: PluginId) -> Result<Model> {
    switch(tx, id, PluginStatus::Disabled, Fact::Disabled).await
}

/// Calls a plugin again.
pub async fn enable(tx: &Tx<'_>, id: PluginId) -> Result<Model> {
    switch(tx, id, PluginStatus::Enabled, Fact::Enabled).await
}

async fn switch(tx: &Tx<'_>, id: PluginId, status: PluginStatus, fact: Fact) -> Result<Model> {
    tx.require(Area::Plugins, Access::Write)?;
    let before = lock(tx, id).await?;
    let row = ActiveModel { status: Set(status), ..Default::default() };
    change(tx, &before, row, fact).await
}

/// Uninstalls a plugin. Its versions and what its calls took stay.
pub async fn uninstall(tx: &Tx<'_>, id: PluginId) -> Result<Model> {
    tx.require(Area::Plugins, Access::Write)?;
    let before = lock(tx, id).await?;
    let row = ActiveModel {
        archived_at: Set(Some(tx.now)),
        status: Set(PluginStatus::Disabled),
        ..Default::default()
    };
    change(tx, &before, row, Fact::Archived).await
}

/// Changes a plugin, and lets the tasks of its type know.
async fn change(tx: &Tx<'_>, before: &Model, row: ActiveModel, fact: Fact) -> Result<Model> {
    let row = store::update(tx, before, row, fact).await?;
    heed(tx, &row)?;
    Ok(row)
}

/// Lets the tasks of its type know that a plugin changed.
fn heed(tx: &Tx<'_>, plugin: &Model) -> Result<()> {
    match plugin.kind {
        PluginKind::HealthScore => Ok(()),
        PluginKind::TaskType => by_plugin::heed::ask_for(tx, &plugin.key),
    }
}
