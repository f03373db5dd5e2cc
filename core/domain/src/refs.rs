//! What an input refers to: whether it is in the workspace, and whose it is.
//!
//! Asked by the name of the table, because a noun may refer to one that stands above it, like an
//! interaction to the task that it completed.

use std::collections::HashMap;

use sea_orm::sea_query::{Expr, ExprTrait};

use crate::prelude::*;

/// The accounts of records of one kind; a record that is not in the workspace is left out.
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
    let mut query = Query::select();
    query
        .column(Alias::new("id"))
        .from(Alias::new(I::KIND.as_str()))
        .and_where(Expr::col(Alias::new("workspace_id")).eq(cx.workspace_id()))
        .and_where(Expr::col(Alias::new("id")).eq(id));
    let row = cx.db.query_one(&query).await?;
    row.map(|_| ()).ok_or_else(|| Error::not_found(field, I::KIND))
}
