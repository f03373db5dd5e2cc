//! The portfolio: the accounts of a CSM or of a team, and what is to be done for them (rule 16).
//! Derived, never stored.

mod column;
pub mod stage_load;
pub mod summary;

use std::collections::HashMap;

use sea_orm::QueryTrait;
use sea_orm::sea_query::{Expr, ExprTrait, SelectStatement};

use crate::accounts::account::{self, AccountStatus};
use crate::accounts::assignment;
use crate::auth::{team, user};
use crate::options::option;
use crate::prelude::*;
use crate::tasks::agenda::{due, open_tasks};
use crate::tasks::task;

pub use crate::tasks::agenda::Due;
pub use column::{PortfolioColumn, PortfolioFilter, PortfolioOrder, accounts};

/// Whose portfolio.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// The accounts of which this user is the CSM now.
    User(UserId),
    /// The accounts of which a member of this team is the CSM now.
    Team(TeamId),
}

/// A portfolio: the accounts that are tried out, active or paused, of these CSMs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Portfolio {
    csm_ids: Vec<UserId>,
}

/// How many open tasks there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TaskCounts {
    pub overdue: u64,
    pub today: u64,
    pub upcoming: u64,
}

impl TaskCounts {
    fn add(&mut self, due: Due, count: i64) {
        let counter = match due {
            Due::Overdue => &mut self.overdue,
            Due::Today => &mut self.today,
            Due::Upcoming => &mut self.upcoming,
        };
        *counter += count.unsigned_abs();
    }
}

/// The portfolio of a user or a team.
pub async fn find(cx: &Cx<'_>, of: Of) -> Result<Portfolio> {
    cx.require(Area::Accounts, Access::Read)?;
    let csm_ids = match of {
        Of::User(id) => vec![user::find_in(cx, id, "userId").await?.id],
        Of::Team(id) => {
            let team = team::find_in(cx, id, "teamId").await?;
            team::member::ids(cx, team.id).await?.into_iter().collect()
        }
    };
    Ok(Portfolio { csm_ids })
}

/// When each of these tasks is due; those that are not open are left out.
pub async fn due_of(cx: &Cx<'_>, task_ids: &[TaskId]) -> Result<HashMap<TaskId, Due>> {
    cx.require(Area::Tasks, Access::Read)?;
    let select = open_tasks(cx)
        .filter(task::Column::Id.is_in(task_ids.iter().copied()))
        .select_only()
        .column(task::Column::Id)
        .column_as(due(cx, cx.today().await?), "due");
    Ok(select.into_tuple().all(&cx.db).await?.into_iter().collect())
}

/// How many open tasks each of these accounts has, whoever holds them.
pub async fn task_counts(
    cx: &Cx<'_>,
    accounts: &[AccountId],
) -> Result<HashMap<AccountId, TaskCounts>> {
    cx.require(Area::Tasks, Access::Read)?;
    let select = open_tasks(cx)
        .filter(task::Column::AccountId.is_in(accounts.iter().copied()))
        .select_only()
        .column(task::Column::AccountId)
        .column_as(due(cx, cx.today().await?), "due")
        .column_as(task::Column::Id.count(), "count")
        .group_by(task::Column::AccountId)
        .group_by(Expr::col(Alias::new("due")));
    let mut counts: HashMap<_, _> =
        accounts.iter().map(|id| (*id, TaskCounts::default())).collect();
    for (id, due, count) in select.into_tuple::<(AccountId, Due, i64)>().all(&cx.db).await? {
        counts.entry(id).or_default().add(due, count);
    }
    Ok(counts)
}

/// A page of the open tasks of each of these accounts, the earliest due first, those without a
/// date last.
pub async fn tasks_each(
    cx: &Cx<'_>,
    accounts: &[AccountId],
    when: &Option<Due>,
    args: &PageArgs,
) -> Result<HashMap<AccountId, Page<task::Model>>> {
    cx.require(Area::Tasks, Access::Read)?;
    let mut select = open_tasks(cx);
    if let Some(when) = when {
        select = select.filter(due(cx, cx.today().await?).eq(*when));
    }
    let order =
        [Order::asc(task::Column::DueOn).null_as("9999-12-31"), Order::asc(task::Column::Id)];
    page_each(cx, select, task::Column::AccountId, accounts, &order, args).await
}

impl Portfolio {
    fn select(&self, cx: &Cx<'_>) -> Select<account::Entity> {
        use AccountStatus::{Active, Paused, Trial};
        let theirs = assignment::accounts_of(cx, option::CSM, Some(&self.csm_ids));
        account::Entity::find()
            .filter(account::Column::WorkspaceId.eq(cx.workspace_id()))
            .filter(account::Column::Id.in_subquery(theirs))
            .filter(account::Column::Status.is_in([Trial, Active, Paused]))
            .filter(account::Column::ArchivedAt.is_null())
    }

    fn account_ids(&self, cx: &Cx<'_>) -> SelectStatement {
        self.select(cx).select_only().column(account::Column::Id).into_query()
    }
}
