//! Assignments: who looks after an account.

use async_graphql::{ComplexObject, Context, SimpleObject};
use chrono::{DateTime, Utc};
use jornada_domain::accounts::assignment;
use jornada_domain::id::{AccountAssignmentId, AccountId, OptionId, UserId};

use super::account::Account;
use super::id::GlobalId;
use super::loader::{load_by_id, one};
use super::option::Choice;
use super::request::Answer;
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
