//! Versions of plugins. A version never changes: a call names the one that answered.

use crate::prelude::*;

/// One version of a plugin.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "plugin_version")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PluginVersionId,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub plugin_id: PluginId,
    /// Semantic Versioning 2.0.
    pub number: String,
    /// SHA-256 of the file, in hexadecimal digits.
    pub digest: String,
    /// What it says of itself.
    #[sea_orm(column_type = "JsonBinary")]
    pub manifest: Json,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

noun!(Model, PluginVersionId);

fn visible(cx: &Cx<'_>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(cx.workspace_id()))
}

/// One version.
pub async fn find(cx: &Cx<'_>, id: PluginVersionId) -> Result<Model> {
    cx.require(Area::Plugins, Access::Read)?;
    find_in(cx, id).await
}

/// The versions of these ids, in no order.
pub async fn many(cx: &Cx<'_>, ids: &[PluginVersionId]) -> Result<Vec<Model>> {
    cx.require(Area::Plugins, Access::Read)?;
    Ok(visible(cx).filter(Column::Id.is_in(ids.iter().copied())).all(&cx.db).await?)
}

/// The versions of a plugin, newest first.
pub async fn list(cx: &Cx<'_>, plugin_id: PluginId, args: &PageArgs) -> Result<Page<Model>> {
    cx.require(Area::Plugins, Access::Read)?;
    let of_plugin = visible(cx).filter(Column::PluginId.eq(plugin_id));
    page(cx, of_plugin, &[Order::desc(Column::Id)], args).await
}

/// What these versions say of themselves.
pub(super) async fn in_workspace(
    cx: &Cx<'_>,
    ids: &[PluginVersionId],
) -> Result<Vec<(PluginVersionId, Json)>> {
    let rows = visible(cx).filter(Column::Id.is_in(ids.iter().copied())).all(&cx.db).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.manifest)).collect())
}

pub(crate) async fn find_in(cx: &Cx<'_>, id: PluginVersionId) -> Result<Model> {
    let row = visible(cx).filter(Column::Id.eq(id)).one(&cx.db).await?;
    row.ok_or_else(|| Error::not_found("id", Kind::PluginVersion))
}

/// The version of a plugin with this file, if it was installed before.
pub(super) async fn of_digest(
    cx: &Cx<'_>,
    plugin_id: PluginId,
    digest: &str,
) -> Result<Option<Model>> {
    let found =
        visible(cx).filter(Column::PluginId.eq(plugin_id)).filter(Column::Digest.eq(digest));
    Ok(found.one(&cx.db).await?)
}
