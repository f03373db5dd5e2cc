//! Versions of health models. A version never changes: a score names the one that made it. Only
//! what a plugin says of itself is written anew, when another version of the plugin scores by it.

use super::by_plugin::Described;
use super::definition::{Definition, Scorer};
use crate::prelude::*;

/// One version of a health model.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "health_model_version")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: HealthModelVersionId,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub model_id: HealthModelId,
    /// 1 for the first.
    pub number: i32,
    /// A [`Definition`].
    #[sea_orm(column_type = "JsonBinary")]
    pub definition: Json,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

noun!(Model, HealthModelVersionId);

impl Model {
    /// What it says, read.
    pub fn definition(&self) -> Result<Definition> {
        let read = serde_json::from_value(self.definition.clone());
        read.map_err(|error| DbErr::Json(error.to_string()).into())
    }
}

fn visible(cx: &Cx<'_>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(cx.workspace_id()))
}

/// One version.
pub async fn find(cx: &Cx<'_>, id: HealthModelVersionId) -> Result<Model> {
    cx.require(Area::Health, Access::Read)?;
    find_in(cx, id, "id").await
}

/// The versions of these ids, in no order.
pub async fn many(cx: &Cx<'_>, ids: &[HealthModelVersionId]) -> Result<Vec<Model>> {
    cx.require(Area::Health, Access::Read)?;
    Ok(visible(cx).filter(Column::Id.is_in(ids.iter().copied())).all(&cx.db).await?)
}

/// The versions of a model, newest first.
pub async fn list(cx: &Cx<'_>, model_id: HealthModelId, args: &PageArgs) -> Result<Page<Model>> {
    cx.require(Area::Health, Access::Read)?;
    let of_model = visible(cx).filter(Column::ModelId.eq(model_id));
    page(cx, of_model, &[Order::desc(Column::Number), Order::desc(Column::Id)], args).await
}

pub(super) async fn find_in(cx: &Cx<'_>, id: HealthModelVersionId, field: &str) -> Result<Model> {
    let row = visible(cx).filter(Column::Id.eq(id)).one(&cx.db).await?;
    row.ok_or_else(|| Error::not_found(field, Kind::HealthModelVersion))
}

/// Writes down what the plugin of a version says of itself now.
pub(super) async fn describe_anew(
    tx: &Tx<'_>,
    id: HealthModelVersionId,
    described: &Described,
) -> Result<()> {
    let before = find_in(tx, id, "id").await?;
    let mut definition = before.definition()?;
    if let Scorer::Plugin(by) = &mut definition.scorer {
        by.described = described.clone();
    }
    let definition = Set(serde_json::json!(definition));
    let row = ActiveModel { definition, ..Default::default() };
    store::update(tx, &before, row, Fact::Updated).await.map(drop)
}

/// Adds the next version of a model, whose row is locked.
pub(super) async fn add(
    tx: &Tx<'_>,
    id: HealthModelVersionId,
    model_id: HealthModelId,
    definition: &Definition,
) -> Result<Model> {
    let last = visible(tx).filter(Column::ModelId.eq(model_id)).order_by_desc(Column::Number);
    let number = last.one(&tx.db).await?.map_or(1, |last| last.number + 1);
    let row = ActiveModel {
        id: Set(id),
        model_id: Set(model_id),
        number: Set(number),
        definition: Set(serde_json::json!(definition)),
        ..Default::default()
    };
    store::insert(tx, row, Fact::Created).await
}
