//! The report on recurring revenue: GRR, NRR and what they are made of.

use async_graphql::{ComplexObject, Context, Object, SimpleObject};
use jornada_domain::error::Result;
use jornada_domain::id::{OptionId, UserId};
use jornada_domain::revenue::report::{self, Dimension, Figures, Group, Period, Question};
use jornada_domain::{Cx, revenue};
use uuid::Uuid;

use crate::graphql::account::AccountFilterInput;
use crate::graphql::loader::one;
use crate::graphql::option::Choice;
use crate::graphql::request::{Answer, read};
use crate::graphql::scalar::{Date, Long, Money};
use crate::graphql::user::User;
use crate::graphql::word::words;

#[derive(Default)]
pub(in crate::graphql) struct ReportQuery;

#[Object]
impl ReportQuery {
    /// How recurring revenue was kept and grown, at most 36 periods. Only accounts that paid before
    /// a period count for its rates; what others bring is new. Archived accounts count, too.
    async fn revenue_report(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first day.")] from: Date,
        #[graphql(desc = "The last day.")] to: Date,
        #[graphql(desc = "Cuts the days into periods; one unless said.")] every: Option<
            ReportInterval,
        >,
        #[graphql(desc = "Tells groups apart; all together unless said.")] by: Option<
            RevenueDimension,
        >,
        filter: Option<AccountFilterInput>,
    ) -> Answer<RevenueReport> {
        read(ctx, async move |cx| {
            let filter = filter.map(|filter| filter.parse("filter")).transpose()?;
            let question = Question { filter: filter.unwrap_or_default(), by: by.map(Into::into) };
            let whole = Period { from: from.into(), to: to.into() };
            let periods = report::periods(whole, every.map(Into::into))?;
            Report::of(cx, &question, periods).await
        })
        .await
    }
}

/// A report as the domain gives it, period by period.
struct Report {
    by: Option<Dimension>,
    periods: Vec<(Period, Vec<Group>)>,
}

impl Report {
    async fn of(cx: &Cx<'_>, question: &Question, periods: Vec<Period>) -> Result<Self> {
        let mut found = Vec::with_capacity(periods.len());
        for period in periods {
            found.push((period, report::groups(cx, question, period).await?));
        }
        Ok(Self { by: question.by, periods: found })
    }
}

/// How recurring revenue was kept and grown.
#[derive(SimpleObject)]
pub(in crate::graphql) struct RevenueReport {
    /// The periods in their order.
    periods: Vec<RevenuePeriod>,
}

impl From<Report> for RevenueReport {
    fn from(Report { by, periods }: Report) -> Self {
        let period = |(Period { from, to }, groups): (Period, Vec<Group>)| RevenuePeriod {
            from: Date(from),
            to: Date(to),
            groups: groups.into_iter().map(|group| RevenueGroup::new(by, group)).collect(),
        };
        Self { periods: periods.into_iter().map(period).collect() }
    }
}

/// A stretch of days.
#[derive(SimpleObject)]
pub(in crate::graphql) struct RevenuePeriod {
    /// The first day.
    from: Date,
    /// The last day.
    to: Date,
    /// The groups; one for all together.
    groups: Vec<RevenueGroup>,
}

/// The accounts that have something in common.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(in crate::graphql) struct RevenueGroup {
    #[graphql(skip)]
    by: Option<Dimension>,
    #[graphql(skip)]
    of: Option<Uuid>,
    /// How many accounts paid anything before the first day.
    opening_accounts: Long,
    /// How many of them pay nothing at the end of the last day.
    lost_accounts: Long,
    /// Logo churn: lost accounts to opening accounts; null where there were none.
    logo_churn: Option<f64>,
    /// One entry for each currency, by currency: amounts of different ones are never added up.
    currencies: Vec<RevenueFigures>,
}

