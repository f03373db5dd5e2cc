//! The columns of a portfolio that are derived, by which the list is narrowed and sorted (rule 16).

use sea_orm::QueryTrait;
use sea_orm::sea_query::{Expr, ExprTrait, JoinType};

use super::Portfolio;
use super::derived::Columns;
use crate::accounts::account::{self, AccountFilter};
use crate::accounts::segment;
use crate::filter::{RangeFilter, TextFilter};
use crate::interactions::Sentiment;
use crate::journeys::pace::Pace;
use crate::page::{Sort, page_sorted};
use crate::prelude::*;

/// By what the accounts of a portfolio are sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum PortfolioColumn {
    /// The name of the account.
    #[default]
    Name,
    /// How many open tasks are overdue.
    Overdue,
    /// How many are due today.
    DueToday,
    /// How many are due later or without a date.
    Upcoming,
    /// The newest answer to an NPS question.
    LastNps,
    /// The sentiment of the newest interaction that has one, the worst first.
    LastSentiment,
    /// When somebody last met the customer.
    LastTouch,
    /// The stage of the primary journey, by its name.
    Stage,
    /// The share of finished tasks in the visit of the primary journey.
    Completeness,
    /// The pace of the primary journey, from on track to stuck.
    Pace,
    /// What is paid a year in a currency.
    RecurringRevenue(String),
    /// The next end of a subscription that is open.
    RenewalOn,
    /// The mean of the scores of the newest pulse.
    Pulse,
    /// How many risks are open.
    OpenRisks,
}

/// By what the accounts are sorted, and in which direction. Accounts without a value come last, or
/// first where the list is read backwards.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PortfolioOrder {
    pub column: PortfolioColumn,
    pub is_descending: bool,
}

/// What narrows the accounts of a portfolio; what is given must all hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PortfolioFilter {
    pub account: AccountFilter,
    pub overdue: Option<RangeFilter<i64>>,
    pub due_today: Option<RangeFilter<i64>>,
    pub upcoming: Option<RangeFilter<i64>>,
    pub last_nps: Option<RangeFilter<i64>>,
    pub last_sentiment: Option<Vec<Sentiment>>,
    pub last_touch: Option<RangeFilter<DateTime<Utc>>>,
    /// The name of the stage, compared exactly.
    pub stage: Option<TextFilter>,
    pub completeness: Option<RangeFilter<f64>>,
    pub pace: Option<Vec<Pace>>,
    /// What is paid a year in a currency.
    pub recurring_revenue: Option<(String, RangeFilter<i64>)>,
    pub renewal_on: Option<RangeFilter<NaiveDate>>,
    pub pulse: Option<RangeFilter<f64>>,
    pub open_risks: Option<RangeFilter<i64>>,
}

/// The accounts of a portfolio, as the filter and the order say.
pub async fn accounts(
    cx: &Cx<'_>,
    portfolio: &Portfolio,
    filter: &PortfolioFilter,
    order: &PortfolioOrder,
    args: &PageArgs,
) -> Result<Page<account::Model>> {
    cx.require(Area::Accounts, Access::Read)?;
    let columns = Columns { cx, ids: portfolio.account_ids(cx), today: cx.today().await? };
    let of_account = segment::condition(cx, &filter.account).await?;
    let select = portfolio.select(cx).filter(of_account).filter(columns.narrowed(filter)?);
    let Some(derived) = columns.derived(&order.column)? else {
        let by = if order.is_descending { Order::desc } else { Order::asc };
        let keys = [by(account::Column::NameFolded), by(account::Column::Id)];
        return page(cx, select, &keys, args).await;
    };
    let (table, id) = (Alias::new("sorted"), account::Column::Id.into_expr());
    let same = Expr::col((table.clone(), Alias::new("account_id"))).eq(id.clone());
    let sort = Sort {
        mark: format!("{:?}", order.column),
        keys: vec![(derived.key(table.clone()), derived.kind)],
        tie: id.clone(),
        id,
        is_descending: order.is_descending,
        may_miss: !derived.counts,
    };
    let mut select = select;
    let join = JoinType::LeftJoin;
    QueryTrait::query(&mut select).join_subquery(join, derived.statement, table, same);
    page_sorted(cx, select, &sort, args).await
}
