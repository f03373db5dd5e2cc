//! The files of plugins, kept once for each digest.

use sea_orm::PaginatorTrait;
use sea_orm::sea_query::{ExprTrait, OnConflict};

use super::{plan, version};
use crate::prelude::*;

/// A file.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "plugin_file")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    /// SHA-256, in hexadecimal digits.
    #[sea_orm(primary_key, auto_increment = false)]
    pub digest: String,
    pub content: Vec<u8>,
    pub created_at: DateTime<Utc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The bytes of a file.
pub async fn read(cx: &Cx<'_>, digest: &str) -> Result<Option<Vec<u8>>> {
    cx.require(Area::Plugins, Access::Read)?;
    let row = Entity::find()
        .filter(Column::WorkspaceId.eq(cx.workspace_id()))
        .filter(Column::Digest.eq(digest));
    Ok(row.one(&cx.db).await?.map(|row| row.content))
}

/// Forgets a file that nobody wanted, unless it is one of an installed version or of another plan.
pub(super) async fn forget(tx: &Tx<'_>, plan: &plan::Model) -> Result<()> {
    let of_version = version::Column::WorkspaceId
        .eq(tx.workspace_id())
        .and(version::Column::Digest.eq(&plan.digest));
    let of_plan = Condition::all()
        .add(plan::Column::WorkspaceId.eq(tx.workspace_id()))
        .add(plan::Column::Digest.eq(&plan.digest))
        .add(plan::Column::Id.ne(plan.id))
        .add(plan::Column::Status.ne(plan::PlanStatus::Discarded));
    let versions = version::Entity::find().filter(of_version).count(&tx.db).await?;
    let plans = plan::Entity::find().filter(of_plan).count(&tx.db).await?;
    if versions + plans == 0 {
        Entity::delete_many()
            .filter(Column::WorkspaceId.eq(tx.workspace_id()))
            .filter(Column::Digest.eq(&plan.digest))
            .exec(&tx.db)
            .await?;
    }
    Ok(())
}

/// Keeps a file, if it is not there yet.
pub(super) async fn keep(tx: &Tx<'_>, digest: &str, content: Vec<u8>) -> Result<()> {
    let row = ActiveModel {
        workspace_id: Set(tx.workspace_id()),
        digest: Set(digest.to_owned()),
        content: Set(content),
        created_at: Set(tx.now),
    };
    let there = OnConflict::columns([Column::WorkspaceId, Column::Digest]).do_nothing().to_owned();
    Entity::insert(row).on_conflict(there).exec_without_returning(&tx.db).await?;
    Ok(())
}
