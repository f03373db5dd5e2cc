//! Members: which users belong to which teams. A user may belong to several.

use std::collections::{BTreeSet, HashMap};

use sea_orm::QueryTrait;
use serde_json::json;

use super::{ActiveModel as TeamRow, Model as Team};
use crate::auth::user;
use crate::prelude::*;

/// One membership. It has no life of its own: who joins or leaves changes the team.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "team_member")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub team_id: TeamId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: UserId,
    pub created_at: DateTime<Utc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The largest team.
pub const MAX_MEMBERS: usize = 500;

fn visible(cx: &Cx<'_>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(cx.workspace_id()))
}

/// The members of a team, by name, deactivated ones too.
pub async fn list(cx: &Cx<'_>, team_id: TeamId, args: &PageArgs) -> Result<Page<user::Model>> {
    cx.require(Area::Users, Access::Read)?;
    let members = visible(cx)
        .filter(Column::TeamId.eq(team_id))
        .select_only()
        .column(Column::UserId)
        .into_query();
    let users = user::visible(cx).filter(user::Column::Id.in_subquery(members));
    page(cx, users, &user::by_name(), args).await
}

/// The memberships of each of these teams, oldest first.
pub async fn of_teams(
    cx: &Cx<'_>,
    teams: &[TeamId],
    args: &PageArgs,
) -> Result<HashMap<TeamId, Page<Model>>> {
    cx.require(Area::Users, Access::Read)?;
    let orders = [Order::asc(Column::CreatedAt), Order::asc(Column::UserId)];
    page_each(cx, visible(cx), Column::TeamId, teams, &orders, args).await
}

/// The memberships of each of these users, oldest first, in archived teams too.
pub async fn of_users(
    cx: &Cx<'_>,
    users: &[UserId],
    args: &PageArgs,
) -> Result<HashMap<UserId, Page<Model>>> {
    cx.require(Area::Users, Access::Read)?;
    let orders = [Order::asc(Column::CreatedAt), Order::asc(Column::TeamId)];
    page_each(cx, visible(cx), Column::UserId, users, &orders, args).await
}

/// The users of a team, at most [`MAX_MEMBERS`].
pub(crate) async fn ids(cx: &Cx<'_>, team_id: TeamId) -> Result<BTreeSet<UserId>> {
    let rows = visible(cx).filter(Column::TeamId.eq(team_id)).all(&cx.db).await?;
    Ok(rows.into_iter().map(|row| row.user_id).collect())
}

/// Adds a user to a team; one who is a member already stays one.
pub async fn add(tx: &Tx<'_>, team_id: TeamId, user_id: UserId) -> Result<Team> {
    tx.require(Area::Users, Access::Write)?;
    let team = super::lock(tx, team_id, "teamId").await?;
    let user = user::active(tx, user_id, "userId").await?;
    let before = ids(tx, team.id).await?;
    let mut checks = Checks::new();
    checks.ensure(team.archived_at.is_none(), || Problem::new("teamId", Code::Archived));
    checks.ensure(before.len() < MAX_MEMBERS, || Problem::too_many("teamId", MAX_MEMBERS, "items"));
    checks.finish()?;
    let mut after = before.clone();
    if after.insert(user.id) {
        let row = ActiveModel {
            workspace_id: Set(tx.workspace_id()),
            team_id: Set(team.id),
            user_id: Set(user.id),
            created_at: Set(tx.now),
        };
        Entity::insert(row).exec_without_returning(&tx.db).await?;
    }
    tell(tx, &team, &before, &after).await
}

/// Takes a user out of a team; of one who is no member nothing changes.
pub async fn remove(tx: &Tx<'_>, team_id: TeamId, user_id: UserId) -> Result<Team> {
    tx.require(Area::Users, Access::Write)?;
    let team = super::lock(tx, team_id, "teamId").await?;
    let user = user::find_in(tx, user_id, "userId").await?;
    let before = ids(tx, team.id).await?;
    let mut after = before.clone();
    if after.remove(&user.id) {
        Entity::delete_by_id((tx.workspace_id(), team.id, user.id)).exec(&tx.db).await?;
    }
    tell(tx, &team, &before, &after).await
}

async fn tell(
    tx: &Tx<'_>,
    team: &Team,
    before: &BTreeSet<UserId>,
    after: &BTreeSet<UserId>,
) -> Result<Team> {
    let links = store::Links { name: "members", before: json!(before), after: json!(after) };
    store::update_links::<TeamRow>(tx, team, &links).await
}
