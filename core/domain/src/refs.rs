//! What an input refers to: whether it is in the workspace, and whose it is.
//!
//! Asked by the name of the table, because a noun may refer to one that stands above it, like an
//! interaction to the task that it completed.

use std::collections::HashMap;

use sea_orm::sea_query::{Expr, ExprTrait, LockType};

use crate::prelude::*;

/// The accounts of records of one kind; a record that is not in the workspace is left out, and so
/// is a contact that was erased.
pub(crate) async fn accounts_of(
    cx: &Cx<'_>,
    kind: Kind,
    ids: impl IntoIterator<Item = Uuid>,
) -> Result<HashMap<Uuid, AccountId>> {
    let owner = if kind == Kind::Account { "id" } else { "account_id" };
    let mut query = Query::select();
    query
        .column(Alias::new("id"))
        .expr_as(Expr::col(Alias::new(owner)), Alias::new("owner_id"))
        .from(Alias::new(kind.as_str()))
        .and_where(Expr::col(Alias::new("workspace_id")).eq(cx.workspace_id()))
        .and_where(Expr::col(Alias::new("id")).is_in(ids));
    if kind == Kind::Contact {
        query.and_where(Expr::col(Alias::new("erased_at")).is_null());
    }
    let rows = cx.db.query_all(&query).await?;
    let owners = rows.iter().map(|row| Ok((row.try_get("", "id")?, row.try_get("", "owner_id")?)));
    owners.collect()
}

/// Demands that a record belongs to an account.
pub(crate) async fn require_of<I: TypedId>(
    cx: &Cx<'_>,
    account_id: AccountId,
    id: I,
    field: &str,
) -> Result<()> {
    let id: Uuid = id.into();
    require_kept(cx, I::KIND, id, field).await?;
    match accounts_of(cx, I::KIND, [id]).await?.get(&id) {
        None => Err(Error::not_found(field, I::KIND)),
        Some(owner) if *owner != account_id => {
            Err(Problem::new(field, Code::Contradiction).with("with", "accountId").into())
        }
        Some(_) => Ok(()),
    }
}

/// Demands that a record is in the workspace.
pub(crate) async fn require<I: TypedId>(cx: &Cx<'_>, id: I, field: &str) -> Result<()> {
    let id: Uuid = id.into();
    require_kept(cx, I::KIND, id, field).await?;
    let mut query = Query::select();
    query
        .column(Alias::new("id"))
        .from(Alias::new(I::KIND.as_str()))
        .and_where(Expr::col(Alias::new("workspace_id")).eq(cx.workspace_id()))
        .and_where(Expr::col(Alias::new("id")).eq(id));
    let row = cx.db.query_one(&query).await?;
    row.map(|_| ()).ok_or_else(|| Error::not_found(field, I::KIND))
}

/// Demands of a contact that it was not erased, and holds it: whoever erases it meanwhile waits,
/// and then sees what was written about it. Of one that is not there, nothing is said here.
async fn require_kept(cx: &Cx<'_>, kind: Kind, id: Uuid, field: &str) -> Result<()> {
    if kind != Kind::Contact {
        return Ok(());
    }
    let mut query = Query::select();
    query
        .column(Alias::new("erased_at"))
        .from(Alias::new(kind.as_str()))
        .and_where(Expr::col(Alias::new("workspace_id")).eq(cx.workspace_id()))
        .and_where(Expr::col(Alias::new("id")).eq(id))
        .lock(LockType::Share);
    let Some(row) = cx.db.query_one(&query).await? else { return Ok(()) };
    match row.try_get::<Option<DateTime<Utc>>>("", "erased_at")? {
        None => Ok(()),
        Some(_) => Err(Problem::new(field, Code::ContactErased).into()),
    }
}
