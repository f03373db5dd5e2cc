//! Teams: groups of users with a purpose in the life of a customer.

pub mod member;

use crate::prelude::*;

/// A group of users.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "team")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TeamId,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// Unique in the workspace, among archived teams too.
    pub name: String,
    pub purpose: TeamPurpose,
    pub archived_at: Option<DateTime<Utc>>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

noun!(Model, TeamId);

/// The part of a customer's life that a team looks after.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TeamPurpose {
    /// Until the customer is under way.
    Onboarding,
    /// From then on.
    Ongoing,
    /// The end of subscriptions.
    Renewals,
    /// All of it.
    Mixed,
}

/// A team to be made.
#[derive(Clone, Debug)]
pub struct NewTeam {
    pub name: String,
    pub purpose: TeamPurpose,
}

/// Changes of a team; `None` leaves a field as it is.
#[derive(Clone, Debug, Default)]
pub struct TeamPatch {
    pub expected_version: Option<i64>,
    pub name: Option<String>,
    pub purpose: Option<TeamPurpose>,
}

/// What narrows a list of teams.
#[derive(Clone, Debug, Default)]
pub struct TeamFilter {
    pub purposes: Option<Vec<TeamPurpose>>,
    /// Teams that were put away as well.
    pub include_archived: bool,
}

impl TeamFilter {
    fn condition(self) -> Condition {
        let live = (!self.include_archived).then(|| Column::ArchivedAt.is_null());
        Condition::all()
            .add_option(self.purposes.map(|purposes| Column::Purpose.is_in(purposes)))
            .add_option(live)
    }
}

fn visible(cx: &Cx<'_>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(cx.workspace_id()))
}

/// The teams, by name.
pub async fn list(cx: &Cx<'_>, filter: TeamFilter, args: &PageArgs) -> Result<Page<Model>> {
    cx.require(Area::Users, Access::Read)?;
    let orders = [Order::asc(Column::Name), Order::asc(Column::Id)];
    page(cx, visible(cx).filter(filter.condition()), &orders, args).await
}

/// One team.
pub async fn find(cx: &Cx<'_>, id: TeamId) -> Result<Model> {
    cx.require(Area::Users, Access::Read)?;
    find_in(cx, id, "id").await
}

/// The teams of these ids, in no order.
pub async fn many(cx: &Cx<'_>, ids: &[TeamId]) -> Result<Vec<Model>> {
    cx.require(Area::Users, Access::Read)?;
    let ids = ids.iter().copied();
    Ok(visible(cx).filter(Column::Id.is_in(ids)).all(&cx.db).await?)
}

/// The team that an input field names.
pub(crate) async fn find_in(cx: &Cx<'_>, id: TeamId, field: &str) -> Result<Model> {
    let row = visible(cx).filter(Column::Id.eq(id)).one(&cx.db).await?;
    row.ok_or_else(|| Error::not_found(field, Kind::Team))
}

/// The same, and nobody else changes the team or its members until this transaction ends.
async fn lock(tx: &Tx<'_>, id: TeamId, field: &str) -> Result<Model> {
    let row = store::locked(visible(tx).filter(Column::Id.eq(id))).one(&tx.db).await?;
    row.ok_or_else(|| Error::not_found(field, Kind::Team))
}

/// Makes a team, as yet without members.
pub async fn create(tx: &Tx<'_>, new: NewTeam) -> Result<Model> {
    tx.require(Area::Users, Access::Write)?;
    let mut checks = Checks::new();
    let name = checks.text("name", &new.name, 200);
    checks.finish()?;
    let row = ActiveModel {
        name: Set(name),
        purpose: Set(new.purpose),
        archived_at: Set(None),
        ..Default::default()
    };
    store::insert(tx, row, Fact::Created).await.map_err(|error| error.on_unique("name"))
}

/// Changes a team.
pub async fn update(tx: &Tx<'_>, id: TeamId, patch: TeamPatch) -> Result<Model> {
    tx.require(Area::Users, Access::Write)?;
    let before = find_in(tx, id, "id").await?;
    store::expect_version(&before, patch.expected_version)?;
    let mut checks = Checks::new();
    let mut row: ActiveModel = Default::default();
    if let Some(name) = patch.name {
        row.name = Set(checks.text("name", &name, 200));
    }
    if let Some(purpose) = patch.purpose {
        row.purpose = Set(purpose);
    }
    checks.finish()?;
    let updated = store::update(tx, &before, row, Fact::Updated).await;
    updated.map_err(|error| error.on_unique("name"))
}

/// Puts a team away; it keeps its members.
pub async fn archive(tx: &Tx<'_>, id: TeamId) -> Result<Model> {
    tx.require(Area::Users, Access::Write)?;
    let before = find_in(tx, id, "id").await?;
    let archived_at = before.archived_at.or(Some(tx.now));
    let row = ActiveModel { archived_at: Set(archived_at), ..Default::default() };
    store::update(tx, &before, row, Fact::Archived).await
}

/// Takes an archived team out again.
pub async fn restore(tx: &Tx<'_>, id: TeamId) -> Result<Model> {
    tx.require(Area::Users, Access::Write)?;
    let before = find_in(tx, id, "id").await?;
    let row = ActiveModel { archived_at: Set(None), ..Default::default() };
    store::update(tx, &before, row, Fact::Restored).await
}
