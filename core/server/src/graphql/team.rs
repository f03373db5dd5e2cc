//! Teams and who belongs to them.

use async_graphql::{
    ComplexObject, Context, ID, InputObject, MaybeUndefined, Object, SimpleObject,
};
use chrono::{DateTime, Utc};
use jornada_domain::auth::team::{self, NewTeam, TeamFilter, TeamPatch, member};
use jornada_domain::error::Result;
use jornada_domain::id::{TeamId, UserId};

use super::connection::{Connection, Paging};
use super::filter::WordFilter;
use super::id::{self, GlobalId};
use super::loader::{children, load_by_id, load_children, one};
use super::reading::Reading;
use super::request::{Answer, list, payload, read, write};
use super::user::User;
use super::word::words;

/// A group of users.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct Team {
    pub id: GlobalId<TeamId>,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    archived_at: Option<DateTime<Utc>>,
    /// What people call it; unique in the workspace.
    name: String,
    /// The part of a customer's life that it looks after.
    purpose: TeamPurpose,
}

#[ComplexObject]
impl Team {
    /// Who belongs to it, longest membership first.
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
}

impl From<team::Model> for Team {
    fn from(row: team::Model) -> Self {
        let team::Model {
            workspace_id: _,
            id,
            version,
            created_at,
            updated_at,
            name,
            purpose,
            archived_at,
        } = row;
        let (id, purpose) = (GlobalId(id), purpose.into());
        Self { id, version, created_at, updated_at, archived_at, name, purpose }
    }
}

load_by_id!(TeamId => team::Model, team::many);
load_children!(MembershipsOf(TeamId) => member::Model, member::of_teams);

words! {
    /// The part of a customer's life that a team looks after.
    TeamPurpose = "team::TeamPurpose" {
        /// Until the customer is under way.
        Onboarding,
        /// From then on.
        Ongoing,
        /// The end of subscriptions.
        Renewals,
        /// All of it.
        Mixed,
    }
}

/// That a user belongs to a team.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct TeamMembership {
    created_at: DateTime<Utc>,
    #[graphql(skip)]
    team_id: TeamId,
    #[graphql(skip)]
    user_id: UserId,
}

#[ComplexObject]
impl TeamMembership {
    /// The team.
    async fn team(&self, ctx: &Context<'_>) -> Answer<Team> {
        one(ctx, Some(self.team_id)).await
    }

    /// The user, who may be deactivated.
    async fn user(&self, ctx: &Context<'_>) -> Answer<User> {
        one(ctx, Some(self.user_id)).await
    }
}

impl From<member::Model> for TeamMembership {
    fn from(row: member::Model) -> Self {
        let member::Model { workspace_id: _, team_id, user_id, created_at } = row;
        Self { created_at, team_id, user_id }
    }
}

#[derive(Default)]
pub(super) struct TeamQuery;

#[Object]
impl TeamQuery {
    /// One team.
    async fn team(&self, ctx: &Context<'_>, id: ID) -> Answer<Team> {
        read(ctx, async |cx| team::find(cx, id::parse("id", &id)?).await).await
    }

    /// The teams of the workspace, by name.
    async fn teams(
        &self,
        ctx: &Context<'_>,
        filter: Option<TeamFilterInput>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Answer<Connection<Team>> {
        let paging = Paging { first, after, last, before };
        list(ctx, paging, async move |cx, page| {
            let filter = filter.map(TeamFilter::try_from).transpose()?.unwrap_or_default();
            team::list(cx, filter, page).await
        })
        .await
    }
}

/// What narrows a list of teams.
#[derive(InputObject)]
#[graphql(name = "TeamFilter")]
pub(super) struct TeamFilterInput {
    /// The part of a customer's life that it looks after.
    purpose: Option<WordFilter<TeamPurpose>>,
    /// Teams that were put away as well.
    #[graphql(default)]
    include_archived: bool,
}

impl TryFrom<TeamFilterInput> for TeamFilter {
    type Error = jornada_domain::Error;

    fn try_from(input: TeamFilterInput) -> Result<Self> {
        let TeamFilterInput { purpose, include_archived } = input;
        let purposes = purpose.map(|purpose| purpose.words("filter.purpose")).transpose()?;
        Ok(Self { purposes: purposes.flatten(), include_archived })
    }
}

#[derive(Default)]
pub(super) struct TeamMutation;

#[Object]
impl TeamMutation {
    /// Makes a team, as yet without members.
    async fn team_create(
        &self,
        ctx: &Context<'_>,
        input: TeamCreateInput,
    ) -> Result<TeamCreatePayload> {
        write(ctx, async move |tx| team::create(tx, input.into()).await).await
    }

