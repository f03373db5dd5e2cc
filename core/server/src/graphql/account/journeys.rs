//! What an account shows of its journeys and tasks.

use async_graphql::{Context, Object};
use jornada_domain::id::AccountId;
use jornada_domain::journeys::journey::{self, JourneyFilter};
use jornada_domain::tasks::task::{self, TaskQuery};

use crate::graphql::connection::{Connection, Paging};
use crate::graphql::journey::{Journey, JourneyFilterInput};
use crate::graphql::loader::{load_children, load_of, narrowed, one};
use crate::graphql::request::Answer;
use crate::graphql::task::{Task, TaskFilterInput, TaskOrderInput, query};

/// The journeys and tasks of an account.
pub(super) struct Journeys(pub(super) AccountId);

load_children!(JourneysOf(AccountId, JourneyFilter) => journey::Model, journey::of_accounts);
load_of!(PrimaryOf(AccountId) => journey::Model, journey::primary_of, account_id);
load_children!(TasksOf(AccountId, TaskQuery) => task::Model, task::of_accounts);

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
}
