//! What people make of an account, and what they mean to do about it.

use async_graphql::{Context, Object};
use jornada_domain::id::AccountId;
use jornada_domain::plans::deferred_item::{self, DeferredItemFilter};
use jornada_domain::plans::handoff::{self, HandoffFilter};
use jornada_domain::plans::opportunity::{self, OpportunityFilter};
use jornada_domain::plans::pulse::{self, PulseFilter};
use jornada_domain::plans::risk::{self, RiskFilter};
use jornada_domain::plans::success_plan;

use crate::graphql::connection::{Connection, Paging};
use crate::graphql::deferred_item::{DeferredItem, DeferredItemFilterInput};
use crate::graphql::handoff::{Handoff, HandoffFilterInput};
use crate::graphql::loader::{load_children, load_of, narrowed, one};
use crate::graphql::opportunity::{Opportunity, OpportunityFilterInput};
use crate::graphql::pulse::{Pulse, PulseFilterInput};
use crate::graphql::request::Answer;
use crate::graphql::risk::{Risk, RiskFilterInput};
use crate::graphql::success_plan::SuccessPlan;

/// The plans for an account.
pub(super) struct Plans(pub(super) AccountId);

load_children!(PulsesOf(AccountId, PulseFilter) => pulse::Model, pulse::list_each);
load_of!(LastPulseOf(AccountId) => pulse::Model, pulse::latest_of_accounts, account_id);
load_children!(RisksOf(AccountId, RiskFilter) => risk::Model, risk::list_each);
load_children! {
    OpportunitiesOf(AccountId, OpportunityFilter) => opportunity::Model, opportunity::list_each
}
load_children!(HandoffsOf(AccountId, HandoffFilter) => handoff::Model, handoff::list_each);
load_children! {
    DeferredOf(AccountId, DeferredItemFilter) => deferred_item::Model, deferred_item::list_each
}
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

    /// How the customer passed from one hand to another, newest first.
    async fn handoffs(
        &self,
        ctx: &Context<'_>,
        filter: Option<HandoffFilterInput>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Answer<Connection<Handoff>> {
        let paging = Paging { first, after, last, before };
        let filter = filter.map(HandoffFilter::try_from).transpose();
        narrowed(ctx, filter, |filter| HandoffsOf(self.0, filter), paging).await
    }

    /// What was left out of the implementation, oldest first.
    async fn deferred_items(
        &self,
        ctx: &Context<'_>,
        filter: Option<DeferredItemFilterInput>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Answer<Connection<DeferredItem>> {
        let paging = Paging { first, after, last, before };
        let filter = filter.map(DeferredItemFilter::try_from).transpose();
        narrowed(ctx, filter, |filter| DeferredOf(self.0, filter), paging).await
    }

    /// Why the customer could be lost, newest first.
    async fn risks(
        &self,
        ctx: &Context<'_>,
        filter: Option<RiskFilterInput>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Answer<Connection<Risk>> {
        let paging = Paging { first, after, last, before };
        let filter = filter.map(RiskFilter::try_from).transpose();
        narrowed(ctx, filter, |filter| RisksOf(self.0, filter), paging).await
    }

    /// What more could be done with the customer, newest first.
    async fn opportunities(
        &self,
        ctx: &Context<'_>,
        filter: Option<OpportunityFilterInput>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Answer<Connection<Opportunity>> {
        let paging = Paging { first, after, last, before };
        let filter = filter.map(OpportunityFilter::try_from).transpose();
        narrowed(ctx, filter, |filter| OpportunitiesOf(self.0, filter), paging).await
    }
}
