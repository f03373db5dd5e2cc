//! Users: the people who work in a workspace.

use super::Role;
use crate::filter::TextFilter;
use crate::prelude::*;
use crate::workspace::Locale;
use sea_orm::Iterable;

/// A person who works in the workspace.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "user")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: UserId,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// In lower case; unique in the workspace.
    pub email: String,
    pub name: String,
    pub role: Role,
    /// The language of their messages; that of the workspace when none is chosen.
    pub locale: Option<Locale>,
    pub deactivated_at: Option<DateTime<Utc>>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

noun!(Model, UserId, personal = ["email", "name"]);

/// A user to be added.
#[derive(Clone, Debug)]
pub struct NewUser {
    pub email: String,
    pub name: String,
    pub role: Role,
    pub locale: Option<Locale>,
}

/// Changes of a user; `None` leaves a field as it is.
#[derive(Clone, Debug, Default)]
pub struct UserPatch {
    pub expected_version: Option<i64>,
    pub email: Option<String>,
    pub name: Option<String>,
    pub role: Option<Role>,
    /// `Some(None)` goes back to the language of the workspace.
    pub locale: Option<Option<Locale>>,
}

/// What narrows a list of users.
#[derive(Clone, Debug, Default)]
pub struct UserFilter {
    pub roles: Option<Vec<Role>>,
    /// Only active users, or only deactivated ones.
    pub active: Option<bool>,
    pub name: Option<TextFilter>,
    /// In any case, as e-mail addresses are.
    pub email: Option<TextFilter>,
}

impl UserFilter {
    fn condition(self) -> Condition {
        let email = self.email.map(|filter| filter.map(str::to_lowercase));
        let activity = |active| match active {
            true => Column::DeactivatedAt.is_null(),
            false => Column::DeactivatedAt.is_not_null(),
        };
        Condition::all()
            .add_option(self.roles.map(|roles| Column::Role.is_in(roles)))
            .add_option(self.active.map(activity))
            .add_option(self.name.map(|filter| filter.condition(Column::Name)))
            .add_option(email.map(|filter| filter.condition(Column::Email)))
    }
}

impl Model {
    /// Whether the user may sign in and hold work.
    pub fn is_active(&self) -> bool {
        self.deactivated_at.is_none()
    }
}

pub(super) fn visible(cx: &Cx<'_>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(cx.workspace_id()))
}

/// The users, by name.
pub async fn list(cx: &Cx<'_>, filter: UserFilter, args: &PageArgs) -> Result<Page<Model>> {
    cx.require(Area::Users, Access::Read)?;
    page(cx, visible(cx).filter(filter.condition()), &by_name(), args).await
}

/// The order in which people look for people.
pub(super) fn by_name() -> [Order<Column>; 2] {
    [Order::asc(Column::Name), Order::asc(Column::Id)]
}

/// One user.
pub async fn find(cx: &Cx<'_>, id: UserId) -> Result<Model> {
    cx.require(Area::Users, Access::Read)?;
    find_in(cx, id, "id").await
}

/// The user of an e-mail address.
pub async fn by_email(cx: &Cx<'_>, email: &str) -> Result<Model> {
    cx.require(Area::Users, Access::Read)?;
    let email = email.trim().to_lowercase();
    let row = visible(cx).filter(Column::Email.eq(email)).one(&cx.db).await?;
    row.ok_or_else(|| Error::not_found("email", Kind::User))
}

/// The users of these ids, in no order.
pub async fn many(cx: &Cx<'_>, ids: &[UserId]) -> Result<Vec<Model>> {
    cx.require(Area::Users, Access::Read)?;
    in_workspace(cx, ids).await
}

/// Those of the users that are in the workspace, in no order.
pub(crate) async fn in_workspace(cx: &Cx<'_>, ids: &[UserId]) -> Result<Vec<Model>> {
    Ok(visible(cx).filter(Column::Id.is_in(ids.iter().copied())).all(&cx.db).await?)
}

/// The user that an input field names.
pub(crate) async fn find_in(cx: &Cx<'_>, id: UserId, field: &str) -> Result<Model> {
    let row = visible(cx).filter(Column::Id.eq(id)).one(&cx.db).await?;
    row.ok_or_else(|| Error::not_found(field, Kind::User))
}

/// The user that an input field names, who must be active and stays so until the transaction
/// ends. Asked for before an account is locked: whoever deactivates a user goes the same way.
pub(crate) async fn active(tx: &Tx<'_>, id: UserId, field: &str) -> Result<Model> {
    let row = store::held(visible(tx).filter(Column::Id.eq(id))).one(&tx.db).await?;
    let user = row.ok_or_else(|| Error::not_found(field, Kind::User))?;
    if user.is_active() { Ok(user) } else { Err(Problem::new(field, Code::UserInactive).into()) }
}

/// The active users who lead: owners, administrators and managers; of very many the first hundred.
pub(crate) async fn leaders(cx: &Cx<'_>) -> Result<Vec<UserId>> {
    let leading = Column::Role.is_in(Role::iter().filter(|role| role.leads()));
    let select = visible(cx).filter(leading).filter(Column::DeactivatedAt.is_null());
    let rows = select.order_by_asc(Column::Id).limit(100).all(&cx.db).await?;
    Ok(rows.into_iter().map(|user| user.id).collect())
}

/// Whether a user is there and active.
pub(crate) async fn is_active(cx: &Cx<'_>, id: UserId) -> Result<bool> {
    let user = visible(cx).filter(Column::Id.eq(id)).one(&cx.db).await?;
    Ok(user.is_some_and(|user| user.is_active()))
}

