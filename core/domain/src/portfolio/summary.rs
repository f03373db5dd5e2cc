//! What many accounts come to: those of a portfolio, of a segment, or of the whole workspace. Each
//! answer takes one statement.

use chrono::Months;
use sea_orm::QueryTrait;
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait, Func, SelectStatement};

use super::{Portfolio, TaskCounts};
use crate::accounts::account::{self, AccountFilter, AccountStatus};
use crate::accounts::segment;
use crate::calendar::plus;
use crate::derived::Columns;
use crate::feedback::response;
use crate::feedback::score::NpsTally;
use crate::health::Band;
use crate::health::score;
use crate::health::spread::BandCounts;
use crate::money::Money;
use crate::prelude::*;
use crate::revenue::movement;
use crate::revenue::renewal::{self, RenewalStatus};
use crate::tasks::agenda::{Due, due, open_tasks};
use crate::tasks::task;

/// The accounts that are summed up.
#[derive(Clone, Debug)]
pub struct Summed(pub(super) SelectStatement);

impl Summed {
    /// Those of a portfolio.
    pub fn portfolio(cx: &Cx<'_>, portfolio: &Portfolio) -> Self {
        Self(portfolio.account_ids(cx))
    }
}

/// The accounts that a filter keeps, without archived ones.
pub async fn of_filter(cx: &Cx<'_>, filter: &AccountFilter) -> Result<Summed> {
    cx.require(Area::Accounts, Access::Read)?;
    let condition = segment::condition(cx, filter).await?;
    let kept = account::live(cx).filter(condition);
    Ok(Summed(kept.select_only().column(account::Column::Id).into_query()))
}

/// How many accounts stand where.
pub async fn accounts(cx: &Cx<'_>, of: &Summed) -> Result<Vec<(AccountStatus, u64)>> {
    cx.require(Area::Accounts, Access::Read)?;
    let select = account::live(cx)
        .filter(account::Column::Id.in_subquery(of.0.clone()))
        .select_only()
        .column(account::Column::Status)
        .column_as(account::Column::Id.count(), "count")
        .group_by(account::Column::Status)
        .order_by_asc(account::Column::Status);
    let rows = select.into_tuple::<(AccountStatus, i64)>().all(&cx.db).await?;
    Ok(rows.into_iter().map(|(status, count)| (status, count.unsigned_abs())).collect())
}

/// How many open tasks they have, whoever holds them.
pub async fn tasks(cx: &Cx<'_>, of: &Summed) -> Result<TaskCounts> {
    cx.require(Area::Tasks, Access::Read)?;
    let select = open_tasks(cx)
        .filter(task::Column::AccountId.in_subquery(of.0.clone()))
        .select_only()
        .column_as(due(cx, cx.today().await?), "due")
        .column_as(task::Column::Id.count(), "count")
        .group_by(Expr::col(Alias::new("due")));
    let mut totals = TaskCounts::default();
    for (due, count) in select.into_tuple::<(Due, i64)>().all(&cx.db).await? {
        totals.add(due, count);
    }
    Ok(totals)
}

/// NPS: the newest answer of each contact within the last twelve months.
pub async fn nps(cx: &Cx<'_>, of: &Summed) -> Result<NpsTally> {
    cx.require(Area::Feedback, Access::Read)?;
    let since = cx.now.checked_sub_months(Months::new(12)).unwrap_or(cx.now);
    response::tally(cx, of.0.clone(), since).await
}

/// How many primary journeys have which pace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Paces {
    pub on_track: u64,
    pub behind: u64,
    pub stuck: u64,
}

