//! The agenda: which tasks are to be done, and when, as a CSM plans the day. Derived, never stored.

use sea_orm::sea_query::{CaseStatement, ExprTrait};

use super::{TaskStatus, task};
use crate::accounts::account::{self, AccountStatus};
use crate::prelude::*;
use sea_orm::QueryTrait;

/// When an open task is due, as a CSM plans the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Due {
    /// Before today; never in a paused account.
    Overdue,
    /// Today.
    Today,
    /// Later or without a date; everything in a paused account.
    Upcoming,
}

/// The tasks that are to be done.
pub(crate) fn open_tasks(cx: &Cx<'_>) -> Select<task::Entity> {
    task::visible(cx).filter(is_open())
}

/// Whether a task is to be done.
pub(crate) fn is_open() -> Expr {
    use TaskStatus::{Blocked, Open, Preparing};
    task::Column::Status.is_in([Preparing, Open, Blocked])
}

/// [`Due`] of a task, as SQL.
pub(crate) fn due(cx: &Cx<'_>, today: NaiveDate) -> Expr {
    let paused = account::Entity::find()
        .select_only()
        .column(account::Column::Id)
        .filter(account::Column::WorkspaceId.eq(cx.workspace_id()))
        .filter(account::Column::Status.eq(AccountStatus::Paused))
        .into_query();
    let due_on = Expr::col((task::Entity, task::Column::DueOn));
    CaseStatement::new()
        .case(task::Column::AccountId.in_subquery(paused), Due::Upcoming)
        .case(due_on.clone().lt(today), Due::Overdue)
        .case(due_on.eq(today), Due::Today)
        .finally(Due::Upcoming)
        .into()
}
