//! Users: the people who work in a workspace.

use async_graphql::{
    ComplexObject, Context, ID, InputObject, MaybeUndefined, Object, SimpleObject,
};
use chrono::{DateTime, Utc};
use jornada_domain::auth::team::member;
use jornada_domain::auth::user::{self, NewUser, UserFilter, UserPatch};
use jornada_domain::error::Result;
use jornada_domain::id::UserId;
use jornada_domain::journeys::people;
use jornada_domain::tasks::task::{self, TaskQuery};

use super::connection::{Connection, Paging};
use super::filter::{StringFilter, WordFilter};
use super::id::{self, GlobalId};
use super::loader::{children, load_by_id, load_children, narrowed};
use super::reading::Reading;
use super::request::{Answer, list, payload, read, write};
use super::task::{Task, TaskFilterInput, TaskOrderInput, query};
use super::team::TeamMembership;
use super::word::words;
use super::workspace::Locale;

/// A person who works in the workspace.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct User {
    pub id: GlobalId<UserId>,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    /// The e-mail address, in lower case; unique in the workspace.
    email: String,
    /// What people call them.
    name: String,
    /// What they may do.
    role: Role,
    /// The language of their messages; null for that of the workspace.
    locale: Option<Locale>,
    /// Since when they may no longer sign in and hold work; null while they are active.
    deactivated_at: Option<DateTime<Utc>>,
}

#[ComplexObject]
impl User {
    /// The teams that they belong to, longest membership first.
    async fn memberships(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Answer<Connection<TeamMembership>> {
        children(ctx, MembershipsOf(self.id.0), Paging { first, after, last, before }).await
    }

    /// The tasks that they hold, the earliest due date first unless another order is said.
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
        narrowed(ctx, query, |query| TasksOf(self.id.0, query), paging).await
    }
}

impl From<user::Model> for User {
    fn from(row: user::Model) -> Self {
        let user::Model {
            workspace_id: _,
            id,
            version,
            created_at,
            updated_at,
            email,
            name,
            role,
            locale,
            deactivated_at,
        } = row;
        Self {
            id: GlobalId(id),
            version,
            created_at,
            updated_at,
            email,
            name,
            role: role.into(),
            locale: locale.map(Locale::from),
            deactivated_at,
        }
    }
}

load_by_id!(UserId => user::Model, user::many);
load_children!(MembershipsOf(UserId) => member::Model, member::of_users);
load_children!(TasksOf(UserId, TaskQuery) => task::Model, task::of_users);

words! {
    /// What a user may do.
    Role = "jornada_domain::auth::Role" {
        /// Everything; a workspace always has one.
        Owner,
        /// Everything but to make owners.
        Admin,
        /// Leads a team: changes templates and everything about customers.
        Manager,
        /// A customer success manager: works with customers, does not change the plan.
        Csm,
        /// Looks only.
        Viewer,
    }
}

#[derive(Default)]
pub(super) struct UserQuery;

#[Object]
impl UserQuery {
    /// One user.
    async fn user(&self, ctx: &Context<'_>, id: ID) -> Answer<User> {
        read(ctx, async |cx| user::find(cx, id::parse("id", &id)?).await).await
    }

    /// The users of the workspace, by name.
    async fn users(
        &self,
        ctx: &Context<'_>,
        filter: Option<UserFilterInput>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Answer<Connection<User>> {
        let paging = Paging { first, after, last, before };
        list(ctx, paging, async move |cx, page| {
            let filter = filter.map(UserFilter::try_from).transpose()?.unwrap_or_default();
            user::list(cx, filter, page).await
        })
        .await
    }
}

/// What narrows a list of users.
#[derive(InputObject)]
#[graphql(name = "UserFilter")]
pub(super) struct UserFilterInput {
    /// What they may do.
    role: Option<WordFilter<Role>>,
    /// Only active users, or only deactivated ones.
    is_active: Option<bool>,
    /// What people call them.
    name: Option<StringFilter>,
    /// The e-mail address, in any case.
    email: Option<StringFilter>,
}

impl TryFrom<UserFilterInput> for UserFilter {
    type Error = jornada_domain::Error;

