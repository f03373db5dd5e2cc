//! What plugins wrote, and what was written for them, where it names somebody: outcomes of tasks,
//! notices, and what is kept of calls. A plugin puts its words together itself, so that no column
//! tells whom they are about: they are found by the name and the e-mail address.

use sea_orm::sea_query::{Expr, ExprTrait, LikeExpr, SimpleExpr};
use serde_json::json;

use crate::accounts::contact;
use crate::audit;
use crate::journeys::alert;
use crate::plugins::invocation;
use crate::prelude::*;
use crate::tasks::task;

/// Characters of a name by which a text is found: shorter ones stand in other words.
const LEAST_CHARS: usize = 3;

/// Blanks what names a contact; says in how many records.
pub(super) async fn blank(tx: &Tx<'_>, contact: &contact::Model) -> Result<u64> {
    let named = [Some(contact.name.as_str()), contact.email.as_deref()];
    let named: Vec<&str> = named.into_iter().flatten().collect();
    let named: Vec<&str> =
        named.into_iter().filter(|name| name.chars().count() >= LEAST_CHARS).collect();
    if named.is_empty() {
        return Ok(0);
    }
    let workspace = tx.workspace_id();
    let of_calls = invocation::Entity::update_many()
        .col_expr(invocation::Column::Error, Expr::value(None::<String>))
        .col_expr(invocation::Column::Log, Expr::value(json!([])))
        .filter(invocation::Column::WorkspaceId.eq(workspace))
        .filter(any_names(&["error", "log"], &named));
    let of_notices = alert::Entity::update_many()
        .col_expr(alert::Column::Message, Expr::value(None::<String>))
        .filter(alert::Column::WorkspaceId.eq(workspace))
        .filter(alert::Column::AccountId.eq(contact.account_id))
        .filter(any_names(&["message"], &named));
    let of_tasks = task::Entity::update_many()
        .col_expr(task::Column::Outcome, Expr::value(None::<Json>))
        .filter(task::Column::WorkspaceId.eq(workspace))
        .filter(task::Column::AccountId.eq(contact.account_id))
        .filter(any_names(&["outcome"], &named));
    let tasks = task::Entity::find()
        .select_only()
        .column(task::Column::Id)
        .filter(task::Column::WorkspaceId.eq(workspace))
        .filter(task::Column::AccountId.eq(contact.account_id));
    let of_audit = audit::Entity::update_many()
        .col_expr(audit::Column::Changes, Expr::value(json!({})))
        .filter(audit::Column::WorkspaceId.eq(workspace))
        .filter(audit::Column::SubjectKind.eq(Kind::Task.as_str()))
        .filter(audit::Column::SubjectId.in_subquery(sea_orm::QueryTrait::into_query(tasks)))
        .filter(any_names(&["changes"], &named));
    let counts = [
        of_calls.exec(&tx.db).await?.rows_affected,
        of_notices.exec(&tx.db).await?.rows_affected,
        of_tasks.exec(&tx.db).await?.rows_affected,
        of_audit.exec(&tx.db).await?.rows_affected,
    ];
    Ok(counts.iter().sum())
}

/// Whether one of these columns names somebody.
fn any_names(columns: &[&'static str], names: &[&str]) -> SimpleExpr {
    let mut any = Condition::any();
    for column in columns {
        let text = Expr::col(Alias::new(*column)).cast_as(Alias::new("text"));
        for name in names {
            any = any.add(text.clone().like(LikeExpr::new(pattern(name)).escape('\\')));
        }
    }
    any.into()
}

/// What a text looks like that has a name in it. Documents stand in the database as JSON, in which
/// a quotation mark is another one.
fn pattern(name: &str) -> String {
    let mut escaped = String::with_capacity(name.len() + 2);
    for c in name.chars() {
        match c {
            '%' | '_' => escaped.extend(['\\', c]),
            '"' | '\\' => escaped.push('_'),
            c => escaped.push(c),
        }
    }
    format!("%{escaped}%")
}