    /// Changes a team.
    async fn team_update(
        &self,
        ctx: &Context<'_>,
        input: TeamUpdateInput,
    ) -> Result<TeamUpdatePayload> {
        write(ctx, async move |tx| {
            let mut reading = Reading::default();
            let id = reading.id("id", &input.id);
            let patch = input.read(&mut reading);
            reading.then(team::update(tx, id, patch).await)
        })
        .await
    }

    /// Puts a team away; it keeps its members.
    async fn team_archive(
        &self,
        ctx: &Context<'_>,
        input: TeamArchiveInput,
    ) -> Result<TeamArchivePayload> {
        write(ctx, async |tx| team::archive(tx, id::parse("id", &input.id)?).await).await
    }

    /// Takes an archived team out again.
    async fn team_restore(
        &self,
        ctx: &Context<'_>,
        input: TeamRestoreInput,
    ) -> Result<TeamRestorePayload> {
        write(ctx, async |tx| team::restore(tx, id::parse("id", &input.id)?).await).await
    }

    /// Adds a user to a team; one who is a member already stays one.
    async fn team_member_add(
        &self,
        ctx: &Context<'_>,
        input: TeamMemberAddInput,
    ) -> Result<TeamMemberAddPayload> {
        write(ctx, async |tx| {
            let team_id = id::parse("teamId", &input.team_id)?;
            member::add(tx, team_id, id::parse("userId", &input.user_id)?).await
        })
        .await
    }

    /// Takes a user out of a team; of one who is no member nothing changes.
    async fn team_member_remove(
        &self,
        ctx: &Context<'_>,
        input: TeamMemberRemoveInput,
    ) -> Result<TeamMemberRemovePayload> {
        write(ctx, async |tx| {
            let team_id = id::parse("teamId", &input.team_id)?;
            member::remove(tx, team_id, id::parse("userId", &input.user_id)?).await
        })
        .await
    }
}

/// A team to be made.
#[derive(InputObject)]
pub(super) struct TeamCreateInput {
    /// What people call it: 1 to 200 characters; unique in the workspace.
    name: String,
    /// The part of a customer's life that it looks after.
    purpose: TeamPurpose,
}

impl From<TeamCreateInput> for NewTeam {
    fn from(input: TeamCreateInput) -> Self {
        let TeamCreateInput { name, purpose } = input;
        Self { name, purpose: purpose.into() }
    }
}

/// Changes of a team; what is left out stays as it is.
#[derive(InputObject)]
pub(super) struct TeamUpdateInput {
    id: ID,
    expected_version: Option<i64>,
    /// What people call it: 1 to 200 characters; unique in the workspace.
    name: MaybeUndefined<String>,
    /// The part of a customer's life that it looks after.
    purpose: MaybeUndefined<TeamPurpose>,
}

impl TeamUpdateInput {
    fn read(self, reading: &mut Reading) -> TeamPatch {
        let TeamUpdateInput { id: _, expected_version, name, purpose } = self;
        let name = reading.kept("name", name);
        let purpose = reading.kept("purpose", purpose);
        TeamPatch { expected_version, name, purpose: purpose.map(Into::into) }
    }
}

/// A team to be put away.
#[derive(InputObject)]
pub(super) struct TeamArchiveInput {
    id: ID,
}

/// A team to be taken out again.
#[derive(InputObject)]
pub(super) struct TeamRestoreInput {
    id: ID,
}

/// Who is to belong to which team.
#[derive(InputObject)]
pub(super) struct TeamMemberAddInput {
    /// The team.
    team_id: ID,
    /// The user, who must be active.
    user_id: ID,
}

/// Who is no longer to belong to which team.
#[derive(InputObject)]
pub(super) struct TeamMemberRemoveInput {
    /// The team.
    team_id: ID,
    /// The user.
    user_id: ID,
}

payload! {
    /// What came of making a team.
    TeamCreatePayload {
        /// The team.
        team: Team,
    }
}

payload! {
    /// What came of changing a team.
    TeamUpdatePayload {
        /// The team as it is now.
        team: Team,
    }
}

payload! {
    /// What came of putting a team away.
    TeamArchivePayload {
        /// The team as it is now.
        team: Team,
    }
}

payload! {
    /// What came of taking a team out again.
    TeamRestorePayload {
        /// The team as it is now.
        team: Team,
    }
}

payload! {
    /// What came of adding a user to a team.
    TeamMemberAddPayload {
        /// The team as it is now.
        team: Team,
    }
}

payload! {
    /// What came of taking a user out of a team.
    TeamMemberRemovePayload {
        /// The team as it is now.
        team: Team,
    }
}