    fn try_from(input: UserFilterInput) -> Result<Self> {
        let UserFilterInput { role, is_active, name, email } = input;
        Ok(Self {
            roles: role.map(|role| role.words("filter.role")).transpose()?.flatten(),
            active: is_active,
            name: name.map(|name| name.text("filter.name")).transpose()?,
            email: email.map(|email| email.text("filter.email")).transpose()?,
        })
    }
}

#[derive(Default)]
pub(super) struct UserMutation;

#[Object]
impl UserMutation {
    /// Adds a user. Only an owner makes owners.
    async fn user_create(
        &self,
        ctx: &Context<'_>,
        input: UserCreateInput,
    ) -> Result<UserCreatePayload> {
        write(ctx, async move |tx| user::create(tx, input.into()).await).await
    }

    /// Changes a user. Only an owner makes and unmakes owners.
    async fn user_update(
        &self,
        ctx: &Context<'_>,
        input: UserUpdateInput,
    ) -> Result<UserUpdatePayload> {
        write(ctx, async move |tx| {
            let mut reading = Reading::default();
            let id = reading.id("id", &input.id);
            let patch = input.read(&mut reading);
            reading.then(user::update(tx, id, patch).await)
        })
        .await
    }

    /// Deactivates a user. What they hold goes to another one: roles at accounts, now or later, and
    /// open tasks.
    async fn user_deactivate(
        &self,
        ctx: &Context<'_>,
        input: UserDeactivateInput,
    ) -> Result<UserDeactivatePayload> {
        write(ctx, async |tx| {
            let id = id::parse("id", &input.id)?;
            let reassign_to = id::parse_some("reassignTo", input.reassign_to.as_ref())?;
            people::deactivate_user(tx, id, reassign_to).await
        })
        .await
    }

    /// Lets a deactivated user in again. What they held stays with whoever took it over.
    async fn user_reactivate(
        &self,
        ctx: &Context<'_>,
        input: UserReactivateInput,
    ) -> Result<UserReactivatePayload> {
        write(ctx, async |tx| user::reactivate(tx, id::parse("id", &input.id)?).await).await
    }
}

/// A user to be added.
#[derive(InputObject)]
pub(super) struct UserCreateInput {
    /// The e-mail address; unique in the workspace.
    email: String,
    /// What people call them: 1 to 200 characters.
    name: String,
    /// What they may do.
    role: Role,
    /// The language of their messages; that of the workspace unless said.
    locale: Option<Locale>,
}

impl From<UserCreateInput> for NewUser {
    fn from(input: UserCreateInput) -> Self {
        let UserCreateInput { email, name, role, locale } = input;
        Self { email, name, role: role.into(), locale: locale.map(Into::into) }
    }
}

/// Changes of a user; what is left out stays as it is.
#[derive(InputObject)]
pub(super) struct UserUpdateInput {
    id: ID,
    expected_version: Option<i64>,
    /// The e-mail address; unique in the workspace.
    email: MaybeUndefined<String>,
    /// What people call them: 1 to 200 characters.
    name: MaybeUndefined<String>,
    /// What they may do.
    role: MaybeUndefined<Role>,
    /// The language of their messages; null for that of the workspace.
    locale: MaybeUndefined<Locale>,
}

impl UserUpdateInput {
    fn read(self, reading: &mut Reading) -> UserPatch {
        let UserUpdateInput { id: _, expected_version, email, name, role, locale } = self;
        let email = reading.kept("email", email);
        let name = reading.kept("name", name);
        let role = reading.kept("role", role);
        let locale = locale.map_value(Into::into).into();
        UserPatch { expected_version, email, name, role: role.map(Into::into), locale }
    }
}

/// A user to be deactivated.
#[derive(InputObject)]
pub(super) struct UserDeactivateInput {
    id: ID,
    /// The active user who takes over what they hold; needed where they hold something.
    reassign_to: Option<ID>,
}

/// A user to be let in again.
#[derive(InputObject)]
pub(super) struct UserReactivateInput {
    id: ID,
}

payload! {
    /// What came of adding a user.
    UserCreatePayload {
        /// The user.
        user: User,
    }
}

payload! {
    /// What came of changing a user.
    UserUpdatePayload {
        /// The user as it is now.
        user: User,
    }
}

payload! {
    /// What came of deactivating a user.
    UserDeactivatePayload {
        /// The user as it is now.
        user: User,
    }
}

payload! {
    /// What came of letting a user in again.
    UserReactivatePayload {
        /// The user as it is now.
        user: User,
    }
}
