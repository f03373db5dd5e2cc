//! Tokens: the credentials with which people and programs use the API.
//!
//! Expiry is of the real clock, also in a sandbox: to advance its clock must lock nobody out.

use chrono::TimeDelta;
use sea_orm::sea_query::ExprTrait;

use super::{Actor, ActorKind, Origin, Scope, Scopes, user};
use crate::prelude::*;
use crate::workspace;

/// A credential of a user.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "api_token")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ApiTokenId,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub user_id: UserId,
    pub name: String,
    /// The SHA-256 of the secret, in hexadecimal.
    pub digest: String,
    /// Scopes as a JSON array; empty for all rights of the user's role.
    #[sea_orm(column_type = "JsonBinary")]
    pub scopes: Json,
    pub expires_at: Option<DateTime<Utc>>,
    /// To the hour.
    pub last_used_at: Option<DateTime<Utc>>,
    pub revoked_at: Option<DateTime<Utc>>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(
        belongs_to = "user::Entity",
        from = "(Column::WorkspaceId, Column::UserId)",
        to = "(user::Column::WorkspaceId, user::Column::Id)"
    )]
    User,
    #[sea_orm(
        belongs_to = "workspace::Entity",
        from = "Column::WorkspaceId",
        to = "workspace::Column::Id"
    )]
    Workspace,
}

impl Related<user::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::User.def()
    }
}

impl Related<workspace::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Workspace.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}

noun!(Model, ApiTokenId, personal = ["digest"]);

/// A token to be given out. The secret itself never comes here.
#[derive(Clone, Debug)]
pub struct NewToken {
    pub user_id: UserId,
    pub name: String,
    /// Scopes like `accounts:read`; none for all rights of the user's role.
    pub scopes: Vec<String>,
    /// Real time; `None` for a token that does not expire.
    pub expires_at: Option<DateTime<Utc>>,
    /// The SHA-256 of the secret, in hexadecimal.
    pub digest: String,
}

/// Tokens of one user that are neither revoked nor expired.
const MAX_LIVE_TOKENS: usize = 100;

/// Scopes of one input: every one there is, read and write.
const MAX_SCOPES: usize = 2 * Area::ALL.len();

impl Model {
    /// The rights of the token when its user has those of `role`.
    pub fn rights(&self, role: Scopes) -> Scopes {
        let texts = self.scopes.as_array().map_or(&[][..], Vec::as_slice);
        if texts.is_empty() {
            return role;
        }
        let scopes = texts.iter().filter_map(Json::as_str).filter_map(Scope::parse);
        scopes.collect::<Scopes>().meet(role)
    }

    /// Whether the token still opens anything at this real time.
    pub fn is_live(&self, now: DateTime<Utc>) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }
}

/// A token with what it takes to act on it.
#[derive(Clone, Debug)]
pub struct Credential {
    pub token: Model,
    pub user: user::Model,
    pub workspace: workspace::Model,
}

impl Credential {
    /// The actor whom the token makes at this real time; nobody once it is revoked or has
    /// expired, or its user is deactivated. The secret must have been compared before.
    pub fn actor(&self, now: DateTime<Utc>) -> Option<Actor> {
        let is_good = self.token.is_live(now) && self.user.is_active();
        is_good.then(|| Actor {
            workspace_id: self.workspace.id,
            kind: ActorKind::User,
            user_id: Some(self.user.id),
            scopes: self.token.rights(self.user.role.scopes()),
            origin: Origin::Api,
            clock_offset: self.workspace.clock_offset(),
        })
    }

    /// Whether the use of the token is to be noted again.
    pub fn is_use_unnoted(&self, now: DateTime<Utc>) -> bool {
        self.token.last_used_at.is_none_or(|last| last <= now - NOTED_EVERY)
    }
}

const NOTED_EVERY: TimeDelta = TimeDelta::hours(1);

fn visible(cx: &Cx<'_>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(cx.workspace_id()))
}

/// A token with its user and workspace, for the edge, which has no actor yet.
pub async fn by_id<C: ConnectionTrait>(
    db: &C,
    workspace_id: WorkspaceId,
    id: ApiTokenId,
) -> Result<Option<Credential>> {
    let found = Entity::find_by_id((workspace_id, id))
        .find_also_related(user::Entity)
        .find_also_related(workspace::Entity)
        .one(db)
        .await?;
    let credential =
        |(token, user, workspace)| Some(Credential { token, user: user?, workspace: workspace? });
    Ok(found.and_then(credential))
}

/// The tokens of a user, newest first; those of others need the right to change users.
pub async fn list(cx: &Cx<'_>, user_id: UserId, args: &PageArgs) -> Result<Page<Model>> {
    require_for(cx, user_id)?;
    let tokens = visible(cx).filter(Column::UserId.eq(user_id));
    page(cx, tokens, &[Order::desc(Column::Id)], args).await
}

/// One token.
pub async fn find(cx: &Cx<'_>, id: ApiTokenId) -> Result<Model> {
    cx.require(Area::Users, Access::Read)?;
    let row = visible(cx).filter(Column::Id.eq(id)).one(&cx.db).await?;
    let row = row.ok_or_else(|| Error::not_found("id", Kind::ApiToken))?;
    require_for(cx, row.user_id)?;
    Ok(row)
}

