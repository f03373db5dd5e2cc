//! What people make of an account, and what they mean to do about it.

use async_graphql::{Context, Object};
use jornada_domain::id::AccountId;
use jornada_domain::plans::pulse::{self, PulseFilter};
use jornada_domain::plans::success_plan;

use crate::graphql::connection::{Connection, Paging};
use crate::graphql::loader::{load_children, load_of, narrowed, one};
use crate::graphql::pulse::{Pulse, PulseFilterInput};
use crate::graphql::request::Answer;
use crate::graphql::success_plan::SuccessPlan;

/// The plans for an account.
pub(super) struct Plans(pub(super) AccountId);

load_children!(PulsesOf(AccountId, PulseFilter) => pulse::Model, pulse::list_each);
load_of!(LastPulseOf(AccountId) => pulse::Model, pulse::latest_of_accounts, account_id);
load_of!(PlanOf(AccountId) => success_plan::Model, success_plan::of_accounts, account_id);

/// The plans for an account.
#[Object]
impl Plans {
    /// What people made of the customer, newest first, without what was put away.
    async fn pulses(
        &self,
        ctx: &Context<'_>,
        filter: Option<PulseFilterInput>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Answer<Connection<Pulse>> {
        let paging = Paging { first, after, last, before };
        let filter = filter.map(PulseFilter::try_from).transpose();
        narrowed(ctx, filter, |filter| PulsesOf(self.0, filter), paging).await
    }

    /// What somebody last made of the customer.
    async fn last_pulse(&self, ctx: &Context<'_>) -> Answer<Pulse> {
        one(ctx, Some(LastPulseOf(self.0))).await
    }

    /// Why the customer bought, and what success means to it.
    async fn success_plan(&self, ctx: &Context<'_>) -> Answer<SuccessPlan> {
        one(ctx, Some(PlanOf(self.0))).await
    }
}