/// Those of the users that are in the workspace, who stay as they are until the transaction ends.
pub(crate) async fn held(tx: &Tx<'_>, ids: &[UserId]) -> Result<Vec<Model>> {
    let named = visible(tx).filter(Column::Id.is_in(ids.iter().copied()));
    Ok(store::held(named.order_by_asc(Column::Id)).all(&tx.db).await?)
}

/// A user who leaves, locked together with the heir and, where an owner leaves, with all owners:
/// in one order, so that of two who leave at the same time the second waits for the first.
pub(crate) async fn lock_leaving(tx: &Tx<'_>, id: UserId, heir: Option<UserId>) -> Result<Model> {
    let mut involved = Condition::any().add(Column::Id.eq(id));
    involved = involved.add_option(heir.map(|heir| Column::Id.eq(heir)));
    if find_in(tx, id, "id").await?.role == Role::Owner {
        let owners = Condition::all().add(Column::Role.eq(Role::Owner));
        involved = involved.add(owners.add(Column::DeactivatedAt.is_null()));
    }
    let rows = visible(tx).filter(involved).order_by_asc(Column::Id);
    let rows = store::locked(rows).all(&tx.db).await?;
    let leaving = rows.into_iter().find(|row| row.id == id);
    leaving.ok_or_else(|| Error::not_found("id", Kind::User))
}

/// What is wrong with a user whatever the workspace, for whoever sets up one with the other.
pub fn problems(new: &NewUser) -> Vec<Problem> {
    let mut checks = Checks::new();
    check(&mut checks, new);
    checks.into_problems()
}

fn check(checks: &mut Checks, new: &NewUser) -> (String, String) {
    (checks.email("email", &new.email), checks.text("name", &new.name, 200))
}

/// Adds a user.
pub async fn create(tx: &Tx<'_>, new: NewUser) -> Result<Model> {
    tx.require(Area::Users, Access::Write)?;
    let mut checks = Checks::new();
    if new.role == Role::Owner {
        checks.keep(require_owner(tx, "role").await)?;
    }
    let (email, name) = check(&mut checks, &new);
    checks.finish()?;
    let row = ActiveModel {
        email: Set(email),
        name: Set(name),
        role: Set(new.role),
        locale: Set(new.locale),
        deactivated_at: Set(None),
        ..Default::default()
    };
    store::insert(tx, row, Fact::Created).await.map_err(|error| error.on_unique("email"))
}

/// Changes a user.
pub async fn update(tx: &Tx<'_>, id: UserId, patch: UserPatch) -> Result<Model> {
    tx.require(Area::Users, Access::Write)?;
    let before = find_in(tx, id, "id").await?;
    store::expect_version(&before, patch.expected_version)?;
    let mut checks = Checks::new();
    let mut row: ActiveModel = Default::default();
    if let Some(email) = patch.email {
        row.email = Set(checks.email("email", &email));
    }
    if let Some(name) = patch.name {
        row.name = Set(checks.text("name", &name, 200));
    }
    if let Some(locale) = patch.locale {
        row.locale = Set(locale);
    }
    checks.finish()?;
    if let Some(role) = patch.role.filter(|role| *role != before.role) {
        check_ownership(tx, &before, role == Role::Owner, "role").await?;
        row.role = Set(role);
    }
    let updated = store::update(tx, &before, row, Fact::Updated).await;
    updated.map_err(|error| error.on_unique("email"))
}

/// Deactivates a user whose accounts and tasks have been handed over (rule 11).
pub(crate) async fn mark_deactivated(tx: &Tx<'_>, user: &Model) -> Result<Model> {
    if !user.is_active() {
        return Ok(user.clone());
    }
    check_ownership(tx, user, false, "id").await?;
    let row = ActiveModel { deactivated_at: Set(Some(tx.now)), ..Default::default() };
    store::update(tx, user, row, Fact::Deactivated).await
}

/// Lets a deactivated user in again; what they held stays with whoever took it over.
pub async fn reactivate(tx: &Tx<'_>, id: UserId) -> Result<Model> {
    tx.require(Area::Users, Access::Write)?;
    let before = find_in(tx, id, "id").await?;
    if before.role == Role::Owner {
        require_owner(tx, "id").await?;
    }
    let row = ActiveModel { deactivated_at: Set(None), ..Default::default() };
    store::update(tx, &before, row, Fact::Restored).await
}

/// Who may make or unmake an owner, and that one is left.
async fn check_ownership(tx: &Tx<'_>, user: &Model, stays_owner: bool, field: &str) -> Result<()> {
    let is_owner = user.role == Role::Owner;
    if is_owner || stays_owner {
        require_owner(tx, field).await?;
    }
    let is_lost = is_owner && !stays_owner && user.is_active();
    if is_lost && !has_other_owner(tx, user).await? {
        return Err(Problem::new(field, Code::LastOwner).into());
    }
    Ok(())
}

/// Two owners are locked, always in the same order: so two who unmake each other at the same time
/// go one after the other, and the second sees that he is the last.
async fn has_other_owner(tx: &Tx<'_>, user: &Model) -> Result<bool> {
    let owners = visible(tx)
        .filter(Column::Role.eq(Role::Owner))
        .filter(Column::DeactivatedAt.is_null())
        .order_by_asc(Column::Id)
        .limit(2);
    Ok(store::locked(owners).all(&tx.db).await?.iter().any(|owner| owner.id != user.id))
}

/// Only owners do this; the operator on the command line stands above them.
pub(super) async fn require_owner(tx: &Tx<'_>, field: &str) -> Result<()> {
    let Some(id) = tx.actor.user_id else {
        return Ok(());
    };
    let actor = find_in(tx, id, field).await?;
    if actor.role == Role::Owner {
        Ok(())
    } else {
        Err(Problem::new(field, Code::OwnerNeeded).into())
    }
}
