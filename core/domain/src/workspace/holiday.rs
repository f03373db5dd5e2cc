//! Holidays: days that are no working days.

use std::collections::BTreeSet;

use crate::prelude::*;

/// A day on which nobody works.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "holiday")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: HolidayId,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub on_date: NaiveDate,
    pub name: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

noun!(Model, HolidayId);

/// Holidays that a calendar takes into account: thirty years of fifty.
const MOST_HOLIDAYS: u64 = 1500;

fn visible(cx: &Cx<'_>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(cx.workspace_id()))
}

/// The holidays of the workspace, earliest first.
pub async fn list(cx: &Cx<'_>, args: &PageArgs) -> Result<Page<Model>> {
    cx.require(Area::Workspace, Access::Read)?;
    page(cx, visible(cx), &[Order::asc(Column::OnDate), Order::asc(Column::Id)], args).await
}

/// The holidays of these ids, in no order.
pub async fn many(cx: &Cx<'_>, ids: &[HolidayId]) -> Result<Vec<Model>> {
    cx.require(Area::Workspace, Access::Read)?;
    Ok(visible(cx).filter(Column::Id.is_in(ids.iter().copied())).all(&cx.db).await?)
}

pub(super) async fn dates(cx: &Cx<'_>) -> Result<BTreeSet<NaiveDate>> {
    let latest = visible(cx).order_by_desc(Column::OnDate).limit(MOST_HOLIDAYS);
    Ok(latest.all(&cx.db).await?.into_iter().map(|row| row.on_date).collect())
}

/// Adds a holiday. Due dates that were given out stay as they are.
pub async fn create(tx: &Tx<'_>, on_date: NaiveDate, name: &str) -> Result<Model> {
    tx.require(Area::Workspace, Access::Write)?;
    let mut checks = Checks::new();
    let name = checks.text("name", name, 200);
    checks.finish()?;
    let row = ActiveModel { on_date: Set(on_date), name: Set(name), ..Default::default() };
    store::insert(tx, row, Fact::Created).await.map_err(|error| error.on_unique("onDate"))
}

/// Removes a holiday.
pub async fn delete(tx: &Tx<'_>, id: HolidayId) -> Result<()> {
    tx.require(Area::Workspace, Access::Write)?;
    let row = visible(tx).filter(Column::Id.eq(id)).one(&tx.db).await?;
    let row = row.ok_or_else(|| Error::not_found("id", Kind::Holiday))?;
    store::delete::<ActiveModel>(tx, row).await
}
