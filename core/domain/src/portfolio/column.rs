//! The columns of a portfolio that are derived, by which the list is narrowed and sorted (rule 16).

use std::ops::Range;

use sea_orm::QueryTrait;
use sea_orm::sea_query::{Expr, ExprTrait, JoinType, SimpleExpr};

use super::Due;
use super::Portfolio;
use crate::accounts::account::{self, AccountFilter};
use crate::accounts::segment;
use crate::derived::{Columns, Derived, rank};
use crate::filter::{RangeFilter, TextFilter};
use crate::health::{Band, Bands, score};
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
    /// The health: what the primary model computed, unless a person says something else.
    Health,
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
    /// The health, 0 to 100.
    pub health: Option<RangeFilter<f64>>,
    pub health_band: Option<Vec<Band>>,
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
    let bands = match filter.health_band {
        Some(_) => score::primary_bands(cx).await?,
        None => Bands::default(),
    };
    let of_account = segment::condition(cx, &filter.account).await?;
    let select = portfolio.select(cx).filter(of_account).filter(columns.narrowed(filter, bands)?);
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

impl Columns<'_> {
    fn narrowed(&self, filter: &PortfolioFilter, limits: Bands) -> Result<Condition> {
        let mut all = Condition::all();
        for (range, when) in [
            (&filter.overdue, Due::Overdue),
            (&filter.due_today, Due::Today),
            (&filter.upcoming, Due::Upcoming),
        ] {
            if let Some(range) = range {
                let accepts_none = range.holds(Some(&0));
                all = all.add(self.tasks(when)?.narrow(|value| range.on(value), accepts_none));
            }
        }
        if let Some(range) = &filter.last_nps {
            all = all.add(self.last_nps()?.narrow(|value| range.on(value), range.holds(None)));
        }
        if let Some(words) = &filter.last_sentiment {
            let ranks: Vec<_> = words.iter().map(|word| rank(*word)).collect();
            let fits = |value: SimpleExpr| Condition::all().add(value.is_in(ranks.clone()));
            all = all.add(self.last_sentiment()?.narrow(fits, false));
        }
        if let Some(range) = &filter.last_touch {
            all = all.add(self.last_touch()?.narrow(|value| range.on(value), range.holds(None)));
        }
        if let Some(text) = &filter.stage {
            all = all.add(self.stage()?.narrow(|value| text.on(value), text.holds(None)));
        }
        if let Some(range) = &filter.completeness {
            let accepts_none = range.holds(None);
            all = all.add(self.completeness()?.narrow(|value| range.on(value), accepts_none));
        }
        if let Some(words) = &filter.pace {
            let ranks: Vec<_> = words.iter().map(|word| *word as i64).collect();
            let fits = |value: SimpleExpr| Condition::all().add(value.is_in(ranks.clone()));
            all = all.add(self.pace()?.narrow(fits, false));
        }
        if let Some((currency, range)) = &filter.recurring_revenue {
            let accepts_none = range.holds(Some(&0));
            all = all.add(self.recurring(currency)?.narrow(|value| range.on(value), accepts_none));
        }
        if let Some(range) = &filter.renewal_on {
            all = all.add(self.renewal_on()?.narrow(|value| range.on(value), range.holds(None)));
        }
        if let Some(range) = &filter.pulse {
            all = all.add(self.pulse()?.narrow(|value| range.on(value), range.holds(None)));
        }
        if let Some(range) = &filter.open_risks {
            let accepts_none = range.holds(Some(&0));
            all = all.add(self.open_risks()?.narrow(|value| range.on(value), accepts_none));
        }
        if let Some(range) = &filter.health {
            all = all.add(score::column(self)?.narrow(|value| range.on(value), range.holds(None)));
        }
        if let Some(bands) = &filter.health_band {
            let fits = |value: SimpleExpr| {
                let is_in = |band: &Band| {
                    let Range { start, end } = limits.range(*band);
                    Condition::all().add(value.clone().gte(start)).add(value.clone().lt(end))
                };
                bands.iter().map(is_in).fold(Condition::any(), Condition::add)
            };
            all = all.add(score::column(self)?.narrow(fits, false));
        }
        Ok(all)
    }

    /// The values of a column; none for a column of the account itself.
    fn derived(&self, column: &PortfolioColumn) -> Result<Option<Derived>> {
        Ok(Some(match column {
            PortfolioColumn::Name => return Ok(None),
            PortfolioColumn::Overdue => self.tasks(Due::Overdue)?,
            PortfolioColumn::DueToday => self.tasks(Due::Today)?,
            PortfolioColumn::Upcoming => self.tasks(Due::Upcoming)?,
            PortfolioColumn::LastNps => self.last_nps()?,
            PortfolioColumn::LastSentiment => self.last_sentiment()?,
            PortfolioColumn::LastTouch => self.last_touch()?,
            PortfolioColumn::Stage => self.stage()?,
            PortfolioColumn::Completeness => self.completeness()?,
            PortfolioColumn::Pace => self.pace()?,
            PortfolioColumn::RecurringRevenue(currency) => self.recurring(currency)?,
            PortfolioColumn::RenewalOn => self.renewal_on()?,
            PortfolioColumn::Pulse => self.pulse()?,
            PortfolioColumn::OpenRisks => self.open_risks()?,
            PortfolioColumn::Health => score::column(self)?,
        }))
    }
}