/// The tokens of these ids that the actor may see, in no order.
pub async fn many(cx: &Cx<'_>, ids: &[ApiTokenId]) -> Result<Vec<Model>> {
    cx.require(Area::Users, Access::Read)?;
    let mut rows = visible(cx).filter(Column::Id.is_in(ids.iter().copied())).all(&cx.db).await?;
    rows.retain(|row| require_for(cx, row.user_id).is_ok());
    Ok(rows)
}

/// Gives out a token. Nobody can give out more than he may do himself.
pub async fn create(tx: &Tx<'_>, new: NewToken) -> Result<Model> {
    require_for(tx, new.user_id)?;
    let user = user::active(tx, new.user_id, "userId").await?;
    if user.role == super::Role::Owner {
        user::require_owner(tx, "userId").await?;
    }
    let now = real_time(tx);
    let mut checks = Checks::new();
    let name = checks.text("name", &new.name, 200);
    let scopes = check_scopes(&mut checks, tx.actor, &user, &new.scopes);
    checks.ensure(new.expires_at.is_none_or(|end| now < end), || {
        Problem::new("expiresAt", Code::TooEarly).with("min", now.to_rfc3339())
    });
    checks.ensure(live_tokens(tx, user.id).await? < MAX_LIVE_TOKENS, || {
        Problem::too_many("userId", MAX_LIVE_TOKENS, "items")
    });
    checks.finish()?;
    let row = ActiveModel {
        user_id: Set(user.id),
        name: Set(name),
        digest: Set(new.digest),
        scopes: Set(scopes.into()),
        expires_at: Set(new.expires_at),
        last_used_at: Set(None),
        revoked_at: Set(None),
        ..Default::default()
    };
    store::insert(tx, row, Fact::Created).await
}

/// Revokes a token; one that is revoked already stays so.
pub async fn revoke(tx: &Tx<'_>, id: ApiTokenId) -> Result<Model> {
    let before = find(tx, id).await?;
    let revoked_at = before.revoked_at.or(Some(tx.now));
    let row = ActiveModel { revoked_at: Set(revoked_at), ..Default::default() };
    store::update(tx, &before, row, Fact::Revoked).await
}

/// Notes that a token was used, at most once an hour. Not an event: it changes nothing.
pub async fn note_use<C: ConnectionTrait>(db: &C, token: &Model, now: DateTime<Utc>) -> Result<()> {
    let is_long_ago = Column::LastUsedAt.is_null().or(Column::LastUsedAt.lte(now - NOTED_EVERY));
    Entity::update_many()
        .col_expr(Column::LastUsedAt, Expr::value(now))
        .filter(Column::WorkspaceId.eq(token.workspace_id))
        .filter(Column::Id.eq(token.id))
        .filter(is_long_ago)
        .exec(db)
        .await?;
    Ok(())
}

/// Everybody may see to his own tokens, who may see users at all.
fn require_for(cx: &Cx<'_>, user_id: UserId) -> Result<()> {
    let is_own = cx.actor.user_id == Some(user_id);
    cx.require(Area::Users, if is_own { Access::Read } else { Access::Write })
}

fn real_time(cx: &Cx<'_>) -> DateTime<Utc> {
    cx.now - cx.actor.clock_offset
}

async fn live_tokens(cx: &Cx<'_>, user_id: UserId) -> Result<usize> {
    let is_unexpired = Column::ExpiresAt.is_null().or(Column::ExpiresAt.gt(real_time(cx)));
    let live = visible(cx)
        .filter(Column::UserId.eq(user_id))
        .filter(Column::RevokedAt.is_null())
        .filter(is_unexpired);
    Ok(crate::page::count(cx, live).await? as usize)
}

/// The scopes as they are stored. Each must be a right of the user, and the whole a right of the
/// actor: otherwise a token for one thing could be exchanged for a token for everything.
fn check_scopes(
    checks: &mut Checks,
    actor: &Actor,
    user: &user::Model,
    texts: &[String],
) -> Vec<String> {
    let role = user.role.scopes();
    let mut scopes = Scopes::NONE;
    checks.ensure(texts.len() <= MAX_SCOPES, || Problem::too_many("scopes", MAX_SCOPES, "values"));
    for (index, text) in texts.iter().enumerate().take(MAX_SCOPES) {
        match Scope::parse(text).filter(|scope| role.allows(scope.area, scope.access)) {
            Some(scope) => scopes = scopes.and(scope.area, scope.access),
            None => {
                let problem = Problem::new(format!("scopes.{index}"), Code::BadScope);
                checks.push(problem.with("scope", text.chars().take(60).collect::<String>()));
            }
        }
    }
    let rights = if texts.is_empty() { role } else { scopes };
    let beyond = rights.list().into_iter().find(|s| !actor.scopes.allows(s.area, s.access));
    if let Some(scope) = beyond {
        checks.push(Problem::new("scopes", Code::BadScope).with("scope", scope));
    }
    scopes.list().iter().map(Scope::to_string).collect()
}
