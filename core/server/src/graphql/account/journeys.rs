//! What an account shows of its journeys and tasks.

use async_graphql::{Context, Object};
use jornada_domain::id::AccountId;
use jornada_domain::journeys::journey::{self, JourneyFilter};
use jornada_domain::portfolio::{self, Due};
use jornada_domain::tasks::task::{self, TaskQuery};

use crate::graphql::connection::{Connection, Paging};
use crate::graphql::journey::{Journey, JourneyFilterInput};
use crate::graphql::loader::{children, load_children, load_each, load_of, narrowed, one};
use crate::graphql::portfolio::{TaskCounts, TaskDue};
use crate::graphql::request::Answer;
use crate::graphql::task::{Task, TaskFilterInput, TaskOrderInput, query};

/// The journeys and tasks of an account.
pub(super) struct Journeys(pub(super) AccountId);

load_children!(JourneysOf(AccountId, JourneyFilter) => journey::Model, journey::of_accounts);
load_of!(PrimaryOf(AccountId) => journey::Model, journey::primary_of, account_id);
load_children!(TasksOf(AccountId, TaskQuery) => task::Model, task::of_accounts);
load_children!(OpenTasksOf(AccountId, Option<Due>) => task::Model, portfolio::tasks_each);
load_each!(TaskCountsOf(AccountId) => portfolio::TaskCounts, portfolio::task_counts);

/// The journeys and tasks of an account.
#[Object]
impl Journeys {
    /// The journeys, oldest first.
    async fn journeys(
        &self,
        ctx: &Context<'_>,
        filter: Option<JourneyFilterInput>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Answer<Connection<Journey>> {
        let paging = Paging { first, after, last, before };
        let filter = filter.map(JourneyFilter::try_from).transpose();
        narrowed(ctx, filter, |filter| JourneysOf(self.0, filter), paging).await
    }

    /// The journey that stands for the account in the portfolio.
    async fn primary_journey(&self, ctx: &Context<'_>) -> Answer<Journey> {
        one(ctx, Some(PrimaryOf(self.0))).await
    }

    /// The tasks, the earliest due date first unless another order is said.
    async fn tasks(
        &self,
        ctx: &Context<'_>,
        filter: Option<TaskFilterInput>,
        order_by: Option<TaskOrderInput>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Answer<Connection<Task>> {
        let paging = Paging { first, after, last, before };
        let query = query(filter, order_by).map(Some);
        narrowed(ctx, query, |query| TasksOf(self.0, query), paging).await
    }

    /// The open tasks, whoever holds them; the earliest due first, those without a date last.
    async fn open_tasks(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only tasks that are due then.")] due: Option<TaskDue>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Answer<Connection<Task>> {
        let paging = Paging { first, after, last, before };
        children(ctx, OpenTasksOf(self.0, due.map(Into::into)), paging).await
    }

    /// How many open tasks there are, whoever holds them.
    async fn task_counts(&self, ctx: &Context<'_>) -> Answer<TaskCounts> {
        one(ctx, Some(TaskCountsOf(self.0))).await
    }
}
