//! Handoffs: accounts that pass from one hand to another.

mod filter;

use async_graphql::{
    ComplexObject, Context, ID, InputObject, MaybeUndefined, Object, SimpleObject,
};
use chrono::{DateTime, Utc};
use jornada_domain::error::Result;
use jornada_domain::id::{AccountAssignmentId, AccountId, HandoffId, OptionId, TeamId, UserId};
use jornada_domain::journeys::handoff::accept;
use jornada_domain::plans::handoff::{self, HandoffFilter, HandoffPatch, NewHandoff};

pub(super) use self::filter::HandoffFilterInput;
use super::account::Account;
use super::assignment::AccountAssignment;
use super::connection::{Connection, Paging};
use super::id::{self, GlobalId};
use super::loader::{load_by_id, one};
use super::option::Choice;
use super::reading::Reading;
use super::request::{Answer, list, payload, read, write};
use super::team::Team;
use super::user::User;
use super::word::words;

/// A passing of an account from one hand to another. Accepting it gives the receiver the role.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct Handoff {
    pub id: GlobalId<HandoffId>,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    #[graphql(skip)]
    account_id: AccountId,
    /// From where to where.
    kind: HandoffKind,
    #[graphql(skip)]
    from_user_id: Option<UserId>,
    #[graphql(skip)]
    from_team_id: Option<TeamId>,
    #[graphql(skip)]
    to_user_id: UserId,
    #[graphql(skip)]
    role_id: OptionId,
    /// What must be passed on, in its order.
    checklist: Vec<HandoffItem>,
    /// What the receiver must know.
    notes: Option<String>,
    /// Where it is.
    status: HandoffStatus,
    /// Why it was declined or cancelled, or accepted before all was checked.
    reason: Option<String>,
    /// When it was accepted, declined or cancelled.
    closed_at: Option<DateTime<Utc>>,
    #[graphql(skip)]
    closed_by_id: Option<UserId>,
    #[graphql(skip)]
    assignment_id: Option<AccountAssignmentId>,
}

/// One thing that must be passed on.
#[derive(SimpleObject, InputObject)]
#[graphql(input_name = "HandoffItemInput")]
pub(super) struct HandoffItem {
    /// What it is: 1 to 200 characters.
    text: String,
    /// Whether it was passed on.
    #[graphql(default)]
    done: bool,
}

impl From<handoff::ChecklistItem> for HandoffItem {
    fn from(item: handoff::ChecklistItem) -> Self {
        let handoff::ChecklistItem { text, done } = item;
        Self { text, done }
    }
}

impl From<HandoffItem> for handoff::ChecklistItem {
    fn from(item: HandoffItem) -> Self {
        let HandoffItem { text, done } = item;
        Self { text, done }
    }
}

fn items(checklist: Vec<HandoffItem>) -> Vec<handoff::ChecklistItem> {
    checklist.into_iter().map(Into::into).collect()
}

#[ComplexObject]
impl Handoff {
    /// The customer.
    async fn account(&self, ctx: &Context<'_>) -> Answer<Account> {
        one(ctx, Some(self.account_id)).await
    }

    /// The user who passes the account on.
    async fn from_user(&self, ctx: &Context<'_>) -> Answer<User> {
        one(ctx, self.from_user_id).await
    }

    /// The team that passes the account on.
    async fn from_team(&self, ctx: &Context<'_>) -> Answer<Team> {
        one(ctx, self.from_team_id).await
    }

    /// The receiver.
    async fn to_user(&self, ctx: &Context<'_>) -> Answer<User> {
        one(ctx, Some(self.to_user_id)).await
    }

    /// The account role that the receiver takes on.
    async fn role(&self, ctx: &Context<'_>) -> Answer<Choice> {
        one(ctx, Some(self.role_id)).await
    }

    /// Who accepted, declined or cancelled it.
    async fn closed_by(&self, ctx: &Context<'_>) -> Answer<User> {
        one(ctx, self.closed_by_id).await
    }

    /// The assignment that accepting it made.
    async fn assignment(&self, ctx: &Context<'_>) -> Answer<AccountAssignment> {
        one(ctx, self.assignment_id).await
    }
}

impl From<handoff::Model> for Handoff {
    fn from(row: handoff::Model) -> Self {
        let checklist = row.items().into_iter().map(HandoffItem::from).collect();
        let handoff::Model {
            workspace_id: _,
            id,
            version,
            created_at,
            updated_at,
            account_id,
            kind,
            from_user_id,
            from_team_id,
            to_user_id,
            role_id,
            checklist: _,
            notes,
            status,
            reason,
            closed_at,
            closed_by_id,
            assignment_id,
        } = row;
        Self {
            id: GlobalId(id),
            version,
            created_at,
            updated_at,
            account_id,
            kind: kind.into(),
            from_user_id,
            from_team_id,
            to_user_id,
            role_id,
            checklist,
            notes,
            status: status.into(),
            reason,
            closed_at,
            closed_by_id,
            assignment_id,
        }
    }
}