/// The paces of the primary journeys.
pub async fn paces(cx: &Cx<'_>, of: &Summed) -> Result<Paces> {
    let columns = Columns { cx, ids: of.0.clone(), today: cx.today().await? };
    let query = Query::select()
        .column(Alias::new("value"))
        .expr_as(Expr::col(Alias::new("account_id")).count(), Alias::new("count"))
        .from_subquery(columns.pace_statement()?, Alias::new("paces"))
        .group_by_col(Alias::new("value"))
        .take();
    let mut paces = Paces::default();
    for row in cx.db.query_all(&query).await? {
        let (value, count): (i64, i64) = (row.try_get("", "value")?, row.try_get("", "count")?);
        let counter = match value {
            0 => &mut paces.on_track,
            1 => &mut paces.behind,
            _ => &mut paces.stuck,
        };
        *counter += count.unsigned_abs();
    }
    Ok(paces)
}

/// How many of them are in which band of health, as people see it; whom too little is known of is
/// counted apart.
pub async fn health(cx: &Cx<'_>, of: &Summed) -> Result<BandCounts> {
    let bands = score::primary_bands(cx).await?;
    let columns = Columns { cx, ids: of.0.clone(), today: cx.today().await? };
    let value = || Expr::col(Alias::new("value"));
    let band = CaseStatement::new()
        .case(value().gte(bands.healthy), Band::Healthy)
        .case(value().gte(bands.concerning), Band::Concerning)
        .finally(Band::Poor);
    let known = Query::select()
        .expr_as(band, Alias::new("band"))
        .from_subquery(score::column(&columns)?.statement, Alias::new("known"))
        .take();
    let query = Query::select()
        .column(Alias::new("band"))
        .expr_as(Func::count(Expr::val(1)), Alias::new("count"))
        .from_subquery(known, Alias::new("banded"))
        .group_by_col(Alias::new("band"))
        .take();
    let mut counts = BandCounts::default();
    for row in cx.db.query_all(&query).await? {
        let (band, count): (Band, i64) = (row.try_get("", "band")?, row.try_get("", "count")?);
        *counts.of(Some(band)) += count.unsigned_abs();
    }
    let in_all = account::live(cx).filter(account::Column::Id.in_subquery(of.0.clone()));
    let in_all = crate::page::count(cx, in_all).await?;
    let BandCounts { poor, concerning, healthy, .. } = counts;
    counts.insufficient = in_all.saturating_sub(poor + concerning + healthy);
    Ok(counts)
}

/// What they pay a year, by currency.
pub async fn recurring(cx: &Cx<'_>, of: &Summed) -> Result<Vec<Money>> {
    cx.require(Area::Revenue, Access::Read)?;
    let of_accounts = movement::Column::AccountId.in_subquery(of.0.clone());
    movement::recurring_where(cx, Condition::all().add(of_accounts)).await
}

/// Renewals that are open and end soon.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RenewalsDue {
    /// How many.
    pub count: u64,
    /// What the subscriptions bring a year, by currency.
    pub recurring: Vec<Money>,
}

/// How far ahead one may look, in days.
const MOST_DAYS: u64 = 1100;

/// The open renewals whose subscription ends within some days, in two statements.
pub async fn renewals_due(cx: &Cx<'_>, of: &Summed, days: u64) -> Result<RenewalsDue> {
    cx.require(Area::Revenue, Access::Read)?;
    let mut checks = Checks::new();
    checks.range("days", days, 1, MOST_DAYS);
    checks.finish()?;
    let until = plus(cx.today().await?, days);
    let due = renewal::Entity::find()
        .filter(renewal::Column::WorkspaceId.eq(cx.workspace_id()))
        .filter(renewal::Column::Status.eq(RenewalStatus::Open))
        .filter(renewal::Column::EndsOn.lte(until))
        .filter(renewal::Column::AccountId.in_subquery(of.0.clone()));
    let count = crate::page::count(cx, due.clone()).await?;
    let subscriptions = due.select_only().column(renewal::Column::SubscriptionId).into_query();
    let theirs = movement::Column::SubscriptionId.in_subquery(subscriptions);
    let recurring = movement::recurring_where(cx, Condition::all().add(theirs)).await?;
    Ok(RenewalsDue { count, recurring })
}
