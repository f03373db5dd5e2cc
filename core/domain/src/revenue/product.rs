//! Products: what is sold, and stands on the lines of subscriptions.

use std::collections::HashMap;

use crate::prelude::*;

/// Something that is sold.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "product")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ProductId,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// What integrations call it; it never changes.
    pub key: String,
    pub name: String,
    pub description: Option<String>,
    pub archived_at: Option<DateTime<Utc>>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

noun!(Model, ProductId);

/// A product to be added.
#[derive(Clone, Debug)]
pub struct NewProduct {
    pub key: String,
    pub name: String,
    pub description: Option<String>,
}

/// Changes of a product; `None` leaves a field as it is, `Some(None)` empties it.
#[derive(Clone, Debug, Default)]
pub struct ProductPatch {
    pub expected_version: Option<i64>,
    pub name: Option<String>,
    pub description: Option<Option<String>>,
}

fn visible(cx: &Cx<'_>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(cx.workspace_id()))
}

async fn find_in(cx: &Cx<'_>, id: ProductId) -> Result<Model> {
    let row = visible(cx).filter(Column::Id.eq(id)).one(&cx.db).await?;
    row.ok_or_else(|| Error::not_found("id", Kind::Product))
}

/// The products of these ids, in no order.
pub async fn many(cx: &Cx<'_>, ids: &[ProductId]) -> Result<Vec<Model>> {
    cx.require(Area::Revenue, Access::Read)?;
    in_workspace(cx, ids).await
}

pub(super) async fn in_workspace(cx: &Cx<'_>, ids: &[ProductId]) -> Result<Vec<Model>> {
    Ok(visible(cx).filter(Column::Id.is_in(ids.iter().copied())).all(&cx.db).await?)
}

/// Products by their keys; archived ones where they are asked for.
pub async fn list(cx: &Cx<'_>, include_archived: bool, args: &PageArgs) -> Result<Page<Model>> {
    cx.require(Area::Revenue, Access::Read)?;
    let live = (!include_archived).then(|| Column::ArchivedAt.is_null());
    let select = visible(cx).filter(Condition::all().add_option(live));
    page(cx, select, &[Order::asc(Column::Key), Order::asc(Column::Id)], args).await
}

/// The ids of the products with these keys, also of archived ones; a key of none is left out.
pub async fn by_keys(cx: &Cx<'_>, keys: &[&str]) -> Result<HashMap<String, ProductId>> {
    cx.require(Area::Revenue, Access::Read)?;
    let rows = visible(cx).filter(Column::Key.is_in(keys.iter().copied()));
    let pairs = rows.select_only().column(Column::Key).column(Column::Id);
    let pairs: Vec<(String, ProductId)> = pairs.into_tuple().all(&cx.db).await?;
    Ok(pairs.into_iter().collect())
}

/// Adds a product.
pub async fn create(tx: &Tx<'_>, new: NewProduct) -> Result<Model> {
    tx.require(Area::Revenue, Access::Write)?;
    let mut checks = Checks::new();
    let key = checks.key("key", &new.key);
    let patch = ProductPatch {
        expected_version: None,
        name: Some(new.name),
        description: Some(new.description),
    };
    let row = ActiveModel { key: Set(key), ..columns(checks, patch)? };
    store::insert(tx, row, Fact::Created).await.map_err(|error| error.on_unique("key"))
}

/// Changes a product.
pub async fn update(tx: &Tx<'_>, id: ProductId, patch: ProductPatch) -> Result<Model> {
    tx.require(Area::Revenue, Access::Write)?;
    let before = find_in(tx, id).await?;
    store::expect_version(&before, patch.expected_version)?;
    let mut checks = Checks::new();
    checks.ensure(before.archived_at.is_none(), || Problem::new("id", Code::Archived));
    store::update(tx, &before, columns(checks, patch)?, Fact::Updated).await
}

/// Puts a product away: it stays on the lines that have it and can no longer be sold.
pub async fn archive(tx: &Tx<'_>, id: ProductId) -> Result<Model> {
    tx.require(Area::Revenue, Access::Write)?;
    let before = find_in(tx, id).await?;
    let archived_at = before.archived_at.or(Some(tx.now));
    let row = ActiveModel { archived_at: Set(archived_at), ..Default::default() };
    store::update(tx, &before, row, Fact::Archived).await
}

/// Takes an archived product back.
pub async fn restore(tx: &Tx<'_>, id: ProductId) -> Result<Model> {
    tx.require(Area::Revenue, Access::Write)?;
    let before = find_in(tx, id).await?;
    let row = ActiveModel { archived_at: Set(None), ..Default::default() };
    store::update(tx, &before, row, Fact::Restored).await
}

fn columns(mut checks: Checks, patch: ProductPatch) -> Result<ActiveModel> {
    let mut row: ActiveModel = Default::default();
    if let Some(name) = patch.name {
        row.name = Set(checks.text("name", &name, 200));
    }
    if let Some(description) = patch.description {
        row.description = Set(checks.maybe_prose("description", description.as_deref(), 500));
    }
    checks.finish()?;
    Ok(row)
}