load_by_id!(HandoffId => handoff::Model, handoff::many);

words! {
    /// From where to where an account passes.
    HandoffKind = "handoff::HandoffKind" {
        /// After closing: sales passes the account on.
        SalesToCs,
        /// After take-off: implementation passes the account on.
        ImplementationToCs,
        /// Any other, like from one CSM to the next.
        Other,
    }
}

words! {
    /// Where a handoff is.
    HandoffStatus = "handoff::HandoffStatus" {
        /// It waits for the receiver.
        Pending,
        /// The receiver has the role now.
        Accepted,
        /// The receiver did not take it.
        Declined,
        /// It was called off.
        Cancelled,
    }
}

#[derive(Default)]
pub(super) struct HandoffQuery;

#[Object]
impl HandoffQuery {
    /// One handoff.
    async fn handoff(&self, ctx: &Context<'_>, id: ID) -> Answer<Handoff> {
        read(ctx, async |cx| handoff::find(cx, id::parse("id", &id)?).await).await
    }

    /// The handoffs of the workspace, newest first.
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
        list(ctx, paging, async move |cx, page| {
            let filter = filter.map(HandoffFilter::try_from).transpose()?.unwrap_or_default();
            handoff::list(cx, &filter, page).await
        })
        .await
    }
}

#[derive(Default)]
pub(super) struct HandoffMutation;

#[Object]
impl HandoffMutation {
    /// Prepares a handoff of an account.
    async fn handoff_create(
        &self,
        ctx: &Context<'_>,
        input: HandoffCreateInput,
    ) -> Result<HandoffCreatePayload> {
        write(ctx, async move |tx| {
            let mut reading = Reading::default();
            let new = input.read(&mut reading);
            reading.then(handoff::create(tx, new).await)
        })
        .await
    }

    /// Changes a handoff that waits for its receiver.
    async fn handoff_update(
        &self,
        ctx: &Context<'_>,
        input: HandoffUpdateInput,
    ) -> Result<HandoffUpdatePayload> {
        write(ctx, async move |tx| {
            let mut reading = Reading::default();
            let id = reading.id("id", &input.id);
            let patch = input.read(&mut reading);
            reading.then(handoff::update(tx, id, patch).await)
        })
        .await
    }

    /// Notes that one thing of the checklist was passed on, or was not after all.
    async fn handoff_check(
        &self,
        ctx: &Context<'_>,
        input: HandoffCheckInput,
    ) -> Result<HandoffCheckPayload> {
        write(ctx, async |tx| {
            let HandoffCheckInput { id, position, done, expected_version } = &input;
            handoff::check(tx, id::parse("id", id)?, *position, *done, *expected_version).await
        })
        .await
    }

    /// Accepts a handoff: the receiver takes on the role at the account, and its open tasks. For
    /// the receiver, and for those who lead; changes accounts, too.
    async fn handoff_accept(
        &self,
        ctx: &Context<'_>,
        input: HandoffAcceptInput,
    ) -> Result<HandoffAcceptPayload> {
        write(ctx, async |tx| {
            let HandoffAcceptInput { id, reason, expected_version } = &input;
            accept(tx, id::parse("id", id)?, reason.as_deref(), *expected_version).await
        })
        .await
    }

    /// Declines a handoff. For the receiver, and for those who lead.
    async fn handoff_decline(
        &self,
        ctx: &Context<'_>,
        input: HandoffDeclineInput,
    ) -> Result<HandoffDeclinePayload> {
        write(ctx, async |tx| {
            handoff::decline(tx, id::parse("id", &input.id)?, &input.reason).await
        })
        .await
    }

    /// Calls a handoff off.
    async fn handoff_cancel(
        &self,
        ctx: &Context<'_>,
        input: HandoffCancelInput,
    ) -> Result<HandoffCancelPayload> {
        write(ctx, async |tx| handoff::cancel(tx, id::parse("id", &input.id)?, &input.reason).await)
            .await
    }
}

