//! Assignments: who looks after an account.

use async_graphql::{ComplexObject, Context, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use jornada_domain::accounts::assignment::{self, NewAssignment};
use jornada_domain::error::Result;
use jornada_domain::id::{AccountAssignmentId, AccountId, OptionId, UserId};
use jornada_domain::journeys::people;

use super::account::Account;
use super::id::{self, GlobalId};
use super::loader::{load_by_id, one};
use super::option::Choice;
use super::reading::Reading;
use super::request::{Answer, payload, write};
use super::scalar::Date;
use super::user::User;
use super::word::words;

/// A user in a role at an account. An account has one current user per role.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct AccountAssignment {
    pub id: GlobalId<AccountAssignmentId>,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    #[graphql(skip)]
    account_id: AccountId,
    #[graphql(skip)]
    user_id: UserId,
    #[graphql(skip)]
    role_id: OptionId,
    /// Whether it holds.
    state: AssignmentState,
    /// The first day.
    starts_on: Date,
    /// The instant from which it holds: when it was given, or the start of another first day.
    starts_at: DateTime<Utc>,
    /// The last day; the day before the first one when it was called off or taken over at once.
    ends_on: Option<Date>,
}

impl From<assignment::Model> for AccountAssignment {
    fn from(row: assignment::Model) -> Self {
        let assignment::Model {
            workspace_id: _,
            id,
            version,
            created_at,
            updated_at,
            account_id,
            user_id,
            role_id,
            state,
            starts_on,
            starts_at,
            ends_on,
        } = row;
        Self {
            id: GlobalId(id),
            version,
            created_at,
            updated_at,
            account_id,
            user_id,
            role_id,
            state: state.into(),
            starts_on: Date(starts_on),
            starts_at,
            ends_on: ends_on.map(Date),
        }
    }
}

words! {
    /// Whether an assignment holds.
    AssignmentState = "assignment::AssignmentState" {
        /// It will, from its first day.
        Future,
        /// It does.
        Current,
        /// It did.
        Ended,
    }
}

#[ComplexObject]
impl AccountAssignment {
    /// The account.
    async fn account(&self, ctx: &Context<'_>) -> Answer<Account> {
        one(ctx, Some(self.account_id)).await
    }

    /// Who looks after it.
    async fn user(&self, ctx: &Context<'_>) -> Answer<User> {
        one(ctx, Some(self.user_id)).await
    }

    /// In which role: an option of the set `account_role`.
    async fn role(&self, ctx: &Context<'_>) -> Answer<Choice> {
        one(ctx, Some(self.role_id)).await
    }
}

load_by_id!(AccountAssignmentId => assignment::Model, assignment::many);

#[derive(Default)]
pub(super) struct AssignmentMutation;

#[Object]
impl AssignmentMutation {
    /// Gives a role at an account to a user, now or from a later day on, in place of whoever holds
    /// it. Open tasks that are held by the role move along; those that a person gave away stay.
    async fn assignment_create(
        &self,
        ctx: &Context<'_>,
        input: AssignmentCreateInput,
    ) -> Result<AssignmentCreatePayload> {
        write(ctx, async move |tx| {
            let mut reading = Reading::default();
            let new = input.read(&mut reading);
            reading.then(people::assign_role(tx, new).await)
        })
        .await
    }

    /// Ends an assignment, or calls one off that is to come. The open tasks of the role are left
    /// without a holder.
    async fn assignment_end(
        &self,
        ctx: &Context<'_>,
        input: AssignmentEndInput,
    ) -> Result<AssignmentEndPayload> {
        write(ctx, async |tx| {
            let ends_on = input.ends_on.map(Into::into);
            people::end_assignment(tx, id::parse("id", &input.id)?, ends_on).await
        })
        .await
    }
}

/// A role to be given.
#[derive(InputObject)]
pub(super) struct AssignmentCreateInput {
    /// The account.
    account_id: ID,
    /// The user, who must be active.
    user_id: ID,
    /// An option of the set `account_role`.
    role_id: ID,
    /// The first day; today unless said.
    starts_on: Option<Date>,
}

impl AssignmentCreateInput {
    fn read(self, reading: &mut Reading) -> NewAssignment {
        let AssignmentCreateInput { account_id, user_id, role_id, starts_on } = self;
        NewAssignment {
            account_id: reading.id("accountId", &account_id),
            user_id: reading.id("userId", &user_id),
            role_id: reading.id("roleId", &role_id),
            starts_on: starts_on.map(Into::into),
        }
    }
}

/// An assignment to be ended.
#[derive(InputObject)]
pub(super) struct AssignmentEndInput {
    id: ID,
    /// The last day of a current one, not in the future; today unless said.
    ends_on: Option<Date>,
}

payload! {
    /// What came of giving a role.
    AssignmentCreatePayload {
        /// The assignment.
        account_assignment: AccountAssignment,
    }
}

payload! {
    /// What came of ending an assignment.
    AssignmentEndPayload {
        /// The assignment as it is now.
        account_assignment: AccountAssignment,
    }
}
