//! Audit entries: who changed what from what to what, and why, in the same transaction.

use crate::auth::ActorKind;
use crate::prelude::*;

/// One change.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_entry")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AuditEntryId,
    pub event_id: EventId,
    /// The type of the event.
    pub action: String,
    pub subject_kind: String,
    pub subject_id: Uuid,
    pub actor_kind: ActorKind,
    pub actor_id: Option<UserId>,
    /// What the person gave as the reason.
    pub reason: Option<String>,
    /// By column: `{"before": …, "after": …}`, or `{"personal": true}` without the values.
    #[sea_orm(column_type = "JsonBinary")]
    pub changes: Json,
    pub recorded_at: DateTime<Utc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

fn visible(cx: &Cx<'_>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(cx.workspace_id()))
}

/// The entries of the workspace or of one record, newest first.
pub async fn list(
    cx: &Cx<'_>,
    subject: Option<(Kind, Uuid)>,
    args: &PageArgs,
) -> Result<Page<Model>> {
    cx.require(Area::Audit, Access::Read)?;
    let mut select = visible(cx);
    if let Some((kind, id)) = subject {
        select = select.filter(Column::SubjectKind.eq(kind.as_str()));
        select = select.filter(Column::SubjectId.eq(id));
    }
    page(cx, select, &[Order::desc(Column::Id)], args).await
}

/// The entries of these ids, in no order.
pub async fn many(cx: &Cx<'_>, ids: &[AuditEntryId]) -> Result<Vec<Model>> {
    cx.require(Area::Audit, Access::Read)?;
    Ok(visible(cx).filter(Column::Id.is_in(ids.iter().copied())).all(&cx.db).await?)
}