impl RevenueGroup {
    fn new(by: Option<Dimension>, group: Group) -> Self {
        let Group { of, opening_accounts, lost_accounts, figures } = group;
        Self {
            by,
            of,
            opening_accounts: opening_accounts.into(),
            lost_accounts: lost_accounts.into(),
            logo_churn: revenue::report::share(lost_accounts, opening_accounts),
            currencies: figures.into_iter().map(Into::into).collect(),
        }
    }

    fn named(&self, by: Dimension) -> Option<Uuid> {
        self.of.filter(|_| self.by == Some(by))
    }
}

#[ComplexObject]
impl RevenueGroup {
    /// The customer success manager of the accounts now, where groups are told apart so.
    async fn csm(&self, ctx: &Context<'_>) -> Answer<User> {
        one(ctx, self.named(Dimension::Csm).map(UserId)).await
    }

    /// The market segment of the accounts now, where groups are told apart so.
    async fn market_segment(&self, ctx: &Context<'_>) -> Answer<Choice> {
        one(ctx, self.named(Dimension::MarketSegment).map(OptionId)).await
    }

    /// The package of the subscriptions, where groups are told apart so.
    async fn package(&self, ctx: &Context<'_>) -> Answer<Choice> {
        one(ctx, self.named(Dimension::Package).map(OptionId)).await
    }
}

/// The figures of one currency, all of them a year: opening + new + upgrade + cross-sell −
/// downgrade − churn = closing. A rate is null where nothing was paid at the beginning.
#[derive(SimpleObject)]
pub(in crate::graphql) struct RevenueFigures {
    /// What was paid before the first day.
    opening: Money,
    /// What accounts bring that paid nothing then.
    new: Money,
    /// More of what was there.
    upgrade: Money,
    /// Upgrades to the opening.
    upgrade_rate: Option<f64>,
    /// Something else in addition.
    cross_sell: Money,
    /// Cross-sells to the opening.
    cross_sell_rate: Option<f64>,
    /// Less of what was there.
    downgrade: Money,
    /// Downgrades to the opening.
    downgrade_rate: Option<f64>,
    /// What was paid by accounts that pay nothing any more.
    churn: Money,
    /// Churn to the opening.
    churn_rate: Option<f64>,
    /// What is paid at the end of the last day.
    closing: Money,
    /// Gross revenue retention: what was kept of the opening, at most 1.
    grr: Option<f64>,
    /// Net revenue retention: with what the same accounts brought in addition.
    nrr: Option<f64>,
    /// The part of upgrades and cross-sells that came from customer success.
    cs_sourced: Money,
    /// That part to all upgrades and cross-sells.
    cs_sourced_share: Option<f64>,
}

impl From<Figures> for RevenueFigures {
    fn from(figures: Figures) -> Self {
        let money = |amount| Money::new(amount, figures.currency.clone());
        Self {
            opening: money(figures.opening),
            new: money(figures.new),
            upgrade: money(figures.upgrade),
            upgrade_rate: figures.rate(figures.upgrade),
            cross_sell: money(figures.cross_sell),
            cross_sell_rate: figures.rate(figures.cross_sell),
            downgrade: money(figures.downgrade),
            downgrade_rate: figures.rate(figures.downgrade),
            churn: money(figures.churn),
            churn_rate: figures.rate(figures.churn),
            closing: money(figures.closing),
            grr: figures.grr(),
            nrr: figures.nrr(),
            cs_sourced: money(figures.cs_sourced),
            cs_sourced_share: figures.cs_sourced_share(),
        }
    }
}

words! {
    /// How days are cut into periods.
    ReportInterval = "report::Every" {
        /// Into months, counted from the first day.
        Month,
        /// Into three months.
        Quarter,
        /// Into years.
        Year,
    }
}

words! {
    /// What groups are told apart by.
    RevenueDimension = "report::Dimension" {
        /// The customer success manager of the account on the last day of the period, or today
        /// where it has not ended.
        Csm,
        /// The market segment of the account now.
        MarketSegment,
        /// The package of the subscription.
        Package,
    }
}
