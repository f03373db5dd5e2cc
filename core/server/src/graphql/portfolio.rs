//! Portfolios: the accounts of a CSM or a team, with what is to be done for them.

mod filter;
mod summary;

use async_graphql::{Context, ID, Object, SimpleObject};
use jornada_domain::error::{Code, Problem, Result};
use jornada_domain::portfolio::summary::{self as sums, Summed};
use jornada_domain::portfolio::{self, Of, PortfolioFilter, PortfolioOrder};

pub(super) use self::summary::SummaryQuery;

use self::filter::{PortfolioFilterInput, PortfolioOrderInput};
use self::summary::AccountsSummary;
use super::account::Account;
use super::connection::{Connection, Paging};
use super::id;
use super::request::{Answer, list, read};
use super::scalar::Long;
use super::survey_response::Nps;
use super::word::words;

/// The accounts of a CSM or a team that are tried out, active or paused.
pub(super) struct Portfolio(portfolio::Portfolio);

impl From<portfolio::Portfolio> for Portfolio {
    fn from(portfolio: portfolio::Portfolio) -> Self {
        Self(portfolio)
    }
}

/// The accounts of a CSM or a team that are tried out, active or paused.
#[Object]
impl Portfolio {
    /// The accounts, by name unless another order is said. What a CSM looks at is with each of
    /// them: `taskCounts` and `openTasks`, `lastNps`, `lastSentiment`, `lastInteraction`,
    /// `primaryJourney`, `recurringRevenue` and `nextRenewal`.
    async fn accounts(
        &self,
        ctx: &Context<'_>,
        filter: Option<PortfolioFilterInput>,
        order_by: Option<PortfolioOrderInput>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Answer<Connection<Account>> {
        let paging = Paging { first, after, last, before };
        list(ctx, paging, async move |cx, page| {
            let filter = filter.map(PortfolioFilter::try_from).transpose()?.unwrap_or_default();
            let order = order_by.map(PortfolioOrder::try_from).transpose()?.unwrap_or_default();
            portfolio::accounts(cx, &self.0, &filter, &order, page).await
        })
        .await
    }

    /// What the accounts come to.
    async fn summary(&self, ctx: &Context<'_>) -> Answer<AccountsSummary> {
        read(ctx, async |cx| Ok(Summed::portfolio(cx, &self.0))).await
    }

    /// How many open tasks all accounts have, whoever holds them.
    async fn task_counts(&self, ctx: &Context<'_>) -> Answer<TaskCounts> {
        read(ctx, async |cx| sums::tasks(cx, &Summed::portfolio(cx, &self.0)).await).await
    }

    /// The net promoter score of the newest answer of each contact within the last twelve months;
    /// the answers of an account that name no contact count as those of one.
    async fn nps(&self, ctx: &Context<'_>) -> Answer<Nps> {
        read(ctx, async |cx| sums::nps(cx, &Summed::portfolio(cx, &self.0)).await).await
    }
}

/// How many open tasks there are.
#[derive(SimpleObject)]
pub(super) struct TaskCounts {
    /// Due before today; none in a paused account.
    overdue: Long,
    /// Due today.
    today: Long,
    /// Due later or without a date; all of them in a paused account.
    upcoming: Long,
}

impl From<portfolio::TaskCounts> for TaskCounts {
    fn from(counts: portfolio::TaskCounts) -> Self {
        let portfolio::TaskCounts { overdue, today, upcoming } = counts;
        let long = |count: u64| Long(count.cast_signed());
        Self { overdue: long(overdue), today: long(today), upcoming: long(upcoming) }
    }
}

words! {
    /// When an open task is due.
    TaskDue = "portfolio::Due" {
        /// Before today; never in a paused account.
        Overdue,
        /// Today.
        Today,
        /// Later or without a date; everything in a paused account.
        Upcoming,
    }
}

#[derive(Default)]
pub(super) struct PortfolioQuery;

#[Object]
impl PortfolioQuery {
    /// The portfolio of a user or of a team: exactly one of them is named.
    async fn portfolio(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The CSM of the accounts.")] user_id: Option<ID>,
        #[graphql(desc = "The team of the CSMs of the accounts.")] team_id: Option<ID>,
    ) -> Answer<Portfolio> {
        let of = of(user_id.as_ref(), team_id.as_ref());
        read(ctx, async |cx| portfolio::find(cx, of?).await).await
    }
}

fn of(user_id: Option<&ID>, team_id: Option<&ID>) -> Result<Of> {
    match (user_id, team_id) {
        (Some(id), None) => Ok(Of::User(id::parse("userId", id)?)),
        (None, Some(id)) => Ok(Of::Team(id::parse("teamId", id)?)),
        (None, None) => {
            Err(Problem::new("", Code::OneNeeded).with("names", "userId, teamId").into())
        }
        (Some(_), Some(_)) => {
            Err(Problem::new("teamId", Code::Contradiction).with("with", "userId").into())
        }
    }
}