/// A handoff to be prepared. At most 20 of an account wait for their receivers.
#[derive(InputObject)]
pub(super) struct HandoffCreateInput {
    /// The customer.
    account_id: ID,
    /// From where to where.
    kind: HandoffKind,
    /// The user who passes the account on.
    from_user_id: Option<ID>,
    /// The team that passes the account on.
    from_team_id: Option<ID>,
    /// The receiver.
    to_user_id: ID,
    /// The role that the receiver takes on: an option of the set `account_role`.
    role_id: ID,
    /// What must be passed on: at most 50 things.
    #[graphql(default)]
    checklist: Vec<HandoffItem>,
    /// What the receiver must know: up to 10,000 characters.
    notes: Option<String>,
}

impl HandoffCreateInput {
    fn read(self, reading: &mut Reading) -> NewHandoff {
        NewHandoff {
            account_id: reading.id("accountId", &self.account_id),
            kind: self.kind.into(),
            from_user_id: reading.some("fromUserId", self.from_user_id.as_ref()),
            from_team_id: reading.some("fromTeamId", self.from_team_id.as_ref()),
            to_user_id: reading.id("toUserId", &self.to_user_id),
            role_id: reading.id("roleId", &self.role_id),
            checklist: items(self.checklist),
            notes: self.notes,
        }
    }
}

/// Changes of a handoff; what is left out stays as it is, null empties.
#[derive(InputObject)]
pub(super) struct HandoffUpdateInput {
    id: ID,
    expected_version: Option<i64>,
    /// From where to where.
    kind: MaybeUndefined<HandoffKind>,
    /// The user who passes the account on.
    from_user_id: MaybeUndefined<ID>,
    /// The team that passes the account on.
    from_team_id: MaybeUndefined<ID>,
    /// The receiver.
    to_user_id: MaybeUndefined<ID>,
    /// The role that the receiver takes on: an option of the set `account_role`.
    role_id: MaybeUndefined<ID>,
    /// What must be passed on, all of it: at most 50 things.
    checklist: MaybeUndefined<Vec<HandoffItem>>,
    /// What the receiver must know: up to 10,000 characters.
    notes: MaybeUndefined<String>,
}

impl HandoffUpdateInput {
    fn read(self, reading: &mut Reading) -> HandoffPatch {
        let to_user_id = reading.kept("toUserId", self.to_user_id);
        let role_id = reading.kept("roleId", self.role_id);
        HandoffPatch {
            expected_version: self.expected_version,
            kind: reading.kept("kind", self.kind).map(Into::into),
            from_user_id: reading.change("fromUserId", self.from_user_id),
            from_team_id: reading.change("fromTeamId", self.from_team_id),
            to_user_id: reading.some("toUserId", to_user_id.as_ref()),
            role_id: reading.some("roleId", role_id.as_ref()),
            checklist: reading.kept("checklist", self.checklist).map(items),
            notes: self.notes.into(),
        }
    }
}

/// One thing of a checklist that was passed on.
#[derive(InputObject)]
pub(super) struct HandoffCheckInput {
    id: ID,
    /// Its place in the checklist, counted from 0.
    position: i32,
    /// Whether it was passed on.
    #[graphql(default = true)]
    done: bool,
    expected_version: Option<i64>,
}

/// A handoff to be accepted.
#[derive(InputObject)]
pub(super) struct HandoffAcceptInput {
    id: ID,
    /// Why it is accepted before all was passed on; needed then: up to 2,000 characters.
    reason: Option<String>,
    expected_version: Option<i64>,
}

/// A handoff to be declined.
#[derive(InputObject)]
pub(super) struct HandoffDeclineInput {
    id: ID,
    /// Why: 1 to 2,000 characters.
    reason: String,
}

/// A handoff to be called off.
#[derive(InputObject)]
pub(super) struct HandoffCancelInput {
    id: ID,
    /// Why: 1 to 2,000 characters.
    reason: String,
}

payload! {
    /// What came of preparing a handoff.
    HandoffCreatePayload {
        /// The handoff.
        handoff: Handoff,
    }
}

payload! {
    /// What came of changing a handoff.
    HandoffUpdatePayload {
        /// The handoff as it is now.
        handoff: Handoff,
    }
}

payload! {
    /// What came of passing one thing on.
    HandoffCheckPayload {
        /// The handoff as it is now.
        handoff: Handoff,
    }
}

payload! {
    /// What came of accepting a handoff.
    HandoffAcceptPayload {
        /// The handoff as it is now.
        handoff: Handoff,
    }
}

payload! {
    /// What came of declining a handoff.
    HandoffDeclinePayload {
        /// The handoff as it is now.
        handoff: Handoff,
    }
}

payload! {
    /// What came of calling a handoff off.
    HandoffCancelPayload {
        /// The handoff as it is now.
        handoff: Handoff,
    }
}
